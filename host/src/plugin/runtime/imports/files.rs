//! Limits what a guest opens in the folders that it was granted: files and folders only, up to `limits.files` at once.
//!
//! Opening a pipe or a device could block a thread of the server for ever, so the type is checked before each open.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, Filesize, HostDescriptor, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, FsResult, InputStream, Pollable, StreamResult};

use crate::plugin::runtime::plugin::Plugin;

/// The interface, in the version that the linker has; it answers to the others of the series, too.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// The files and folders that one instance has open.
#[derive(Default)]
pub(in crate::plugin) struct OpenFiles {
    /// By the guest's handle.
    places: HashMap<u32, Arc<OpenFilePermit>>,
    /// A clone for each file that is open.
    open: Arc<()>,
}

/// One open file's place in the bound: it is held by the handle, and by the streams that read from the file.
struct OpenFilePermit(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl OpenFiles {
    fn count(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }

    fn opened(&mut self, handle: u32) {
        self.places.insert(handle, Arc::new(OpenFilePermit(self.open.clone())));
    }
}

/// What a call works on.
pub(in crate::plugin) struct FilesHost<'a> {
    pub(in crate::plugin) plugin: &'a Plugin,
    pub(in crate::plugin) files: &'a mut OpenFiles,
    pub(in crate::plugin) wasi: WasiFilesystemCtxView<'a>,
}

/// Put the guard in front of what WASI offers, which has to be in the linker already. `host` gives out what a call works
/// on.
pub(in crate::plugin) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    host: fn(&mut T) -> FilesHost<'_>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async(
        "[method]descriptor.open-at",
        move |mut store, (folder, links, path, how, rights): OpenAt| {
            Box::new(async move {
                let path = Path { folder, links, path };
                Ok((answer(host(store.data_mut()).open(path, how, rights).await)?,))
            })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        move |mut store, (file, offset): (Resource<Descriptor>, Filesize)| {
            Ok((answer(host(store.data_mut()).read(file, offset))?,))
        },
    )?;
    types.resource("descriptor", ResourceType::host::<Descriptor>(), move |mut store, handle| {
        let mut host = host(store.data_mut());
        host.files.places.remove(&handle);
        HostDescriptor::drop(&mut host.wasi, Resource::new_own(handle))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The arguments of `open-at`.
type OpenAt = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);

/// The error code for the guest; other errors are a trap.
fn answer<T>(outcome: FsResult<T>) -> wasmtime::Result<Result<T, ErrorCode>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(error) => error.downcast().map(Err),
    }
}

/// A path below a folder that the guest has open.
struct Path {
    folder: Resource<Descriptor>,
    links: PathFlags,
    path: String,
}

impl Path {
    fn folder(&self) -> Resource<Descriptor> {
        Resource::new_borrow(self.folder.rep())
    }
}

impl FilesHost<'_> {
    async fn open(&mut self, path: Path, how: OpenFlags, rights: DescriptorFlags) -> FsResult<Resource<Descriptor>> {
        let plugin = self.plugin;
        let limit = plugin.config.limits.files;
        if self.files.count() >= limit {
            plugin.metrics.limit_reached("limits.files");
            plugin.log.warn("files", &format!("`limits.files` = {limit} are open: close one first"));
            return Err(ErrorCode::Quota.into());
        }
        let found = self.wasi.stat_at(path.folder(), path.links, path.path.clone()).await;
        // If `stat_at` fails, `open_at` fails with the better error.
        if let Ok(found) = found
            && blocks(found.type_)
        {
            plugin.log.warn("files", &format!("`{}` is neither a file nor a folder, and is not opened", path.path));
            return Err(ErrorCode::NotPermitted.into());
        }
        let (folder, Path { links, path, .. }) = (path.folder(), path);
        let opened = self.wasi.open_at(folder, links, path, how, rights).await?;
        self.files.opened(opened.rep());
        Ok(opened)
    }

    fn read(&mut self, file: Resource<Descriptor>, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        let place = self.files.places.get(&file.rep()).cloned();
        let stream = self.wasi.read_via_stream(file, offset)?;
        let Some(place) = place else { return Ok(stream) };
        let stream: DynInputStream = Box::new(Reading { stream: self.wasi.table.delete(stream)?, _place: place });
        Ok(self.wasi.table.push(stream)?)
    }
}

/// Whether opening it, or reading from it, may wait for somebody.
fn blocks(what: DescriptorType) -> bool {
    !matches!(what, DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink)
}

/// A stream that reads from a file, which stays open for as long.
struct Reading {
    stream: DynInputStream,
    _place: Arc<OpenFilePermit>,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Reading {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for Reading {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.stream.read(size)
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

//! What a guest may open in the folders that it was granted: files and folders, and so many at once.
//!
//! A pipe or a device that lies in such a folder could block who opens it for ever, and with it a thread of the
//! server. So what is opened is looked at first, each time, since a folder's content changes.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, Filesize, HostDescriptor, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, FsResult, InputStream, Pollable, StreamResult};

use crate::plugin::runtime::store::HostState;

/// The interface, in the version that the linker has; it answers to the others of the series, too.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// The files and folders that one instance has open.
#[derive(Default)]
pub(in crate::plugin) struct OpenFiles {
    /// By the guest's handle.
    places: HashMap<u32, Arc<Place>>,
    /// A clone for each file that is open.
    open: Arc<()>,
}

/// One open file's place in the bound: it is held by the handle, and by the streams that read from the file.
struct Place(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl OpenFiles {
    fn count(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }

    fn opened(&mut self, handle: u32) {
        self.places.insert(handle, Arc::new(Place(self.open.clone())));
    }
}

/// Put the guard in front of what WASI offers, which has to be in the linker already.
pub(in crate::plugin) fn add_to_linker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store, (folder, links, path, how, rights): (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags)| {
            Box::new(async move {
                let path = Path { folder, links, path };
                Ok((answer(open(store.data_mut(), path, how, rights).await)?,))
            })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        |mut store, (file, offset): (Resource<Descriptor>, Filesize)| {
            Ok((answer(read(store.data_mut(), file, offset))?,))
        },
    )?;
    types.resource("descriptor", ResourceType::host::<Descriptor>(), |mut store, handle| {
        let state = store.data_mut();
        state.files.places.remove(&handle);
        HostDescriptor::drop(&mut state.filesystem(), Resource::new_own(handle))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// As the guest gets it. What is no answer for it ends it.
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

async fn open(
    state: &mut HostState,
    path: Path,
    how: OpenFlags,
    rights: DescriptorFlags,
) -> FsResult<Resource<Descriptor>> {
    let version = state.version.clone();
    let limit = version.config.limits.files;
    if state.files.count() >= limit {
        version.metrics.limit_reached("limits.files");
        version.log.warn("files", &format!("`limits.files` = {limit} are open: close one first"));
        return Err(ErrorCode::Quota.into());
    }
    let found = state.filesystem().stat_at(path.folder(), path.links, path.path.clone()).await;
    // What cannot be looked at cannot be opened either, which the one who opens says better.
    if let Ok(found) = found
        && blocks(found.type_)
    {
        version.log.warn("files", &format!("`{}` is neither a file nor a folder, and is not opened", path.path));
        return Err(ErrorCode::NotPermitted.into());
    }
    let (folder, Path { links, path, .. }) = (path.folder(), path);
    let opened = state.filesystem().open_at(folder, links, path, how, rights).await?;
    state.files.opened(opened.rep());
    Ok(opened)
}

/// Whether opening it, or reading from it, may wait for somebody.
fn blocks(what: DescriptorType) -> bool {
    !matches!(what, DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink)
}

fn read(state: &mut HostState, file: Resource<Descriptor>, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
    let place = state.files.places.get(&file.rep()).cloned();
    let mut view = state.filesystem();
    let stream = view.read_via_stream(file, offset)?;
    let Some(place) = place else { return Ok(stream) };
    let stream: DynInputStream = Box::new(Reading { stream: view.table.delete(stream)?, _place: place });
    Ok(view.table.push(stream)?)
}

/// A stream that reads from a file, which stays open for as long.
struct Reading {
    stream: DynInputStream,
    _place: Arc<Place>,
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

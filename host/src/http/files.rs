//! The files of a folder, and no others.
//!
//! What a request names is resolved, links and all, and has to lie in the folder; then it is opened from the folder by its
//! resolved name, in a way that leads out of the folder at no step. So a link that is changed between the two is refused, and
//! never followed. Only regular files are opened: what waits for a writer, as a named pipe does, would hold a thread for good.

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, MetadataExt, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// What holds the server's secrets is never served, wherever it lies.
const CONFIG: &str = "roomcast.toml";
/// The one name with a dot in front that is meant for others (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// A folder whose files are served; clones are the same folder.
#[derive(Clone)]
pub struct ServedFolder(Arc<FolderPaths>);

struct FolderPaths {
    path: PathBuf,
    /// The configuration file that the server has read.
    config: Option<PathBuf>,
}

impl ServedFolder {
    /// `config` is a file that is not served, if there is one.
    ///
    /// # Errors
    /// When it is no folder.
    pub(super) fn new(path: &Path, config: Option<&Path>) -> Result<Self, String> {
        let wrong =
            |why: io::Error| format!("`static.dir`: {} is not a folder that can be read: {why}", path.display());
        let absolute = std::path::absolute(path).map_err(wrong)?;
        if !absolute.is_dir() {
            return Err(format!("`static.dir`: {} is not a folder", path.display()));
        }
        Ok(Self(Arc::new(FolderPaths { path: absolute, config: config.map(Path::to_owned) })))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    /// What a path in the folder stands for.
    fn find(&self, asked: &Path) -> io::Result<FoundFile> {
        let Ok(name) = asked.strip_prefix(&self.0.path) else { return Err(missing()) };
        if is_hidden(name) {
            return Err(missing());
        }
        // Each time: what is served may be a link to the current one of several folders.
        let (root, target) = (self.0.path.canonicalize()?, asked.canonicalize()?);
        let name = target.strip_prefix(&root).map_err(|_| missing())?;
        let name = if name.as_os_str().is_empty() { Path::new(".") } else { name };
        let folder = Dir::open_ambient_dir(&root, ambient_authority())?;
        let metadata = folder.symlink_metadata(name)?;
        if !(metadata.is_dir() || metadata.is_file()) || self.is_config(name, metadata.dev(), metadata.ino()) {
            return Err(missing());
        }
        Ok(FoundFile { name: name.to_owned(), folder, metadata: metadata.into() })
    }

    fn is_config(&self, name: &Path, device: u64, number: u64) -> bool {
        use std::os::unix::fs::MetadataExt;
        let config = self.0.config.as_ref().and_then(|file| file.metadata().ok());
        name.file_name() == Some(OsStr::new(CONFIG))
            || config.is_some_and(|config| (config.dev(), config.ino()) == (device, number))
    }
}

/// Something in the folder, by the name that it has without links.
struct FoundFile {
    folder: Dir,
    name: PathBuf,
    metadata: FileInfo,
}

impl FoundFile {
    fn open(self) -> io::Result<std::fs::File> {
        let mut options = OpenOptions::new();
        // If it has become a named pipe since, opening it does not wait for a writer.
        options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = self.folder.open_with(&self.name, &options)?.into_std();
        if file.metadata()?.is_file() { Ok(file) } else { Err(missing()) }
    }
}

/// Whether a name, or a folder on the way, begins with a dot: `.env`, `.git/config`.
fn is_hidden(name: &Path) -> bool {
    name.components().enumerate().any(|(depth, part)| match part {
        Component::Normal(part) => part.as_encoded_bytes().starts_with(b".") && !(depth == 0 && part == WELL_KNOWN),
        _ => true,
    })
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

/// What cannot be there, or is not for the server, is not there. A machine that is out of files is another matter.
fn or_missing(error: io::Error) -> io::Error {
    let absent =
        [Errno::NOTDIR, Errno::NAMETOOLONG, Errno::LOOP, Errno::ACCESS, Errno::PERM, Errno::INVAL, Errno::NXIO];
    let is_absent = absent.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
    if is_absent || error.kind() == io::ErrorKind::InvalidInput { missing() } else { error }
}

type FileFuture<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl Backend for ServedFolder {
    type File = OpenFile;
    type Metadata = FileInfo;
    type OpenFuture = FileFuture<OpenFile>;
    type MetadataFuture = FileFuture<FileInfo>;

    fn open(&self, path: PathBuf) -> FileFuture<OpenFile> {
        let folder = self.clone();
        blocking(move || folder.find(&path)?.open().map(|file| OpenFile(tokio::fs::File::from_std(file))))
    }

    fn metadata(&self, path: PathBuf) -> FileFuture<FileInfo> {
        let folder = self.clone();
        blocking(move || folder.find(&path).map(|found| found.metadata))
    }
}

fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> FileFuture<T> {
    Box::pin(async {
        let outcome = tokio::task::spawn_blocking(work).await.unwrap_or_else(|why| Err(io::Error::other(why)));
        outcome.map_err(or_missing)
    })
}

/// An open file.
pub struct OpenFile(tokio::fs::File);

impl File for OpenFile {
    type Metadata = FileInfo;
    type MetadataFuture<'a> = Pin<Box<dyn Future<Output = io::Result<FileInfo>> + Send + 'a>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        Box::pin(async { self.0.metadata().await.map(FileInfo::from) })
    }
}

impl AsyncRead for OpenFile {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(mut self: Pin<&mut Self>, position: io::SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.0).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.0).poll_complete(cx)
    }
}

/// What is known of a file or a folder.
pub struct FileInfo {
    is_folder: bool,
    bytes: u64,
    modified: io::Result<SystemTime>,
}

impl From<std::fs::Metadata> for FileInfo {
    fn from(metadata: std::fs::Metadata) -> Self {
        Self { is_folder: metadata.is_dir(), bytes: metadata.len(), modified: metadata.modified() }
    }
}

impl From<cap_std::fs::Metadata> for FileInfo {
    fn from(metadata: cap_std::fs::Metadata) -> Self {
        let modified = metadata.modified().map(cap_std::time::SystemTime::into_std);
        Self { is_folder: metadata.is_dir(), bytes: metadata.len(), modified }
    }
}

impl Metadata for FileInfo {
    fn is_dir(&self) -> bool {
        self.is_folder
    }

    fn modified(&self) -> io::Result<SystemTime> {
        self.modified.as_ref().copied().map_err(|why| why.kind().into())
    }

    fn len(&self) -> u64 {
        self.bytes
    }
}

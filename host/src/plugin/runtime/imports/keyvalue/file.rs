//! The file of a store: a redb database that only this user can read, opened exclusively.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use thiserror::Error;

use super::contents::{FileUpdate, Pairs};

/// The only table.
const PAIRS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("pairs");
/// redb's page cache, in bytes; small, since reads are served from memory.
const CACHE: usize = 4 << 20;
/// Characters that are not escaped in the name of a file.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The file. It is opened again after an error, since redb refuses all writes after one.
pub(super) struct StoreFile {
    path: PathBuf,
    opener: Opener,
    /// `None` after an error.
    database: Option<Database>,
}

/// How the database in a file is opened.
pub(super) type Opener = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send>;

/// Why a store cannot be opened.
#[derive(Debug, Error)]
pub(super) enum OpenError {
    #[error("there is no folder for its file: neither `data.dir`, XDG_DATA_HOME nor HOME is set")]
    NoFolder,
    #[error("its folder {path} cannot be made: {cause}")]
    Folder { path: PathBuf, cause: io::Error },
    #[error(
        "its file {path} is open in another process: stop that one, or set `data.dir` to a folder that only this one has"
    )]
    InUse { path: PathBuf },
    #[error("its file {path} cannot be used; if it is damaged, move it away: {cause}")]
    StoreFile { path: PathBuf, cause: redb::Error },
    #[error("its thread does not start: {0}")]
    Thread(#[from] io::Error),
}

impl StoreFile {
    /// Open a plugin's file, or create it; with its contents.
    pub(super) fn open(dir: &Path, plugin: &str) -> Result<(Self, Pairs), OpenError> {
        let folder = dir.join("keyvalue");
        if let Err(cause) = DirBuilder::new().recursive(true).mode(0o700).create(&folder) {
            return Err(OpenError::Folder { path: folder, cause });
        }
        // The ending and the escapes rule out `.`, `..` and subfolders.
        let path = folder.join(format!("{}.redb", utf8_percent_encode(plugin, PLAIN)));
        Self::open_with(path, Box::new(database))
    }

    pub(super) fn open_with(path: PathBuf, opener: Opener) -> Result<(Self, Pairs), OpenError> {
        let database = match opener(&path) {
            Ok(database) => database,
            Err(DatabaseError::DatabaseAlreadyOpen) => return Err(OpenError::InUse { path }),
            Err(cause) => return Err(OpenError::StoreFile { path, cause: cause.into() }),
        };
        match read(&database) {
            Ok(pairs) => Ok((Self { path, opener, database: Some(database) }, pairs)),
            Err(cause) => Err(OpenError::StoreFile { path, cause }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Write the update in one transaction; when this returns it is on the disk. After an error the state of the file is
    /// unknown, and the next update has to be [`FileUpdate::Replace`].
    pub(super) fn write(&mut self, update: &FileUpdate) -> Result<(), redb::Error> {
        let database = match self.database.take() {
            Some(database) => database,
            None => (self.opener)(&self.path)?,
        };
        write(&database, update)?;
        self.database = Some(database);
        Ok(())
    }
}

fn write(database: &Database, update: &FileUpdate) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    if let FileUpdate::Replace(_) = update {
        transaction.delete_table(PAIRS)?;
    }
    {
        let mut table = transaction.open_table(PAIRS)?;
        match update {
            FileUpdate::Replace(pairs) => {
                for (key, value) in pairs {
                    table.insert(&**key, &**value)?;
                }
            }
            FileUpdate::Apply(changes) => {
                for (key, value) in changes {
                    match value {
                        Some(value) => table.insert(&**key, &**value)?,
                        None => table.remove(&**key)?,
                    };
                }
            }
        }
    }
    Ok(transaction.commit()?)
}

fn database(path: &Path) -> Result<Database, DatabaseError> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    database_in(FileBackend::new(file)?)
}

pub(super) fn database_in(backend: impl StorageBackend) -> Result<Database, DatabaseError> {
    let mut builder = Builder::new();
    // The whole file is read anyway, and without the check damage could go unnoticed.
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder.create_with_backend(backend)
}

fn read(database: &Database) -> Result<Pairs, redb::Error> {
    let table = match database.begin_read()?.open_table(PAIRS) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Pairs::new()),
        table => table?,
    };
    let mut pairs = Pairs::new();
    for pair in table.iter()? {
        let (key, value) = pair?;
        pairs.insert(key.value().into(), value.value().into());
    }
    Ok(pairs)
}

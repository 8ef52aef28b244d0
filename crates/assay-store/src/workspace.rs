//! Opens the file of a workspace.

use crate::error::StoreError;
use crate::forms::{self, FORM};
use crate::keyed;
use crate::secret::Secret;
use assay_model::quote;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::path::Path;
use std::time::Duration;

/// How long another program's import is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// Memory for pages of the file: an import sorts what it can in there.
const CACHE_KIB: i64 = 128 << 10;
/// Bytes of a page of a new file: rows of followers are some 100 bytes.
const PAGE_BYTES: i64 = 8192;

/// An open workspace.
#[derive(Debug)]
pub struct Workspace {
    pub(crate) connection: Connection,
    pub(crate) secret: Option<Secret>,
}

impl Workspace {
    /// Opens a workspace to be written, and makes it where there is none. Its folder must be there. One of an older form is
    /// brought to the newest.
    ///
    /// # Errors
    /// If the file is no workspace, is of a newer form, cannot be read or written, or belongs to another key.
    pub fn open(path: &Path, secret: Secret) -> Result<Self, StoreError> {
        let place = path.display().to_string();
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, &place)?;
        connection.busy_timeout(PATIENCE)?;
        if forms::of(&connection, &place)? == 0 {
            connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        }
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        // What is reported as done outlives a loss of power.
        connection.pragma_update(None, "synchronous", "full")?;
        settings(&connection)?;
        forms::bring_up(&mut connection, &secret, &place)?;
        check_secret(&connection, &secret, &place)?;
        keyed::leftovers(&connection, &place)?;
        Ok(Self { connection, secret: Some(secret) })
    }

    /// A workspace in memory, with a key that is no secret: for trying out what an import would do.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        settings(&connection)?;
        let secret = Secret::new([0; 32]);
        forms::bring_up(&mut connection, &secret, "memory")?;
        Ok(Self { connection, secret: Some(secret) })
    }

    /// Opens a workspace to be read alone. One of an older form must be opened to be written first.
    ///
    /// # Errors
    /// If there is none, or it is of another form.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let place = path.display().to_string();
        if !path.exists() {
            return Err(StoreError::new(
                "a workspace",
                "no file",
                quote(&place),
                "`assay import PATH` makes one; --workspace names another",
            ));
        }
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, &place)?;
        connection.busy_timeout(PATIENCE)?;
        settings(&connection)?;
        let form = forms::of(&connection, &place)?;
        if form < FORM {
            return Err(StoreError::new(
                format!("a workspace of form {FORM}"),
                format!("one of form {form}"),
                quote(&place),
                "`assay imports` brings it to the newest form",
            ));
        }
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self { connection, secret: None })
    }

    /// The connection, for what reads with SQL of its own.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// A connection that may write, for what keeps something of its own beside the facts.
    pub fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The key, where it was opened with one.
    pub fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// A setting that is kept in the workspace.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        setting(&self.connection, name)
    }

    /// Keeps a setting, or removes it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set(&self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        match value {
            Some(value) => {
                self.connection.execute("INSERT OR REPLACE INTO setting(name, value) VALUES(?, ?)", [name, value])?
            }
            None => self.connection.execute("DELETE FROM setting WHERE name = ?", [name])?,
        };
        Ok(())
    }
}

fn setting(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let kept = connection.query_row("SELECT value FROM setting WHERE name = ?", [name], |row| row.get(0));
    Ok(kept.optional()?)
}

/// Checks that a key is the workspace's, whose it becomes where it has none.
pub(crate) fn check_secret(connection: &Connection, secret: &Secret, place: &str) -> Result<(), StoreError> {
    match setting(connection, "key_check")? {
        None => {
            connection.execute("INSERT INTO setting(name, value) VALUES('key_check', ?)", [secret.check()])?;
            Ok(())
        }
        Some(kept) if kept == secret.check() => Ok(()),
        Some(_) => Err(StoreError::new(
            "the key that the workspace was made with",
            "another one",
            quote(&format!("{place}.key")),
            "put the file of the key back from its copy: without it nobody can be matched to what was kept before",
        )),
    }
}

/// The form of a workspace, however old.
///
/// # Errors
/// If the file is no workspace, or cannot be read.
pub fn form_of(path: &Path) -> Result<usize, StoreError> {
    let place = path.display().to_string();
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, &place)?;
    connection.busy_timeout(PATIENCE)?;
    forms::of(&connection, &place)
}

/// Names of settings that the program keeps for itself, as a list of SQL.
pub(crate) const OF_PROGRAM: &str = "('views', 'key_check', 'conversations', 'left_out', 'leftovers')";

/// The settings that a workspace of any form holds, in order of their names; none where there is no file yet.
///
/// # Errors
/// If the file is no workspace, or cannot be read.
pub fn settings_of(path: &Path) -> Result<Vec<(String, String)>, StoreError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let place = path.display().to_string();
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, &place)?;
    connection.busy_timeout(PATIENCE)?;
    if forms::of(&connection, &place)? == 0 {
        return Ok(Vec::new());
    }
    connection.pragma_update(None, "query_only", true)?;
    let mut all =
        connection.prepare(&format!("SELECT name, value FROM setting WHERE name NOT IN {OF_PROGRAM} ORDER BY name"))?;
    Ok(all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

fn connect(path: &Path, flags: OpenFlags, place: &str) -> Result<Connection, StoreError> {
    Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|error| {
        StoreError::new(
            "a workspace that can be opened",
            format!("an error ({error})"),
            quote(place),
            "check that its folder is there and that you may write to it",
        )
    })
}

fn settings(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(())
}

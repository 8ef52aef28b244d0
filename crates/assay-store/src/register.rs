//! Who may look at which workspace over the network: a SQLite file of its own, beside the workspaces and never in one of them.
//!
//! Passwords come hashed, and tokens and sessions are kept as hashes: whoever reads the file cannot sign in with it.

use crate::error::StoreError;
use assay_model::{TimeMs, quote};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
/// What marks the file as a register: `asrg`.
const APPLICATION_ID: i64 = 0x6173_7267;
const FORM: &str = "
CREATE TABLE account(name TEXT PRIMARY KEY, password TEXT NOT NULL, made_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE role(account TEXT NOT NULL, workspace TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY(account, workspace)) WITHOUT ROWID;
CREATE TABLE session(hash TEXT PRIMARY KEY, account TEXT NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE token(id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, account TEXT NOT NULL, name TEXT NOT NULL,
  scopes TEXT NOT NULL, made_at INTEGER NOT NULL);
";

/// The register of accounts.
#[derive(Debug)]
pub struct Register {
    connection: Connection,
}

/// A token, without what opens the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEntry {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub account: String,
    /// What it is called.
    pub name: String,
    /// What may be done with it, by spaces.
    pub scopes: String,
    /// When it was made.
    pub made_at: TimeMs,
}

/// An account and its roles: workspace and role.
pub type AccountRoles = (String, Vec<(String, String)>);

impl Register {
    /// Opens the register, and makes it where there is none. Its folder must be there.
    ///
    /// # Errors
    /// If the file is something else, or cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        let number = |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 && number("application_id")? != APPLICATION_ID {
            return Err(StoreError::new(
                "a register of accounts",
                "another database",
                quote(&path.display().to_string()),
                "name another file with --accounts; it is made when it is not there",
            ));
        }
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        if tables == 0 {
            connection.execute_batch(&format!("BEGIN; {FORM} PRAGMA application_id = {APPLICATION_ID}; COMMIT;"))?;
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Self { connection })
    }

    /// Makes an account, or gives one another password; its sessions end.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_account(&mut self, name: &str, password_hash: &str, at: TimeMs) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "INSERT INTO account(name, password, made_at) VALUES(?1, ?2, ?3) ON CONFLICT(name) DO UPDATE SET password = ?2",
            params![name, password_hash, at.0],
        )?;
        transaction.execute("DELETE FROM session WHERE account = ?", [name])?;
        Ok(transaction.commit()?)
    }

    /// Removes an account with all that is its own. Tells whether there was one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn remove_account(&mut self, name: &str) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction()?;
        for table in ["session", "token", "role"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE account = ?"), [name])?;
        }
        let n = transaction.execute("DELETE FROM account WHERE name = ?", [name])?;
        transaction.commit()?;
        Ok(n > 0)
    }

    /// The hash of an account's password; `None` where there is no such account.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn password(&self, name: &str) -> Result<Option<String>, StoreError> {
        let of = "SELECT password FROM account WHERE name = ?";
        Ok(self.connection.query_row(of, [name], |row| row.get(0)).optional()?)
    }

    /// The accounts, each with its roles: workspace and role.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn accounts(&self) -> Result<Vec<AccountRoles>, StoreError> {
        let mut all = self.connection.prepare("SELECT name FROM account ORDER BY name")?;
        let names: Vec<String> = all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        names.into_iter().map(|name| Ok((name.clone(), self.roles(&name)?))).collect()
    }

    /// The roles of an account: workspace and role.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn roles(&self, account: &str) -> Result<Vec<(String, String)>, StoreError> {
        let of = "SELECT workspace, role FROM role WHERE account = ? ORDER BY workspace";
        let mut all = self.connection.prepare_cached(of)?;
        Ok(all.query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// Gives an account a role in a workspace, or takes it away. Tells whether there is such an account.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_role(&mut self, account: &str, workspace: &str, role: Option<&str>) -> Result<bool, StoreError> {
        if self.password(account)?.is_none() {
            return Ok(false);
        }
        match role {
            Some(role) => self.connection.execute(
                "INSERT OR REPLACE INTO role(account, workspace, role) VALUES(?, ?, ?)",
                [account, workspace, role],
            )?,
            None => {
                self.connection.execute("DELETE FROM role WHERE account = ? AND workspace = ?", [account, workspace])?
            }
        };
        Ok(true)
    }

    /// Keeps a session by the hash of its secret, and drops those that have ended.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin_session(&mut self, hash: &str, account: &str, now: TimeMs, ends: TimeMs) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM session WHERE ends_at <= ?", [now.0])?;
        self.connection
            .execute("INSERT INTO session(hash, account, ends_at) VALUES(?, ?, ?)", params![hash, account, ends.0])?;
        Ok(())
    }

    /// Whose session it is, if it has not ended.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn session(&self, hash: &str, now: TimeMs) -> Result<Option<String>, StoreError> {
        let of = "SELECT account FROM session WHERE hash = ? AND ends_at > ?";
        Ok(self.connection.prepare_cached(of)?.query_row(params![hash, now.0], |row| row.get(0)).optional()?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn end_session(&mut self, hash: &str) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM session WHERE hash = ?", [hash])?;
        Ok(())
    }

    /// Keeps a token by its hash and answers its number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add_token(
        &mut self,
        hash: &str,
        account: &str,
        name: &str,
        scopes: &str,
        at: TimeMs,
    ) -> Result<i64, StoreError> {
        self.connection.execute(
            "INSERT INTO token(hash, account, name, scopes, made_at) VALUES(?, ?, ?, ?, ?)",
            params![hash, account, name, scopes, at.0],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Whose token it is, and its scopes.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn token(&self, hash: &str) -> Result<Option<(String, String)>, StoreError> {
        let of = "SELECT account, scopes FROM token WHERE hash = ?";
        Ok(self.connection.prepare_cached(of)?.query_row([hash], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The tokens of an account.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn tokens(&self, account: &str) -> Result<Vec<TokenEntry>, StoreError> {
        let of = "SELECT id, account, name, scopes, made_at FROM token WHERE account = ? ORDER BY id";
        let mut all = self.connection.prepare(of)?;
        let entry = |row: &rusqlite::Row<'_>| {
            Ok(TokenEntry {
                id: row.get(0)?,
                account: row.get(1)?,
                name: row.get(2)?,
                scopes: row.get(3)?,
                made_at: TimeMs(row.get(4)?),
            })
        };
        Ok(all.query_map([account], entry)?.collect::<Result<_, _>>()?)
    }

    /// Removes a token of an account. Tells whether there was one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn remove_token(&mut self, account: &str, id: i64) -> Result<bool, StoreError> {
        Ok(self.connection.execute("DELETE FROM token WHERE id = ? AND account = ?", params![id, account])? > 0)
    }
}

//! Tells whether the facts are others than before, without reading them.

use crate::error::StoreError;
use crate::workspace::{OF_PROGRAM, Workspace};

impl Workspace {
    /// A text that is another one after each decision on a conversation and each audit, which tells who is left out of the queue.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn decided(&self) -> Result<String, StoreError> {
        let mut count = self.connection.prepare_cached(
            "SELECT (SELECT count(*) || '-' || coalesce(max(changed_at), 0) FROM conversation_state) || '.' \
             || (SELECT count(*) || '-' || coalesce(max(id), 0) FROM conversation_note) || '.' \
             || (SELECT count(*) || '-' || coalesce(max(id), 0) FROM audit)",
        )?;
        Ok(count.query_row([], |row| row.get(0))?)
    }

    /// Where people wrote, a text that is another one after each status of a conversation and each audit: figures of who awaits an answer
    /// and how soon it comes go by both. Empty where nobody wrote.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn answered(&self) -> Result<String, StoreError> {
        let mut count = self.connection.prepare_cached(
            "SELECT CASE WHEN EXISTS(SELECT 1 FROM engagement) THEN \
             (SELECT count(*) || '-' || coalesce(max(changed_at), 0) FROM conversation_state WHERE status IS NOT NULL) || '.' \
             || (SELECT count(*) || '-' || coalesce(max(id), 0) FROM audit) ELSE '' END",
        )?;
        Ok(count.query_row([], |row| row.get(0))?)
    }

    /// A text that is another one after each import, undo, erasure, retention, link, label, overruled verdict or setting: what was made of the facts before is old
    /// then. What the program notes for itself, such as of which facts conversations were made, is no fact: an audit made anew because the
    /// queue was, and the queue because the audit was, would never end. Costs a few microseconds.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn edition(&self) -> Result<String, StoreError> {
        let mut count = self.connection.prepare_cached(&format!(
            "SELECT (SELECT coalesce(max(id), 0) FROM import) || '.' || (SELECT count(*) FROM import WHERE undone_at IS NOT NULL) \
             || '.' || (SELECT count(*) FROM forgotten) || '.' || (SELECT count(*) || '-' || coalesce(max(id), 0) FROM link) \
             || '.' || (SELECT count(*) || '-' || count(withdrawn_at) FROM overrule) \
             || '.' || (SELECT count(*) || '-' || coalesce(max(id), 0) FROM follower_label) \
             || '.' || (SELECT count(*) || '-' || coalesce(sum(n_rows), 0) FROM kept_count) \
             || '.' || (SELECT coalesce(group_concat(name || '=' || value, ';'), '') FROM setting WHERE name NOT IN {OF_PROGRAM} AND name NOT IN ('report_by', 'report_logo'))"
        ))?;
        Ok(count.query_row([], |row| row.get(0))?)
    }
}

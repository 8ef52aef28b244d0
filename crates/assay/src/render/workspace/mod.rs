//! What came of imports, the ledger, and answers of the workspace.

mod answers;
mod files;
mod ledger;
mod several;
mod strangers;

pub use answers::{AnswersOut, SQL_SCHEMA, TableFormat};
pub use files::{SHEET_ROWS_MAX, Shape, WorkbookOut, parquet_of};
pub use ledger::{
    IMPORT_SCHEMA, IMPORTS_SCHEMA, RETAIN_SCHEMA, dropped_line, forget_json, import_json, import_text, imports_json,
    imports_text, retain_json, retain_text, undo_json,
};
pub use several::{WORKSPACES_SCHEMA, workspaces_csv, workspaces_json, workspaces_text};
pub use strangers::{shell, strangers_text};

//! Answers a question in SQL, and never writes: an authorizer refuses all but reading, and the connection refuses writing.

use crate::error::StoreError;
use crate::workspace::Workspace;
use assay_model::Go;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;

/// A value of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// What comes of a question, in this order.
pub trait Answers {
    /// The names of the columns.
    fn columns(&mut self, names: &[String]) -> Go;
    /// A row.
    fn row(&mut self, values: &[Answer<'_>]) -> Go;
}

/// Steps of SQLite's machine between two looks at whether to go on.
const STEPS: i32 = 10_000;
/// The most bytes of one value.
const VALUE_BYTES_MAX: i32 = 64 << 20;
/// What may be asked of the workspace beside its rows.
const PRAGMAS: [&str; 7] =
    ["table_info", "table_xinfo", "table_list", "integrity_check", "quick_check", "user_version", "application_id"];

fn authorize(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } if !function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Allow
        }
        AuthAction::Pragma { pragma_name, .. } if PRAGMAS.iter().any(|p| pragma_name.eq_ignore_ascii_case(p)) => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

impl Workspace {
    /// Asks one question. `is_on` is called now and then: when it says no, the question is given up. Tells whether all rows came;
    /// after `rows_max` the rest is left.
    ///
    /// # Errors
    /// If the question is not understood, would write, or `is_on` or the answers say stop.
    pub fn query(
        &mut self,
        question: &str,
        rows_max: u64,
        mut is_on: impl FnMut() -> bool + Send + 'static,
        answers: &mut dyn Answers,
    ) -> Result<bool, StoreError> {
        self.connection.pragma_update(None, "query_only", true)?;
        self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)?;
        self.connection.authorizer(Some(authorize))?;
        self.connection.progress_handler(STEPS, Some(move || !is_on()))?;
        let answered = self.ask(question, rows_max, answers);
        self.connection.progress_handler(0, None::<fn() -> bool>)?;
        self.connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        answered
    }

    fn ask(&self, question: &str, rows_max: u64, answers: &mut dyn Answers) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare(question).map_err(|e| not_understood(&e))?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        if names.is_empty() {
            return Err(StoreError::new("a question, such as SELECT", "a statement without an answer", "", HINT));
        }
        if statement.parameter_count() > 0 {
            return Err(StoreError::new("a whole question", "one with parameters", "", "write the values out"));
        }
        let stop = |go: Go| if go == Go::Stop { Err(StoreError::Stopped) } else { Ok(()) };
        stop(answers.columns(&names))?;
        let mut rows = statement.raw_query();
        let mut n = 0;
        while let Some(row) = rows.next()? {
            if n == rows_max {
                return Ok(false);
            }
            n += 1;
            let mut values = Vec::with_capacity(names.len());
            for i in 0..names.len() {
                values.push(match row.get_ref(i)? {
                    ValueRef::Null => Answer::Null,
                    ValueRef::Integer(n) => Answer::Int(n),
                    ValueRef::Real(x) => Answer::Real(x),
                    ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Answer::Bytes(bytes), Answer::Text),
                    ValueRef::Blob(bytes) => Answer::Bytes(bytes),
                });
            }
            stop(answers.row(&values))?;
        }
        Ok(true)
    }
}

const HINT: &str = "docs/guides/workspace.md lists the views and their columns; `SELECT name FROM sqlite_schema WHERE type = 'view'` too";

fn not_understood(error: &rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::MultipleStatement => {
            StoreError::new("one question", "several statements", "", "ask them one by one")
        }
        error if error.sqlite_error_code() == Some(rusqlite::ErrorCode::AuthorizationForStatementDenied) => {
            StoreError::new(
                "a question that only reads",
                "one that would write or reach outside the workspace",
                "",
                "`assay import`, `assay undo` and `assay forget` change the workspace",
            )
        }
        error => StoreError::new("a question in SQL", format!("an error ({error})"), "", HINT),
    }
}

//! The forms that workspaces have had. A workspace of an older form is brought to the newest when it is opened to be written,
//! step by step, all in one transaction. A released form never changes: a change is a new step.

use crate::error::StoreError;
use crate::keyed;
use crate::secret::Secret;
use crate::views;
use crate::workspace;
use assay_model::quote;
use rusqlite::Connection;

/// What marks a SQLite file as a workspace: `assy`.
const APPLICATION_ID: i64 = 0x6173_7379;

/// A step from one form to the next.
enum Step {
    /// A script.
    Sql(&'static str),
    /// What needs the key of the workspace.
    Keyed(fn(&Connection, &Secret) -> Result<(), StoreError>),
}

/// The steps from each form to the next, from an empty file on.
const STEPS: &[Step] = &[
    Step::Sql(include_str!("../forms/0001.sql")),
    Step::Sql(include_str!("../forms/0002.sql")),
    Step::Sql(include_str!("../forms/0003.sql")),
    Step::Sql(include_str!("../forms/0004.sql")),
    Step::Sql(include_str!("../forms/0005.sql")),
    Step::Sql(include_str!("../forms/0006.sql")),
    Step::Keyed(keyed::step),
];

/// The newest form.
pub const FORM: usize = STEPS.len();

/// The form of a file, 0 for an empty one.
pub(crate) fn of(connection: &Connection, place: &str) -> Result<usize, StoreError> {
    let number = |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let form = usize::try_from(number("user_version")?).unwrap_or(usize::MAX);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if form == 0 && tables == 0 {
        return Ok(0);
    }
    if number("application_id")? != APPLICATION_ID {
        return Err(StoreError::new(
            "a workspace of assay",
            "a database of another program",
            quote(place),
            "name another file with --workspace; it is made when it is not there",
        ));
    }
    if form > FORM {
        return Err(StoreError::new(
            format!("a workspace of form {FORM} or older"),
            format!("one of form {form}"),
            quote(place),
            "it was written by a newer assay: use that one",
        ));
    }
    Ok(form)
}

/// Brings a workspace to the newest form, and its views to those of this program.
pub(crate) fn bring_up(connection: &mut Connection, secret: &Secret, place: &str) -> Result<(), StoreError> {
    let script = views::script();
    if of(connection, place)? == FORM && views_of(connection)? == script {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    // Another program may have done it while this one waited.
    let form = of(&transaction, place)?;
    drop_views(&transaction)?;
    for (n, step) in STEPS.iter().enumerate().skip(form) {
        match step {
            Step::Sql(script) => transaction.execute_batch(script)?,
            Step::Keyed(step) => {
                workspace::check_secret(&transaction, secret, place)?;
                step(&transaction, secret)?;
            }
        }
        transaction
            .execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", n + 1))?;
    }
    transaction.execute_batch(&script)?;
    transaction.execute("INSERT OR REPLACE INTO setting(name, value) VALUES('views', ?)", [&script])?;
    transaction.commit()?;
    Ok(())
}

/// The script that made the views of a workspace.
fn views_of(connection: &Connection) -> Result<String, StoreError> {
    use rusqlite::OptionalExtension as _;
    let kept =
        connection.query_row("SELECT value FROM setting WHERE name = 'views'", [], |row| row.get(0)).optional()?;
    Ok(kept.unwrap_or_default())
}

fn drop_views(connection: &Connection) -> Result<(), StoreError> {
    let mut all = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'")?;
    let names: Vec<String> = all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP VIEW \"{name}\""))?;
    }
    Ok(())
}

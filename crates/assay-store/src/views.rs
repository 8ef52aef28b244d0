//! The views that users and reports read. They are made anew from the table of kinds whenever the program's own differ from
//! those of the workspace; what they are called and hold is told in `docs/guides/workspace.md`, and columns are only added.

use crate::kinds::{Column, FactKind, Form, Kind, Versions};
use std::fmt::Write as _;

/// Rows of one file: `file.id` in the upper half of `id`.
pub(crate) const ROWS_OF_FILE: &str = "BETWEEN (file.id << 32) AND (file.id << 32) + 4294967295";

/// Which rows of a kind are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// What counts.
    Current,
    /// All that was told.
    All,
}

/// The value held in a column as it counts: the number or text itself, not as it is shown.
pub(crate) fn held(kind: &Kind, name: &str, index: usize, rows: Rows) -> String {
    if rows == Rows::All {
        return format!("f.{name}");
    }
    match kind.versions {
        Versions::Figures(first) if index >= first => {
            format!("CASE WHEN f.live & {} THEN f.{name} END", 1_u64 << (index - first))
        }
        Versions::Merged => {
            let table = kind.table;
            format!(
                "CASE WHEN f.live = 2 THEN coalesce(f.{name}, (SELECT v.{name} FROM file w, {table}_key k, \
                 {table} v, file u WHERE w.id = f.id >> 32 AND k.page = w.page_id AND k.key = f.key AND v.id = k.id \
                 AND u.id = v.id >> 32 AND v.{name} IS NOT NULL ORDER BY u.rank DESC, v.id LIMIT 1)) \
                 ELSE f.{name} END"
            )
        }
        _ => format!("f.{name}"),
    }
}

/// The values of a kind as they count, in the order of its columns.
pub(crate) fn held_list(kind: &Kind) -> String {
    let held_of = |(i, c): (usize, &Column)| match c.form {
        Form::Money => format!("f.{0}_units, f.{0}_places, f.{0}_minor", c.name),
        Form::Exact => format!("f.{0}_units, f.{0}_places", c.name),
        _ => held(kind, c.name, i, Rows::Current),
    };
    kind.columns.iter().enumerate().map(held_of).collect::<Vec<_>>().join(", ")
}

/// A column as a view shows it.
fn shown(kind: &Kind, index: usize, column: &Column, rows: Rows) -> String {
    let name = column.name;
    let e = || held(kind, name, index, rows);
    match column.form {
        Form::Int | Form::Flag | Form::Real | Form::Text => format!("{} AS {name}", e()),
        Form::Word => {
            let e = e();
            format!(
                "CASE typeof({e}) WHEN 'integer' THEN (SELECT text FROM word WHERE word.id = {e}) ELSE {e} END AS {name}"
            )
        }
        Form::Time => format!("{} AS {name}", time(&e())),
        Form::Day => format!("date({} * 86400, 'unixepoch') AS {name}", e()),
        Form::Money => format!("f.{name}_minor AS {name}_minor, {} AS {name}", decimal(name)),
        Form::Exact => format!("{} AS {name}", decimal(name)),
    }
}

/// Milliseconds as RFC 3339.
pub(crate) fn time(e: &str) -> String {
    format!("strftime('%Y-%m-%dT%H:%M:%fZ', {e} / 1000.0, 'unixepoch')")
}

/// An exact number as text: 1250 with two places is 12.50.
fn decimal(name: &str) -> String {
    let (units, places) = (format!("f.{name}_units"), format!("f.{name}_places"));
    let sign = format!("CASE WHEN {units} < 0 THEN '-' ELSE '' END");
    let digits = format!("printf('%0*d', {places} + 1, abs({units}))");
    format!(
        "CASE WHEN {places} > 0 THEN {sign} || substr({digits}, 1, length({digits}) - {places}) || '.' || \
         substr({digits}, -{places}) ELSE CAST({units} AS TEXT) END"
    )
}

/// What ends every view of facts.
pub(crate) const ORIGIN: &str = "(SELECT page.name FROM page WHERE page.id = file.page_id) AS page, file.import_id AS import_id, \
                      file.id AS file_id, file.name AS file, f.line AS line";

/// The statement behind a view of facts.
fn facts(kind: &Kind, rows: Rows) -> String {
    let mut columns: Vec<String> = kind.columns.iter().enumerate().map(|(i, c)| shown(kind, i, c, rows)).collect();
    let table = kind.table;
    if kind.versions == Versions::Snapshot {
        columns.push("reading.id AS snapshot_id".to_owned());
        let (and, current) = match rows {
            Rows::Current => (" WHERE reading.is_current", ""),
            Rows::All => ("", ", reading.is_current AS is_current"),
        };
        return format!(
            "SELECT {}{current}, {ORIGIN} FROM reading CROSS JOIN file ON file.reading_id = reading.id \
             CROSS JOIN {table} f ON f.id {ROWS_OF_FILE}{and}",
            columns.join(", ")
        );
    }
    let (and, current) = match rows {
        Rows::Current => (" WHERE f.live", ""),
        Rows::All => ("", ", f.live <> 0 AS is_current"),
    };
    format!(
        "SELECT {}{current}, {ORIGIN} FROM {table} f CROSS JOIN file ON file.id = f.id >> 32{and}",
        columns.join(", ")
    )
}

/// Views that are no facts' own: name and statement.
fn others() -> Vec<(&'static str, String)> {
    let as_of = time("r.as_of");
    let snapshots = format!(
        "SELECT r.id AS snapshot_id, (SELECT page.name FROM page WHERE page.id = r.page_id) AS page, {as_of} AS as_of, \
         r.as_of_from AS as_of_from, r.n_follows AS n_followers, r.n_expected AS n_expected, r.list_order AS list_order, \
         r.time_quality AS time_quality, r.is_current AS is_current, r.import_id AS import_id, \
         {dropped} AS dropped_at FROM reading r WHERE r.is_list",
        dropped = time("r.dropped_at"),
    );
    // Everyone of a page over its snapshots. One number holds the place of a snapshot, the file within it and the row, so that
    // the greatest of an account is its last row.
    let follows = format!(
        "SELECT f.account_id AS account_id, f.handle AS handle, {followed} AS followed_at, \
         (SELECT {seen} FROM reading g WHERE g.page_id = s.page_id AND g.place = s.first) AS first_seen, \
         {last} AS last_seen, (SELECT {seen} FROM reading g WHERE g.page_id = s.page_id AND g.place = r.place + 1) \
         AS gone_by, s.n AS n_snapshots, {ORIGIN} \
         FROM (SELECT r.page_id AS page_id, min(r.place) AS first, count(*) AS n, max((r.place << 47) | \
         ((file.id - r.first_file) << 32) | (f.id & 4294967295)) AS last FROM reading r \
         CROSS JOIN file ON file.reading_id = r.id CROSS JOIN follow f ON f.id {ROWS_OF_FILE} \
         WHERE r.is_list GROUP BY r.page_id, f.key) s \
         CROSS JOIN reading r ON r.page_id = s.page_id AND r.place = s.last >> 47 \
         CROSS JOIN file ON file.id = r.first_file + ((s.last >> 32) & 32767) \
         CROSS JOIN follow f ON f.id = (file.id << 32) + (s.last & 4294967295)",
        followed = time("f.followed_at"),
        seen = time("g.as_of"),
        last = time("r.as_of"),
    );
    // Who is in which list stands in one set, made once: a look at the other list for each row would take rows times rows.
    let change = |word: &str, here: &str, there: &str| {
        format!(
            "SELECT (SELECT page.name FROM page WHERE page.id = b.page_id) AS page, '{word}' AS change, \
             f.account_id AS account_id, f.handle AS handle, {after} AS after, {by} AS by, a.id AS from_snapshot, \
             b.id AS to_snapshot, file.import_id AS import_id, file.id AS file_id, file.name AS file, f.line AS line \
             FROM reading b CROSS JOIN reading a ON a.page_id = b.page_id AND a.place = b.place - 1 \
             CROSS JOIN file ON file.reading_id = {here}.id CROSS JOIN follow f ON f.id {ROWS_OF_FILE} \
             LEFT JOIN (SELECT r.page_id AS page_id, r.place AS place, o.key AS key FROM reading r \
             CROSS JOIN file x ON x.reading_id = r.id CROSS JOIN follow o ON o.id BETWEEN (x.id << 32) AND \
             (x.id << 32) + 4294967295 WHERE r.is_list) o ON o.page_id = {there}.page_id AND o.place = {there}.place \
             AND o.key = f.key \
             WHERE b.is_list AND a.dropped_at IS NULL AND b.dropped_at IS NULL AND o.key IS NULL",
            after = time("a.as_of"),
            by = time("b.as_of"),
        )
    };
    let changes = format!("{} UNION ALL {}", change("gained", "b", "a"), change("lost", "a", "b"));
    let imports = format!(
        "SELECT i.id AS import_id, {at} AS imported_at, i.version AS version, \
         (SELECT count(*) FROM file WHERE file.import_id = i.id) AS n_files, \
         (SELECT coalesce(sum(n_rows), 0) FROM file WHERE file.import_id = i.id) AS n_rows, \
         (SELECT coalesce(sum(n_taken), 0) FROM file WHERE file.import_id = i.id) AS n_taken, \
         (SELECT coalesce(sum(n_rejected), 0) FROM file WHERE file.import_id = i.id) AS n_rejected, \
         i.n_facts AS n_facts, {undone} AS undone_at FROM import i",
        at = time("i.imported_at"),
        undone = time("i.undone_at"),
    );
    let files = format!(
        "SELECT file.id AS file_id, file.import_id AS import_id, file.name AS file, file.sha256 AS sha256, \
         r.importer AS importer, r.yields AS yields, (SELECT page.name FROM page WHERE page.id = file.page_id) AS page, \
         {as_of} AS as_of, file.as_of_from AS as_of_from, file.n_rows AS n_rows, file.n_taken AS n_taken, \
         file.n_rejected AS n_rejected, CASE WHEN r.is_list THEN r.id END AS snapshot_id \
         FROM file JOIN reading r ON r.id = file.reading_id",
        as_of = time("file.as_of"),
    );
    let rejects = "SELECT file.import_id AS import_id, file.id AS file_id, file.name AS file, reject.line AS line, \
                   reject.why AS why FROM reject JOIN file ON file.id = reject.file_id"
        .to_owned();
    let notes = "SELECT import_id, text FROM note".to_owned();
    let pages = "SELECT id AS page_id, name AS page, network, handle FROM page".to_owned();
    vec![
        ("snapshots", snapshots),
        ("follows", follows),
        ("snapshot_changes", changes),
        ("imports", imports),
        ("files", files),
        ("rejects", rejects),
        ("notes", notes),
        ("pages", pages),
    ]
    .into_iter()
    .chain(crate::audits::views())
    .chain([crate::people::view()])
    .chain(crate::retain::views())
    .chain(crate::decisions::views())
    .chain([crate::turns::view()])
    .chain(crate::judgements::views())
    .chain(crate::experiments::views())
    .collect()
}

/// The name of the view of all versions of a kind.
fn versions_view(kind: &Kind) -> String {
    format!("{}_versions", kind.view)
}

/// Names of the views, as they are documented.
pub fn view_names() -> Vec<String> {
    let kinds = FactKind::ALL.iter().map(|k| k.kind());
    let of_facts = kinds.flat_map(|k| [k.view.to_owned(), versions_view(k)]);
    of_facts.chain(others().into_iter().map(|(name, _)| name.to_owned())).collect()
}

/// The script that makes every view.
pub(crate) fn script() -> String {
    let mut script = String::new();
    let mut add = |name: &str, statement: &str| {
        let _ = writeln!(script, "CREATE VIEW {name} AS {statement};");
    };
    for kind in FactKind::ALL.iter().map(|k| k.kind()) {
        add(kind.view, &facts(kind, Rows::Current));
        add(&versions_view(kind), &facts(kind, Rows::All));
    }
    for (name, statement) in others() {
        add(name, &statement);
    }
    script
}

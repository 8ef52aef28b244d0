//! Which page a reading is of.

use rusqlite::{Connection, OptionalExtension as _};

/// The page of a network that an export names, or that the files of it are of which name none.
///
/// Files that name no page belong to the only page of their network. Where a page is named only later, it takes over what had no
/// name, so that the order of imports does not matter. With several pages of a network what names none stays by itself.
pub(crate) fn page(connection: &Connection, network: &str, handle: Option<&str>) -> rusqlite::Result<i64> {
    let handle = handle.map(|h| h.trim().trim_start_matches('@')).filter(|h| !h.is_empty());
    let folded = handle.map(str::to_lowercase).unwrap_or_default();
    if let Some(known) = find(connection, network, &folded)?.filter(|_| handle.is_some()) {
        return Ok(known);
    }
    let mut named = connection.prepare_cached("SELECT id FROM page WHERE network = ? AND folded <> '' LIMIT 2")?;
    let named: Vec<i64> = named.query_map([network], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let unnamed = find(connection, network, "")?;
    match (handle, &named[..], unnamed) {
        (None, [only], _) if !network.is_empty() => Ok(*only),
        (None, _, Some(unnamed)) => Ok(unnamed),
        (Some(handle), [], Some(unnamed)) if !network.is_empty() => {
            connection.execute(
                "UPDATE page SET handle = ?, folded = ?, name = ? WHERE id = ?",
                rusqlite::params![handle, folded, name(network, handle), unnamed],
            )?;
            Ok(unnamed)
        }
        _ => {
            let handle = handle.unwrap_or_default();
            connection.query_row(
                "INSERT INTO page(network, handle, folded, name) VALUES(?, ?, ?, ?) RETURNING id",
                rusqlite::params![network, handle, folded, name(network, handle)],
                |row| row.get(0),
            )
        }
    }
}

fn find(connection: &Connection, network: &str, folded: &str) -> rusqlite::Result<Option<i64>> {
    let mut find = connection.prepare_cached("SELECT id FROM page WHERE network = ? AND folded = ?")?;
    find.query_row([network, folded], |row| row.get(0)).optional()
}

/// How a page is called: `network/handle`, as far as known.
fn name(network: &str, handle: &str) -> Option<String> {
    match (network, handle) {
        ("", "") => None,
        (network, "") => Some(network.to_owned()),
        ("", handle) => Some(handle.to_owned()),
        (network, handle) => Some(format!("{network}/{handle}")),
    }
}

#[cfg(test)]
mod tests {
    use super::page;
    use rusqlite::Connection;

    #[test]
    fn what_names_no_page_is_of_the_only_one_whichever_comes_first() {
        let connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch(include_str!("../forms/0001.sql")).expect("a form");
        let page = |network, handle| page(&connection, network, handle).expect("a page");
        let unnamed = page("x", None);
        assert_eq!(page("x", Some("@Roastery")), unnamed);
        assert_eq!(page("x", None), unnamed);
        assert_eq!(page("x", Some("roastery")), unnamed);
        let second = page("x", Some("other"));
        assert_ne!(second, unnamed);
        let neither = page("x", None);
        assert!(neither != unnamed && neither != second && neither == page("x", None));
        // A table of no network is of no page, whatever pages there are.
        assert_eq!(page("", None), page("", None));
        assert_ne!(page("", None), page("", Some("shop")));
        let names: Vec<Option<String>> = connection
            .prepare("SELECT name FROM page ORDER BY id")
            .expect("pages")
            .query_map([], |r| r.get(0))
            .expect("pages")
            .collect::<Result<_, _>>()
            .expect("names");
        assert_eq!(names[0].as_deref(), Some("x/Roastery"));
        assert!(names.contains(&Some("x".to_owned())) && names.contains(&None));
    }
}

//! Names of the columns of tables: case, spaces and punctuation aside, with the aliases under which each is known.

/// The names of a column. Case, spaces and punctuation do not matter: `follow_rank`, `Follow Rank` and `followRank` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnNames {
    /// The name that assay uses.
    pub name: &'static str,
    /// What it holds, in one clause.
    pub meaning: &'static str,
    /// Further names that are understood.
    pub aliases: &'static [&'static str],
}

/// Makes the names of a column.
pub const fn column_names(name: &'static str, meaning: &'static str, aliases: &'static [&'static str]) -> ColumnNames {
    ColumnNames { name, meaning, aliases }
}

/// The place in `table` of the column that is called `name`.
pub fn find_column(table: &[ColumnNames], name: &str) -> Option<usize> {
    let name = plain(name);
    // The names of the tables are in lower case, with underscores between words.
    let is = |known: &str| known.bytes().filter(|b| *b != b'_').eq(name.bytes());
    table.iter().position(|column| is(column.name) || column.aliases.iter().any(|alias| is(alias)))
}

/// A name without case, spaces and punctuation. Names longer than any column's are cut.
pub fn plain(name: &str) -> String {
    name.chars().take(80).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The known columns of a header, each at its first place; the names that are not known or stand there twice.
pub fn match_header<'a, C: Copy + PartialEq>(
    header: impl Iterator<Item = &'a str>,
    of: impl Fn(&str) -> Option<C>,
) -> (Vec<Option<C>>, Vec<String>) {
    let mut known: Vec<Option<C>> = Vec::new();
    let mut unknown = Vec::new();
    for name in header {
        let column = of(name).filter(|c| !known.contains(&Some(*c)));
        if column.is_none() && !name.trim().is_empty() {
            unknown.push(name.trim().to_owned());
        }
        known.push(column);
    }
    (known, unknown)
}

/// What to tell of columns that are not used; `None` if there are none.
pub fn unknown_note(mut unknown: Vec<String>) -> Option<String> {
    unknown.sort();
    unknown.dedup();
    let n = unknown.len();
    unknown.truncate(20);
    let names: Vec<_> = unknown.iter().map(|name| crate::problem::quote(name)).collect();
    let more = if n > 20 { format!(" and {} more", n - 20) } else { String::new() };
    (n > 0).then(|| format!("columns that assay does not know were ignored: {}{more}", names.join(", ")))
}

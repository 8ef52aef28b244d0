//! A table of how many followed the page, and how many of them were inauthentic, over time.

use super::{Error, Step, Watch};
use assay_import::{Bundle, Holds, Limits, Optional, ReadOptions, Value, Wanted, read_named};
use assay_model::when::moment;
use assay_model::{Posts, SourceFile, TimeMs};
use std::path::Path;

/// A row of the history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    pub(super) at: TimeMs,
    pub(super) followers: Option<u32>,
    /// 0..1.
    pub(super) inauthentic_share: Option<f64>,
}

/// Reads a history: a table with `date` and one or both of `followers` and `inauthentic_share`. Returns it in order of time, and the
/// file with its ledger.
pub(super) fn history(
    path: &Path,
    reading: &ReadOptions,
    watch: &mut Watch<'_>,
) -> Result<(Vec<Counted>, SourceFile), Error> {
    let bundle = Bundle::open(&[path.to_path_buf()], &Limits::default())?;
    let want = |names: &[&str], holds, optional| Wanted { names: reading.headers.headers_of(names), holds, optional };
    let wanted = [
        want(&["date", "day", "at", "time"], Holds::Text, Optional::No),
        want(&["followers", "follower_count", "fans", "page_likes"], Holds::Text, Optional::Yes),
        want(&["inauthentic_share", "fake_share"], Holds::Number, Optional::Yes),
    ];
    let mut rows = Vec::new();
    let mut take = |_line: u64, cells: &[Value<'_>]| {
        rows.push(counted(cells, reading)?);
        Ok(())
    };
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let table = read_named(&bundle, &wanted, &mut take, &mut tick)?;
    let fault = |found: String| Error::Input {
        message: format!(
            "{}: expected a table with date and followers or inauthentic_share, found {found}",
            path.display()
        ),
        hint: Some("a table such as: date,followers,inauthentic_share".to_owned()),
    };
    if table.found[1..].iter().all(Option::is_none) {
        return Err(fault("neither of the two".to_owned()));
    }
    if rows.is_empty() {
        let why = table.rejects.first().map_or(String::new(), |r| format!("; line {}: {}", r.line, r.why));
        return Err(fault(format!("no row that can be read{why}")));
    }
    rows.sort_by_key(|row: &Counted| row.at);
    Ok((rows, table.file))
}

/// A row of the history, or why it is none.
fn counted(cells: &[Value<'_>], reading: &ReadOptions) -> Result<Counted, String> {
    let Value::Text(date) = cells[0] else { return Err("expected a date, found an empty cell".to_owned()) };
    let at = moment(date).ok_or_else(|| format!("expected a date such as 2026-05-01, found `{date}`"))?;
    let followers = match cells[1] {
        Value::Text(text) => {
            let count = text.replace(',', "").parse::<u32>();
            Some(count.map_err(|_| format!("expected a count of followers, found `{text}`"))?)
        }
        _ => None,
    };
    let inauthentic_share = match cells[2] {
        Value::Number(share) if (0.0..=1.0).contains(&share) => Some(share),
        Value::Number(share) => return Err(format!("expected a share from 0 to 1, found {share}")),
        _ => None,
    };
    Ok(Counted { at: reading.time(at), followers, inauthentic_share })
}

/// Tells posts how many followed when they were published, where the table of posts does not.
pub(super) fn tell_followers(posts: &mut Posts, history: &[Counted]) {
    for post in posts.rows.iter_mut().filter(|p| p.followers.is_none()) {
        let Some(at) = post.published_at else { continue };
        post.followers = history.iter().rev().filter(|c| c.at <= at).find_map(|c| c.followers);
    }
}

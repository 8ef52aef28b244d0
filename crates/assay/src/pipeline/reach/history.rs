//! A table of how many followed the page, and how many of them were inauthentic, over time.

use super::Error;
use assay_model::when::moment;
use assay_model::{Posts, TimeMs};
use std::path::Path;

/// A row of the history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    pub(super) at: TimeMs,
    pub(super) followers: Option<u32>,
    /// 0..1.
    pub(super) inauthentic_share: Option<f64>,
}

/// Reads a history: CSV with `date` and one or both of `followers` and `inauthentic_share`. Returns it in order of time, and how many rows
/// could not be read.
pub(super) fn history(path: &Path) -> Result<(Vec<Counted>, usize), Error> {
    let place = path.display();
    let fault = |found: String| Error::Input {
        message: format!("{place}: expected a table with date and followers or inauthentic_share, found {found}"),
        hint: Some("a CSV such as: date,followers,inauthentic_share".to_owned()),
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|e| fault(e.to_string()))?;
    let header = reader.headers().map_err(|e| fault(e.to_string()))?.clone();
    let find = |names: &[&str]| header.iter().position(|h| names.contains(&h.to_lowercase().as_str()));
    let date = find(&["date", "day", "at", "time"]).ok_or_else(|| fault("no date".to_owned()))?;
    let followers = find(&["followers", "follower_count", "fans", "page_likes"]);
    let share = find(&["inauthentic_share", "fake_share"]);
    if followers.is_none() && share.is_none() {
        return Err(fault("neither of the two".to_owned()));
    }
    let (mut rows, mut n_bad) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(|e| fault(e.to_string()))?;
        let cell = |place: Option<usize>| place.and_then(|i| record.get(i)).filter(|c| !c.is_empty());
        let at = cell(Some(date)).and_then(moment).map(|m| m.at);
        let count = cell(followers).map(|c| c.replace(',', "").parse::<u32>());
        let part = cell(share).map(|c| c.parse::<f64>().ok().filter(|s| (0.0..=1.0).contains(s)).ok_or(()));
        match (at, count.transpose(), part.transpose()) {
            (Some(at), Ok(followers), Ok(inauthentic_share)) => rows.push(Counted { at, followers, inauthentic_share }),
            _ => n_bad += 1,
        }
    }
    rows.sort_by_key(|row| row.at);
    if rows.is_empty() { Err(fault("no row that can be read".to_owned())) } else { Ok((rows, n_bad)) }
}

/// Tells posts how many followed when they were published, where the table of posts does not.
pub(super) fn tell_followers(posts: &mut Posts, history: &[Counted]) {
    for post in posts.rows.iter_mut().filter(|p| p.followers.is_none()) {
        let Some(at) = post.published_at else { continue };
        post.followers = history.iter().rev().filter(|c| c.at <= at).find_map(|c| c.followers);
    }
}

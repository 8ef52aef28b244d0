//! Tables: followers with every column, counts by day, labels.

use super::Written;
use assay_math::Seed;
use assay_model::synth::{MadeFollow, SynthPage, Tells};
use assay_model::{Class, Flag, Follow, Go, TimeMs};
use jiff::{Timestamp, civil, tz::TimeZone};
use std::io::{self, Write};

/// The columns of a made follower table, in order.
const COLUMNS: [&str; 19] = [
    "account_id",
    "handle",
    "display_name",
    "follow_rank",
    "followed_at",
    "created_at",
    "followers",
    "following",
    "posts",
    "likes",
    "listed",
    "bio_length",
    "has_avatar",
    "default_profile",
    "verified",
    "private",
    "has_url",
    "last_active_at",
    "country",
];

pub(super) fn followers<W: Write>(page: &SynthPage, seed: Seed, out: W) -> io::Result<Written> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    each_listed(page, seed, &mut |made| {
        let f = &made.follow;
        table.write_record([
            text(f.account_id),
            text(f.handle),
            text(f.display_name),
            count(f.follow_rank),
            time(f.followed_at),
            time(f.created_at),
            count(f.followers),
            count(f.following),
            count(f.posts),
            count(f.likes),
            count(f.listed),
            count(f.bio_length),
            flag(f.has_avatar),
            flag(f.default_profile),
            flag(f.verified),
            flag(f.private),
            flag(f.has_url),
            time(f.last_active_at),
            text(f.country),
        ])?;
        Ok(())
    })
    .and_then(|written| table.flush().map(|()| written))
}

pub(super) fn labels<W: Write>(page: &SynthPage, seed: Seed, out: W) -> io::Result<Written> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["account_id", "handle", "label", "class", "plant"])?;
    each_listed(page, seed, &mut |made| {
        let Follow { account_id, handle, .. } = made.follow;
        let label = if made.class == Class::Inauthentic { "inauthentic" } else { "genuine" };
        let plant = made.plant.map_or("", |i| page.plants[i].name());
        table.write_record([account_id.unwrap_or(""), handle.unwrap_or(""), label, made.class.name(), plant])?;
        Ok(())
    })
    .and_then(|written| table.flush().map(|()| written))
}

/// The overview of X's analytics. Columns that a made page knows nothing of stay blank, which the platform writes for unknown.
pub(super) fn counts<W: Write>(page: &SynthPage, seed: Seed, mut out: W) -> io::Result<Written> {
    let told = SynthPage { tells: Tells::CountsOnly, ..page.clone() }.make(seed).page;
    let header = "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,\
                  Profile visits,Create Post,Video views,Media views";
    writeln!(out, "{header}")?;
    for day in told.daily.iter().rev() {
        let date = civil(day.day.start())?.strftime("%a, %b %-d, %Y").to_string();
        writeln!(out, "\"{date}\",,,,,,{},{},,,,,,", count(day.follows), count(day.unfollows))?;
    }
    out.flush()?;
    Ok(Written { n_rows: told.daily.len() as u64 })
}

/// Hands over every follower in the list, with every column, until one cannot be written.
pub(super) fn each_listed(
    page: &SynthPage,
    seed: Seed,
    take: &mut dyn FnMut(&MadeFollow<'_>) -> io::Result<()>,
) -> io::Result<Written> {
    let whole = SynthPage { tells: Tells::Everything, ..page.clone() };
    let mut result = Ok(Written { n_rows: 0 });
    whole.for_each(seed, &mut |made| {
        if made.left_at.is_some() {
            return Go::On;
        }
        match (&mut result, take(made)) {
            (Ok(written), Ok(())) => {
                written.n_rows += 1;
                Go::On
            }
            (_, Err(error)) => {
                result = Err(error);
                Go::Stop
            }
            (Err(_), Ok(())) => Go::Stop,
        }
    });
    result
}

/// A moment as a calendar date and time in UTC.
pub(super) fn civil(at: TimeMs) -> io::Result<civil::DateTime> {
    let stamp = Timestamp::from_millisecond(at.0).map_err(io::Error::other)?;
    Ok(TimeZone::UTC.to_datetime(stamp))
}

fn text(cell: Option<&str>) -> String {
    cell.unwrap_or("").to_owned()
}

fn count(cell: Option<u32>) -> String {
    cell.map_or(String::new(), |n| n.to_string())
}

fn flag(cell: Option<Flag>) -> String {
    cell.map_or(String::new(), |yes| u8::from(yes.is_yes()).to_string())
}

fn time(cell: Option<TimeMs>) -> String {
    let stamp = cell.and_then(|at| Timestamp::from_millisecond(at.0).ok());
    stamp.map_or(String::new(), |stamp| stamp.to_string())
}

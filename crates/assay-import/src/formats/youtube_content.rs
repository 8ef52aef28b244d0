//! YouTube Studio: figures by video, and of each video by day.
//!
//! `Table data.csv` has a row a video when the breakdown is Content; its first row is a total. `Chart data.csv` has a row a
//! day for each of the videos that were charted: those rows are days of posts. Its days, and those on which videos were
//! published, are in the channel's zone.

use super::grid::{Means, Row, Told, each, moment};
use super::youtube_studio::{NAMES, is_studio, layout};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Post, TimeMs, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "youtube-content",
    sentence: "YouTube Studio figures by video, and of charted videos by day.",
    source: "studio.youtube.com, Analytics, Advanced mode, breakdown Content, export as CSV",
    quality: TimeQuality::Day,
    network: Some("youtube"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "Chart data.csv",
                b"Date,Content,Video title,Video publish time,Views\n2026-09-08,abc123def45,\"Roasting, slowly\",\"Sep 8, 2026\",120\n",
            ),
            (
                "Table data.csv",
                b"Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,Impressions,\
                  Impressions click-through rate (%)\nTotal,,,,1500,10.5,5,20000,5.1\n\
                  abc123def45,\"Roasting, slowly\",\"Sep 8, 2026\",124,500,4.25,2,7000,5.4\n\
                  xyz123def45,Grinding,8. Sep. 2026,0:02:04,,,-1,,\n",
            ),
        ],
        n_taken: 2,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(grid) = layout(peek) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    let of_videos = has(Means::Post) && (has(Means::Text) || has(Means::Published));
    if of_videos && grid.columns.has_figures() && is_studio(peek, &grid) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut told = Told::default();
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            let is_total = |row: &Row<'_>| row.text(Means::Text).is_none() && row.text(Means::Published).is_none();
            each(stream, desk, NAMES, is_total, |desk, line, row| {
                if row.columns.has(Means::Day) {
                    day_of_video(&mut told, desk, line, row)
                } else {
                    video(desk, line, row)
                }
            })
        })?;
    }
    Ok(())
}

fn video_id<'a>(row: &Row<'a>) -> Result<&'a str, String> {
    let id = row.text(Means::Post).ok_or("expected the id of a video, found none")?;
    let is_id = id.len() <= 64 && id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-');
    if is_id { Ok(id) } else { Err(format!("expected the id of a video, found {}", quote(id))) }
}

fn published(row: &Row<'_>) -> Result<Option<TimeMs>, String> {
    let Some(text) = row.text(Means::Published) else { return Ok(None) };
    let at = moment(text).ok_or_else(|| format!("expected a day such as Sep 8, 2026, found {}", quote(text)))?;
    Ok(Some(at.at))
}

fn video(desk: &mut Desk<'_>, line: u64, row: &Row<'_>) -> Result<(), ImportError> {
    let read = || {
        let (id, at) = (video_id(row)?, published(row)?);
        // More subscribers may have left by a video than came by it: then it brought none that can be counted.
        let mut figures = row.figures()?;
        figures.follows = figures.follows.filter(|n| *n >= 0);
        Ok::<_, String>((id, Post { post_id: Some(id), kind: Some("video"), ..row.post_of(figures, at)? }))
    };
    match read() {
        Ok((id, post)) => {
            let link = format!("https://www.youtube.com/watch?v={id}");
            desk.post(line, Post { link: Some(&link), ..post })
        }
        Err(why) => desk.reject(line, why),
    }
}

fn day_of_video(told: &mut Told, desk: &mut Desk<'_>, line: u64, row: &Row<'_>) -> Result<(), ImportError> {
    let read = || Ok::<_, String>((video_id(row)?, row.day()?, row.figures()?));
    match read() {
        Ok((id, day, figures)) => told.post_day(desk, line, id, day, figures),
        Err(why) => desk.reject(line, why),
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn totals_are_no_video_and_withdrawn_subscribers_no_follows() {
        let kept = run_files(super::IMPORTER.control.files).expect("videos");
        assert_eq!((kept.posts.rows.len(), kept.others.len(), kept.rejects.len()), (2, 1, 0), "{:?}", kept.rejects);
        assert!(kept.others[0].contains("PostDay") && kept.others[0].contains("views: Some(120)"), "{:?}", kept.others);
        assert_eq!(kept.posts.rows[0].published_at, kept.posts.rows[1].published_at);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/youtube/studio") else { return };
        for (name, n_posts, n_others) in [("Table data.csv", 1, 0), ("Chart data.csv", 0, 1), ("Totals.csv", 0, 1)] {
            let kept = run(&open(folder.join(name))).expect("an export");
            assert_eq!(
                (kept.posts.rows.len(), kept.others.len(), kept.rejects.len()),
                (n_posts, n_others, 0),
                "{name}"
            );
        }
    }
}

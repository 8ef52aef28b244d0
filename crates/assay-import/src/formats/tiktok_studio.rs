//! TikTok Studio: figures of each day (`Overview.csv`), and of single videos (`Content.csv`).
//!
//! The days of Studio are written without their year: `23 August`. The year comes from what the file or its folder is called,
//! as Studio names downloads after their range (`Overview_2026-08-01_2026-08-31.csv`), or else from the date on which the zip
//! around it was written, since Studio shows no more than the 365 days before. Where neither tells, each row is rejected and
//! says so: a guessed year is worse than none. Likes may be below 0: withdrawals.

use super::grid::{Figure, Means, Names, Row, Told, each, grid, moment};
use super::tiktok::video_id;
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields, spoken};
use assay_model::when;
use assay_model::{Day, Post, TimeMs, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "tiktok-studio",
    sentence: "TikTok Studio's overview as CSV: views, profile views, likes, comments and shares of each day.",
    source: "tiktok.com/tiktokstudio, Analytics, Overview, Download data; keep the range in the file's name",
    quality: TimeQuality::Day,
    network: Some("tiktok"),
    yields: Yields::Figures,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Overview_2026-08-23_2026-08-25.csv",
            b"\"Date\",\"Video Views\",\"Profile Views\",\"Likes\",\"Comments\",\"Shares\"\n\"23 August\",\"10\",\"2\",\"3\",\"1\",\"1\"\n\
              \"24 August\",\"\",\"\",\"9\",\"-2\",\"3\"\n",
        )],
        n_taken: 2,
    },
};

/// The importer of Studio's table of videos.
pub(crate) const CONTENT: Importer = Importer {
    id: "tiktok-content",
    sentence: "TikTok Studio's table of videos as CSV: views, likes, comments and shares of each.",
    source: "tiktok.com/tiktokstudio, Analytics, Content, Download data; keep the range in the file's name",
    quality: TimeQuality::Day,
    network: Some("tiktok"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise: recognise_content,
    read: read_content,
    control: Control {
        files: &[(
            "Content_2026-08-01_2026-08-31.csv",
            b"\"Time\",\"Video title\",\"Video link\",\"Post time\",\"Total likes\",\"Total comments\",\"Total shares\",\"Total views\"\n\
              \"31 August\",\"New blend\",\"https://www.tiktok.com/@roastery/video/7400000000000000001\",\"24 August\",\"120\",\"4\",\"\",\"2,300\"\n",
        )],
        n_taken: 1,
    },
};

const NAMES: Names = &[
    ("date", Means::Day),
    ("datum", Means::Day),
    ("fecha", Means::Day),
    ("videoviews", Means::Figure(Figure::Views)),
    ("profileviews", Means::Figure(Figure::ProfileVisits)),
    ("uniqueviewers", Means::Figure(Figure::Reach)),
    ("reachedaudience", Means::Figure(Figure::Reach)),
    ("likes", Means::Figure(Figure::Likes)),
    ("comments", Means::Figure(Figure::Comments)),
    ("shares", Means::Figure(Figure::Shares)),
    ("videolink", Means::Link),
];

const CONTENT_NAMES: Names = &[
    ("time", Means::Mark),
    ("videotitle", Means::Text),
    ("videolink", Means::Link),
    ("posttime", Means::Published),
    ("totallikes", Means::Figure(Figure::Likes)),
    ("totalcomments", Means::Figure(Figure::Comments)),
    ("totalshares", Means::Figure(Figure::Shares)),
    ("totalviews", Means::Figure(Figure::Views)),
    ("totalsaves", Means::Figure(Figure::Saves)),
    ("totalfavorites", Means::Figure(Figure::Saves)),
];

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    let Some(grid) = grid(peek.head(), NAMES) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    // Views of videos beside those of the profile stand in no other platform's table.
    let both = has(Means::Figure(Figure::Views)) && has(Means::Figure(Figure::ProfileVisits));
    if has(Means::Day) && both && !has(Means::Link) { Claim::List } else { Claim::No }
}

fn recognise_content(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    let Some(grid) = grid(peek.head(), CONTENT_NAMES) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    if has(Means::Link) && has(Means::Published) && has(Means::Figure(Figure::Views)) { Claim::List } else { Claim::No }
}

/// The years that a file's days may be of.
struct Years {
    /// The first and the last day that its name tells.
    named: Option<(Day, Day)>,
    /// The years that its name tells, where it tells no days.
    told: Vec<i64>,
    /// When the zip around it was written.
    written: Option<TimeMs>,
}

impl Years {
    fn of(reading: &Reading<'_>, member: usize) -> Self {
        let member = &reading.bundle.members[member];
        let label = &reading.bundle.roots[member.root].label;
        let name = format!("{label}/{}", member.path);
        let bytes = name.as_bytes();
        let mut days = Vec::new();
        let mut years = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let n = bytes[at..].iter().take_while(|c| c.is_ascii_digit()).count();
            if n == 0 {
                at += 1;
                continue;
            }
            let digits = &name[at..at + n];
            let dashed = name.get(at..at + 10).filter(|_| n == 4).map(|text| text.replace('_', "-"));
            let packed = (n == 8).then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]));
            if let Some(day) = dashed.or(packed).and_then(|text| when::day(&text)) {
                days.push(day);
                at += if n == 8 { 8 } else { 10 };
                continue;
            }
            years.extend(digits.parse().ok().filter(|y| n == 4 && (2016_i64..=2100).contains(y)));
            at += n;
        }
        years.sort_unstable();
        years.dedup();
        let named = days.iter().min().copied().zip(days.iter().max().copied());
        Self { named, told: years, written: member.modified }
    }

    /// The day that a text without a year tells, if there is but one.
    fn day(&self, text: &str) -> Result<Day, String> {
        if let Some(whole) = super::grid::day(text) {
            return Ok(whole);
        }
        let of_year = |year: i64| spoken::moment(&format!("{} {year}", text.trim())).map(|m| m.at.day());
        if of_year(2024).is_none() {
            return Err(super::counts::not_a_day(text));
        }
        let candidates: Vec<Day> = match (self.named, &self.told[..], self.written) {
            // One day in the name is that of the download: the days lie before it.
            (Some((first, last)), ..) => {
                let first = if first == last { Day(last.0 - 365) } else { first };
                (2016..=2100).filter_map(of_year).filter(|day| (first..=last).contains(day)).collect()
            }
            (None, [], Some(written)) => {
                let last = written.day();
                (2016..=2100).filter_map(of_year).filter(|day| *day <= last && day.0 > last.0 - 365).collect()
            }
            (None, years, _) => years.iter().filter_map(|year| of_year(*year)).collect(),
        };
        match candidates[..] {
            [day] => Ok(day),
            _ => Err(format!(
                "expected a day with its year, found {}, and the file's name does not tell the year; name the file for its \
                 range, such as Overview_2026-08-01_2026-08-31.csv",
                quote(text)
            )),
        }
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut told = Told::default();
    for member in reading.members.clone() {
        let years = Years::of(reading, member);
        reading.file(member, |stream, desk| {
            each(
                stream,
                desk,
                NAMES,
                |_| false,
                |desk, line, row| {
                    let read =
                        || Ok::<_, String>((years.day(row.text(Means::Day).unwrap_or_default())?, row.figures()?));
                    match read() {
                        Ok((day, figures)) => told.account_day(desk, line, day, None, figures),
                        Err(why) => desk.reject(line, why),
                    }
                },
            )
        })?;
    }
    Ok(())
}

fn read_content(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        let years = Years::of(reading, member);
        reading.file(member, |stream, desk| {
            each(stream, desk, CONTENT_NAMES, |_| false, |desk, line, row| video(desk, line, row, &years))
        })?;
    }
    Ok(())
}

fn video(desk: &mut Desk<'_>, line: u64, row: &Row<'_>, years: &Years) -> Result<(), ImportError> {
    let read = || {
        let text = row.text(Means::Published).unwrap_or_default();
        let at = match moment(text) {
            Some(moment) => moment.at,
            None => years.day(text)?.start(),
        };
        let post_id = row.text(Means::Link).and_then(video_id);
        Ok::<_, String>(Post { post_id, kind: Some("video"), ..row.post(Some(at))? })
    };
    match read() {
        Ok(post) => desk.post(line, post),
        Err(why) => desk.reject(line, why),
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    const TABLE: &[u8] = b"\"Date\",\"Video Views\",\"Profile Views\",\"Likes\",\"Comments\",\"Shares\"\n\
        \"31 December\",\"10\",\"2\",\"3\",\"1\",\"1\"\n\"1 January\",\"20\",\"4\",\"-6\",\"2\",\"2\"\n";

    #[test]
    fn the_year_is_that_of_the_name_or_the_row_says_that_there_is_none() {
        // date -u -d 2025-12-31 +%s divided by 86400
        for name in ["Overview_2025-12-01_2026-01-31.csv", "Overview_20251201_20260131.csv", "overview 2026-02-03.csv"]
        {
            let kept = run_files(&[(name, TABLE)]).expect("an overview");
            assert_eq!((kept.others.len(), kept.rejects.len()), (2, 0), "{name}: {:?}", kept.rejects);
            assert!(
                kept.others[0].contains("Day(20453)") && kept.others[1].contains("Day(20454)"),
                "{:?}",
                kept.others
            );
            assert!(kept.others[1].contains("likes: Some(-6)"), "{:?}", kept.others);
        }
        for name in ["Overview.csv", "Overview 2025-2026.csv"] {
            let kept = run_files(&[(name, TABLE)]).expect("an overview");
            assert_eq!((kept.others.len(), kept.rejects.len()), (0, 2), "{name}");
            assert!(kept.rejects[0].why.contains("name the file for its range"), "{:?}", kept.rejects);
        }
        let kept = run_files(&[("2025/Overview.csv", TABLE)]).expect("an overview");
        assert!(kept.others[1].contains("Day(20089)"), "{:?}", kept.others);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/tiktok") else { return };
        let kept = run(&open(folder.join("Overview.csv"))).expect("an overview");
        assert_eq!((kept.others.len(), kept.rejects.len()), (0, 3), "{:?}", kept.rejects);
    }
}

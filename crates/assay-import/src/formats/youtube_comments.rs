//! `YouTube` in Google's Takeout: the comments that the account wrote.
//!
//! The order of the columns differs, and a text is pieces in JSON: `{"text":"…"},{"text":"…"}`. A `Price` above 0 is a Super
//! Chat that the account paid for. Files are named in the user's language; columns are in English where they are known.

use super::fields;
use crate::columns::plain;
use crate::delimited::{Next, Records};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::table::delimited::{Dialect, check_width, dialect, headed, no_header};
use crate::text::cell_text;
use crate::{Control, Importer, Layout, Yields};
use assay_model::when::{self, Form};
use assay_model::{Engagement, EngagementKind, Fact, TimeQuality};
use serde_json::Value;
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "youtube-comments",
    sentence: "YouTube in Google's Takeout: comments that the account wrote.",
    source: "takeout.google.com, YouTube and YouTube Music, comments",
    quality: TimeQuality::Exact,
    network: Some("youtube"),
    yields: Yields::Engagements,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "comments.csv",
            b"Channel ID,Comment Create Timestamp,Price,Comment ID,Parent Comment ID,Video ID,Comment Text\n\
              UC1,2026-09-01T10:00:00.000000+00:00,0,Ug1,,abc123def45,\"{\"\"text\"\":\"\"hi \"\"},{\"\"text\"\":\"\"you\"\"}\"\n\
              UC1,2026-09-02T10:00:00.000000+00:00,0,Ug1.2,Ug1,abc123def45,plain\n",
        )],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Column {
    Time,
    Id,
    Parent,
    Video,
    Text,
}

fn of(name: &str) -> Option<Column> {
    match plain(name).as_str() {
        "commentcreatetimestamp" => Some(Column::Time),
        "commentid" => Some(Column::Id),
        "parentcommentid" => Some(Column::Parent),
        "videoid" => Some(Column::Video),
        "commenttext" => Some(Column::Text),
        _ => None,
    }
}

fn layout(head: &[u8]) -> Option<Dialect> {
    let dialect = dialect(head, of)?;
    let has = |column| dialect.header.iter().any(|name| of(name) == Some(column));
    (has(Column::Time) && has(Column::Id)).then_some(dialect)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let is_table = peek.extension() == "csv" || peek.is_single();
    if is_table && layout(peek.head()).is_some() { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        reading.file(member, read_file)?;
    }
    Ok(())
}

fn read_file(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let Some(Dialect { delimiter, header, n_before }) = layout(&head) else {
        return Err(no_header::<crate::columns::Column>(&head, desk.name()));
    };
    let mut records = Records::new(stream, delimiter, &head);
    let mut n_met = 0;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => {
                n_met += 1;
                if n_met <= n_before + 1 {
                    continue;
                }
                if let Err(why) = check_width(record, header.len()) {
                    desk.reject(line, why)?;
                    continue;
                }
                let cell = |column| {
                    let place = header.iter().position(|name| of(name) == Some(column))?;
                    Some(cell_text(record.cell(place)).0.trim().to_owned()).filter(|t| !t.is_empty())
                };
                let time = cell(Column::Time).unwrap_or_default();
                let Some(at) = when::moment(&time).filter(|m| m.form != Form::Date) else {
                    desk.reject(line, format!("expected a time, found {}", crate::error::quote(&time)))?;
                    continue;
                };
                let (own, parent, video) = (cell(Column::Id), cell(Column::Parent), cell(Column::Video));
                let said = cell(Column::Text).map(|text| pieces(&text));
                let kind = if parent.is_some() { EngagementKind::Reply } else { EngagementKind::Comment };
                let source = desk.row(line);
                desk.take(Fact::Engagement(Engagement {
                    at: Some(at.at),
                    by_page: true,
                    post_id: video.as_deref(),
                    engagement_id: own.as_deref(),
                    answers: parent.as_deref(),
                    text: said.as_deref(),
                    source,
                    ..Engagement::new(kind)
                }))?;
            }
        }
    }
}

/// The text that pieces make, or what is no pieces as it is.
fn pieces(text: &str) -> String {
    match serde_json::from_str::<Vec<Value>>(&format!("[{text}]")) {
        Ok(all) if all.iter().all(|piece| piece.get("text").is_some()) => {
            all.iter().filter_map(|piece| fields::at(piece, &["text"])?.as_str()).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn pieces_are_put_together_and_answers_are_told_from_comments() {
        let kept = run_files(super::IMPORTER.control.files).expect("comments");
        assert!(kept.others[0].contains("\"hi you\"") && kept.others[0].contains("Comment"), "{:?}", kept.others);
        assert!(kept.others[1].contains("\"plain\"") && kept.others[1].contains("Reply"), "{:?}", kept.others);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/youtube/takeout/comments") else { return };
        let kept = run(&open(folder)).expect("comments");
        assert_eq!((kept.others.len(), kept.rejects.len()), (1, 0));
    }
}

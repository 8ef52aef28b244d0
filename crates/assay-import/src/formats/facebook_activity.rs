//! The export of a Facebook profile in JSON: its posts, its comments and its reactions.
//!
//! Rows have a `timestamp`, a `title` in the user's language ("Anna commented on Ben's photo.") and `data`, which holds what
//! was said or done. There are no ids, and whom it was done to stands in the title alone, so it is not known. All comments and
//! reactions are by the page. Meta writes UTF-8 bytes as if they were characters, which is repaired.

use super::fields::{at, each, lists, text, time};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::repaired;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, Post, TimeMs, TimeQuality};
use serde_json::Value;

pub(crate) const POSTS: Importer = Importer {
    id: "facebook-posts",
    sentence: "The export of a Facebook profile in JSON: its own posts.",
    source: "accountscenter.facebook.com, Your information and permissions, Export your information, format JSON",
    quality: TimeQuality::Exact,
    network: Some("facebook"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise: recognise_posts,
    read: read_posts,
    control: Control {
        files: &[(
            "your_facebook_activity/posts/your_posts__check_ins__photos_and_videos_1.json",
            b"[{\"timestamp\": 1700000000, \"data\": [{\"post\": \"Caf\\u00c3\\u00a9 open\"}], \"title\": \"Roastery updated a status.\"}, \
              {\"timestamp\": 1700000100, \"attachments\": [{\"data\": [{\"external_context\": {\"url\": \"https://a.example\"}}]}], \
              \"data\": [{\"update_timestamp\": 1700000100}]}]",
        )],
        n_taken: 2,
    },
};

pub(crate) const ACTIVITY: Importer = Importer {
    id: "facebook-activity",
    sentence: "The export of a Facebook profile in JSON: comments that it wrote and its reactions.",
    source: "accountscenter.facebook.com, Your information and permissions, Export your information, format JSON",
    quality: TimeQuality::Exact,
    network: Some("facebook"),
    yields: Yields::Engagements,
    layout: Layout::Platform,
    recognise: recognise_activity,
    read: read_activity,
    control: Control {
        files: &[
            (
                "your_facebook_activity/comments_and_reactions/comments.json",
                b"{\"comments_v2\": [{\"timestamp\": 1700000000, \"data\": [{\"comment\": {\"timestamp\": 1700000000, \
                  \"comment\": \"thanks\", \"author\": \"Roastery\"}}], \"title\": \"Roastery replied to Anna's comment.\"}]}",
            ),
            (
                "your_facebook_activity/comments_and_reactions/likes_and_reactions_1.json",
                b"[{\"timestamp\": 1700000001, \"data\": [{\"reaction\": {\"reaction\": \"LIKE\", \"actor\": \"Roastery\"}}], \"title\": \"x\"}]",
            ),
        ],
        n_taken: 2,
    },
};

fn says(peek: &Peek<'_>, text: &str) -> bool {
    memchr::memmem::find(peek.head(), text.as_bytes()).is_some()
}

fn recognise_posts(peek: &Peek<'_>) -> Claim {
    let named = peek.base().starts_with("your_posts") && peek.extension() == "json";
    if named && says(peek, "\"timestamp\"") { Claim::List } else { Claim::No }
}

fn recognise_activity(peek: &Peek<'_>) -> Claim {
    if peek.extension() != "json" {
        return Claim::No;
    }
    let comments = peek.base().starts_with("comments") && says(peek, "\"comments_v");
    let reactions = peek.base().starts_with("likes_and_reactions") && says(peek, "\"reaction\"");
    if comments || reactions { Claim::List } else { Claim::No }
}

/// The entries of `data` of a row.
fn data(row: &Value) -> impl Iterator<Item = &Value> {
    row.get("data").and_then(Value::as_array).into_iter().flatten()
}

fn read_posts(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            each(stream, desk, lists(|key| key.contains("posts_v")), |desk, index, _, row| post(desk, index, row))
        })?;
    }
    Ok(())
}

fn post(desk: &mut Desk<'_>, index: u64, row: &Value) -> Result<(), ImportError> {
    let published_at = match time(row, &["timestamp"]) {
        Ok(Some(at)) => Some(at),
        Ok(None) => return desk.reject(index, "expected when the post was published, found nothing"),
        Err(why) => return desk.reject(index, why),
    };
    let said = data(row).find_map(|d| text(d, &["post"])).map(repaired);
    let attached = || {
        let all = row.get("attachments").and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|a| a.get("data")?.as_array()).flatten()
    };
    let link = attached().find_map(|a| text(a, &["external_context", "url"]));
    let media = attached().find_map(|a| text(a, &["media", "uri"]));
    let kind = match media {
        Some(uri) if super::instagram_posts::is_video(uri) => "video",
        Some(_) => "photo",
        None if link.is_some() => "link",
        None => "text",
    };
    desk.post(index, Post { text: said.as_deref(), published_at, kind: Some(kind), ..Post::default() })
}

fn read_activity(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        let wanted = |key: &str| key.starts_with("comments_v") || key.starts_with("reactions_v");
        reading.file(member, |stream, desk| {
            each(stream, desk, lists(wanted), |desk, index, _, row| activity(desk, index, row))
        })?;
    }
    Ok(())
}

fn activity(desk: &mut Desk<'_>, index: u64, row: &Value) -> Result<(), ImportError> {
    let done = data(row).find_map(|d| {
        let comment = at(d, &["comment"]).map(|c| (EngagementKind::Comment, c));
        comment.or_else(|| at(d, &["reaction"]).map(|r| (EngagementKind::Like, r)))
    });
    let own: Result<Option<TimeMs>, String> = time(row, &["timestamp"]);
    match (done, own) {
        (_, Err(why)) => desk.reject(index, why),
        (None, _) => desk.reject(index, "expected a comment or a reaction, found neither"),
        (Some((kind, done)), Ok(own)) => {
            let said = text(done, &["comment"]).map(repaired);
            let source = desk.row(index);
            let engagement =
                Engagement { at: own, by_page: true, text: said.as_deref(), source, ..Engagement::new(kind) };
            desk.take(Fact::Engagement(engagement))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::run_files;

    #[test]
    fn rows_that_say_nothing_are_told() {
        let kept = run_files(super::ACTIVITY.control.files).expect("an export");
        assert!(kept.others[0].contains("thanks") && kept.others[1].contains("Like"), "{:?}", kept.others);
        let text =
            br#"{"comments_v2":[{"timestamp":1700000000,"title":"x"},{"timestamp":"soon","data":[{"comment":{}}]}]}"#;
        let kept = run_files(&[("comments.json", text)]).expect("an export");
        assert_eq!((kept.others.len(), kept.rejects.len()), (0, 2));
        let kept = run_files(super::POSTS.control.files).expect("an export");
        assert_eq!(kept.posts.kinds, ["text", "link"]);
    }
}

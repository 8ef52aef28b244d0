//! The archive that Mastodon makes of an account: its own posts, its answers, what it passed on and what it liked.
//!
//! `outbox.json` is an `ActivityStreams` collection: a `Create` of a note is a post or, where it answers somebody else's, an
//! engagement by the page; an `Announce` is a repost. `likes.json` holds addresses alone. Posts to named people are messages
//! and are not read. Followers are in no archive; the server's interface has them.

use super::fields::{at, each, id, lists, text, time, visible};
use crate::bundle::base_name;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, Post, TimeQuality};
use serde_json::Value;

pub(crate) const IMPORTER: Importer = Importer {
    id: "mastodon-archive",
    sentence: "The archive of a Mastodon account: its posts, its answers, what it passed on and what it liked.",
    source: "the server's Preferences, Import and export, Data export, Request your archive",
    quality: TimeQuality::Exact,
    network: Some("mastodon"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "actor.json",
                b"{\"id\": \"https://s.example/users/roastery\", \"type\": \"Person\", \"outbox\": \"outbox.json\", \
                  \"preferredUsername\": \"roastery\"}",
            ),
            (
                "outbox.json",
                b"{\"@context\": \"x\", \"type\": \"OrderedCollection\", \"totalItems\": 2, \"orderedItems\": [{\"type\": \"Create\", \
                  \"actor\": \"https://s.example/users/roastery\", \"published\": \"2026-09-01T09:00:00Z\", \"object\": \
                  {\"id\": \"https://s.example/users/roastery/statuses/1\", \"type\": \"Note\", \"content\": \"<p>New blend</p>\"}}, \
                  {\"type\": \"Announce\", \"actor\": \"https://s.example/users/roastery\", \"published\": \"2026-09-01T09:10:00Z\", \
                  \"object\": \"https://b.example/users/ben/statuses/7\"}]}",
            ),
            ("likes.json", b"{\"type\": \"OrderedCollection\", \"orderedItems\": [\"https://b.example/users/ben/statuses/8\"]}"),
        ],
        n_taken: 1,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    match peek.base() {
        "outbox.json" | "likes.json" if says("\"orderedItems\"") && says("\"OrderedCollection\"") => Claim::List,
        "actor.json" if says("\"preferredUsername\"") => Claim::Side,
        _ => Claim::No,
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut n_direct = 0_u64;
    for member in reading.members.clone() {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        let wanted = |key: &str| key == "orderedItems";
        match base.trim_end_matches(".gz") {
            "actor.json" => {
                let head = reading.head(member);
                let actor: Value = serde_json::from_slice(&head).unwrap_or_default();
                reading.file(member, |_, _| Ok(()))?;
                if let Some(handle) = text(&actor, &["preferredUsername"]) {
                    reading.tell(Fact::PageHandle(handle))?;
                }
            }
            "likes.json" => reading.file(member, |stream, desk| {
                each(stream, desk, lists(wanted), |desk, index, _, row| like(desk, index, row))
            })?,
            _ => reading.file(member, |stream, desk| {
                each(stream, desk, lists(wanted), |desk, index, _, row| {
                    if is_direct(row) {
                        n_direct += 1;
                        return Ok(());
                    }
                    activity(desk, index, row)
                })
            })?,
        }
    }
    if n_direct > 0 {
        reading.note(&format!("{n_direct} posts to named people alone are messages and were not read"))?;
    }
    Ok(())
}

/// Whether a post went to named people alone: neither to everybody nor to followers.
fn is_direct(row: &Value) -> bool {
    let receivers = || {
        let of = |key: &str| row.get(key).or_else(|| row.get("object")?.get(key));
        ["to", "cc"].into_iter().filter_map(of).flat_map(|v| match v {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            Value::String(one) => vec![one.as_str()],
            _ => Vec::new(),
        })
    };
    receivers().next().is_some()
        && !receivers().any(|r| r.ends_with("#Public") || r == "as:Public" || r.ends_with("/followers"))
}

fn like(desk: &mut Desk<'_>, index: u64, row: &Value) -> Result<(), ImportError> {
    let Some(post_id) = id(row, &[]).or_else(|| id(row, &["id"])) else {
        return desk.reject(index, "expected the address of a post, found none");
    };
    let source = desk.row(index);
    let like = Engagement::new(EngagementKind::Like);
    desk.take(Fact::Engagement(Engagement { by_page: true, post_id: Some(&post_id), source, ..like }))
}

fn activity(desk: &mut Desk<'_>, index: u64, row: &Value) -> Result<(), ImportError> {
    let published_at = match time(row, &["published"]) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let source = desk.row(index);
    let by_page = |kind| Engagement { at: published_at, by_page: true, source, ..Engagement::new(kind) };
    match text(row, &["type"]) {
        Some("Announce") => {
            let Some(post_id) = id(row, &["object"]).or_else(|| id(row, &["object", "id"])) else {
                return desk.reject(index, "expected what was passed on, found nothing");
            };
            let done = Engagement { post_id: Some(&post_id), ..by_page(EngagementKind::Repost) };
            return desk.take(Fact::Engagement(done));
        }
        Some("Create") => {}
        Some(other) => {
            return desk.reject(index, format!("expected Create or Announce, found {}", crate::error::quote(other)));
        }
        None => return desk.reject(index, "expected Create or Announce, found neither"),
    }
    let Some(note) = at(row, &["object"]) else { return desk.reject(index, "expected a post, found none") };
    let Some(post_id) = id(note, &["id"]) else { return desk.reject(index, "expected a post with an id, found none") };
    let said = text(note, &["content"]).map(visible);
    let said = said.as_deref().filter(|t| !t.is_empty());
    let actor = text(row, &["actor"]).unwrap_or_default();
    let is_own =
        |address: &str| !actor.is_empty() && address.strip_prefix(actor).is_some_and(|rest| rest.starts_with('/'));
    let mentions = || {
        let tags = note.get("tag").and_then(Value::as_array).into_iter().flatten();
        tags.filter(|tag| text(tag, &["type"]) == Some("Mention"))
    };
    if let Some(answers) = text(note, &["inReplyTo"]).filter(|a| !is_own(a)) {
        let whom = mentions()
            .find(|m| text(m, &["href"]).is_some_and(|h| answers.starts_with(h)))
            .or_else(|| mentions().next());
        let whom = whom.unwrap_or(&Value::Null);
        return desk.take(Fact::Engagement(Engagement {
            account_id: text(whom, &["href"]),
            handle: text(whom, &["name"]).map(|n| n.trim_start_matches('@')),
            post_id: Some(answers),
            answers: Some(answers),
            engagement_id: Some(&post_id),
            text: said,
            ..by_page(EngagementKind::Reply)
        }));
    }
    let media = note.pointer("/attachment/0").and_then(|a| text(a, &["mediaType"])).unwrap_or_default();
    let kind = match media.split('/').next() {
        Some("image") => "photo",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "text",
    };
    let total = |key: &str| super::fields::count(note, &[key, "totalItems"]);
    desk.post(
        index,
        Post {
            post_id: Some(&post_id),
            link: text(note, &["url"]).or_else(|| text(note, &["id"])),
            text: said,
            published_at,
            kind: Some(kind),
            likes: total("likes"),
            shares: total("shares"),
            ..Post::default()
        },
    )?;
    for whom in mentions() {
        desk.also(Fact::Engagement(Engagement {
            account_id: text(whom, &["href"]),
            handle: text(whom, &["name"]).map(|n| n.trim_start_matches('@')),
            post_id: Some(&post_id),
            engagement_id: Some(&post_id),
            ..by_page(EngagementKind::Mention)
        }))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn messages_are_not_read_and_answers_are_engagements() {
        let text = r#"{"type":"OrderedCollection","orderedItems":[
            {"type":"Create","actor":"https://s.example/users/r","published":"2026-09-01T09:00:00Z","to":["https://b.example/users/ben"],
             "object":{"id":"https://s.example/users/r/statuses/1","content":"secret"}},
            {"type":"Create","actor":"https://s.example/users/r","published":"2026-09-01T09:00:00Z","to":["https://www.w3.org/ns/activitystreams#Public"],
             "object":{"id":"https://s.example/users/r/statuses/2","content":"<p>yes</p>","inReplyTo":"https://b.example/users/ben/statuses/5",
             "tag":[{"type":"Mention","href":"https://b.example/users/ben","name":"@ben@b.example"}]}},
            {"type":"Create","actor":"https://s.example/users/r","published":"2026-09-01T09:00:00Z",
             "object":{"id":"https://s.example/users/r/statuses/3","content":"more","inReplyTo":"https://s.example/users/r/statuses/2"}},
            {"type":"Move"},{"type":"Create","published":"soon"}]}"#;
        let kept = run_files(&[("outbox.json", text.as_bytes())]).expect("an archive");
        assert_eq!((kept.posts.rows.len(), kept.others.len(), kept.rejects.len()), (1, 1, 2), "{:?}", kept.rejects);
        assert!(kept.others[0].contains("ben@b.example") && kept.others[0].contains("\"yes\""), "{:?}", kept.others);
        assert!(!format!("{kept:?}").contains("secret"));
        assert_eq!(kept.notes, ["1 posts to named people alone are messages and were not read"]);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/mastodon-archive") else { return };
        let kept = run(&open(folder)).expect("an archive");
        assert_eq!((kept.posts.rows.len(), kept.others.len(), kept.rejects.len()), (1, 0, 0));
        assert_eq!(kept.handle.as_deref(), Some("roastery"));
    }
}

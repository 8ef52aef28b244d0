//! Answers of a Mastodon server's interface about posts, saved as JSON: the account's own posts with their counts
//! (`/api/v1/accounts/:id/statuses`, or a single one), and what was answered to one (`/api/v1/statuses/:id/context`).
//!
//! Posts to named people alone are messages and are not read.

use super::fields::{at, count, each, id, text, time, visible};
use super::mastodon_api::body;
use crate::detect::{Claim, Peek};
use crate::elements::Way;
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, Post, TimeQuality};
use serde_json::Value;
use std::io::{Cursor, Read};

pub(crate) const POSTS: Importer = Importer {
    id: "mastodon-posts",
    sentence: "A Mastodon account's own posts, as the server's interface answers: text, favourites, reblogs, replies.",
    source: "docs.joinmastodon.org/methods/accounts/#statuses, pages saved",
    quality: TimeQuality::Exact,
    network: Some("mastodon"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise: |peek| recognise(peek, Kind::Posts),
    read: read_posts,
    control: Control {
        files: &[(
            "statuses.json",
            b"[{\"id\": \"1\", \"created_at\": \"2026-11-23T12:18:36.000Z\", \"visibility\": \"public\", \"account\": {\"id\": \"9\", \
              \"acct\": \"roastery\"}, \"content\": \"<p>New</p>\", \"favourites_count\": 2, \"reblogs_count\": 0, \"replies_count\": 1, \
              \"in_reply_to_id\": null, \"reblog\": null}]",
        )],
        n_taken: 1,
    },
};

pub(crate) const THREADS: Importer = Importer {
    id: "mastodon-threads",
    sentence: "What was answered to a Mastodon post, as the server's interface answers.",
    source: "docs.joinmastodon.org/methods/statuses/#context, answers saved",
    quality: TimeQuality::Exact,
    network: Some("mastodon"),
    yields: Yields::Engagements,
    layout: Layout::Platform,
    recognise: |peek| recognise(peek, Kind::Thread),
    read: read_threads,
    control: Control {
        files: &[(
            "context.json",
            b"{\"ancestors\": [], \"descendants\": [{\"id\": \"2\", \"created_at\": \"2026-11-23T12:18:37.000Z\", \"visibility\": \"public\", \
              \"account\": {\"id\": \"7\", \"acct\": \"anna\"}, \"content\": \"<p>When?</p>\", \"in_reply_to_id\": \"1\", \
              \"in_reply_to_account_id\": \"9\"}]}",
        )],
        n_taken: 1,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Posts,
    Thread,
}

fn recognise(peek: &Peek<'_>, wanted: Kind) -> Claim {
    if !(matches!(peek.extension(), "json" | "txt" | "http") || peek.is_single()) {
        return Claim::No;
    }
    let head = &peek.head()[body(peek.head())..];
    let says = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    let posts = says("\"acct\"") && says("\"visibility\"") && says("\"created_at\"");
    let first = head.iter().find(|b| !b.is_ascii_whitespace());
    let kind = match first {
        _ if !posts => return Claim::No,
        Some(b'{') if says("\"descendants\"") && says("\"ancestors\"") => Kind::Thread,
        // Whose account it is, or a notification, is no post.
        Some(b'{') if says("\"followers_count\"") && !says("\"favourites_count\"") => return Claim::No,
        Some(b'{' | b'[') if says("\"status\"") && says("\"type\"") && !says("\"reblog\"") => return Claim::No,
        Some(b'{' | b'[') => Kind::Posts,
        _ => return Claim::No,
    };
    if kind == wanted { Claim::List } else { Claim::No }
}

fn is_direct(row: &Value) -> bool {
    text(row, &["visibility"]) == Some("direct")
}

/// An answer without its headers, a single post as a list of one.
fn answer(stream: &mut dyn Read) -> std::io::Result<Box<dyn Read + '_>> {
    let mut head = Vec::new();
    stream.take(crate::bundle::HEAD_BYTES as u64).read_to_end(&mut head)?;
    head.drain(..body(&head));
    let single = head.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
        && memchr::memmem::find(&head, b"\"descendants\"").is_none();
    let rest = Cursor::new(head).chain(stream);
    Ok(if single { Box::new(Cursor::new(b"[").chain(rest).chain(Cursor::new(b"]"))) } else { Box::new(rest) })
}

fn read_posts(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut page: Option<(String, Option<String>)> = None;
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            let mut stream = answer(stream).map_err(|e| desk.broken(&e))?;
            each(&mut stream, desk, |_| Way::Skip, |desk, index, _, row| post(desk, index, row, &mut page))
        })?;
    }
    if let Some((_, Some(handle))) = page {
        reading.tell(Fact::PageHandle(&handle))?;
    }
    Ok(())
}

fn post(
    desk: &mut Desk<'_>,
    index: u64,
    row: &Value,
    page: &mut Option<(String, Option<String>)>,
) -> Result<(), ImportError> {
    if is_direct(row) {
        return Ok(());
    }
    let (Some(post_id), Some(author)) = (id(row, &["id"]), id(row, &["account", "id"])) else {
        return desk.reject(index, "expected a post with an id and an account, found none");
    };
    let published_at = match time(row, &["created_at"]) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let (page, _) = page.get_or_insert_with(|| (author.to_string(), id(row, &["account", "acct"]).map(Into::into)));
    if *page != *author {
        return desk.reject(index, "the post is of another account than the first of the list");
    }
    let source = desk.row(index);
    if let Some(passed_on) = at(row, &["reblog"]) {
        return desk.take(Fact::Engagement(Engagement {
            at: published_at,
            by_page: true,
            account_id: id(passed_on, &["account", "id"]).as_deref(),
            handle: id(passed_on, &["account", "acct"]).as_deref(),
            post_id: id(passed_on, &["id"]).as_deref(),
            engagement_id: Some(&post_id),
            source,
            ..Engagement::new(EngagementKind::Repost)
        }));
    }
    let said = text(row, &["content"]).map(visible);
    let said = said.as_deref().filter(|t| !t.is_empty());
    let to = id(row, &["in_reply_to_account_id"]).filter(|to| *to != author);
    if let Some(to) = to {
        let answers = id(row, &["in_reply_to_id"]);
        return desk.take(Fact::Engagement(Engagement {
            at: published_at,
            by_page: true,
            account_id: Some(&to),
            post_id: answers.as_deref(),
            engagement_id: Some(&post_id),
            answers: answers.as_deref(),
            text: said,
            source,
            ..Engagement::new(EngagementKind::Reply)
        }));
    }
    let media = row.pointer("/media_attachments/0").and_then(|m| text(m, &["type"]));
    let kind = match media {
        Some("image") => "photo",
        Some(other) => other,
        None => "text",
    };
    desk.post(
        index,
        Post {
            post_id: Some(&post_id),
            link: text(row, &["url"]).or_else(|| text(row, &["uri"])),
            text: said,
            published_at,
            kind: Some(kind),
            likes: count(row, &["favourites_count"]),
            comments: count(row, &["replies_count"]),
            shares: count(row, &["reblogs_count"]),
            ..Post::default()
        },
    )
}

fn read_threads(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            let mut stream = answer(stream).map_err(|e| desk.broken(&e))?;
            let way = |path: &[String]| match path {
                [key] if key == "ancestors" || key == "descendants" => Way::List,
                _ => Way::Skip,
            };
            // The post that the thread hangs on, and whose it is.
            let mut root: Option<(String, Option<String>)> = None;
            each(&mut stream, desk, way, |desk, index, keys, row| {
                let is_above = keys.last().is_some_and(|key| key == "ancestors");
                let key = |path: &[&str]| id(row, path).map(String::from);
                if root.is_none() {
                    root = if is_above {
                        key(&["id"]).map(|id| (id, key(&["account", "id"])))
                    } else {
                        key(&["in_reply_to_id"]).map(|id| (id, key(&["in_reply_to_account_id"])))
                    };
                    if is_above {
                        desk.took();
                        return Ok(());
                    }
                }
                comment(desk, index, row, root.as_ref())
            })
        })?;
    }
    Ok(())
}

fn comment(
    desk: &mut Desk<'_>,
    index: u64,
    row: &Value,
    root: Option<&(String, Option<String>)>,
) -> Result<(), ImportError> {
    if is_direct(row) {
        return Ok(());
    }
    let (Some(own), Some(author)) = (id(row, &["id"]), id(row, &["account", "id"])) else {
        return desk.reject(index, "expected a post with an id and an account, found none");
    };
    let at = match time(row, &["created_at"]) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let by_page = root.is_some_and(|(_, page)| page.as_deref() == Some(&*author));
    let (answers, whom) = (id(row, &["in_reply_to_id"]), id(row, &["in_reply_to_account_id"]));
    let handle = id(row, &["account", "acct"]).filter(|_| !by_page);
    let said = text(row, &["content"]).map(visible);
    let source = desk.row(index);
    desk.take(Fact::Engagement(Engagement {
        at,
        by_page,
        account_id: if by_page { whom.as_deref() } else { Some(&author) },
        handle: handle.as_deref(),
        display_name: text(row, &["account", "display_name"]).filter(|_| !by_page),
        post_id: root.map(|(id, _)| id.as_str()),
        engagement_id: Some(&own),
        answers: answers.as_deref(),
        text: said.as_deref(),
        source,
        ..Engagement::new(EngagementKind::Comment)
    }))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/mastodon-api") else { return };
        let post = run(&open(folder.join("status.json"))).expect("a post");
        assert_eq!(
            (post.posts.rows.len(), post.rejects.len(), post.handle.as_deref()),
            (1, 0, Some("roastery@localhost:8001"))
        );
        let thread = run(&open(folder.join("context.json"))).expect("a thread");
        assert_eq!((thread.others.len(), thread.rejects.len()), (1, 0));
        assert!(thread.others[0].contains("can I pre-order?") && thread.others[0].contains("alice@localhost:8001"));
        let notified = run(&open(folder.join("notifications.json"))).expect("notifications");
        assert_eq!((notified.follows.len(), notified.others.len(), notified.rejects.len()), (0, 1, 0));
        assert!(notified.others[0].contains("Like") && notified.others[0].contains("bob@localhost:8001"));
    }

    #[test]
    fn messages_are_not_read_and_posts_of_others_are_told() {
        let text = r#"[{"id":"1","created_at":"2026-11-23T12:18:36.000Z","visibility":"public","account":{"id":"9","acct":"r"},"content":"a"},
            {"id":"2","created_at":"2026-11-23T12:18:36.000Z","visibility":"direct","account":{"id":"9","acct":"r"},"content":"secret"},
            {"id":"3","created_at":"2026-11-23T12:18:36.000Z","visibility":"public","account":{"id":"9","acct":"r"},"content":"",
             "reblog":{"id":"5","account":{"id":"7","acct":"zo"}}},
            {"id":"4","created_at":"2026-11-23T12:18:36.000Z","visibility":"public","account":{"id":"8","acct":"x"},"content":"b"}]"#;
        let kept = run_files(&[("statuses.json", text.as_bytes())]).expect("posts");
        assert_eq!((kept.posts.rows.len(), kept.others.len(), kept.rejects.len()), (1, 1, 1), "{:?}", kept.rejects);
        assert!(!format!("{kept:?}").contains("secret"));
        let direct = r#"[{"id":"1","type":"mention","created_at":"2026-11-23T12:18:36.000Z","account":{"id":"9","acct":"r"},
            "status":{"id":"4","visibility":"direct","content":"secret"}},{"id":"2","type":"mention","created_at":"2026-11-23T12:18:36.000Z",
            "account":{"id":"9","acct":"r"},"status":{"id":"5","in_reply_to_id":"3","visibility":"public","content":"<p>hi</p>"}}]"#;
        let kept = run_files(&[("notifications.json", direct.as_bytes())]).expect("notifications");
        assert_eq!((kept.others.len(), kept.rejects.len()), (1, 0));
        assert!(kept.others[0].contains("Reply") && kept.others[0].contains("\"hi\""), "{:?}", kept.others);
    }
}

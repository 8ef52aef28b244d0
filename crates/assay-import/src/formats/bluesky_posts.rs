//! Answers of the Bluesky interface about posts, saved as JSON: the account's own posts with their counts
//! (`app.bsky.feed.getAuthorFeed`), what was answered to one (`getPostThread`), and what notifications tell beside follows.
//!
//! Ids are the addresses of records; the key of an address is a time, which is taken where it can be read, for a record's own
//! date is the word of the program that wrote it.

use super::bluesky_records::key_of_uri;
use super::fields::{count, each, id, lists, text, time};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, Post, TimeMs, TimeQuality};
use serde_json::Value;
use std::io::Read as _;

pub(crate) const FEED: Importer = Importer {
    id: "bluesky-posts",
    sentence: "A Bluesky account's own posts, as the interface answers: text, likes, reposts, replies.",
    source: "docs.bsky.app, app.bsky.feed.getAuthorFeed, pages saved",
    quality: TimeQuality::Exact,
    network: Some("bluesky"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise: |peek| recognise(peek, "feed", b'['),
    read: read_feed,
    control: Control {
        files: &[(
            "getAuthorFeed.json",
            b"{\"feed\": [{\"post\": {\"uri\": \"at://did:plc:page/app.bsky.feed.post/3n2y434zcdc26\", \"author\": {\"did\": \"did:plc:page\", \
              \"handle\": \"r.test\"}, \"record\": {\"text\": \"New blend\", \"createdAt\": \"2026-11-23T12:12:32.000Z\"}, \
              \"replyCount\": 1, \"repostCount\": 0, \"likeCount\": 1}}], \"cursor\": \"x\"}",
        )],
        n_taken: 1,
    },
};

pub(crate) const THREAD: Importer = Importer {
    id: "bluesky-threads",
    sentence: "What was answered to a Bluesky post, as the interface answers.",
    source: "docs.bsky.app, app.bsky.feed.getPostThread, answers saved",
    quality: TimeQuality::Exact,
    network: Some("bluesky"),
    yields: Yields::Engagements,
    layout: Layout::Platform,
    recognise: |peek| recognise(peek, "thread", b'{'),
    read: read_threads,
    control: Control {
        files: &[(
            "getPostThread.json",
            b"{\"thread\": {\"post\": {\"uri\": \"at://did:plc:page/app.bsky.feed.post/3n2y434zcdc26\", \"author\": {\"did\": \"did:plc:page\"}, \
              \"record\": {\"text\": \"New\"}}, \"replies\": [{\"post\": {\"uri\": \"at://did:plc:anna/app.bsky.feed.post/3n2y435dx5k26\", \
              \"author\": {\"did\": \"did:plc:anna\", \"handle\": \"anna.test\"}, \"record\": {\"text\": \"When?\"}}, \"replies\": []}]}}",
        )],
        n_taken: 1,
    },
};

fn recognise(peek: &Peek<'_>, key: &str, opens: u8) -> Claim {
    if !(peek.extension() == "json" || peek.is_single()) {
        return Claim::No;
    }
    let mut head = peek.head().iter().copied().filter(|c| !c.is_ascii_whitespace());
    let start = format!("{{\"{key}\":");
    let begins = head.by_ref().take(start.len()).eq(start.bytes()) && head.next() == Some(opens);
    let cursor_first = || {
        let key = format!("\"{key}\":");
        peek.head().starts_with(b"{\"cursor\"") && memchr::memmem::find(peek.head(), key.as_bytes()).is_some()
    };
    let of_bluesky = memchr::memmem::find(peek.head(), b"at://did:").is_some();
    if of_bluesky && (begins || cursor_first()) { Claim::List } else { Claim::No }
}

/// When a record was made: as its key tells, else as the answer says that it was met.
fn made(row: &Value) -> Result<Option<TimeMs>, String> {
    let keyed = text(row, &["uri"]).and_then(key_of_uri).map(|(_, at)| at);
    Ok(keyed.or(time(row, &["indexedAt"])?).or(time(row, &["record", "createdAt"])?))
}

fn read_feed(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut page: Option<(String, Option<String>)> = None;
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            each(stream, desk, lists(|key| key == "feed"), |desk, index, _, row| entry(desk, index, row, &mut page))
        })?;
    }
    if let Some((_, Some(handle))) = page {
        reading.tell(Fact::PageHandle(&handle))?;
    }
    Ok(())
}

fn entry(
    desk: &mut Desk<'_>,
    index: u64,
    row: &Value,
    page: &mut Option<(String, Option<String>)>,
) -> Result<(), ImportError> {
    let Some(post) = row.get("post") else { return desk.reject(index, "expected a post, found none") };
    let (Some(uri), Some(author)) = (id(post, &["uri"]), id(post, &["author", "did"])) else {
        return desk.reject(index, "expected a post with its address and author, found none");
    };
    let at = match made(post) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let source = desk.row(index);
    if let Some(reason) = row.get("reason").filter(|r| r.get("by").is_some()) {
        let at = time(reason, &["indexedAt"]).ok().flatten();
        let handle = id(post, &["author", "handle"]);
        let (account_id, handle, post_id) = (Some(&*author), handle.as_deref(), Some(&*uri));
        let repost = Engagement::new(EngagementKind::Repost);
        return desk.take(Fact::Engagement(Engagement {
            at,
            by_page: true,
            account_id,
            handle,
            post_id,
            source,
            ..repost
        }));
    }
    let (page, _) = page.get_or_insert_with(|| (author.to_string(), id(post, &["author", "handle"]).map(Into::into)));
    if *page != *author {
        return desk.reject(index, "the post is of another account than the first of the list");
    }
    let said = text(post, &["record", "text"]);
    let parent = id(post, &["record", "reply", "parent", "uri"]);
    if let Some(parent) = parent {
        let whose = parent.strip_prefix("at://").and_then(|rest| rest.split('/').next());
        if whose != Some(&*author) {
            return desk.take(Fact::Engagement(Engagement {
                at,
                by_page: true,
                account_id: whose,
                post_id: id(post, &["record", "reply", "root", "uri"]).as_deref(),
                engagement_id: Some(&uri),
                answers: Some(&parent),
                text: said,
                source,
                ..Engagement::new(EngagementKind::Reply)
            }));
        }
    }
    let embed = text(post, &["record", "embed", "$type"]).unwrap_or_default();
    let kind = ["images", "video", "external"].into_iter().find(|kind| embed.contains(kind));
    let kind = match kind {
        Some("images") => "photo",
        Some("external") => "link",
        Some(other) => other,
        None => "text",
    };
    let reposts = count(post, &["repostCount"]);
    desk.post(
        index,
        Post {
            post_id: Some(&uri),
            text: said,
            published_at: at,
            kind: Some(kind),
            likes: count(post, &["likeCount"]),
            comments: count(post, &["replyCount"]),
            shares: reposts.map(|n| n.saturating_add(count(post, &["quoteCount"]).unwrap_or(0))),
            saves: count(post, &["bookmarkCount"]),
            ..Post::default()
        },
    )
}

/// Bytes of an answer about a thread; the interface cuts threads long before.
const THREAD_BYTES_MAX: u64 = 32 << 20;

fn read_threads(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            let mut bytes = Vec::new();
            stream.take(THREAD_BYTES_MAX).read_to_end(&mut bytes).map_err(|e| desk.broken(&e))?;
            let answer: Value = match serde_json::from_slice(&bytes) {
                Ok(answer) => answer,
                Err(e) => return desk.reject(1, format!("expected a thread, found an error ({e})")),
            };
            let Some(thread) = answer.get("thread") else { return desk.reject(1, "expected a thread, found none") };
            let Some(root) = id(thread, &["post", "uri"]) else {
                return desk.reject(1, "expected a post with its address, found none");
            };
            let page = id(thread, &["post", "author", "did"]).unwrap_or_default();
            // In the order in which the answer has them; rows are counted from 1.
            let mut waiting: Vec<(&Value, &str)> = answers(thread, &root);
            let mut index = 0;
            while let Some((row, parent)) = waiting.pop() {
                index += 1;
                if let Some(uri) = row.get("post").and_then(|p| p.get("uri")).and_then(Value::as_str) {
                    waiting.extend(answers(row, uri));
                }
                comment(desk, index, row, &root, parent, &page)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// What stands below a post, the first last.
fn answers<'a>(row: &'a Value, parent: &'a str) -> Vec<(&'a Value, &'a str)> {
    let all = row.get("replies").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    all.iter().rev().map(|row| (row, parent)).collect()
}

fn comment(
    desk: &mut Desk<'_>,
    index: u64,
    row: &Value,
    root: &str,
    parent: &str,
    page: &str,
) -> Result<(), ImportError> {
    let post = row.get("post").unwrap_or(&Value::Null);
    let (Some(uri), Some(author)) = (id(post, &["uri"]), id(post, &["author", "did"])) else {
        return desk.reject(index, "expected a post with its address and author, found one that is hidden or gone");
    };
    let at = match made(post) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let by_page = author == page;
    let whom = parent.strip_prefix("at://").and_then(|rest| rest.split('/').next());
    let handle = id(post, &["author", "handle"]).filter(|_| !by_page);
    let source = desk.row(index);
    desk.take(Fact::Engagement(Engagement {
        at,
        by_page,
        account_id: if by_page { whom } else { Some(&author) },
        handle: handle.as_deref(),
        display_name: text(post, &["author", "displayName"]).filter(|_| !by_page),
        post_id: Some(root),
        engagement_id: Some(&uri),
        answers: Some(parent),
        text: text(post, &["record", "text"]),
        source,
        ..Engagement::new(EngagementKind::Comment)
    }))
}

/// Takes a notification of something else than a follow; others than of engagements are no rows.
pub(super) fn notified(desk: &mut Desk<'_>, index: u64, bytes: &[u8]) -> Result<(), ImportError> {
    let row: Value = match serde_json::from_slice(bytes) {
        Ok(row) => row,
        Err(e) => return desk.reject(index, format!("expected a notification, found an error ({e})")),
    };
    let kind = match text(&row, &["reason"]) {
        Some("like" | "like-via-repost") => EngagementKind::Like,
        Some("repost" | "repost-via-repost") => EngagementKind::Repost,
        Some("mention") => EngagementKind::Mention,
        Some("reply") => EngagementKind::Reply,
        Some("quote") => EngagementKind::Quote,
        _ => return Ok(()),
    };
    let at = match made(&row) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let (account_id, handle) = (id(&row, &["author", "did"]), id(&row, &["author", "handle"]));
    if account_id.is_none() {
        return desk.reject(index, "expected the account that did it, found none");
    }
    let about = id(&row, &["record", "reply", "root", "uri"]).or_else(|| id(&row, &["reasonSubject"]));
    let (uri, parent) = (id(&row, &["uri"]), id(&row, &["record", "reply", "parent", "uri"]));
    let source = desk.row(index);
    desk.take(Fact::Engagement(Engagement {
        at,
        account_id: account_id.as_deref(),
        handle: handle.as_deref(),
        display_name: text(&row, &["author", "displayName"]),
        post_id: about.as_deref(),
        engagement_id: uri.as_deref(),
        answers: parent.as_deref(),
        text: text(&row, &["record", "text"]).filter(|_| kind.is_spoken()),
        source,
        ..Engagement::new(kind)
    }))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, shared};

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/bluesky") else { return };
        let feed = run(&open(folder.join("getAuthorFeed.json"))).expect("a feed");
        assert_eq!((feed.posts.rows.len(), feed.rejects.len(), feed.handle.as_deref()), (1, 0, Some("roastery.test")));
        let thread = run(&open(folder.join("getPostThread.json"))).expect("a thread");
        assert_eq!((thread.others.len(), thread.rejects.len()), (1, 0));
        assert!(thread.others[0].contains("Can I pre-order?") && thread.others[0].contains("alice.test"));
        let notified = run(&open(folder.join("listNotifications.json"))).expect("notifications");
        assert_eq!((notified.follows.len(), notified.others.len(), notified.rejects.len()), (2, 2, 0));
        assert!(notified.others[0].contains("Reply") && notified.others[1].contains("Like"), "{:?}", notified.others);
    }
}

//! The archive of X: the account's own posts, what it answered, passed on and liked.
//!
//! `tweets.js` (older archives: `tweet.js`, and further parts) holds everything the account wrote: its posts; its answers to
//! others, which are engagements by the page; and what it passed on, which begins with `RT @`. Answers to its own posts are
//! posts. Whom a post mentions, the page spoke to. Numbers are written as text, and texts guard `&` and `<`. `like.js` holds
//! what it liked, without times. What others answered is in no archive. Whose archive it is, `account.js` beside it tells.

use super::fields::{count, each, id, lists, text, time, unescaped};
use crate::bundle::base_name;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, Post, TimeMs, TimeQuality};
use serde_json::Value;

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-posts",
    sentence: "The archive of an X account: its posts, its answers, what it passed on and what it liked.",
    source: "x.com, Settings, Your account, Download an archive of your data",
    quality: TimeQuality::Exact,
    network: Some("x"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "data/tweets.js",
                b"window.YTD.tweets.part0 = [ { \"tweet\" : { \"id_str\" : \"1963100000000000001\", \"favorite_count\" : \"9\", \
                  \"retweet_count\" : \"1\", \"created_at\" : \"Tue Sep 01 09:00:00 +0000 2026\", \"full_text\" : \"New blend &amp; a caf\xc3\xa9\", \
                  \"entities\" : { \"user_mentions\" : [ ] } } }, { \"tweet\" : { \"id_str\" : \"1963100000000000002\", \
                  \"created_at\" : \"Tue Sep 01 10:00:00 +0000 2026\", \"full_text\" : \"@anna yes\", \
                  \"in_reply_to_status_id_str\" : \"1963100000000000000\", \"in_reply_to_user_id_str\" : \"12\", \
                  \"in_reply_to_screen_name\" : \"anna\" } } ]",
            ),
            ("data/like.js", b"window.YTD.like.part0 = [ { \"like\" : { \"tweetId\" : \"1627031510963441664\", \"fullText\" : \"x\" } } ]"),
        ],
        n_taken: 1,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Named {
    Posts,
    Likes,
}

/// What the name of a member says that it holds.
fn name_of(base: &str) -> Option<Named> {
    let stem = base.strip_suffix(".js")?;
    let (name, part) = stem.rsplit_once("-part").unwrap_or((stem, "0"));
    let numbered = !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    match name {
        "tweets" | "tweet" if numbered => Some(Named::Posts),
        "like" | "likes" if numbered => Some(Named::Likes),
        _ => None,
    }
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    match name_of(peek.base()) {
        Some(Named::Posts) if says("YTD.tweet") => Claim::List,
        Some(Named::Likes) if says("YTD.like") => Claim::List,
        _ => Claim::No,
    }
}

/// Whose archive it is.
#[derive(Default)]
struct Owner {
    id: Option<String>,
    handle: Option<String>,
}

/// Reads whose archive it is off the account's entry beside this member.
fn owner(reading: &Reading<'_>, member: usize) -> Owner {
    let own = &reading.bundle.members[member];
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let beside = |m: &usize| {
        let other = &reading.bundle.members[*m];
        let together = other.root == own.root
            || (reading.bundle.roots[other.root].single && reading.bundle.roots[own.root].single);
        together
            && base_name(&other.path).eq_ignore_ascii_case("account.js")
            && folder(&other.path) == folder(&own.path)
    };
    let Some(found) = (0..reading.bundle.members.len()).find(beside) else { return Owner::default() };
    let head = reading.head(found);
    let list = head.iter().position(|b| *b == b'[').map_or(&[][..], |start| &head[start..]);
    let end = list.iter().rposition(|b| *b == b']').map_or(0, |end| end + 1);
    let rows: Value = serde_json::from_slice(&list[..end]).unwrap_or_default();
    let account = rows.get(0).and_then(|row| row.get("account")).unwrap_or(&Value::Null);
    Owner { id: id(account, &["accountId"]).map(Into::into), handle: id(account, &["username"]).map(Into::into) }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let members = reading.members.clone();
    let owner = members.first().map(|m| owner(reading, *m)).unwrap_or_default();
    for member in members {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        let named = name_of(base.trim_end_matches(".gz")).unwrap_or(Named::Posts);
        reading.file(member, |stream, desk| {
            each(stream, desk, lists(|_| true), |desk, index, _, row| match named {
                Named::Posts => post(desk, index, row.get("tweet").unwrap_or(row), &owner),
                Named::Likes => like(desk, index, row.get("like").unwrap_or(row)),
            })
        })?;
    }
    if let Some(handle) = owner.handle {
        reading.tell(Fact::PageHandle(&handle))?;
    }
    Ok(())
}

fn like(desk: &mut Desk<'_>, index: u64, row: &Value) -> Result<(), ImportError> {
    let Some(post_id) = id(row, &["tweetId"]) else {
        return desk.reject(index, "expected a tweetId, found none");
    };
    let source = desk.row(index);
    let like = Engagement::new(EngagementKind::Like);
    desk.take(Fact::Engagement(Engagement { by_page: true, post_id: Some(&post_id), source, ..like }))
}

fn post(desk: &mut Desk<'_>, index: u64, row: &Value, owner: &Owner) -> Result<(), ImportError> {
    let Some(post_id) = id(row, &["id_str"]).or_else(|| id(row, &["id"])) else {
        return desk.reject(index, "expected a post with an id, found none");
    };
    let at = match time(row, &["created_at"]) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let said = text(row, &["full_text"]).or_else(|| text(row, &["text"])).map(unescaped);
    let said = said.as_deref();
    let mentions = row.pointer("/entities/user_mentions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let source = desk.row(index);
    let passed_on = said.is_some_and(|t| t.starts_with("RT @"));
    let to_id = id(row, &["in_reply_to_user_id_str"]).or_else(|| id(row, &["in_reply_to_user_id"]));
    let to_handle = id(row, &["in_reply_to_screen_name"]);
    let is_own = owner.id.is_some() && owner.id.as_deref() == to_id.as_deref()
        || owner.handle.as_deref().zip(to_handle.as_deref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
    let base = Engagement {
        at,
        by_page: true,
        engagement_id: Some(&post_id),
        source,
        ..Engagement::new(EngagementKind::Reply)
    };
    if passed_on {
        let whose = mentions.first().unwrap_or(&Value::Null);
        let (account, handle) = (mentioned_id(whose), id(whose, &["screen_name"]));
        return desk.take(Fact::Engagement(Engagement {
            kind: EngagementKind::Repost,
            account_id: account.as_deref(),
            handle: handle.as_deref(),
            ..base
        }));
    }
    let answers = id(row, &["in_reply_to_status_id_str"]).or_else(|| id(row, &["in_reply_to_status_id"]));
    if (to_id.is_some() || to_handle.is_some()) && !is_own {
        return desk.take(Fact::Engagement(Engagement {
            account_id: to_id.as_deref(),
            handle: to_handle.as_deref(),
            post_id: answers.as_deref(),
            answers: answers.as_deref(),
            text: said,
            ..base
        }));
    }
    own_post(desk, index, row, &post_id, said, at)?;
    for whom in mentions {
        let (account, handle) = (mentioned_id(whom), id(whom, &["screen_name"]));
        if account.is_none() && handle.is_none() {
            continue;
        }
        desk.also(Fact::Engagement(Engagement {
            kind: EngagementKind::Mention,
            account_id: account.as_deref(),
            handle: handle.as_deref(),
            display_name: text(whom, &["name"]),
            post_id: Some(&post_id),
            ..base
        }))?;
    }
    Ok(())
}

/// The id of an account that is mentioned; X writes -1 for accounts that are no more.
fn mentioned_id(whom: &Value) -> Option<std::borrow::Cow<'_, str>> {
    id(whom, &["id_str"]).or_else(|| id(whom, &["id"])).filter(|id| !id.starts_with('-'))
}

fn own_post(
    desk: &mut Desk<'_>,
    index: u64,
    row: &Value,
    post_id: &str,
    said: Option<&str>,
    published_at: Option<TimeMs>,
) -> Result<(), ImportError> {
    let media = row.pointer("/extended_entities/media/0/type").or_else(|| row.pointer("/entities/media/0/type"));
    let has_link = row.pointer("/entities/urls/0").is_some();
    let kind = media.and_then(Value::as_str).unwrap_or(if has_link { "link" } else { "text" });
    let link = format!("https://x.com/i/web/status/{post_id}");
    desk.post(
        index,
        Post {
            post_id: Some(post_id),
            link: Some(&link),
            text: said,
            published_at,
            kind: Some(kind),
            likes: count(row, &["favorite_count"]),
            shares: count(row, &["retweet_count"]),
            ..Post::default()
        },
    )
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};
    use crate::{Bundle, Limits};
    use assay_model::TimeMs;

    #[test]
    fn answers_and_what_was_passed_on_are_engagements_by_the_page() {
        let text = br#"window.YTD.tweets.part0 = [
            {"tweet":{"id":"11","full_text":"thread","in_reply_to_status_id_str":"10","in_reply_to_user_id_str":"1","in_reply_to_screen_name":"Roastery"}},
            {"tweet":{"id":"12","full_text":"RT @ben: good","entities":{"user_mentions":[{"id_str":"7","screen_name":"ben"}]}}},
            {"tweet":{"id":"13","full_text":"with @ben and @zo","entities":{"user_mentions":[{"id_str":"7","screen_name":"ben"},{"id_str":"-1","screen_name":"zo"}]}}},
            {"tweet":{"id":"14","created_at":"soon"}},{"tweet":{"full_text":"x"}}]"#;
        let account = br#"window.YTD.account.part0 = [{"account":{"username":"roastery","accountId":"1"}}]"#;
        let kept = run_files(&[("tweets.js", text), ("account.js", account)]).expect("an archive");
        assert_eq!((kept.posts.rows.len(), kept.rejects.len()), (2, 2), "{:?}", kept.rejects);
        assert_eq!(kept.others.len(), 3);
        assert!(kept.others[0].contains("Repost") && kept.others[0].contains("by_page: true"), "{}", kept.others[0]);
        assert!(
            kept.others[2].contains("Mention") && kept.others[2].contains("account_id: None"),
            "{}",
            kept.others[2]
        );
        assert_eq!(kept.handle.as_deref(), Some("roastery"));
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/x-archive/2026") else { return };
        let data = folder.join("data");
        let files = Bundle::open(&[data.join("tweets.js"), data.join("like.js")], &Limits::default()).expect("files");
        let kept = run(&files).expect("posts");
        assert_eq!((kept.posts.rows.len(), kept.others.len(), kept.rejects.len()), (1, 1, 0));
        // date -u -d 2026-09-01T09:00:00Z +%s
        assert_eq!(kept.posts.rows[0].published_at, Some(TimeMs(1_788_253_200_000)));
        assert_eq!(run(&open(folder)).expect("followers").follows.len(), 63);
    }
}

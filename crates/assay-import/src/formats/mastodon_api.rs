//! Pages of a Mastodon server's interface, saved as JSON: followers with their profiles, and notifications of follows.
//!
//! `/api/v1/accounts/:id/followers` gives pages of accounts, newest follow first; save them in order, `1.json`, `2.json` and
//! so on, as JSON or with the headers of the answer before it. It gives no times. `/api/v1/notifications` gives the time of
//! each follow that the server still remembers; saved beside the followers it dates them, by itself it is a list of those
//! who followed lately; what it tells of favourites, reblogs, mentions and answers are engagements. `/api/v1/accounts/verify_credentials` tells whose page it is and how many followers it should have.
//!
//! An account that chooses who may follow it (`locked`) is told as private. A server's list of followers from other servers is
//! whole for its own accounts alone.

use super::fields;
use crate::detect::{Claim, Peek};
use crate::elements::{self, Next};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::table::delimited::headed;
use crate::text::visible_length;
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{Engagement, EngagementKind, Fact, Flag, Follow, ListOrder, TimeMs, TimeQuality};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "mastodon-api",
    sentence: "Followers of a Mastodon account, as the server's interface answers: profiles, and times and engagements from notifications.",
    source: "docs.joinmastodon.org/methods/accounts/#followers, pages saved in order; notifications beside them",
    quality: TimeQuality::Exact,
    network: Some("mastodon"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "followers_1.json",
                b"[{\"id\":\"109\",\"username\":\"anna\",\"acct\":\"anna@a.example\",\"display_name\":\"Anna\",\"locked\":false,\
                  \"bot\":false,\"created_at\":\"2022-11-05T00:00:00.000Z\",\"note\":\"<p>Bread &amp; salt</p>\",\
                  \"avatar\":\"https://a.example/avatars/original/missing.png\",\"followers_count\":12,\"following_count\":30,\
                  \"statuses_count\":4,\"last_status_at\":\"2026-01-02\",\"fields\":[]},\
                  {\"id\":\"110\",\"acct\":\"ben\",\"statuses_count\":0,\"created_at\":\"2023-01-01T00:00:00.000Z\"}]",
            ),
            (
                "notifications.json",
                b"[{\"id\":\"7\",\"type\":\"follow\",\"created_at\":\"2026-02-03T04:05:06.000Z\",\
                  \"account\":{\"id\":\"109\",\"acct\":\"anna@a.example\",\"statuses_count\":4}}]",
            ),
        ],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Followers,
    Notifications,
    Owner,
}

/// Where the JSON of a saved answer begins: behind its headers, if they were saved with it.
pub(super) fn body(head: &[u8]) -> usize {
    let mut at = 0;
    // An answer may stand behind others, such as `100 Continue`.
    while head[at..].starts_with(b"HTTP/") {
        let rest = &head[at..];
        let ends = [&b"\r\n\r\n"[..], b"\n\n"].map(|end| Some(memchr::memmem::find(rest, end)? + end.len()));
        let Some(end) = ends.into_iter().flatten().min() else { return head.len() };
        at += end;
    }
    at
}

fn kind(head: &[u8]) -> Option<Kind> {
    let head = &head[body(head)..];
    let says = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    if !says("\"acct\"") {
        return None;
    }
    match head.iter().find(|b| !b.is_ascii_whitespace())? {
        b'[' if is_notified(head) => Some(Kind::Notifications),
        // Posts have accounts too.
        b'[' => (!says("\"visibility\"")).then_some(Kind::Followers),
        b'{' => (says("\"source\"") && says("\"followers_count\"") && !says("\"account\"")).then_some(Kind::Owner),
        _ => None,
    }
}

/// Whether some `type` is one of a notification: media have types too.
fn is_notified(head: &[u8]) -> bool {
    const TYPES: [&[u8]; 8] = [b"follow", b"favourite", b"reblog", b"mention", b"quote", b"poll", b"status", b"update"];
    memchr::memmem::find_iter(head, b"\"type\"").any(|at| {
        let rest = head[at + 6..].iter().copied().filter(|c| !c.is_ascii_whitespace());
        let value: Vec<u8> = rest.skip(1).take(12).collect();
        TYPES
            .iter()
            .any(|t| value.strip_prefix(b"\"").and_then(|v| v.strip_prefix(*t)).is_some_and(|v| v.starts_with(b"\"")))
    })
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(matches!(peek.extension(), "json" | "txt" | "http") || peek.is_single()) {
        return Claim::No;
    }
    match kind(peek.head()) {
        Some(Kind::Followers) if peek.base().starts_with("following") => Claim::Refused {
            found: "the accounts that a Mastodon account follows",
            hint: "save the pages of /api/v1/accounts/:id/followers",
        },
        Some(Kind::Followers) if OTHER_LISTS.iter().any(|name| peek.base().starts_with(name)) => Claim::Refused {
            found: "accounts that are not said to be followers",
            hint: "save the pages of /api/v1/accounts/:id/followers",
        },
        Some(Kind::Followers | Kind::Notifications) => Claim::List,
        Some(Kind::Owner) => Claim::Side,
        None => Claim::No,
    }
}

/// Lists of accounts that are not followers.
const OTHER_LISTS: [&str; 6] = ["blocks", "mutes", "favourited_by", "reblogged_by", "follow_requests", "endorsements"];

#[derive(Deserialize)]
struct Account<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    acct: Cow<'a, str>,
    #[serde(borrow, default)]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    created_at: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    last_status_at: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    note: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    avatar: Option<Cow<'a, str>>,
    #[serde(default)]
    followers_count: Option<i64>,
    #[serde(default)]
    following_count: Option<i64>,
    #[serde(default)]
    statuses_count: Option<i64>,
    #[serde(default)]
    locked: Option<bool>,
    #[serde(default)]
    bot: Option<bool>,
    #[serde(borrow, default)]
    fields: Option<Vec<Field<'a>>>,
}

#[derive(Deserialize)]
struct Field<'a> {
    #[serde(borrow, default)]
    value: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Notification<'a> {
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    #[serde(borrow, default)]
    account: Option<Account<'a>>,
}

/// A notification of which only the kind matters.
#[derive(Deserialize)]
struct Notice<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

/// Pictures that servers give to those who have none: Mastodon's, and snac's.
const NO_AVATAR: [&str; 2] = ["missing.png", "susie.png"];

impl Account<'_> {
    fn follow(&self, followed_at: Option<TimeMs>) -> Result<Follow<'_>, String> {
        let flag = |yes: bool| if yes { Flag::YES } else { Flag::NO };
        // Servers hide counts as -1.
        let count = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
        if self.id.trim().is_empty() || self.acct.trim().is_empty() || self.acct.contains(char::is_control) {
            return Err("expected an account with id and acct, found none".to_owned());
        }
        let name = self.display_name.as_deref().filter(|n| !n.contains('\0'));
        let has_url = |fields: &Vec<Field<'_>>| {
            flag(fields.iter().filter_map(|f| f.value.as_deref()).any(|v| v.contains("http")))
        };
        Ok(Follow {
            account_id: Some(&self.id),
            handle: Some(&self.acct),
            display_name: name,
            display_name_length: name.map(|n| n.chars().count() as u32),
            followed_at,
            created_at: time(self.created_at.as_deref(), "created_at")?,
            followers: count(self.followers_count),
            following: count(self.following_count),
            posts: count(self.statuses_count),
            bio_length: self.note.as_deref().map(visible_length),
            has_avatar: self.avatar.as_deref().map(|a| {
                flag(
                    !a.is_empty()
                        && !NO_AVATAR.iter().any(|name| a.split('?').next().is_some_and(|a| a.ends_with(name))),
                )
            }),
            private: self.locked.map(flag),
            has_url: self.fields.as_ref().map(has_url),
            last_active_at: time(self.last_status_at.as_deref(), "last_status_at")?,
            ..Follow::default()
        })
    }
}

/// A time, if there is one.
fn time(text: Option<&str>, field: &str) -> Result<Option<TimeMs>, String> {
    let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return Ok(None) };
    match when::moment(text.trim()) {
        Some(moment) => Ok(Some(moment.at)),
        None => Err(format!("expected a time in {field}, found {}", crate::error::quote(text))),
    }
}

/// What was met on the way.
#[derive(Default)]
struct Met {
    /// Followers that say they are programs.
    bots: u64,
    /// Followers with a time.
    timed: u64,
    /// Followers.
    listed: u64,
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let kinds: Vec<(usize, Option<Kind>)> =
        reading.members.clone().into_iter().map(|m| (m, kind(&reading.head(m)))).collect();
    let of = |wanted: Kind| kinds.iter().filter(move |(_, k)| *k == Some(wanted)).map(|(m, _)| *m);
    let notified = of(Kind::Notifications).count() > 0;
    // Members of no kind were given by name: an empty page, or one that the user insists on.
    let pages: Vec<usize> = kinds
        .iter()
        .filter(|(_, k)| *k == Some(Kind::Followers) || (k.is_none() && !notified))
        .map(|(m, _)| *m)
        .collect();
    for member in of(Kind::Owner) {
        if let Some((handle, n)) = reading.file(member, read_owner)? {
            reading.tell(Fact::PageHandle(&handle))?;
            if n > 0 && !pages.is_empty() {
                reading.tell(Fact::FollowersExpected(n))?;
            }
        }
    }
    let mut times = HashMap::new();
    let mut met = Met::default();
    for member in of(Kind::Notifications) {
        let alone = pages.is_empty();
        reading.file(member, |stream, desk| read_notifications(stream, desk, alone, &mut times, &mut met))?;
    }
    for member in &pages {
        reading.file(*member, |stream, desk| read_page(stream, desk, &times, &mut met))?;
    }
    if pages.is_empty() && notified {
        reading.note(
            "only notifications were given: the list is of those who followed lately, as far as the server remembers",
        )?;
    } else if met.timed < met.listed {
        reading.note("Mastodon tells the time of a follow in notifications alone; without one the order is known")?;
    }
    if met.bots > 0 {
        reading.note(&format!("{} accounts say of themselves that a program runs them", met.bots))?;
    }
    reading.tell(Fact::Quality(if met.timed > 0 { TimeQuality::Exact } else { TimeQuality::OrderOnly }))?;
    reading.tell(Fact::Order(ListOrder::NewestFirst))
}

/// Hands over the elements of a saved answer; broken ones are rejected.
fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    mut take: impl FnMut(u64, &[u8], &mut Desk<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let (head, mut stream) = headed(stream, desk)?;
    std::io::copy(&mut (&mut stream).take(body(&head) as u64), &mut std::io::sink()).map_err(|e| desk.broken(&e))?;
    let mut elements = elements::list(stream, |_: &str| false);
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => take(index, bytes, desk)?,
        }
    }
}

fn read_page(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    times: &HashMap<Box<str>, TimeMs>,
    met: &mut Met,
) -> Result<(), ImportError> {
    each(stream, desk, |index, bytes, desk| match serde_json::from_slice::<Account<'_>>(bytes) {
        Err(e) => desk.reject(index, format!("expected an account, found an error ({e})")),
        Ok(account) => take(desk, index, &account, times.get(&*account.id).copied(), met),
    })
}

fn take(
    desk: &mut Desk<'_>,
    index: u64,
    account: &Account<'_>,
    at: Option<TimeMs>,
    met: &mut Met,
) -> Result<(), ImportError> {
    match account.follow(at) {
        Err(why) => desk.reject(index, why),
        Ok(follow) => {
            met.listed += 1;
            met.timed += u64::from(at.is_some());
            met.bots += u64::from(account.bot == Some(true));
            desk.follow(index, follow)
        }
    }
}

/// Reads notifications; `alone` if they are the list. What others did with the account's posts is told as engagements; polls,
/// edits and messages are no rows.
fn read_notifications(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    alone: bool,
    times: &mut HashMap<Box<str>, TimeMs>,
    met: &mut Met,
) -> Result<(), ImportError> {
    each(stream, desk, |index, bytes, desk| {
        if let Ok(notice) = serde_json::from_slice::<Notice<'_>>(bytes)
            && notice.kind != "follow"
        {
            return engaged(desk, index, bytes, &notice.kind);
        }
        let notification = match serde_json::from_slice::<Notification<'_>>(bytes) {
            Ok(notification) => notification,
            Err(e) => return desk.reject(index, format!("expected a notification, found an error ({e})")),
        };
        match (notification.account, time(Some(&notification.created_at), "created_at")) {
            (None, _) => desk.reject(index, "expected the account that followed, found none"),
            (_, Err(why)) => desk.reject(index, why),
            (Some(account), Ok(at)) if alone => take(desk, index, &account, at, met),
            (Some(account), Ok(at)) => {
                if let Some(at) = at {
                    // The latest follow counts, if somebody left and came back.
                    let known = times.entry(account.id.into()).or_insert(at);
                    *known = at.max(*known);
                }
                desk.took();
                Ok(())
            }
        }
    })
}

/// Takes a notification of something that somebody did with a post of the account, or said to it.
fn engaged(desk: &mut Desk<'_>, index: u64, bytes: &[u8], kind: &str) -> Result<(), ImportError> {
    let row: Value = match serde_json::from_slice(bytes) {
        Ok(row) => row,
        Err(e) => return desk.reject(index, format!("expected a notification, found an error ({e})")),
    };
    let status = |key: &str| fields::id(&row, &["status", key]);
    let kind = match kind {
        "favourite" => EngagementKind::Like,
        "reblog" => EngagementKind::Repost,
        "quote" => EngagementKind::Quote,
        "mention" if fields::text(&row, &["status", "visibility"]) == Some("direct") => return Ok(()),
        "mention" if status("in_reply_to_id").is_some() => EngagementKind::Reply,
        "mention" => EngagementKind::Mention,
        _ => return Ok(()),
    };
    let at = match fields::time(&row, &["created_at"]) {
        Ok(at) => at,
        Err(why) => return desk.reject(index, why),
    };
    let (account_id, handle) = (fields::id(&row, &["account", "id"]), fields::id(&row, &["account", "acct"]));
    if account_id.is_none() && handle.is_none() {
        return desk.reject(index, "expected the account that did it, found none");
    }
    let (own, answers, notice) = (status("id"), status("in_reply_to_id"), fields::id(&row, &["id"]));
    let spoken = kind.is_spoken();
    let said = fields::text(&row, &["status", "content"]).filter(|_| spoken).map(fields::visible);
    let source = desk.row(index);
    desk.take(Fact::Engagement(Engagement {
        at,
        account_id: account_id.as_deref(),
        handle: handle.as_deref(),
        display_name: fields::text(&row, &["account", "display_name"]),
        post_id: if spoken { answers.as_deref() } else { own.as_deref() },
        engagement_id: if spoken { own.as_deref() } else { notice.as_deref() },
        answers: answers.as_deref().filter(|_| spoken),
        text: said.as_deref(),
        source,
        ..Engagement::new(kind)
    }))
}

#[derive(Deserialize)]
struct Owner {
    acct: String,
    #[serde(default)]
    followers_count: Option<i64>,
}

/// Bytes of an account's own entry; real ones have a few thousand.
const OWNER_BYTES_MAX: u64 = 1 << 20;

fn read_owner(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<Option<(String, u64)>, ImportError> {
    let mut bytes = Vec::new();
    stream.take(OWNER_BYTES_MAX).read_to_end(&mut bytes).map_err(|e| desk.broken(&e))?;
    match serde_json::from_slice::<Owner>(&bytes[body(&bytes)..]) {
        Ok(owner) => Ok(Some((owner.acct, owner.followers_count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)))),
        Err(e) => {
            let name = desk.name().to_owned();
            desk.note(&format!("{name} could not be read ({e}): the account's own name is not known"))?;
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};
    use assay_model::{ListOrder, TimeMs, TimeQuality};

    fn account(id: u32) -> String {
        format!(
            r#"{{"id":"{id}","acct":"a{id}","created_at":"2022-11-05T00:00:00.000Z","statuses_count":1,"followers_count":-1,"bot":true}}"#
        )
    }

    #[test]
    fn pages_are_read_in_order_with_or_without_headers() {
        let first = format!("[{},{}]", account(1), account(2));
        let answer = |id| {
            format!(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200\r\nlink: <https://a.example/?max_id=[2]>; rel=\"next\"\r\nnel: {{\"a\":1}}\r\n\r\n[{}]\n",
                account(id)
            )
        };
        let (ninth, tenth) = (answer(9), answer(10));
        let kept = run_files(&[
            ("p.page10.txt", tenth.as_bytes()),
            ("p.page1.json", first.as_bytes()),
            ("p.page9.txt", ninth.as_bytes()),
        ])
        .expect("pages");
        assert_eq!(kept.follows.iter().map(|f| f.account_id.as_str()).collect::<Vec<_>>(), ["1", "2", "9", "10"]);
        assert_eq!(kept.rejects, []);
        assert_eq!(kept.follows[0].followers, None, "a hidden count is not known");
        // date -u -d '2022-11-05' +%s
        assert_eq!(kept.follows[0].created_at, Some(TimeMs(1_667_606_400_000)));
        assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::OrderOnly)));
        assert!(kept.notes.iter().any(|n| n.starts_with("4 accounts say")), "{:?}", kept.notes);
    }

    #[test]
    fn notifications_date_the_followers_or_are_the_list() {
        let page = format!("[{},{}]", account(2), account(1));
        let notice = |kind: &str, id, day| {
            format!(r#"{{"type":"{kind}","created_at":"2026-02-0{day}T00:00:00.000Z","account":{}}}"#, account(id))
        };
        let notices = format!("[{},{},{}]", notice("favourite", 1, 4), notice("follow", 2, 3), notice("follow", 2, 1));
        let kept = run_files(&[("followers.json", page.as_bytes()), ("notifications.json", notices.as_bytes())]);
        let kept = kept.expect("followers");
        // date -u -d '2026-02-03' +%s
        let at = Some(TimeMs(1_770_076_800_000));
        assert_eq!(kept.follows.iter().map(|f| f.followed_at).collect::<Vec<_>>(), [at, None]);
        assert_eq!((kept.quality, kept.rejects.len()), (Some(TimeQuality::Exact), 0));
        let kept = run_files(&[("notifications.json", notices.as_bytes())]).expect("notifications");
        assert_eq!((kept.follows.len(), kept.follows[0].followed_at, kept.rejects.len()), (1, at, 1));
        assert!(kept.notes.iter().any(|n| n.contains("followed lately")), "{:?}", kept.notes);
    }

    #[test]
    fn an_empty_last_page_is_of_no_other_kind() {
        let page = format!("[{}]", account(1));
        for name in ["followers_2.json", "page2.json"] {
            let kept = run_files(&[("followers_1.json", page.as_bytes()), (name, b"[ ]\n")]).expect("pages");
            assert_eq!((kept.follows.len(), kept.rejects.len()), (1, 0), "{name}");
        }
    }

    #[test]
    fn whom_the_account_follows_is_not_taken() {
        let page = format!("[{}]", account(1));
        assert!(run_files(&[("following.json", page.as_bytes())]).is_err());
        assert!(run_files(&[("blocks.json", page.as_bytes())]).is_err());
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/mastodon-api") else { return };
        let kept = run(&open(folder.join("followers.response.txt"))).expect("a saved answer");
        assert_eq!(
            kept.follows.iter().map(|f| f.handle.as_str()).collect::<Vec<_>>(),
            ["alice@localhost:8001", "bob@localhost:8001"]
        );
        assert_eq!(kept.rejects, []);
        let whole = run(&open(folder)).expect("a folder of answers");
        assert_eq!((whole.follows.len(), whole.handle.as_deref()), (2, Some("roastery")));
        assert_eq!(whole.rejects, []);
    }
}

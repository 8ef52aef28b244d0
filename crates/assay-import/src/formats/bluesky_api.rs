//! Answers of the Bluesky interface, saved as JSON: followers, profiles, and the records by which they follow.
//!
//! `app.bsky.graph.getFollowers` gives pages of followers, newest first. Asked as the owner, it names for each follower the
//! record by which they follow, and the key of that record is a time: 13 characters of base 32 that hold microseconds (AT
//! Protocol, "Timestamp identifiers"). Asked by anybody else, it tells the order alone. Beside the pages are read, where
//! given: `listNotifications` and `listRecords`, whose records also carry the date that the follower's program *says*, and
//! `getProfiles`, which counts. Notifications of likes, reposts, mentions and answers are engagements. By themselves, notifications or records are a list too.
//!
//! A said date that lies before the key's time was back-dated, which no app for people does; such follows are counted in a
//! note, and the key's time is taken. A program of its own may forge keys as well; against that only a witness helps.

use super::bluesky_posts;
use super::bluesky_records::{Gap, Key, key_of_uri};
use crate::detect::{Claim, Peek};
use crate::elements::{self, Next};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::Utf8;
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{Fact, Flag, Follow, ListOrder, TimeMs, TimeQuality};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "bluesky-api",
    sentence: "Followers of a Bluesky account, as the interface answers: profiles, and the exact time of each follow.",
    source: "docs.bsky.app, app.bsky.graph.getFollowers asked as the owner, pages saved in order",
    quality: TimeQuality::Exact,
    network: Some("bluesky"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "getFollowers.page1.json",
                b"{\"followers\":[{\"did\":\"did:plc:aaaa\",\"handle\":\"anna.example\",\"displayName\":\"Anna\",\"labels\":[],\
                  \"description\":\"bread\",\"avatar\":\"https://a.example/1\",\"createdAt\":\"2024-01-02T03:04:05.006Z\",\
                  \"viewer\":{\"followedBy\":\"at://did:plc:aaaa/app.bsky.graph.follow/3n2y434sx7c26\"}},\
                  {\"did\":\"did:plc:bbbb\",\"handle\":\"ben.example\",\"viewer\":{\"muted\":false,\
                  \"followedBy\":\"at://did:plc:bbbb/app.bsky.graph.follow/3n2y434ukxk26\"}}],\
                  \"subject\":{\"did\":\"did:plc:cccc\",\"handle\":\"roastery.example\"},\"cursor\":\"1\"}",
            ),
            (
                "listRecords.json",
                b"{\"records\":[{\"uri\":\"at://did:plc:bbbb/app.bsky.graph.follow/3n2y434ukxk26\",\"value\":\
                  {\"$type\":\"app.bsky.graph.follow\",\"subject\":\"did:plc:cccc\",\"createdAt\":\"2019-01-01T00:00:00.000Z\"}}]}",
            ),
        ],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Followers,
    Notifications,
    Records,
    Profiles,
    /// Whom somebody follows.
    Follows,
}

impl Kind {
    /// The key under which its rows stand.
    fn key(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Notifications => "notifications",
            Self::Records => "records",
            Self::Profiles => "profiles",
            Self::Follows => "follows",
        }
    }
}

const KINDS: [Kind; 5] = [Kind::Followers, Kind::Notifications, Kind::Records, Kind::Profiles, Kind::Follows];

fn kind(head: &[u8]) -> Option<Kind> {
    let says = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    let is_object = head.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
    if !is_object || !(says("\"did:") || says("at://did:")) {
        return None;
    }
    // The same words occur as values.
    let place = |k: Kind| {
        let key = format!("\"{}\"", k.key());
        let mut places = memchr::memmem::find_iter(head, key.as_bytes());
        let opens = |at: &usize| {
            let behind = head[at + key.len()..].iter().filter(|c| !c.is_ascii_whitespace());
            behind.take(2).eq(b":[")
        };
        places.find(opens).map(|at| (at, k))
    };
    let (_, found) = KINDS.into_iter().filter_map(place).min_by_key(|(at, _)| *at)?;
    (found != Kind::Records || says("app.bsky.graph.follow")).then_some(found)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "json" || peek.is_single()) {
        return Claim::No;
    }
    match kind(peek.head()) {
        Some(Kind::Followers | Kind::Notifications | Kind::Records) => Claim::List,
        Some(Kind::Profiles) => Claim::Side,
        Some(Kind::Follows) => Claim::Refused {
            found: "the accounts that a Bluesky account follows",
            hint: "save the pages of app.bsky.graph.getFollowers",
        },
        None => Claim::No,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'a> {
    #[serde(borrow)]
    did: Cow<'a, str>,
    #[serde(borrow, default)]
    handle: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    avatar: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    created_at: Option<Cow<'a, str>>,
    #[serde(default)]
    followers_count: Option<i64>,
    #[serde(default)]
    follows_count: Option<i64>,
    #[serde(default)]
    posts_count: Option<i64>,
    #[serde(borrow, default)]
    viewer: Option<Viewer<'a>>,
    #[serde(borrow, default)]
    verification: Option<Verification<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Viewer<'a> {
    #[serde(borrow, default)]
    followed_by: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification<'a> {
    #[serde(borrow, default)]
    verified_status: Option<Cow<'a, str>>,
}

/// A notification of which only the kind matters.
#[derive(Deserialize)]
struct Notice<'a> {
    #[serde(borrow)]
    reason: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Notification<'a> {
    #[serde(borrow)]
    uri: Cow<'a, str>,
    #[serde(borrow)]
    author: Profile<'a>,
    #[serde(borrow, default)]
    record: Option<Said<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    uri: Cow<'a, str>,
    #[serde(borrow)]
    value: Said<'a>,
}

/// What a record says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    #[serde(borrow, default)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    created_at: Option<Cow<'a, str>>,
}

/// Counts of an account.
type Counts = [Option<u32>; 3];

/// What was met on the way.
#[derive(Default)]
struct Met {
    /// The key of the record by which an account follows.
    keys: HashMap<Box<str>, Key>,
    counts: HashMap<Box<str>, Counts>,
    /// Whom the records follow.
    subjects: HashSet<Box<str>>,
    gaps: Gap,
    n_listed: u64,
    n_timed: u64,
}

impl Met {
    fn counts(&self, profile: &Profile<'_>) -> Counts {
        let own = own_counts(profile);
        if own.iter().any(Option::is_some) { own } else { self.counts.get(&*profile.did).copied().unwrap_or_default() }
    }
}

fn own_counts(profile: &Profile<'_>) -> Counts {
    [profile.followers_count, profile.follows_count, profile.posts_count].map(|n| n.and_then(|n| u32::try_from(n).ok()))
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let kinds: Vec<(usize, Option<Kind>)> =
        reading.members.clone().into_iter().map(|m| (m, kind(&reading.head(m)))).collect();
    // The list is in the first kind that there is; the others say more about it.
    let listed = KINDS.into_iter().take(3).find(|k| kinds.iter().any(|(_, of)| *of == Some(*k)));
    let listed = listed.unwrap_or(Kind::Followers);
    let mut met = Met::default();
    for side in [Kind::Profiles, Kind::Records, Kind::Notifications] {
        for (member, _) in kinds.iter().filter(|(_, of)| *of == Some(side) && side != listed) {
            reading.file(*member, |stream, desk| read_side(stream, desk, side, &mut met))?;
        }
    }
    let mut page = None;
    for (member, _) in kinds.iter().filter(|(_, of)| of.is_none_or(|k| k == listed)) {
        let subject = reading.file(*member, |stream, desk| read_list(stream, desk, listed, &mut met))?;
        if let Some((did, handle)) = subject {
            reading.tell(Fact::PageHandle(&handle))?;
            page = Some(did);
        }
    }
    one_page(&met, page.as_deref())?;
    if listed == Kind::Notifications {
        reading.note(
            "only notifications were given: the list is of those who followed lately, as far as the server remembers",
        )?;
    } else if met.n_timed < met.n_listed {
        reading
            .note("Bluesky tells the time of a follow to the owner alone; for other followers the order is known")?;
    }
    if let Some(note) = met.gaps.note() {
        reading.note(&note)?;
    }
    reading.tell(Fact::Quality(if met.n_timed > 0 { TimeQuality::Exact } else { TimeQuality::OrderOnly }))?;
    reading.tell(Fact::Order(ListOrder::NewestFirst))
}

/// Records that follow several accounts, or another than the page, are no list of its followers.
fn one_page(met: &Met, page: Option<&str>) -> Result<(), ImportError> {
    let other = met.subjects.iter().any(|subject| page.is_some_and(|page| page != &**subject));
    if !other && met.subjects.len() <= 1 {
        return Ok(());
    }
    Err(ImportError::new(
        "records by which accounts follow one page",
        "records that follow others",
        "",
        "listRecords of the page's own repository tells whom it follows; ask for its followers with getFollowers",
    ))
}

/// Hands over the rows of an answer; broken ones are rejected. Returns the page that the answer is about, if it says so.
fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    kind: Kind,
    mut take: impl FnMut(u64, &[u8], &mut Desk<'_>) -> Result<(), ImportError>,
) -> Result<Option<(String, String)>, ImportError> {
    #[derive(Deserialize)]
    struct Subject {
        did: String,
        handle: String,
    }
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut elements = elements::list(utf8, |key: &str| key == kind.key());
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => take(index, bytes, desk)?,
            Next::End => break,
        }
    }
    let subject = elements.value_behind("subject").map_err(|e| desk.broken(&e))?;
    Ok(subject.and_then(|s| serde_json::from_slice::<Subject>(s).ok()).map(|s| (s.did, s.handle)))
}

/// Reads what says more about a list. Its rows are taken, and told with the list.
fn read_side(stream: &mut dyn Read, desk: &mut Desk<'_>, kind: Kind, met: &mut Met) -> Result<(), ImportError> {
    each(stream, desk, kind, |index, bytes, desk| {
        let taken = match kind {
            Kind::Profiles => serde_json::from_slice::<Profile<'_>>(bytes).map_err(|e| e.to_string()).map(|profile| {
                met.counts.insert(profile.did.as_ref().into(), own_counts(&profile));
                true
            }),
            _ => keyed(kind, bytes, met).map(|found| found.is_some()),
        };
        match taken {
            Ok(true) => desk.took(),
            Ok(false) if kind == Kind::Notifications => bluesky_posts::notified(desk, index, bytes)?,
            Ok(false) => {}
            Err(why) => desk.reject(index, format!("expected one of {}, found an error ({why})", kind.key()))?,
        }
        Ok(())
    })
    .map(drop)
}

/// The follow that a notification or a record tells of; none if it tells of something else.
fn keyed<'a>(kind: Kind, bytes: &'a [u8], met: &mut Met) -> Result<Option<(Cow<'a, str>, Key)>, String> {
    let (uri, said) = if kind == Kind::Notifications {
        // Records of other kinds have other fields.
        let notice: Notice<'a> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if notice.reason != "follow" {
            return Ok(None);
        }
        let notification: Notification<'a> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        (notification.uri, notification.record)
    } else {
        let record: Record<'a> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if !record.uri.contains("/app.bsky.graph.follow/") {
            return Ok(None);
        }
        (record.uri, Some(record.value))
    };
    let (did, at) =
        key_of_uri(&uri).ok_or_else(|| format!("no key that holds a time in {}", crate::error::quote(&uri)))?;
    let said_at = said.as_ref().and_then(|s| s.created_at.as_deref()).and_then(when::moment).map(|m| m.at);
    if kind == Kind::Records
        && let Some(subject) = said.and_then(|s| s.subject)
        && met.subjects.len() < 2
    {
        met.subjects.insert(subject.as_ref().into());
    }
    let key = Key { at, said_at };
    // A record and a notification may tell of one follow.
    let known = met.keys.insert(did.into(), key);
    if known.is_none_or(|k| k.at != at || k.said_at.is_none()) {
        met.gaps.look(key);
    }
    Ok(Some((Cow::Owned(did.to_owned()), key)))
}

/// Reads a file of the list.
fn read_list(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    kind: Kind,
    met: &mut Met,
) -> Result<Option<(String, String)>, ImportError> {
    each(stream, desk, kind, |index, bytes, desk| {
        let wrong = |why: String| format!("expected one of {}, found an error ({why})", kind.key());
        if kind == Kind::Followers {
            return match serde_json::from_slice::<Profile<'_>>(bytes) {
                Ok(profile) => {
                    let named = profile.viewer.as_ref().and_then(|v| v.followed_by.as_deref());
                    let named = named.and_then(key_of_uri).map(|(_, at)| at);
                    let at = named.or_else(|| met.keys.get(&*profile.did).map(|key| key.at));
                    take(desk, index, &profile, at, met)
                }
                Err(e) => desk.reject(index, wrong(e.to_string())),
            };
        }
        let (did, key) = match keyed(kind, bytes, met) {
            Ok(None) if kind == Kind::Notifications => return bluesky_posts::notified(desk, index, bytes),
            Ok(None) => return Ok(()),
            Ok(Some(found)) => found,
            Err(why) => return desk.reject(index, wrong(why)),
        };
        if kind == Kind::Notifications
            && let Ok(notification) = serde_json::from_slice::<Notification<'_>>(bytes)
        {
            return take(desk, index, &notification.author, Some(key.at), met);
        }
        let follow = Follow { account_id: Some(&did), followed_at: Some(key.at), ..Follow::default() };
        met.n_listed += 1;
        met.n_timed += 1;
        desk.follow(index, follow)
    })
}

fn take(
    desk: &mut Desk<'_>,
    index: u64,
    profile: &Profile<'_>,
    followed_at: Option<TimeMs>,
    met: &mut Met,
) -> Result<(), ImportError> {
    if !profile.did.starts_with("did:") {
        return desk
            .reject(index, format!("expected an account with a did, found {}", crate::error::quote(&profile.did)));
    }
    let text = |t: &Option<Cow<'_, str>>| t.as_deref().is_some_and(|t| !t.is_empty() && !t.contains('\0'));
    let flag = |yes: bool| if yes { Flag::YES } else { Flag::NO };
    let [followers, following, posts] = met.counts(profile);
    let name = profile.display_name.as_deref().filter(|_| text(&profile.display_name));
    let follow = Follow {
        account_id: Some(&profile.did),
        handle: profile.handle.as_deref().filter(|h| text(&profile.handle) && *h != "handle.invalid"),
        display_name: name,
        followed_at,
        created_at: profile.created_at.as_deref().and_then(when::moment).map(|m| m.at),
        followers,
        following,
        posts,
        bio_length: Some(profile.description.as_deref().map_or(0, |d| d.chars().count() as u32)),
        has_avatar: Some(flag(text(&profile.avatar))),
        verified: profile
            .verification
            .as_ref()
            .and_then(|v| v.verified_status.as_deref())
            .map(|status| flag(status == "valid")),
        ..Follow::default()
    };
    met.n_listed += 1;
    met.n_timed += u64::from(followed_at.is_some());
    desk.follow(index, follow)
}

#[cfg(test)]
mod tests;

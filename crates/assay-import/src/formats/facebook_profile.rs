//! The export of a Facebook profile: the names of its followers, or of its friends, and the second it began.
//!
//! `people_who_followed_you.json` (`followers_v3`) lists followers; where it is missing, the friends are read
//! (`your_friends.json`, `friends_v2`), who are followers by default, and that is said. `who_you_ve_followed.json` lists whom
//! the owner follows and is never read. There are names alone, no ids, so one person cannot be told from another of the
//! same name. Meta writes UTF-8 bytes as if they were characters, which is repaired. Pages of businesses have no such list.

use super::instagram::tell_when_made;
use crate::detect::{Claim, Peek};
use crate::elements::{self, Next};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::{Utf8, repaired};
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{Fact, Follow, ListOrder, Loss, TimeMs, TimeQuality};
use serde::Deserialize;
use std::borrow::Cow;
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "facebook-profile",
    sentence: "The export of a Facebook profile in JSON: names of followers, or of friends, and the second it began.",
    source: "accountscenter.facebook.com, Your information and permissions, Export your information, format JSON",
    quality: TimeQuality::Exact,
    network: Some("facebook"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "connections/friends/your_friends.json",
                b"{\"friends_v2\": [{\"name\": \"Jos\\u00c3\\u00a9 Novak\", \"timestamp\": 1700000000}, \
                  {\"name\": \"Anna Berg\", \"timestamp\": 1690000000}]}",
            ),
            (
                "connections/followers/who_you_ve_followed.json",
                b"{\"following_v3\": [{\"name\": \"A Bakery\", \"timestamp\": 1700000000}]}",
            ),
        ],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Followers,
    Friends,
    /// Friends that the owner removed, or who went.
    Removed,
    /// Accounts that the owner follows.
    Followed,
}

/// Tells by its outer key what a file lists: `friends_v2`, `followers_v3`.
fn kind(head: &[u8]) -> Option<Kind> {
    let start = head.iter().position(|b| !b.is_ascii_whitespace())?;
    let rest = head[start..].strip_prefix(b"{")?;
    let quote = rest.iter().position(|b| !b.is_ascii_whitespace())?;
    let key = rest[quote..].strip_prefix(b"\"")?;
    let key = std::str::from_utf8(&key[..key.iter().take(64).position(|b| *b == b'"')?]).ok()?;
    kind_of_key(key)
}

fn kind_of_key(key: &str) -> Option<Kind> {
    let (name, version) = key.rsplit_once("_v")?;
    if version.is_empty() || !version.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    match name {
        "followers" => Some(Kind::Followers),
        "friends" => Some(Kind::Friends),
        "deleted_friends" | "removed_friends" => Some(Kind::Removed),
        "following" | "pages_followed" => Some(Kind::Followed),
        _ => None,
    }
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if peek.extension() != "json" {
        return Claim::No;
    }
    match kind(peek.head()) {
        Some(Kind::Followers | Kind::Friends) => Claim::List,
        Some(Kind::Removed) => Claim::Side,
        Some(Kind::Followed) if peek.is_single() => Claim::Refused {
            found: "whom the owner of a Facebook profile follows",
            hint: "pass connections/friends/your_friends.json, or the whole export",
        },
        _ => Claim::No,
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let kinds: Vec<(usize, Option<Kind>)> =
        reading.members.clone().into_iter().map(|m| (m, kind(&reading.head(m)))).collect();
    // Where followers are listed, friends among them are listed too.
    let listed = if kinds.iter().any(|(_, k)| *k == Some(Kind::Followers)) { Kind::Followers } else { Kind::Friends };
    let mut last: Option<TimeMs> = None;
    let mut lists = Vec::new();
    for (member, kind) in kinds {
        match kind {
            Some(Kind::Removed) => reading.file(member, |stream, desk| {
                each(stream, desk, Kind::Removed, |index, row, desk| match row.at {
                    Some(at) => desk.loss(index, Loss { after: None, at, source: desk.row(index) }),
                    None => desk.reject(index, "expected the time of the parting, found none"),
                })
            })?,
            Some(other) if other != listed => {}
            _ => {
                lists.push(member);
                reading.file(member, |stream, desk| {
                    each(stream, desk, listed, |index, row, desk| {
                        last = last.max(row.at);
                        let (display_name, followed_at) = (Some(&*row.name), row.at);
                        desk.follow(index, Follow { display_name, followed_at, ..Follow::default() })
                    })
                })?;
            }
        }
    }
    tell_when_made(reading, &lists, last)?;
    reading.note(if listed == Kind::Followers {
        "the list is of the followers of a Facebook profile, by name alone; people of one name cannot be told apart"
    } else {
        "the list is of the friends of a Facebook profile, by name alone: friendship is mutual and the owner agreed to each, \
         and followers who are no friends are missing"
    })?;
    reading.tell(Fact::Quality(TimeQuality::Exact))?;
    reading.tell(Fact::Order(ListOrder::NewestFirst))
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    timestamp: Option<i64>,
}

struct Row<'a> {
    name: Cow<'a, str>,
    at: Option<TimeMs>,
}

impl Element<'_> {
    fn row(&self) -> Result<Row<'_>, String> {
        let name = self.name.trim();
        if name.is_empty() || name.len() > 4_000 || name.contains('\0') {
            return Err("expected a name, found none".to_owned());
        }
        let at = match self.timestamp {
            None | Some(0) => None,
            Some(n) => {
                Some(when::unix(n).ok_or_else(|| format!("expected a time in seconds since 1970, found `{n}`"))?.at)
            }
        };
        Ok(Row { name: repaired(name), at })
    }
}

/// Hands over the rows of the list of a kind; broken ones are rejected.
fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    wanted: Kind,
    mut take: impl FnMut(u64, Row<'_>, &mut Desk<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut elements = elements::list(utf8, |key: &str| kind_of_key(key) == Some(wanted));
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => match serde_json::from_slice::<Element<'_>>(bytes) {
                Err(e) => desk.reject(index, format!("expected a name and a timestamp, found an error ({e})"))?,
                Ok(element) => match element.row() {
                    Ok(row) => take(index, row, desk)?,
                    Err(why) => desk.reject(index, why)?,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};
    use assay_model::TimeMs;

    const FRIENDS: &[u8] = br#"{"friends_v2":[{"name":"Jos\u00c3\u00a9","timestamp":1700000000},{"name":"Al"}]}"#;
    const FOLLOWERS: &[u8] = br#"{"followers_v3":[{"name":"Zo","timestamp":1700000000}]}"#;

    #[test]
    fn followers_come_before_friends_and_whom_the_owner_follows_is_never_read() {
        let kept = run_files(&[("your_friends.json", FRIENDS)]).expect("friends");
        assert_eq!(kept.follows.iter().map(|f| f.display_name.as_str()).collect::<Vec<_>>(), ["José", "Al"]);
        assert!(kept.follows[0].handle.is_empty() && kept.follows[0].account_id.is_empty());
        assert!(kept.notes.iter().any(|n| n.contains("friendship is mutual")), "{:?}", kept.notes);
        let kept = run_files(&[("your_friends.json", FRIENDS), ("people_who_followed_you.json", FOLLOWERS)]);
        let kept = kept.expect("followers");
        assert_eq!(kept.follows.iter().map(|f| f.display_name.as_str()).collect::<Vec<_>>(), ["Zo"]);
        let followed = br#"{"following_v3":[{"name":"A Bakery","timestamp":1700000000}]}"#;
        let error = run_files(&[("who_you_ve_followed.json", followed)]).expect_err("not followers").to_string();
        assert!(error.contains("whom the owner"), "{error}");
        for text in [&b"{\"sent_requests_v2\":[]}"[..], b"{\"friends_v\":[]}", b"{\"friends\":[]}"] {
            assert!(run_files(&[("your_friends.json", text)]).is_err());
        }
    }

    #[test]
    fn friends_that_went_are_losses() {
        let gone = br#"{"deleted_friends_v2":[{"name":"Bo","timestamp":1710000000},{"name":"Cy"}]}"#;
        let kept = run_files(&[("your_friends.json", FRIENDS), ("removed_friends.json", gone)]).expect("friends");
        assert_eq!((kept.losses, kept.rejects.len()), (vec![TimeMs(1_710_000_000_000)], 1));
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/facebook-dyi") else { return };
        let kept = run(&open(folder.clone())).expect("a profile");
        assert_eq!(kept.follows.iter().map(|f| f.display_name.as_str()).collect::<Vec<_>>(), ["José Núñez", "Zoë ☕"]);
        assert_eq!(kept.files.len(), 1);
        let followed = crate::Bundle::open(&[folder.join("connections/followers")], &crate::Limits::default());
        assert!(followed.and_then(|b| run(&b)).is_err());
    }
}

//! Instagram's export ("download your information") in JSON: each follower with the second of the follow.
//!
//! Four shapes are in use: a list of `string_list_data`; the same inside `relationships_followers`; the handle in `title`
//! instead of `value`; and `label_values` with labels in the user's language. Long lists are split into `followers_1.json`,
//! `followers_2.json` and so on. Meta writes UTF-8 bytes as if they were characters, which is repaired. There are no ids.
//!
//! The export does not say when it was made. The time at which its zip was written is handed over as an estimate, where it
//! does not lie before the last follow; a zip has no zone, so it is good to some 14 hours.

use crate::bundle::base_name;
use crate::detect::{Claim, Peek};
use crate::elements::{self, Next};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::{Utf8, repaired};
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{DAY_MS, Fact, Follow, ListOrder, Loss, TimeMs, TimeQuality};
use serde::Deserialize;
use std::borrow::Cow;
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "instagram",
    sentence: "Instagram's export in JSON: the handle of each follower and the second of the follow.",
    source: "accountscenter.instagram.com, Your information and permissions, Export your information, format JSON",
    quality: TimeQuality::Exact,
    network: Some("instagram"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "connections/followers_and_following/followers_1.json",
                b"[\n  {\n    \"title\": \"\",\n    \"media_list_data\": [],\n    \"string_list_data\": [\n      {\n        \
                  \"href\": \"https://www.instagram.com/anna\",\n        \"value\": \"anna\",\n        \
                  \"timestamp\": 1720152884\n      }\n    ]\n  },\n  {\n    \"title\": \"ben\",\n    \
                  \"string_list_data\": [{\"href\": \"https://www.instagram.com/_u/ben\", \"timestamp\": 1720152800}]\n  },\n  \
                  {\"timestamp\": 1720000000, \"media\": [], \"label_values\": [{\"label\": \"Naam\", \"value\": \"Cleo\"}, \
                  {\"label\": \"Gebruikersnaam\", \"value\": \"cleo\"}], \"fbid\": \"1\"}\n]",
            ),
            (
                "connections/followers_and_following/following.json",
                b"{\"relationships_following\": [{\"title\": \"dora\", \"string_list_data\": [{\"timestamp\": 1720152000}]}]}",
            ),
        ],
        n_taken: 3,
    },
};

/// Lists of the same shapes that are not followers.
const OTHER_LISTS: [&str; 17] = [
    "pending",
    "recent",
    "close_friends",
    "blocked",
    "restricted",
    "removed",
    "follow_requests",
    "hide_",
    "profiles_you",
    "followed_hashtags",
    "liked",
    "story_likes",
    "media_likes",
    "post_comments",
    "reels_comments",
    "hype",
    "saved",
];

/// What the name of a file in the export says of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Followers,
    Unfollowed,
    Following,
    Other,
    Unknown,
}

/// Tells by the last part of its name, in lower case, what a file lists.
pub(super) fn name_of(base: &str) -> Named {
    let numbered = |rest: &str| rest.starts_with(['_', '-', ' ', '(', '.']);
    if base.strip_prefix("followers").is_some_and(numbered) {
        Named::Followers
    } else if base.starts_with("recently_unfollowed") {
        Named::Unfollowed
    } else if base.starts_with("following") {
        Named::Following
    } else if OTHER_LISTS.iter().any(|name| base.starts_with(name)) {
        Named::Other
    } else {
        Named::Unknown
    }
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let base = peek.base();
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    let first = || peek.head().iter().copied().find(|b| !b.is_ascii_whitespace());
    let listed = || says("\"string_list_data\"") || says("\"label_values\"");
    if matches!(peek.extension(), "html" | "htm") || (peek.extension() != "json" && !peek.is_single()) {
        return Claim::No;
    }
    let named = name_of(base);
    if named == Named::Followers {
        let split = base.strip_prefix("followers_").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let open = matches!(first(), None | Some(b'[' | b'{'));
        return if listed() || (open && (split || says("relationships_followers"))) { Claim::List } else { Claim::No };
    }
    if named == Named::Unfollowed {
        return Claim::Side;
    }
    if named == Named::Following && listed() {
        return Claim::Refused {
            found: "the accounts that the page follows",
            hint: "pass followers_1.json and its further parts, or the whole export",
        };
    }
    let bare = first() == Some(b'[') && listed() && !says("\"string_map_data\"");
    if peek.is_single() && named == Named::Unknown && (bare || says("\"relationships_followers\"")) {
        Claim::List
    } else {
        Claim::No
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut last_follow: Option<TimeMs> = None;
    let mut followers = Vec::new();
    let mut guessed = 0;
    for member in reading.members.clone() {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        if base.starts_with("recently_unfollowed") {
            reading.file(member, read_losses)?;
            continue;
        }
        let found = reading.file(member, read_followers)?;
        last_follow = last_follow.max(found.last);
        guessed += found.n_guessed;
        followers.push(member);
    }
    tell_when_made(reading, &followers, last_follow)?;
    if guessed > 0 {
        reading.note(&format!(
            "the labels of {guessed} followers are in a language that assay does not know; their handles were found by shape"
        ))?;
    }
    reading.tell(Fact::Quality(TimeQuality::Exact))?;
    reading.tell(Fact::Order(ListOrder::NewestFirst))
}

/// Tells when the export was made, if the time at which these members were written can be that.
pub(super) fn tell_when_made(
    reading: &mut Reading<'_>,
    members: &[usize],
    last_follow: Option<TimeMs>,
) -> Result<(), ImportError> {
    let written = members.iter().filter_map(|m| reading.bundle.members[*m].modified).max();
    let fits = |at: &TimeMs| when::is_plausible(*at) && last_follow.is_none_or(|last| last.0 - DAY_MS <= at.0);
    match written.filter(fits) {
        Some(at) => reading.tell(Fact::ExportedAt(at.max(last_follow.unwrap_or(at)))),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    string_list_data: Vec<Entry<'a>>,
    #[serde(default)]
    timestamp: Option<serde_json::Number>,
    #[serde(borrow, default)]
    label_values: Vec<Label<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    href: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: Option<serde_json::Number>,
}

/// A label with its value, or a group of them.
#[derive(Deserialize)]
struct Label<'a> {
    #[serde(borrow, default, rename = "label")]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    href: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    dict: Vec<Label<'a>>,
}

/// What one element says.
struct Row<'a> {
    handle: Cow<'a, str>,
    at: Option<TimeMs>,
    guessed: bool,
}

/// "Username" in the languages that Instagram writes it in.
pub(super) const USERNAME_LABELS: [&str; 26] = [
    "username",
    "user name",
    "gebruikersnaam",
    "benutzername",
    "nutzername",
    "nom d’utilisateur",
    "nom d'utilisateur",
    "nom de profil",
    "nombre de usuario",
    "nome utente",
    "nome de usuário",
    "nome de utilizador",
    "kullanıcı adı",
    "ユーザーネーム",
    "användarnamn",
    "brukernavn",
    "brugernavn",
    "käyttäjänimi",
    "nazwa użytkownika",
    "имя пользователя",
    "用户名",
    "用戶名稱",
    "사용자 이름",
    "nama pengguna",
    "اسم المستخدم",
    "felhasználónév",
];

impl Element<'_> {
    fn row(&self) -> Result<Row<'_>, String> {
        let entry = self.string_list_data.first();
        let stamp = entry.and_then(|e| e.timestamp.as_ref()).or(self.timestamp.as_ref());
        let at = match stamp.map(|n| n.as_i64().or_else(|| n.as_f64().map(|x| x as i64))) {
            // Instagram writes 0 where it does not know.
            None | Some(Some(0)) => None,
            Some(Some(n)) => {
                Some(when::unix(n).ok_or_else(|| format!("expected a time in seconds since 1970, found `{n}`"))?.at)
            }
            Some(None) => return Err("expected a time in seconds since 1970, found another number".to_owned()),
        };
        let filled = |text: &Option<Cow<'_, str>>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
        if let Some(entry) = entry {
            let named = [&entry.value, &self.title].into_iter().find(|text| filled(text));
            let named =
                named.and_then(|text| text.as_deref()).or_else(|| entry.href.as_deref().and_then(handle_of_link));
            return Ok(Row { handle: clean(named)?, at, guessed: false });
        }
        let mut flat = Vec::new();
        flatten(&self.label_values, &mut flat, 0);
        let known = flat.iter().find(|l| {
            let label = l.name.as_deref().map(|l| repaired(l).to_lowercase());
            label.is_some_and(|l| USERNAME_LABELS.contains(&l.trim())) && filled(&l.value)
        });
        // Elsewhere in the world: a value that can be a handle and is no link; names come before it.
        let shaped = || flat.iter().rev().find(|l| l.href.is_none() && l.value.as_deref().is_some_and(is_handle));
        let guessed = known.is_none();
        let label = known.or_else(shaped).and_then(|l| l.value.as_deref());
        let title = || self.title.as_deref().filter(|t| !t.trim().is_empty());
        Ok(Row { handle: clean(label.or_else(title))?, at, guessed: guessed && label.is_some() })
    }
}

fn clean(handle: Option<&str>) -> Result<Cow<'_, str>, String> {
    let handle = handle.map(str::trim).filter(|h| !h.is_empty()).ok_or("expected a handle, found none")?;
    let handle = repaired(handle);
    if handle.chars().any(|c| c.is_control() || c.is_whitespace()) || handle.len() > 1_000 {
        return Err(format!("expected a handle, found {}", crate::error::quote(&handle)));
    }
    Ok(handle)
}

/// Groups nest under `dict`; the parser of elements has limited how deep.
fn flatten<'e, 'a>(labels: &'e [Label<'a>], flat: &mut Vec<&'e Label<'a>>, depth: u32) {
    for label in labels {
        flat.push(label);
        if depth < 64 {
            flatten(&label.dict, flat, depth + 1);
        }
    }
}

/// The handle in a link to a profile.
pub(super) fn handle_of_link(link: &str) -> Option<&str> {
    let (_, path) = link.trim().split_once("instagram.com/")?;
    let path = path.strip_prefix("_u/").unwrap_or(path);
    path.split(['/', '?', '#']).next().filter(|h| !h.is_empty())
}

/// Instagram's handles: at most 30 letters, digits, points and underscores.
pub(super) fn is_handle(text: &str) -> bool {
    let text = text.trim();
    (1..=30).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'.' || c == b'_')
}

/// What a file of followers has shown.
struct Found {
    last: Option<TimeMs>,
    n_guessed: u64,
}

fn read_followers(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<Found, ImportError> {
    let mut found = Found { last: None, n_guessed: 0 };
    let wanted = |key: &str| key == "relationships_followers" || !key.starts_with("relationships_");
    each(stream, desk, wanted, |index, row, desk| {
        found.last = found.last.max(row.at);
        found.n_guessed += u64::from(row.guessed);
        desk.follow(index, Follow { handle: Some(&row.handle), followed_at: row.at, ..Follow::default() })
    })?;
    Ok(found)
}

fn read_losses(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<(), ImportError> {
    let wanted = |key: &str| key.contains("unfollowed") || !key.starts_with("relationships_");
    each(stream, desk, wanted, |index, row, desk| match row.at {
        Some(at) => desk.loss(index, Loss { after: None, at, source: desk.row(index) }),
        None => desk.reject(index, "expected the time of the unfollow, found none"),
    })
}

/// Hands over the elements of a list one by one; broken ones are rejected.
fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    wanted: impl FnMut(&str) -> bool,
    mut take: impl FnMut(u64, Row<'_>, &mut Desk<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut elements = elements::list(utf8, wanted);
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => match serde_json::from_slice::<Element<'_>>(bytes) {
                Err(e) => desk.reject(index, format!("expected a follower, found an error ({e})"))?,
                Ok(element) => match element.row() {
                    Ok(row) => take(index, row, desk)?,
                    Err(why) => desk.reject(index, why)?,
                },
            },
        }
    }
}

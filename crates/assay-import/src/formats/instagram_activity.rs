//! Instagram's export in JSON: what the account liked and the comments it wrote.
//!
//! `liked_posts.json` names whose post it was in `title`; `post_comments_1.json` has `string_map_data` with keys in the user's
//! language; the newest exports have `label_values`. All are engagements by the page: what others liked or wrote under its
//! posts is in no export. Direct messages are never opened.

use super::fields::{each, id, lists, text, time};
use super::instagram::{USERNAME_LABELS, handle_of_link, is_handle};
use crate::bundle::base_name;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::repaired;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, TimeMs, TimeQuality};
use serde_json::Value;
use std::borrow::Cow;

pub(crate) const IMPORTER: Importer = Importer {
    id: "instagram-activity",
    sentence: "Instagram's export in JSON: posts that the account liked and comments that it wrote.",
    source: "accountscenter.instagram.com, Your information and permissions, Export your information, format JSON",
    quality: TimeQuality::Exact,
    network: Some("instagram"),
    yields: Yields::Engagements,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "your_instagram_activity/likes/liked_posts.json",
                b"{\"likes_media_likes\": [{\"title\": \"anna\", \"string_list_data\": [{\"href\": \"https://www.instagram.com/p/Cf6a/\", \
                  \"value\": \"\\u00f0\\u009f\\u0091\\u008d\", \"timestamp\": 1720107508}]}]}",
            ),
            (
                "your_instagram_activity/comments/post_comments_1.json",
                b"[{\"media_list_data\": [{\"uri\": \"\"}], \"string_map_data\": {\"Comment\": {\"value\": \"tr\\u00c3\\u00a8s bon\"}, \
                  \"Media Owner\": {\"value\": \"ben\"}, \"Time\": {\"timestamp\": 1713572580}}}]",
            ),
        ],
        n_taken: 2,
    },
};

/// What a file holds, by its name without what stands behind the point.
pub(super) fn kind_of(stem: &str) -> Option<EngagementKind> {
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    match stem {
        "liked_posts" | "liked_comments" | "story_likes" | "media_likes" => Some(EngagementKind::Like),
        "post_comments" | "reels_comments" | "hype" => Some(EngagementKind::Comment),
        _ => None,
    }
}

/// The lists of these files inside the objects around them.
fn is_list(key: &str) -> bool {
    ["likes_", "comments_", "story_activities_", "ig_"].iter().any(|start| key.starts_with(start))
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    // A Facebook profile has `comments.json` too, with other lists.
    let is_instagram = says("\"string_list_data\"") || says("\"string_map_data\"") || says("\"label_values\"");
    if peek.base().strip_suffix(".json").and_then(kind_of).is_some() && is_instagram { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        let stem = base.trim_end_matches(".gz").trim_end_matches(".json");
        let kind = kind_of(stem).unwrap_or(EngagementKind::Like);
        reading.file(member, |stream, desk| {
            each(stream, desk, lists(is_list), |desk, index, _, row| take(desk, index, row, kind))
        })?;
    }
    Ok(())
}

/// What one row says.
#[derive(Default)]
pub(super) struct Said<'a> {
    pub(super) at: Option<TimeMs>,
    pub(super) owner: Option<Cow<'a, str>>,
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) link: Option<&'a str>,
}

impl<'a> Said<'a> {
    /// Takes a value with its label: what was said, or whose post it was. Answers the value where the label is neither.
    pub(super) fn label(&mut self, label: &str, value: Cow<'a, str>) -> Option<Cow<'a, str>> {
        let label = label.trim().to_lowercase();
        if COMMENT_LABELS.contains(&label.as_str()) {
            self.text.get_or_insert(value);
        } else if OWNER_LABELS.contains(&label.as_str()) || USERNAME_LABELS.contains(&label.as_str()) {
            self.owner.get_or_insert(value);
        } else {
            return Some(value);
        }
        None
    }

    /// Takes values whose labels are in a language that is not known: what can be a handle is whose post it was, the rest is what
    /// was said.
    pub(super) fn guess(&mut self, mut unnamed: Vec<Cow<'a, str>>) {
        if self.owner.is_none()
            && let Some(at) = unnamed.iter().position(|v| is_handle(v))
        {
            self.owner = Some(unnamed.remove(at));
        }
        if self.text.is_none() {
            self.text = unnamed.into_iter().next();
        }
    }
}

/// "Comment" in the languages that Instagram writes it in.
const COMMENT_LABELS: [&str; 14] = [
    "comment",
    "kommentar",
    "commentaire",
    "comentario",
    "comentário",
    "commento",
    "opmerking",
    "reactie",
    "yorum",
    "コメント",
    "комментарий",
    "komentarz",
    "komentar",
    "评论",
];

/// "Media owner" in the languages that Instagram writes it in.
const OWNER_LABELS: [&str; 12] = [
    "media owner",
    "owner",
    "medieninhaber",
    "inhaber*in des mediums",
    "propriétaire du contenu multimédia",
    "propriétaire du média",
    "propietario del contenido multimedia",
    "propietario de los medios",
    "proprietario del contenuto multimediale",
    "proprietário da mídia",
    "eigenaar van media",
    "medya sahibi",
];

fn said(row: &Value) -> Result<Said<'_>, String> {
    let mut said = Said { at: time(row, &["timestamp"])?, ..Said::default() };
    if let Some(entry) = row.pointer("/string_list_data/0") {
        said.at = said.at.or(time(entry, &["timestamp"])?);
        said.link = text(entry, &["href"]);
        said.owner = text(row, &["title"]).map(repaired);
        return Ok(said);
    }
    let mut unnamed = Vec::new();
    let mut entries: Vec<(Cow<'_, str>, &Value)> = Vec::new();
    if let Some(map) = row.get("string_map_data").and_then(Value::as_object) {
        entries.extend(map.iter().map(|(key, entry)| (repaired(key), entry)));
    }
    flatten(row.get("label_values"), &mut entries, 0);
    for (label, entry) in entries {
        if let Some(at) = time(entry, &["timestamp"])? {
            said.at = said.at.or(Some(at));
        }
        if let Some(link) = text(entry, &["href"]).filter(|l| shortcode(l).is_some()) {
            said.link = said.link.or(Some(link));
        }
        let Some(value) = text(entry, &["value"]).map(repaired) else { continue };
        let left = said.label(&label, value);
        unnamed.extend(left.filter(|_| text(entry, &["href"]).is_none()));
    }
    if row.get("string_map_data").is_some() {
        said.guess(unnamed);
    }
    Ok(said)
}

/// Labels with their entries; groups nest under `dict`.
fn flatten<'a>(labels: Option<&'a Value>, flat: &mut Vec<(Cow<'a, str>, &'a Value)>, depth: u32) {
    for entry in labels.and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
        if let Some(label) = text(entry, &["label"]) {
            flat.push((repaired(label), entry));
        }
        if depth < 64 {
            flatten(entry.get("dict"), flat, depth + 1);
        }
    }
}

/// The short name of a post in its link: `…/p/Cf6a/`.
pub(super) fn shortcode(link: &str) -> Option<&str> {
    let (_, path) = link.split_once("instagram.com/")?;
    let mut parts = path.split(['/', '?', '#']);
    let kind = parts.next()?;
    let code = parts.next().filter(|code| !code.is_empty())?;
    ["p", "reel", "tv", "stories"].contains(&kind).then_some(code)
}

fn take(desk: &mut Desk<'_>, index: u64, row: &Value, kind: EngagementKind) -> Result<(), ImportError> {
    let said = match said(row) {
        Ok(said) => said,
        Err(why) => return desk.reject(index, why),
    };
    hand_over(desk, index, &said, kind, id(row, &["fbid"]).as_deref())
}

/// Hands over what a row says, or rejects it where it says nothing.
pub(super) fn hand_over(
    desk: &mut Desk<'_>,
    index: u64,
    said: &Said<'_>,
    kind: EngagementKind,
    engagement_id: Option<&str>,
) -> Result<(), ImportError> {
    if said.at.is_none() && said.link.is_none() && said.owner.is_none() {
        return desk.reject(index, "expected a time, a link or whose post it was, found none of them");
    }
    let handle =
        said.owner.as_deref().or_else(|| said.link.filter(|l| shortcode(l).is_none()).and_then(handle_of_link));
    let source = desk.row(index);
    desk.take(Fact::Engagement(Engagement {
        at: said.at,
        by_page: true,
        handle,
        post_id: said.link.and_then(shortcode),
        engagement_id,
        text: said.text.as_deref().filter(|_| kind == EngagementKind::Comment),
        source,
        ..Engagement::new(kind)
    }))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};
    use crate::{Bundle, Limits};

    #[test]
    fn likes_and_comments_in_all_their_shapes() {
        let kept = run_files(super::IMPORTER.control.files).expect("an export");
        assert_eq!((kept.others.len(), kept.rejects.len()), (2, 0));
        let all = kept.others.join("\n");
        for part in ["très bon", "\"ben\"", "\"anna\"", "\"Cf6a\"", "by_page: true"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        let labelled = r#"[{"timestamp":1720000000,"label_values":[{"label":"URL","value":"https://www.instagram.com/reel/C9/","href":"https://www.instagram.com/reel/C9/"},
            {"title":"Owner","dict":[{"dict":[{"label":"Name","value":"Zo"},{"label":"Gebruikersnaam","value":"zo"}],"title":""}]}],"fbid":"1784"}]"#;
        let kept = run_files(&[("liked_posts.json", labelled.as_bytes())]).expect("an export");
        assert!(kept.others[0].contains("\"zo\"") && kept.others[0].contains("\"C9\""), "{:?}", kept.others);
        let unknown = r#"[{"string_map_data":{"Hozzászólás":{"value":"Szép munka!"},"Tulajdonos":{"value":"bo.b"},"Idő":{"timestamp":1713572580}}},
            {"string_map_data":{}}]"#;
        let kept = run_files(&[("post_comments_1.json", unknown.as_bytes())]).expect("an export");
        assert!(
            kept.others[0].contains("handle: Some(\"bo.b\")") && kept.others[0].contains("Szép"),
            "{:?}",
            kept.others
        );
        assert_eq!(kept.rejects.len(), 1);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/instagram-dyi") else { return };
        let files = ["liked_posts.json", "post_comments_1.json"].map(|name| folder.join(name));
        let kept = Bundle::open(&files, &Limits::default()).and_then(|b| run(&b)).expect("a real export");
        let n = |word: &str| kept.others.iter().filter(|e| e.contains(word)).count();
        assert_eq!((n("kind: Like"), n("kind: Comment"), kept.rejects.len()), (75, 3, 0));
        // The export leaves out whose post one of the liked ones was.
        assert_eq!((n(" at: None"), n("handle: None")), (0, 1));
        assert_eq!(run(&open(folder)).expect("followers").follows.len(), 66);
    }
}

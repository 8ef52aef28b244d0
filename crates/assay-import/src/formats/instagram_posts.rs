//! Instagram's export in JSON: the account's own posts, reels and stories.
//!
//! `posts_1.json` is a bare list, `reels.json` and `stories.json` have theirs inside an object. A post with one picture has its
//! words and its time in `media`, one with several in itself; the newest exports have `label_values` in the user's language and
//! an id (`fbid`), the others have no id. Meta writes UTF-8 bytes as if they were characters, which is repaired. The export
//! does not say how far a post went.

use super::fields::{each, id, lists, text, time};
use crate::bundle::base_name;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::repaired;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Post, TimeQuality};
use serde_json::Value;

pub(crate) const IMPORTER: Importer = Importer {
    id: "instagram-posts",
    sentence: "Instagram's export in JSON: the account's own posts, reels and stories.",
    source: "accountscenter.instagram.com, Your information and permissions, Export your information, format JSON",
    quality: TimeQuality::Exact,
    network: Some("instagram"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "your_instagram_activity/media/posts_1.json",
                b"[{\"media\": [{\"uri\": \"media/posts/202409/1.jpg\", \"creation_timestamp\": 1725358887, \"title\": \"Jos\\u00c3\\u00a9 roasts\"}]}, \
                  {\"media\": [{\"uri\": \"a.jpg\", \"creation_timestamp\": 1725358880}, {\"uri\": \"b.jpg\"}], \"title\": \"two\", \
                  \"creation_timestamp\": 1725358888}]",
            ),
            (
                "your_instagram_activity/media/stories.json",
                b"{\"ig_stories\": [{\"uri\": \"media/stories/202409/2.mp4\", \"creation_timestamp\": 1725358889, \"title\": \"\"}]}",
            ),
        ],
        n_taken: 3,
    },
};

/// Kinds of post by the name of their file; the first are of any kind.
const KINDS: [(&str, &str); 6] = [
    ("posts", ""),
    ("archived_posts", ""),
    ("ig_other_media", ""),
    ("reels", "reel"),
    ("stories", "story"),
    ("igtv_videos", "video"),
];

/// The kind that a file's name tells without its ending, empty where posts are of any kind; `None` if it is of no posts.
pub(super) fn kind_of(stem: &str) -> Option<&'static str> {
    let named = |name: &str| {
        let rest = stem.strip_prefix(name)?.trim_start_matches('_');
        rest.bytes().all(|c| c.is_ascii_digit()).then_some(())
    };
    KINDS.iter().find(|(name, _)| named(name).is_some()).map(|(_, kind)| *kind)
}

/// Whether a file of an export is a film.
pub(super) fn is_video(uri: &str) -> bool {
    let uri = uri.to_lowercase();
    [".mp4", ".mov", ".srt"].iter().any(|end| uri.ends_with(end))
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if peek.base().strip_suffix(".json").and_then(kind_of).is_none() {
        return Claim::No;
    }
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    let posts = says("\"creation_timestamp\"") || (says("\"label_values\"") && says("\"media\""));
    if posts && !says("\"string_list_data\"") { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        let stem = base.trim_end_matches(".gz").trim_end_matches(".json");
        let kind = kind_of(stem).filter(|kind| !kind.is_empty());
        reading.file(member, |stream, desk| {
            each(stream, desk, lists(|key| key.starts_with("ig_")), |desk, index, _, row| post(desk, index, row, kind))
        })?;
    }
    Ok(())
}

/// "Caption" in the languages that Instagram writes it in.
const CAPTION_LABELS: [&str; 12] = [
    "caption",
    "bildunterschrift",
    "légende",
    "pie de foto",
    "texto",
    "didascalia",
    "legenda",
    "bijschrift",
    "açıklama",
    "キャプション",
    "bildtext",
    "podpis",
];

fn post(desk: &mut Desk<'_>, index: u64, row: &Value, kind: Option<&str>) -> Result<(), ImportError> {
    let media = row.get("media").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let first = media.first().unwrap_or(row);
    let own = time(row, &["creation_timestamp"]).and_then(|at| Ok(at.or(time(row, &["timestamp"])?)));
    let at = match own.and_then(|at| Ok(at.or(time(first, &["creation_timestamp"])?))) {
        Ok(Some(at)) => at,
        Ok(None) => return desk.reject(index, "expected when the post was published, found nothing"),
        Err(why) => return desk.reject(index, why),
    };
    let labels = row.get("label_values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_caption = |l: &&Value| {
        text(l, &["label"]).is_some_and(|name| CAPTION_LABELS.contains(&repaired(name).to_lowercase().as_str()))
    };
    let caption = labels.iter().find(is_caption).and_then(|l| text(l, &["value"]));
    let said = text(row, &["title"]).or(caption).or_else(|| text(first, &["title"])).map(repaired);
    let link = labels.iter().filter_map(|l| text(l, &["href"])).find(|link| link.contains("instagram.com/"));
    let uri = text(first, &["uri"]).unwrap_or_default();
    let moves = is_video(uri);
    let shown = match media.len() {
        2.. => "carousel",
        _ if moves => "video",
        _ => "photo",
    };
    let post_id = id(row, &["fbid"]);
    desk.post(
        index,
        Post {
            post_id: post_id.as_deref(),
            link,
            text: said.as_deref(),
            published_at: Some(at),
            kind: Some(kind.unwrap_or(shown)),
            ..Post::default()
        },
    )
}

#[cfg(test)]
mod tests {
    use crate::samples::run_files;
    use assay_model::TimeMs;

    #[test]
    fn posts_in_all_their_shapes() {
        let kept = run_files(super::IMPORTER.control.files).expect("an export");
        let times: Vec<_> = kept.posts.rows.iter().map(|p| p.published_at.map_or(0, |t| t.0 / 1_000)).collect();
        assert_eq!(times, [1_725_358_887, 1_725_358_888, 1_725_358_889]);
        assert_eq!(kept.posts.kinds, ["photo", "carousel", "story"]);
        let labelled = r#"[{"timestamp":1720152884,"media":[{"uri":"x.mp4"}],"label_values":[{"label":"URL","href":"https://www.instagram.com/p/C1/"},
            {"label":"Bildunterschrift","value":"Gr\u00c3\u00bc\u00c3\u009fe"}],"fbid":"178"},{"media":[]},{"creation_timestamp":"soon"}]"#;
        let kept = run_files(&[("posts_1.json", labelled.as_bytes())]).expect("an export");
        assert_eq!((kept.posts.rows.len(), kept.rejects.len()), (1, 2), "{:?}", kept.rejects);
        assert_eq!(kept.posts.rows[0].published_at, Some(TimeMs(1_720_152_884_000)));
        assert!(kept.follows.is_empty());
    }
}

//! Instagram's export as web pages: the account's own posts, reels and stories.
//!
//! A post is a block of its words (a heading or a `div` of class `_a6-h`, where it has any), its pictures and films (links to files below
//! `media/`, each as a link and as a picture), and the minute of its time (`_a6-o`). Names of classes change from month to
//! month, so the page is read by its structure: what stands between two times is a post, its first text the words. Tables are left
//! out: they hold places and cameras. Four public programs that read such pages agree on this.

use super::instagram_html::{add_words, is_inline, tokens};
use super::instagram_posts::{is_video, kind_of};
use crate::bundle::{CELL_BYTES_MAX, base_name};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::options::Clock;
use crate::reading::Reading;
use crate::text::{Utf8, cell_text, repaired};
use crate::{Control, Importer, Layout, Yields, spoken};
use assay_model::when::Moment;
use assay_model::{Post, TimeQuality};
use html5gum::Token;
use std::collections::BTreeSet;
use std::io::{self, Read};

pub(crate) const IMPORTER: Importer = Importer {
    id: "instagram-html-posts",
    sentence: "Instagram's export as web pages: the account's own posts, reels and stories, to the minute.",
    source: "accountscenter.instagram.com, Your information and permissions, Export your information, format HTML",
    quality: TimeQuality::Minute,
    network: Some("instagram"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "your_instagram_activity/media/posts_1.html",
            b"<html><head><title>Posts</title><style>a{}</style></head><body><h1>Posts</h1><main role=\"main\">\
              <div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\"><h2 class=\"_3-95 _2pim _a6-h _a6-i\">New roast &amp; friends</h2>\
              <div class=\"_3-95 _a6-p\"><a target=\"_blank\" href=\"media/posts/202502/1.jpg\"><img src=\"media/posts/202502/1.jpg\" /></a>\
              <table><tr><td>Latitude</td><td>59.9</td></tr></table></div><div class=\"_3-94 _a6-o\">Feb 28, 2025 10:07 am</div></div>\
              <div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\"><div class=\"_3-95 _a6-p\"><video src=\"media/posts/202502/2.mp4\"></video>\
              <img src=\"media/posts/202502/3.jpg\" /></div><div class=\"_3-94 _a6-o\">lug 22, 2025 3:34 am</div></div></main></body></html>",
        )],
        n_taken: 2,
    },
};

fn stem(base: &str) -> Option<&str> {
    base.strip_suffix(".html").or_else(|| base.strip_suffix(".htm"))
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if stem(peek.base()).and_then(kind_of).is_none() {
        return Claim::No;
    }
    let mut n = 0;
    // Reading from a slice fails only where a tag is longer than a row may be, which ends the look.
    let _ = posts(peek.head(), |shown| {
        n += usize::from(shown.at.is_some() && !shown.media.is_empty());
        Ok(())
    });
    if n > 0 { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut clock = Clock::new(reading.bundle.options());
    for member in reading.members.clone() {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        let kind = stem(base.trim_end_matches(".gz")).and_then(kind_of).filter(|kind| !kind.is_empty());
        reading.file(member, |stream, desk| {
            let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
            let mut index = 0;
            let taken = posts(utf8, |shown| {
                index += 1;
                let Some(at) = shown.at else {
                    let why = format!(
                        "expected a time behind a post, found the end of the page after {}",
                        quote(&shown.words)
                    );
                    return desk.reject(index, why).map_err(io::Error::other);
                };
                let moves = shown.media.iter().all(|file| is_video(file));
                let own = match shown.media.len() {
                    2.. => "carousel",
                    1 if moves => "video",
                    1 => "photo",
                    _ => "",
                };
                let words = repaired(&shown.words);
                let post = Post {
                    text: Some(&*words).filter(|t| !t.is_empty()),
                    published_at: Some(clock.at(at)),
                    kind: kind.or(Some(own).filter(|k| !k.is_empty())),
                    ..Post::default()
                };
                desk.post(index, post).map_err(io::Error::other)
            });
            taken.map_err(|e| desk.broken(&e))
        })?;
    }
    let zone = reading.bundle.options().zone.as_ref().map_or("UTC", |zone| zone.name()).to_owned();
    reading.note(&format!("the times of this export have no zone and were read as {zone}"))
}

/// A post as its page shows it.
#[derive(Debug, Default)]
struct Shown {
    words: String,
    media: BTreeSet<String>,
    at: Option<Moment>,
}

/// Files of a post that are told apart.
const MEDIA_MAX: usize = 1_000;

/// Finds the posts of a page. The last has no time where the page is cut.
fn posts(stream: impl Read, mut take: impl FnMut(&Shown) -> io::Result<()>) -> io::Result<()> {
    let mut open = Shown::default();
    let mut line = String::new();
    let (mut hidden, mut tables) = (false, 0_u32);
    let mut end_line = |line: &mut String, open: &mut Shown| -> io::Result<()> {
        let text = std::mem::take(line);
        // A day alone may be the words of a post; a time never is.
        if let Some(at) = spoken::moment(&text).filter(|_| text.contains(':')) {
            let whole = Shown { at: Some(at), ..std::mem::take(open) };
            return take(&whole);
        }
        if open.words.is_empty() {
            open.words = text;
        }
        Ok(())
    };
    tokens(stream, |token| {
        match token {
            Token::StartTag(tag) => {
                if !is_inline(&tag.name) && tag.name != b"br" {
                    end_line(&mut line, &mut open)?;
                }
                match &tag.name[..] {
                    b"script" | b"style" | b"title" | b"textarea" | b"h1" | b"header" | b"nav" => hidden = true,
                    b"table" if !tag.self_closing => tables += 1,
                    // What stands above the posts is none of them.
                    b"main" => open = Shown::default(),
                    _ => {}
                }
                for name in [&b"href"[..], b"src"] {
                    let Some(file) = tag.attributes.get(name).map(|value| cell_text(value).0.trim().to_owned()) else {
                        continue;
                    };
                    let is_media = file.starts_with("media/") || file.contains("/media/");
                    if is_media && open.media.len() < MEDIA_MAX {
                        open.media.insert(file);
                    }
                }
            }
            Token::EndTag(tag) => {
                if !is_inline(&tag.name) {
                    end_line(&mut line, &mut open)?;
                }
                match &tag.name[..] {
                    b"script" | b"style" | b"title" | b"textarea" | b"h1" | b"header" | b"nav" => hidden = false,
                    b"table" => tables = tables.saturating_sub(1),
                    _ => {}
                }
            }
            Token::String(text) if !hidden && tables == 0 => {
                add_words(&mut line, &cell_text(&text).0, CELL_BYTES_MAX);
            }
            _ => {}
        }
        Ok(())
    })?;
    end_line(&mut line, &mut open)?;
    if open.media.is_empty() { Ok(()) } else { take(&open) }
}

#[cfg(test)]
mod tests {
    use crate::samples::run_files;

    fn page(posts: &str) -> Vec<u8> {
        format!("<html><title>Posts</title><body><header>Posts from you</header><main>{posts}</main></body></html>")
            .into_bytes()
    }

    #[test]
    fn posts_are_what_stands_between_times() {
        let kept = run_files(super::IMPORTER.control.files).expect("a page");
        let rows = &kept.posts.rows;
        // date -u -d '2025-02-28 10:07' +%s, and of 2025-07-22 03:34
        assert_eq!(rows[0].published_at.map(|t| t.0), Some(1_740_737_220_000));
        assert_eq!(rows[1].published_at.map(|t| t.0), Some(1_753_155_240_000));
        assert_eq!(kept.posts.kinds, ["photo", "carousel"]);
        assert!(kept.notes.iter().any(|n| n.contains("read as UTC")), "{:?}", kept.notes);
    }

    #[test]
    fn words_are_the_first_text_and_what_no_post_is_is_none() {
        let mut shown = Vec::new();
        let text = page(
            "<div><div class=a>Jul 22, 2025<br>is <b>our</b> day</div><p><img src=\"media/reels/1.mp4\">later</p>\
             <table><tr><td>taken 10:11</td></tr></table><div>Feb 28, 2025 10:07 am</div></div>\
             <div><img src=\"../media/stories/2.jpg\"><div>Feb 27, 2025 9:00 pm</div></div><img src=\"media/posts/cut.jpg\">",
        );
        super::posts(&text[..], |post| {
            shown.push((post.words.clone(), post.media.len(), post.at.is_some()));
            Ok(())
        })
        .expect("memory");
        let of = |words: &str, n, timed| (words.to_owned(), n, timed);
        assert_eq!(shown, [of("Jul 22, 2025 is our day", 1, true), of("", 1, true), of("", 1, false)]);
        let kept = run_files(&[("reels.html", &text)]).expect("a page");
        assert_eq!((kept.posts.rows.len(), kept.rejects.len()), (2, 1), "{:?}", kept.rejects);
        assert_eq!(kept.posts.kinds, ["reel"]);
    }

    #[test]
    fn pages_of_other_things_are_no_posts() {
        let text = page("<div><h2>ann</h2><div>hello</div><div>Feb 28, 2025 10:07 am</div></div>");
        for name in ["posts_1.html", "message_1.html"] {
            assert!(run_files(&[(name, &text)]).is_err(), "{name}");
        }
    }
}

//! Instagram's export as web pages: each follower with the minute of the follow, in the user's language.
//!
//! Names of classes change from month to month, so the page is read by its structure: a link to instagram.com is a
//! follower, and the next text behind it the time. Times have no zone and are read as UTC, which is said; names of months are
//! known in the languages of [`crate::spoken`]. In another language the order of the list is kept without its times. A page
//! that a browser has saved again, with white space between and inside its tags, reads the same.

use super::instagram::{Named, handle_of_link, name_of, tell_when_made};
use crate::bundle::{ROW_BYTES_MAX, base_name};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::options::Clock;
use crate::reading::{Desk, Reading};
use crate::text::{Utf8, cell_text, repaired};
use crate::{Control, Importer, Layout, Yields, spoken};
use assay_model::{Fact, Follow, ListOrder, Loss, TimeMs, TimeQuality};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{IoReader, Token, Tokenizer};
use std::cell::Cell;
use std::io::{self, Read};

pub(crate) const IMPORTER: Importer = Importer {
    id: "instagram-html",
    sentence: "Instagram's export as web pages: the handle of each follower and the minute of the follow.",
    source: "accountscenter.instagram.com, Your information and permissions, Export your information, format HTML",
    quality: TimeQuality::Minute,
    network: Some("instagram"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "connections/followers_and_following/followers_1.html",
                b"<html><head><base href=\"../../\" /><style>a{}</style></head><body><h1>Follower</h1><main role=\"main\">\
                  <div class=\"pam uiBoxWhite\"><div class=\"_a6-p\"><div><div><a target=\"_blank\" \
                  href=\"https://www.instagram.com/anna\">anna</a></div><div>lug 22, 2025 3:34 am</div></div></div></div>\n\
                  <div class=\"pam uiBoxWhite\"><div class=\"_a6-p\"><div><div><a target=\"_blank\" \
                  href=\"https://www.instagram.com/_u/ben.b\">ben.b</a ></div>\n <div >\n giu 1, 2024\n 12:05 pm </div></div></div></div>\
                  </main></body></html>",
            ),
            (
                "connections/followers_and_following/following.html",
                b"<html><body><a href=\"https://www.instagram.com/dora\">dora</a><div>lug 22, 2025 3:34 am</div></body></html>",
            ),
        ],
        n_taken: 2,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    if !matches!(peek.extension(), "html" | "htm") {
        return Claim::No;
    }
    let links = || memchr::memmem::find(peek.head(), b"instagram.com/").is_some();
    match name_of(peek.base()) {
        Named::Followers if links() => Claim::List,
        Named::Unfollowed => Claim::Side,
        Named::Following if peek.is_single() && links() => Claim::Refused {
            found: "the accounts that the page follows",
            hint: "pass followers_1.html and its further parts, or the whole export",
        },
        Named::Unknown if peek.is_single() && links() && !times(peek.head()).is_empty() => Claim::List,
        _ => Claim::No,
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut last_follow: Option<TimeMs> = None;
    let mut followers = Vec::new();
    let mut n_timed = 0;
    let mut clock = Clock::new(reading.bundle.options());
    let mut language_known = None;
    for member in reading.members.clone() {
        let known = times(&reading.head(member)).iter().any(Option::is_some);
        if name_of(&base_name(&reading.bundle.members[member].path).to_lowercase()) == Named::Unfollowed {
            reading.file(member, |stream, desk| {
                each(stream, desk, |index, entry, desk| match spoken::moment(&entry.time) {
                    Some(time) => desk.loss(index, Loss { after: None, at: time.at, source: desk.row(index) }),
                    None => desk.reject(index, not_a_time(&entry.time)),
                })
            })?;
            continue;
        }
        followers.push(member);
        // A list whose first page tells its times is in a language that is known on all pages.
        let timed = *language_known.get_or_insert(known) || known;
        reading.file(member, |stream, desk| {
            each(stream, desk, |index, entry, desk| {
                let handle = match entry.handle() {
                    Ok(handle) => handle,
                    Err(why) => return desk.reject(index, why),
                };
                let at = spoken::moment(&entry.time).map(|time| clock.at(time));
                if at.is_none() && (timed || entry.time.is_empty()) {
                    return desk.reject(index, not_a_time(&entry.time));
                }
                n_timed += u64::from(at.is_some());
                last_follow = last_follow.max(at);
                desk.follow(index, Follow { handle: Some(&handle), followed_at: at, ..Follow::default() })
            })
        })?;
    }
    tell_when_made(reading, &followers, last_follow)?;
    if n_timed > 0 {
        let zone = reading.bundle.options().zone.as_ref().map_or("UTC", |zone| zone.name()).to_owned();
        reading.note(&format!("the times of this export have no zone and were read as {zone}"))?;
    } else if language_known == Some(false) {
        reading
            .note("the times of this export are in a language that assay does not know: only their order was read")?;
    }
    reading.tell(Fact::Quality(if n_timed > 0 { TimeQuality::Minute } else { TimeQuality::OrderOnly }))?;
    reading.tell(Fact::Order(ListOrder::NewestFirst))
}

fn not_a_time(found: &str) -> String {
    if found.is_empty() {
        return "expected a time behind the link to a profile, found none".to_owned();
    }
    format!("expected a time such as Jul 22, 2025 3:34 am, found {}", quote(found))
}

/// A link to a profile and the text behind it.
#[derive(Debug, Default, PartialEq)]
struct Entry {
    href: String,
    text: String,
    time: String,
}

/// The most bytes of a text that are kept: handles and times are shorter.
const TEXT_BYTES_MAX: usize = 1_000;

impl Entry {
    fn handle(&self) -> Result<String, String> {
        let link = handle_of_link(&self.href).unwrap_or(&self.text);
        let handle = repaired(link.trim());
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        if handle.is_empty() || handle.len() > TEXT_BYTES_MAX || !handle.chars().all(allowed) {
            return Err(format!("expected a link to a profile, found {}", quote(&self.href)));
        }
        Ok(handle.into_owned())
    }
}

/// The times of the entries in the head of a page, as far as they can be read.
fn times(head: &[u8]) -> Vec<Option<TimeMs>> {
    let mut found = Vec::new();
    // Reading from a slice fails only where a tag is longer than a row may be, which ends the look.
    let _ = entries(head, |_, entry| {
        if !entry.time.is_empty() {
            found.push(spoken::moment(&entry.time).map(|time| time.at));
        }
        Ok(())
    });
    found
}

/// Hands over the entries of a page.
fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    mut take: impl FnMut(u64, &Entry, &mut Desk<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let taken = entries(utf8, |index, entry| take(index, entry, desk).map_err(io::Error::other));
    taken.map_err(|e| desk.broken(&e))
}

/// Counts the bytes read since the last tag or text, so that none can fill the memory.
struct Stretch<'a, R> {
    inner: R,
    since: &'a Cell<usize>,
}

impl<R: Read> Read for Stretch<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > ROW_BYTES_MAX {
            return Err(io::Error::other("more than 4 MiB without a tag"));
        }
        let n = self.inner.read(buf)?;
        self.since.set(self.since.get() + n);
        Ok(n)
    }
}

/// Hands over the tags and texts of a page one by one; scripts and styles are no texts.
pub(super) fn tokens(stream: impl Read, mut take: impl FnMut(Token) -> io::Result<()>) -> io::Result<()> {
    let since = Cell::new(0);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(IoReader::new(Stretch { inner: stream, since: &since }), emitter) {
        take(token?)?;
        since.set(0);
    }
    Ok(())
}

/// Whether a tag stands within a line of text.
pub(super) fn is_inline(name: &[u8]) -> bool {
    matches!(name, b"a" | b"b" | b"i" | b"em" | b"span" | b"strong" | b"font")
}

/// Adds the words of a text, one space between them, as far as there is room.
pub(super) fn add_words(kept: &mut String, text: &str, bytes_max: usize) {
    for word in text.split_whitespace() {
        if kept.len() + word.len() < bytes_max {
            kept.push_str(if kept.is_empty() { "" } else { " " });
            kept.push_str(word);
        }
    }
}

/// Finds links to profiles and the texts behind them, counted from 1.
fn entries(stream: impl Read, mut take: impl FnMut(u64, &Entry) -> io::Result<()>) -> io::Result<()> {
    let mut open: Option<Entry> = None;
    let (mut in_link, mut hidden, mut index) = (false, false, 0);
    tokens(stream, |token| {
        match token {
            Token::StartTag(tag) => {
                hidden = matches!(&tag.name[..], b"script" | b"style" | b"title" | b"textarea");
                let href = (tag.name == b"a").then(|| tag.attributes.get(&b"href"[..])).flatten();
                let href = href.map(|href| cell_text(href).0.trim().to_owned());
                if let Some(href) = href.filter(|h| handle_of_link(h).is_some()) {
                    if let Some(entry) = open.replace(Entry { href, ..Entry::default() }) {
                        index += 1;
                        take(index, &entry)?;
                    }
                    in_link = true;
                }
            }
            Token::EndTag(tag) => {
                hidden = false;
                in_link &= tag.name != b"a";
                // A time ends where its block does.
                if !is_inline(&tag.name)
                    && let Some(entry) = open.take_if(|entry| !entry.time.is_empty())
                {
                    index += 1;
                    take(index, &entry)?;
                }
            }
            Token::String(text) if !hidden => {
                if let Some(entry) = &mut open {
                    let kept = if in_link { &mut entry.text } else { &mut entry.time };
                    add_words(kept, &cell_text(&text).0, TEXT_BYTES_MAX);
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if let Some(entry) = open {
        take(index + 1, &entry)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::entries;
    use crate::samples::{Kept, run_files};
    use assay_model::{ListOrder, TimeMs, TimeQuality};

    fn page(rows: &[(&str, &str)]) -> Vec<u8> {
        let row = |(handle, time): &(&str, &str)| {
            format!(
                "<div class=x><div><a href=\"https://www.instagram.com/{handle}\">{handle}</a></div><div>{time}</div></div>"
            )
        };
        format!("<html><body><main>{}</main></body></html>", rows.iter().map(row).collect::<String>()).into_bytes()
    }

    fn of(rows: &[(&str, &str)]) -> Kept {
        run_files(&[("followers_1.html", &page(rows))]).expect("a page")
    }

    #[test]
    fn times_are_to_the_minute_and_their_zone_is_assumed_aloud() {
        let kept = of(&[("zo", "Jul 22, 2025 3:34 am"), ("al", "Jul 21, 2025 3:34 pm")]);
        assert_eq!(kept.follows[0].followed_at, Some(TimeMs(1_753_155_240_000)));
        assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::Minute)));
        assert!(kept.notes.iter().any(|n| n.contains("read as UTC")), "{:?}", kept.notes);
    }

    #[test]
    fn in_a_language_that_is_not_known_the_order_remains() {
        let kept = of(&[("zo", "heinäkuu 22, 2025 3:34"), ("al", "heinäkuu 21, 2025 3:34")]);
        assert_eq!((kept.follows.len(), kept.quality), (2, Some(TimeQuality::OrderOnly)));
        assert!(kept.notes.iter().any(|n| n.contains("only their order")), "{:?}", kept.notes);
        let kept = of(&[("zo", "lug 22, 2025 3:34 am"), ("al", "soon"), ("bo", "")]);
        assert_eq!((kept.follows.len(), kept.rejects.len()), (1, 2), "{:?}", kept.rejects);
    }

    #[test]
    fn a_page_saved_again_by_a_browser_reads_the_same() {
        let saved = b"<!DOCTYPE html>\n<!-- saved from url=(0014)about:internet -->\n<html><body>\n<a href=\"https://help.example\">x</a>\
            <DIV\n class=\"x\"><a\n  target=\"_blank\"\n  href=\" https://www.instagram.com/zo/?hl=it \"\n >\n zo\n</a\n>\n</DIV>\n\
            <div\n>lug&nbsp;22,\n 2025 <b>3:34</b>\n am</div>\n<script>var a = '<a href=\"https://www.instagram.com/no\">';</script></body>";
        let mut all = Vec::new();
        entries(&saved[..], |_, entry| {
            all.push((entry.handle(), entry.time.clone()));
            Ok(())
        })
        .expect("memory");
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0], (Ok("zo".to_owned()), "lug 22, 2025 3:34 am".to_owned()));
    }

    #[test]
    fn lists_of_others_are_not_taken_and_losses_are() {
        let rows = page(&[("zo", "lug 22, 2025 3:34 am")]);
        for name in ["following.html", "close_friends.html", "pending_follow_requests.html"] {
            assert!(run_files(&[(name, &rows)]).is_err(), "{name}");
        }
        let kept = run_files(&[("followers_1.html", &rows), ("recently_unfollowed_profiles.html", &rows)]);
        assert_eq!(kept.expect("pages").losses.len(), 1);
    }

    #[test]
    fn an_endless_tag_is_an_error_and_not_a_full_memory() {
        let mut endless = page(&[("zo", "lug 22, 2025 3:34 am")]);
        endless.extend(b"<a title=\"");
        endless.resize(12 << 20, b'x');
        let error = run_files(&[("followers_1.html", &endless)]).expect_err("an endless tag").to_string();
        assert!(error.contains("without a tag"), "{error}");
    }
}

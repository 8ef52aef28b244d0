//! Instagram's export as web pages: what the account liked and the comments it wrote, as the export in JSON tells them.
//!
//! What is liked or said is a block directly within `main`. It has had three layouts, on which eight public programs that read such
//! pages agree; names of classes change, so they are told apart by structure:
//!
//! - a heading that names whose post it was, a link to the post, and the minute behind it (likes);
//! - a table of labels and values in the user's language, among them the time (comments): a value stands in the cell behind its
//!   label or, in a block, below it in the same cell;
//! - tables of labels and values within one another, with the time behind them (likes of the newest exports).
//!
//! Limits: there is no id of a like or comment and no second of its time, so that the same export in both forms tells them twice; a line
//! break within a comment is one only where the page has a tag for it. Times have no zone and are read as UTC, which is said.

use super::instagram_activity::{Said, hand_over, kind_of, shortcode};
use super::instagram_html::{is_inline, tokens};
use crate::bundle::{CELL_BYTES_MAX, base_name};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::options::Clock;
use crate::reading::Reading;
use crate::text::{Utf8, cell_text, repaired};
use crate::{Control, Importer, Layout, Yields, spoken};
use assay_model::when::Moment;
use assay_model::{EngagementKind, TimeQuality};
use html5gum::Token;
use std::io::{self, Read};

pub(crate) const IMPORTER: Importer = Importer {
    id: "instagram-html-activity",
    sentence: "Instagram's export as web pages: posts that the account liked and comments that it wrote, to the minute.",
    source: "accountscenter.instagram.com, Your information and permissions, Export your information, format HTML",
    quality: TimeQuality::Minute,
    network: Some("instagram"),
    yields: Yields::Engagements,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "your_instagram_activity/likes/liked_posts.html",
                b"<html><head><title>Liked posts</title><style>a{}</style></head><body><h1>Liked posts</h1><main role=\"main\">\
                  <div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\"><h2 class=\"_3-95 _2pim _a6-h _a6-i\">anna</h2>\
                  <div class=\"_a6-p\"><div><div><a target=\"_blank\" href=\"https://www.instagram.com/p/Cf6a/\">&#128077;</a></div>\
                  <div>Jul 04, 2024 3:38 pm</div></div></div></div></main></body></html>",
            ),
            (
                "your_instagram_activity/comments/post_comments_1.html",
                b"<html><body><main role=\"main\"><div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\"><div class=\"_a6-p\">\
                  <table style=\"table-layout: fixed;\"><tr><td colspan=\"2\" class=\"_2pin _a6_q\">Comment<div><div>tr\xc3\xa8s bon</div>\
                  </div></td></tr><tr><td colspan=\"2\" class=\"_2pin _a6_q\">Media Owner<div><div>ben</div></div></td></tr>\
                  <tr><td class=\"_2pin _a6_q\">Time</td><td class=\"_2pin _2piu _a6_r\">Apr 20, 2024 12:23 am</td></tr></table></div></div>\
                  </main></body></html>",
            ),
        ],
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
    let _ = blocks(peek.head(), |block| {
        n += usize::from(block.at().is_some() || block.link().is_some());
        Ok(())
    });
    if n > 0 { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut clock = Clock::new(reading.bundle.options());
    let (mut n_timed, mut n_untimed) = (0_u64, 0_u64);
    for member in reading.members.clone() {
        let base = base_name(&reading.bundle.members[member].path).to_lowercase();
        let kind = stem(base.trim_end_matches(".gz")).and_then(kind_of).unwrap_or(EngagementKind::Like);
        reading.file(member, |stream, desk| {
            let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
            let mut index = 0;
            let taken = blocks(utf8, |block| {
                index += 1;
                let mut said = block.said();
                said.at = block.at().map(|at| clock.at(at));
                n_timed += u64::from(said.at.is_some());
                n_untimed += u64::from(said.at.is_none());
                hand_over(desk, index, &said, kind, None).map_err(io::Error::other)
            });
            taken.map_err(|e| desk.broken(&e))
        })?;
    }
    if n_timed == 0 && n_untimed > 0 {
        return reading
            .note("the times of this export are in a language that assay does not know: likes and comments have none");
    }
    let zone = reading.bundle.options().zone.as_ref().map_or("UTC", |zone| zone.name()).to_owned();
    reading.note(&format!("the times of this export have no zone and were read as {zone}"))
}

/// A like or a comment as its page shows it.
#[derive(Debug, Default)]
struct Block {
    /// Texts outside of tables and links.
    texts: Vec<String>,
    /// Labels with their values, in the order of the page.
    labelled: Vec<(String, String)>,
    /// Links to Instagram.
    links: Vec<String>,
    has_table: bool,
}

/// Texts, labels and links of a block that are told apart.
const PARTS_MAX: usize = 1_000;

fn time(text: &str) -> Option<Moment> {
    spoken::moment(text).filter(|_| text.contains(':'))
}

impl Block {
    /// The time behind the block, or among its values; what was said is none.
    fn at(&self) -> Option<Moment> {
        let behind = self.texts.iter().rev().find_map(|text| time(text));
        behind.or_else(|| self.labelled.iter().rev().find_map(|(_, value)| time(value)))
    }

    /// The link to the post, else any.
    fn link(&self) -> Option<&str> {
        let post = self.links.iter().find(|link| shortcode(link).is_some());
        post.or(self.links.first()).map(String::as_str)
    }

    fn said(&self) -> Said<'_> {
        let mut said = Said { link: self.link(), ..Said::default() };
        if !self.has_table {
            // A time in a language that is not known has several words; a handle is one.
            let owner = self.texts.iter().find(|text| !text.contains(char::is_whitespace));
            said.owner = owner.map(|text| repaired(text));
            return said;
        }
        let mut unnamed = Vec::new();
        for (label, value) in &self.labelled {
            let left = said.label(label, repaired(value));
            unnamed.extend(left.filter(|value| time(value).is_none()));
        }
        // A table that holds its time has what was said and whose post it was besides.
        if !self.texts.iter().any(|text| time(text).is_some()) {
            said.guess(unnamed);
        }
        said
    }
}

/// Where the reader of a page stands.
#[derive(Default)]
struct Place {
    hidden: bool,
    in_link: bool,
    in_heading: bool,
    /// Tables around it.
    tables: u32,
    /// `div`s around it within `main`; `None` outside of `main`.
    divs: Option<u32>,
    /// The label in this row of a table whose value comes next.
    label: Option<String>,
    line: String,
}

impl Place {
    /// Ends a line of text: a label, its value, or a text of its own.
    fn end_line(&mut self, block: &mut Block) {
        let text = std::mem::take(&mut self.line);
        let text = text.trim();
        if text.is_empty() || self.divs.is_none_or(|divs| divs == 0) {
            return;
        }
        if self.tables == 0 {
            if block.texts.len() < PARTS_MAX {
                block.texts.push(text.to_owned());
            }
        } else if !self.in_heading {
            // A heading within a table names the group of what follows.
            match self.label.take() {
                None => self.label = Some(text.to_owned()),
                Some(label) if block.labelled.len() < PARTS_MAX => block.labelled.push((label, text.to_owned())),
                Some(_) => {}
            }
        }
    }

    /// Adds the words of a text, one space between them, as far as there is room.
    fn add(&mut self, text: &str) {
        for word in text.split_whitespace() {
            if self.line.len() + word.len() < CELL_BYTES_MAX {
                let joins = self.line.is_empty() || self.line.ends_with('\n');
                self.line.push_str(if joins { "" } else { " " });
                self.line.push_str(word);
            }
        }
    }
}

/// Finds the blocks of a page: each `div` directly within its main part. One that is cut is handed over as far as it goes.
fn blocks(stream: impl Read, mut take: impl FnMut(&Block) -> io::Result<()>) -> io::Result<()> {
    let mut place = Place::default();
    let mut open = Block::default();
    tokens(stream, |token| {
        match token {
            Token::StartTag(tag) => {
                if !is_inline(&tag.name) && tag.name != b"br" {
                    place.end_line(&mut open);
                }
                let role = tag.attributes.get(&b"role"[..]).is_some_and(|role| role.0 == b"main");
                if place.divs.is_none() && (tag.name == b"main" || role) {
                    place.divs = Some(0);
                    return Ok(());
                }
                match &tag.name[..] {
                    b"script" | b"style" | b"title" | b"textarea" => place.hidden = true,
                    b"div" if !tag.self_closing => place.divs = place.divs.map(|divs| divs + 1),
                    b"table" if !tag.self_closing => {
                        place.tables += 1;
                        open.has_table = true;
                    }
                    b"tr" => place.label = None,
                    b"h1" | b"h2" | b"h3" => place.in_heading = true,
                    b"br" => place.line.push('\n'),
                    b"a" => {
                        let href = tag.attributes.get(&b"href"[..]).map(|href| cell_text(href).0.trim().to_owned());
                        let link = href.filter(|href| href.contains("instagram.com/"));
                        place.in_link = link.is_some();
                        open.links.extend(link.filter(|_| open.links.len() < PARTS_MAX));
                    }
                    _ => {}
                }
            }
            Token::EndTag(tag) => {
                if !is_inline(&tag.name) {
                    place.end_line(&mut open);
                }
                match &tag.name[..] {
                    b"script" | b"style" | b"title" | b"textarea" => place.hidden = false,
                    b"table" => place.tables = place.tables.saturating_sub(1),
                    b"tr" => place.label = None,
                    b"h1" | b"h2" | b"h3" => place.in_heading = false,
                    b"a" => place.in_link = false,
                    b"main" => place.divs = None,
                    b"div" => match place.divs {
                        Some(1) => {
                            take(&std::mem::take(&mut open))?;
                            place = Place { divs: Some(0), ..Place::default() };
                        }
                        // The main part itself, where it is a `div`.
                        Some(0) => place.divs = None,
                        divs => place.divs = divs.map(|divs| divs - 1),
                    },
                    _ => {}
                }
            }
            Token::String(text) if !place.hidden && !place.in_link => place.add(&cell_text(&text).0),
            _ => {}
        }
        Ok(())
    })?;
    place.end_line(&mut open);
    let is_open = !open.texts.is_empty() || !open.labelled.is_empty() || !open.links.is_empty();
    if is_open && place.divs.is_some_and(|divs| divs > 0) { take(&open) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use crate::samples::{Kept, run_files};
    use std::fmt::Write as _;

    fn page(blocks: &str) -> Vec<u8> {
        format!("<html><title>x</title><body><div><header>Likes</header><main role=\"main\">{blocks}</main></div></body></html>")
            .into_bytes()
    }

    /// The facts, but for ids and rows, which a page has otherwise or not at all.
    fn facts(kept: &Kept) -> Vec<String> {
        let plain = |fact: &String| {
            let start = fact.find("engagement_id: ").expect("an id");
            let end = start + fact[start..].find(", answers").expect("what it answers");
            let fact = format!("{}{}", &fact[..start], &fact[end..]);
            fact[..fact.find("source: ").expect("a row")].to_owned()
        };
        assert!(kept.rejects.is_empty(), "{:?}", kept.rejects);
        kept.others.iter().map(plain).collect()
    }

    const OPEN: &str = "<div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\">";

    /// date -u -d '2025-01-05 04:40' +%s: 1736052000
    #[test]
    fn both_forms_of_an_export_tell_the_same() {
        let (mut json, mut html) = (Vec::new(), String::new());
        for (owner, code) in [("anna", "Cf6a"), ("ben.b", "D_1-x"), ("", "C9")] {
            json.push(format!(
                r#"{{"title":"{owner}","string_list_data":[{{"href":"https://www.instagram.com/p/{code}/","value":"x","timestamp":1736052000}}]}}"#
            ));
            let heading = if owner.is_empty() { String::new() } else { format!("<h2 class=\"_a6-h\">{owner}</h2>") };
            let _ = write!(
                html,
                "{OPEN}{heading}<div class=\"_a6-p\"><div><div><a href=\"https://www.instagram.com/p/{code}/\">&#128077;</a></div>\
                 <div>gen 05, 2025 4:40 am</div></div></div></div>"
            );
        }
        let likes_json = format!("{{\"likes_media_likes\":[{}]}}", json.join(","));
        let comments_json = r#"[{"media_list_data":[{"uri":""}],"string_map_data":{"Comment":{"value":"so good\nand warm: Jan 5, 2025 4:40 am"},
            "Media Owner":{"value":"ben"},"Time":{"timestamp":1736052000}}},
            {"string_map_data":{"Hozz\u00c3\u00a1sz\u00c3\u00b3l\u00c3\u00a1s":{"value":"Sz\u00c3\u00a9p munka!"},"Tulajdonos":{"value":"bo.b"},"Id\u00c5\u0091":{"timestamp":1736052000}}}]"#;
        let row = |label: &str, value: &str| {
            format!("<tr><td colspan=\"2\" class=\"_a6_q\">{label}<div><div>{value}</div></div></td></tr>")
        };
        let when = |label: &str| {
            format!("<tr><td class=\"_a6_q\">{label}</td><td class=\"_2piu\">Jan 05, 2025 4:40 am</td></tr>")
        };
        let comments = format!(
            "{OPEN}<div class=\"_a6-p\"><table>{}{}{}</table></div></div>{OPEN}<table>{}{}{}</table></div>",
            row("Comment", "so good<br />and warm: Jan 5, 2025 4:40 am"),
            row("Media Owner", "ben"),
            when("Time"),
            row("Hozzászólás", "Szép munka!"),
            row("Tulajdonos", "bo.b"),
            when("Idő"),
        );
        let of_json = run_files(&[
            ("liked_posts.json", likes_json.as_bytes()),
            ("post_comments_1.json", comments_json.as_bytes()),
        ]);
        let of_html = run_files(&[("liked_posts.html", &page(&html)), ("post_comments_1.html", &page(&comments))]);
        let (of_json, of_html) = (of_json.expect("an export"), of_html.expect("an export"));
        assert_eq!(of_json.others.len(), 5);
        assert_eq!(facts(&of_html), facts(&of_json));
        assert!(of_html.notes.iter().any(|n| n.contains("read as UTC")), "{:?}", of_html.notes);
    }

    #[test]
    fn the_newest_likes_have_tables_within_tables() {
        let json = r#"[{"timestamp":1736052000,"media":[],"label_values":[
            {"label":"URL","value":"https://www.instagram.com/reel/C9/","href":"https://www.instagram.com/reel/C9/"},
            {"label":"Caption","value":"Met elkaar op Jan 6, 2025 5:00 am"},
            {"title":"Owner","dict":[{"dict":[{"label":"Name","value":"Zo & Co"},{"label":"Gebruikersnaam","value":"zo"}],"title":""}]},
            {"title":"Hashtags","dict":[{"dict":[{"label":"Name","value":"koffie"}],"title":""}]}],"fbid":"1784"}]"#;
        let pair = |label: &str, value: &str| {
            format!("<tr><td class=\"_a6_q\">{label}</td><td class=\"_2piu _a6_r\">{value}</td></tr>")
        };
        let group = |title: &str, rows: &str| {
            format!(
                "<tr><td colspan=\"2\" class=\"_a6_q\"><div><div class=\"pam\"><h2 class=\"_a6-h\">{title}</h2><div class=\"_a6-p\"><div class=\"pam\">\
                 <div class=\"_a6-p\"><table>{rows}</table></div></div></div></div></div></td></tr>"
            )
        };
        let html = format!(
            "{OPEN}<div class=\"_a6-p\"><table><tr><td colspan=\"2\" class=\"_a6_q\">URL<div><a target=\"_blank\" \
             href=\"https://www.instagram.com/reel/C9/\">https://www.instagram.com/reel/C9/</a></div></td></tr>{}{}{}</table></div>\
             <div class=\"_3-94 _a6-o\">Jan 05, 2025 4:40 am</div></div>",
            pair("Caption", "Met elkaar op Jan 6, 2025 5:00 am"),
            group("Owner", &(pair("Name", "Zo &amp; Co") + &pair("Gebruikersnaam", "zo"))),
            group("Hashtags", &pair("Name", "koffie")),
        );
        let of_json = run_files(&[("liked_posts.json", json.as_bytes())]).expect("an export");
        let of_html = run_files(&[("liked_posts.html", &page(&html))]).expect("an export");
        assert_eq!(facts(&of_html), facts(&of_json));
        assert!(of_html.others[0].contains("\"zo\"") && of_html.others[0].contains("\"C9\""), "{:?}", of_html.others);
        // The main part may be a `div`, and a browser may have saved the page again.
        let saved = String::from_utf8(page(&html)).expect("UTF-8").replace("<main", "<div").replace("</main", "</div");
        let saved = saved.replace("><", ">\n <");
        let again = run_files(&[("liked_posts.html", saved.as_bytes())]).expect("an export");
        assert_eq!(facts(&again), facts(&of_html));
    }

    #[test]
    fn what_says_nothing_is_rejected_and_an_unknown_language_leaves_the_likes_without_times() {
        let like = |time: &str| {
            format!(
                "{OPEN}<h2>anna</h2><div><a href=\"https://www.instagram.com/p/Cf6a/\">x</a></div><div>{time}</div></div>"
            )
        };
        let empty = format!("{OPEN}<div></div></div>");
        let kept = run_files(&[("liked_posts.html", &page(&(like("Jan 05, 2025 4:40 am") + &empty)))]).expect("a page");
        assert_eq!((kept.others.len(), kept.rejects.len()), (1, 1));
        let kept = run_files(&[("liked_posts.html", &page(&like("heinäkuu 22, 2025 3:34")))]).expect("a page");
        assert!(kept.others[0].contains("\"anna\"") && kept.others[0].contains(" at: None"), "{:?}", kept.others);
        assert!(kept.notes.iter().any(|n| n.contains("does not know")), "{:?}", kept.notes);
        let nameless = like("heinäkuu 22, 2025 3:34").replace("<h2>anna</h2>", "");
        let kept = run_files(&[("liked_posts.html", &page(&nameless))]).expect("a page");
        assert!(kept.others[0].contains("handle: None"), "{:?}", kept.others);
    }
}

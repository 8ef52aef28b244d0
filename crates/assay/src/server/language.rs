//! Pages in another language: a table of what pages say in English beside what they shall say instead, laid over pages where they
//! leave the server. It is given by whoever serves; visitors get the language that their browser asks for.
//!
//! A table is a text of lines `English<TAB>other`; a number stands as `#` on both sides, and numbers keep their order. Its first
//! line is `language<TAB>de`. What has no line stays English; what somebody wrote (names, posts, code) stands in elements that are
//! passed over, and stays as it is.

use super::Shared;
use super::problem::Problem;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The most bytes of a page that is translated; a longer one stays English.
const PAGE_BYTES_MAX: usize = 8 << 20;
/// Elements whose text is not the program's own, or no text.
const PASSED_OVER: [&str; 7] = ["bdi", "code", "pre", "script", "style", "textarea", "option"];
/// Attributes that are read to people.
const READ_OUT: [&str; 5] = ["aria-label", "placeholder", "title", "alt", "data-confirm"];

/// A language that pages can be shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its tag (BCP 47), such as `de`.
    pub tag: String,
    /// What is said instead of what, numbers as `#`.
    said: HashMap<String, String>,
}

impl Language {
    /// Reads a table.
    ///
    /// # Errors
    /// If its first line names no language or a line has no second part or other numbers: the line, and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        let is_tag =
            |t: &str| !t.is_empty() && t.len() <= 35 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let tag =
            lines.next().and_then(|(_, l)| l.split_once('\t')).filter(|(n, t)| *n == "language" && is_tag(t.trim()));
        let (_, tag) = tag.ok_or("line 1: expected `language`, a tab and its tag, such as de")?;
        let mut said = HashMap::new();
        for (i, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
            let pair = line
                .split_once('\t')
                .map(|(a, b)| (a.trim(), b.trim()))
                .filter(|(a, b)| !a.is_empty() && !b.is_empty());
            let (english, other) =
                pair.ok_or_else(|| format!("line {}: expected English, a tab and what to say instead", i + 1))?;
            if english.matches('#').count() != other.matches('#').count() {
                return Err(format!("line {}: expected as many # on both sides of the tab", i + 1));
            }
            said.insert(english.to_owned(), other.to_owned());
        }
        Ok(Self { tag: tag.trim().to_owned(), said })
    }

    /// What is said instead of a text; nothing where the table does not know it.
    fn instead(&self, text: &str) -> Option<String> {
        let (key, numbers) = masked(text);
        let mut numbers = numbers.into_iter();
        Some(self.said.get(&key)?.split('#').enumerate().fold(String::new(), |mut out, (i, part)| {
            if i > 0 {
                out.push_str(numbers.next().unwrap_or("#"));
            }
            out.push_str(part);
            out
        }))
    }

    /// A page in this language.
    fn page(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 8);
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (text, behind) = rest.split_at(at);
            self.put(text, &mut out);
            let Some(end) = tag_end(behind) else { return out + behind };
            let (tag, after) = behind.split_at(end);
            rest = after;
            let name: String = tag[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
            if name == "html" {
                out.push_str(&tag.replacen("lang=\"en\"", &format!("lang=\"{}\"", self.tag), 1));
                continue;
            }
            self.put_tag(tag, &mut out);
            if PASSED_OVER.contains(&name.as_str()) {
                let end = rest.find(&format!("</{name}>")).unwrap_or(rest.len());
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
        self.put(rest, &mut out);
        out
    }

    /// A text between tags.
    fn put(&self, text: &str, out: &mut String) {
        let own = text.trim();
        match (!own.is_empty()).then(|| self.instead(&plain(own))).flatten() {
            Some(other) => {
                let lead = text.len() - text.trim_start().len();
                out.push_str(&text[..lead]);
                out.push_str(&escaped(&other));
                out.push_str(&text[lead + own.len()..]);
            }
            None => out.push_str(text),
        }
    }

    /// A tag, with what is read out of it.
    fn put_tag(&self, tag: &str, out: &mut String) {
        let mut rest = tag;
        while let Some(at) = rest.find("=\"") {
            let name = rest[..at].rsplit([' ', '\n', '\t']).next().unwrap_or("");
            let (head, value) = rest.split_at(at + 2);
            out.push_str(head);
            let end = value.find('"').unwrap_or(value.len());
            let other = READ_OUT.contains(&name).then(|| self.instead(&plain(value[..end].trim()))).flatten();
            out.push_str(&other.map_or_else(|| value[..end].to_owned(), |o| escaped(&o)));
            rest = &value[end..];
            if let Some(behind) = rest.strip_prefix('"') {
                out.push('"');
                rest = behind;
            }
        }
        out.push_str(rest);
    }
}

/// Where a tag ends: behind the first `>` outside quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quoted = false;
    let end = tag.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b'>' && !quoted
    });
    end.map(|at| at + 1)
}

/// A text with `#` in the place of its numbers, and the numbers.
fn masked(text: &str) -> (String, Vec<&str>) {
    let (mut key, mut numbers) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        key.push_str(&rest[..at]);
        let number = &rest[at..];
        let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{202f}' | '\u{2019}');
        let end = number.find(|c| !inside(c)).unwrap_or(number.len());
        // A period or comma behind a number is the sentence's.
        let end = number[..end].trim_end_matches(|c: char| !c.is_ascii_digit()).len();
        key.push('#');
        numbers.push(&number[..end]);
        rest = &number[end..];
    }
    key.push_str(rest);
    (key, numbers)
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        let _ = match c {
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '&' => out.write_str("&amp;"),
            c => out.write_char(c),
        };
        out
    })
}

/// The language that a visitor asks for before English, if it is there.
fn asked<'a>(languages: &'a [Language], headers: &HeaderMap) -> Option<&'a Language> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut wanted: Vec<(f32, &str)> = accepted
        .split(',')
        .map(|part| {
            let (tag, weight) = part.split_once(';').unwrap_or((part, ""));
            (weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0), tag.trim())
        })
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let primary = |tag: &str| tag.split('-').next().unwrap_or("").to_ascii_lowercase();
    for (_, tag) in wanted {
        let exact = languages.iter().find(|l| l.tag.eq_ignore_ascii_case(tag));
        match exact.or_else(|| languages.iter().find(|l| primary(&l.tag) == primary(tag))) {
            Some(language) => return Some(language),
            None if primary(tag) == "en" => return None,
            None => {}
        }
    }
    None
}

/// Shows pages in the language that is asked for.
pub async fn shown(State(server): State<Shared>, request: Request, next: Next) -> Response {
    let language = asked(&server.languages, request.headers()).cloned();
    let mut response = next.run(request).await;
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    // A file is written while it is sent, and stays as it is.
    if !is_page || server.languages.is_empty() || response.headers().contains_key(header::CONTENT_DISPOSITION) {
        return response;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language"));
    let Some(language) = language else { return response };
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, PAGE_BYTES_MAX).await else {
        return Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "the page is too long to translate", "")
            .into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let page = std::str::from_utf8(&bytes).map(|html| language.page(html));
    Response::from_parts(parts, page.map_or_else(|_| Body::from(bytes.clone()), Body::from))
}

#[cfg(test)]
mod tests {
    use super::{Language, asked};
    use axum::http::{HeaderMap, HeaderValue, header};

    fn german() -> Language {
        let table = "language\tde\nSettings\tEinstellungen\n# people await an answer\tAuf Antwort warten #\n\
                     Search \"all\" & more\t\u{201e}Alles\u{201c} & mehr suchen\nFrom # to #.\tVon # bis #.\n";
        Language::parse(table).expect("a table")
    }

    #[test]
    fn own_texts_are_said_in_the_language_and_foreign_ones_stay() {
        let page = "<!DOCTYPE html><html lang=\"en\"><a title=\"Settings\" href=\"/Settings\"> Settings </a><bdi>Settings</bdi>\
                    <p>1.204 people await an answer</p><p>From 3,5 to 14.</p><p>Search &quot;all&quot; &amp; more</p>\
                    <code>Settings</code><p>Unknown 7</p><script>if (a<b) 'Settings'</script><p title=\"a > b\">Settings";
        let shown = "<!DOCTYPE html><html lang=\"de\"><a title=\"Einstellungen\" href=\"/Settings\"> Einstellungen </a><bdi>Settings</bdi>\
                     <p>Auf Antwort warten 1.204</p><p>Von 3,5 bis 14.</p><p>\u{201e}Alles\u{201c} &amp; mehr suchen</p>\
                     <code>Settings</code><p>Unknown 7</p><script>if (a<b) 'Settings'</script><p title=\"a > b\">Einstellungen";
        assert_eq!(german().page(page), shown);
        for broken in ["<", "<a href=\"", "a < b", "<bdi>", "</", "<a title=\"Settings\"", ""] {
            let _ = german().page(broken);
        }
    }

    #[test]
    fn tables_that_cannot_be_used_say_where() {
        let error = |text: &str| Language::parse(text).expect_err(text);
        assert!(error("Settings\tEinstellungen\n").starts_with("line 1: expected `language`"));
        assert!(error("language\tde\n\nSettings\n").starts_with("line 3"));
        assert!(error("language\tde\n# people\tLeute\n").contains("as many #"));
    }

    #[test]
    fn visitors_get_what_their_browser_asks_for_first() {
        let languages = [german()];
        let of = |accepted: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted))]);
            asked(&languages, &headers).is_some()
        };
        assert!(of("de-AT,de;q=0.9,en;q=0.8") && of("fr, de;q=0.5, en;q=0.2"));
        assert!(!of("en-GB,de;q=0.9") && !of("fr") && !of("de;q=0, en") && !of(""));
    }
}

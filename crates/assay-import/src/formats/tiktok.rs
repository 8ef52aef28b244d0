//! TikTok's export ("download your data"): the name of each follower and the second of the follow.
//!
//! As JSON, `user_data_tiktok.json` holds everything in one file; the followers stand in `FansList` below `Your Activity`,
//! or in older exports below `Activity` or `Profile And Settings`. A list without followers is `null`. Whether keys are
//! written `Date` or `date` differs within one file. As text, `Follower.txt` has two lines a follower. Times name no zone
//! and are taken to be UTC, which is said. The account's own videos, comments and likes are read too; the other lists, messages
//! among them, are passed over unread.

use super::fields::{count, text};
use crate::delimited::{self, Records};
use crate::detect::{Claim, Peek};
use crate::elements::{Elements, Next, Way};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::text::{Utf8, cell_text};
use crate::{Control, Importer, Layout, Yields};
use assay_model::when::{self, Form, Moment};
use assay_model::{Engagement, EngagementKind, Fact, Follow, ListOrder, Post, TimeMs, TimeQuality};
use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "tiktok",
    sentence: "TikTok's export in JSON or as text: the name of each follower and the second of the follow, and own videos, comments and likes.",
    source: "TikTok, Settings and privacy, Account, Download your data, format JSON",
    quality: TimeQuality::Exact,
    network: Some("tiktok"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "user_data_tiktok.json",
            b"{\"Profile\": {\"Profile Info\": {\"App\": 1}}, \"Your Activity\": {\"Follower\": {\"App\": 1, \"IsFastLane\": false, \
              \"FansList\": [{\"Date\": \"2024-05-01 10:00:00\", \"UserName\": \"anna\"}, {\"date\": \"2024-04-30 09:59:58\", \
              \"userName\": \"ben\"}]}, \"Following\": {\"Following\": null}}, \"Direct Message\": {}}",
        )],
        n_taken: 2,
    },
};

/// A list of the file that is read.
#[derive(Debug, Clone, Copy, PartialEq)]
enum List {
    Fans,
    Videos,
    Comments,
    Likes,
}

/// Where the lists stand: the sections of the file, what the list is called there, its key.
const PLACES: [(List, &[&str], &[&str], &str); 4] = [
    (List::Fans, &["your activity", "activity", "profile and settings"], &["follower", "follower list"], "fanslist"),
    (List::Videos, &["post", "video"], &["posts", "videos"], "videolist"),
    (List::Comments, &["comment"], &["comments"], "commentslist"),
    (List::Likes, &["your activity", "activity", "likes and favorites"], &["like list"], "itemfavoritelist"),
];

/// The list that the keys lead to, or may lead to.
fn place(path: &[String]) -> Option<(List, Way)> {
    let is = |i: usize, names: &[&str]| path.get(i).is_none_or(|key| names.contains(&key.to_lowercase().as_str()));
    let fits = |(_, sections, groups, key): &&(List, &[&str], &[&str], &str)| {
        path.len() <= 3 && is(0, sections) && is(1, groups) && is(2, &[key])
    };
    let (list, ..) = PLACES.iter().find(fits)?;
    Some((*list, if path.len() == 3 { Way::List } else { Way::Enter }))
}

fn way(path: &[String]) -> Way {
    place(path).map_or(Way::Skip, |(_, way)| way)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    let is_object = || matches!(peek.head().iter().find(|b| !b.is_ascii_whitespace()), None | Some(b'{'));
    // An empty file, or one that is cut off.
    let is_short = || {
        let head = peek.head().trim_ascii();
        head.is_empty() || head.starts_with(b"Date:") || b"Date:".starts_with(head)
    };
    let is_text = || says("Date:") && (says("Username:") || says("UserName:"));
    match (peek.base(), peek.extension()) {
        (base, "json") if base.starts_with("user_data") && is_object() => Claim::List,
        (_, "json") if peek.is_single() && is_object() && says("\"FansList\"") => Claim::List,
        (base, "txt") if base.starts_with("follower") && (is_text() || is_short()) => Claim::List,
        (base, "txt") if base.starts_with("following") && peek.is_single() && is_text() => Claim::Refused {
            found: "the accounts that this account follows",
            hint: "pass Follower.txt, or the whole export",
        },
        _ => Claim::No,
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let members = reading.members.clone();
    if let [first, second, ..] = members[..] {
        let name = |m: usize| quote(&reading.bundle.members[m].name);
        return Err(ImportError::new(
            "one export of one page",
            format!("two: {} and {}", name(first), name(second)),
            "",
            "pass one file at a time, the newest if they are of one account",
        ));
    }
    let mut run = Run::default();
    for member in members {
        let is_text = !matches!(reading.head(member).iter().find(|b| !b.is_ascii_whitespace()), Some(b'{' | b'['));
        reading.file(member, |stream, desk| {
            if is_text { read_text(stream, desk, &mut run) } else { read_json(stream, desk, &mut run) }
        })?;
    }
    if run.n_zoneless > 0 {
        reading.note("the times of this export name no zone and were read as UTC, which TikTok is known to write")?;
    }
    reading.tell(Fact::Quality(TimeQuality::Exact))?;
    // Newest first, as far as is known; what the times say counts.
    let order = if run.n_rising > run.n_falling { ListOrder::Stated } else { ListOrder::NewestFirst };
    reading.tell(Fact::Order(order))
}

/// Which way the times of a list run.
#[derive(Default)]
struct Run {
    last: Option<TimeMs>,
    n_rising: u64,
    n_falling: u64,
    n_zoneless: u64,
}

impl Run {
    fn look(&mut self, at: TimeMs) {
        self.n_rising += u64::from(self.last.is_some_and(|last| at > last));
        self.n_falling += u64::from(self.last.is_some_and(|last| at < last));
        self.last = Some(at);
    }
}

fn time(text: &str) -> Result<Moment, String> {
    let found = when::moment(text.trim()).filter(|m| m.form != Form::Date);
    found.ok_or_else(|| format!("expected a time such as 2024-05-01 10:00:00, found {}", quote(text)))
}

fn take(desk: &mut Desk<'_>, run: &mut Run, line: u64, name: &str, date: &str) -> Result<(), ImportError> {
    let name = name.trim();
    if name.is_empty() || name.len() > 1_000 || name.chars().any(char::is_control) {
        return desk.reject(line, format!("expected a user name, found {}", quote(name)));
    }
    match time(date) {
        Err(why) => desk.reject(line, why),
        Ok(moment) => {
            let at = moment.at;
            run.n_zoneless += u64::from(moment.form == Form::Zoneless);
            let follow = Follow { handle: Some(name), followed_at: Some(at), ..Follow::default() };
            run.look(at);
            desk.follow(line, follow)
        }
    }
}

/// A row of the list.
struct Fan<'a> {
    date: Cow<'a, str>,
    name: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for Fan<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;
        impl<'de> Visitor<'de> for Row {
            type Value = Fan<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with Date and UserName")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fan<'de>, A::Error> {
                let (mut date, mut name) = (None, None);
                while let Some(Text(key)) = map.next_key()? {
                    if key.eq_ignore_ascii_case("date") {
                        date = map.next_value::<Option<Text<'de>>>()?;
                    } else if key.eq_ignore_ascii_case("username") {
                        name = map.next_value::<Option<Text<'de>>>()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                let date = date.ok_or_else(|| de::Error::missing_field("Date"))?.0;
                Ok(Fan { date, name: name.ok_or_else(|| de::Error::missing_field("UserName"))?.0 })
            }
        }
        deserializer.deserialize_map(Row)
    }
}

/// A text, borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn read_json(stream: &mut dyn Read, desk: &mut Desk<'_>, run: &mut Run) -> Result<(), ImportError> {
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut elements = Elements::at(utf8, way);
    let mut list = None;
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::End => {
                if !elements.further().map_err(|e| desk.broken(&e))? {
                    return Ok(());
                }
                list = None;
            }
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => {
                let bytes = bytes.to_vec();
                let list = *list.get_or_insert_with(|| place(elements.path()).map_or(List::Fans, |(list, _)| list));
                if list != List::Fans {
                    own(desk, list, index, &bytes)?;
                    continue;
                }
                match serde_json::from_slice::<Fan<'_>>(&bytes) {
                    Ok(fan) => take(desk, run, index, &fan.name, &fan.date)?,
                    Err(e) => desk.reject(index, format!("expected a follower, found an error ({e})"))?,
                }
            }
        }
    }
}

/// Takes what the account itself did: a video it posted, a comment it wrote, a video it liked.
fn own(desk: &mut Desk<'_>, list: List, index: u64, bytes: &[u8]) -> Result<(), ImportError> {
    let row = match serde_json::from_slice::<serde_json::Map<String, Value>>(bytes) {
        // Keys are written in either case.
        Ok(row) => Value::Object(row.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect()),
        Err(e) => return desk.reject(index, format!("expected an object with Date, found an error ({e})")),
    };
    let at = match text(&row, &["date"]).ok_or("expected a Date, found none".to_owned()).and_then(time) {
        Ok(moment) => Some(moment.at),
        Err(why) => return desk.reject(index, why),
    };
    let link = text(&row, &["link"]).or_else(|| text(&row, &["videolink"]));
    let post_id = link.and_then(video_id);
    let source = desk.row(index);
    let known = |key: &'static str| text(&row, &[key]).filter(|t| !t.eq_ignore_ascii_case("n/a"));
    if list == List::Videos {
        let said = known("title").or_else(|| known("alternatetext"));
        let likes = count(&row, &["likes"]);
        return desk.post(index, Post { post_id, link, text: said, published_at: at, likes, ..Post::default() });
    }
    let kind = if list == List::Likes { EngagementKind::Like } else { EngagementKind::Comment };
    let said = if list == List::Comments { known("comment") } else { None };
    if list == List::Likes && post_id.is_none() {
        return desk.reject(index, "expected a link to a video, found none");
    }
    let own = Engagement { at, by_page: true, post_id, text: said, source, ..Engagement::new(kind) };
    desk.take(Fact::Engagement(own))
}

/// The id in a link to a video: `…/video/123/`.
pub(super) fn video_id(link: &str) -> Option<&str> {
    let (_, rest) = link.split_once("/video/")?;
    let id = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!id.is_empty() && id.len() <= 30 && id.bytes().all(|c| c.is_ascii_digit())).then_some(id)
}

/// Reads `Date: …` and `Username: …`, a line each; blank lines between followers mean nothing.
fn read_text(stream: &mut dyn Read, desk: &mut Desk<'_>, run: &mut Run) -> Result<(), ImportError> {
    const ALONE: &str = "expected a line `Username: …` behind a line `Date: …`, found none";
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut lines = Records::lines(utf8);
    let mut date: Option<(u64, String)> = None;
    loop {
        let (line, text) = match lines.next().map_err(|e| desk.broken(&e))? {
            delimited::Next::End => break,
            delimited::Next::Broken(line, why) => {
                desk.reject(line, why)?;
                continue;
            }
            delimited::Next::Record(line, record) => (line, cell_text(record.cell(0)).0.into_owned()),
        };
        let (key, value) = text.split_once(':').unwrap_or((&text, ""));
        match key.trim().to_lowercase().as_str() {
            "" => {}
            "date" => {
                if let Some((earlier, _)) = date.replace((line, value.to_owned())) {
                    desk.reject(earlier, ALONE)?;
                }
            }
            "username" | "user name" => match date.take() {
                Some((first, date)) => take(desk, run, first, value, &date)?,
                None => desk.reject(line, "expected a line `Date: …` before a line `Username: …`, found none")?,
            },
            _ => desk.reject(line, format!("expected `Date: …` or `Username: …`, found {}", quote(&text)))?,
        }
    }
    date.map_or(Ok(()), |(line, _)| desk.reject(line, ALONE))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};
    use assay_model::{ListOrder, TimeMs, TimeQuality};

    #[test]
    fn both_layouts_and_the_text_say_the_same() {
        let list = r#"[{"Date":"2024-05-01 10:00:00","UserName":"zo"},{"date":"2024-04-01 09:00:00","username":"al"}]"#;
        for text in [
            format!(r#"{{"Your Activity":{{"Follower":{{"App":1,"FansList":{list}}}}}}}"#),
            format!(
                r#"{{"Activity":{{"x":[],"Follower List":{{"FansList":{list}}},"Following List":{{"Following":[]}}}}}}"#
            ),
            format!(r#"{{"Profile And Settings":{{"Follower":{{"FansList":{list}}}}}}}"#),
            "Date: 2024-05-01 10:00:00\nUsername: zo\n\nDate: 2024-04-01 09:00:00 UTC\r\nUsername: al\n".to_owned(),
        ] {
            let name = if text.starts_with('{') { "user_data.json" } else { "Follower.txt" };
            let kept = run_files(&[(name, text.as_bytes())]).expect("an export");
            assert_eq!(kept.follows.iter().map(|f| f.handle.as_str()).collect::<Vec<_>>(), ["zo", "al"], "{text}");
            // date -u -d '2024-05-01T10:00:00Z' +%s
            assert_eq!(kept.follows[0].followed_at, Some(TimeMs(1_714_557_600_000)), "{text}");
            assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::Exact)));
            assert!(kept.notes.iter().any(|n| n.contains("read as UTC")), "{:?}", kept.notes);
        }
    }

    #[test]
    fn what_the_account_did_is_read_beside_its_followers() {
        let text = r#"{"Comment":{"Comments":{"CommentsList":[{"date":"2026-09-01 10:00:00","comment":"nice","photo":"N/A"}]}},
            "Post":{"Posts":{"VideoList":[{"Date":"2026-08-01 10:00:00","Link":"https://www.tiktokv.com/share/video/77/","Likes":"12","Title":"N/A"},
            {"Date":"soon"}]}},"Direct Message":{"Chat History":{"ChatHistory":{"x":[{"Date":"2026-08-01 10:00:00","Content":"secret"}]}}},
            "Your Activity":{"Like List":{"ItemFavoriteList":[{"date":"2026-09-01 10:00:00","link":"https://www.tiktokv.com/share/video/1/"},
            {"date":"2026-09-01 10:00:00","link":""}]},"Follower":{"FansList":[{"Date":"2026-09-01 10:00:00","UserName":"zo"}]}}}"#;
        let kept = run_files(&[("user_data_tiktok.json", text.as_bytes())]).expect("an export");
        assert_eq!((kept.follows.len(), kept.posts.rows.len(), kept.others.len()), (1, 1, 2), "{:?}", kept.rejects);
        assert_eq!(kept.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [3, 5]);
        assert!(kept.others[0].contains("\"nice\"") && kept.others[1].contains("\"1\""), "{:?}", kept.others);
        assert!(!format!("{kept:?}").contains("secret"));
    }

    #[test]
    fn null_is_an_empty_list_and_lists_of_others_are_not_taken() {
        let kept = run_files(&[("user_data_tiktok.json", br#"{"Your Activity":{"Follower":{"FansList":null}}}"#)]);
        let kept = kept.expect("an export");
        assert_eq!((kept.follows.len(), kept.rejects.len()), (0, 0));
        let other =
            br#"{"Your Activity":{"Following":{"Following":[{"Date":"2024-05-01 10:00:00","UserName":"zo"}]}}}"#;
        let kept = run_files(&[("user_data_tiktok.json", other)]).expect("an export");
        assert_eq!((kept.follows.len(), kept.rejects.len()), (0, 1));
    }

    #[test]
    fn rows_that_cannot_be_read_are_told() {
        let text = "Date: yesterday\nUsername: zo\nUsername: al\nDate: 2024-05-01 10:00:00\nDate: 2024-05-01 10:00:00\nhello\n";
        let kept = run_files(&[("Follower.txt", text.as_bytes())]).expect("an export");
        assert_eq!(kept.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [1, 3, 4, 6, 5]);
    }

    #[test]
    fn a_short_table_of_that_name_is_a_table() {
        let kept = run_files(&[("followers.txt", b"handle\nzo\n")]).expect("a table");
        assert_eq!((kept.follows.len(), kept.quality), (1, Some(TimeQuality::Unknown)));
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/tiktok") else { return };
        for (name, n) in [("user_data_tiktok.json", 50), ("user_data.old.json", 1), ("Follower.txt", 2)] {
            let kept = run(&open(folder.join(name))).expect("an export");
            assert_eq!((kept.follows.len(), kept.rejects.len()), (n, 0), "{name}");
        }
        let error = run(&open(folder)).expect_err("three exports").to_string();
        assert!(error.contains("one export of one page"), "{error}");
    }
}

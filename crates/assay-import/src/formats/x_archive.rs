//! The archive that X makes of an account ("your data"): the ids of its followers, and nothing else about them.
//!
//! `data/follower.js` and its parts hold ids alone, believed to be newest first. An id that is a snowflake tells when its
//! account was made; older ids are dated by known ones ([`assay_model::x_created_at`]). The `userLink` beside an id is a
//! link for a browser, not a handle. `manifest.js` tells when the archive was made and how many followers it should hold,
//! `account.js` whose it is. Other members, messages and addresses among them, are never opened.

use crate::detect::{Claim, Peek};
use crate::elements::{self, Next};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use crate::text::Utf8;
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{Fact, Follow, ListOrder, TimeMs, TimeQuality, x_created_at};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-archive",
    sentence: "The archive of an X account: follower ids in order, ages of accounts from their ids.",
    source: "x.com, Settings, Your account, Download an archive of your data",
    quality: TimeQuality::Bounded,
    network: Some("x"),
    yields: Yields::Followers,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "data/follower.js",
                b"window.YTD.follower.part0 = [ {\n  \"follower\" : {\n    \"accountId\" : \"2098607529784246272\",\n    \
                  \"userLink\" : \"https://twitter.com/intent/user?user_id=2098607529784246272\"\n  }\n}, {\n  \
                  \"follower\" : {\n    \"accountId\" : \"386025404\"\n  }\n} ]",
            ),
            ("data/account.js", b"window.YTD.account.part0 = [ { \"account\" : { \"username\" : \"roastery\" } } ]"),
        ],
        n_taken: 2,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let base = peek.base();
    let part = base.strip_prefix("follower-part").and_then(|rest| rest.strip_suffix(".js"));
    let says = |text: &str| memchr::memmem::find(peek.head(), text.as_bytes()).is_some();
    let begins = |text: &str| peek.head().iter().take(64).copied().eq(text.bytes().take(64));
    if base == "follower.js" || part.is_some_and(|n| n.bytes().all(|c| c.is_ascii_digit())) {
        return if says("YTD.follower.") || peek.head().len() < 64 { Claim::List } else { Claim::No };
    }
    match base {
        "manifest.js" if says("__THAR_CONFIG") => Claim::Side,
        "account.js" if says("YTD.account.") => Claim::Side,
        "following.js" if peek.is_single() => Claim::Refused {
            found: "the accounts that this account follows",
            hint: "pass follower.js, or the whole archive",
        },
        _ if peek.is_single() && (says("YTD.follower.part") || begins("window.YTD.follower")) => Claim::List,
        _ => Claim::No,
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut n_undated = 0;
    let mut handle = None;
    let mut manifest = None;
    for member in reading.members.clone() {
        let base = crate::bundle::base_name(&reading.bundle.members[member].path).to_lowercase();
        match base.trim_end_matches(".gz") {
            "manifest.js" => manifest = reading.file(member, read_manifest)?.or(manifest),
            "account.js" => handle = reading.file(member, read_account)?.or(handle),
            _ => n_undated += reading.file(member, read_followers)?,
        }
    }
    let manifest = manifest.unwrap_or_default();
    if let Some(handle) = handle.or(manifest.user_info.user_name) {
        reading.tell(Fact::PageHandle(&handle))?;
    }
    if let Some(at) = manifest.archive_info.generation_date.and_then(|text| when::moment(&text)) {
        reading.tell(Fact::ExportedAt(at.at))?;
    }
    let counts = manifest.data_types.get("follower").map(|t| t.files.iter().map(Part::n_rows));
    if let Some(n) = counts.and_then(Iterator::sum::<Option<u64>>) {
        reading.tell(Fact::FollowersExpected(n))?;
    }
    if manifest.archive_info.is_partial_archive == Some(true) {
        reading.note("the archive says of itself that it is partial: followers may be missing")?;
    }
    if n_undated > 0 {
        reading.note(&format!(
            "the ages of {n_undated} accounts with old ids were read off a table of known ids and are good to some weeks"
        ))?;
    }
    reading.tell(Fact::Quality(TimeQuality::OrderOnly))?;
    reading.tell(Fact::Order(ListOrder::ProbablyNewestFirst))
}

/// A number that X writes as text, here and there as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number<'a> {
    Number(u64),
    Text(#[serde(borrow)] Cow<'a, str>),
}

impl Number<'_> {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    follower: Id<'a>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow, rename = "accountId")]
    account_id: Number<'a>,
}

/// Reads a part of the follower list; returns how many ages are not exact.
fn read_followers(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<u64, ImportError> {
    let mut n_undated = 0;
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut elements = elements::list(utf8, |_: &str| true);
    let mut text = String::new();
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(n_undated),
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => match serde_json::from_slice::<Element<'_>>(bytes) {
                Err(e) => desk.reject(index, format!("expected a follower with an accountId, found an error ({e})"))?,
                Ok(element) => {
                    match element.follower.account_id.number().and_then(|id| Some((id, x_created_at(id)?))) {
                        None => desk.reject(index, "expected an accountId of digits, found other text")?,
                        Some((id, (created_at, exact))) => {
                            n_undated += u64::from(!exact);
                            text.clear();
                            text.push_str(&id.to_string());
                            let created_at: Option<TimeMs> = Some(created_at);
                            desk.follow(index, Follow { account_id: Some(&text), created_at, ..Follow::default() })?;
                        }
                    }
                }
            },
        }
    }
}

#[derive(Deserialize)]
struct AccountElement {
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    username: Option<String>,
}

fn read_account(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<Option<String>, ImportError> {
    let mut elements = elements::list(stream, |_: &str| true);
    match elements.next().map_err(|e| desk.broken(&e))? {
        Next::Element(index, bytes) => match serde_json::from_slice::<AccountElement>(bytes) {
            Ok(element) => return Ok(element.account.username),
            Err(e) => desk.reject(index, format!("expected an account, found an error ({e})"))?,
        },
        Next::Broken(index, why) => desk.reject(index, why)?,
        Next::End => {}
    }
    Ok(None)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Manifest {
    user_info: UserInfo,
    archive_info: ArchiveInfo,
    data_types: BTreeMap<String, DataType>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct UserInfo {
    user_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ArchiveInfo {
    generation_date: Option<String>,
    is_partial_archive: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DataType {
    files: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    count: serde_json::Value,
}

impl Part {
    fn n_rows(&self) -> Option<u64> {
        self.count.as_u64().or_else(|| self.count.as_str()?.trim().parse().ok())
    }
}

/// Bytes of a manifest; real ones have some tens of thousands.
const MANIFEST_BYTES_MAX: u64 = 16 << 20;

fn read_manifest(stream: &mut dyn Read, desk: &mut Desk<'_>) -> Result<Option<Manifest>, ImportError> {
    let mut bytes = Vec::new();
    stream.take(MANIFEST_BYTES_MAX).read_to_end(&mut bytes).map_err(|e| desk.broken(&e))?;
    let start = bytes.iter().position(|b| *b == b'{').unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| *b == b'}').map_or(start, |e| e + 1).max(start);
    match serde_json::from_slice(&bytes[start..end]) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(e) => {
            desk.note(&format!(
                "{} could not be read ({e}): the archive's date and size are not known",
                desk.name().to_owned()
            ))?;
            Ok(None)
        }
    }
}

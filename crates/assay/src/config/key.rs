//! The keys: what can be set, and what each must look like.

use super::placed;
use crate::render::forms::{DATE_NAMES, NUMBER_NAMES};
use assay_model::Weekday;
use std::path::Path;

/// Something that can be set.
#[derive(Debug)]
pub struct Key {
    /// Its name in files, such as `no-color`; `no_color` is the same.
    pub name: &'static str,
    /// What it sets, in one clause.
    pub meaning: &'static str,
    /// What a value must be, and the value as it is used; the error says what was expected.
    pub check: fn(&str) -> Result<String, String>,
    /// What holds where nobody sets it.
    pub built_in: Option<&'static str>,
    /// The form of its value in JSON and TOML.
    pub form: Form,
    /// Where it may stand.
    pub stands: Stands,
    /// What it may be, where that is one of few.
    pub choices: &'static [&'static str],
}

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// In files of settings and variables.
    Outside,
    /// There, and in the workspace, since it is a matter of the business.
    Both,
    /// In the workspace alone: what drops rows must not be set in passing.
    Workspace,
}

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// A path; a relative one counts from the folder of the file that names it.
    Path,
    /// A number.
    Number,
    /// True or false.
    Truth,
}

/// Every key, in the order of `assay config show`.
pub static KEYS: &[Key] = &[
    Key {
        name: "workspace",
        meaning: "the file that holds all that was imported",
        check: |text| {
            let text = text.trim();
            if text.is_empty() { Err("the path of a file".to_owned()) } else { Ok(text.to_owned()) }
        },
        built_in: None,
        form: Form::Path,
        stands: Stands::Outside,
        choices: &[],
    },
    Key {
        name: "currency",
        meaning: "the currency that money is told in, an ISO 4217 code",
        check: |text| {
            let code = text.trim().to_ascii_uppercase();
            let is_code = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
            if is_code { Ok(code) } else { Err("a code of three letters, such as EUR".to_owned()) }
        },
        built_in: None,
        form: Form::Text,
        stands: Stands::Both,
        choices: &[],
    },
    Key {
        name: "zone",
        meaning: "the zone that days are counted in, and that of times that name none",
        check: zone,
        built_in: Some("UTC"),
        form: Form::Text,
        stands: Stands::Both,
        choices: &[],
    },
    Key {
        name: "week-start",
        meaning: "the day that weeks begin with",
        check: |text| {
            Weekday::parse(text).map(|day| day.name().to_owned()).ok_or_else(|| "a day, such as sunday".to_owned())
        },
        built_in: Some("monday"),
        form: Form::Text,
        stands: Stands::Both,
        choices: &[],
    },
    Key {
        name: "numbers",
        meaning: "how numbers are written for people",
        check: |text| one_of(text, &NUMBER_NAMES),
        built_in: Some(NUMBER_NAMES[0]),
        form: Form::Text,
        stands: Stands::Both,
        choices: &NUMBER_NAMES,
    },
    Key {
        name: "dates",
        meaning: "how days are written for people",
        check: |text| one_of(text, &DATE_NAMES),
        built_in: Some(DATE_NAMES[0]),
        form: Form::Text,
        stands: Stands::Both,
        choices: &DATE_NAMES,
    },
    Key {
        name: "confidence",
        meaning: "how often intervals shall hold the truth",
        check: |text| {
            let fits = text.trim().parse().is_ok_and(|c: f64| (0.5..1.0).contains(&c));
            if fits { Ok(text.trim().to_owned()) } else { Err("a number from 0.5 to below 1, such as 0.95".to_owned()) }
        },
        built_in: Some("0.95"),
        form: Form::Number,
        stands: Stands::Outside,
        choices: &[],
    },
    Key {
        name: "seed",
        meaning: "where random steps start",
        check: |text| {
            text.trim().parse::<u64>().map(|n| n.to_string()).map_err(|_| "a whole number from 0 on".to_owned())
        },
        built_in: Some("1"),
        form: Form::Number,
        stands: Stands::Outside,
        choices: &[],
    },
    Key {
        name: "progress",
        meaning: "when progress is shown on stderr",
        check: |text| one_of(text, &["auto", "always", "never"]),
        built_in: Some("auto"),
        form: Form::Text,
        stands: Stands::Outside,
        choices: &["auto", "always", "never"],
    },
    Key {
        name: "no-color",
        meaning: "whether no colour is used",
        check: |text| one_of(text, &["true", "false"]),
        built_in: Some("false"),
        form: Form::Truth,
        stands: Stands::Outside,
        choices: &["true", "false"],
    },
    Key {
        name: "retention.followers",
        meaning: "how long follower lists are kept, by the time they speak of",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.engagements",
        meaning: "how long it is kept who liked, commented, shared",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.messages",
        meaning: "how long direct messages are kept",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.orders",
        meaning: "how long it is kept whose an order is",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.contacts",
        meaning: "how long contacts are kept",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.verdicts",
        meaning: "how long verdicts on single followers are kept",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.links",
        meaning: "how long links between accounts and customers are kept",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.notes",
        meaning: "how long notes on conversations are kept",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.states",
        meaning: "how long it is kept what was decided of a conversation",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.overrules",
        meaning: "how long overruled verdicts stay overruled",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
    Key {
        name: "retention.labels",
        meaning: "how long labels of followers are kept",
        check: span,
        built_in: None,
        form: Form::Text,
        stands: Stands::Workspace,
        choices: &[],
    },
];

impl Key {
    /// The variable that sets it.
    pub fn variable(&self) -> String {
        format!("ASSAY_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// A checked value as it is meant in a folder.
    pub(super) fn placed(&self, value: String, folder: &Path) -> String {
        if self.form == Form::Path { placed(&value, folder) } else { value }
    }
}

/// A span of whole days.
fn span(text: &str) -> Result<String, String> {
    let is_span = assay_store::span_days(text).is_some();
    if is_span { Ok(text.trim().to_lowercase()) } else { Err("a span such as 400d, 26w or 2y".to_owned()) }
}

fn one_of(text: &str, words: &[&str]) -> Result<String, String> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
    found.map(|word| (*word).to_owned()).ok_or_else(|| format!("one of {}", words.join("; ")))
}

/// A zone by its name in the time zone database, or as an offset from UTC.
fn zone(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    let is_offset = text.strip_prefix(['+', '-']).is_some_and(|clock| {
        let mut parts = clock.split(':').map(|part| (part.len() == 2).then(|| part.parse::<u32>().ok()).flatten());
        matches!((parts.next(), parts.next(), parts.next()), (Some(Some(h)), Some(Some(m)), None) if h <= 14 && m < 60)
    });
    let is_region = text.contains('/') && text.split('/').all(is_name) && !text.starts_with(['+', '-']);
    if text.eq_ignore_ascii_case("utc") {
        Ok("UTC".to_owned())
    } else if is_offset || is_region {
        Ok(text.to_owned())
    } else {
        Err("UTC, a zone such as Europe/Oslo, or an offset such as +02:00".to_owned())
    }
}

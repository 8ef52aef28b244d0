//! Plans that are sealed before a test: what will be compared, by what, until when; with a hash that changes if any of it does.
//!
//! The hash is SHA-256 over the `sealed` part as compact JSON. It keeps nobody from sealing a second plan; a copy of it, sent to
//! somebody on the day, does.

use super::Error;
use assay_import::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::Path;

/// The schema of a sealed plan.
pub const SEALED_SCHEMA: &str = "assay.experiment-sealed/1";

/// What is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// When, as RFC 3339.
    pub sealed_at: String,
    /// A note in the owner's words.
    pub note: Option<String>,
    /// How units are compared: a split of units, or markets.
    pub design: SealedDesign,
    /// Money earned by 1 of the first metric.
    pub margin: Option<f64>,
    /// Confidence of intervals.
    pub confidence: f64,
    /// Files that belong to the plan, such as the assignment and the verdicts that were excluded by: name and SHA-256.
    pub files: Vec<SealedFile>,
}

/// A design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SealedDesign {
    /// People, orders, weeks or clusters sorted into arms.
    UserSplit {
        /// The column of arms.
        arm: String,
        /// The control.
        control: String,
        /// The metrics as `--metric` has them, the first decides.
        metrics: Vec<String>,
        /// Metrics that may not get worse by more than a margin, as `--guardrail` has them.
        guardrails: Vec<String>,
        /// The column of units.
        unit: Option<String>,
        /// The column of clusters.
        cluster: Option<String>,
        /// The column of what was known before.
        pre: Option<String>,
        /// The split, the control first.
        split: Option<Vec<f64>>,
        /// Largest number of units over all arms.
        max_n: Option<u64>,
        /// Evenly spaced looks.
        looks: Option<u32>,
        /// Whether one look was declared.
        fixed: bool,
        /// Money that treating one unit costs.
        cost: Option<f64>,
    },
    /// Some of several markets.
    Markets {
        /// The column of markets.
        location: String,
        /// The column of days.
        date: String,
        /// The column of the metric.
        metric: String,
        /// The treated markets.
        treated: Vec<String>,
        /// The first treated day.
        start: String,
        /// The last treated day.
        end: String,
        /// The column of costs.
        cost: Option<String>,
        /// Days after the last treated one in which the effect still counts; plans that were sealed before there was one have none.
        #[serde(default)]
        cooldown_days: u32,
    },
    /// Weeks on and off, drawn by lot; read from a table of orders or days.
    Weeks {
        /// The column of days.
        date: String,
        /// What is measured; rows are counted where it is `None`.
        metric: Option<String>,
        /// Days at the start of every week that are not counted.
        washout_days: u32,
        /// What the draw was salted with.
        salt: String,
        /// The weeks in their order.
        weeks: Vec<SealedWeek>,
        /// Money that a week on costs.
        cost: Option<f64>,
    },
    /// The removal of a page's inauthentic followers in steps, in weeks drawn by lot; read from its posts.
    StagedRemoval {
        /// The number of a post that is measured.
        target: String,
        /// The first day of the first week.
        from: String,
        /// Weeks in all.
        n_weeks: u32,
        /// Days at the start of every week whose posts are not counted.
        hold_out_days: u32,
        /// What the draw was salted with.
        salt: String,
        /// The steps.
        steps: Vec<SealedStep>,
        /// Variance of a post about its week's level, in squared logarithms.
        post_variance: f64,
        /// Variance of the level from week to week.
        level_variance: f64,
        /// The smallest gain, as a logarithm, that is found four times of five.
        detectable: Option<f64>,
        /// What each mechanism foresees.
        explanations: Vec<SealedExplanation>,
        /// The zone of times that name none.
        zone: Option<String>,
        /// Headers that the user has said the meaning of.
        headers: HeaderMap,
    },
}

impl SealedDesign {
    /// Its kind, as the document names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UserSplit { .. } => "user-split",
            Self::Markets { .. } => "markets",
            Self::Weeks { .. } => "weeks",
            Self::StagedRemoval { .. } => "staged-removal",
        }
    }

    /// What it is the plan of, and the command that reads it.
    pub fn read_by(&self) -> (&'static str, &'static str) {
        match self {
            Self::UserSplit { .. } => ("a split", "assay experiment read --plan"),
            Self::Markets { .. } => ("markets", "assay experiment read-geo --plan"),
            Self::Weeks { .. } => ("weeks on and off", "assay experiment read-weeks --plan"),
            Self::StagedRemoval { .. } => ("a staged removal", "assay experiment read-weeks --plan"),
        }
    }

    /// Why another command cannot read it, and which can.
    pub fn not_of(&self, expected: &str) -> Error {
        let (found, command) = self.read_by();
        Error::Input {
            message: format!("expected the plan of {expected}, found one of {found}"),
            hint: Some(format!("a plan of {found} is read by `{command}`")),
        }
    }
}

/// A week on or off, of seven days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedWeek {
    /// Its first day.
    pub first: String,
    /// Whether it is on.
    pub on: bool,
}

/// A step of a staged removal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedStep {
    /// Its day.
    pub day: String,
    /// Its week, from 0.
    pub week: u32,
    /// Followers who go.
    pub n_followers: f64,
}

/// A mechanism, and what it foresees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedExplanation {
    /// The mechanism.
    pub mechanism: String,
    /// Its weight before, 0..1.
    pub weight: f64,
    /// What it foresees the estimate to be, as logarithms, each as likely as the others.
    pub effects: Vec<f64>,
}

/// A file that belongs to a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedFile {
    /// Its name.
    pub name: String,
    /// Its hash.
    pub sha256: String,
}

/// A plan as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanFile {
    /// What is sealed.
    pub sealed: Sealed,
    /// The hash that the file bears.
    pub hash: String,
    /// Whether it is that of the content.
    pub is_intact: bool,
}

/// What a reading tells of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUsed {
    /// When it was sealed.
    pub sealed_at: String,
    /// Its hash.
    pub hash: String,
    /// Whether the content agrees with the hash.
    pub is_intact: bool,
    /// What was asked otherwise than planned.
    pub departures: Vec<String>,
}

impl PlanUsed {
    /// What a reading tells of its plan, before anything departs from it.
    pub fn of(plan: &PlanFile) -> Self {
        Self {
            sealed_at: plan.sealed.sealed_at.clone(),
            hash: plan.hash.clone(),
            is_intact: plan.is_intact,
            departures: Vec::new(),
        }
    }

    /// Whether the reading keeps to a plan that was not changed.
    pub fn is_kept(&self) -> bool {
        self.is_intact && self.departures.is_empty()
    }
}

/// SHA-256 as hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The sealed plan as a document.
pub fn seal(sealed: &Sealed) -> Value {
    let content = serde_json::to_value(sealed).unwrap_or(Value::Null);
    let hash = sha256(content.to_string().as_bytes());
    serde_json::json!({
        "schema": SEALED_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "hash": hash,
        "sealed": content,
    })
}

/// Reads a sealed plan.
///
/// # Errors
/// When the file cannot be read or is no sealed plan. A plan whose hash does not agree is read, and says so.
pub fn read_plan(path: &Path) -> Result<PlanFile, Error> {
    let name = path.display();
    let input = |message: String| Error::Input {
        message,
        hint: Some("pass the file that `assay experiment seal` wrote".to_owned()),
    };
    let text = std::fs::read_to_string(path).map_err(|e| input(format!("cannot read the plan {name}: {e}")))?;
    plan_of(&text).map_err(|why| input(format!("{name}: expected a sealed plan, found {why}")))
}

/// A sealed plan from its text.
///
/// # Errors
/// Why it is none.
pub fn plan_of(text: &str) -> Result<PlanFile, String> {
    let document: Value = serde_json::from_str(text).map_err(|e| format!("no JSON ({e})"))?;
    if document["schema"] != SEALED_SCHEMA {
        return Err(format!("the schema {}", document["schema"]));
    }
    let hash = document["hash"].as_str().unwrap_or_default().to_owned();
    let is_intact = sha256(document["sealed"].to_string().as_bytes()) == hash;
    let sealed =
        serde_json::from_value(document["sealed"].clone()).map_err(|e| format!("a part that is not known ({e})"))?;
    Ok(PlanFile { sealed, hash, is_intact })
}

#[cfg(test)]
mod tests {
    use super::{Sealed, SealedDesign, plan_of, seal, sha256};

    fn plan() -> Sealed {
        Sealed {
            sealed_at: "2026-11-24T17:00:00Z".to_owned(),
            note: None,
            design: SealedDesign::UserSplit {
                arm: "group".to_owned(),
                control: "none".to_owned(),
                metrics: vec!["ordered:binary".to_owned()],
                guardrails: Vec::new(),
                unit: None,
                cluster: None,
                pre: None,
                split: Some(vec![9.0, 1.0]),
                max_n: Some(4_000),
                looks: None,
                fixed: false,
                cost: Some(0.1),
            },
            margin: Some(12.3),
            confidence: 0.95,
            files: Vec::new(),
        }
    }

    /// `printf abc | sha256sum`.
    #[test]
    fn hashes_are_sha_256() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn any_change_breaks_the_seal() {
        let text = seal(&plan()).to_string();
        let read = plan_of(&text).expect("a plan");
        assert!(read.is_intact && read.sealed == plan());
        for (from, to) in [("12.3", "12.4"), ("4000", "5000"), ("17:00", "16:00"), ("\"none\"", "\"nobody\"")] {
            let changed = plan_of(&text.replace(from, to)).expect("still a plan");
            assert!(!changed.is_intact, "{from}");
        }
        assert!(plan_of("{}").is_err() && plan_of("[").is_err());
        assert!(plan_of(&text.replace("\"fixed\"", "\"unfixed\"")).expect_err("unknown").contains("not known"));
    }
}

//! The verdict in one sentence. Text, page and server say it by this function and no other.

use super::format::{count, counted, percent, percent_range, span, whole};
use crate::report::{AuditReport, ChannelState};
use assay_model::{Batch, Outcome, Span};

/// How the verdict sounds: for a colour or a sign beside words, never instead of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// At least one batch looks bought.
    Found,
    /// Bursts that cannot be explained, or followers in lockstep with others.
    Open,
    /// Nothing that looks bought, and no burst.
    Clear,
    /// Nothing can be said.
    Untold,
}

impl Tone {
    /// The tone in two or three words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Found => "Bought-looking batches found",
            Self::Open => "Not settled",
            Self::Clear => "Nothing stands out",
            Self::Untold => "Cannot say",
        }
    }
}

/// The verdict on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// How it sounds.
    pub tone: Tone,
    /// The verdict in one sentence, with its final period.
    pub sentence: String,
    /// What it does not say, in one sentence, where that matters.
    pub caveat: Option<String>,
}

/// The verdict on a page in one sentence.
pub fn headline(report: &AuditReport) -> Headline {
    let n = report.page.audience.len() as u64;
    if n == 0 && report.page.daily.is_empty() {
        return untold("No follower was found in the input, so there is nothing to judge.");
    }
    if n == 0 {
        return counts_only(report);
    }
    if !report.channels.iter().any(|c| c.state == ChannelState::Used) {
        let why = "the input holds too little to tell whether any of them was bought";
        return untold(&format!("{} read; {why}.", counted(n, "follower was", "followers were")));
    }
    let batches = &report.verdicts.batches;
    if batches.is_empty() { without_batches(report, n) } else { with_batches(report, batches, n) }
}

fn untold(sentence: &str) -> Headline {
    Headline { tone: Tone::Untold, sentence: sentence.to_owned(), caveat: None }
}

fn with_batches(report: &AuditReport, batches: &[Batch], n: u64) -> Headline {
    let bought: f64 = batches.iter().map(|b| b.inauthentic.point).sum();
    let share = match &report.verdicts.in_batches_share {
        Outcome::Found(share) => percent_range(share),
        Outcome::Abstained(_) => percent(bought / n as f64),
    };
    let when = arrivals(report, batches).map_or(String::new(), |when| format!(", {when}"));
    let many =
        if batches.len() == 1 { "one batch".to_owned() } else { counted(batches.len() as u64, "batch", "batches") };
    let (bought, n) = (whole(bought), count(n));
    let sentence =
        format!("About {bought} of {n} followers ({share}) came in {many} consistent with bought followers{when}.");
    let open = match report.n_unexplained() as u64 {
        0 => String::new(),
        n => format!(" {} unexplained.", counted(n, "burst of arrivals remains", "bursts of arrivals remain")),
    };
    Headline { tone: Tone::Found, sentence, caveat: Some(rest_of_page(report) + &open + &in_rings(report)) }
}

/// When the batches came: each of up to three, or the time from the first to the last.
fn arrivals(report: &AuditReport, batches: &[Batch]) -> Option<String> {
    let quality = report.time_quality();
    let mut spans = batches.iter().filter_map(|b| b.arrived);
    if batches.len() > 3 {
        return spans.reduce(Span::join).map(|whole| span(whole, quality));
    }
    let first = spans.next().map(|s| span(s, quality))?;
    Some(spans.fold(first, |all, s| format!("{all} and {}", span(s, quality).trim_start_matches("about "))))
}

/// What is said of followers in lockstep with others, behind another sentence; empty where there are none.
fn in_rings(report: &AuditReport) -> String {
    match report.n_in_rings() as u64 {
        0 => String::new(),
        n => format!(" {} in lockstep with others elsewhere.", counted(n, "follower acts", "followers act")),
    }
}

/// What is said of the followers outside batches.
fn rest_of_page(report: &AuditReport) -> String {
    match &report.verdicts.inauthentic_share {
        Outcome::Found(share) => format!(
            "Over the whole page, {} of followers look inauthentic ({} at {} confidence).",
            percent(share.point),
            percent_range(share),
            percent(share.confidence)
        ),
        Outcome::Abstained(_) => "What share of the others is inauthentic cannot be said from this input.".to_owned(),
    }
}

fn without_batches(report: &AuditReport, n: u64) -> Headline {
    let followers = counted(n, "follower", "followers");
    let open = report.n_unexplained() as u64;
    let caveat = Some(match &report.verdicts.inauthentic_share {
        Outcome::Found(_) => rest_of_page(report),
        Outcome::Abstained(_) => {
            "What share of the followers is inauthentic cannot be said from this input.".to_owned()
        }
    });
    if open > 0 {
        let bursts = counted(open, "burst of arrivals remains", "bursts of arrivals remain");
        let sentence = format!(
            "No batch among {followers} is shown to be bought, but {bursts} unexplained: {} could be a delivery or real interest.",
            if open == 1 { "it" } else { "each" }
        );
        return Headline { tone: Tone::Open, sentence, caveat: caveat.map(|c| c + &in_rings(report)) };
    }
    if report.n_in_rings() > 0 {
        let n = counted(report.n_in_rings() as u64, "acts", "act");
        let sentence = format!(
            "No batch that looks bought was found among {followers}, but {n} in lockstep with others on what else they follow."
        );
        return Headline { tone: Tone::Open, sentence, caveat };
    }
    if report.verdicts.in_batches_share.found().is_none() {
        let untold = "whether any of them was bought cannot be told from this input";
        let sentence = format!("No burst of arrivals stands out among {followers}; {untold}.");
        return Headline { tone: Tone::Clear, sentence, caveat: None };
    }
    let sentence = format!("No batch that looks bought was found among {followers}.");
    Headline { tone: Tone::Clear, sentence, caveat }
}

fn counts_only(report: &AuditReport) -> Headline {
    let follows: u64 = report.page.daily.iter().filter_map(|d| d.follows).map(u64::from).sum();
    let of = format!(
        "{} counted over {}",
        counted(follows, "follow", "follows"),
        counted(report.page.daily.len() as u64, "day", "days")
    );
    let spikes = report.verdicts.spikes.len() as u64;
    let caveat = Some("Daily counts name no account, so no share of inauthentic followers can be said.".to_owned());
    if !report.channels.iter().any(|c| c.state == ChannelState::Used) {
        return Headline {
            tone: Tone::Untold,
            sentence: format!("{of}; too little to tell whether any burst stands out."),
            caveat,
        };
    }
    if spikes == 0 {
        return Headline {
            tone: Tone::Clear,
            sentence: format!("{of}; no burst stands out from season and trend."),
            caveat,
        };
    }
    let bursts = counted(spikes, "burst stands out", "bursts stand out");
    let sentence = format!("{of}; {bursts}, and counts alone cannot tell a delivery from real interest.");
    Headline { tone: Tone::Open, sentence, caveat }
}

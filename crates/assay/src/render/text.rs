//! The report on one screen of a terminal: the verdict first, then what it rests on.

use super::format::{
    count, counted, glued, percent, percent_range, plain, q_value, quality, ranks, sentence, span, whole, whole_range,
};
use super::headline::{Tone, headline};
use super::next_steps;
use crate::report::{AuditReport, ChannelState};
use assay_model::{Outcome, Share};

/// Whether text carries colour. It never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI colours.
    Always,
}

/// Lists longer than this are cut, with a word on how many are left out: JSON and the page hold all.
const LIST_MAX: usize = 12;

/// The report on one screen: the verdict first, in one sentence.
///
/// `width` is in columns, 40 at the least and 120 at the most; lines end with a line feed.
pub fn text(report: &AuditReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    verdict(&mut screen, report);
    basis(&mut screen, report);
    batches(&mut screen, report);
    spikes(&mut screen, report);
    shares(&mut screen, report);
    channels(&mut screen, report);
    warnings(&mut screen, report);
    next(&mut screen, report);
    screen.into_text()
}

/// What is drawn on, line by line.
pub(super) struct Screen {
    out: String,
    colour: Colour,
    width: usize,
}

impl Screen {
    /// An empty screen, 40 to 120 columns wide.
    pub(super) fn new(colour: Colour, width: usize) -> Self {
        Self { out: String::new(), colour, width: width.clamp(40, 120) }
    }

    /// What was drawn.
    pub(super) fn into_text(self) -> String {
        self.out
    }

    /// A line that stands out.
    pub(super) fn strong(&mut self, words: &str) {
        let words = self.styled("1", words);
        self.line(&words);
    }

    pub(super) fn blank(&mut self) {
        self.line("");
    }

    /// Wraps a text at the width, each line after `indent` columns; the first line begins with `head`, padded to it.
    pub(super) fn wrapped(&mut self, head: &str, indent: usize, text: &str) {
        let mut line = format!("{head:<indent$}");
        let mut bare = true;
        for word in glued(text).split([' ', '\n']).filter(|word| !word.is_empty()) {
            if !bare && line.chars().count() + 1 + word.chars().count() > self.width {
                self.line(&line);
                line = " ".repeat(indent);
                bare = true;
            }
            if !bare {
                line.push(' ');
            }
            line.push_str(word);
            bare = false;
        }
        self.line(&line);
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &str) {
        self.out.push_str(&line.trim_end().replace('\u{a0}', " "));
        self.out.push('\n');
    }

    /// Writes a heading after an empty line.
    pub(super) fn heading(&mut self, words: &str) {
        let words = self.styled("1", words);
        self.out.push('\n');
        self.line(&words);
    }

    /// Words in an ANSI style, where there is colour.
    pub(super) fn styled(&self, code: &str, words: &str) -> String {
        match self.colour {
            Colour::Never => words.to_owned(),
            Colour::Always => format!("\u{1b}[{code}m{words}\u{1b}[0m"),
        }
    }
}

fn verdict(screen: &mut Screen, report: &AuditReport) {
    let headline = headline(report);
    let code = match headline.tone {
        Tone::Found => "1;31",
        Tone::Open => "1;33",
        Tone::Clear => "1;32",
        Tone::Untold => "1;36",
    };
    let label = screen.styled(code, headline.tone.label());
    screen.line(&label);
    screen.wrapped("", 0, &headline.sentence);
    if let Some(caveat) = &headline.caveat {
        screen.wrapped("", 0, caveat);
    }
}

fn basis(screen: &mut Screen, report: &AuditReport) {
    let page = &report.page;
    let n = page.audience.len();
    screen.line("");
    if n > 0 || page.daily.is_empty() {
        let profiles = page.audience.n_with_profile();
        let known = match profiles {
            0 => "no profiles".to_owned(),
            p if p == n => "all with profiles".to_owned(),
            p => format!("{} with profiles", count(p as u64)),
        };
        let of = page.facts.followers_expected.filter(|e| *e != n as u64);
        let of = of.map_or(String::new(), |e| format!(" of {} that the platform counts", count(e)));
        let known = if n == 0 { String::new() } else { format!(", {known}") };
        screen.wrapped("Followers", 12, &format!("{}{of}{known}", count(n as u64)));
    }
    if !page.daily.is_empty() {
        screen.wrapped("Counts", 12, &format!("of {}", counted(page.daily.len() as u64, "day", "days")));
    }
    let known = if n > 0 { format!("; {}", quality(report.time_quality())) } else { String::new() };
    let zone = page.calendar.zone();
    let known = if zone == "UTC" { known } else { format!("{known}; days are those of {}", plain(zone)) };
    match report.window {
        Some(window) => screen.wrapped("Time", 12, &format!("{}{known}", span(window, assay_model::TimeQuality::Day))),
        None if n > 0 => screen.wrapped("Time", 12, quality(report.time_quality())),
        None => {}
    }
    let files = counted(page.facts.files.len() as u64, "file", "files");
    let rows: u64 = page.facts.files.iter().map(|f| f.rows).sum();
    let rejected = counted(page.facts.n_rejected, "row", "rows");
    let read = format!("{}: {files}, {}, {rejected} rejected", report.format.id, counted(rows, "row", "rows"));
    screen.wrapped("Read as", 12, &read);
    for reject in page.facts.rejects.iter().take(3) {
        let line = format!("{}:{}: {}", plain(&reject.file), reject.line, plain(&reject.why));
        screen.wrapped("", 12, &line);
    }
    if page.facts.n_rejected > 3 {
        screen.wrapped("", 12, &format!("and {} more", count(page.facts.n_rejected - 3)));
    }
}

fn batches(screen: &mut Screen, report: &AuditReport) {
    let batches = &report.verdicts.batches;
    if batches.is_empty() {
        return;
    }
    screen.heading(&format!("{} consistent with bought followers", counted(batches.len() as u64, "batch", "batches")));
    for batch in batches.iter().take(LIST_MAX) {
        let when = batch.arrived.map_or("time not known".to_owned(), |s| span(s, report.time_quality()));
        let many = format!(
            "{}, ranks {}; {} of {} followers look bought ({}); {}",
            when,
            ranks(batch.ranks),
            whole(batch.inauthentic.point),
            count(batch.n_followers),
            whole_range(&batch.inauthentic),
            q_value(batch.q_value)
        );
        screen.wrapped(&format!("  {}", batch.id), 6, &many);
        for reason in &batch.reasons {
            screen.wrapped(
                "",
                6,
                &format!("why: {} [{}]", plain(&super::findings::say(&reason.finding)), reason.channel),
            );
        }
        for (name, clause) in super::batches::about(batch) {
            screen.wrapped("", 6, &format!("{name}: {}", plain(&clause)));
        }
    }
    more(screen, batches.len());
}

fn spikes(screen: &mut Screen, report: &AuditReport) {
    let spikes = &report.verdicts.spikes;
    if spikes.is_empty() {
        return;
    }
    screen.heading(&format!("{} of arrivals not held to be bought", counted(spikes.len() as u64, "burst", "bursts")));
    for (i, spike) in spikes.iter().take(LIST_MAX).enumerate() {
        let when = spike.span.map_or("time not known".to_owned(), |s| span(s, report.time_quality()));
        let place = spike.ranks.map_or(String::new(), |r| format!(", ranks {}", ranks(r)));
        let many = format!(
            "{when}{place}; {}, {} more than expected",
            counted(spike.n_followers, "follower", "followers"),
            whole(spike.n_beyond)
        );
        screen.wrapped(&format!("  s{}", i + 1), 6, &many);
        screen.wrapped("", 6, &format!("{}: {}", super::reading(spike.reading), plain(&super::findings::why(spike))));
        for cause in &spike.causes {
            screen.wrapped("", 6, &format!("at the time: {}", plain(&super::batches::cause(cause))));
        }
        if let Some(settle) = &spike.would_settle {
            screen.wrapped("", 6, &format!("would settle it: {}", plain(settle)));
        }
    }
    more(screen, spikes.len());
}

fn more(screen: &mut Screen, n: usize) {
    if n > LIST_MAX {
        screen.line(&format!("      and {} more: see --format json or --html FILE", n - LIST_MAX));
    }
}

fn shares(screen: &mut Screen, report: &AuditReport) {
    if report.page.audience.is_empty() {
        return;
    }
    screen.heading("Shares of the audience");
    let v = &report.verdicts;
    let rows: [(&str, &Share); 4] = [
        ("in batches", &v.in_batches_share),
        ("inauthentic", &v.inauthentic_share),
        ("dormant", &v.dormant_share),
        ("genuine", &v.genuine_share),
    ];
    let abstained = rows.iter().filter_map(|(_, s)| if let Outcome::Abstained(a) = s { Some(a) } else { None });
    let alike = abstained.clone().count() > 1 && abstained.clone().all(|a| Some(a) == abstained.clone().next());
    for (name, share) in rows {
        match share {
            Outcome::Found(e) => {
                let line =
                    format!("{} ({} at {} confidence)", percent(e.point), percent_range(e), percent(e.confidence));
                screen.wrapped(&format!("  {name}"), 15, &line);
            }
            Outcome::Abstained(a) if !alike => screen.wrapped(&format!("  {name}"), 15, &cannot_say(a)),
            Outcome::Abstained(_) => {}
        }
    }
    if let (true, Some(a)) = (alike, abstained.clone().next()) {
        let names: Vec<&str> = rows.iter().filter(|(_, s)| s.found().is_none()).map(|(name, _)| *name).collect();
        screen.wrapped("", 2, &format!("{}: {}", names.join(", "), cannot_say(a)));
    }
    if let Some(labels) = &v.labels {
        screen.wrapped("  labels", 15, &super::labels::used(labels));
    }
    if let Some(misfit) = v.reference.found().and_then(super::labels::misfit) {
        screen.wrapped("  people", 15, &misfit);
    }
}

fn cannot_say(a: &assay_model::Abstention) -> String {
    format!("cannot say: {}", plain(&a.why))
}

fn channels(screen: &mut Screen, report: &AuditReport) {
    if report.channels.is_empty() {
        return;
    }
    screen.heading("Channels");
    for channel in &report.channels {
        let state = match &channel.state {
            ChannelState::Used => "used".to_owned(),
            ChannelState::Abstained(a) => format!("abstained: {}", plain(&a.why)),
            ChannelState::Off => "off".to_owned(),
        };
        screen.wrapped(&format!("  {}", channel.id), 16, &state);
        for note in &channel.notes {
            screen.wrapped("", 16, &plain(note));
        }
    }
}

fn warnings(screen: &mut Screen, report: &AuditReport) {
    if report.warnings.is_empty() {
        return;
    }
    screen.heading("Warnings");
    for warning in &report.warnings {
        screen.wrapped("  !", 4, &sentence(&warning.text));
    }
}

fn next(screen: &mut Screen, report: &AuditReport) {
    let steps = next_steps(report);
    if !steps.is_empty() {
        screen.heading("Next");
        for step in &steps {
            screen.wrapped("  -", 4, step);
        }
    }
    screen.line("");
    screen.line(&format!("assay {}, seed {}", env!("CARGO_PKG_VERSION"), report.seed.0));
}

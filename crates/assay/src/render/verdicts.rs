//! One row for each follower, and all that is known of one.

use super::findings;
use super::format::{count, counted, day, follow_time, plain, probability};
use crate::report::{AuditReport, ChannelState};
use assay_detect::labels::Drawn;
use assay_model::{Batch, Class, TimeQuality};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes a row for each follower: `account_id,handle,rank,probability,class,batch,reasons`.
///
/// `probability` is that of being inauthentic, 0..1, at full precision; `rank` is empty where the order of follows is not
/// known; `reasons` are sentences joined by `; `. A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return
/// gets a `'` before it, or a spreadsheet would take it for a formula; whoever joins such an id takes the `'` off again.
/// Costs O(n) in followers, well under half a second a million.
///
/// # Errors
/// When `out` cannot be written to.
pub fn verdicts_csv(report: &AuditReport, out: impl Write) -> io::Result<()> {
    let (audience, verdicts) = (&report.page.audience, &report.verdicts);
    let reasons: Vec<String> = verdicts.batches.iter().map(|b| findings::reasons(&b.reasons)).collect();
    let ordered = audience.quality() != TimeQuality::Unknown;
    let mut csv = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(out);
    csv.write_record(["account_id", "handle", "rank", "probability", "class", "batch", "reasons"])?;
    let (mut rank, mut chance) = (String::new(), String::new());
    for i in 0..audience.len() {
        let who = audience.follower(i);
        rank.clear();
        chance.clear();
        if ordered {
            let _ = write!(rank, "{i}");
        }
        let _ = write!(chance, "{}", verdicts.probability[i]);
        let batch = verdicts.batch[i].checked_sub(1).map(|b| b as usize);
        let why = match batch {
            Some(b) => Cow::Borrowed(reasons[b].as_str()),
            None => Cow::Owned(findings::reasons(verdicts.reasons_of(i))),
        };
        csv.write_record([
            &*not_a_formula(who.account_id),
            &*not_a_formula(who.handle.unwrap_or("")),
            &rank,
            &chance,
            verdicts.class[i].name(),
            batch.map_or("", |b| &verdicts.batches[b].id),
            &*not_a_formula(&why),
        ])?;
    }
    csv.flush()
}

/// Writes a row for each follower to label: `account_id,handle,display_name,label,stratum,stratum_size,weight`, the label
/// blank. What the audit thinks of them is left out: whoever labels shall not be led.
///
/// # Errors
/// When `out` cannot be written to.
pub fn to_label_csv(report: &AuditReport, drawn: &[Drawn], out: impl Write) -> io::Result<()> {
    let audience = &report.page.audience;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["account_id", "handle", "display_name", "label", "stratum", "stratum_size", "weight"])?;
    for d in drawn {
        let who = audience.follower(d.row as usize);
        csv.write_record([
            &*not_a_formula(who.account_id),
            &*not_a_formula(who.handle.unwrap_or("")),
            &*not_a_formula(audience.display_name.get(d.row as usize).unwrap_or("")),
            "",
            &d.stratum.id.to_string(),
            &d.stratum.size.to_string(),
            &d.weight.to_string(),
        ])?;
    }
    csv.flush()
}

pub(crate) fn not_a_formula(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// All that is known of one follower, by handle or account id; `None` where nobody is called so.
///
/// A leading `@` is taken off the handle, and its case counts only where two followers differ by nothing else. Lines end
/// with a line feed.
pub fn explain(report: &AuditReport, handle: &str) -> Option<String> {
    let i = find(report, handle.trim())?;
    let audience = &report.page.audience;
    let mut out = String::new();
    let who = audience.follower(i);
    let name = who.handle.map_or_else(|| plain(who.account_id), |h| Cow::Owned(format!("@{}", plain(h))));
    let _ = write!(out, "{name}");
    if who.handle.is_some_and(|h| h != who.account_id) {
        let _ = write!(out, " (id {})", plain(who.account_id));
    }
    out.push('\n');
    for line in grounds(report, i) {
        let _ = writeln!(out, "{line}");
    }
    let class = match report.verdicts.class[i] {
        Class::Inauthentic => "looks inauthentic: consistent with a bought or automated account",
        Class::Dormant => "looks like a person who is no longer active; inactive is not fake",
        Class::Genuine => "looks like a person",
        Class::Unsure => "unsure: the data do not tell",
    };
    let _ = writeln!(out, "  class     {class}");
    if let Some(batch) = report.verdicts.batch_of(i) {
        let _ = writeln!(out, "  batch     {}", membership(batch));
    }
    for (name, value) in facts(report, i) {
        let _ = writeln!(out, "  {name:<9} {value}");
    }
    Some(out)
}

fn find(report: &AuditReport, name: &str) -> Option<usize> {
    let audience = &report.page.audience;
    let name = name.strip_prefix('@').unwrap_or(name);
    let by = |same: &dyn Fn(&str) -> bool| {
        (0..audience.len()).find(|&i| {
            let who = audience.follower(i);
            who.handle.is_some_and(|h| same(h.strip_prefix('@').unwrap_or(h))) || same(who.account_id)
        })
    };
    if name.is_empty() {
        return None;
    }
    let lower = name.to_lowercase();
    by(&|other| other == name).or_else(|| by(&|other| other.to_lowercase() == lower))
}

/// The probability with each reason and the row it rests on.
fn grounds(report: &AuditReport, i: usize) -> Vec<String> {
    let chance = probability(f64::from(report.verdicts.probability[i]));
    let row = source(report, i);
    let reasons = report.verdicts.reasons_of(i);
    if reasons.is_empty() {
        let used = report.channels.iter().any(|c| c.state == ChannelState::Used);
        let why = if used { "stands in no batch" } else { "no channel could judge this page" };
        return vec![format!("  {chance}: {why} ({row})")];
    }
    reasons
        .iter()
        .map(|r| format!("  {chance}: {} ({row}) [{}]", plain(&findings::say(&r.finding)), r.channel))
        .collect()
}

fn source(report: &AuditReport, i: usize) -> String {
    let row = report.page.audience.source[i];
    let file = report.page.facts.files.get(row.file as usize).map_or("input", |f| f.name.as_str());
    format!("{}:{}", plain(file), row.line)
}

fn membership(batch: &Batch) -> String {
    format!("{}, {} followers between ranks {}", batch.id, count(batch.n_followers), super::format::ranks(batch.ranks))
}

fn facts(report: &AuditReport, i: usize) -> Vec<(&'static str, String)> {
    let audience = &report.page.audience;
    let quality = audience.quality();
    let mut facts = Vec::new();
    if quality != TimeQuality::Unknown {
        facts.push(("rank", format!("{} of {} (0 followed first)", count(i as u64), count(audience.len() as u64))));
    }
    let followed = audience.followed_at.get(i).map(|at| follow_time(at, quality));
    let bound = || audience.followed_after.get(i).map(|at| follow_time(at, TimeQuality::Bounded));
    facts.extend(followed.or_else(bound).map(|at| ("followed", at)));
    facts.extend(audience.created_at.get(i).map(|at| ("opened", day(at))));
    facts.extend(audience.last_active_at.get(i).map(|at| ("active", format!("last seen {}", day(at)))));
    let columns = [
        (&audience.followers, "followers"),
        (&audience.following, "following"),
        (&audience.posts, "posts"),
        (&audience.likes, "likes"),
        (&audience.bio_length, "characters of bio"),
    ];
    let profile: Vec<String> = columns
        .iter()
        .filter_map(|(column, name)| column.get(i).map(|n| format!("{} {name}", count(u64::from(n)))))
        .collect();
    if !profile.is_empty() {
        facts.push(("profile", profile.join(", ")));
    }
    if let Some(engaged) = &report.page.engaged {
        let times = engaged.engagements.get(i).map(|n| match n {
            0 => "no engagement with the page is known; most people never engage".to_owned(),
            n => format!("{} with the page", counted(u64::from(n), "engagement", "engagements")),
        });
        facts.extend(times.map(|text| ("engaged", text)));
        let orders = engaged.orders.get(i).filter(|n| *n > 0);
        facts.extend(orders.map(|n| ("ordered", counted(u64::from(n), "order", "orders"))));
    }
    facts.push(("row", source(report, i)));
    facts
}

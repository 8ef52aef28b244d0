//! Tables that stand beside the facts: dated rates, verdicts on the followers, what experiments say of channels.

use crate::pipeline::{Error, Step, Watch};
use crate::report::Origin;
use assay_import::{Bundle, Holds, Limits, Optional, Value, Wanted, read_named};
use assay_math::Estimate;
use assay_metrics::{Calibration, Rate};
use assay_model::{Abstention, Business, Class, ColumnNames, Decimal, Judged, Outcome, column_names, when};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The columns of a table of dated rates.
pub static RATE_COLUMNS: &[ColumnNames] = &[
    column_names("date", "the day from which the rate holds", &["day"]),
    column_names("from", "the currency that is converted, an ISO 4217 code", &["from_currency", "base"]),
    column_names("to", "the currency that it is converted to", &["to_currency", "quote"]),
    column_names("rate", "how many of the second one of the first is worth", &["price"]),
];

/// The columns of a table of what experiments say of channels.
pub static CALIBRATION_COLUMNS: &[ColumnNames] = &[
    column_names("channel", "the channel, as orders name where they came from", &["source"]),
    column_names("factor", "incremental over credited orders", &["point"]),
    column_names("low", "the low end of the factor's interval", &[]),
    column_names("high", "its high end", &[]),
    column_names("date", "the day of the experiment; may be missing", &["day"]),
    column_names("confidence", "the interval's; that of the answer where it is missing", &[]),
];

/// The columns of a table of verdicts that metrics read; `assay audit --verdicts` writes them.
pub static VERDICT_COLUMNS: &[ColumnNames] = &[
    column_names("account_id", "the account's id", &[]),
    column_names("handle", "its name", &[]),
    column_names("probability", "of being inauthentic, 0..1", &[]),
    column_names("class", "inauthentic, dormant, genuine or unsure", &[]),
];

/// The columns of a table, with what each holds.
fn wanted(columns: &[ColumnNames], holds: &[(Holds, Optional)]) -> Vec<Wanted> {
    let one = |(column, (holds, optional)): (&ColumnNames, &(Holds, Optional))| Wanted {
        names: std::iter::once(&column.name).chain(column.aliases).map(|n| (*n).to_owned()).collect(),
        holds: *holds,
        optional: *optional,
    };
    columns.iter().zip(holds).map(one).collect()
}

/// Reads a table and adds its file and rejects to those of the answer.
fn table(
    path: &Path,
    columns: &[Wanted],
    origin: &mut Origin,
    watch: &mut Watch<'_>,
    take: &mut dyn FnMut(&[Value<'_>]) -> Result<(), String>,
) -> Result<(), Error> {
    let bundle = Bundle::open(&[PathBuf::from(path)], &Limits::default())?;
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let mut row = |_: u64, cells: &[Value<'_>]| take(cells);
    let table = read_named(&bundle, columns, &mut row, &mut tick)?;
    origin.n_rejected += table.file.rejected;
    origin.rejects.extend(table.rejects);
    if table.file.taken == 0 {
        return Err(Error::Input {
            message: format!("{}: expected rows, found none that can be used", table.file.name),
            hint: origin.rejects.last().map(|r| format!("line {}: {}", r.line, r.why)),
        });
    }
    origin.files.push(table.file);
    Ok(())
}

fn text<'a>(cell: &Value<'a>, what: &str) -> Result<&'a str, String> {
    match cell {
        Value::Text(text) => Ok(text),
        _ => Err(format!("expected {what}, found nothing")),
    }
}

fn number(cell: &Value<'_>, what: &str) -> Result<f64, String> {
    match cell {
        Value::Number(n) => Ok(*n),
        _ => Err(format!("expected {what}, found nothing")),
    }
}

/// Rates between currencies: `date,from,to,rate`.
pub(super) fn rates(path: &Path, origin: &mut Origin, watch: &mut Watch<'_>) -> Result<Vec<Rate>, Error> {
    let columns = wanted(RATE_COLUMNS, &[(Holds::Text, Optional::No); 4]);
    let mut rates = Vec::new();
    let mut take = |cells: &[Value<'_>]| {
        let day = text(&cells[0], "a day")?;
        let day = when::day(day).ok_or_else(|| format!("expected a day such as 2026-05-01, found {day}"))?;
        let rate = text(&cells[3], "a rate")?;
        let rate = Decimal::parse(rate)
            .filter(|r| r.units > 0)
            .ok_or_else(|| format!("expected a rate above 0, found {rate}"))?;
        let code = |i: usize| text(&cells[i], "a currency").map(|c| c.trim().to_uppercase());
        rates.push(Rate { day, from: code(1)?, to: code(2)?, rate });
        Ok(())
    };
    table(path, &columns, origin, watch, &mut take)?;
    Ok(rates)
}

/// What experiments say of channels: `channel,factor,low,high,date`.
pub(super) fn calibrations(
    path: &Path,
    confidence: f64,
    origin: &mut Origin,
    watch: &mut Watch<'_>,
) -> Result<Vec<Calibration>, Error> {
    let number_of = (Holds::Number, Optional::No);
    let (name, day) = ((Holds::Text, Optional::No), (Holds::Text, Optional::Yes));
    let holds = [name, number_of, number_of, number_of, day, (Holds::Number, Optional::Yes)];
    let columns = wanted(CALIBRATION_COLUMNS, &holds);
    let mut found = Vec::new();
    let mut take = |cells: &[Value<'_>]| {
        let channel = text(&cells[0], "a channel")?.to_owned();
        let (point, low, high) =
            (number(&cells[1], "a factor")?, number(&cells[2], "its low end")?, number(&cells[3], "its high end")?);
        let level = number(&cells[5], "").unwrap_or(confidence);
        if !(0.0 <= low && low <= point && point <= high && (0.0..1.0).contains(&level)) {
            return Err(format!("expected 0 <= low <= factor <= high, found {low}, {point}, {high}"));
        }
        let day = text(&cells[4], "").ok().and_then(when::day);
        found.push(Calibration { channel, factor: Estimate::new(point, low, high, level), day });
        Ok(())
    };
    table(path, &columns, origin, watch, &mut take)?;
    Ok(found)
}

/// Verdicts as `assay audit --verdicts` writes them. The share of inauthentic followers is the mean of their probabilities, its
/// interval that of chance alone, given them (a sum of independent draws); those of the classes are counts, from those who are
/// surely of it to those and the unsure.
pub(super) fn verdicts(
    path: &Path,
    business: &Business,
    confidence: f64,
    origin: &mut Origin,
    watch: &mut Watch<'_>,
) -> Result<Judged, Error> {
    let who = (Holds::Text, Optional::Yes);
    let columns = wanted(VERDICT_COLUMNS, &[who, who, (Holds::Number, Optional::No), (Holds::Text, Optional::No)]);
    let mut by_id: HashMap<String, (f64, Class)> = HashMap::new();
    let mut take = |cells: &[Value<'_>]| {
        let probability = number(&cells[2], "a probability")?;
        let class = match text(&cells[3], "a class")? {
            "inauthentic" => Class::Inauthentic,
            "dormant" => Class::Dormant,
            "genuine" => Class::Genuine,
            "unsure" => Class::Unsure,
            other => return Err(format!("expected inauthentic, dormant, genuine or unsure, found {other}")),
        };
        if !(0.0..=1.0).contains(&probability) {
            return Err(format!("expected a probability from 0 to 1, found {probability}"));
        }
        // A cell that a spreadsheet would take for a formula has a ' before it.
        let clean = |t: &str| t.strip_prefix('\'').unwrap_or(t).trim_start_matches('@').to_lowercase();
        let id = text(&cells[0], "").or_else(|_| text(&cells[1], "an account_id or handle"))?;
        by_id.insert(clean(id), (probability, class));
        Ok(())
    };
    table(path, &columns, origin, watch, &mut take)?;
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut judged = Judged {
        basis: format!("the verdicts of {name}"),
        class: Vec::with_capacity(business.followers.len()),
        inauthentic_share: Outcome::Abstained(Abstention::new(
            "no follower has a verdict",
            "verdicts on these followers",
        )),
        dormant_share: Outcome::Abstained(Abstention::new("no follower has a verdict", "verdicts on these followers")),
        genuine_share: Outcome::Abstained(Abstention::new("no follower has a verdict", "verdicts on these followers")),
        batches: Vec::new(),
    };
    let listed = business.followers.iter().map(|f| {
        let id = f.account.some().or(f.handle.some()).map_or("", |n| business.text(n));
        by_id.get(&id.to_lowercase()).copied()
    });
    let found: Vec<Option<(f64, Class)>> = if business.followers.is_empty() {
        let mut all: Vec<_> = by_id.values().copied().collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all.into_iter().map(Some).collect()
    } else {
        listed.collect()
    };
    let told: Vec<(f64, Class)> = found.iter().flatten().copied().collect();
    if !business.followers.is_empty() {
        judged.class = found.iter().map(|f| f.map_or(Class::Unsure, |(_, class)| class)).collect();
    }
    if told.is_empty() {
        return Ok(judged);
    }
    let n = told.len() as f64;
    let mean = told.iter().map(|t| t.0).sum::<f64>() / n;
    let error = told.iter().map(|t| t.0 * (1.0 - t.0)).sum::<f64>().sqrt() / n;
    let half = error * assay_math::normal_quantile(0.5 + confidence / 2.0);
    let share = |point: f64, low: f64, high: f64| {
        Outcome::Found(Estimate::new(point, low.clamp(0.0, point), high.clamp(point, 1.0), confidence))
    };
    judged.inauthentic_share = share(mean, mean - half, mean + half);
    let of = |class| told.iter().filter(|t| t.1 == class).count() as f64 / n;
    let unsure = of(Class::Unsure);
    judged.dormant_share = share(of(Class::Dormant), of(Class::Dormant), of(Class::Dormant) + unsure);
    judged.genuine_share = share(of(Class::Genuine), of(Class::Genuine), of(Class::Genuine) + unsure);
    Ok(judged)
}

//! Reports on advertising: one reading for all platforms, whose layouts differ in names, preambles and rows of totals.
//!
//! - Rows of totals, above or below, are left out; where the rows do not add up to what they say is spent, it is told.
//! - A row that spans days stays a span; it is never taken for a day.
//! - The currency may stand in a header (`Amount spent (EUR)`).
//! - Days are restated by platforms: the same day in a newer file is a newer version, which the workspace keeps apart.

pub(crate) mod google;
pub(crate) mod linkedin;
pub(crate) mod meta;
pub(crate) mod names;
pub(crate) mod table;
pub(crate) mod tiktok;
pub(crate) mod x;

use crate::error::ImportError;
use crate::export::{self, Field, Habits, Holds, Layout, Of, Row, Short};
use crate::options::DateOrder;
use crate::reading::{Desk, Reading};
use assay_model::{AdRow, Day, Decimal, Fact};

/// A column of a report on advertising.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum AdField {
    Day,
    From,
    To,
    Platform,
    CampaignId,
    Campaign,
    AdSetId,
    AdSet,
    AdId,
    Ad,
    Age,
    Gender,
    Interest,
    Region,
    Spend,
    Currency,
    Impressions,
    Reach,
    Clicks,
    ClicksAll,
    Engagements,
    Follows,
    Conversions,
    Purchases,
    Value,
    Attribution,
    Results,
    ResultIndicator,
}

impl Field for AdField {
    fn place(self) -> usize {
        self as usize
    }

    fn holds(self) -> Holds {
        match self {
            Self::Day | Self::From | Self::To => Holds::Time,
            Self::Spend
            | Self::Impressions
            | Self::Reach
            | Self::Clicks
            | Self::ClicksAll
            | Self::Engagements
            | Self::Follows
            | Self::Conversions
            | Self::Purchases
            | Self::Value
            | Self::Results => Holds::Number,
            _ => Holds::Text,
        }
    }
}

/// The columns that say what a row is about.
const ENTITIES: [AdField; 6] =
    [AdField::CampaignId, AdField::Campaign, AdField::AdSetId, AdField::AdSet, AdField::AdId, AdField::Ad];

/// Finds the first and the last day of a report in what stands above its header.
type Period = fn(&[Vec<String>]) -> Option<(Day, Day)>;

/// How a platform's report differs from others.
pub(super) struct Report {
    /// What stands in the facts; `None` where a column says.
    pub(super) platform: Option<&'static str>,
    pub(super) of: Of<AdField>,
    /// Which number of a date comes first, where the file does not show it.
    pub(super) order: Option<DateOrder>,
    /// The days that a row without any is of, from what stands above the header.
    pub(super) period: Period,
}

/// What the rows of a file have shown.
#[derive(Default)]
struct Sums {
    /// What was spent, in billionths.
    spent: i128,
    n_rows: i128,
    /// What each row of totals says was spent.
    totals: Vec<i128>,
    n_spans: u64,
    n_undated: u64,
    starts: Starts,
}

/// How many first days the rows of a file have.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Starts {
    One,
    #[default]
    Several,
}

/// Reads all members.
pub(super) fn read(reading: &mut Reading<'_>, report: &Report) -> Result<(), ImportError> {
    let mut layouts = Vec::new();
    for member in reading.members.clone() {
        let name = reading.bundle.members[member].name.clone();
        let one_day = export::is_constant(reading.bundle, member, report.of, AdField::From);
        let mut sums = Sums { starts: if one_day { Starts::One } else { Starts::Several }, ..Sums::default() };
        let layout = export::read(
            reading,
            member,
            report.of,
            Habits { short: Short::Take, order: report.order },
            |desk, line, row| {
                if is_total(row) {
                    sums.totals.extend(row.amount(AdField::Spend).ok().flatten().map(Decimal::billionths));
                    return Ok(());
                }
                match take(desk, line, row, report, &mut sums) {
                    Ok(taken) => taken,
                    Err(why) => desk.reject(line, why),
                }
            },
        )?;
        sums.tell(reading, &name)?;
        layouts.extend(layout);
    }
    if layouts.iter().any(|layout| layout.has(AdField::Clicks) && layout.has(AdField::ClicksAll)) {
        reading.note("clicks are those on links; further clicks of the report were not taken")?;
    }
    export::tell_unknown(reading, &layouts)
}

impl Sums {
    fn tell(&self, reading: &mut Reading<'_>, name: &str) -> Result<(), ImportError> {
        let n_totals = self.totals.len();
        // Each row may have been rounded to a cent.
        let near = |total: &i128| (total - self.spent).abs() <= 10_000_000 * (self.n_rows + 1);
        if let Some(first) = self.totals.first().filter(|_| !self.totals.iter().any(near)) {
            let (says, sum) = (shown(*first), shown(self.spent));
            reading.note(&format!(
                "{name}: its own total of what was spent is {says}, and its rows add up to {sum}: rows are missing or stand twice"
            ))?;
        }
        if n_totals > 0 {
            reading.note(&format!("{name}: {n_totals} rows of totals were left out"))?;
        }
        if self.n_spans > 0 {
            reading.note(&format!(
                "{name}: {} rows span several days and are no figures of a day; export it broken down by day for those",
                self.n_spans
            ))?;
        }
        if self.n_undated > 0 {
            reading.note(&format!("{name}: {} rows do not say of which days they are", self.n_undated))?;
        }
        Ok(())
    }
}

fn shown(billionths: i128) -> String {
    let cents = billionths / 10_000_000;
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// Words with which rows of totals begin.
const TOTALS: [&str; 16] = [
    "total",
    "gesamt",
    "summe",
    "totaal",
    "totale",
    "toplam",
    "合計",
    "総計",
    "suma",
    "subtotal",
    "ensemble",
    "totaux",
    "totais",
    "totales",
    "grand total",
    "итого",
];

fn is_total_word(text: &str) -> bool {
    let text = text.to_lowercase();
    TOTALS.iter().any(|word| {
        text.strip_prefix(word)
            .is_some_and(|rest| !rest.chars().next().is_some_and(|c| c.is_alphanumeric() && c.is_ascii()))
    })
}

/// Whether a row is the sum of others: it names nothing that is advertised, and no day of its own or the word for a total.
fn is_total(row: &Row<'_, AdField>) -> bool {
    let layout = row.layout();
    let has_entities = ENTITIES.iter().any(|field| layout.has(*field));
    let names = |text: &str| !is_total_word(text);
    let is_named = ENTITIES.iter().any(|field| row.text(*field).is_some_and(|text| names(&text)));
    let dates = [AdField::Day, AdField::From];
    let is_dated = dates.iter().any(|field| row.day(*field).is_ok_and(|day| day.is_some()));
    let says_total = row.first().is_some_and(|text| is_total_word(&text))
        || dates.iter().chain(&ENTITIES).any(|field| row.text(*field).is_some_and(|text| is_total_word(&text)));
    if is_named {
        // A campaign may be called Total; a row of totals has no day where others have one.
        return says_total
            && !is_dated
            && dates.iter().any(|field| layout.has(*field))
            && row.first().is_some_and(|t| is_total_word(&t));
    }
    says_total || has_entities || !is_dated && dates.iter().any(|field| layout.has(*field))
}

/// Takes a row.
///
/// # Errors
/// What was expected and what was found.
fn take(
    desk: &mut Desk<'_>,
    line: u64,
    row: &Row<'_, AdField>,
    report: &Report,
    sums: &mut Sums,
) -> Result<Result<(), ImportError>, String> {
    let layout = row.layout();
    let (from, to) = days(row, report, sums.starts)?;
    let text = |field| row.text(field);
    // Long ids that a spreadsheet has rounded are no ids.
    let id = |field| text(field).filter(|id| !crate::cell::is_rounded(id));
    let (platform, campaign, ad_set, ad) =
        (text(AdField::Platform), text(AdField::Campaign), text(AdField::AdSet), text(AdField::Ad));
    let (campaign_id, ad_set_id, ad_id) = (id(AdField::CampaignId), id(AdField::AdSetId), id(AdField::AdId));
    let (age, gender, interest, region) =
        (text(AdField::Age), text(AdField::Gender), text(AdField::Interest), text(AdField::Region));
    let attribution = text(AdField::Attribution);
    let currency = text(AdField::Currency).map(|code| code.to_ascii_uppercase()).or_else(|| layout.currency.clone());
    let spend = row.amount(AdField::Spend)?;
    let clicks = row.count(AdField::Clicks)?;
    let indicator = text(AdField::ResultIndicator);
    let results = if indicator.is_some() { row.number(AdField::Results)? } else { None };
    let says = |words: &[&str]| indicator.as_ref().is_some_and(|i| words.iter().any(|word| i.contains(word)));
    let purchases = row.number(AdField::Purchases)?.or_else(|| results.filter(|_| says(&["purchase"])));
    let is_conversion = says(&["conversion", "purchase", "lead", "registration", "subscribe"]);
    let conversions = row.number(AdField::Conversions)?.or_else(|| results.filter(|_| is_conversion));
    let fact = AdRow {
        from,
        to,
        platform: report.platform.or(platform.as_deref()),
        campaign_id: campaign_id.as_deref(),
        campaign: campaign.as_deref(),
        ad_set_id: ad_set_id.as_deref(),
        ad_set: ad_set.as_deref(),
        ad_id: ad_id.as_deref(),
        ad: ad.as_deref(),
        age: age.as_deref(),
        gender: gender.as_deref(),
        interest: interest.as_deref(),
        region: region.as_deref(),
        spend,
        currency: currency.as_deref(),
        impressions: row.count(AdField::Impressions)?,
        reach: row.count(AdField::Reach)?,
        clicks: if layout.has(AdField::Clicks) { clicks } else { row.count(AdField::ClicksAll)? },
        engagements: row.count(AdField::Engagements)?,
        follows: row.count(AdField::Follows)?,
        conversions,
        purchases,
        conversion_value: row.amount(AdField::Value)?,
        attribution: attribution.as_deref(),
        source: desk.row(line),
    };
    if spend.is_none() && fact.impressions.is_none() && fact.clicks.is_none() {
        return Err("expected what was spent, impressions or clicks, found none of them".to_owned());
    }
    sums.n_rows += 1;
    sums.spent += spend.map_or(0, Decimal::billionths);
    sums.n_spans += u64::from(from != to);
    sums.n_undated += u64::from(from.is_none());
    Ok(desk.take(Fact::Ad(&fact)))
}

/// The first and the last day of a row.
fn days(row: &Row<'_, AdField>, report: &Report, starts: Starts) -> Result<(Option<Day>, Option<Day>), String> {
    let layout = row.layout();
    if layout.has(AdField::Day) {
        let day = row.day(AdField::Day)?.ok_or("expected a day, found nothing")?;
        return Ok((Some(day), Some(day)));
    }
    if layout.has(AdField::From) {
        let from = row.day(AdField::From)?.ok_or("expected a first day, found nothing")?;
        let to = row.day(AdField::To)?;
        if to.is_some_and(|to| to < from) {
            return Err("expected a last day behind the first, found one before it".to_owned());
        }
        // A report with first days alone has them of days, unless all rows share one and the report runs on.
        let of_report = (report.period)(&layout.before).filter(|(first, _)| starts == Starts::One && *first == from);
        return Ok((Some(from), to.or(of_report.map(|(_, last)| last)).or(Some(from))));
    }
    Ok((report.period)(&layout.before).map_or((None, None), |(first, last)| (Some(first), Some(last))))
}

/// No days stand above the header.
pub(super) fn no_period(_: &[Vec<String>]) -> Option<(Day, Day)> {
    None
}

/// Whether a layout has all of these columns.
pub(super) fn has_all(layout: &Layout<AdField>, fields: &[AdField]) -> bool {
    fields.iter().all(|field| layout.has(*field))
}

/// Whether a layout has one of these columns.
pub(super) fn has_any(layout: &Layout<AdField>, fields: &[AdField]) -> bool {
    fields.iter().any(|field| layout.has(*field))
}

#[cfg(test)]
mod tests {
    use super::is_total_word;

    #[test]
    fn totals_are_told_by_their_words() {
        for text in ["Total", "Total: Account", "TOTAL", "Gesamt: Konto", "合計", "Total of 1 results", "Totale"] {
            assert!(is_total_word(text), "{text}");
        }
        for text in ["Totally new", "Autumn", "", "Totality", "Summer"] {
            assert!(!is_total_word(text), "{text}");
        }
    }
}

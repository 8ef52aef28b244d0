//! Takes out of a report what tells who a follower is, so that no rendering of it can give it away.
//!
//! What is left of a follower is the place in the list: it is stable, whoever holds the export can look it up, and there is
//! nothing in it that trying handles could find. Values that stand beside it are made coarse, since exact ones would tell the
//! account as well as its handle does.

use super::AuditReport;
use assay_model::{DAY_MS, Finding, TextColumn, TimeMs};

/// Whether followers are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// By handle, name and id, with exact dates and counts: for whoever holds the export.
    #[default]
    Shown,
    /// By their place in the list, with days and rounded counts: for others.
    Masked,
}

/// Masks the followers of a report: handles, names and ids go, times are cut to the day, counts to two digits, and the cells
/// that rejected rows are quoted with. Verdicts, shares and groups stay as they are. Costs O(n).
pub fn redact(report: &mut AuditReport) {
    report.names = Names::Masked;
    let audience = &mut report.page.audience;
    let n = audience.len();
    for text in [&mut audience.account_id, &mut audience.handle, &mut audience.display_name] {
        *text = TextColumn::missing(n);
    }
    for times in [
        &mut audience.created_at,
        &mut audience.followed_at,
        &mut audience.followed_after,
        &mut audience.last_active_at,
    ] {
        times.update(noon);
    }
    for counts in [
        &mut audience.display_name_length,
        &mut audience.followers,
        &mut audience.following,
        &mut audience.posts,
        &mut audience.likes,
        &mut audience.listed,
        &mut audience.bio_length,
    ] {
        counts.update(two_digits);
    }
    let own = report.verdicts.reasons.iter_mut().flat_map(|(_, reasons)| reasons);
    let shared = report.verdicts.batches.iter_mut().flat_map(|b| &mut b.reasons);
    own.chain(shared).for_each(|reason| coarsen(&mut reason.finding));
    if let Some(labels) = &mut report.verdicts.labels {
        labels.unknown.clear();
    }
    for reject in &mut report.page.facts.rejects {
        reject.why = unquoted(&reject.why);
    }
}

fn coarsen(finding: &mut Finding) {
    if let Finding::ProfileLikelier { value, .. } = finding {
        *value = two_digits(*value);
    }
    if let Finding::Overruled { by, why, .. } = finding {
        // Whoever knows the account may name it.
        "somebody".clone_into(by);
        "\u{2026}".clone_into(why);
    }
    if let Finding::NumberedAlike { stem, .. } = finding {
        "\u{2026}".clone_into(stem);
    }
}

/// The middle of the day: rounding by a few hours leaves the day as it is.
fn noon(at: TimeMs) -> TimeMs {
    TimeMs(at.0.div_euclid(DAY_MS) * DAY_MS + DAY_MS / 2)
}

/// To two significant digits: 1,234 becomes 1,200.
fn two_digits(n: u32) -> u32 {
    let unit = 10_u64.pow(n.checked_ilog10().unwrap_or(0).saturating_sub(1));
    // The largest value stands for a missing cell.
    u32::try_from((u64::from(n) + unit / 2) / unit * unit).unwrap_or(u32::MAX - 1)
}

/// The text with "…" for what stands behind "found" between backticks: names of columns stay, cells go.
fn unquoted(why: &str) -> String {
    const FOUND: &str = "found `";
    let Some(at) = why.find(FOUND) else { return why.to_owned() };
    let (said, quoted) = why.split_at(at + FOUND.len());
    let rest = quoted.rfind('`').map_or("`", |end| &quoted[end..]);
    format!("{said}…{rest}")
}

#[cfg(test)]
mod tests {
    use super::{Names, noon, redact, two_digits, unquoted};
    use crate::render::{self, fixture};
    use assay_model::{DAY_MS, TimeMs};

    #[test]
    fn no_rendering_of_a_redacted_report_names_a_follower() {
        for mut report in [fixture::one_batch(), fixture::hostile(), fixture::untold()] {
            let names: Vec<String> = (0..report.page.audience.len())
                .flat_map(|i| {
                    let who = report.page.audience.follower(i);
                    [Some(who.account_id), who.handle].map(|name| name.unwrap_or("").to_owned())
                })
                .filter(|name| name.len() > 4)
                .collect();
            redact(&mut report);
            assert_eq!(report.names, Names::Masked);
            let mut out = Vec::new();
            render::html(&report, &render::Cover::default(), &mut out).unwrap();
            render::json(&report, &mut out).unwrap();
            render::verdicts_csv(&report, &mut out).unwrap();
            let mut out = String::from_utf8_lossy(&out).into_owned();
            out += &render::text(&report, render::Colour::Never, 80);
            assert!(!names.is_empty() && names.iter().all(|name| !out.contains(name.as_str())));
        }
    }

    #[test]
    fn values_beside_a_mask_are_coarse() {
        assert_eq!(
            [0, 7, 10, 96, 1_234, 99_950, u32::MAX - 1].map(two_digits),
            [0, 7, 10, 96, 1_200, 100_000, u32::MAX - 1]
        );
        assert_eq!([noon(TimeMs(5)), noon(TimeMs(-1))], [TimeMs(DAY_MS / 2), TimeMs(-DAY_MS / 2)]);
    }

    #[test]
    fn cells_that_a_reject_quotes_are_masked_and_columns_are_not() {
        for (why, masked) in [
            ("column `a`: expected a number, found `anna`", "column `a`: expected a number, found `…`"),
            ("expected the whole id, found `1E+18`, which is cut", "expected the whole id, found `…`, which is cut"),
            ("expected 3 cells, found 4", "expected 3 cells, found 4"),
            ("expected one word, found `a`b`", "expected one word, found `…`"),
        ] {
            assert_eq!(unquoted(why), masked);
        }
    }
}

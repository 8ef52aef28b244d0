//! What labels did, and whether the picture of people fits, in words.

use super::format::{count, counted, percent, plain, whole};
use assay_model::{LabelsUsed, ReferenceFit};

/// What became of a table of labels, as clauses with semicolons between.
pub fn used(labels: &LabelsUsed) -> String {
    let n = |n: u64, what: &str| (n > 0).then(|| format!("{} {what}", count(n)));
    let genuine = labels.n_used - labels.n_inauthentic;
    let unknown: Vec<String> = labels.unknown.iter().take(3).map(|name| plain(name).into_owned()).collect();
    let unknown = if unknown.is_empty() { String::new() } else { format!(" ({})", unknown.join(", ")) };
    let parts = [
        Some(format!(
            "{} used, {} inauthentic and {} genuine",
            counted(labels.n_used, "label", "labels"),
            count(labels.n_inauthentic),
            count(genuine)
        )),
        n(labels.n_overturned, "against the verdict without them"),
        n(labels.n_blank, "still blank"),
        n(labels.n_unknown, &format!("of accounts that do not follow{unknown}")),
        n(labels.n_contradicting, "with labels that contradict each other, not used"),
        n(labels.n_repeated, "repeated"),
        n(labels.n_rejected, "that could not be read"),
        n(
            labels.n_undrawn,
            "not from a draw of --sample-to-label: the interval holds only if they were chosen at random",
        ),
        labels.is_recalibrated.then(|| "the other verdicts were moved to what the labels show".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What does not fit, and what followed; `None` where all fits.
pub fn misfit(fit: &ReferenceFit) -> Option<String> {
    let mut parts = Vec::new();
    if fit.misfit_share > 0.0 {
        parts.push(format!(
            "labels and probabilities differ on the share of sold accounts by {} more than chance explains (see --recalibrate)",
            percent(fit.misfit_share)
        ));
    }
    if fit.n_odd_people > 0.0 {
        parts.push(format!(
            "about {} accounts that look like people were opened together, as people\u{2019}s accounts are not",
            whole(fit.n_odd_people)
        ));
    }
    if fit.n_uncorroborated > 0.0 {
        parts.push(format!(
            "about {} accounts are alike in profile and unlike the others, and neither dates nor arrivals say that they were sold",
            whole(fit.n_uncorroborated)
        ));
    }
    (!fit.is_good()).then(|| {
        format!(
            "the picture of people may not fit this audience: {}; the interval of the share allows for it",
            parts.join("; ")
        )
    })
}

//! Whom the rows of a table of labels mean.

use assay_model::{Audience, LabelTable, LabelsUsed, Stratum};
use std::collections::HashMap;

/// Names that are kept of those that nobody bears.
const UNKNOWN_KEPT: usize = 10;

/// Labels by follower.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matched {
    /// Row of the audience, and whether it is inauthentic; in order of rows, each follower once.
    pub labels: Vec<(u32, bool)>,
    /// For each label the stratum that it was drawn from, where the table tells it.
    pub strata: Vec<Option<Stratum>>,
    /// What became of the table.
    pub counts: LabelsUsed,
}

/// Finds the followers that a table names: by account id, else by handle; case counts only where two differ by nothing else.
pub fn match_to(audience: &Audience, table: &LabelTable) -> Matched {
    let mut by_name: HashMap<String, u32> = HashMap::new();
    let wanted: std::collections::HashSet<String> =
        table.labels.iter().flat_map(|l| [&l.account_id, &l.handle]).flatten().map(|n| n.to_lowercase()).collect();
    let mut exact: HashMap<&str, u32> = HashMap::new();
    for i in 0..audience.len() {
        let who = audience.follower(i);
        for name in [Some(who.account_id), who.handle].into_iter().flatten().filter(|n| !n.is_empty()) {
            let lower = name.to_lowercase();
            if wanted.contains(&lower) {
                exact.entry(name).or_insert(i as u32);
                by_name.entry(lower).or_insert(i as u32);
            }
        }
    }
    let find = |name: &Option<String>| {
        let name = name.as_deref()?;
        exact.get(name).or_else(|| by_name.get(&name.to_lowercase())).copied()
    };
    let mut counts = LabelsUsed {
        n_blank: table.n_blank,
        n_rejected: table.file.as_ref().map_or(0, |f| f.rejected),
        ..LabelsUsed::default()
    };
    // `None` where labels of one follower contradict each other.
    let mut told: HashMap<u32, (Option<bool>, Option<Stratum>)> = HashMap::new();
    for label in &table.labels {
        let Some(i) = find(&label.account_id).or_else(|| find(&label.handle)) else {
            counts.n_unknown += 1;
            if counts.unknown.len() < UNKNOWN_KEPT {
                counts.unknown.extend(label.handle.clone().or_else(|| label.account_id.clone()));
            }
            continue;
        };
        match told.get_mut(&i) {
            None => {
                told.insert(i, (Some(label.is_inauthentic), label.stratum));
            }
            Some((Some(before), stratum)) if *before == label.is_inauthentic => {
                counts.n_repeated += 1;
                *stratum = stratum.or(label.stratum);
            }
            Some((before, _)) => *before = None,
        }
    }
    let mut all: Vec<(u32, bool, Option<Stratum>)> = Vec::with_capacity(told.len());
    for (i, (label, stratum)) in told {
        match label {
            Some(label) => all.push((i, label, stratum)),
            None => counts.n_contradicting += 1,
        }
    }
    all.sort_unstable_by_key(|(i, ..)| *i);
    counts.n_used = all.len() as u64;
    counts.n_inauthentic = all.iter().filter(|(_, y, _)| *y).count() as u64;
    counts.n_undrawn = all.iter().filter(|(.., s)| s.is_none()).count() as u64;
    Matched {
        labels: all.iter().map(|&(i, y, _)| (i, y)).collect(),
        strata: all.iter().map(|&(.., s)| s).collect(),
        counts,
    }
}

#[cfg(test)]
mod tests {
    use super::match_to;
    use assay_model::{Audience, Follow, Label, LabelTable};

    #[test]
    fn names_are_found_and_unknown_repeated_and_contradicting_ones_counted() {
        let mut audience = Audience::default();
        for (id, handle) in [("1", "Anna"), ("2", "anna"), ("3", "Bob"), ("4", "cem")] {
            audience.push(&Follow { account_id: Some(id), handle: Some(handle), ..Follow::default() });
        }
        let label = |id: Option<&str>, handle: Option<&str>, is_inauthentic| Label {
            account_id: id.map(str::to_owned),
            handle: handle.map(str::to_owned),
            is_inauthentic,
            stratum: None,
        };
        let table = LabelTable {
            labels: vec![
                label(None, Some("anna"), true),
                label(None, Some("BOB"), false),
                label(Some("3"), None, false),
                label(Some("4"), None, false),
                label(None, Some("Cem"), true),
                label(None, Some("dora"), true),
            ],
            n_blank: 2,
            ..LabelTable::default()
        };
        let matched = match_to(&audience, &table);
        assert_eq!(matched.labels, [(1, true), (2, false)]);
        let c = &matched.counts;
        assert_eq!(
            (c.n_used, c.n_inauthentic, c.n_unknown, c.n_repeated, c.n_contradicting, c.n_blank),
            (2, 1, 1, 1, 1, 2)
        );
        assert_eq!(c.unknown, ["dora"]);
    }
}

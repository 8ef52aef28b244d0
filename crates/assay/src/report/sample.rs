//! Followers to show, chosen by strata and never by hand.

use super::AuditReport;
use assay_model::{Class, Reading};

/// What the followers of a stratum have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StratumKind {
    /// They stand in this batch (an index) and look inauthentic.
    InBatch(usize),
    /// They came within this batch and are not held to be of it.
    AmongBatch(usize),
    /// They came in this unexplained burst (an index).
    InBurst(usize),
    /// They stand in neither, and are of this class.
    Of(Class),
}

/// A stratum of the audience and some of its followers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// What its followers have in common.
    pub kind: StratumKind,
    /// How many followers it holds.
    pub n: u64,
    /// Those shown, in follow order.
    pub rows: Vec<usize>,
}

/// Batches, and unexplained bursts, that have strata of their own; on a page with more the first are shown.
const GROUPS_MAX: usize = 6;

/// Draws a few followers of each batch, of each unexplained burst and of each class: evenly spaced within their stratum in
/// follow order, the first half a step from its start, so that nobody can have picked them. Strata without followers are
/// left out. Costs O(n).
pub fn sample(report: &AuditReport) -> Vec<Stratum> {
    let verdicts = &report.verdicts;
    let n_batches = verdicts.batches.len().min(GROUPS_MAX);
    let bursts: Vec<_> = verdicts
        .spikes
        .iter()
        .enumerate()
        .filter(|(_, s)| s.reading == Reading::Unexplained)
        .filter_map(|(i, s)| Some((i, s.ranks?)))
        .take(GROUPS_MAX)
        .collect();
    let classes = [Class::Inauthentic, Class::Unsure, Class::Dormant, Class::Genuine];
    let kinds: Vec<StratumKind> = (0..n_batches)
        .flat_map(|b| [StratumKind::InBatch(b), StratumKind::AmongBatch(b)])
        .chain(bursts.iter().map(|(i, _)| StratumKind::InBurst(*i)))
        .chain(classes.map(StratumKind::Of))
        .collect();
    let (first_burst, first_class) = (2 * n_batches, 2 * n_batches + bursts.len());
    let stratum = |i: usize| {
        if let Some(b) = verdicts.batch[i].checked_sub(1).map(|b| b as usize).filter(|b| *b < n_batches) {
            return 2 * b + usize::from(verdicts.class[i] != Class::Inauthentic);
        }
        let burst = bursts.iter().position(|(_, ranks)| ranks.holds(i as u32));
        burst.map_or_else(
            || first_class + classes.iter().position(|c| *c == verdicts.class[i]).unwrap_or(0),
            |k| first_burst + k,
        )
    };
    let mut n_of = vec![0_u64; kinds.len()];
    (0..verdicts.class.len()).for_each(|i| n_of[stratum(i)] += 1);
    let wanted: Vec<Vec<u64>> = kinds.iter().zip(&n_of).map(|(kind, n)| places(*n, shown(*kind))).collect();
    let mut met = vec![0_u64; kinds.len()];
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); kinds.len()];
    for i in 0..verdicts.class.len() {
        let s = stratum(i);
        if wanted[s].get(rows[s].len()) == Some(&met[s]) {
            rows[s].push(i);
        }
        met[s] += 1;
    }
    let strata = kinds.into_iter().zip(n_of).zip(rows).map(|((kind, n), rows)| Stratum { kind, n, rows });
    strata.filter(|s| s.n > 0).collect()
}

/// How many followers of a stratum are shown.
fn shown(kind: StratumKind) -> u64 {
    match kind {
        StratumKind::InBatch(_) | StratumKind::Of(_) => 3,
        StratumKind::InBurst(_) => 2,
        StratumKind::AmongBatch(_) => 1,
    }
}

/// `k` places among `n`, evenly spaced.
fn places(n: u64, k: u64) -> Vec<u64> {
    let k = k.min(n);
    (0..k).map(|j| (2 * j + 1) * n / (2 * k)).collect()
}

#[cfg(test)]
mod tests {
    use super::{StratumKind, places, sample};
    use crate::render::fixture;
    use assay_model::Class;

    #[test]
    fn places_are_evenly_spaced_and_differ() {
        assert_eq!(places(9, 3), [1, 4, 7]);
        assert_eq!(places(2, 3), [0, 1]);
        assert!(places(0, 3).is_empty());
    }

    #[test]
    fn strata_hold_everybody_once_and_show_their_own() {
        let report = fixture::one_batch();
        let strata = sample(&report);
        assert_eq!(strata.iter().map(|s| s.n).sum::<u64>(), report.page.audience.len() as u64);
        for stratum in &strata {
            assert!(!stratum.rows.is_empty() && stratum.rows.is_sorted());
            for &i in &stratum.rows {
                let batch = report.verdicts.batch[i] as usize;
                match stratum.kind {
                    StratumKind::InBatch(b) => {
                        assert_eq!((batch, report.verdicts.class[i]), (b + 1, Class::Inauthentic));
                    }
                    StratumKind::AmongBatch(b) => assert_eq!(batch, b + 1),
                    StratumKind::InBurst(_) => assert_eq!(batch, 0),
                    StratumKind::Of(class) => assert_eq!(report.verdicts.class[i], class),
                }
            }
        }
        assert_eq!(sample(&report), strata);
        assert!(sample(&fixture::empty()).is_empty());
    }
}

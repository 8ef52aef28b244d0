//! Step 3: the run and the band of a proposal, in turn, until neither moves.

use super::map::{Band, Map};
use super::null::{Judged, Null};

/// Run and band are improved this often at most; three turns settled all made cases.
const TURNS: usize = 4;

/// A run is never taken for purer than this: one follower of another kind must not split it.
const MAX_SHARE: f64 = 0.98;

/// At most this many ends of bands are tried on each side.
const MAX_ENDS: usize = 40;

/// A refined group: the run `start..end` of map entries, its band, and the judgement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub start: usize,
    pub end: usize,
    pub band: Band,
    pub judged: Judged,
}

/// Refines a proposal. Costs O(m log m) for a run of m.
pub(crate) fn refine(map: &Map, start: usize, end: usize, band: Band) -> Found {
    let mut null = Null::of(map, start, end);
    let mut best = Found { start, end, band, judged: null.judge(band) };
    for _ in 0..TURNS {
        let band = best_band(map, &null, best.start, best.end, best.band, best.judged.nats);
        let here = Found { band, judged: null.judge(band), ..best };
        let (start, end) = best_run(map, &here);
        null = Null::of(map, start, end);
        let next = Found { start, end, band, judged: null.judge(band) };
        let settled = (next.start, next.end) == (best.start, best.end) && next.band == best.band;
        if next.judged.nats >= best.judged.nats || (next.band, next.start) == (here.band, here.start) {
            best = next;
        }
        if settled {
            break;
        }
    }
    best
}

/// The band with the largest ratio for the run `start..end`, its ends at accounts of the run; `band` itself if none is
/// stronger than `nats`.
pub(crate) fn best_band(map: &Map, null: &Null, start: usize, end: usize, band: Band, nats: f64) -> Band {
    let axis = band.axis;
    let mut values: Vec<f64> = (start..end).filter(|&i| !map.taken[i]).map(|i| map.value(axis, i)).collect();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let ends: Vec<f64> =
        if n <= MAX_ENDS { values } else { (0..MAX_ENDS).map(|q| values[q * (n - 1) / (MAX_ENDS - 1)]).collect() };
    let mut best = (nats, band);
    for (i, &low) in ends.iter().enumerate() {
        for &high in &ends[i..] {
            let band = Band { axis, low, high };
            let nats = null.judge(band).nats;
            if nats > best.0 {
                best = (nats, band);
            }
        }
    }
    best.1
}

/// The run with the largest sum of log-likelihood ratios for this band at its share and null share, within one length of
/// the old run on each side.
fn best_run(map: &Map, found: &Found) -> (usize, usize) {
    let (share, null) = (found.judged.k / found.judged.m, found.judged.p);
    if share <= null || null >= MAX_SHARE {
        return (found.start, found.end);
    }
    let share = share.min(MAX_SHARE);
    let (inside, outside) = ((share / null).ln(), ((1.0 - share) / (1.0 - null)).ln());
    let room = found.end - found.start + 50;
    let (from, to) = (found.start.saturating_sub(room), (found.end + room).min(map.len()));
    let (mut sum, mut since) = (0.0_f64, from);
    let mut best = (0.0, found.start, found.end);
    for i in from..to {
        if map.taken[i] {
            continue;
        }
        if sum <= 0.0 {
            (sum, since) = (0.0, i);
        }
        sum += if map.in_band(found.band, i) { inside } else { outside };
        if sum > best.0 {
            best = (sum, since, i + 1);
        }
    }
    (best.1, best.2)
}

#[cfg(test)]
mod tests {
    use super::refine;
    use crate::follow_order::map::{Axis, Band, Map};

    /// A band that holds nearly everybody, inside and around: the null share alone is above the cap on purity.
    #[test]
    fn a_band_that_everybody_is_in_is_no_trouble() {
        let mut map = Map { timed: true, tells_time: true, ..Map::default() };
        for i in 0..20_000_u32 {
            map.push(i, 16_000.0, 17_000.0 + f64::from(i) * 0.01);
        }
        let found = refine(&map, 9_000, 9_200, Band { axis: Axis::Created, low: 15_999.0, high: 16_001.0 });
        assert!(found.judged.nats < 1.0, "{found:?}");
    }
}

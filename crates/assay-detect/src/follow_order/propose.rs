//! Step 1: runs of ranks in which accounts of one band are common, whatever the null.

use super::MIN_MEMBERS;
use super::map::{Axis, Band, Map, NEWBORN_DAYS, log_age};
use rayon::prelude::*;

/// Widths of bands of creation dates, in days; each is laid twice, the second time shifted by half.
const DAYS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Widths of bands of age, in units of [`log_age`]: a tenth is about 10 % of the age.
const LOG_AGES: [f64; 4] = [0.1, 0.2, 0.4, 0.8];

/// A run is proposed where at least this share of it lies in the band; the lower finds thinned groups, the higher keeps
/// dense neighbours apart.
const SHARES: [f64; 2] = [0.4, 0.75];

/// Proposals weaker than this (in nats, against the share of the band around the run) are not judged.
const MIN_NATS: f64 = 8.0;

/// A run of map entries (`start..end`) and a band that is common in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proposal {
    pub start: usize,
    pub end: usize,
    pub band: Band,
    /// Strength against the share of the same band around the run.
    pub nats: f64,
}

/// All proposals of a map, strongest first, at most `most` of them. Costs O(n) for each of 28 layings of bands.
pub(crate) fn propose(map: &Map, most: usize) -> Vec<Proposal> {
    let dates = DAYS.iter().map(|&width| (Axis::Created, width));
    let ages: &[f64] = if map.tells_time { &LOG_AGES } else { &[] };
    let layings: Vec<(Axis, f64)> = dates.chain(ages.iter().map(|&width| (Axis::Age, width))).collect();
    let lay = |&(axis, width): &(Axis, f64)| [0.0, 0.5].map(|shift| lay(map, axis, width, shift)).concat();
    let mut found: Vec<Proposal> = layings.par_iter().flat_map_iter(lay).collect();
    found.sort_by(|a, b| b.nats.total_cmp(&a.nats).then(a.start.cmp(&b.start)).then(a.end.cmp(&b.end)));
    found.truncate(most);
    found
}

/// Lays bands of one width over the map and scans each.
fn lay(map: &Map, axis: Axis, width: f64, shift: f64) -> Vec<Proposal> {
    let mut found = Vec::new();
    let n = map.len();
    let Some(least) = (0..n).map(|i| map.value(axis, i)).reduce(f64::min) else { return found };
    let buckets: Vec<u32> = (0..n).map(|i| ((map.value(axis, i) - least) / width + shift) as u32).collect();
    let n_buckets = buckets.iter().max().map_or(0, |&b| b as usize) + 1;
    let mut starts = vec![0_u32; n_buckets + 1];
    for &b in &buckets {
        starts[b as usize + 1] += 1;
    }
    for b in 0..n_buckets {
        starts[b + 1] += starts[b];
    }
    let mut next = starts.clone();
    let mut members = vec![0_u32; n];
    for (i, &b) in buckets.iter().enumerate() {
        let slot = &mut next[b as usize];
        members[*slot as usize] = i as u32;
        *slot += 1;
    }
    for b in 0..n_buckets {
        let inside = &members[starts[b] as usize..starts[b + 1] as usize];
        if inside.len() < MIN_MEMBERS {
            continue;
        }
        let low = least + (b as f64 - shift) * width;
        let band = Band { axis, low, high: low + width };
        for share in SHARES {
            scan(map, band, inside, share, &mut found);
        }
    }
    found
}

/// Runs of ranks in which at least `share` lie in the band: maximal sums of `1 - share` for each member and `-share` for each
/// other rank.
fn scan(map: &Map, band: Band, members: &[u32], share: f64, found: &mut Vec<Proposal>) {
    let mut from = 0;
    while from < members.len() {
        let (mut sum, mut best, mut best_at) = (1.0 - share, 1.0 - share, from);
        let mut k = from + 1;
        while k < members.len() {
            sum -= share * f64::from(members[k] - members[k - 1] - 1);
            if sum <= 0.0 {
                break;
            }
            sum += 1.0 - share;
            if sum > best {
                (best, best_at) = (sum, k);
            }
            k += 1;
        }
        if best_at + 1 - from >= MIN_MEMBERS {
            keep(map, band, members, from, best_at, found);
        }
        from = best_at + 1;
    }
}

fn keep(map: &Map, band: Band, members: &[u32], first: usize, last: usize, found: &mut Vec<Proposal>) {
    let (start, end) = (members[first] as usize, members[last] as usize + 1);
    if band.axis == Axis::Created && map.tells_time {
        let newborn = log_age(NEWBORN_DAYS);
        let n_newborn = members[first..=last].iter().filter(|&&i| map.log_age[i as usize] < newborn).count();
        if 2 * n_newborn > last - first {
            return;
        }
    }
    let (k, m) = ((last + 1 - first) as f64, (end - start) as f64);
    let reach = super::null::reach(end - start);
    let left = first - members[..first].partition_point(|&i| (i as usize) + reach < start);
    let right = members[last + 1..].partition_point(|&i| (i as usize) < end + reach);
    let around = start.min(reach) + (map.len() - end).min(reach);
    let null = ((left + right) as f64 + 0.5) / (around as f64 + 1.0);
    let nats = super::null::log_likelihood_ratio(k, m, null);
    if nats >= MIN_NATS {
        found.push(Proposal { start, end, band, nats });
    }
}

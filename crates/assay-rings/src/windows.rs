//! When a ring acted: the stretch that holds most of its edges, for the ring and for each of its targets.
//!
//! Members also act on a ring's targets on other days, by chance or as camouflage, so the first and last edge say little.
//! The window is the shortest stretch with nine tenths of the edges, drawn out by a sixth of its length on either side (what
//! a steady flow needs so that the rest fits) and then back to the edges that lie in it. `CopyCatch` (Beutel et al. 2013) takes
//! a window of set length for each target; here the length is found.

use assay_model::RingWindow;

/// The share of edges that a window holds at least.
const HELD_SHARE: f64 = 0.9;
/// By which part of its length a window is drawn out on either side.
const MARGIN_SHARE: f64 = 1.0 / 6.0;

/// The window of these times (ascending, in seconds after `origin_s`), if there are any.
pub fn window(at: &[u32], origin_s: i64) -> Option<RingWindow> {
    let (from, to) = shortest(at)?;
    let margin = (f64::from(to - from) * MARGIN_SHARE) as u32;
    let (low, high) = (from.saturating_sub(margin), to.saturating_add(margin));
    let first = *at.get(at.partition_point(|&t| t < low))?;
    let last = *at.get(at.partition_point(|&t| t <= high).checked_sub(1)?)?;
    Some(RingWindow { from_s: origin_s + i64::from(first), to_s: origin_s + i64::from(last) })
}

/// The shortest stretch with [`HELD_SHARE`] of the times; the earliest of equals.
fn shortest(at: &[u32]) -> Option<(u32, u32)> {
    let held = (at.len() as f64 * HELD_SHARE).ceil() as usize;
    at.windows(held.max(1)).map(|w| (w[0], w[w.len() - 1])).min_by_key(|(from, to)| to - from)
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn a_window_leaves_strays_out_and_keeps_a_steady_flow_whole() {
        let mut at: Vec<u32> = (0..200).map(|i| 1_000_000 + i * 1000).collect();
        at.splice(0..0, [5, 70_000]);
        at.push(9_000_000);
        let found = window(&at, 10).expect("there are times");
        assert_eq!((found.from_s, found.to_s), (1_000_010, 1_199_010));
        assert_eq!(window(&[], 0), None);
        assert_eq!(window(&[7], 1).map(|w| (w.from_s, w.to_s)), Some((8, 8)));
    }
}

//! Account creation times hidden in ids.

use crate::time::TimeMs;

/// The first moment of X's snowflake ids: 2010-11-04T01:42:54.657Z.
const X_EPOCH_MS: i64 = 1_288_834_974_657;

/// Account ids were handed out one after another until they grew past this; larger ones are snowflakes
/// (user ids became snowflakes in 2015-16; the sequential ones ended below 5e9).
const X_LAST_SEQUENTIAL: u64 = 5_000_000_000;

/// Account ids that were handed out one after another, with the day (UTC, since 1970) on which each was new. Between two of
/// them the id grows about evenly; a date read off this table is good to some weeks.
/// Source: creation dates that well-known accounts show on their public profiles.
const X_ANCHORS: [(u64, i64); 11] = [
    (12, 13_228),            // @jack, 2006-03-21
    (12_497, 13_467),        // 2006-11-15
    (813_286, 13_577),       // @BarackObama, 2007-03-05
    (14_230_524, 13_964),    // @ladygaga, 2008-03-26
    (27_260_086, 14_331),    // @justinbieber, 2009-03-28
    (155_659_213, 14_774),   // @Cristiano, 2010-06-14
    (300_000_000, 15_112),   // spring 2011
    (500_000_000, 15_393),   // February 2012
    (1_000_000_000, 15_683), // December 2012
    (2_244_994_945, 16_053), // @XDevelopers, 2013-12-14
    (4_900_000_000, 16_851), // February 2016, among the last
];

/// When the X account of this id was created, and whether that is exact (a snowflake) or read off a table of known ids.
/// `None` for 0.
pub fn x_created_at(id: u64) -> Option<(TimeMs, bool)> {
    if id > X_LAST_SEQUENTIAL {
        return Some((TimeMs((id >> 22) as i64 + X_EPOCH_MS), true));
    }
    let after = X_ANCHORS.iter().position(|&(known, _)| known >= id).unwrap_or(X_ANCHORS.len() - 1).max(1);
    let ((id0, day0), (id1, day1)) = (X_ANCHORS[after - 1], X_ANCHORS[after]);
    let along = (id.max(id0) - id0) as f64 / (id1 - id0) as f64;
    let days = day0 as f64 + along * (day1 - day0) as f64;
    (id > 0).then_some((TimeMs((days * crate::time::DAY_MS as f64) as i64), false))
}

#[cfg(test)]
mod tests {
    use super::x_created_at;
    use crate::time::TimeMs;

    /// 1963100000000000001 >> 22 = 468039512634; plus the epoch gives 1756874487291, 2025-09-03T04:41:27.291Z.
    #[test]
    fn snowflakes_are_exact() {
        assert_eq!(x_created_at(1_963_100_000_000_000_001), Some((TimeMs(1_756_874_487_291), true)));
    }

    #[test]
    fn sequential_ids_lie_between_known_ones() {
        let (at, exact) = x_created_at(400_000_000).expect("an id");
        assert!(!exact && at.day().0 > 15_112 && at.day().0 < 15_393);
        assert_eq!(x_created_at(0), None);
        for id in [1, 12, 4_999_999_999, 5_000_000_001, u64::MAX] {
            assert!(x_created_at(id).is_some(), "{id}");
        }
    }
}

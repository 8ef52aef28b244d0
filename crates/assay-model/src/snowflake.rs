//! Account creation times hidden in ids.

use crate::time::TimeMs;

/// The first moment of X's snowflake ids: 2010-11-04T01:42:54.657Z.
const X_EPOCH_MS: i64 = 1_288_834_974_657;

/// Account ids were handed out one after another until they grew past this; larger ones are snowflakes
/// (user ids became snowflakes in 2015-16; the sequential ones ended below 5e9).
const X_LAST_SEQUENTIAL: u64 = 5_000_000_000;

/// From this day on (2016-02-20, that of the last known sequential id) made accounts get snowflakes.
const X_FIRST_SNOWFLAKE_DAY: i32 = 16_851;

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

/// An id that an X account opened at `created` could have, for made accounts: no two of the `among` accounts numbered from 0
/// get the same one (two numbers that differ by a multiple of 2^22 must not share a millisecond).
///
/// [`x_created_at`] reads a snowflake back to the millisecond. A sequential id is taken from the `among` ids (rounded up to a
/// power of two) at or before the moment's own, so it is read back early: by two minutes at most for every thousand
/// accounts from 2010 on, by more in the years before, when ids were handed out slowly.
pub(crate) fn x_id_at(created: TimeMs, number: u32, among: u32) -> u64 {
    let scattered = u64::from(number.wrapping_mul(0x9e37_79b1));
    if created.day().0 >= X_FIRST_SNOWFLAKE_DAY {
        return ((created.0 - X_EPOCH_MS) as u64) << 22 | scattered & 0x3f_ffff;
    }
    let day = created.0 as f64 / crate::time::DAY_MS as f64;
    let after = X_ANCHORS.iter().position(|&(_, d)| d as f64 >= day).unwrap_or(X_ANCHORS.len() - 1).max(1);
    let ((id0, day0), (id1, day1)) = (X_ANCHORS[after - 1], X_ANCHORS[after]);
    let along = ((day - day0 as f64) / (day1 - day0) as f64).clamp(0.0, 1.0);
    let own = id0 + (along * (id1 - id0) as f64) as u64;
    let block = u64::from(among).next_power_of_two();
    let place = scattered % block;
    let start = own - own % block;
    if start + place <= own || start < block { start + place } else { start - block + place }.max(1)
}

#[cfg(test)]
mod tests {
    use super::{x_created_at, x_id_at};
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

    #[test]
    fn an_id_is_read_back_as_the_moment_it_was_made_for() {
        let snowflake = TimeMs(1_756_874_487_291);
        assert_eq!(x_created_at(x_id_at(snowflake, 77, 6_000)), Some((snowflake, true)));
        let sequential = TimeMs(15_200 * crate::time::DAY_MS);
        let (read, exact) = x_created_at(x_id_at(sequential, 77, 6_000)).expect("an id");
        assert!(!exact && read <= sequential && sequential.0 - read.0 < 1_200_000, "{read:?}");
    }
}

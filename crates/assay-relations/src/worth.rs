//! The order in which people are answered: by what an answer is worth, in points that anybody can add up.
//!
//! | why | points |
//! |---|---|
//! | has ordered | [`CUSTOMER_POINTS`] |
//! | how much | [`BOUGHT_POINTS`] times the share of customers who spent less in the same currency |
//! | asks something | [`QUESTION_POINTS`] |
//! | waits | [`WAITING_POINTS`] after [`WAITING_FULL_MS`], in proportion before |
//! | engages | [`ENGAGES_POINTS`] at [`ENGAGES_FULL`] engagements, by the logarithm below |
//!
//! Somebody who never ordered gets fewer points than anybody who did and has waited as long. After [`FADES_AFTER_MS`] the sum
//! halves with every [`HALF_LIFE_MS`]: an answer to last year's question is worth little. Ties go to who waits longer, then by id.
//!
//! The weights are a choice, not an estimate: they say in which order to answer, and nothing of what an answer will bring. Money
//! of different currencies is never added up; places among customers are compared instead.

use assay_model::{DAY_MS, TimeMs};

/// For having ordered: as much as all that somebody gets who never did.
pub const CUSTOMER_POINTS: f64 = 40.0;
/// For having bought more than all others.
pub const BOUGHT_POINTS: f64 = 20.0;
/// For a question.
pub const QUESTION_POINTS: f64 = 15.0;
/// For waiting a day or longer.
pub const WAITING_POINTS: f64 = 15.0;
/// A day: when answers are expected in public (Sprout Social Index 2023: most people expect one within it).
pub const WAITING_FULL_MS: i64 = DAY_MS;
/// For engaging as often as [`ENGAGES_FULL`].
pub const ENGAGES_POINTS: f64 = 10.0;
/// Engagements that count in full.
pub const ENGAGES_FULL: u32 = 31;
/// Until then nothing fades.
pub const FADES_AFTER_MS: i64 = 7 * DAY_MS;
/// In so long the worth of an answer halves.
pub const HALF_LIFE_MS: i64 = 30 * DAY_MS;

/// What somebody bought.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bought {
    /// Orders.
    pub n_orders: u64,
    /// Money in minor units, by currency code; the code is empty where nobody told it.
    pub spent: Vec<(String, i64)>,
    /// The share (0..1) of customers who spent less, in the currency where that is most; `None` where no amount is told.
    pub below_share: Option<f64>,
}

/// A conversation that awaits an answer.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What it is known by; ties end here.
    pub id: u64,
    /// Since when it waits.
    pub waiting_since: Option<TimeMs>,
    /// Whether it asks something.
    pub is_question: bool,
    /// All that the person did with the page or pages.
    pub n_engagements: u32,
    /// What the person bought; `None` for who is no customer as far as is known.
    pub bought: Option<&'a Bought>,
}

/// One reason for a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// Has ordered.
    Customer {
        /// So often.
        n_orders: u64,
    },
    /// Spent more than this share (0..1) of the customers.
    Bought {
        /// The share.
        below_share: f64,
    },
    /// Asks something.
    Question,
    /// Waits so long, in milliseconds.
    Waiting {
        /// How long.
        ms: i64,
    },
    /// Engaged so often.
    Engages {
        /// How often.
        n: u32,
    },
    /// Waits so long that an answer is worth less: this share (0..1) of the sum.
    Fades {
        /// The share.
        to_share: f64,
    },
}

/// A reason and its points; those of a fading are what it takes away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// The reason.
    pub reason: Reason,
    /// Its points.
    pub points: f64,
}

/// A place in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// The place of the conversation among those that were given.
    pub index: usize,
    /// The sum of its points, 0 to 100.
    pub score: f64,
    /// The reasons, with their points.
    pub reasons: Vec<Why>,
}

/// Puts conversations in the order in which to answer them, at the time `now`.
pub fn queue(candidates: &[Candidate<'_>], now: TimeMs) -> Vec<Queued> {
    let mut all: Vec<(f64, usize)> = candidates.iter().enumerate().map(|(i, c)| (score(c, now), i)).collect();
    let since = |i: usize| candidates[i].waiting_since.unwrap_or(TimeMs(i64::MAX));
    all.sort_unstable_by(|a, b| {
        let tie = || (since(a.1), candidates[a.1].id).cmp(&(since(b.1), candidates[b.1].id));
        b.0.total_cmp(&a.0).then_with(tie)
    });
    all.into_iter().map(|(score, index)| Queued { index, score, reasons: why(&candidates[index], now) }).collect()
}

fn score(c: &Candidate<'_>, now: TimeMs) -> f64 {
    why(c, now).iter().map(|w| w.points).sum()
}

/// The reasons for a place; their points add up to the score.
fn why(c: &Candidate<'_>, now: TimeMs) -> Vec<Why> {
    let mut all = Vec::new();
    let mut add = |reason, points| all.push(Why { reason, points });
    if let Some(bought) = c.bought.filter(|b| b.n_orders > 0) {
        add(Reason::Customer { n_orders: bought.n_orders }, CUSTOMER_POINTS);
        if let Some(below_share) = bought.below_share {
            add(Reason::Bought { below_share }, BOUGHT_POINTS * below_share);
        }
    }
    if c.is_question {
        add(Reason::Question, QUESTION_POINTS);
    }
    // A clock that lags behind the network's makes nobody wait for less than no time.
    let waits = c.waiting_since.map(|since| now.0.saturating_sub(since.0).max(0));
    if let Some(ms) = waits {
        add(Reason::Waiting { ms }, WAITING_POINTS * (ms as f64 / WAITING_FULL_MS as f64).min(1.0));
    }
    // The word itself is one: who did nothing else gets nothing.
    let n = c.n_engagements;
    if n > 1 {
        let full = f64::from(ENGAGES_FULL).ln();
        add(Reason::Engages { n }, ENGAGES_POINTS * (f64::from(n).ln() / full).min(1.0));
    }
    if let Some(late) = waits.map(|ms| ms - FADES_AFTER_MS).filter(|late| *late > 0) {
        let to_share = (-(late as f64) / HALF_LIFE_MS as f64).exp2();
        let sum: f64 = all.iter().map(|w| w.points).sum();
        all.push(Why { reason: Reason::Fades { to_share }, points: -(sum * (1.0 - to_share)) });
    }
    all
}

/// For each amount the share (0..1) of the others that are less; equal ones count half.
pub fn shares_below(amounts: &[i64]) -> Vec<f64> {
    let mut sorted = amounts.to_vec();
    sorted.sort_unstable();
    let others = amounts.len().saturating_sub(1).max(1) as f64;
    let share = |amount: &i64| {
        let below = sorted.partition_point(|a| a < amount);
        let same = sorted.partition_point(|a| a <= amount) - below - 1;
        (below as f64 + same as f64 / 2.0) / others
    };
    amounts.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Bought, CUSTOMER_POINTS, Candidate, ENGAGES_FULL, ENGAGES_POINTS, FADES_AFTER_MS, HALF_LIFE_MS,
        QUESTION_POINTS, Reason, WAITING_POINTS, queue, shares_below,
    };
    use assay_model::{DAY_MS, TimeMs};

    const NOW: TimeMs = TimeMs(1_000 * DAY_MS);

    fn waits(id: u64, ms: i64) -> Candidate<'static> {
        Candidate { id, waiting_since: Some(TimeMs(NOW.0 - ms)), is_question: false, n_engagements: 1, bought: None }
    }

    fn order(all: &[Candidate<'_>]) -> Vec<u64> {
        queue(all, NOW).iter().map(|q| all[q.index].id).collect()
    }

    #[test]
    fn a_customer_stands_before_anybody_who_is_none_and_waits_as_long() {
        let little = Bought { n_orders: 1, spent: Vec::new(), below_share: Some(0.0) };
        let customer = Candidate { bought: Some(&little), ..waits(9, DAY_MS) };
        let keen = Candidate { is_question: true, n_engagements: 4_000, ..waits(1, DAY_MS) };
        assert_eq!(order(&[keen, customer]), [9, 1]);
        let much = Bought { below_share: Some(0.9), ..little.clone() };
        let better = Candidate { bought: Some(&much), ..waits(10, DAY_MS) };
        assert_eq!(order(&[customer, better]), [10, 9]);
        let scores: Vec<f64> = queue(&[keen, customer], NOW).iter().map(|q| q.score).collect();
        assert_eq!(scores, [CUSTOMER_POINTS + WAITING_POINTS, QUESTION_POINTS + WAITING_POINTS + ENGAGES_POINTS]);
    }

    #[test]
    fn points_are_by_hand() {
        let half_a_day = queue(&[waits(1, DAY_MS / 2)], NOW);
        assert_eq!(half_a_day[0].score, WAITING_POINTS / 2.0);
        let often = Candidate { n_engagements: ENGAGES_FULL, ..waits(1, 0) };
        assert_eq!(queue(&[often], NOW)[0].score, ENGAGES_POINTS);
        // A week and two half-lives: a quarter is left.
        let old = Candidate { is_question: true, ..waits(1, FADES_AFTER_MS + 2 * HALF_LIFE_MS) };
        let found = queue(&[old], NOW);
        assert_eq!(found[0].score, (QUESTION_POINTS + WAITING_POINTS) / 4.0);
        assert!(found[0].reasons.iter().any(|w| w.reason == Reason::Fades { to_share: 0.25 }));
        let sum: f64 = found[0].reasons.iter().map(|w| w.points).sum();
        assert_eq!(sum, found[0].score);
        // Nobody knows since when: no points, and no fading.
        let unknown = Candidate { waiting_since: None, is_question: true, ..waits(1, 0) };
        assert_eq!(queue(&[unknown], NOW)[0].score, QUESTION_POINTS);
        // A clock that lags.
        assert_eq!(queue(&[waits(1, -DAY_MS)], NOW)[0].score, 0.0);
    }

    #[test]
    fn ties_go_to_who_waits_longer_then_by_id_whatever_the_order_of_rows() {
        let all = [waits(5, 3 * DAY_MS), waits(4, 2 * DAY_MS), waits(3, 2 * DAY_MS), waits(2, 4 * DAY_MS)];
        assert_eq!(order(&all), [2, 5, 3, 4]);
        let back: Vec<_> = all.iter().rev().copied().collect();
        assert_eq!(order(&back), [2, 5, 3, 4]);
    }

    #[test]
    fn places_among_customers() {
        assert_eq!(shares_below(&[5, 1, 3]), [1.0, 0.0, 0.5]);
        assert_eq!(shares_below(&[2, 2, 9]), [0.25, 0.25, 1.0]);
        assert_eq!((shares_below(&[7]), shares_below(&[])), (vec![0.0], vec![]));
    }
}

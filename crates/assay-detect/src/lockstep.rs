//! What rings among the followers change: verdicts of single followers, where a table tells what else they follow.
//!
//! **How.** Rings are found elsewhere, in the whole table; here they are evidence about those followers who are members.
//!
//! 1. Membership multiplies a follower's odds by at most `IN_RING` over `IN_RING_BY_NATURE`: how often inauthentic accounts
//!    are members, over how often others are.
//! 2. The odds that it multiplies are those which other channels left, and at least those of the share of inauthentic
//!    accounts that explains how many of the covered followers are members:
//!    `(members / covered - IN_RING_BY_NATURE) / (IN_RING - IN_RING_BY_NATURE)`.
//! 3. The factor shrinks with the odds of belonging to the ring (its score) and with the ring's own q-value.
//!
//! Who is no member keeps the verdict: most bought accounts are in no ring that a table of edges shows. Shares stay as other
//! channels have them, since the table covers whom it covers.
//!
//! **Limits.** Groups that nobody made can look like rings: staff, a class, buyers of one product in several variants. The factor
//! is what it is for that reason, and one small ring alone makes nobody inauthentic.

use crate::share::INAUTHENTIC_FROM;
use assay_model::{Class, Finding, FollowerInRing, Reason, Verdicts};

/// The channel that reasons name.
pub const CHANNEL: &str = "rings";

/// What the channel looks for, in one sentence.
pub const SENTENCE: &str = "Followers who act in lockstep with others on the same other pages, where a table of what else they follow is given.";

/// Papers that the method comes from.
pub const SOURCE: &str =
    "Hooi and others 2016, \"FRAUDAR\"; Liu and others 2017, \"HoloScope\"; Cao and others 2014, \"SynchroTrap\"";

/// Its limits.
pub const LIMITS: &str = "Says nothing of followers that the table does not name, or names once. Groups that nobody made (staff, a class) may look \
                          like rings, so a small ring alone decides about nobody. Shares are not moved.";

/// How many of the inauthentic accounts are in rings: of accounts that a rule calls fake and that gave two stars or more,
/// 3,347 of 6,443, beside a graph of real ones.
const IN_RING: f64 = 0.52;

/// How many of the others are: of accounts with two edges or more 0, 0 and 17 % in three real graphs (who trusts whom, who
/// follows whom, who reviews what); their mean.
const IN_RING_BY_NATURE: f64 = 0.056;

/// Moves the verdicts of followers who are members of rings. `n_covered` followers have two edges or more in the table.
pub fn apply(verdicts: &mut Verdicts, members: &[FollowerInRing], n_covered: usize) {
    let share = members.len() as f64 / n_covered.max(1) as f64;
    let explains = ((share - IN_RING_BY_NATURE) / (IN_RING - IN_RING_BY_NATURE)).clamp(0.0, 0.95);
    for member in members {
        let i = member.rank as usize;
        // A false ring says nothing, and neither does a true one of which the follower is no member.
        let sure = (member.score * (1.0 - member.q_value)).clamp(0.0, 1.0);
        let factor = IN_RING / (IN_RING_BY_NATURE + (IN_RING - IN_RING_BY_NATURE) * (1.0 - sure));
        let before = f64::from(verdicts.probability[i]).clamp(1e-6, 1.0 - 1e-6);
        let odds = (before / (1.0 - before)).max(explains / (1.0 - explains)) * factor;
        let probability = odds / (1.0 + odds);
        verdicts.probability[i] = probability.max(before) as f32;
        if verdicts.probability[i] >= INAUTHENTIC_FROM as f32 {
            verdicts.class[i] = Class::Inauthentic;
        } else if matches!(verdicts.class[i], Class::Genuine | Class::Dormant) {
            verdicts.class[i] = Class::Unsure;
        }
        let finding = Finding::InRing {
            n_accounts: member.n_accounts,
            n_targets: member.n_targets,
            n_shared: member.n_shared.into(),
            q_value: member.q_value,
        };
        let reason = Reason { channel: CHANNEL, finding };
        match verdicts.reasons.iter_mut().find(|(rank, _)| *rank == member.rank) {
            Some((_, reasons)) => reasons.push(reason),
            None => verdicts.reasons.push((member.rank, vec![reason])),
        }
    }
    verdicts.reasons.sort_by_key(|(rank, _)| *rank);
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::weigh;
    use assay_model::synth::SynthPage;
    use assay_model::{Class, FollowerInRing, Verdicts};

    fn verdicts() -> Verdicts {
        let page = SynthPage { followers: 400, ..SynthPage::default() }.make(assay_math::Seed(1)).page;
        weigh(&page, &[], 0.95)
    }

    fn member(rank: u32, score: f64) -> FollowerInRing {
        FollowerInRing { rank, n_accounts: 40, n_targets: 20, n_shared: 9, score, q_value: 1e-6 }
    }

    #[test]
    fn one_member_of_a_ring_is_suspect_and_nobody_is_accused_for_it() {
        let mut verdicts = verdicts();
        let before = verdicts.probability.clone();
        apply(&mut verdicts, &[member(7, 1.0), member(9, 0.2)], 400);
        // A base rate of a twentieth, and a factor of nine.
        assert!((0.3..0.5).contains(&verdicts.probability[7]), "{}", verdicts.probability[7]);
        assert!(before[9] < verdicts.probability[9] && verdicts.probability[9] < verdicts.probability[7]);
        assert!(verdicts.class.iter().all(|&class| class == Class::Unsure));
        assert_eq!(verdicts.reasons.iter().map(|(rank, _)| *rank).collect::<Vec<_>>(), [7, 9]);
        assert!((0..400).filter(|i| ![7, 9].contains(i)).all(|i| verdicts.probability[i] == before[i]));
    }

    #[test]
    fn where_many_are_members_or_other_channels_agree_it_decides() {
        let mut many = verdicts();
        apply(&mut many, &(0..200).map(|rank| member(rank, 1.0)).collect::<Vec<_>>(), 400);
        assert_eq!((many.class[0], many.class[399]), (Class::Inauthentic, Class::Unsure));
        let mut agreed = verdicts();
        agreed.probability[3] = 0.6;
        apply(&mut agreed, &[member(3, 1.0)], 400);
        assert_eq!(agreed.class[3], Class::Inauthentic);
        let mut nobody = verdicts();
        let before = nobody.clone();
        apply(&mut nobody, &[], 0);
        assert_eq!(nobody, before);
    }
}

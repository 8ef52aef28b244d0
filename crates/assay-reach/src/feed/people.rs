//! Who the people of a platform are: activity, topic and group, each computed from a hash when it is asked for.

use super::noise::{Counted, Stream, of_16_bits};
use super::scenario::Scenario;
use assay_math::Seed;

/// The people of a platform. Holds no row for any of them.
#[derive(Debug, Clone)]
pub(crate) struct People {
    traits: Counted,
    topics: u32,
    /// Upper ends of the classes of activity, in 65,536ths, and each class's chance to open the app.
    activity: Vec<(u32, u32)>,
    /// Upper ends of the groups, in 65,536ths.
    groups: Vec<u32>,
}

/// Upper ends of shares that sum to 1, in 65,536ths; the last is 65,536.
fn ends(shares: impl Iterator<Item = f64>) -> Vec<u32> {
    let mut sum = 0.0;
    let mut ends: Vec<u32> = shares
        .map(|share| {
            sum += share;
            of_16_bits(sum)
        })
        .collect();
    if let Some(last) = ends.last_mut() {
        *last = 1 << 16;
    }
    ends
}

impl People {
    pub(crate) fn new(scenario: &Scenario, seed: Seed) -> Self {
        let p = &scenario.platform;
        let opens = p.activity.iter().map(|a| of_16_bits(a.opens_share));
        Self {
            traits: Counted::new(seed, Stream::People, 0),
            topics: p.topics,
            activity: ends(p.activity.iter().map(|a| a.share)).into_iter().zip(opens).collect(),
            groups: ends(p.groups.iter().map(|g| g.share)),
        }
    }

    /// A person's topic, from 0.
    #[inline]
    pub(crate) fn topic(&self, user: u32) -> u32 {
        (self.traits.at(u64::from(user)) >> 16) as u32 & (self.topics - 1)
    }

    /// A person's group, an index into the scenario's.
    pub(crate) fn group(&self, user: u32) -> usize {
        let at = (self.traits.at(u64::from(user)) >> 32) as u32 & 0xffff;
        self.groups.partition_point(|end| *end <= at).min(self.groups.len() - 1)
    }

    /// A person's chance to open the app on a day, in 65,536ths.
    #[inline]
    pub(crate) fn opens(&self, user: u32) -> u32 {
        if let [(_, opens)] = self.activity[..] {
            return opens;
        }
        let at = self.traits.at(u64::from(user)) as u32 & 0xffff;
        // A handful of classes: added up without a branch, which could not be foretold.
        let mut opens = self.activity[0].1;
        for pair in self.activity.windows(2) {
            opens = if at >= pair[0].0 { pair[1].1 } else { opens };
        }
        opens
    }

    /// Whether a person opens the app on the day of this stream.
    #[inline]
    pub(crate) fn is_open(&self, user: u32, opening: Counted) -> bool {
        (opening.at(u64::from(user)) as u32 & 0xffff) < self.opens(user)
    }
}

#[cfg(test)]
mod tests {
    use super::People;
    use crate::feed::noise::{Counted, Stream};
    use crate::feed::scenario::{Group, Scenario};
    use assay_math::Seed;

    #[test]
    fn shares_of_activity_topics_and_groups_are_those_of_the_scenario() {
        let mut scenario = Scenario::default();
        let group = |name: &str, share| Group { name: name.into(), place: "x".into(), share, engages: 1.0, buys: true };
        scenario.platform.groups = vec![group("a", 0.25), group("b", 0.75)];
        let people = People::new(&scenario, Seed(4));
        let opening = Counted::new(Seed(4), Stream::Opening, 0);
        let n = 100_000;
        let count = |test: &dyn Fn(u32) -> bool| (0..n).filter(|u| test(*u)).count() as f64 / f64::from(n);
        let near = |share: f64, expected: f64| {
            assert!(
                (share - expected).abs() < 5.0 * (expected * (1.0 - expected) / f64::from(n)).sqrt(),
                "{share} {expected}"
            );
        };
        near(count(&|u| people.is_open(u, opening)), scenario.mean_opens_share());
        near(count(&|u| people.topic(u) == 3), 0.25);
        near(count(&|u| people.group(u) == 1), 0.75);
    }
}

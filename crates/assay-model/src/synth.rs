//! Made pages with known truth, for tests, documentation and demonstrations.
//!
//! A [`SynthPage`] says what happened to a page: who followed in the ordinary course, and what was planted (a bought batch, a
//! viral day, a purge). [`SynthPage::make`] plays it out into a [`Page`](crate::Page) and the [`Truth`] about it;
//! [`SynthPage::for_each`] hands out the same rows one at a time, in follow order, without keeping them.
//!
//! How a page is played out:
//! 1. The ordinary followers are spread over days in proportion to trend × weekday × a gamma-distributed mood of the day
//!    (so that daily counts are negative-binomial, as real ones are), and over the hours of each day.
//! 2. Each gets an account age at follow from a mixture: newborn accounts, a log-normal body, and old accounts.
//! 3. Plants add their own arrivals. Every plant draws from its own stream of randomness: adding one changes nobody else.
//! 4. Some leave again, and purges remove sold accounts. Who left is counted by day and is not in the list.
//!
//! Nobody follows before their account exists. The same page and seed give the same rows on every machine.
//!
//! Where the numbers come from: each constant says so. Those marked "made" are round numbers that look like a page; nothing is
//! fitted to any data set. Limits: followers are drawn one by one, so no two of them know each other, and tastes do not
//! change as the page grows; handles repeat on pages of more than 40 million.

mod ages;
mod arrivals;
mod draw;
mod engaging;
mod graph;
mod names;
mod plant;
mod profile;
mod truth;

pub use ages::Ages;
pub use draw::Draw;
pub use engaging::Engaging;
pub use graph::{Camouflage, GRAPH_BLOCK_ROWS, GraphPlan, Side, SynthGraph};
pub use names::countries;
pub use plant::{Plant, Stock};
pub use profile::{People, Sold};
pub use truth::{Made, PlantTruth, Truth};

use crate::fact::Follow;
use crate::time::{DAY_MS, Day, TimeMs};
use crate::verdict::Class;
use assay_math::{Go, Seed};

/// What happens to a made page.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthPage {
    /// The page's own handle.
    pub handle: String,
    /// The day on which the page opened.
    pub opened: Day,
    /// How many days it has been open; the last one is the day of the export.
    pub days: u32,
    /// How many people follow in the ordinary course; plants come on top.
    pub followers: u32,
    /// How their arrivals are spread over time.
    pub growth: Growth,
    /// How old their accounts are when they follow.
    pub ages: Ages,
    /// What their profiles look like.
    pub people: People,
    /// What sold accounts look like.
    pub sold: Sold,
    /// Share (0..1) of the ordinary followers who leave again before the export.
    pub left_share: f64,
    /// What happened besides.
    pub plants: Vec<Plant>,
    /// How people engage with it; `None` for a page of which no engagements are known.
    pub engaging: Option<Engaging>,
    /// What the platform tells of it.
    pub tells: Tells,
}

/// How ordinary arrivals are spread over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// By what factor the daily rate grows in a year; 1 for none.
    pub per_year: f64,
    /// The rate by weekday, Monday first; only proportions count.
    pub week: [f64; 7],
    /// Variance of a day's mood, whose mean is 1; 0 for Poisson days.
    pub overdispersion: f64,
}

/// What a platform tells of a page's followers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// Every column, as a follower table may.
    Everything,
    /// Ids and their order, hence creation dates: the archive of X.
    XArchive,
    /// Handles and follow times, no creation dates: the export of Instagram.
    InstagramExport,
    /// Follows and unfollows by day, nobody's name.
    CountsOnly,
}

/// One made follower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MadeFollow<'a> {
    /// Every column. The rank is missing where the account has left.
    pub follow: Follow<'a>,
    /// The truth: inauthentic, dormant or genuine.
    pub class: Class,
    /// Index of the plant that it belongs to; `None` for the ordinary course.
    pub plant: Option<usize>,
    /// When it stopped following.
    pub left_at: Option<TimeMs>,
}

impl Default for SynthPage {
    /// A page of 3,000 people in 1,000 days (made), with nothing planted.
    fn default() -> Self {
        Self {
            handle: "northlight_roastery".to_owned(),
            opened: Day(18_628), // 2021-01-01
            days: 1_000,
            followers: 3_000,
            growth: Growth::default(),
            ages: Ages::default(),
            people: People::default(),
            sold: Sold::Bare,
            left_share: 0.0,
            plants: Vec::new(),
            engaging: None,
            tells: Tells::Everything,
        }
    }
}

impl Default for Growth {
    /// Growth by half in a year, a little more on weekends, days that vary by a third (made).
    fn default() -> Self {
        Self { per_year: 1.5, week: [0.95, 0.95, 1.0, 1.0, 0.95, 1.1, 1.15], overdispersion: 0.1 }
    }
}

impl SynthPage {
    /// The page that examples and demonstrations show: 5,000 people in four and a half years, a viral day of 500, and two
    /// bought batches, 400 accounts opened in one week years before and 250 opened within days of the delivery (made).
    pub fn example() -> Self {
        let mut page = Self { days: 1_640, followers: 5_000, left_share: 0.06, ..Self::default() };
        page.plants = vec![
            Plant::ViralDay { at: page.day(700.4), followers: 500 },
            Plant::Batch { at: page.day(980.1), followers: 400, over_days: 1.5, stock: Stock::aged() },
            Plant::Batch { at: page.day(1_310.6), followers: 250, over_days: 0.8, stock: Stock::fresh() },
        ];
        page
    }

    /// The moment `days` after the opening.
    pub fn day(&self, days: f64) -> TimeMs {
        TimeMs(self.opened.start().0 + (days * DAY_MS as f64) as i64)
    }

    /// The moment of the export.
    pub fn exported_at(&self) -> TimeMs {
        self.day(f64::from(self.days))
    }

    /// Says what keeps the page from being made, if anything does: shares outside 0..1, or a plant outside the page's life.
    ///
    /// # Errors
    /// The first thing that is wrong, as a clause without a final period.
    pub fn check(&self) -> Result<(), String> {
        if self.days == 0 {
            return Err("expected a page open for at least one day, found 0 days".to_owned());
        }
        if !(0.0..=1.0).contains(&self.left_share) {
            return Err(format!("expected a share of leavers between 0 and 1, found {}", self.left_share));
        }
        let life = self.opened.start()..self.exported_at();
        for (i, plant) in self.plants.iter().enumerate() {
            if let &Plant::PaidCampaign { country, .. } = plant
                && names::place_in(country).is_none()
            {
                return Err(format!("expected a country that people are made for, such as BR, found {country}"));
            }
            let span = plant.span();
            if span.from < life.start || span.to > life.end {
                return Err(format!(
                    "expected plant {} ({}) within the {} days of the page, found it from day {:.1} to day {:.1}",
                    i + 1,
                    plant.name(),
                    self.days,
                    span.from.days_since(life.start),
                    span.to.days_since(life.start),
                ));
            }
        }
        Ok(())
    }

    /// Plays the page out, and keeps it with the truth. Costs O(n log n) for n followers, and their memory.
    ///
    /// # Panics
    /// If [`SynthPage::check`] finds a fault.
    pub fn make(&self, seed: Seed) -> Made {
        truth::make(self, seed)
    }

    /// Plays the page out in follow order and hands over every follow, those of accounts that left again among them; ends
    /// early when told to stop. Memory holds the largest day and the plants, not the list.
    ///
    /// # Panics
    /// If [`SynthPage::check`] finds a fault.
    pub fn for_each(&self, seed: Seed, take: &mut dyn FnMut(&MadeFollow<'_>) -> Go) {
        arrivals::for_each(self, seed, take);
    }
}

#[cfg(test)]
mod tests {
    use super::{Plant, Stock, SynthPage, Tells};
    use crate::time::TimeQuality;
    use crate::verdict::Class;
    use assay_math::Seed;
    use std::collections::HashSet;

    #[test]
    fn same_seed_same_page_and_another_seed_another_page() {
        let page = SynthPage::example();
        assert_eq!(page.make(Seed(3)), page.make(Seed(3)));
        assert_ne!(page.make(Seed(3)).page, page.make(Seed(4)).page);
    }

    #[test]
    fn nobody_follows_before_their_account_exists_and_the_order_is_that_of_time() {
        let made = SynthPage::example().make(Seed(1));
        let a = &made.page.audience;
        let followed: Vec<_> = a.followed_at.iter().flatten().collect();
        assert_eq!(followed.len(), a.len());
        assert!(followed.is_sorted());
        for (i, &at) in followed.iter().enumerate() {
            assert!(a.created_at.get(i).expect("a date") <= at, "row {i}");
            assert!(a.last_active_at.get(i).is_none_or(|active| active >= a.created_at.get(i).expect("a date")));
        }
        assert_eq!(a.quality(), TimeQuality::Exact);
    }

    #[test]
    fn a_plant_moves_no_person() {
        let clean = SynthPage::default();
        let planted = SynthPage {
            plants: vec![Plant::Batch { at: clean.day(500.0), followers: 200, over_days: 2.0, stock: Stock::mixed() }],
            ..clean.clone()
        };
        let (clean, planted) = (clean.make(Seed(9)), planted.make(Seed(9)));
        let people: Vec<_> = (0..planted.truth.class.len())
            .filter(|&i| planted.truth.class[i] != Class::Inauthentic)
            .map(|i| (planted.page.audience.handle.get(i), planted.page.audience.followed_at.get(i)))
            .collect();
        let all: Vec<_> = (0..clean.truth.class.len())
            .map(|i| (clean.page.audience.handle.get(i), clean.page.audience.followed_at.get(i)))
            .collect();
        assert_eq!(people, all);
        assert_eq!(planted.truth.n_inauthentic(), 200);
    }

    #[test]
    fn plants_stand_where_the_truth_says() {
        let made = SynthPage::example().make(Seed(5));
        let (viral, aged, fresh) = (&made.truth.plants[0], &made.truth.plants[1], &made.truth.plants[2]);
        assert!(!viral.bought && aged.bought && fresh.bought);
        let ranks = fresh.ranks.expect("ranks");
        let inside = made.truth.class[ranks.indices()].iter().filter(|c| **c == Class::Inauthentic).count();
        assert_eq!(inside, 250);
        assert!(ranks.n() < 300, "{ranks:?}");
        assert_eq!(made.truth.n_inauthentic(), 650);
        let opened: Vec<_> = (aged.ranks.expect("ranks").indices())
            .filter(|&i| made.truth.class[i] == Class::Inauthentic)
            .map(|i| made.page.audience.created_at.get(i).expect("a date"))
            .collect();
        let (first, last) = (opened.iter().min().expect("some"), opened.iter().max().expect("some"));
        assert!(last.days_since(*first) <= 7.1 && aged.span.from.days_since(*last) > 365.0);
    }

    #[test]
    fn handles_and_ids_are_unique() {
        let mut page = SynthPage { followers: 150_000, ..SynthPage::example() };
        page.plants.push(Plant::Drip {
            at: page.day(1_400.0),
            followers: 20_000,
            over_days: 90.0,
            stock: Stock::fresh(),
        });
        let made = page.make(Seed(2));
        let a = &made.page.audience;
        assert_eq!(a.handle.iter().flatten().collect::<HashSet<_>>().len(), a.len());
        assert_eq!(a.account_id.iter().flatten().collect::<HashSet<_>>().len(), a.len());
        assert!(a.handle.iter().flatten().all(|h| h.len() <= 15), "handles fit every platform");
    }

    #[test]
    fn daily_counts_hold_those_who_left() {
        let mut page = SynthPage::example();
        page.plants.push(Plant::Purge { at: page.day(1_500.0), over_days: 3.0, share: 0.5 });
        let made = page.make(Seed(6));
        let followed: u32 = made.page.daily.iter().filter_map(|d| d.follows).sum();
        let left: u32 = made.page.daily.iter().filter_map(|d| d.unfollows).sum();
        assert_eq!(followed, 5_000 + 500 + 400 + 250);
        assert_eq!(followed - left, made.page.audience.len() as u32);
        assert_eq!(left as usize, made.page.losses.len());
        let purged = made.truth.plants[1].n_followed - made.truth.plants[1].n_listed;
        assert!((150..=250).contains(&purged), "{purged} of 400 purged at a share of .5");
        assert!(made.page.daily.is_sorted_by_key(|d| d.day));
    }

    #[test]
    fn each_platform_tells_its_own() {
        let told = |tells| SynthPage { tells, followers: 300, ..SynthPage::default() }.make(Seed(1)).page;
        let x = told(Tells::XArchive);
        assert_eq!(x.audience.quality(), TimeQuality::Bounded);
        assert!(x.audience.created_at.has_values() && !x.audience.handle.has_values() && x.daily.is_empty());
        let instagram = told(Tells::InstagramExport);
        assert_eq!(instagram.audience.quality(), TimeQuality::Exact);
        assert!(!instagram.audience.created_at.has_values() && !instagram.audience.account_id.has_values());
        let counts = told(Tells::CountsOnly);
        assert!(counts.audience.is_empty() && counts.daily.len() == 1_000);
    }

    #[test]
    fn a_plant_outside_the_page_is_told() {
        let mut page = SynthPage::default();
        page.plants.push(Plant::ViralDay { at: page.day(999.5), followers: 10 });
        assert!(page.check().expect_err("too late").contains("plant 1 (viral_day)"));
        let empty = SynthPage { followers: 0, ..SynthPage::default() }.make(Seed(0));
        assert!(empty.page.audience.is_empty() && empty.truth.class.is_empty());
    }
}

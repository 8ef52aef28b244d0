//! A made page together with the truth about it.

use super::engaging::engaged;
use super::{SynthPage, Tells, arrivals};
use crate::arrange::arrange;
use crate::audience::{Audience, RowRef};
use crate::evidence::RankRange;
use crate::fact::{DayCount, ListOrder, Loss};
use crate::page::{Page, PageFacts};
use crate::time::{Day, Span, TimeMs, TimeQuality};
use crate::verdict::Class;
use assay_math::{Go, Seed};

/// A made page and the truth about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The page, as an importer would hand it over.
    pub page: Page,
    /// What it is made of.
    pub truth: Truth,
}

/// What a made page is made of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Truth {
    /// For each follower in the list, by rank: inauthentic, dormant or genuine. Empty where only counts are told.
    pub class: Vec<Class>,
    /// For each follower in the list, by rank: one more than the index of its plant, 0 for the ordinary course.
    pub plant: Vec<u16>,
    /// Each plant, in the order of the page's plants.
    pub plants: Vec<PlantTruth>,
}

/// What became of a plant.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantTruth {
    /// Its name, such as `batch`.
    pub name: &'static str,
    /// Whether its followers are bought.
    pub bought: bool,
    /// How many followed because of it.
    pub n_followed: u32,
    /// How many of them are in the list.
    pub n_listed: u32,
    /// From its first follower's rank to its last one's; others stand among them. `None` where none is listed.
    pub ranks: Option<RankRange>,
    /// From its start to its end.
    pub span: Span,
}

impl Truth {
    /// How many followers in the list are inauthentic.
    pub fn n_inauthentic(&self) -> usize {
        self.class.iter().filter(|c| **c == Class::Inauthentic).count()
    }

    /// Their share, 0..1; 0 for an empty list.
    pub fn inauthentic_share(&self) -> f64 {
        self.n_inauthentic() as f64 / self.class.len().max(1) as f64
    }
}

/// Plays a page out and keeps it; see [`SynthPage::make`].
pub(super) fn make(page: &SynthPage, seed: Seed) -> Made {
    let mut list = Audience::default();
    let mut truth = Truth { plants: page.plants.iter().map(PlantTruth::of).collect(), ..Truth::default() };
    let mut days = vec![(0_u32, 0_u32); page.days as usize];
    let mut left: Vec<TimeMs> = Vec::new();
    let day_of = |at: TimeMs| ((at.day().0 - page.opened.0).max(0) as usize).min(page.days as usize - 1);
    arrivals::for_each(page, seed, &mut |made| {
        if let Some(at) = made.follow.followed_at {
            days[day_of(at)].0 += 1;
        }
        if let Some(at) = made.left_at {
            days[day_of(at)].1 += 1;
            left.push(at);
        } else if page.tells != Tells::CountsOnly {
            list.push(&made.follow);
            truth.class.push(made.class);
            truth.plant.push(made.plant.map_or(0, |i| i as u16 + 1));
        }
        if let Some(plant) = made.plant {
            truth.plants[plant].count(made.follow.follow_rank);
        }
        Go::On
    });
    left.sort_unstable();
    let tells_days = matches!(page.tells, Tells::Everything | Tells::CountsOnly);
    let tells_losses = page.tells == Tells::Everything;
    let facts =
        PageFacts { handle: Some(page.handle.clone()), exported_at: Some(page.exported_at()), ..PageFacts::default() };
    let audience = if list.is_empty() { list } else { arrange(list, ListOrder::Stated, TimeQuality::Exact).audience };
    let page = Page {
        daily: if tells_days { daily(page.opened, &days) } else { Vec::new() },
        losses: if tells_losses { losses(&left) } else { Vec::new() },
        engaged: page.engaging.filter(|_| !audience.is_empty()).map(|by| engaged(page, by, &truth, &audience, seed)),
        audience,
        facts,
        ..Page::default()
    };
    Made { page, truth }
}

impl PlantTruth {
    fn of(plant: &super::Plant) -> Self {
        Self {
            name: plant.name(),
            bought: plant.stock().is_some(),
            n_followed: 0,
            n_listed: 0,
            ranks: None,
            span: plant.span(),
        }
    }

    fn count(&mut self, rank: Option<u32>) {
        self.n_followed += 1;
        if let Some(rank) = rank {
            self.n_listed += 1;
            let first = self.ranks.map_or(rank, |r| r.first);
            self.ranks = Some(RankRange { first, last: rank });
        }
    }
}

fn row(i: usize) -> RowRef {
    RowRef { file: 0, line: i as u32 + 1 }
}

fn daily(opened: Day, days: &[(u32, u32)]) -> Vec<DayCount> {
    let count = |(i, &(follows, unfollows)): (usize, &(u32, u32))| DayCount {
        day: Day(opened.0 + i as i32),
        follows: Some(follows),
        unfollows: Some(unfollows),
        paid: None,
        auto_invited: None,
        source: row(i),
    };
    days.iter().enumerate().map(count).collect()
}

fn losses(left: &[TimeMs]) -> Vec<Loss> {
    left.iter().enumerate().map(|(i, &at)| Loss { after: None, at, source: row(i) }).collect()
}

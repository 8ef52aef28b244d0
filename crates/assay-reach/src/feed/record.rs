//! What a simulation hands over: a row a day, a row a post, and what the platform did in all.

use serde::Serialize;

/// One simulated page on one platform with one seed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// A row for each day.
    pub days: Vec<DayRow>,
    /// A row for each post of the page.
    pub posts: Vec<PostRow>,
    /// What the platform did in all; cohorts do not follow it, and leave it empty.
    pub platform: Platform,
}

/// The page on one day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are columns of counts, which their names and `docs/guides/simulate.md` define"
)]
pub struct DayRow {
    pub day: u32,
    /// Followers who are people, at the end of the day.
    pub followers_people: u64,
    /// Bought followers, at the end of the day.
    pub followers_bought: u64,
    /// Posts made on the day.
    pub n_posts: u32,
    /// Showings of its posts to followers who are people.
    pub impressions_followers: u64,
    /// Showings to people who do not follow it.
    pub impressions_strangers: u64,
    /// Showings to bought followers.
    pub impressions_bought: u64,
    /// Showings that were paid for.
    pub impressions_promoted: u64,
    /// Engagements of people with showings that were not paid for.
    pub engagements_people: u64,
    /// Engagements of bought followers.
    pub engagements_bought: u64,
    /// Engagements with showings that were paid for.
    pub engagements_promoted: u64,
    /// Engagements of people the page can sell to, paid showings among them.
    pub engagements_buyers: u64,
    pub revenue_minor: f64,
    pub spend_minor: f64,
    pub n_joined: u64,
    pub n_left: u64,
    pub n_delivered: u64,
    pub n_lost: u64,
    pub n_purged: u64,
    pub n_removed_bought: u64,
    pub n_removed_people: u64,
    /// Whether the page carries a label that keeps it from strangers.
    pub labelled: bool,
}

/// One post of the page.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "as for a day")]
pub struct PostRow {
    pub day: u32,
    /// Which post of its day, from 0.
    pub nth: u32,
    /// Accounts that saw it without being paid for, bought ones among them: what the platform would report.
    pub reach: u64,
    /// Of these, followers, bought ones among them.
    pub fan_reach: u64,
    /// Of these, people.
    pub people_reach: u64,
    /// All engagements with showings that were not paid for.
    pub engagements: u64,
    /// Of these, those of people.
    pub people_engagements: u64,
    /// Of these, those of people who follow it.
    pub fan_engagements: u64,
    /// All followers when it was posted.
    pub followers: u64,
    /// Of these, people.
    pub followers_people: u64,
}

/// What the platform did in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Platform {
    /// Visits of people.
    pub n_visits: u64,
    /// Posts shown in them, counted at the feed.
    pub n_shown: u64,
    /// Posts shown in them, counted at the pages: other pages' and the own ones'.
    pub n_shown_by_page: u64,
    /// Engagements with other pages' posts, counted at the feed.
    pub n_engaged: u64,
    /// The same, counted at the pages.
    pub n_engaged_by_page: u64,
}

impl DayRow {
    /// All followers at the end of the day.
    pub fn followers(&self) -> u64 {
        self.followers_people + self.followers_bought
    }
}

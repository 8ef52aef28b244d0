//! What a simulation is asked: the platform, the page on it, and what is bought, removed and promoted.
//!
//! Every field has a default, so that a scenario says only what differs. Defaults with a published origin name it; the rest
//! are marked "made": round numbers that look like a platform, fitted to nothing.

use serde::{Deserialize, Serialize};

/// A simulation: who is there and what happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// How many days are simulated.
    pub days: u32,
    /// The platform: its people, the pages they follow, and the policy of the feed.
    pub platform: Platform,
    /// The page that is looked at.
    pub page: PageSetting,
    /// What an engagement is worth.
    pub money: Money,
    /// Followers bought.
    pub buy: Vec<Buy>,
    /// Followers removed by the page's owner.
    pub remove: Vec<Removal>,
    /// Posts promoted for money.
    pub promote: Vec<Promotion>,
    /// Removals by the platform.
    pub purges: Purges,
}

/// The platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Platform {
    /// People with an account.
    pub users: u64,
    /// Pages besides the one that is looked at.
    pub pages: u32,
    /// Pages that a person follows.
    pub follows: u32,
    /// Id of the policy that fills the feed; see `assay reach policies`.
    pub policy: String,
    /// Posts shown at a visit. A chronological feed shows all and does not read it.
    pub slots: u32,
    /// Candidates at a visit from pages that the person does not follow.
    pub out_of_network: u32,
    /// How the pages that people follow are drawn.
    pub graph: GraphKind,
    /// The file of follows for `graph = "edges"`: columns source and target, in any format of tables of edges, or packed.
    pub edges: Option<String>,
    /// Share of the follows that go to pages of the person's own topic beyond chance, 0..1 (`graph = "procedural"` alone).
    pub homophily_share: f64,
    /// Topics, each person and page having one: 1, 2, 4, 8, 16 or 32.
    pub topics: u32,
    /// How much less a person engages with posts off the own topic: a factor, above 0 and up to 1.
    pub off_topic: f64,
    /// Hours for which a post is a candidate: 24 or 48.
    pub window_h: u32,
    /// Chance that another page posts on a day, 0..1.
    pub posts_a_day: f64,
    /// Chance that a post shown is engaged with, over all other pages, 0..1.
    pub engage_share: f64,
    /// How much that varies between pages: standard deviation of its logarithm.
    pub engage_spread: f64,
    /// How sharply the feed goes by the score: the score is raised to this power before each viewer's own taste is drawn.
    pub sharpness: f64,
    /// Share of a person's wish to engage that each further post of one page on one day takes away, 0..1.
    pub fatigue_share: f64,
    /// Chance that a person asks to see fewer posts of a page on seeing one, 0..1.
    pub see_fewer_share: f64,
    /// How often people open the app.
    pub activity: Vec<Activity>,
    /// Who and where people are.
    pub groups: Vec<Group>,
}

/// How the pages that people follow are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GraphKind {
    /// Computed anew from a hash at every use: no memory, any size. A page's share of the follows falls as one over the square
    /// root of its place.
    Procedural,
    /// R-MAT (Chakrabarti, Zhan and Faloutsos 2004) with its usual (.57, .19, .19, .05).
    Rmat,
    /// A table of follows.
    Edges,
}

/// People who open the app equally often.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Their share of all people, 0..1.
    pub share: f64,
    /// Chance that one of them opens the app on a day, 0..1.
    pub opens_share: f64,
}

/// A demographic group in a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name, such as `women 25-34`.
    pub name: String,
    /// Where they live.
    pub place: String,
    /// Their share of all people, 0..1.
    pub share: f64,
    /// How much more or less than others they engage: a factor.
    #[serde(default = "one")]
    pub engages: f64,
    /// Whether the page can sell to them.
    #[serde(default = "yes")]
    pub buys: bool,
}

/// The page that is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageSetting {
    /// Followers who are people, on the first day.
    pub followers: u64,
    /// Chance that such a follower engages with a post shown, 0..1.
    pub engage_share: f64,
    /// Posts a day, 0 to 8; a fraction is the chance of one more.
    pub posts_a_day: f64,
    /// What its posts are: picture, talk, video or link.
    pub style: Style,
    /// Its topic, counted from 0.
    pub topic: u32,
    /// Share of its followers who share its topic, 0..1.
    pub on_topic_share: f64,
    /// People who begin to follow on a day in the ordinary course, on average.
    pub follows_a_day: f64,
    /// Chance that a follower who is a person leaves on a day, 0..1.
    pub leave_share: f64,
    /// How much less strangers engage than followers: a factor.
    pub strangers_engage: f64,
    /// How often the platform offers it to strangers of its topic, against another page: a factor.
    pub discovery: f64,
    /// Chance that a stranger who engages begins to follow, 0..1.
    pub follow_back_share: f64,
}

/// What posts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Liked more, answered less.
    Picture,
    /// Answered and passed on more.
    Talk,
    /// Watched.
    Video,
    /// Clicked.
    Link,
}

/// What an engagement is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Money {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Orders for each engagement of a person the page can sell to, 0..1. Followers do not enter.
    pub orders_per_engagement: f64,
    /// What an order brings, in minor units.
    pub order_minor: f64,
}

/// Followers bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buy {
    /// The day on which delivery starts, from 0.
    pub day: u32,
    /// How many.
    pub followers: u64,
    /// The kind of seller; see `assay reach policies --sellers`.
    #[serde(default = "burst")]
    pub seller: String,
    /// Whether the accounts ever open the app.
    #[serde(default)]
    pub accounts: SoldAccounts,
    /// Chance that one of them opens the app on a day, 0..1; without it, as its kind does.
    #[serde(default)]
    pub opens_share: Option<f64>,
    /// Chance that one engages with a post of the page that it sees, 0..1.
    #[serde(default)]
    pub engage_share: f64,
    /// How many times the usual number is lost.
    #[serde(default = "one")]
    pub drop_off: f64,
    /// Share delivered on top of the order, 0..1.
    #[serde(default)]
    pub over_delivery_share: f64,
    /// Price of a thousand in minor units.
    #[serde(default = "price")]
    pub price_per_1000_minor: f64,
}

/// Whether sold accounts open the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SoldAccounts {
    /// They never or hardly do: one in a hundred days.
    #[default]
    Dormant,
    /// Workers who scroll for money: three days in ten.
    Active,
}

/// Followers removed by the page's owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// The day of the first step, from 0.
    pub day: u32,
    /// Share of the bought followers present at the first step that are removed in all, 0..1.
    #[serde(default = "one")]
    pub share: f64,
    /// In how many steps.
    #[serde(default = "once")]
    pub steps: u32,
    /// Days from one step to the next.
    #[serde(default = "month")]
    pub every_days: u32,
    /// Share of those removed who are people taken for bought, 0..1.
    #[serde(default)]
    pub mistaken_share: f64,
}

/// Posts promoted for money to people who do not follow the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// The first day, from 0.
    pub day: u32,
    /// For how many days.
    #[serde(default = "week")]
    pub days: u32,
    /// What is spent in all, in minor units.
    pub spend_minor: f64,
    /// Price of a thousand impressions in minor units.
    #[serde(default = "cpm")]
    pub cpm_minor: f64,
    /// To people of this topic only, counted from 0.
    #[serde(default)]
    pub topic: Option<u32>,
    /// To people in this place only.
    #[serde(default)]
    pub place: Option<String>,
    /// To the group of this name only.
    #[serde(default)]
    pub group: Option<String>,
}

/// Removals of sold accounts by the platform.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Purges {
    /// Chance of one in a month, 0..1; each removes a share drawn from Beta(2, 2).
    pub monthly_share: f64,
}

fn one() -> f64 {
    1.0
}
fn yes() -> bool {
    true
}
fn burst() -> String {
    "burst".to_owned()
}
fn price() -> f64 {
    500.0
}
fn cpm() -> f64 {
    600.0
}
fn once() -> u32 {
    1
}
fn week() -> u32 {
    7
}
fn month() -> u32 {
    30
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            days: 180,
            platform: Platform::default(),
            page: PageSetting::default(),
            money: Money::default(),
            buy: Vec::new(),
            remove: Vec::new(),
            promote: Vec::new(),
            purges: Purges::default(),
        }
    }
}

impl Default for Platform {
    /// A hundred thousand people who follow 40 of 10,000 pages (made). See `docs/decisions` for each number.
    fn default() -> Self {
        Self {
            users: 100_000,
            pages: 10_000,
            follows: 40,
            policy: "per-impression".to_owned(),
            slots: 8,
            out_of_network: 10,
            graph: GraphKind::Procedural,
            edges: None,
            homophily_share: 0.5,
            topics: 4,
            off_topic: 0.4,
            window_h: 48,
            posts_a_day: 0.7,
            engage_share: 0.03,
            engage_spread: 0.6,
            sharpness: 1.0,
            fatigue_share: 0.1,
            see_fewer_share: 0.0005,
            activity: vec![
                Activity { share: 0.35, opens_share: 0.9 },
                Activity { share: 0.40, opens_share: 0.4 },
                Activity { share: 0.25, opens_share: 0.05 },
            ],
            groups: vec![Group {
                name: "everyone".to_owned(),
                place: "everywhere".to_owned(),
                share: 1.0,
                engages: 1.0,
                buys: true,
            }],
        }
    }
}

impl Default for PageSetting {
    fn default() -> Self {
        Self {
            followers: 2_000,
            engage_share: 0.06,
            posts_a_day: 1.0,
            style: Style::Picture,
            topic: 0,
            on_topic_share: 0.9,
            follows_a_day: 1.0,
            leave_share: 0.0005,
            strangers_engage: 0.5,
            discovery: 1.0,
            follow_back_share: 0.02,
        }
    }
}

impl Default for Money {
    fn default() -> Self {
        Self { currency: "EUR".to_owned(), orders_per_engagement: 0.005, order_minor: 4_000.0 }
    }
}

impl Default for Purges {
    /// Two in a hundred months: platforms' purges are rare and large (Instagram, December 2014).
    fn default() -> Self {
        Self { monthly_share: 0.02 }
    }
}

impl Promotion {
    /// How many impressions it buys on a day; nothing outside its days.
    pub(crate) fn impressions_on(&self, day: u32) -> Option<u64> {
        let runs = day >= self.day && day - self.day < self.days;
        runs.then(|| (self.spend_minor / f64::from(self.days) / self.cpm_minor * 1_000.0).round() as u64)
    }

    /// Whether it goes to a group.
    pub(crate) fn aims_at(&self, group: &Group) -> bool {
        self.place.as_ref().is_none_or(|p| *p == group.place) && self.group.as_ref().is_none_or(|g| *g == group.name)
    }
}

impl Removal {
    /// How many people are removed by mistake beside so many bought followers.
    pub(crate) fn mistaken(&self, bought: u64) -> u64 {
        (bought as f64 * self.mistaken_share / (1.0 - self.mistaken_share)).round() as u64
    }
}

impl Scenario {
    /// The same page that bought none: nothing bought, hence nothing to remove.
    #[must_use]
    pub fn without_purchase(&self) -> Self {
        Self { buy: Vec::new(), remove: Vec::new(), ..self.clone() }
    }

    /// Share of all people who open the app on an average day, 0..1.
    pub fn mean_opens_share(&self) -> f64 {
        self.platform.activity.iter().map(|a| a.share * a.opens_share).sum()
    }
}

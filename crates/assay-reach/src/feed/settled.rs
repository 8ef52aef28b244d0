//! The platform in its settled state: how likely a visit shows a post of a given score, and what the feed has long learned of
//! the other pages.
//!
//! What is learned of other pages is the fixed point of "rate -> score -> shown -> rate", by classes of pages: how many follow
//! them (a small page is known less well, leans on the prior, and is met by more strangers), what they post, and how engaging
//! they are. What chance does to a learned rate enters by its mean effect on the score, `1 - g (1 - g) / 2 * cv^2` for a rate
//! raised to the power g.

use super::authors::{Memory, Scoring, quality, quality_of, style};
use super::field::{Field, Follower, Rivals, Visit};
use super::graph::{Graph, page_share};
use super::people::People;
use super::policies::{PRIOR_FACTOR, Prior};
use super::scenario::{GraphKind, Scenario, Style};

/// Pages at the head that are taken one by one; the others by quality, style and size.
const N_HEAD: u32 = 64;
/// Qualities: where the standard normal behind them is -3.9, -3.6 ... 3.9, each with the weight of its density. Few pages are so
/// good that the feed is full of them, so that the ends count: sixteen quantiles of equal weight leave a percent of the reach.
const N_QUALITIES: usize = 27;
const QUALITY_STEP: f64 = 0.3;
/// Sizes of the pages behind the head, each with as many follows.
const N_SIZES: usize = 3;
const N_STYLES: usize = Style::ALL.len();
/// Products that averaging over people may cost, while settling and at last.
const WORK: (usize, usize) = (12_000_000, 400_000_000);
/// The least and the most people over whom it is averaged.
const PEOPLE: (usize, usize) = (64, 4_096);

/// A class of other pages.
#[derive(Debug, Clone, Copy)]
struct Class {
    /// Share of the follows of a viewer of the page's topic that go to it and are on that topic, and off it.
    on: f64,
    off: f64,
    /// How many follow one of its pages.
    followers: f64,
    /// Share of all pages that are of it.
    pages: f64,
    style: Style,
    quality: f64,
}

/// What the feed has long learned of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learned {
    /// Engagements for each impression, or under a prior per follower for each follower and post.
    pub(crate) rate: f64,
    /// Impressions of a post.
    pub(crate) impressions: f64,
}

/// The settled platform.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    field: Field,
    /// The same for people off the page's topic, where the graph is looked at: its hubs may all be of one topic.
    off_topic: Option<Field>,
    /// The rate that an average page has.
    pub(crate) usual: f64,
    classes: Classes,
    learned: Vec<Learned>,
    /// Share of all visits in which the posts of yesterday are new.
    pub(crate) unread_share: f64,
    /// Chance that a page that is followed is of the follower's topic.
    pub(crate) own_topic_share: f64,
}

/// The other pages by classes: some of the head one by one, then by size, quality and style.
#[derive(Debug, Clone)]
struct Classes {
    all: Vec<Class>,
    /// The pages of the head, in order, each with its class.
    head: Vec<(u32, usize)>,
    /// The fewest followers of each size but the last.
    sizes: Vec<f64>,
}

/// Chance that a followed page is on the follower's topic.
fn own_topic_share(scenario: &Scenario) -> f64 {
    let p = &scenario.platform;
    let by_chance = 1.0 / f64::from(p.topics);
    let homophily = if p.graph == GraphKind::Procedural { p.homophily_share } else { 0.0 };
    homophily + (1.0 - homophily) * by_chance
}

impl Classes {
    fn new(scenario: &Scenario, graph: Option<&Graph>) -> Self {
        let p = &scenario.platform;
        let pages = p.pages;
        let measured = graph.filter(|_| p.graph != GraphKind::Procedural).and_then(|g| g.followers(pages));
        let follows = match &measured {
            Some(followers) => followers.iter().map(|n| f64::from(*n)).sum::<f64>().max(1.0),
            None => p.users as f64 * f64::from(p.follows),
        };
        let own = own_topic_share(scenario);
        let (on_topic, off_topic) = (own, 1.0 - own);
        let mut classes = Self { all: Vec::new(), head: Vec::new(), sizes: Vec::new() };
        let mut order: Vec<u32> = (0..if measured.is_some() { pages } else { pages.min(N_HEAD) }).collect();
        if let Some(followers) = &measured {
            order.sort_by_key(|page| std::cmp::Reverse(followers[*page as usize]));
        }
        let n_head = order.len().min(N_HEAD as usize);
        let mut head_share = 0.0;
        for &place in &order[..n_head] {
            let (share, on, off) = match &measured {
                Some(followers) => {
                    let share = f64::from(followers[place as usize]) / follows;
                    (share, share * on_topic, share * off_topic)
                }
                None => page_share(scenario, place),
            };
            head_share += on + off;
            classes.head.push((place, classes.all.len()));
            classes.all.push(Class {
                on,
                off,
                followers: share * follows,
                pages: 1.0 / f64::from(pages),
                style: style(place),
                quality: quality(scenario, place),
            });
        }
        classes.head.sort_unstable();
        let rest = (1.0 - head_share).max(0.0);
        for (share, n_pages, least) in match &measured {
            Some(followers) => measured_sizes(&order[n_head..], followers, follows),
            None => computed_sizes(pages, n_head as u32, follows),
        } {
            classes.sizes.push(least);
            for (quality, weight) in qualities(scenario) {
                let weight = weight / N_STYLES as f64;
                for style in Style::ALL {
                    classes.all.push(Class {
                        on: rest * share * on_topic * weight,
                        off: rest * share * off_topic * weight,
                        followers: if n_pages > 0.0 { rest * share * follows / n_pages } else { 0.0 },
                        pages: n_pages / f64::from(pages) * weight,
                        style,
                        quality,
                    });
                }
            }
        }
        classes
    }

    /// The class of a page, or the two between whose qualities it lies, with the part of the second.
    fn of(&self, place: u32, followers: f64, quality: f64, style: Style) -> (usize, usize, f64) {
        if let Ok(at) = self.head.binary_search_by_key(&place, |h| h.0) {
            return (self.head[at].1, self.head[at].1, 0.0);
        }
        let size = self.sizes.iter().position(|least| followers >= *least).unwrap_or(N_SIZES - 1).min(N_SIZES - 1);
        let from = self.head.len() + size * N_QUALITIES * N_STYLES;
        let style = Style::ALL.iter().position(|s| *s == style).unwrap_or(0);
        let class = |quantile: usize| from + quantile * N_STYLES + style;
        let upper = (0..N_QUALITIES).find(|q| self.all[class(*q)].quality > quality).unwrap_or(N_QUALITIES - 1).max(1);
        let (low, high) = (class(upper - 1), class(upper));
        let (a, b) = (self.all[low].quality.ln(), self.all[high].quality.ln());
        (low, high, if b > a { (quality.ln() - a) / (b - a) } else { 0.0 })
    }
}

/// Qualities of pages, with weights that sum to 1.
fn qualities(scenario: &Scenario) -> Vec<(f64, f64)> {
    let z = |i: usize| QUALITY_STEP * (i as f64 - (N_QUALITIES - 1) as f64 / 2.0);
    let density = |z: f64| (-0.5 * z * z).exp();
    let total: f64 = (0..N_QUALITIES).map(|i| density(z(i))).sum();
    (0..N_QUALITIES).map(|i| (quality_of(scenario, z(i)), density(z(i)) / total)).collect()
}

/// Pages behind the head in order of followers, cut into sizes with as many follows: each one's part of these follows, how many
/// pages it has, and the fewest followers of one of them.
fn measured_sizes(order: &[u32], followers: &[u32], follows: f64) -> Vec<(f64, f64, f64)> {
    let of = |page: &u32| f64::from(followers[*page as usize]);
    let total = order.iter().map(of).sum::<f64>().max(1e-300).min(follows);
    let mut sizes = vec![(0.0, 0.0, 0.0); N_SIZES];
    let mut sum = 0.0;
    for page in order {
        let at = ((sum / total * N_SIZES as f64) as usize).min(N_SIZES - 1);
        sum += of(page);
        sizes[at].0 += of(page) / total;
        sizes[at].1 += 1.0;
        sizes[at].2 = of(page);
    }
    sizes
}

/// The same on a computed graph, where the share of the first n of N pages is the root of n / N.
fn computed_sizes(pages: u32, n_head: u32, follows: f64) -> Vec<(f64, f64, f64)> {
    let n = f64::from(pages);
    let head = (f64::from(n_head) / n).sqrt().min(1.0);
    let end = |i: usize| head + (1.0 - head) * i as f64 / N_SIZES as f64;
    (0..N_SIZES)
        .map(|i| {
            let (from, to) = (end(i), end(i + 1));
            (1.0 / N_SIZES as f64, n * (to * to - from * from), follows / (2.0 * n * to))
        })
        .collect()
}

/// People on the page's topic, or off it, whose follows are looked at, from those with the fewest follows to those with the most.
fn sampled(scenario: &Scenario, graph: &Graph, people: &People, viewers: Viewers) -> Vec<u32> {
    let users = graph.n_users().min(scenario.platform.users as u32);
    let fits = |user: &u32| (people.topic(*user) == scenario.page.topic) == (viewers == Viewers::OnTopic);
    let mut sample: Vec<u32> = (0..users).filter(fits).collect();
    if sample.is_empty() {
        sample = (0..users).collect();
    }
    sample.sort_by_key(|u| graph.degree(*u));
    sample
}

impl Settled {
    /// Finds the settled state. The graph is looked at only where it is not computed from a hash; where it is, costs do not grow
    /// with the platform.
    pub(crate) fn new(scenario: &Scenario, scoring: Scoring, graph: Option<(&Graph, &People)>) -> Self {
        let p = &scenario.platform;
        let graph = graph.filter(|_| p.graph != GraphKind::Procedural);
        let classes = Classes::new(scenario, graph.map(|g| g.0));
        let sample = graph.map(|(graph, people)| (graph, people, sampled(scenario, graph, people, Viewers::OnTopic)));
        let own = own_topic_share(scenario);
        let opens = scenario.mean_opens_share().max(1e-9);
        let unread = p.activity.iter().map(|a| a.share * a.opens_share * (1.0 - a.opens_share)).sum::<f64>() / opens;
        let start = |c: &Class| Learned {
            rate: c.quality * (own + (1.0 - own) * p.off_topic),
            impressions: c.followers * opens * 0.5,
        };
        let mut settled = Self {
            field: Field::default(),
            off_topic: None,
            usual: 1.0,
            learned: classes.all.iter().map(start).collect(),
            classes,
            unread_share: if p.window_h > 24 { unread } else { 0.0 },
            own_topic_share: own,
        };
        let rounds = match scoring.policy().prior {
            Prior::None => 0,
            Prior::PerImpression { .. } => 6,
            Prior::PerFollower { .. } => 40,
        };
        for _ in 0..rounds {
            // To a page, the others in a visit are one fewer.
            let slow = settled.slow(scoring);
            settled.field = settled.competition(scenario, scoring, &slow, sample.as_ref(), Spared::One);
            let new: Vec<Learned> =
                settled.classes.all.iter().zip(&slow).map(|(c, s)| settled.met(scenario, scoring, c, *s)).collect();
            // The higher the rate, the higher the score, the higher the rate, by a power below 1: it settles without damping.
            let moved = new.iter().zip(&settled.learned).map(|(a, b)| (a.rate / b.rate).ln().abs()).fold(0.0, f64::max);
            settled.learned = new;
            if moved < 2e-4 {
                break;
            }
        }
        let slow = settled.slow(scoring);
        settled.field = settled.competition(scenario, scoring, &slow, sample.as_ref(), Spared::None);
        if let Some((graph, people)) = graph.filter(|_| p.topics > 1) {
            let others = (graph, people, sampled(scenario, graph, people, Viewers::OffTopic));
            settled.off_topic = Some(settled.competition(scenario, scoring, &slow, Some(&others), Spared::None));
        }
        settled
    }

    /// How likely visits of people on the page's topic show a post, or those of people off it.
    pub(crate) fn field(&self, on_topic: bool) -> &Field {
        self.off_topic.as_ref().filter(|_| !on_topic).unwrap_or(&self.field)
    }

    /// The slowness of each class by what is learned of it, chance in what is learned included; sets the usual rate.
    fn slow(&mut self, scoring: Scoring) -> Vec<f64> {
        let behind = self.classes.head.len();
        let tail = || self.classes.all[behind..].iter().zip(&self.learned[behind..]);
        let n = tail().map(|(c, _)| c.pages).sum::<f64>();
        if n > 0.0 {
            self.usual = tail().map(|(c, l)| c.pages * l.rate).sum::<f64>() / n;
        } else {
            self.usual = self.learned.iter().map(|l| l.rate).sum::<f64>() / self.learned.len().max(1) as f64;
        }
        let slow = |(c, l): (&Class, &Learned)| {
            scoring.slowness(c.style, c.quality) * by_rate(scoring, *l, c.followers, self.usual)
        };
        self.classes.all.iter().zip(&self.learned).map(slow).collect()
    }

    fn competition(
        &self,
        scenario: &Scenario,
        scoring: Scoring,
        slow: &[f64],
        sample: Option<&(&Graph, &People, Vec<u32>)>,
        spared: Spared,
    ) -> Field {
        let p = &scenario.platform;
        let policy = scoring.policy();
        let (off, strange) = (scoring.liking(p.off_topic), scoring.factor(policy.out_of_network));
        let all = &self.classes.all;
        let visit = Visit {
            slots: p.slots as usize,
            posts: (p.posts_a_day * 65_536.0).round() / 65_536.0,
            older: scoring.factor(policy.yesterday_factor()),
            n_offered: p.out_of_network,
            offered: all.iter().map(|c| c.pages).collect(),
            offered_speed: slow.iter().map(|slow| 1.0 / (slow * strange)).collect(),
        };
        let Some((graph, people, sample)) = sample else {
            let n = match spared {
                Spared::One => p.follows.saturating_sub(1),
                Spared::None => p.follows,
            };
            let (mut followed, mut speed) = (Vec::new(), Vec::new());
            for (class, slow) in all.iter().zip(slow) {
                followed.extend([class.on, class.off]);
                speed.extend([1.0 / slow, 1.0 / (slow * off)]);
            }
            return Field::of_draws(&visit, &Rivals { followed, speed, n });
        };
        let followers_of = graph.followers(p.pages).unwrap_or_default();
        let work = match spared {
            Spared::One => WORK.0,
            Spared::None => WORK.1,
        };
        let mean = sample.iter().map(|u| graph.degree(*u)).sum::<usize>() / sample.len().max(1) + 1;
        let n = (work / (mean * visit.slots.max(1) * 800)).clamp(PEOPLE.0, PEOPLE.1).min(sample.len());
        let mut room = Vec::new();
        let mut followers = Vec::with_capacity(n);
        for i in 0..n {
            let user = sample[(2 * i + 1) * sample.len() / (2 * n)];
            let topic = people.topic(user);
            let pages = graph.of(user, people, &mut room);
            let speed = |page: u32| {
                let (quality, style) = (quality(scenario, page), style(page));
                let followers = f64::from(followers_of.get(page as usize).copied().unwrap_or(0));
                let (low, high, part) = self.classes.of(page, followers, quality, style);
                let prior = |class: usize| by_rate(scoring, self.learned[class], all[class].followers, self.usual).ln();
                let slow = scoring.slowness(style, quality) * (prior(low) * (1.0 - part) + prior(high) * part).exp();
                1.0 / (slow * if page & (p.topics - 1) == topic { 1.0 } else { off })
            };
            let mut speeds: Vec<f64> = pages.iter().map(|page| speed(*page)).collect();
            let weight = match spared {
                Spared::None => 1.0,
                // Seen from a page, whose followers are the busier the likelier.
                Spared::One if speeds.is_empty() => continue,
                Spared::One => {
                    let weight = speeds.len() as f64;
                    speeds.swap_remove(i % speeds.len());
                    weight
                }
            };
            followers.push(Follower { weight, speeds });
        }
        Field::of_followers(&visit, &followers)
    }

    /// What the feed measures of a page of a class whose posts are so slow.
    fn met(&self, scenario: &Scenario, scoring: Scoring, class: &Class, slow: f64) -> Learned {
        let p = &scenario.platform;
        let policy = scoring.policy();
        let older = scoring.factor(policy.yesterday_factor());
        let unread = self.unread_share;
        let today = |slow: f64| {
            let read = (1.0 - unread) * self.field.shown(false, &[slow])[0];
            if unread > 0.0 { read + unread * self.field.shown(true, &[slow])[0] } else { read }
        };
        let seen = |slow: f64| {
            let yesterday = if unread > 0.0 { unread * self.field.shown(true, &[slow * older])[0] } else { 0.0 };
            today(slow) + yesterday
        };
        let own = self.own_topic_share;
        let opens = scenario.mean_opens_share();
        let fans = class.followers * opens;
        let (on, off) = (own * seen(slow), (1.0 - own) * seen(slow * scoring.liking(p.off_topic)));
        let offered = p.users as f64 * opens * f64::from(p.out_of_network) / f64::from(p.pages);
        let strange = offered * today(slow * scoring.factor(policy.out_of_network));
        let impressions = fans * (on + off) + strange;
        let rate = match policy.prior {
            Prior::PerFollower { .. } => class.quality * opens * (on + p.off_topic * off),
            _ => class.quality * (fans * (on + p.off_topic * off) + strange) / impressions.max(1e-300),
        };
        Learned { rate: rate.max(1e-12), impressions }
    }

    /// What the feed has learned of a page.
    pub(crate) fn learned(&self, place: u32, followers: f64, quality: f64, style: Style) -> Learned {
        let (low, high, part) = self.classes.of(place, followers, quality, style);
        let (a, b) = (self.learned[low], self.learned[high]);
        let between = |a: f64, b: f64| (a.max(1e-12).ln() * (1.0 - part) + b.max(1e-12).ln() * part).exp();
        // Within a class, impressions go by followers.
        let size = followers / self.classes.all[low].followers.max(1e-9);
        let size = if size > 0.0 { size.clamp(0.2, 5.0) } else { 1.0 };
        Learned { rate: between(a.rate, b.rate), impressions: between(a.impressions, b.impressions) * size }
    }

    /// What is remembered of a page whose posts have long had this rate, with so many impressions a post.
    pub(crate) fn remembered(prior: &Prior, rate: f64, impressions_a_post: f64) -> Memory {
        let posts = 1.0 / (1.0 - Memory::keep(prior)).max(1e-9);
        match prior {
            Prior::PerFollower { .. } => Memory { engaged: rate * posts, base: posts },
            _ => Memory { engaged: rate * impressions_a_post * posts, base: impressions_a_post * posts },
        }
    }
}

/// Whose visits are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Viewers {
    OnTopic,
    OffTopic,
}

/// How many of a page's candidates are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spared {
    None,
    One,
}

/// What a learned rate does to the slowness of a page with so many followers, on average over what chance does to the rate.
fn by_rate(scoring: Scoring, learned: Learned, followers: f64, usual: f64) -> f64 {
    let prior = scoring.policy().prior;
    let (gain, count) = match prior {
        Prior::None => return 1.0,
        Prior::PerImpression { gain, .. } => (gain, learned.impressions * learned.rate),
        Prior::PerFollower { gain, .. } => (gain, followers * learned.rate),
    };
    let memory = Settled::remembered(&prior, learned.rate, learned.impressions);
    let rate = memory.rate(&prior);
    let mean = scoring.prior(rate, usual);
    // Counts are Poisson and weigh keep^k: their variance is count / (1 - keep^2).
    let keep = Memory::keep(&prior);
    let known = match prior {
        Prior::PerImpression { start, .. } => memory.engaged + start.engaged,
        _ => count / (1.0 - keep),
    };
    let cv2 = count / (1.0 - keep * keep) / (known * known).max(1e-12);
    let g = gain * scoring.sharpness();
    let at = (rate / usual).max(1e-300).powf(gain);
    if !(PRIOR_FACTOR.0..PRIOR_FACTOR.1).contains(&at) {
        return mean;
    }
    mean / (1.0 - 0.5 * g * (1.0 - g) * cv2).clamp(0.5, 2.0)
}

#[cfg(test)]
mod tests {
    use super::Settled;
    use crate::feed::authors::Scoring;
    use crate::feed::policies::Policy;
    use crate::feed::scenario::Scenario;

    #[test]
    fn a_slower_post_is_shown_less_and_all_slots_are_filled() {
        for id in ["x-2026", "per-impression", "per-follower"] {
            let scenario = Scenario::default();
            let scoring = Scoring::new(&scenario, Policy::of(id).expect("a policy"));
            let settled = Settled::new(&scenario, scoring, None);
            for unread in [false, true] {
                let chances: Vec<f64> =
                    (-40..40).map(|i| settled.field(true).shown(unread, &[(f64::from(i) / 4.0).exp()])[0]).collect();
                assert!(chances.windows(2).all(|w| w[0] >= w[1] - 1e-8), "{id} {chances:?}");
                assert!(chances[0] > 0.999 && chances[79] < 0.01, "{id}");
                // Two posts of one page stand in each other's way.
                let pair = settled.field(true).shown(unread, &[1.0, 1.0]);
                let alone = settled.field(true).shown(unread, &[1.0])[0];
                assert!(pair[0] < alone && pair[0] > 0.8 * alone, "{pair:?} {alone}");
            }
            assert!(
                settled.learned(5_000, 300.0, 0.06, crate::feed::scenario::Style::Talk).rate
                    > settled.learned(5_000, 300.0, 0.03, crate::feed::scenario::Style::Talk).rate
            );
        }
    }
}

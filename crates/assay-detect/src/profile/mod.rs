//! `profile`: followers whose profiles are those of sold stock, told apart from people, active and dormant, by a mixture that
//! is fitted to this very audience. Never alone grounds for an accusation: it finds no batch, and it is believed only as
//! far as creation dates, arrivals or a batch speak for the same accounts.
//!
//! 1. **Features** (`features`): counts and flags that the export tells, in bins of a quarter of a logarithm.
//! 2. **People** (`fit`): five classes of independent columns (`classes`), fitted to the audience itself by expectation
//!    and maximisation; between them they carry how the columns go together. Dormant people are among them: low counts, but
//!    varied, and opened and followed when other people were.
//! 3. **Stock**: one more class, tried from several starts (`starts`): the look of sold accounts as published, each of the
//!    classes that people alone would make, the accounts of the densest opening window, the members of batches, the
//!    followers of a burst. It may be opened in clumps (`when`): its odds are those of its profile, tempered by .7 and
//!    bounded, times those of its creation date, each account's own weight left out.
//! 4. **Evidence** ([`Evidence`]), in nats, of the class being stock and not people, from what has not chosen its members:
//!    of those whom *profiles alone* put into it, openings in a clump against everybody else's (`clump`, less
//!    `CLUMP_FREE`); arrivals beyond what they were due by their dates (`when`, less `ARRIVED_FREE`); and a likeness
//!    among them that no class of people had. The start with most evidence wins.
//! 5. **Belief**: the logistic of the evidence beyond `EVIDENCE_NEEDED`.
//!
//! Fitted on every so-manieth follower up to `SAMPLE`; cost O(n) for n followers beyond that.
//!
//! Limits: stock whose profiles are like people's, opened over years and delivered over the page's whole life is not seen.
//! A community of new, silent accounts that opened together (a class, a migration) looks the same as stock. Needs at least
//! three of followers, following, posts and likes.
//!
//! Source: the mixture is the textbook's (Dempster, Laird and Rubin 1977); the features are those of Yang and others 2020,
//! "Scalable and Generalizable Social Bot Detection through Data Selection", less what needs an outside model of names. No
//! constant is fitted to labels; those that separate chance from evidence were set by what clean lists reach, made ones and
//! those of the fixtures, and checked on several kinds of stock and of people.

mod channel;
mod classes;
mod clump;
mod features;
mod fit;
mod reference;
mod starts;
mod when;

use assay_model::{Abstention, Audience, Day, Outcome, Page, RankRange, Span, Stopped, Tick, TimeMs};
pub(crate) use channel::DETECTOR;
use clump::{Against, Clump, densest};
pub use features::{Feature, Handles};
use features::{Times, features};
pub(crate) use fit::logistic;
use fit::{Fit, Model, PEOPLE, Seen, fit};
use rayon::prelude::*;
pub use reference::Reference;

/// Followers that the mixture is fitted on at most: about a second of work. Shares come out within their range from 600 on
/// (made audiences); a stock below one in a hundred of a longer list is not looked for.
const SAMPLE: usize = 6_000;

/// Fewest followers with a profile: below, a class of stock is a handful.
const MIN_LIST: usize = 60;

/// Nats of a clump that the best of all windows reaches by chance: 2.9 was the most on clean lists of 600, and one made clean
/// list in fifty of 2,000 to 8,000 reached 8, which alone is not believed.
const CLUMP_FREE: f64 = 4.0;

/// Nats that arrivals by block reach by chance: half a nat for each of the sixteen blocks, and one more.
const ARRIVED_FREE: f64 = 9.0;

/// Mean odds by profile, in nats, below which members are so like people that their arrivals are those of people.
const LIKE_PEOPLE: f64 = 1.0;

/// Nats that each member may add to its arrivals without being stock: the law of people's arrivals is not quite that of every
/// class of people, and in a long list the smallest misfit is significant. .03 was the most on made clean lists of 8,000.
const ARRIVED_MISFIT: f64 = 0.06;

/// Nats that each member of a class that is like people may add to its arrivals for each nat that it is more like them:
/// the fashions of people change along a list.
const ARRIVED_FREE_EACH: f64 = 0.04;

/// Mean odds by profile, in nats, that dormant people among people reach: 3.6 was the most on
/// clean lists, in a class of nine.
const LIKE_DORMANT: f64 = 3.5;

/// Evidence, nats, at which belief is one half.
const EVIDENCE_NEEDED: f64 = 4.0;

/// A delivery that another channel found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delivery<'a> {
    /// Its ranks.
    pub ranks: RankRange,
    /// How many of them were delivered; the others came on their own.
    pub n_delivered: f64,
    /// The fewest and the most that may have been, chance aside.
    pub n_range: (f64, f64),
    /// For each rank, ln of how much likelier the follower is as a member than as one of those around.
    pub member_log_odds: &'a [f32],
}

/// What speaks for the class being stock, each in nats beyond chance, at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// Openings in a clump.
    pub opened: f64,
    /// Arrivals beyond what was due.
    pub arrived: f64,
    /// A likeness that people do not show.
    pub alike: f64,
}

impl Evidence {
    /// All of it.
    pub fn total(self) -> f64 {
        self.opened + self.arrived + self.alike
    }

    /// How far the class is believed to be stock, 0..1.
    pub fn belief(self) -> f64 {
        logistic(self.total() - EVIDENCE_NEEDED)
    }

    /// Whether more than a likeness speaks for it.
    pub fn is_corroborated(self) -> bool {
        self.opened + self.arrived >= EVIDENCE_NEEDED
    }
}

/// A window in which more accounts of the stock were opened than the year around it explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenedTogether {
    /// From the first day to the end of the last.
    pub opened: Span,
    /// Accounts of the stock opened in it, of those that the fit saw.
    pub n: f64,
    /// How many one would expect.
    pub expected: f64,
}

/// The class of stock on this page, and who is in it.
#[derive(Debug, Clone)]
pub struct Profiles {
    /// What speaks for it.
    pub evidence: Evidence,
    /// For each follower the probability (0..1) of being stock, if there is stock. For members of a batch: by the batch and
    /// the profile together.
    pub weight: Vec<f32>,
    /// Share of the followers outside batches who are shown beyond chance: opened in the clump or arrived beyond what was due.
    pub shown_share: f64,
    /// Mean odds by profile of the class, nats: how unlike people it is.
    pub unlike: f64,
    /// The clump, if it counts.
    pub together: Option<OpenedTogether>,
    /// Whether the picture of people fits.
    pub reference: Reference,
    /// For each follower, whether enough of the profile is told.
    pub told: Vec<bool>,
    model: Model,
    seen: Seen,
}

/// What speaks for or against a follower, as data; renderings word it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ProfileTrait {
    /// The value of a feature (0 or 1 for a flag) is so many times likelier among the stock than among people.
    Likelier {
        /// Which.
        feature: Feature,
        /// The value.
        value: u32,
        /// How many times, above 1.
        times: f64,
    },
    /// The account was opened in the stock's clump.
    Together(OpenedTogether),
    /// It came when the stock came: so many times likelier than for people.
    ArrivedWith {
        /// How many times, above 1.
        times: f64,
    },
}

/// Reads the profiles of a page, given the deliveries and the bursts that other channels found. Deterministic.
///
/// # Errors
/// If told to stop.
pub fn read_profiles(
    page: &Page,
    deliveries: &[Delivery<'_>],
    bursts: &[RankRange],
    handles: Handles,
    tick: &mut Tick<'_>,
) -> Result<Outcome<Profiles>, Stopped> {
    let seen = Seen {
        features: features(&page.audience, handles),
        times: Times::of(&page.audience),
        delivered: delivered(&page.audience, deliveries),
    };
    let counts = seen.features.iter().filter(|f| Feature::ESSENTIAL.contains(&f.feature)).count();
    if counts < 3 {
        return Ok(Outcome::Abstained(Abstention::new(
            "the export tells too little of the profiles to tell people from sold accounts",
            "a list of the same followers with their counts of followers, following, posts and likes",
        )));
    }
    if seen.len() < MIN_LIST {
        return Ok(Outcome::Abstained(Abstention::new(
            format!(
                "too few followers to tell sold accounts from unusual people: {}, where {MIN_LIST} are needed",
                seen.len()
            ),
            "more followers, or labels set by hand",
        )));
    }
    let sample = seen.thinned(SAMPLE);
    let step = seen.len().div_ceil(SAMPLE).max(1);
    let starts = starts::starts(&sample, bursts, seen.len());
    if tick(0, starts.len() as u64) == assay_model::Go::Stop {
        return Err(Stopped);
    }
    let try_from = |start: &Vec<f64>| {
        let fit = fit(&sample, PEOPLE, Some(start), &classes::Look::sold(&sample.features));
        Tried::of(&sample, fit, bursts, step)
    };
    let tried: Vec<Tried> = starts.par_iter().map(try_from).collect();
    // The published look comes first: another start must have more to say for itself.
    let more = |best: Tried, next: Tried| if next.evidence.total() > best.evidence.total() + 0.5 { next } else { best };
    let best = tried.into_iter().reduce(more);
    let best = best.map_or_else(|| Err(Stopped), Ok)?;
    let reference =
        Reference::check(&sample, &best.fit, best.evidence, &newborn(&page.audience, step)).times(step as f64);
    Ok(Outcome::Found(best.tell(seen, reference)))
}

/// An account that followed within so many days of its opening was opened to follow something.
const NEWBORN_DAYS: f64 = 0.5;

/// For every `step`th follower whether the account was newborn when it followed, as far as times tell.
fn newborn(audience: &Audience, step: usize) -> Vec<bool> {
    let at = |i: usize| audience.followed_at.get(i).or_else(|| audience.followed_after.get(i));
    let age = |i: usize| Some(at(i)?.days_since(audience.created_at.get(i)?));
    (0..audience.len()).step_by(step).map(|i| age(i).is_some_and(|days| days < NEWBORN_DAYS)).collect()
}

/// For each member of a delivery the probability of having been delivered.
fn delivered(audience: &Audience, deliveries: &[Delivery<'_>]) -> Vec<Option<f32>> {
    let mut all = vec![None; audience.len()];
    for d in deliveries {
        let share = (d.n_delivered / f64::from(d.ranks.n())).clamp(0.01, 0.99);
        let before = (share / (1.0 - share)).ln();
        for (i, log_odds) in d.ranks.indices().zip(d.member_log_odds) {
            let p = logistic(before + f64::from(*log_odds)) as f32;
            all[i] = Some(p.clamp(0.001, 0.999).max(all[i].unwrap_or(0.0)));
        }
    }
    all
}

/// A fit from one start, and what speaks for it.
struct Tried {
    fit: Fit,
    clump: Clump,
    evidence: Evidence,
    unlike: f64,
    shown_share: f64,
}

impl Tried {
    fn of(seen: &Seen, fit: Fit, bursts: &[RankRange], step: usize) -> Self {
        let n_free = (0..seen.len()).filter(|&i| seen.is_free(i)).count().max(1) as f64;
        let free = |w: &[f64]| -> Vec<f64> {
            w.iter().enumerate().map(|(i, w)| if seen.is_free(i) { *w } else { 0.0 }).collect()
        };
        let (weight, by_look) = (free(&fit.weight), free(&fit.by_look));
        let n: f64 = weight.iter().sum::<f64>().max(1e-9);
        let unlike = weight.iter().zip(&fit.profile).map(|(w, p)| w * p).sum::<f64>() / n;
        let clump = densest(&seen.times, &by_look, Against::Others);
        let arrived: f64 = by_look.iter().enumerate().map(|(i, w)| w * fit.model.arrivals.odds(&seen.times, i)).sum();
        let n_look: f64 = by_look.iter().sum();
        let free =
            ARRIVED_FREE + n_look * ARRIVED_MISFIT + n * ARRIVED_FREE_EACH * (LIKE_DORMANT - unlike).clamp(0.0, 1.5);
        let arrived = if unlike > LIKE_PEOPLE { (arrived - free).max(0.0) } else { 0.0 };
        let alike = 1.5 * (n.sqrt() * (unlike - LIKE_DORMANT).max(0.0) - 1.0).max(0.0);
        let evidence = Evidence { opened: (clump.nats - CLUMP_FREE).max(0.0), arrived, alike };
        let came = if arrived > 0.0 { fit.model.arrivals.n_beyond.max(in_bursts(&by_look, bursts, step)) } else { 0.0 };
        let shown = (clump.n - clump.expected).max(came);
        Self { clump, evidence, unlike, shown_share: (shown.max(0.0) / n_free).min(1.0), fit }
    }

    /// Scores every follower by the fit.
    fn tell(self, seen: Seen, reference: Reference) -> Profiles {
        let step = seen.len().div_ceil(SAMPLE).max(1);
        let model = self.fit.model;
        let with_arrivals = if self.evidence.arrived > EVIDENCE_NEEDED { 1.0 } else { 0.0 };
        let weight = (0..seen.len())
            .into_par_iter()
            .map(|i| {
                let own = if i % step == 0 { self.fit.weight[i / step] } else { 0.0 };
                let said = model.says(&seen, i, own);
                let odds = match seen.delivered[i] {
                    Some(p) => f64::from(p / (1.0 - p)).ln() + said.profile,
                    None => model.before() + said.profile + said.opened + with_arrivals * said.arrived,
                };
                logistic(odds) as f32
            })
            .collect();
        let told = (0..seen.len()).map(|i| features::is_told(&seen.features, i)).collect();
        let at = |day: u32| Day(seen.times.first.0 + day as i32).start();
        let together = (self.evidence.opened > 0.0).then(|| OpenedTogether {
            opened: Span { from: at(self.clump.days.0), to: TimeMs(at(self.clump.days.1).0 - 1) },
            n: self.clump.n,
            expected: self.clump.expected,
        });
        Profiles {
            evidence: self.evidence,
            weight,
            shown_share: self.shown_share,
            unlike: self.unlike,
            together,
            reference,
            told,
            model,
            seen,
        }
    }
}

/// How many of those with these weights came in bursts beyond their rate elsewhere. Row `i` has rank `i * step`.
fn in_bursts(weight: &[f64], bursts: &[RankRange], step: usize) -> f64 {
    let inside = |i: usize| bursts.iter().any(|b| b.holds((i * step) as u32));
    let (mut came, mut n, mut elsewhere, mut n_elsewhere) = (0.0, 0.0, 0.0, 1.0);
    for (i, w) in weight.iter().enumerate() {
        if inside(i) {
            came += w;
            n += 1.0;
        } else {
            elsewhere += w;
            n_elsewhere += 1.0;
        }
    }
    (came - n * elsewhere / n_elsewhere).max(0.0)
}

/// A column speaks for stock from this factor on.
const TELLING: f64 = 1.5;

impl Profiles {
    /// Whether the follower stands in a batch.
    pub fn is_delivered(&self, i: usize) -> bool {
        !self.seen.is_free(i)
    }

    /// What speaks for follower `i` being stock, strongest first.
    pub fn traits(&self, audience: &Audience, i: usize) -> Vec<ProfileTrait> {
        let mut all: Vec<(f64, ProfileTrait)> = Vec::new();
        let person = self.model.person(&self.seen, i);
        // The classes of people by how much this profile is theirs.
        let shares: Vec<f64> = self
            .model
            .people
            .iter()
            .map(|(size, look)| (size + classes::log_look(look, &self.seen.features, i) - person).exp())
            .collect();
        for (f, binned) in self.seen.features.iter().enumerate() {
            let b = binned.bins[i];
            if b == features::MISSING {
                continue;
            }
            let b = usize::from(b);
            let people: f64 =
                shares.iter().zip(&self.model.people).map(|(s, (_, look))| s * f64::from(look[f][b]).exp()).sum();
            let times = f64::from(self.model.stock[f][b]).exp() / people.max(1e-9);
            if times > TELLING {
                all.push((
                    times,
                    ProfileTrait::Likelier { feature: binned.feature, value: binned.feature.value(audience, i), times },
                ));
            }
        }
        let day = self.seen.times.opened[i];
        let day_start = Day(self.seen.times.first.0 + day as i32).start();
        if let Some(together) =
            self.together.filter(|t| day != features::NO_DAY && day_start >= t.opened.from && day_start <= t.opened.to)
        {
            all.push((together.n / together.expected.max(1e-9), ProfileTrait::Together(together)));
        }
        let arrived = self.model.arrivals.odds(&self.seen.times, i).exp();
        if self.evidence.arrived > EVIDENCE_NEEDED && arrived > TELLING {
            all.push((arrived, ProfileTrait::ArrivedWith { times: arrived }));
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.into_iter().map(|(_, t)| t).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Feature, Handles, ProfileTrait, read_profiles};
    use assay_math::Seed;
    use assay_model::synth::{Plant, Stock, SynthPage, Tells};
    use assay_model::{Class, Outcome, Page, silent};

    fn dripped(stock: Stock) -> SynthPage {
        let mut page = SynthPage { followers: 1_500, ..SynthPage::default() };
        page.plants = vec![Plant::Drip { at: page.day(600.0), followers: 300, over_days: 380.0, stock }];
        page
    }

    fn read(page: &Page) -> super::Profiles {
        match read_profiles(page, &[], &[], Handles::Ignored, &mut silent) {
            Ok(Outcome::Found(profiles)) => profiles,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn a_slow_delivery_of_sold_accounts_is_told_from_people_and_dormant_people() {
        for (seed, stock) in [(1, Stock::aged()), (2, Stock::mixed())] {
            let made = dripped(stock).make(Seed(seed));
            let profiles = read(&made.page);
            assert!(profiles.evidence.belief() > 0.95, "{stock:?}: {:?}", profiles.evidence);
            let mean = |class: Class| {
                let of: Vec<f64> = (0..made.truth.class.len())
                    .filter(|&i| made.truth.class[i] == class)
                    .map(|i| f64::from(profiles.weight[i]))
                    .collect();
                of.iter().sum::<f64>() / of.len() as f64
            };
            let (sold, dormant, people) = (mean(Class::Inauthentic), mean(Class::Dormant), mean(Class::Genuine));
            assert!(sold > 0.75 && dormant < 0.15 && people < 0.05, "{stock:?}: {sold} {dormant} {people}");
        }
    }

    #[test]
    fn people_alone_give_no_belief() {
        for seed in 1..=4 {
            let made = SynthPage { followers: 900, ..SynthPage::default() }.make(Seed(seed));
            let profiles = read(&made.page);
            assert!(profiles.evidence.belief() < 0.8, "seed {seed}: {:?}", profiles.evidence);
        }
    }

    #[test]
    fn exports_without_profiles_and_short_lists_are_abstained_from() {
        for tells in [Tells::XArchive, Tells::InstagramExport, Tells::CountsOnly] {
            let page = SynthPage { tells, followers: 300, ..SynthPage::default() }.make(Seed(1)).page;
            assert!(
                matches!(read_profiles(&page, &[], &[], Handles::Ignored, &mut silent), Ok(Outcome::Abstained(_))),
                "{tells:?}"
            );
        }
        for followers in [0, 1, 12, 40] {
            let page = SynthPage { followers, ..SynthPage::default() }.make(Seed(1)).page;
            assert!(
                matches!(read_profiles(&page, &[], &[], Handles::Ignored, &mut silent), Ok(Outcome::Abstained(_))),
                "{followers}"
            );
        }
    }

    #[test]
    fn traits_carry_the_values_of_the_follower() {
        let made = dripped(Stock::aged()).make(Seed(1));
        let profiles = read(&made.page);
        let sold = (0..made.truth.class.len())
            .find(|&i| made.truth.class[i] == Class::Inauthentic && profiles.weight[i] > 0.9)
            .expect("one");
        let traits = profiles.traits(&made.page.audience, sold);
        assert!(traits.iter().any(|t| matches!(t, ProfileTrait::Together(_))), "{traits:?}");
        for t in traits {
            if let ProfileTrait::Likelier { feature: Feature::Posts, value, times } = t {
                assert!(Some(value) == made.page.audience.posts.get(sold) && times > 1.0);
            }
        }
    }

    #[test]
    fn the_same_page_gives_the_same_bits() {
        let made = dripped(Stock::aged()).make(Seed(3));
        assert_eq!(read(&made.page).weight, read(&made.page).weight);
    }
}

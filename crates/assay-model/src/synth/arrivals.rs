//! Plays a page out, day by day, in follow order.

use super::ages::before;
use super::draw::Draw;
use super::names::{self, Place, Texts};
use super::plant::Plant;
use super::profile::{self, Dates};
use super::{MadeFollow, SynthPage, Tells};
use crate::audience::RowRef;
use crate::fact::Follow;
use crate::time::{DAY_MS, TimeMs};
use crate::verdict::Class;
use assay_math::{Go, Seed};

/// Share of a day's arrivals by hour, UTC: a night's low, an evening's high (made).
const HOURS: [u32; 24] = [3, 2, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 6, 6, 6, 7, 8, 9, 9, 8, 7, 6, 4];

/// Plays the page out; see [`SynthPage::for_each`].
pub(super) fn for_each(page: &SynthPage, seed: Seed, take: &mut dyn FnMut(&MadeFollow<'_>) -> Go) {
    let checked = page.check();
    assert!(checked.is_ok(), "a page that can be made: {checked:?}");
    let mut people = Draw::new(seed.fork("people"));
    let mut streams = Stream::all(page, seed);
    let mut teller = Teller::new(page);
    let mut n_people = 0;
    for (day, n) in by_day(page, seed).into_iter().enumerate() {
        let start = page.day(day as f64);
        let mut ordinary: Vec<TimeMs> = (0..n).map(|_| in_day(start, &mut people)).collect();
        ordinary.sort_unstable();
        let end = TimeMs(start.0 + DAY_MS);
        let mut ordinary = ordinary.into_iter().peekable();
        loop {
            // The next to arrive, an ordinary follower before a planted one of the same second.
            let planted = streams.iter_mut().filter(|s| s.next < end).min_by_key(|s| s.next);
            let (at, stream) = match (ordinary.peek().copied(), planted) {
                (Some(person), Some(stream)) if stream.next < person => (stream.next, Some(stream)),
                (Some(person), _) => (person, None),
                (None, Some(stream)) => (stream.next, Some(stream)),
                (None, None) => break,
            };
            let go = if let Some(stream) = stream {
                stream.advance();
                teller.planted(at, stream, take)
            } else {
                ordinary.next();
                n_people += 1;
                teller.person(at, n_people - 1, &mut people, take)
            };
            if go == Go::Stop {
                return;
            }
        }
    }
}

/// How many ordinary followers come on each day: as many as the page says in all, spread by trend, weekday and mood.
fn by_day(page: &SynthPage, seed: Seed) -> Vec<u32> {
    let mut draw = Draw::new(seed.fork("days"));
    let mut upto = 0.0;
    let weights: Vec<f64> = (0..page.days)
        .map(|day| {
            let trend = page.growth.per_year.powf(f64::from(day) / 365.25);
            // 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday.
            let weekday = (page.opened.0 + day as i32 + 3).rem_euclid(7) as usize;
            let spread = page.growth.overdispersion;
            let mood = if spread > 0.0 { draw.gamma(1.0 / spread) * spread } else { 1.0 };
            upto += trend * page.growth.week[weekday] * mood;
            upto
        })
        .collect();
    let mut counts = vec![0; weights.len()];
    for _ in 0..page.followers {
        let at = draw.between(0.0, upto);
        counts[weights.partition_point(|&w| w <= at).min(weights.len() - 1)] += 1;
    }
    counts
}

/// A moment of the day, to the second.
fn in_day(start: TimeMs, draw: &mut Draw) -> TimeMs {
    let mut left = draw.below(HOURS.iter().sum());
    let hour = HOURS.iter().position(|&share| {
        let here = left < share;
        left = left.wrapping_sub(share);
        here
    });
    TimeMs(start.0 + (hour.unwrap_or(0) as i64 * 3_600 + i64::from(draw.below(3_600))) * 1_000)
}

/// The arrivals of one plant.
struct Stream<'a> {
    index: usize,
    plant: &'a Plant,
    /// Number of its first account.
    first: u32,
    times: Vec<TimeMs>,
    n_gone: usize,
    /// When its next follower comes; the end of time when none is left.
    next: TimeMs,
    draw: Draw,
}

impl<'a> Stream<'a> {
    fn all(page: &'a SynthPage, seed: Seed) -> Vec<Self> {
        let mut first = page.followers;
        (page.plants.iter().enumerate())
            .map(|(index, plant)| {
                let mut draw = Draw::new(seed.fork("plants").nth(index as u64));
                let mut times = plant.arrivals(&mut draw);
                // The last second of the page belongs to its last day.
                let last = TimeMs(page.exported_at().0 - 1_000);
                for at in &mut times {
                    *at = (*at).min(last);
                }
                let stream = Self { index, plant, first, times, n_gone: 0, next: TimeMs(0), draw };
                first += plant.followers();
                stream
            })
            .map(|mut stream| {
                stream.next = stream.times.first().copied().unwrap_or(TimeMs(i64::MAX));
                stream
            })
            .collect()
    }

    fn advance(&mut self) {
        self.n_gone += 1;
        self.next = self.times.get(self.n_gone).copied().unwrap_or(TimeMs(i64::MAX));
    }
}

/// Turns arrivals into rows.
struct Teller<'a> {
    page: &'a SynthPage,
    exported: TimeMs,
    n_accounts: u32,
    n_listed: u32,
    texts: Texts,
}

/// What is known of an arrival before its row is written.
struct Arrival<'a> {
    dates: Dates,
    number: u32,
    home: &'a Place,
    style: names::Style,
    profile: Follow<'static>,
    class: Class,
    plant: Option<usize>,
    left_at: Option<TimeMs>,
}

type Take<'a> = dyn FnMut(&MadeFollow<'_>) -> Go + 'a;

impl<'a> Teller<'a> {
    fn new(page: &'a SynthPage) -> Self {
        let n_accounts = page.followers + page.plants.iter().map(Plant::followers).sum::<u32>();
        Self { page, exported: page.exported_at(), n_accounts, n_listed: 0, texts: Texts::default() }
    }

    fn person(&mut self, followed: TimeMs, number: u32, draw: &mut Draw, take: &mut Take<'_>) -> Go {
        let created = self.page.ages.created(followed, draw);
        let dates = Dates { created, followed, exported: self.exported };
        let dormant = draw.chance(self.page.people.dormant_share);
        let home = names::place(draw);
        let style = names::of_a_person(draw);
        let profile = self.page.people.profile(dates, dormant, draw);
        let left_at = draw.chance(self.page.left_share).then(|| self.leaves(followed, draw));
        let class = if dormant { Class::Dormant } else { Class::Genuine };
        self.tell(&Arrival { dates, number, home, style, profile, class, plant: None, left_at }, draw, take)
    }

    fn planted(&mut self, followed: TimeMs, stream: &mut Stream<'_>, take: &mut Take<'_>) -> Go {
        let (plant, draw) = (stream.plant, &mut stream.draw);
        let number = stream.first + stream.n_gone as u32 - 1;
        let dates = Dates { created: plant.created(followed, draw), followed, exported: self.exported };
        let home = match *plant {
            Plant::PaidCampaign { country, .. } => names::place_in(country),
            _ => None,
        };
        let home = home.unwrap_or_else(|| names::place(draw));
        let people = &self.page.people;
        let (style, profile, class, left_at) = if plant.stock().is_some() {
            let style = names::of_a_seller(stream.index, draw);
            let profile = profile::sold(self.page.sold, dates, draw);
            (style, profile, Class::Inauthentic, self.purged(followed, draw))
        } else {
            let style = names::of_a_person(draw);
            let dormant = draw.chance(people.dormant_share);
            let profile = match plant {
                Plant::GiveAway { .. } => people.prize_hunter(dates, draw),
                _ => people.profile(dates, dormant, draw),
            };
            (style, profile, if dormant { Class::Dormant } else { Class::Genuine }, None)
        };
        self.tell(
            &Arrival { dates, number, home, style, profile, class, plant: Some(stream.index), left_at },
            draw,
            take,
        )
    }

    fn tell(&mut self, arrival: &Arrival<'_>, draw: &mut Draw, take: &mut Take<'_>) -> Go {
        let &Arrival { dates, number, home, style, profile, class, plant, left_at } = arrival;
        self.texts.name(number, home, style, draw);
        self.texts.identify(number, self.n_accounts, dates.created);
        let mut follow = Follow {
            account_id: Some(&self.texts.id),
            handle: Some(&self.texts.handle),
            display_name: Some(&self.texts.display_name),
            followed_at: Some(dates.followed),
            created_at: Some(dates.created),
            language: Some(home.language),
            country: Some(home.country),
            ..profile
        };
        if left_at.is_none() {
            follow.follow_rank = Some(self.n_listed);
            self.n_listed += 1;
            follow.source = RowRef { file: 0, line: self.n_listed };
        }
        limit(&mut follow, self.page.tells);
        take(&MadeFollow { follow, class, plant, left_at })
    }

    /// A moment between the follow and the export.
    fn leaves(&self, followed: TimeMs, draw: &mut Draw) -> TimeMs {
        let stays = draw.between(0.0, self.exported.days_since(followed));
        before(self.exported, stays, draw).max(followed)
    }

    /// When the first purge that meets the account removes it.
    fn purged(&self, followed: TimeMs, draw: &mut Draw) -> Option<TimeMs> {
        self.page.plants.iter().find_map(|plant| {
            let &Plant::Purge { at, share, .. } = plant else { return None };
            let days = draw.between(0.0, plant.span().days());
            let gone = TimeMs(at.0.div_euclid(1_000) * 1_000 + (days * 86_400.0) as i64 * 1_000);
            (draw.chance(share) && gone > followed).then_some(gone)
        })
    }
}

/// Takes away what the platform does not tell.
fn limit(follow: &mut Follow<'_>, tells: Tells) {
    let whole = *follow;
    let rank = Follow { follow_rank: whole.follow_rank, source: whole.source, ..Follow::default() };
    match tells {
        Tells::Everything => {}
        Tells::XArchive => {
            // The id is all that the archive has; a creation date is read off it as an importer would.
            let read = whole.account_id.and_then(|id| id.parse().ok()).and_then(crate::x_created_at);
            *follow = Follow { account_id: whole.account_id, created_at: read.map(|(at, _)| at), ..rank };
        }
        Tells::InstagramExport => {
            *follow = Follow { handle: whole.handle, followed_at: whole.followed_at, ..rank };
        }
        Tells::CountsOnly => *follow = Follow { followed_at: whole.followed_at, ..rank },
    }
}

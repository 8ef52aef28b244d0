//! What followers did with a page: engagements and orders, joined to followers by identity and never by name.

use crate::audience::Audience;
use crate::column::Column;
use crate::figures::Engagement;
use crate::time::Span;
use std::collections::HashMap;

/// What each follower is known to have done with the page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Engaged {
    /// For each follower, how many engagements with the page are known; 0 is none. Missing where none could be known: the
    /// follower came after all of them.
    pub engagements: Column<u32>,
    /// For each follower, how many orders are known to be theirs, on a basis that was kept. Missing where nobody joined them.
    pub orders: Column<u32>,
    /// From the first to the last engagement that has a time.
    pub cover: Option<Span>,
    /// What became of the engagements.
    pub counts: EngagedCounts,
}

/// What became of the engagements that were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngagedCounts {
    /// Of others with the page.
    pub n_by_others: u64,
    /// Of the page itself, with others.
    pub n_by_page: u64,
    /// Of others who are not named.
    pub n_unnamed: u64,
    /// Accounts that engaged.
    pub n_accounts: u64,
    /// Engagements of followers in the list.
    pub n_joined: u64,
    /// Accounts whose handle fits more than one follower or more than one id; none of them was joined by it.
    pub n_ambiguous: u64,
}

/// Gathers engagements by who did them, and joins them to a list of followers.
///
/// Identity is exact: the account's id where both sides tell one, else the handle, without `@` and without regard to case,
/// since platforms know none there. A handle never joins two accounts whose ids differ.
#[derive(Debug, Clone, Default)]
pub struct Engagers {
    by_id: HashMap<String, u32>,
    /// Engagements that tell a handle and no id.
    by_handle: HashMap<String, u32>,
    /// The id that engagements give a handle; `None` where they give more than one.
    id_of: HashMap<String, Option<String>>,
    cover: Option<Span>,
    counts: EngagedCounts,
}

impl Engagers {
    /// Takes one engagement.
    pub fn take(&mut self, engagement: &Engagement<'_>) {
        self.take_some(engagement, 1);
    }

    /// Takes `n` engagements of one account, the last of them at the time that is told.
    pub fn take_some(&mut self, engagement: &Engagement<'_>, n: u32) {
        if engagement.by_page {
            self.counts.n_by_page += u64::from(n);
            return;
        }
        self.counts.n_by_others += u64::from(n);
        if let Some(at) = engagement.at {
            let span = Span { from: at, to: at };
            self.cover = Some(self.cover.map_or(span, |c| c.join(span)));
        }
        let more = |held: &mut u32| *held = held.saturating_add(n);
        let handle = engagement.handle.map(plain_handle).filter(|h| !h.is_empty());
        match (engagement.account_id.filter(|id| !id.is_empty()), handle) {
            (Some(id), handle) => {
                more(self.by_id.entry(id.to_owned()).or_insert(0));
                if let Some(handle) = handle {
                    let known = self.id_of.entry(handle).or_insert_with(|| Some(id.to_owned()));
                    if known.as_deref() != Some(id) {
                        *known = None;
                    }
                }
            }
            (None, Some(handle)) => more(self.by_handle.entry(handle).or_insert(0)),
            (None, None) => self.counts.n_unnamed += u64::from(n),
        }
    }

    /// Whether nothing was taken.
    pub fn is_empty(&self) -> bool {
        self.counts == EngagedCounts::default()
    }

    /// Joins what was taken to the followers of a list.
    pub fn join(&self, audience: &Audience) -> Engaged {
        let mut bearers: HashMap<String, u32> = HashMap::new();
        for handle in audience.handle.iter().flatten() {
            *bearers.entry(plain_handle(handle)).or_insert(0) += 1;
        }
        let mut counts = self.counts;
        counts.n_accounts = (self.by_id.len() + self.by_handle.len()) as u64;
        counts.n_ambiguous = self.id_of.values().filter(|id| id.is_none()).count() as u64
            + self.by_handle.keys().filter(|handle| bearers.get(*handle).is_some_and(|n| *n > 1)).count() as u64;
        let mut engagements = Column::default();
        for i in 0..audience.len() {
            let came_after = audience.followed_at.get(i).zip(self.cover).is_some_and(|(at, cover)| at > cover.to);
            let n = self.of(audience, i, &bearers);
            counts.n_joined += u64::from(n);
            engagements.push((!came_after || n > 0).then_some(n));
        }
        let orders = std::iter::repeat_n(None, audience.len()).collect();
        Engaged { engagements, orders, cover: self.cover, counts }
    }

    fn of(&self, audience: &Audience, i: usize, bearers: &HashMap<String, u32>) -> u32 {
        let id = audience.account_id.get(i);
        let by_id = |id: &str| self.by_id.get(id).copied().unwrap_or(0);
        let handle = audience.handle.get(i).map(plain_handle).filter(|h| bearers.get(h) == Some(&1));
        let told = id.map_or(0, by_id);
        let Some(handle) = handle else { return told };
        let by_handle = self.by_handle.get(&handle).copied().unwrap_or(0);
        // Where the list tells no ids, a handle stands for the one id that engagements give it.
        let through =
            if id.is_none() { self.id_of.get(&handle).and_then(Option::as_deref).map_or(0, by_id) } else { 0 };
        told.saturating_add(by_handle).saturating_add(through)
    }
}

/// A handle as it is compared.
fn plain_handle(handle: &str) -> String {
    handle.trim().trim_start_matches('@').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Engagers;
    use crate::{Audience, Engagement, EngagementKind, Follow, TimeMs};

    fn by<'a>(id: Option<&'a str>, handle: Option<&'a str>, at: i64) -> Engagement<'a> {
        Engagement { account_id: id, handle, at: Some(TimeMs(at)), ..Engagement::new(EngagementKind::Like) }
    }

    #[test]
    fn identity_is_exact_and_a_reused_handle_joins_nobody() {
        let mut list = Audience::default();
        for (id, handle, at) in [
            (Some("1"), Some("ann"), 5),
            (Some("2"), Some("bob"), 6),
            (None, Some("Cem"), 7),
            (None, Some("dora"), 8),
            (None, Some("DORA"), 9),
            (Some("6"), None, 10),
            (None, Some("late"), 400),
        ] {
            list.push(&Follow { account_id: id, handle, followed_at: Some(TimeMs(at)), ..Follow::default() });
        }
        let mut engagers = Engagers::default();
        for e in [
            by(Some("1"), Some("ann"), 100),
            by(None, Some("@Ann"), 110),
            // The handle `bob` belongs to another account by now: its id says so.
            by(Some("99"), Some("bob"), 120),
            by(Some("3"), Some("cem"), 130),
            by(Some("3"), Some("cem"), 140),
            by(None, Some("dora"), 150),
            by(Some("6"), Some("x"), 160),
            by(None, None, 170),
            Engagement { by_page: true, ..by(Some("1"), None, 900) },
        ] {
            engagers.take(&e);
        }
        let joined = engagers.join(&list);
        let told: Vec<Option<u32>> = joined.engagements.iter().collect();
        assert_eq!(told, [Some(2), Some(0), Some(2), Some(0), Some(0), Some(1), None]);
        let c = joined.counts;
        assert_eq!((c.n_by_others, c.n_by_page, c.n_unnamed, c.n_joined, c.n_ambiguous), (8, 1, 1, 5, 1));
        assert_eq!(joined.cover.map(|s| (s.from.0, s.to.0)), Some((100, 170)));
    }

    #[test]
    fn two_ids_of_one_handle_are_ambiguous() {
        let mut list = Audience::default();
        list.push(&Follow { handle: Some("ann"), ..Follow::default() });
        let mut engagers = Engagers::default();
        engagers.take(&by(Some("1"), Some("ann"), 1));
        engagers.take(&by(Some("2"), Some("ann"), 2));
        let joined = engagers.join(&list);
        assert_eq!((joined.engagements.get(0), joined.counts.n_ambiguous), (Some(0), 1));
        assert!(Engagers::default().is_empty() && !engagers.is_empty());
    }
}

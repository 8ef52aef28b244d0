//! Whom people follow: computed at every use, drawn by R-MAT, or a table.

use super::noise::{Counted, Stream, to_unit};
use super::people::People;
use super::scenario::{GraphKind, Scenario};
use assay_math::Seed;

/// The most pages that a person's feed considers; further ones of a very busy follower are left out.
pub(crate) const FOLLOWS_MAX: usize = 400;
/// R-MAT's usual chances of the first three quadrants (Chakrabarti, Zhan and Faloutsos 2004).
const QUADRANTS: [f64; 3] = [0.57, 0.76, 0.95];

/// A table of follows with dense numbers: each pair is a person and a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowTable {
    /// How many people there are.
    pub users: u32,
    /// How many pages there are.
    pub pages: u32,
    /// Who follows, below `users`.
    pub source: Vec<u32>,
    /// Whom, below `pages`; as long as `source`.
    pub target: Vec<u32>,
}

/// Whom each person follows.
#[derive(Debug, Clone)]
pub(crate) enum Graph {
    /// The j-th page of a person, from a hash.
    Computed(Computed),
    /// Rows one after another; `start` holds where each begins, or nothing where all are `each` long.
    Stored { start: Vec<u64>, each: u32, pages: Pages },
}

/// Pages' numbers, in half the room where 16 bits hold them.
#[derive(Debug, Clone)]
pub(crate) enum Pages {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

/// The most pages whose numbers are held in 16 bits.
pub(crate) const NARROW_MAX: u32 = 1 << 16;

impl Pages {
    #[inline]
    fn at(&self, i: usize) -> u32 {
        match self {
            Self::Narrow(pages) => u32::from(pages[i]),
            Self::Wide(pages) => pages[i],
        }
    }

    #[inline]
    fn row<'a>(&'a self, range: std::ops::Range<usize>, room: &'a mut Vec<u32>) -> &'a [u32] {
        match self {
            Self::Narrow(pages) => {
                room.clear();
                room.extend(pages[range].iter().map(|page| u32::from(*page)));
                room
            }
            Self::Wide(pages) => &pages[range],
        }
    }
}

/// Whom people follow, in the shape that the inner loop of visits is made for.
pub(crate) trait Follows: Copy {
    /// How many pages everybody follows, where that is the same for all.
    fn each(self) -> Option<usize>;
    /// How many pages a person follows.
    fn degree(self, user: u32) -> usize;
    /// The pages that a person follows. Asked for where [`Self::each`] says how many.
    fn pages(self, user: u32, people: &People) -> impl Iterator<Item = u32>;
    /// The n-th of them.
    fn nth(self, user: u32, people: &People, n: usize) -> u32;
}

/// Rows of equal length, one after another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvenRows<'a, P> {
    each: usize,
    pages: &'a [P],
}

impl<P: Copy + Into<u32>> Follows for EvenRows<'_, P> {
    #[inline]
    fn each(self) -> Option<usize> {
        Some(self.each)
    }

    #[inline]
    fn degree(self, _user: u32) -> usize {
        self.each
    }

    #[inline]
    fn pages(self, user: u32, _people: &People) -> impl Iterator<Item = u32> {
        let from = user as usize * self.each;
        self.pages[from..from + self.each].iter().map(|page| (*page).into())
    }

    #[inline]
    fn nth(self, user: u32, _people: &People, n: usize) -> u32 {
        self.pages[user as usize * self.each + n].into()
    }
}

impl Follows for &Computed {
    #[inline]
    fn each(self) -> Option<usize> {
        Some(self.each as usize)
    }

    #[inline]
    fn degree(self, _user: u32) -> usize {
        self.each as usize
    }

    #[inline]
    fn pages(self, user: u32, people: &People) -> impl Iterator<Item = u32> {
        let topic = self.topic(user, people);
        (0..self.each).map(move |j| self.page(user, topic, j))
    }

    #[inline]
    fn nth(self, user: u32, people: &People, n: usize) -> u32 {
        self.page(user, self.topic(user, people), n as u32)
    }
}

impl Follows for &Graph {
    #[inline]
    fn each(self) -> Option<usize> {
        None
    }

    #[inline]
    fn degree(self, user: u32) -> usize {
        Graph::degree(self, user)
    }

    fn pages(self, user: u32, people: &People) -> impl Iterator<Item = u32> {
        (0..Graph::degree(self, user)).map(move |n| Graph::nth(self, user, people, n as u32))
    }

    #[inline]
    fn nth(self, user: u32, people: &People, n: usize) -> u32 {
        Graph::nth(self, user, people, n as u32)
    }
}

/// A graph by its shape.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape<'a> {
    Narrow(EvenRows<'a, u16>),
    Wide(EvenRows<'a, u32>),
    Computed(&'a Computed),
    Uneven(&'a Graph),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Computed {
    follows: Counted,
    each: u32,
    pages: u32,
    topics: u32,
    /// Homophily in 256ths.
    own_topic: u32,
}

impl Computed {
    #[inline]
    fn topic(&self, user: u32, people: &People) -> u32 {
        if self.own_topic > 0 { people.topic(user) } else { 0 }
    }

    /// The j-th page of a person: its place is `pages * ((j + U) / each)^2`, so that a page's share of the follows falls as one
    /// over the root of its place; with the homophily it is moved to the neighbour of the person's own topic.
    #[inline]
    fn page(&self, user: u32, topic: u32, j: u32) -> u32 {
        let word = self.follows.at(u64::from(user) * u64::from(self.each.div_ceil(2)) + u64::from(j / 2));
        let half = (word >> (32 * (j & 1))) as u32;
        let at = (f64::from(j) + (f64::from(half) + 0.5) * (1.0 / 4_294_967_296.0)) / f64::from(self.each);
        let place = ((at * at * f64::from(self.pages)) as u32).min(self.pages - 1);
        if (half & 0xff) < self.own_topic {
            let own = place - (place & (self.topics - 1)) + topic;
            if own < self.pages { own } else { own - self.topics }
        } else {
            place
        }
    }
}

impl Graph {
    pub(crate) fn new(scenario: &Scenario, table: Option<&FollowTable>, people: &People, seed: Seed) -> Self {
        let p = &scenario.platform;
        match (p.graph, table) {
            (GraphKind::Edges, Some(table)) => {
                rows(table.users, table.source.iter().copied().zip(table.target.iter().copied()))
            }
            (GraphKind::Rmat, _) => {
                let n = p.users * u64::from(p.follows);
                let follows = Counted::new(seed, Stream::Follows, 1);
                rows(p.users as u32, (0..n).map(|i| rmat(p.users as u32, p.pages, follows, i)))
            }
            _ => Self::Computed(Computed {
                follows: Counted::new(seed, Stream::Follows, 0),
                each: p.follows,
                pages: p.pages,
                topics: p.topics,
                own_topic: (p.homophily_share * 256.0).round() as u32,
            }),
        }
        .stored_if_small(p.users, people)
    }

    /// A computed graph of up to this many follows is written down, which is a little faster to read.
    fn stored_if_small(self, users: u64, people: &People) -> Self {
        const STORED_MAX: u64 = 1 << 26;
        match self {
            Self::Computed(c) if users * u64::from(c.each) <= STORED_MAX => {
                let all = (0..users as u32).flat_map(|user| (&c).pages(user, people));
                let n = (users * u64::from(c.each)) as usize;
                let pages = if c.pages <= NARROW_MAX {
                    let mut pages = Vec::with_capacity(n);
                    pages.extend(all.map(|page| page as u16));
                    Pages::Narrow(pages)
                } else {
                    let mut pages = Vec::with_capacity(n);
                    pages.extend(all);
                    Pages::Wide(pages)
                };
                Self::Stored { start: Vec::new(), each: c.each, pages }
            }
            other => other,
        }
    }

    /// The pages that a person follows; `room` is used where they have to be computed.
    #[inline]
    pub(crate) fn of<'a>(&'a self, user: u32, people: &People, room: &'a mut Vec<u32>) -> &'a [u32] {
        match self {
            Self::Computed(c) => {
                room.clear();
                room.extend(c.pages(user, people));
                room
            }
            Self::Stored { start, each, pages } if start.is_empty() => {
                let from = user as usize * *each as usize;
                pages.row(from..from + *each as usize, room)
            }
            Self::Stored { start, pages, .. } => {
                pages.row(start[user as usize] as usize..start[user as usize + 1] as usize, room)
            }
        }
    }

    /// How many pages a person follows.
    #[inline]
    pub(crate) fn degree(&self, user: u32) -> usize {
        match self {
            Self::Computed(c) => c.each as usize,
            Self::Stored { start, each, .. } if start.is_empty() => *each as usize,
            Self::Stored { start, .. } => (start[user as usize + 1] - start[user as usize]) as usize,
        }
    }

    /// The n-th page that a person follows, below [`Self::degree`].
    #[inline]
    pub(crate) fn nth(&self, user: u32, people: &People, n: u32) -> u32 {
        match self {
            Self::Computed(c) => c.nth(user, people, n as usize),
            Self::Stored { start, each, pages } if start.is_empty() => {
                pages.at(user as usize * *each as usize + n as usize)
            }
            Self::Stored { start, pages, .. } => pages.at(start[user as usize] as usize + n as usize),
        }
    }

    /// The graph by its shape.
    pub(crate) fn shape(&self) -> Shape<'_> {
        match self {
            Self::Computed(c) => Shape::Computed(c),
            Self::Stored { start, each, pages } if start.is_empty() => {
                let each = *each as usize;
                match pages {
                    Pages::Narrow(pages) => Shape::Narrow(EvenRows { each, pages }),
                    Pages::Wide(pages) => Shape::Wide(EvenRows { each, pages }),
                }
            }
            Self::Stored { .. } => Shape::Uneven(self),
        }
    }

    /// How many pages the busiest follower has.
    pub(crate) fn most(&self) -> usize {
        match self {
            Self::Computed(c) => c.each as usize,
            Self::Stored { start, each, .. } if start.is_empty() => *each as usize,
            Self::Stored { start, .. } => start.windows(2).map(|w| (w[1] - w[0]) as usize).max().unwrap_or(0),
        }
    }

    /// How many follow each page, where rows are stored; nothing where they are computed.
    pub(crate) fn followers(&self, n_pages: u32) -> Option<Vec<u32>> {
        let Self::Stored { pages, .. } = self else { return None };
        let mut followers = vec![0; n_pages as usize];
        match pages {
            Pages::Narrow(pages) => pages.iter().for_each(|page| followers[usize::from(*page)] += 1),
            Pages::Wide(pages) => pages.iter().for_each(|page| followers[*page as usize] += 1),
        }
        Some(followers)
    }

    /// How many people have a row; all, where rows are computed.
    pub(crate) fn n_users(&self) -> u32 {
        match self {
            Self::Stored { start, .. } if !start.is_empty() => (start.len() - 1) as u32,
            _ => u32::MAX,
        }
    }
}

/// A page's share of the follows in a computed graph with homophily: of all people's; of those of the topic of the page that is
/// looked at, as far as it is on their topic; and as far as it is off.
pub(crate) fn page_share(scenario: &Scenario, place: u32) -> (f64, f64, f64) {
    let p = &scenario.platform;
    let share = computed_share(place, p.pages);
    let topics = f64::from(p.topics);
    let first = place - (place & (p.topics - 1));
    let neighbours: f64 = (first..(first + p.topics).min(p.pages)).map(|i| computed_share(i, p.pages)).sum();
    let moved = p.homophily_share * neighbours;
    let stayed = (1.0 - p.homophily_share) * share;
    let all = stayed + moved / topics;
    if place & (p.topics - 1) == scenario.page.topic { (all, stayed + moved, 0.0) } else { (all, 0.0, stayed) }
}

/// A page's share of the follows in a computed graph, by its place.
pub(crate) fn computed_share(place: u32, pages: u32) -> f64 {
    let root = |i: u32| (f64::from(i) / f64::from(pages)).sqrt();
    root(place + 1) - root(place)
}

/// The i-th follow of R-MAT: down the quadrants of a square of people and pages, anew where it ends outside.
fn rmat(users: u32, pages: u32, follows: Counted, i: u64) -> (u32, u32) {
    let bits = |n: u32| 32 - n.saturating_sub(1).leading_zeros();
    let (rows, columns) = (bits(users), bits(pages));
    let mut random = follows.random(i);
    loop {
        let (mut row, mut column) = (0, 0);
        for level in (0..rows.max(columns)).rev() {
            let at = to_unit(rand::Rng::next_u64(&mut random));
            let quadrant = QUADRANTS.iter().filter(|end| at >= **end).count() as u32;
            if level < rows {
                row |= (quadrant >> 1) << level;
            }
            if level < columns {
                column |= (quadrant & 1) << level;
            }
        }
        if row < users && column < pages {
            // R-MAT's low numbers are its hubs; people are stirred so that nobody's number says how busy they are.
            let stirred = (u64::from(row) * 2_654_435_761 % u64::from(users)) as u32;
            return (stirred, column);
        }
    }
}

/// Rows of distinct pages by person, each at most [`FOLLOWS_MAX`] long.
fn rows(users: u32, follows: impl Iterator<Item = (u32, u32)> + Clone) -> Graph {
    let mut start = vec![0_u64; users as usize + 1];
    for (user, _) in follows.clone() {
        start[user as usize + 1] += 1;
    }
    for i in 1..start.len() {
        start[i] += start[i - 1];
    }
    let mut pages = vec![0_u32; start[users as usize] as usize];
    let mut next = start.clone();
    for (user, page) in follows {
        let at = &mut next[user as usize];
        pages[*at as usize] = page;
        *at += 1;
    }
    let mut kept = 0;
    let mut from = 0;
    for user in 0..users as usize {
        let to = start[user + 1] as usize;
        pages[from..to].sort_unstable();
        let row_start = kept;
        for i in from..to {
            if (i == from || pages[i] != pages[i - 1]) && kept - row_start < FOLLOWS_MAX {
                pages[kept] = pages[i];
                kept += 1;
            }
        }
        from = to;
        start[user + 1] = kept as u64;
    }
    pages.truncate(kept);
    Graph::Stored { start, each: 0, pages: Pages::Wide(pages) }
}

#[cfg(test)]
mod tests {
    use super::{FollowTable, Graph, computed_share};
    use crate::feed::people::People;
    use crate::feed::scenario::{GraphKind, Scenario};
    use assay_math::Seed;

    fn graph(kind: GraphKind, table: Option<&FollowTable>) -> (Scenario, People, Graph) {
        let mut scenario = Scenario::default();
        scenario.platform.graph = kind;
        scenario.platform.users = 20_000;
        scenario.platform.pages = 4_096;
        scenario.platform.follows = 20;
        let people = People::new(&scenario, Seed(1));
        let graph = Graph::new(&scenario, table, &people, Seed(1));
        (scenario, people, graph)
    }

    #[test]
    fn a_computed_graph_is_the_same_stored_and_has_the_shares_it_says() {
        let (scenario, people, stored) = graph(GraphKind::Procedural, None);
        let followers = stored.followers(4_096).expect("stored");
        let total: u32 = followers.iter().sum();
        assert_eq!(total, 400_000);
        let head: u32 = followers[..256].iter().sum();
        let expected: f64 = (0..256).map(|i| computed_share(i, 4_096)).sum();
        assert!((f64::from(head) / 400_000.0 - expected).abs() < 0.005, "{head} {expected}");
        let own = (0..1_000)
            .flat_map(|u| stored.of(u, &people, &mut Vec::new()).iter().map(move |p| (u, *p)).collect::<Vec<_>>());
        let own = own.filter(|(u, page)| page & 3 == people.topic(*u)).count();
        // Half by homophily, a quarter of the rest by chance.
        assert!((own as f64 / 20_000.0 - 0.625).abs() < 0.02, "{own}");
        assert_eq!(scenario.platform.topics, 4);
    }

    #[test]
    fn r_mat_has_hubs_and_rows_without_repeats() {
        let (_, people, graph) = graph(GraphKind::Rmat, None);
        let followers = graph.followers(4_096).expect("stored");
        assert!(*followers.iter().max().expect("pages") > 30 * followers.iter().sum::<u32>() / 4_096);
        let mut room = Vec::new();
        for user in 0..200 {
            assert!(graph.of(user, &people, &mut room).windows(2).all(|w| w[0] < w[1]));
        }
        assert_eq!(graph.n_users(), 20_000);
    }

    #[test]
    fn a_table_is_taken_as_it_is() {
        let table = FollowTable { users: 3, pages: 4, source: vec![2, 0, 2, 2], target: vec![1, 3, 0, 1] };
        let (_, people, graph) = graph(GraphKind::Edges, Some(&table));
        let mut room = Vec::new();
        assert_eq!(graph.of(0, &people, &mut room), [3]);
        assert!(graph.of(1, &people, &mut room).is_empty());
        assert_eq!(graph.of(2, &people, &mut room), [0, 1]);
        assert_eq!(graph.most(), 2);
    }
}

//! Makes threads of single engagements.
//!
//! 1. An account is its id; a handle stands for the one id that it is met with, else for itself.
//! 2. A word belongs to the thread of what it answers where that is known, else of the post that it hangs on, else of what it
//!    answers by name, else it begins one. Direct messages of an account are one thread.
//! 3. A word of the page is of the account that it names, else of the one whose word it answers. A reply or message to somebody
//!    whose thread is not told belongs to the thread in which that account spoke last before it. What the page says to nobody in
//!    particular answers nobody.
//! 4. The same thing told twice (a comment that is a notification too) is one word.
//! 5. A word awaits an answer until the page speaks later in its thread, or answers it by its id.
//!
//! Limits: what an export does not hold is not seen, such as answers given on the network since; a like is no answer; who wrote
//! a last word that needs none ("thanks!") awaits one.

use assay_model::{Conversation, EngagementKind, Key, Said, TimeMs, Turn};
use std::collections::{HashMap, HashSet};

/// The thread of messages.
const MESSAGES: Key = Key(1);
/// How far up a thread is followed: no network nests deeper, and a loop ends here.
const DEPTH_MAX: usize = 256;

/// Gathers engagements. Costs a word's size for each word, and one count for each account.
#[derive(Debug, Default)]
pub struct Threads {
    words: Vec<Said>,
    /// Engagements of each account on each page, by id or by handle.
    counts: HashMap<(u32, Key), u32>,
    /// The id that a handle is met with on a page; `None` for more than one.
    id_of: HashMap<(u32, Key), Option<Key>>,
    /// From each page the latest time that anything tells, and whether the page is known to speak.
    pages: HashMap<u32, (Option<TimeMs>, bool)>,
}

impl Threads {
    /// Takes one engagement.
    pub fn take(&mut self, said: &Said) {
        let page = self.pages.entry(said.page).or_default();
        page.0 = page.0.max(said.at);
        page.1 |= said.by_page && said.kind.is_spoken();
        if let (Some(id), Some(handle)) = (said.account.some(), said.handle.some()) {
            let known = self.id_of.entry((said.page, handle)).or_insert(Some(id));
            if *known != Some(id) {
                *known = None;
            }
        }
        let named = said.account.some().or_else(|| said.handle.some());
        if let Some(name) = named.filter(|_| !said.by_page) {
            let n = self.counts.entry((said.page, name)).or_insert(0);
            *n = n.saturating_add(1);
        }
        // Words of nobody can be answered by no one.
        if said.kind.is_spoken() && (said.by_page || named.is_some()) {
            self.words.push(*said);
        }
    }

    /// The latest time that anything tells of a page.
    pub fn until(&self, page: u32) -> Option<TimeMs> {
        self.pages.get(&page).and_then(|p| p.0)
    }

    /// Whether anything that the page said is known: without it everybody seems to wait.
    pub fn speaks(&self, page: u32) -> bool {
        self.pages.get(&page).is_some_and(|p| p.1)
    }

    /// The account behind an id and a handle.
    fn account(&self, said: &Said) -> Key {
        said.account
            .some()
            .or_else(|| self.id_of.get(&(said.page, said.handle)).copied().flatten())
            .unwrap_or(said.handle)
    }

    /// All that an account did: under its id, and under handles that stand for that id.
    fn totals(&self) -> HashMap<(u32, Key), u32> {
        let mut totals: HashMap<(u32, Key), u32> = HashMap::with_capacity(self.counts.len());
        for (&(page, name), n) in &self.counts {
            let account = self.id_of.get(&(page, name)).copied().flatten().unwrap_or(name);
            let total = totals.entry((page, account)).or_insert(0);
            *total = total.saturating_add(*n);
        }
        totals
    }

    /// The conversations, in order of page, account and thread, and the turns of each: what was said before the page answered.
    pub fn conversations(mut self) -> Vec<(Conversation, Vec<Turn>)> {
        let totals = self.totals();
        let accounts: Vec<Key> = self.words.iter().map(|w| self.account(w)).collect();
        self.counts = HashMap::new();
        self.id_of = HashMap::new();
        let mut place: HashMap<(u32, Key), u32> = HashMap::with_capacity(self.words.len());
        let mut told_before = vec![false; self.words.len()];
        for (i, w) in self.words.iter().enumerate() {
            if let Some(own) = w.own.some() {
                // A mention by the page bears the id of its post, and so may stand for several accounts.
                let known = *place.entry((w.page, own)).or_insert(i as u32) as usize;
                told_before[i] = known != i && accounts[known] == accounts[i];
            }
        }
        let mut placed: Vec<(u32, Key, Key, TimeMs, u32)> = Vec::with_capacity(self.words.len());
        let mut homeless = Vec::new();
        for (i, w) in self.words.iter().enumerate().filter(|(i, _)| !told_before[*i]) {
            let (thread, above) = self.thread_of(i, &place);
            let account = accounts[i].some().or_else(|| above.map(|a| accounts[a])).and_then(Key::some);
            let Some(account) = account else { continue };
            let is_tied = w.kind == EngagementKind::Message || above.is_some() || !w.by_page;
            if is_tied {
                placed.push((w.page, account, thread, time_of(w), i as u32));
            } else {
                homeless.push((account, thread, i as u32));
            }
        }
        drop(place);
        placed.sort_unstable();
        self.home(&mut placed, &mut homeless);
        let mut all = Vec::new();
        for group in placed.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
            let words: Vec<&Said> = group.iter().map(|p| &self.words[p.4 as usize]).collect();
            let (page, account, thread, ..) = group[0];
            let n_engagements = totals.get(&(page, account)).copied().unwrap_or(0);
            all.extend(conversation(page, account, thread, &words, n_engagements));
        }
        all
    }

    /// The thread of a word, and the nearest word of an account above it.
    fn thread_of(&self, i: usize, place: &HashMap<(u32, Key), u32>) -> (Key, Option<usize>) {
        if self.words[i].kind == EngagementKind::Message {
            let above = place.get(&(self.words[i].page, self.words[i].answers)).map(|a| *a as usize);
            return (MESSAGES, above.filter(|a| *a != i));
        }
        let (mut at, mut spoken_by) = (i, None);
        for _ in 0..DEPTH_MAX {
            let w = &self.words[at];
            match w.answers.some().and_then(|a| place.get(&(w.page, a))) {
                Some(above) if *above as usize != at => {
                    at = *above as usize;
                    if spoken_by.is_none() && !self.words[at].by_page {
                        spoken_by = Some(at);
                    }
                }
                _ => break,
            }
        }
        let w = &self.words[at];
        let thread = [w.post, w.answers, w.own].into_iter().find_map(Key::some);
        // Nothing is told but who: all such words of an account are one thread.
        (thread.unwrap_or(Key::NONE), spoken_by)
    }

    /// Places words of the page that answer nothing that is known: in the thread that they name, where the account spoke there;
    /// a reply else in the thread where the account spoke last before it.
    fn home(&self, placed: &mut Vec<(u32, Key, Key, TimeMs, u32)>, homeless: &mut [(Key, Key, u32)]) {
        let page_of = |i: u32| self.words[i as usize].page;
        homeless.sort_unstable_by_key(|&(account, thread, i)| (page_of(i), account, thread, i));
        let mut homes = Vec::new();
        for group in homeless.chunk_by(|a, b| (page_of(a.2), a.0) == (page_of(b.2), b.0)) {
            let (page, account) = (page_of(group[0].2), group[0].0);
            let first = placed.partition_point(|p| (p.0, p.1) < (page, account));
            let own = placed[first..].iter().take_while(|p| (p.0, p.1) == (page, account));
            let own: Vec<_> = own.filter(|p| !self.words[p.4 as usize].by_page).collect();
            let mut by_time: Vec<(TimeMs, u32, Key)> =
                own.iter().filter(|p| p.2 != MESSAGES).map(|p| (p.3, p.4, p.2)).collect();
            by_time.sort_unstable();
            for &(_, thread, i) in group {
                let w = &self.words[i as usize];
                // In order of thread, as they are placed.
                let named = own.binary_search_by_key(&thread, |p| p.2).ok().map(|_| thread);
                let last = || {
                    let before = by_time.partition_point(|o| o.0 <= time_of(w)).checked_sub(1);
                    before.map(|b| by_time[b].2).filter(|_| w.kind == EngagementKind::Reply && w.at.is_some())
                };
                if let Some(thread) = named.or_else(last) {
                    homes.push((page, account, thread, time_of(w), i));
                }
            }
        }
        placed.extend(homes);
        placed.sort_unstable();
    }
}

/// When a word was said; one of no known time stands before all others.
fn time_of(said: &Said) -> TimeMs {
    said.at.unwrap_or(TimeMs(i64::MIN))
}

/// A conversation of words in order of time; `None` where the page alone spoke.
fn conversation(
    page: u32,
    account: Key,
    thread: Key,
    words: &[&Said],
    n_engagements: u32,
) -> Option<(Conversation, Vec<Turn>)> {
    let last = words.iter().rposition(|w| !w.by_page)?;
    let answered: HashSet<Key> = words.iter().filter(|w| w.by_page).filter_map(|w| w.answers.some()).collect();
    let last_answer = words.iter().rposition(|w| w.by_page);
    let is_open = |(i, w): &(usize, &&Said)| {
        !w.by_page && last_answer.is_none_or(|a| *i > a) && !(w.own.some().is_some_and(|own| answered.contains(&own)))
    };
    let open: Vec<&Said> = words.iter().enumerate().filter(is_open).map(|(_, w)| *w).collect();
    // The last word decides: who was answered by its id is answered, whatever came before.
    let awaits = open.last().is_some_and(|w| w.row == words[last].row);
    let open = if awaits { &open[..] } else { &[] };
    let by_page = words.iter().filter(|w| w.by_page);
    let found = Conversation {
        page,
        account,
        is_id: words.iter().any(|w| !w.by_page && w.account.some().is_some()),
        handle: words.iter().rev().filter(|w| !w.by_page).find_map(|w| w.handle.some()).unwrap_or(Key::NONE),
        thread,
        kind: words[last].kind,
        rows: words.iter().map(|w| w.row).collect(),
        last_row: words[last].row,
        n_words: (words.len() - by_page.clone().count()) as u32,
        n_by_page: by_page.clone().count() as u32,
        last_at: words[last].at,
        answered_at: by_page.filter_map(|w| w.at).max(),
        awaits,
        waiting_since: open.iter().find_map(|w| w.at),
        is_question: open.iter().any(|w| w.is_question),
        n_engagements,
    };
    let mut turns = turns(words);
    if turns.is_empty() {
        let first = open.first().copied().or_else(|| words.iter().find(|w| !w.by_page).copied());
        turns.extend(first.map(|w| Turn { row: w.row, at: None, answered_at: None }));
    }
    Some((found, turns))
}

/// The turns of a thread; words of unknown times are in none.
fn turns(words: &[&Said]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut is_open = false;
    for w in words {
        let Some(at) = w.at else { continue };
        if w.by_page {
            if let Some(turn) = turns.last_mut().filter(|_| is_open) {
                turn.answered_at = Some(at);
            }
            is_open = false;
        } else if !is_open {
            turns.push(Turn { row: w.row, at: Some(at), answered_at: None });
            is_open = true;
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::{MESSAGES, Threads};
    use assay_model::{Conversation, EngagementKind, Key, Said, TimeMs, Turn};

    fn said(row: i64, at: i64, by_page: bool) -> Said {
        Said {
            row,
            page: 1,
            at: Some(TimeMs(at)),
            kind: EngagementKind::Comment,
            by_page,
            account: Key::NONE,
            handle: Key::NONE,
            own: Key(1_000 + row as u64),
            answers: Key::NONE,
            post: Key(7),
            is_question: false,
        }
    }

    fn all(words: &[Said]) -> Vec<(Conversation, Vec<Turn>)> {
        let mut threads = Threads::default();
        for w in words {
            threads.take(w);
        }
        let forward = threads.conversations();
        let mut threads = Threads::default();
        words.iter().rev().for_each(|w| threads.take(w));
        assert_eq!(threads.conversations(), forward, "the order of rows does not matter");
        forward
    }

    #[test]
    fn an_answer_ends_the_waiting_and_the_next_word_begins_it_anew() {
        let ann = |row, at| Said { account: Key(50), ..said(row, at, false) };
        let answer = Said { answers: Key(1_001), post: Key::NONE, kind: EngagementKind::Reply, ..said(3, 30, true) };
        let found = all(&[ann(1, 10), ann(2, 20), answer]);
        assert_eq!(found.len(), 1);
        let (c, turns) = &found[0];
        assert_eq!((c.awaits, c.n_words, c.n_by_page, c.waiting_since), (false, 2, 1, None));
        assert_eq!(turns, &[Turn { row: 1, at: Some(TimeMs(10)), answered_at: Some(TimeMs(30)) }]);
        let found = all(&[ann(1, 10), answer, Said { is_question: true, ..ann(4, 40) }, ann(5, 50)]);
        let (c, turns) = &found[0];
        assert_eq!((c.awaits, c.waiting_since, c.last_at), (true, Some(TimeMs(40)), Some(TimeMs(50))));
        assert!(c.is_question && c.rows == [1, 3, 4, 5] && c.last_row == 5 && turns.len() == 2);
        assert_eq!(turns[1], Turn { row: 4, at: Some(TimeMs(40)), answered_at: None });
        // Without any time a conversation is one turn of no known time.
        let untimed = |is_answered| {
            let mut threads = Threads::default();
            for (row, by_page) in [(1, false), (2, is_answered)] {
                threads.take(&Said { at: None, account: Key(50), ..said(row, 0, by_page) });
            }
            let (c, turns) = threads.conversations().remove(0);
            (c.awaits, turns)
        };
        for is_answered in [false, true] {
            assert_eq!(untimed(is_answered), (!is_answered, vec![Turn { row: 1, at: None, answered_at: None }]));
        }
    }

    #[test]
    fn each_account_and_each_post_is_a_thread_and_answers_are_to_one_of_them() {
        let of = |row, at, account, post| Said { account: Key(account), post: Key(post), ..said(row, at, false) };
        // The page answers the second account alone, without saying whom.
        let answer = Said { answers: Key(1_002), ..said(9, 90, true) };
        // And says something below the post to nobody.
        let to_nobody = said(10, 95, true);
        let found = all(&[of(1, 10, 50, 7), of(2, 20, 51, 7), of(3, 30, 50, 8), answer, to_nobody]);
        let told: Vec<_> = found.iter().map(|(c, _)| (c.account.0, c.thread.0, c.awaits)).collect();
        assert_eq!(told, [(50, 7, true), (50, 8, true), (51, 7, false)]);
    }

    #[test]
    fn a_reply_below_a_reply_is_of_the_thread_of_the_first_and_loops_end() {
        let ann = |row, at, answers| Said {
            account: Key(50),
            answers: Key(answers),
            post: Key::NONE,
            ..said(row, at, false)
        };
        let page = |row, at, answers| Said { answers: Key(answers), post: Key::NONE, ..said(row, at, true) };
        let found = all(&[ann(1, 10, 0), page(2, 20, 1_001), ann(3, 30, 1_002), page(4, 40, 1_003)]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.rows.as_slice(), found[0].0.awaits), (&[1, 2, 3, 4][..], false));
        let looped = [ann(1, 10, 1_002), ann(2, 20, 1_001)];
        let mut threads = Threads::default();
        for w in &looped {
            threads.take(w);
        }
        assert_eq!(threads.conversations().iter().map(|c| c.0.n_words).sum::<u32>(), 2);
    }

    #[test]
    fn a_handle_is_the_one_id_that_it_is_met_with() {
        let by_id = Said { account: Key(50), handle: Key(60), ..said(1, 10, false) };
        let by_handle = Said { handle: Key(60), ..said(2, 20, false) };
        let liked = Said { handle: Key(60), kind: EngagementKind::Like, ..said(3, 30, false) };
        let found = all(&[by_id, by_handle, liked]);
        assert_eq!((found.len(), found[0].0.account, found[0].0.n_engagements), (1, Key(50), 3));
        // With two ids it stands for itself.
        let other = Said { account: Key(51), handle: Key(60), ..said(4, 40, false) };
        let found = all(&[by_id, by_handle, other]);
        assert_eq!(found.iter().map(|c| c.0.account.0).collect::<Vec<_>>(), [50, 51, 60]);
    }

    #[test]
    fn what_is_told_twice_is_one_word_and_messages_are_one_thread() {
        let comment = Said { account: Key(50), ..said(1, 10, false) };
        let notified = Said { row: 2, kind: EngagementKind::Reply, ..comment };
        let mut threads = Threads::default();
        for w in &[comment, notified] {
            threads.take(w);
        }
        let found = threads.conversations();
        assert_eq!((found.len(), found[0].0.n_words), (1, 1));
        let message = |row, at, by_page| Said {
            account: Key(50),
            kind: EngagementKind::Message,
            post: Key(row as u64),
            ..said(row, at, by_page)
        };
        let found = all(&[message(1, 10, false), message(2, 20, true), message(3, 30, false)]);
        assert_eq!((found.len(), found[0].0.thread, found[0].0.awaits), (1, MESSAGES, true));
    }

    #[test]
    fn a_reply_of_which_only_the_receiver_is_told_is_of_the_last_thread_before_it() {
        let ann = |row, at, post| Said { account: Key(50), post: Key(post), ..said(row, at, false) };
        let reply = Said {
            account: Key(50),
            kind: EngagementKind::Reply,
            answers: Key(9_999_999),
            post: Key(9_999_999),
            ..said(9, 25, true)
        };
        let told =
            |words: &[Said]| -> Vec<(u64, bool)> { all(words).iter().map(|(c, _)| (c.thread.0, c.awaits)).collect() };
        assert_eq!(told(&[ann(1, 10, 7), ann(2, 20, 8), ann(3, 30, 9), reply]), [(7, true), (8, false), (9, true)]);
        // Thousands of them take no longer than others.
        let mut many: Vec<Said> = (0..40_000).map(|i| ann(100 + i, 10 * i, 7 + i as u64)).collect();
        many.extend((0..40_000).map(|i| Said {
            row: 200_000 + i,
            own: Key::NONE,
            at: Some(TimeMs(10 * i + 5)),
            ..reply
        }));
        assert!(told(&many).iter().all(|(_, awaits)| !awaits));
        // A comment below somebody's post is no answer.
        let comment = Said { kind: EngagementKind::Comment, ..reply };
        assert_eq!(told(&[ann(1, 10, 7), comment]), [(7, true)]);
        // Nobody to whom nobody spoke.
        assert_eq!(told(&[reply]), []);
    }
}

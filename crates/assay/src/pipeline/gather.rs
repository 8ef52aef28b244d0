//! Gathers the facts that importers hand over into the columns of one page.

use assay_import::Sink;
use assay_model::{Audience, DayCount, Fact, Go, ListOrder, Loss, PageFacts, Reject, TimeQuality};

/// How many rejected rows are kept for the reader; all are counted.
const REJECTS_KEPT: usize = 1_000;
/// How many different notes are kept, so that a hostile file cannot fill the memory with them.
const NOTES_KEPT: usize = 200;

/// What the importers said so far.
pub(super) struct Gathered {
    /// The rows of the follower list as they stand in their files.
    pub(super) list: Audience,
    /// Daily counts as they stand in their files.
    pub(super) daily: Vec<DayCount>,
    /// Accounts that stopped following.
    pub(super) losses: Vec<Loss>,
    /// What the files say of themselves.
    pub(super) facts: PageFacts,
    /// How the rows of the list are ordered.
    pub(super) order: ListOrder,
    /// How well follow times of the format are known.
    pub(super) quality: TimeQuality,
    /// Handles of other pages that the inputs name beside the first.
    pub(super) other_pages: Vec<String>,
}

/// A sink that keeps what it is given.
pub(super) struct Gather(Gathered);

impl Default for Gather {
    fn default() -> Self {
        Self(Gathered {
            list: Audience::default(),
            daily: Vec::new(),
            losses: Vec::new(),
            facts: PageFacts::default(),
            order: ListOrder::Stated,
            quality: TimeQuality::Unknown,
            other_pages: Vec::new(),
        })
    }
}

impl Gather {
    /// What was gathered.
    pub(super) fn into_gathered(self) -> Gathered {
        self.0
    }
}

impl Sink for Gather {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        let page = &mut self.0;
        match fact {
            Fact::Follow(follow) => page.list.push(&follow),
            Fact::DayCount(count) => page.daily.push(count),
            Fact::Loss(loss) => page.losses.push(loss),
            // An audit reads who follows, and nothing else.
            Fact::Post(_)
            | Fact::AccountDay(_)
            | Fact::PostDay(_)
            | Fact::Engagement(_)
            | Fact::Ad(_)
            | Fact::Sale(_)
            | Fact::SaleLine(_)
            | Fact::Refund(_)
            | Fact::Visit(_)
            | Fact::Contact(_) => {}
            Fact::PageHandle(handle) => match &page.facts.handle {
                None => page.facts.handle = Some(handle.to_owned()),
                Some(first) if first != handle && !page.other_pages.iter().any(|h| h == handle) => {
                    page.other_pages.push(handle.to_owned());
                }
                Some(_) => {}
            },
            Fact::ExportedAt(at) => page.facts.exported_at = page.facts.exported_at.max(Some(at)),
            Fact::FollowersExpected(n) => page.facts.followers_expected = page.facts.followers_expected.max(Some(n)),
            Fact::Order(order) => page.order = order,
            Fact::Quality(quality) => page.quality = quality,
            Fact::Note(note) => {
                if page.facts.notes.len() < NOTES_KEPT && !page.facts.notes.iter().any(|n| n == note) {
                    page.facts.notes.push(note.to_owned());
                }
            }
        }
        Go::On
    }

    fn follows(&mut self, block: &Audience) -> Go {
        self.0.list.append(block);
        Go::On
    }

    fn reject(&mut self, reject: Reject) -> Go {
        let facts = &mut self.0.facts;
        facts.n_rejected += 1;
        if facts.rejects.len() < REJECTS_KEPT {
            facts.rejects.push(reject);
        }
        Go::On
    }
}

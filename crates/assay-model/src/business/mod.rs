//! A business as columns of facts: what it posted, what people did, what it spent, what customers bought.
//!
//! A [`Business`] is built by pushing facts ([`Business::take`]), whether they come from files or from a workspace, and is put
//! in order once ([`Business::finish`]). Every row keeps the row of the file that it came from; texts are kept once, as
//! [`Name`]s. What is told twice counts once: of a post's rows and of an account's days the later figures stand.

mod keep;
mod names;
mod order;
mod rows;
mod table;

pub use names::{Name, NameTable};
pub use rows::{
    AccountDayRow, AdSpendRow, Amount, ContactRow, Currency, DayCountRow, EngagementRow, FollowerRow, JoinedRow,
    Network, PostDayRow, PublishedRow, RefundRow, SaleRow, SiteVisitRow, TurnRow, interactions,
};
pub use table::{BusinessTable, TableRows};

use crate::audience::RowRef;
use crate::calendar::Calendar;
use crate::customer::CustomerName;
use crate::fact::Fact;
use crate::figures::Figures;
use crate::money::{Decimal, minor_places};
use crate::outcome::Share;
use crate::time::Span;
use crate::verdict::Class;
use assay_math::Estimate;

/// What is known of one business, in the order in which it was told.
#[derive(Debug, Clone, Default)]
pub struct Business {
    /// Texts.
    pub names: NameTable,
    /// How days and weeks are counted.
    pub calendar: Calendar,
    /// Names of networks; the first is empty and stands for none.
    pub networks: Vec<String>,
    /// ISO 4217 codes, upper case; the first is that of amounts that name none, empty where nobody told it.
    pub currencies: Vec<String>,
    /// Followers.
    pub followers: Vec<FollowerRow>,
    /// What an audit says of the followers.
    pub judged: Option<Judged>,
    /// Follows and losses by day.
    pub day_counts: Vec<DayCountRow>,
    /// Figures of accounts by day.
    pub account_days: Vec<AccountDayRow>,
    /// Posts.
    pub posts: Vec<PublishedRow>,
    /// Further rows that told of a post: a place in `posts`, and the row.
    pub post_rows: Vec<(u32, RowRef)>,
    /// Figures of posts by day.
    pub post_days: Vec<PostDayRow>,
    /// What people did.
    pub engagements: Vec<EngagementRow>,
    /// Turns of conversations, which are made of the engagements.
    pub turns: Vec<TurnRow>,
    /// What advertising cost and brought.
    pub ads: Vec<AdSpendRow>,
    /// Orders.
    pub sales: Vec<SaleRow>,
    /// Money given back.
    pub refunds: Vec<RefundRow>,
    /// Visits to the site.
    pub visits: Vec<SiteVisitRow>,
    /// Contacts.
    pub contacts: Vec<ContactRow>,
    /// Accounts and customers that are one person, on a basis beside the handles that stand in orders.
    pub joined: Vec<JoinedRow>,
    /// Lines of orders that were told, which no metric needs one by one.
    pub n_lines: u64,
    /// Amounts that are too large to be counted in minor units, and were taken as not told.
    pub n_too_large: u64,
    order: order::Ordered,
    network: Network,
    first_file: u32,
    scratch: String,
}

/// What an audit says of the followers, one entry a follower in the order of [`Business::followers`].
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Whose judgement it is, such as `the audit of these followers` or a file's name.
    pub basis: String,
    /// The class of each follower.
    pub class: Vec<Class>,
    /// Shares of the followers.
    pub inauthentic_share: Share,
    /// Those who are no longer active.
    pub dormant_share: Share,
    /// People.
    pub genuine_share: Share,
    /// Followers delivered together that look bought: when they came (where that is known), and how many of them look bought.
    pub batches: Vec<(Option<Span>, Estimate)>,
}

/// Spaces of names: texts of one space are of one kind. Those of networks follow behind.
const WORDS: u16 = 0;
const EMAILS: u16 = 1;
const GIVEN_HANDLES: u16 = 2;
const FIRST_OF_NETWORKS: u16 = 3;
/// Networks told apart; further ones count as none.
const NETWORKS_MAX: usize = 1_000;
/// Currencies told apart; amounts in further ones count as not told.
const CURRENCIES_MAX: usize = 500;

impl Business {
    /// A business of which nothing is known yet. `nameless` is the currency of amounts that name none, where the user told it.
    pub fn new(nameless: Option<&str>) -> Self {
        Self {
            networks: vec![String::new()],
            currencies: vec![nameless.unwrap_or_default().trim().to_ascii_uppercase()],
            ..Self::default()
        }
    }

    /// What follows is of this network, and its files are counted from `first_file`, which is added modulo 2^32.
    pub fn begin(&mut self, network: Option<&str>, first_file: u32) {
        let network = network.unwrap_or_default().to_lowercase();
        self.network = match self.networks.iter().position(|n| *n == network) {
            Some(place) => Network(place as u16),
            None if self.networks.len() < NETWORKS_MAX => {
                self.networks.push(network);
                Network(self.networks.len() as u16 - 1)
            }
            None => Network(0),
        };
        self.first_file = first_file;
    }

    /// An account of the network that [`Business::begin`] named and a customer are one person.
    pub fn join(&mut self, account_id: Option<&str>, handle: Option<&str>, customer_id: &str) {
        let (account, handle) = (self.account(account_id), self.handle(handle));
        let customer = self.customer(Some(customer_id));
        self.joined.push(JoinedRow { account, handle, customer });
    }

    /// Adds a turn of the network that [`Business::begin`] named.
    pub fn take_turn(&mut self, turn: TurnRow) {
        self.turns.push(TurnRow { network: self.network, row: self.at(turn.row), ..turn });
    }

    /// Adds a fact. Texts that a figure needs are kept; others are not.
    pub fn take(&mut self, fact: &Fact<'_>) {
        let network = self.network;
        match fact {
            Fact::Follow(f) => {
                let row = FollowerRow {
                    network,
                    account: self.account(f.account_id),
                    handle: self.handle(f.handle),
                    followed_at: f.followed_at,
                    row: self.at(f.source),
                };
                self.followers.push(row);
            }
            Fact::DayCount(c) => self.day_counts.push(DayCountRow {
                network,
                day: c.day,
                follows: c.follows,
                unfollows: c.unfollows,
                paid: c.paid,
                row: self.at(c.source),
            }),
            Fact::AccountDay(d) => self.account_days.push(AccountDayRow {
                network,
                day: d.day,
                followers: d.followers,
                figures: d.figures,
                row: self.at(d.source),
            }),
            Fact::PostDay(d) => {
                let post = self.post(Some(d.post_id));
                let row = PostDayRow { network, post, day: d.day, figures: d.figures, row: self.at(d.source) };
                self.post_days.push(row);
            }
            Fact::Post(p) => {
                let n = |value: Option<u32>| value.map(i64::from);
                let figures = Figures {
                    impressions: n(p.impressions),
                    reach: n(p.reach),
                    views: n(p.views),
                    engagements: n(p.engagements),
                    likes: n(p.likes),
                    comments: n(p.comments),
                    shares: n(p.shares),
                    saves: n(p.saves),
                    clicks: n(p.clicks),
                    follows: n(p.follows),
                    ..Figures::default()
                };
                let row = PublishedRow {
                    network,
                    post: self.post(p.post_id.or(p.link)),
                    published_at: p.published_at,
                    kind: self.word(p.kind),
                    figures,
                    fan_reach: n(p.fan_reach),
                    followers: n(p.followers),
                    row: self.at(p.source),
                };
                self.posts.push(row);
            }
            Fact::Engagement(e) => {
                let row = EngagementRow {
                    at: e.at,
                    account: self.account(e.account_id),
                    handle: self.handle(e.handle),
                    post: self.post(e.post_id),
                    network,
                    kind: e.kind,
                    by_page: e.by_page,
                    row: self.at(e.source),
                };
                self.engagements.push(row);
            }
            Fact::Ad(_) | Fact::Sale(_) | Fact::SaleLine(_) | Fact::Refund(_) | Fact::Visit(_) | Fact::Contact(_) => {
                self.take_commerce(fact);
            }
            Fact::Loss(_)
            | Fact::PageHandle(_)
            | Fact::ExportedAt(_)
            | Fact::FollowersExpected(_)
            | Fact::Order(_)
            | Fact::Quality(_)
            | Fact::Note(_) => {}
        }
    }

    fn take_commerce(&mut self, fact: &Fact<'_>) {
        match fact {
            Fact::Ad(a) => {
                let currency = self.currency(a.currency);
                let row = AdSpendRow {
                    from: a.from,
                    to: a.to.or(a.from),
                    platform: self.word(a.platform),
                    campaign: self.word(a.campaign.or(a.campaign_id)),
                    age: self.word(a.age),
                    gender: self.word(a.gender),
                    interest: self.word(a.interest),
                    region: self.word(a.region),
                    spend: self.amount(a.spend, currency),
                    impressions: a.impressions,
                    reach: a.reach,
                    clicks: a.clicks,
                    engagements: a.engagements,
                    follows: a.follows,
                    conversions: a.conversions.filter(|c| c.is_finite()),
                    purchases: a.purchases.filter(|p| p.is_finite()),
                    conversion_value: self.amount(a.conversion_value, currency),
                    row: self.at(a.source),
                };
                self.ads.push(row);
            }
            Fact::Sale(o) => {
                let currency = self.currency(o.currency);
                let email = self.folded(EMAILS, o.email);
                let row = SaleRow {
                    at: o.ordered_at,
                    total: self.amount(o.total, currency),
                    refunded_minor: self.amount(o.refunded, currency).map(|a| a.minor),
                    order: self.word(o.order_id),
                    customer: self.customer(o.customer_id).some().unwrap_or(email),
                    came_from: self.word(o.came_from),
                    discount_code: self.word(o.discount_code),
                    email,
                    handle: self.folded(GIVEN_HANDLES, o.handle),
                    is_cancelled: o.is_cancelled(),
                    row: self.at(o.row),
                };
                self.sales.push(row);
            }
            Fact::SaleLine(_) => self.n_lines += 1,
            Fact::Refund(r) => {
                let currency = self.currency(r.currency);
                let row = RefundRow {
                    at: r.at,
                    order: self.word(r.order_id),
                    amount: self.amount(r.amount, currency),
                    is_told_by_order: false,
                    row: self.at(r.row),
                };
                self.refunds.push(row);
            }
            Fact::Visit(v) => {
                let currency = self.currency(v.currency);
                let row = SiteVisitRow {
                    from: v.from,
                    to: v.to.or(v.from),
                    came_from: self.word(v.came_from),
                    medium: self.word(v.medium),
                    campaign: self.word(v.campaign),
                    visitors: v.visitors,
                    visits: v.visits,
                    engaged_visits: v.engaged_visits,
                    conversions: v.conversions.filter(|c| c.is_finite()),
                    revenue: self.amount(v.revenue, currency),
                    row: self.at(v.source),
                };
                self.visits.push(row);
            }
            Fact::Contact(c) => {
                let row = ContactRow {
                    created_at: c.created_at,
                    email: self.folded(EMAILS, c.email),
                    handle: self.folded(GIVEN_HANDLES, c.handle),
                    came_from: self.word(c.came_from),
                    row: self.at(c.source),
                };
                self.contacts.push(row);
            }
            _ => {}
        }
    }

    /// The text of a name; empty for none.
    pub fn text(&self, name: Name) -> &str {
        self.names.get(name).unwrap_or_default()
    }

    /// The code of a currency; `None` where nobody told it.
    pub fn code(&self, currency: Currency) -> Option<&str> {
        self.currencies.get(usize::from(currency.0)).map(String::as_str).filter(|c| !c.is_empty())
    }

    fn at(&self, row: RowRef) -> RowRef {
        RowRef { file: row.file.wrapping_add(self.first_file), ..row }
    }

    fn word(&mut self, text: Option<&str>) -> Name {
        self.names.keep(WORDS, text.unwrap_or_default().trim())
    }

    fn customer(&mut self, name: Option<&str>) -> Name {
        self.names.keep(WORDS, &CustomerName::of(name.unwrap_or_default()).into_text())
    }

    fn space(&self, kind: u16) -> u16 {
        FIRST_OF_NETWORKS + 3 * self.network.0 + kind
    }

    fn account(&mut self, id: Option<&str>) -> Name {
        self.names.keep(self.space(0), id.unwrap_or_default())
    }

    fn handle(&mut self, handle: Option<&str>) -> Name {
        self.folded(self.space(1), handle)
    }

    fn post(&mut self, id: Option<&str>) -> Name {
        self.names.keep(self.space(2), id.unwrap_or_default())
    }

    /// A text whose case and leading `@` do not matter.
    fn folded(&mut self, space: u16, text: Option<&str>) -> Name {
        let text = text.unwrap_or_default().trim().trim_start_matches('@');
        if text.bytes().all(|b| !b.is_ascii_uppercase() && b.is_ascii()) {
            return self.names.keep(space, text);
        }
        self.scratch.clear();
        self.scratch.extend(text.chars().flat_map(char::to_lowercase));
        self.names.keep(space, &self.scratch)
    }

    fn currency(&mut self, code: Option<&str>) -> Option<Currency> {
        let code = code.unwrap_or_default().trim();
        if code.is_empty() {
            return Some(Currency(0));
        }
        match self.currencies.iter().position(|c| c.eq_ignore_ascii_case(code)) {
            None if self.currencies.len() < CURRENCIES_MAX => {
                self.currencies.push(code.to_ascii_uppercase());
                Some(Currency(self.currencies.len() as u16 - 1))
            }
            place => place.map(|p| Currency(p as u16)),
        }
    }

    fn amount(&mut self, amount: Option<Decimal>, currency: Option<Currency>) -> Option<Amount> {
        let (amount, currency) = (amount?, currency?);
        let minor = amount.minor(minor_places(self.code(currency).unwrap_or_default()));
        self.n_too_large += u64::from(minor.is_none());
        Some(Amount { minor: minor?, currency })
    }
}

#[cfg(test)]
mod tests;

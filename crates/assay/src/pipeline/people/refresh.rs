//! Makes the conversations of a workspace anew, with what is known of their accounts: audits, customers, orders.

use crate::pipeline::{Error, Step, Watch};
use assay_model::{Conversation, Fact, Go, Key, TimeMs, minor_places};
use assay_relations::{Bought, Threads, shares_below};
use assay_store::{FactKind, Join, Known, Of, PageSpoken, Workspace, key_of_handle, key_of_id};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Rows between two ticks.
const TICK_ROWS: u64 = 1 << 15;

/// An account: the place of its network, and the key of its id or handle.
type On = (u16, Key);

/// Brings the conversations that are kept up to the facts, and who is left out up to the verdicts; does nothing where they are.
/// Answers whether the conversations were made anew.
///
/// # Errors
/// If the workspace cannot be read or written, or `watch` answers stop.
pub fn refresh(store: &mut Workspace, watch: &mut Watch<'_>) -> Result<bool, Error> {
    if !store.conversations_are_stale()? {
        super::response::leave_out(store)?;
        return Ok(false);
    }
    let step = Step::Named("reading who said what");
    let mut threads = Threads::default();
    let mut n_read = 0_u64;
    store.said(&mut |said| {
        threads.take(said);
        n_read += 1;
        if n_read.is_multiple_of(TICK_ROWS) { watch(step, n_read, n_read) } else { Go::On }
    })?;
    let networks = Networks::of(store)?;
    let pages: Vec<PageSpoken> = networks
        .of_page
        .keys()
        .map(|&page| PageSpoken { page_id: i64::from(page), until: threads.until(page), speaks: threads.speaks(page) })
        .collect();
    let mut all = Vec::new();
    for (conversation, turns) in threads.conversations() {
        all.push((store.conversation_id(&conversation)?, conversation, turns));
    }
    let judged = judged(store, &networks, all.iter().map(|(_, c, _)| c), watch)?;
    let people = people(store, &networks, all.iter().map(|(_, c, _)| c))?;
    let known = |c: &Conversation| {
        let person = people.of(&networks, c);
        Known {
            probability: judged.of(&networks, c),
            customer_id: person.map(|p| p.customer.as_str()),
            basis: person.map(|p| p.basis.as_str()),
            n_orders: person.map_or(0, |p| p.bought.n_orders),
            spent: person.map_or(&[][..], |p| &p.bought.spent),
            below_share: person.and_then(|p| p.bought.below_share),
            last_order_at: person.and_then(|p| p.last_order_at),
            n_engagements: person.map_or(c.n_engagements, |p| p.n_engagements),
        }
    };
    store.keep_conversations(&all, &pages, &known)?;
    super::response::leave_out(store)?;
    Ok(true)
}

/// Which network each page is of.
struct Networks {
    names: Vec<String>,
    of_page: BTreeMap<u32, u16>,
}

impl Networks {
    fn of(store: &Workspace) -> Result<Self, Error> {
        let mut found = Self { names: Vec::new(), of_page: BTreeMap::new() };
        for page in store.pages()? {
            let place = found.names.iter().position(|n| *n == page.network).unwrap_or_else(|| {
                found.names.push(page.network.clone());
                found.names.len() - 1
            });
            found.of_page.insert(u32::try_from(page.id).unwrap_or(u32::MAX), u16::try_from(place).unwrap_or(u16::MAX));
        }
        Ok(found)
    }

    fn on(&self, page: u32, key: Key) -> On {
        (self.of_page.get(&page).copied().unwrap_or(u16::MAX), key)
    }

    /// The network that a join names. One that names none is of the only network that there is.
    fn place(&self, name: &str) -> Option<u16> {
        let named = |(i, n): (usize, &String)| (!n.is_empty() && (n == name || name.is_empty())).then_some(i as u16);
        let mut all = self.names.iter().enumerate().filter_map(named);
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }
}

/// Probabilities of accounts that spoke, by id and by handle.
#[derive(Default)]
struct JudgedAccounts {
    ids: HashMap<On, f32>,
    /// Those of which the list tells no id.
    handles_alone: HashMap<On, f32>,
    handles: HashMap<On, f32>,
}

impl JudgedAccounts {
    /// An id tells an account; a handle does where one of the two sides tells no id.
    fn of(&self, networks: &Networks, c: &Conversation) -> Option<f32> {
        let handle = networks.on(c.page, c.handle);
        if c.is_id {
            let by_id = self.ids.get(&networks.on(c.page, c.account));
            return by_id.or_else(|| self.handles_alone.get(&handle)).copied();
        }
        self.handles.get(&networks.on(c.page, c.account)).copied()
    }
}

/// What the newest audit of each page says of those who spoke; where pages of one network disagree, the greater.
fn judged<'a>(
    store: &Workspace,
    networks: &Networks,
    all: impl Iterator<Item = &'a Conversation>,
    watch: &mut Watch<'_>,
) -> Result<JudgedAccounts, Error> {
    let mut spoke: HashSet<On> = HashSet::new();
    for c in all {
        spoke.extend([c.account, c.handle].into_iter().filter_map(Key::some).map(|key| networks.on(c.page, key)));
    }
    let mut found = JudgedAccounts::default();
    let mut n_read = 0_u64;
    for &page in networks.of_page.keys() {
        store.judged(i64::from(page), &mut |id, handle, p| {
            let add = |map: &mut HashMap<On, f32>, key: Key| {
                let on = networks.on(page, key);
                if key != Key::NONE && spoke.contains(&on) {
                    let held = map.entry(on).or_insert(p);
                    *held = held.max(p);
                }
            };
            add(&mut found.ids, id);
            add(&mut found.handles, handle);
            if id == Key::NONE {
                add(&mut found.handles_alone, handle);
            }
            n_read += 1;
            if n_read.is_multiple_of(TICK_ROWS) {
                watch(Step::Named("reading verdicts"), n_read, n_read)
            } else {
                Go::On
            }
        })?;
    }
    Ok(found)
}

/// Somebody who is joined with a customer.
struct Person {
    customer: String,
    basis: String,
    bought: Bought,
    last_order_at: Option<TimeMs>,
    n_engagements: u32,
}

#[derive(Default)]
struct People {
    all: Vec<Person>,
    of: HashMap<On, usize>,
}

impl People {
    fn of(&self, networks: &Networks, c: &Conversation) -> Option<&Person> {
        let found = self.place(networks, c)?;
        self.all.get(found)
    }

    fn place(&self, networks: &Networks, c: &Conversation) -> Option<usize> {
        let by = |key: Key| self.of.get(&networks.on(c.page, key)).copied().filter(|_| key != Key::NONE);
        by(c.account).or_else(|| by(c.handle))
    }
}

/// Joins accounts with customers, and tells what these bought.
fn people<'a>(
    store: &Workspace,
    networks: &Networks,
    all: impl Iterator<Item = &'a Conversation> + Clone,
) -> Result<People, Error> {
    let mut joins: Vec<Join> = store.joins()?.into_iter().filter(|j| j.customer_id.is_some()).collect();
    if joins.is_empty() {
        return Ok(People::default());
    }
    // Of several customers of one account, the one who ordered most.
    joins.sort_by(|a, b| b.n_orders.cmp(&a.n_orders).then_with(|| a.customer_id.cmp(&b.customer_id)));
    let mut people = People::default();
    let mut place: HashMap<String, usize> = HashMap::new();
    for join in joins {
        let (Some(network), Some(customer)) = (networks.place(&join.network), join.customer_id) else { continue };
        let person = *place.entry(customer.clone()).or_insert_with(|| {
            let bought = Bought::default();
            people.all.push(Person { customer, basis: join.basis, bought, last_order_at: None, n_engagements: 0 });
            people.all.len() - 1
        });
        let keys = [join.account_id.map(|id| key_of_id(&id)), join.handle.map(|handle| key_of_handle(&handle))];
        for key in keys.into_iter().flatten() {
            people.of.entry((network, key)).or_insert(person);
        }
    }
    let mut counted: HashSet<(u32, Key)> = HashSet::new();
    for c in all {
        if let Some(person) = people.place(networks, c)
            && counted.insert((c.page, c.account))
        {
            let n = &mut people.all[person].n_engagements;
            *n = n.saturating_add(c.n_engagements);
        }
    }
    bought(store, &mut people.all, &place)?;
    Ok(people)
}

/// What the customers bought: orders that were not cancelled, less what their rows say was given back.
fn bought(store: &Workspace, people: &mut [Person], place: &HashMap<String, usize>) -> Result<(), Error> {
    let mut spent: BTreeMap<String, HashMap<String, i64>> = BTreeMap::new();
    store.facts(FactKind::Sale, Of::All, &mut |fact| {
        let Fact::Sale(order) = fact else { return Go::On };
        let Some(customer) = order.customer_id.filter(|_| !order.is_cancelled()) else { return Go::On };
        let code = order.currency.unwrap_or("").trim().to_ascii_uppercase();
        let minor = |amount: assay_model::Decimal| amount.minor(minor_places(&code));
        if let Some(&person) = place.get(customer) {
            let person = &mut people[person];
            person.bought.n_orders += 1;
            person.last_order_at = person.last_order_at.max(order.ordered_at);
        }
        if let Some(total) = order.total.and_then(minor).filter(|t| *t >= 0) {
            let back = order.refunded.and_then(minor).unwrap_or(0);
            let of_currency = spent.entry(code).or_default();
            let sum = match of_currency.get_mut(customer) {
                Some(sum) => sum,
                None => of_currency.entry(customer.to_owned()).or_insert(0),
            };
            *sum = sum.saturating_add(total.saturating_sub(back));
        }
        Go::On
    })?;
    for (code, of_currency) in spent {
        let (customers, amounts): (Vec<String>, Vec<i64>) = of_currency.into_iter().unzip();
        for ((customer, minor), share) in customers.iter().zip(&amounts).zip(shares_below(&amounts)) {
            let Some(&person) = place.get(customer) else { continue };
            let bought = &mut people[person].bought;
            bought.spent.push((code.clone(), *minor));
            bought.below_share = Some(bought.below_share.map_or(share, |before| before.max(share)));
        }
    }
    Ok(())
}

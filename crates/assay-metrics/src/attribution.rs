//! Attribution: which channel is credited with the orders, by five rules side by side.
//!
//! A touch of an order is: where the order says it came from, at its time; where earlier orders of the same customer came from;
//! where the business's contact with the customer's e-mail address came from, when it came into the list; and the network on
//! which a person engaged whose handle the customer gave. Touches of the [`LOOKBACK_DAYS`] days before the order count.
//!
//! All five rules split what was observed: the credit always adds up to the orders, so none of them can say that a channel
//! brought nothing. What a channel adds is told by an experiment alone; where one is given, the credit of the last touch is
//! multiplied by its factor.

use crate::frame::{Frame, missing};
use crate::having::{CONTACTS_UNTIL, ENGAGED_UNTIL, ORDERS, ORDERS_UNTIL};
use crate::metric::{Answer, Figure, Kind, Metric, Part, Unit, Value};
use assay_math::Estimate;
use assay_model::{Business, DAY_MS, Name};
use std::collections::{BTreeMap, HashMap};

/// Touches before an order that count. Ninety days is what most suites use at the longest.
pub const LOOKBACK_DAYS: i64 = 90;
/// The credit of a touch halves with so many days before the order (the usual week).
pub const HALF_LIFE_DAYS: f64 = 7.0;
/// The rules.
const RULES: [&str; 5] = ["last", "first", "linear", "position", "time decay"];

/// Attribution.
pub(crate) const ATTRIBUTION: Metric = Metric {
    id: "attribution",
    name: "Orders credited to channels, by five rules",
    kind: Kind::Attribution,
    unit: Unit::Count,
    definition: "orders of the window credited to the channels that their customers met: all to the last, all to the first, evenly, \
                 40/20/40 by position, and halving with every 7 days before the order; the value is the orders that any touch is \
                 known of",
    numerator: "orders",
    denominator: "",
    traps: "not incrementality: every rule splits the orders that came, and none can say that a channel brought nothing; only an \
            experiment tells that (--experiments FILE)",
    source: "last, first, linear, position-based and time-decay attribution as analytics suites define them",
    reads: &[ORDERS, ORDERS_UNTIL, CONTACTS_UNTIL, ENGAGED_UNTIL],
    answer,
    control: Some(8.0),
};

fn answer(frame: &Frame<'_>) -> Answer {
    let b = frame.business;
    let beside = Beside::of(frame);
    let mut channels: Vec<String> = Vec::new();
    // The channel of each name, once it is known.
    let mut of_name: Vec<Option<u16>> = vec![None; b.names.len()];
    let mut of_text: BTreeMap<String, u16> = BTreeMap::new();
    let mut channel = |name: Name, network: Option<&str>| -> u16 {
        let known = of_name.get(name.0 as usize).copied().flatten();
        if let (Some(known), None) = (known, network) {
            return known;
        }
        let text = network.unwrap_or_else(|| b.text(name)).to_lowercase();
        let place = *of_text.entry(text.clone()).or_insert_with(|| {
            channels.push(text);
            (channels.len() - 1).min(usize::from(u16::MAX)) as u16
        });
        if let (None, Some(own)) = (network, of_name.get_mut(name.0 as usize)) {
            *own = Some(place);
        }
        place
    };
    let mut credit: Vec<[f64; RULES.len()]> = Vec::new();
    let (mut n, mut n_untold) = (0_u64, 0_u64);
    let mut path: Vec<(i64, u16)> = Vec::new();
    let in_window = in_window(frame);
    for own in crate::customers::own_orders(frame) {
        if !own.iter().any(|i| in_window[*i as usize]) {
            continue;
        }
        let own_beside = beside.touches(b, own);
        for (k, i) in own.iter().enumerate().filter(|(_, i)| in_window[**i as usize]) {
            let sale = &b.sales[*i as usize];
            let Some(at) = sale.at.map(|t| t.0) else { continue };
            let since = at - LOOKBACK_DAYS * DAY_MS;
            path.clear();
            for earlier in own[..=k].iter().rev() {
                let earlier = &b.sales[*earlier as usize];
                let Some(when) = earlier.at.map(|t| t.0).filter(|w| *w >= since) else { break };
                if earlier.came_from.is_some() {
                    path.push((when, channel(earlier.came_from, None)));
                }
            }
            path.reverse();
            for (when, name, network) in &own_beside {
                if (since..=at).contains(when) {
                    path.push((*when, channel(*name, network.map(|n| b.networks[n].as_str()))));
                }
            }
            if path.is_empty() {
                n_untold += 1;
                continue;
            }
            n += 1;
            path.sort_by_key(|t| t.0);
            give(&path, at, &mut credit);
        }
    }
    if n == 0 {
        return Err(missing(
            "orders of known customers in the window that say where they came from",
            "orders with a column source, or contacts with their source",
        ));
    }
    let mut figure = Figure::counted(n as f64);
    for (text, place) in &of_text {
        let own = credit.get(usize::from(*place)).copied().unwrap_or_default();
        for (rule, value) in RULES.iter().zip(own) {
            let labels = vec![text.clone(), (*rule).to_owned()];
            figure.parts.push(Part { labels, value: Value::Exact(value), of: Some((value, n as f64)) });
        }
        for c in frame.asked.calibrations.iter().filter(|c| c.channel.to_lowercase() == *text) {
            let f = &c.factor;
            let scaled = Estimate::new(own[0] * f.point, own[0] * f.low, own[0] * f.high, f.confidence);
            let when = c.day.map_or_else(String::new, |d| format!(" of {}", assay_model::when::iso_day(d)));
            let labels = vec![text.clone(), format!("last × experiment{when}")];
            figure.parts.push(Part { labels, value: Value::Estimated(scaled), of: None });
        }
    }
    if n_untold > 0 {
        figure = figure.note(format!("{n_untold} orders have no known touch and are in no credit"));
    }
    Ok(figure.note("credit is not incrementality: it adds up to the orders whatever a channel brought"))
}

fn in_window(frame: &Frame<'_>) -> Vec<bool> {
    let mut is_in = vec![false; frame.business.sales.len()];
    for (i, _) in frame.sold() {
        is_in[i as usize] = true;
    }
    is_in
}

/// Gives an order's credit to its touches, by every rule; touches are in order of time.
fn give(path: &[(i64, u16)], at: i64, credit: &mut Vec<[f64; RULES.len()]>) {
    let k = path.len();
    let decay = |when: i64| (-((at - when) as f64) / DAY_MS as f64 / HALF_LIFE_DAYS).exp2();
    let all: f64 = path.iter().map(|t| decay(t.0)).sum();
    for (j, (when, channel)) in path.iter().enumerate() {
        let position = match k {
            1 => 1.0,
            2 => 0.5,
            _ if j == 0 || j == k - 1 => 0.4,
            _ => 0.2 / (k - 2) as f64,
        };
        let place = usize::from(*channel);
        if credit.len() <= place {
            credit.resize(place + 1, [0.0; RULES.len()]);
        }
        let shares = [
            f64::from(u8::from(j == k - 1)),
            f64::from(u8::from(j == 0)),
            1.0 / k as f64,
            position,
            decay(*when) / all,
        ];
        credit[place].iter_mut().zip(shares).for_each(|(c, s)| *c += s);
    }
}

/// Touches that orders do not tell: contacts by e-mail address, and engagements of persons by the handle that customers gave.
struct Beside {
    contacts: HashMap<Name, (i64, Name)>,
    engaged: HashMap<Name, Vec<(i64, usize)>>,
}

impl Beside {
    fn of(frame: &Frame<'_>) -> Self {
        let b = frame.business;
        let contacts =
            b.contacts.iter().filter_map(|c| Some((c.email.some()?, (c.created_at?.0, c.came_from.some()?))));
        let mut engaged: HashMap<Name, Vec<(i64, usize)>> = HashMap::new();
        if b.sales.iter().any(|s| s.handle.is_some()) {
            for e in b.engagements.iter().filter(|e| !e.by_page) {
                if let (Some(at), Some(who)) = (e.at, frame.person(e).some()) {
                    engaged.entry(who).or_default().push((at.0, usize::from(e.network.0)));
                }
            }
        }
        Self { contacts: contacts.collect(), engaged }
    }

    /// Of one customer: when, and a name or a network.
    fn touches(&self, b: &Business, own: &[u32]) -> Vec<(i64, Name, Option<usize>)> {
        let mut touches = Vec::new();
        if self.contacts.is_empty() && self.engaged.is_empty() {
            return touches;
        }
        let sales = || own.iter().map(|i| &b.sales[*i as usize]);
        let emails: std::collections::BTreeSet<Name> = sales().filter_map(|s| s.email.some()).collect();
        touches.extend(emails.iter().filter_map(|e| self.contacts.get(e)).map(|(at, from)| (*at, *from, None)));
        let handles: std::collections::BTreeSet<Name> = sales().filter_map(|s| s.handle.some()).collect();
        for person in handles.into_iter().flat_map(|h| b.persons_of_given(h)) {
            let own = self.engaged.get(&person).into_iter().flatten();
            touches.extend(own.filter(|(_, n)| !b.networks[*n].is_empty()).map(|(at, n)| (*at, Name::NONE, Some(*n))));
        }
        touches
    }
}

#[cfg(test)]
mod tests {
    use super::give;
    use assay_model::DAY_MS;

    /// Four touches, the last at the order, the others 7, 14 and 21 days before: weights 1/8, 1/4, 1/2, 1 of 15/8.
    #[test]
    fn every_rule_gives_one_order_in_all() {
        let path = [(0, 0), (7 * DAY_MS, 1), (14 * DAY_MS, 0), (21 * DAY_MS, 2)];
        let mut credit = Vec::new();
        give(&path, 21 * DAY_MS, &mut credit);
        let want = [
            [0.0, 1.0, 0.5, 0.5, (0.125 + 0.5) / 1.875],
            [0.0, 0.0, 0.25, 0.1, 0.25 / 1.875],
            [1.0, 0.0, 0.25, 0.4, 1.0 / 1.875],
        ];
        for (got, want) in credit.iter().flatten().zip(want.iter().flatten()) {
            assert!((got - want).abs() < 1e-12, "{credit:?}");
        }
        for rule in 0..5 {
            assert!((credit.iter().map(|c| c[rule]).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}

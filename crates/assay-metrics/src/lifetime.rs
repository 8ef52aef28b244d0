//! Customer lifetime value among the metrics: the fit of [`crate::ltv`] at the end of the window.

use crate::frame::{Frame, missing, net};
use crate::having::ORDERS_UNTIL;
use crate::ltv::{Question, customer_value, histories};
use crate::metric::{Answer, Figure, Kind, Metric, Unit, Value};
use assay_math::Seed;
use assay_model::{Abstention, Outcome, silent};

/// About so many customers are fitted; of more, so many are drawn. Their interval is as wide as their number makes it.
const CUSTOMERS_FITTED: usize = 10_000;

/// Lifetime value.
pub(crate) const LIFETIME_VALUE: Metric = Metric {
    id: "customer_lifetime_value",
    name: "Value of a customer in the next 12 months (LTV)",
    kind: Kind::Money,
    unit: Unit::Minor,
    definition: "discounted revenue (1 % a month) that the average customer of today brings in the next 12 months: BG/NBD for how \
                 often and how long, gamma-gamma for how much",
    numerator: "expected discounted revenue of customers known at the end of the window",
    denominator: "customers known then",
    traps: "revenue, not profit; takes how often and how much for independent; `assay ltv` shows the fit, its checks and what \
            earlier forecasts missed",
    source: "Fader, Hardie and Lee 2005; Fader and Hardie 2013",
    reads: &[ORDERS_UNTIL],
    answer,
    // Its numbers are checked in `ltv`: eight orders fit no model.
    control: None,
};

/// Which customers are fitted: whether one is depends on the seed and their id alone, not on the order of rows.
struct Draw {
    seed: Seed,
    below: Option<u64>,
}

impl Draw {
    fn new(seed: Seed, n_customers: usize) -> Self {
        let share = CUSTOMERS_FITTED as f64 / n_customers.max(1) as f64;
        let below = (share < 1.0).then_some((share * u64::MAX as f64) as u64);
        Self { seed: seed.fork("customers fitted"), below }
    }

    fn is_part(&self) -> bool {
        self.below.is_some()
    }

    fn takes(&self, customer: &str) -> bool {
        self.below.is_none_or(|below| self.seed.fork(customer).0 < below)
    }
}

fn answer(frame: &Frame<'_>) -> Answer {
    let b = frame.business;
    let mut orders = histories::Orders::default();
    let mut currency = None;
    let sale = |i: &u32| &b.sales[*i as usize];
    let by_customer = || b.by_customer().chunk_by(|x, y| sale(x).customer == sale(y).customer);
    let n_customers = by_customer().count();
    let drawn = Draw::new(frame.asked.seed, n_customers);
    let own = by_customer().filter(|own| drawn.takes(b.text(sale(&own[0]).customer)));
    for sale in own.flatten().map(sale) {
        let (Some(amount), Some(at)) = (net(sale), sale.at) else { continue };
        if *currency.get_or_insert(amount.currency) != amount.currency {
            return Err(Abstention::new(
                "amounts are in several currencies",
                "orders in one currency: `assay ltv --currency CODE`",
            ));
        }
        orders.customer.push(sale.customer.0);
        orders.day.push(frame.day(at).0);
        orders.amount_minor.push(amount.minor.max(0));
    }
    let last = orders.day.iter().max().copied();
    let Some(last) = last else {
        return Err(missing("orders of known customers", "orders with customer, time and total"));
    };
    let cutoff = frame.slice.window.to.map_or(last, |d| d.0.min(last));
    let question = Question {
        cutoff_day: cutoff,
        covered_until_day: cutoff,
        horizon_days: 182,
        value_months: 12,
        discount_monthly: 0.01,
        confidence: frame.asked.confidence,
    };
    let kept: Vec<usize> = (0..orders.day.len()).filter(|i| orders.day[*i] <= cutoff).collect();
    let orders = histories::Orders {
        customer: kept.iter().map(|i| orders.customer[*i]).collect(),
        day: kept.iter().map(|i| orders.day[*i]).collect(),
        amount_minor: kept.iter().map(|i| orders.amount_minor[*i]).collect(),
    };
    let Ok(found) = customer_value(&orders, &question, frame.asked.seed, &mut silent) else {
        return Err(Abstention::new("it was interrupted", "another run"));
    };
    let (value, n_customers_fitted) = match found {
        Outcome::Abstained(why) => return Err(why),
        Outcome::Found(found) => found,
    };
    let n = n_customers_fitted as f64;
    let code = currency.and_then(|c| b.code(c)).map(str::to_owned);
    let figure = Figure::ratio(value.mean_minor.point * n, n).in_currency(code);
    let figure = Figure { value: Value::Estimated(value.mean_minor), ..figure };
    Ok(if drawn.is_part() {
        figure.note(format!("fitted to {n} customers, drawn from {n_customers}; `assay ltv` fits them all"))
    } else {
        figure
    })
}

#[cfg(test)]
mod tests {
    use super::{CUSTOMERS_FITTED, Draw};
    use assay_math::Seed;

    #[test]
    fn few_customers_are_all_fitted_and_many_are_drawn_evenly() {
        assert!((0..500).all(|i| Draw::new(Seed(1), 500).takes(&i.to_string())));
        let draw = Draw::new(Seed(1), 40_000);
        let taken: Vec<usize> = (0..40_000).filter(|i| draw.takes(&i.to_string())).collect();
        assert!(taken.len().abs_diff(CUSTOMERS_FITTED) < 400, "{}", taken.len());
        let early = taken.iter().filter(|i| **i < 20_000).count();
        assert!(early.abs_diff(CUSTOMERS_FITTED / 2) < 300, "{early}");
        let other = Draw::new(Seed(2), 40_000);
        assert!((0..40_000).any(|i| draw.takes(&i.to_string()) != other.takes(&i.to_string())));
    }
}

//! Customer lifetime value among the metrics: the fit of [`crate::ltv`] at the end of the window.

use crate::frame::{Frame, missing, net};
use crate::having::ORDERS_UNTIL;
use crate::ltv::{Question, histories, lifetime};
use crate::metric::{Answer, Figure, Kind, Metric, Unit, Value};
use assay_model::{Abstention, Outcome, silent};

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

fn answer(frame: &Frame<'_>) -> Answer {
    let b = frame.business;
    let mut orders = histories::Orders::default();
    let mut currency = None;
    for i in b.by_customer() {
        let sale = &b.sales[*i as usize];
        let (Some(amount), Some(at)) = (net(sale), sale.at) else { continue };
        if *currency.get_or_insert(amount.currency) != amount.currency {
            return Err(Abstention::new(
                "amounts are in several currencies",
                "orders in one currency: `assay ltv --currency CODE`",
            ));
        }
        orders.customer.push(sale.customer.0);
        orders.day.push(at.day().0);
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
    let Ok(fitted) = lifetime(&orders, &question, frame.asked.seed, &mut silent) else {
        return Err(Abstention::new("it was interrupted", "another run"));
    };
    match fitted {
        Outcome::Abstained(why) => Err(why),
        Outcome::Found(found) => match found.value {
            Outcome::Abstained(why) => Err(why),
            Outcome::Found(value) => {
                let n = found.n_customers as f64;
                let code = currency.and_then(|c| b.code(c)).map(str::to_owned);
                let figure = Figure::ratio(value.mean_minor.point * n, n).in_currency(code);
                Ok(Figure { value: Value::Estimated(value.mean_minor), ..figure })
            }
        },
    }
}

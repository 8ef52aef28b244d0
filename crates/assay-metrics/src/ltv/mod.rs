//! Customer lifetime value: what the customers of today will order, checked against what earlier forecasts missed.
//!
//! How:
//! 1. orders of one customer and day are one; histories until the cutoff ([`histories`]);
//! 2. how often and how long: BG/NBD ([`bg_nbd`]); how much: gamma-gamma ([`gamma_gamma`]), with the correlation of frequency
//!    and spend that it takes for none;
//! 3. the forecast of orders is the sum over customers of (still there × expected if there); of revenue the sum of that times
//!    the amount expected of the next order;
//! 4. its interval has three parts, added as variances on the log scale: the parameters (delta method on their covariance), the
//!    chance in what each customer does (simulated), and what the model itself misses (its misses at earlier cutoffs);
//! 5. where the data go beyond the cutoff, the same forecast is laid beside what came.
//!
//! First orders of customers yet to come are not in the forecast. Nothing is discounted but in [`Value`]; costs are the
//! caller's.
//!
//! Sources: in the modules. Equal to the CDNOW sample's published results (see the tests).

pub mod bg_nbd;
mod draw;
pub mod gamma_gamma;
pub mod histories;
mod past;

use assay_math::{Estimate, Seed, normal_quantile};
use assay_model::{Abstention, Go, Outcome, Stopped, Tick};
use bg_nbd::{BgNbd, BgNbdFit};
use gamma_gamma::GammaGammaFit;
use histories::{Customer, Group, Ledger, Orders, group};
use past::{Misses, Origin};
use rand::RngExt;

/// The models' unit of time, in days: weeks, as in the papers.
pub const UNIT_DAYS: f64 = 7.0;
/// Weeks in a month of [`Value`]: 365.25 / 12 / 7, cut to the digits that the usual tools use.
const WEEKS_A_MONTH: f64 = 4.345;
/// Customers whose future is simulated for the spread of chance; the rest is scaled. Made.
const N_SIMULATED: usize = 4_000;
/// Futures of each. The spread of the sum is the sum of the customers' own, so that few of each tell it. Made.
const N_FUTURES: usize = 25;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// Orders until this day, it included, are what the models know.
    pub cutoff_day: i32,
    /// The last day that the orders cover, whether or not one came then.
    pub covered_until_day: i32,
    /// Days ahead.
    pub horizon_days: u32,
    /// Months over which the value of a customer is summed.
    pub value_months: u32,
    /// Discount a month, 0 or more.
    pub discount_monthly: f64,
    /// Of the intervals, 0..1.
    pub confidence: f64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifetime {
    /// Customers known at the cutoff.
    pub n_customers: u64,
    /// Those with a repeat order.
    pub n_repeaters: u64,
    /// How often.
    pub frequency: BgNbdFit,
    /// How much, or why it cannot be said.
    pub spend: Outcome<GammaGammaFit>,
    /// Correlation of frequency and mean spend, which the spend model takes for none.
    pub frequency_spend_correlation: Outcome<Estimate>,
    /// Orders and revenue in the days after the cutoff.
    pub forecast: Forecast,
    /// Earlier cutoffs and what came then: where the width of the intervals comes from.
    pub past: Vec<Origin>,
    /// The forecast beside what came, where the data go on to its end.
    pub backtest: Outcome<Backtest>,
    /// The discounted value of a customer.
    pub value: Outcome<Value>,
    /// Each customer, in the order of ids.
    pub customers: Vec<Outlook>,
}

/// Orders and revenue of the customers known at the cutoff.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Days ahead.
    pub horizon_days: u32,
    /// Days with an order, summed over customers.
    pub orders: Outcome<Estimate>,
    /// Revenue in minor units.
    pub revenue_minor: Outcome<Estimate>,
}

/// What came in the days of the forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backtest {
    /// Days with an order, summed over the customers known at the cutoff.
    pub orders: u64,
    /// Their revenue in minor units.
    pub revenue_minor: i64,
}

/// The discounted revenue of the average customer of today.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Months ahead.
    pub months: u32,
    /// Discount a month.
    pub discount_monthly: f64,
    /// Mean over customers, minor units.
    pub mean_minor: Estimate,
}

/// What is expected of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// The history.
    pub history: Customer,
    /// Probability of being still a customer, 0..1.
    pub still_there: f64,
    /// Orders expected within the horizon.
    pub orders: f64,
    /// Amount expected of the next order, minor units; `None` without a spend model.
    pub next_minor: Option<f64>,
}

/// Fits, forecasts and checks. Costs O(n log n) in orders, and some hundred passes over distinct histories.
///
/// # Errors
/// [`Stopped`] if the tick says so.
pub fn lifetime(
    orders: &Orders,
    ask: &Question,
    seed: Seed,
    tick: &mut Tick<'_>,
) -> Result<Outcome<Lifetime>, Stopped> {
    match Fitted::new(orders, ask) {
        Outcome::Found(fitted) => fitted.forecast(ask, seed, tick).map(Outcome::Found),
        Outcome::Abstained(why) => Ok(Outcome::Abstained(why)),
    }
}

/// The value of a customer alone, with the number of customers; says at once why there is none where the models do not fit.
/// Costs as [`lifetime`].
///
/// # Errors
/// [`Stopped`] if the tick says so.
pub fn customer_value(
    orders: &Orders,
    ask: &Question,
    seed: Seed,
    tick: &mut Tick<'_>,
) -> Result<Outcome<(Value, u64)>, Stopped> {
    let fitted = match Fitted::new(orders, ask) {
        Outcome::Found(fitted) => fitted,
        Outcome::Abstained(why) => return Ok(Outcome::Abstained(why)),
    };
    if let Outcome::Abstained(why) = &fitted.spend {
        return Ok(Outcome::Abstained(why.clone()));
    }
    let found = fitted.forecast(ask, seed, tick)?;
    Ok(match (found.value, found.forecast.revenue_minor) {
        (Outcome::Found(value), _) => Outcome::Found((value, found.n_customers)),
        // The forecast's reason says more than that there is none.
        (Outcome::Abstained(_), Outcome::Abstained(why)) | (Outcome::Abstained(why), _) => Outcome::Abstained(why),
    })
}

/// The models of a history until the cutoff.
struct Fitted {
    ledger: Ledger,
    first_day: i32,
    customers: Vec<Customer>,
    groups: Vec<Group>,
    n_repeaters: u64,
    frequency: BgNbdFit,
    spend: Outcome<GammaGammaFit>,
}

impl Fitted {
    fn new(orders: &Orders, ask: &Question) -> Outcome<Self> {
        let ledger = Ledger::new(orders);
        let Some((first_day, _)) = ledger.span() else {
            return Outcome::Abstained(Abstention::new(
                "there are no orders",
                "a table of orders with customer, day and amount",
            ));
        };
        let customers = ledger.until(ask.cutoff_day);
        let groups = group(&customers, UNIT_DAYS);
        let n_repeaters = customers.iter().filter(|c| c.n_repeats > 0).count() as u64;
        let Some(frequency) = bg_nbd::fit(&groups) else {
            let n = customers.len();
            return Outcome::Abstained(if n_repeaters == 0 {
                Abstention::new(
                    format!("of {n} customers known at the cutoff none came back"),
                    "a history in which customers come back",
                )
            } else {
                Abstention::new(
                    format!(
                        "{n_repeaters} of {n} customers known at the cutoff came back, in a way that the model does not fit: it takes \
                         customers to differ in how often they order and to leave in the end"
                    ),
                    "a longer history, in which customers differ and leave",
                )
            });
        };
        let spend = match gamma_gamma::fit(&customers) {
            Some(fit) => Outcome::Found(fit),
            None => Outcome::Abstained(Abstention::new(
                "amounts of repeat orders do not tell a mean: fewer than ten customers with them, all alike, or too heavy a tail",
                "more customers with repeat orders of a value",
            )),
        };
        Outcome::Found(Self { ledger, first_day, customers, groups, n_repeaters, frequency, spend })
    }

    fn forecast(self, ask: &Question, seed: Seed, tick: &mut Tick<'_>) -> Result<Lifetime, Stopped> {
        let Self { ledger, first_day, customers, groups, n_repeaters, frequency, spend } = self;
        let past = past::origins(&ledger, first_day, ask.cutoff_day, tick)?;
        let outlooks = outlooks(&customers, &frequency.model, spend.found(), ask.horizon_days);
        let chance = chance(&customers, &frequency.model, spend.found(), ask.horizon_days, seed, tick)?;
        let spread = Spread { frequency: &frequency, spend: spend.found(), groups: &groups, chance };
        let forecast = forecast(&outlooks, &spread, &past, ask);
        let backtest = if ask.cutoff_day + ask.horizon_days as i32 <= ask.covered_until_day {
            let came = ledger.afterwards(ask.cutoff_day, ask.cutoff_day + ask.horizon_days as i32);
            Outcome::Found(Backtest { orders: came.n_orders, revenue_minor: came.revenue_minor })
        } else {
            Outcome::Abstained(Abstention::new(
                "the orders end before the forecast does",
                "an earlier cutoff, a shorter horizon or later orders",
            ))
        };
        let value = value(&customers, &frequency.model, spend.found(), &forecast, ask);
        Ok(Lifetime {
            n_customers: customers.len() as u64,
            n_repeaters,
            frequency_spend_correlation: gamma_gamma::correlation(&customers, ask.confidence).map_or_else(
                || {
                    Outcome::Abstained(Abstention::new(
                        "too few customers came back",
                        "more customers with repeat orders",
                    ))
                },
                Outcome::Found,
            ),
            frequency,
            spend,
            forecast,
            past,
            backtest,
            value,
            customers: outlooks,
        })
    }
}

/// What is expected of each customer; the closed form is computed once for each (repeats, age).
fn outlooks(customers: &[Customer], model: &BgNbd, spend: Option<&GammaGammaFit>, horizon_days: u32) -> Vec<Outlook> {
    let horizon = f64::from(horizon_days) / UNIT_DAYS;
    let mut known = std::collections::HashMap::new();
    customers
        .iter()
        .map(|c| {
            let (age, recency) = (f64::from(c.age_days) / UNIT_DAYS, f64::from(c.recency_days) / UNIT_DAYS);
            let if_there = *known
                .entry((c.n_repeats, c.age_days))
                .or_insert_with(|| model.expected_if_there(c.n_repeats, age, horizon));
            let still_there = model.still_there(c.n_repeats, recency, age);
            Outlook {
                history: *c,
                still_there,
                orders: still_there * if_there,
                next_minor: spend.map(|s| s.model.next_minor(c.n_repeats, c.mean_repeat_minor)),
            }
        })
        .collect()
}

fn revenue(outlooks: &[Outlook]) -> f64 {
    outlooks.iter().map(|o| o.orders * o.next_minor.unwrap_or(0.0)).sum()
}

/// What makes forecasts uncertain within the model.
struct Spread<'a> {
    frequency: &'a BgNbdFit,
    spend: Option<&'a GammaGammaFit>,
    groups: &'a [Group],
    chance: Chance,
}

/// Relative variances from the chance in what each customer does.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Chance {
    orders: f64,
    revenue: f64,
}

fn forecast(outlooks: &[Outlook], spread: &Spread<'_>, past: &[Origin], ask: &Question) -> Forecast {
    let horizon = f64::from(ask.horizon_days) / UNIT_DAYS;
    let total = |m: &BgNbd| {
        let orders = |g: &Group| {
            g.n * m.still_there(g.n_repeats, g.recency, g.age) * m.expected_if_there(g.n_repeats, g.age, horizon)
        };
        spread.groups.iter().map(orders).sum::<f64>().ln()
    };
    let of_orders = spread.frequency.covariance.map(|covariance| {
        let logs = spread.frequency.model.logs();
        let slope: [f64; 4] = std::array::from_fn(|i| {
            let (mut up, mut down) = (logs, logs);
            up[i] += 1e-4;
            down[i] -= 1e-4;
            (total(&BgNbd::from_logs(&up)) - total(&BgNbd::from_logs(&down))) / 2e-4
        });
        quadratic(&slope, &covariance)
    });
    let orders: f64 = outlooks.iter().map(|o| o.orders).sum();
    let estimate = |point: f64, parameters: Option<f64>, chance: f64, misses: Option<Misses>| {
        let Some(parameters) = parameters.filter(|v| v.is_finite()) else {
            return Outcome::Abstained(Abstention::new(
                "the likelihood is flat: other parameters fit as well and forecast otherwise",
                "a longer history or more customers",
            ));
        };
        let Some(misses) = misses else {
            return Outcome::Abstained(Abstention::new(
                "too few earlier orders to see what such forecasts miss here",
                "a longer history: at three earlier cutoffs ten orders or more have to follow",
            ));
        };
        let within = normal_quantile(0.5 + ask.confidence / 2.0).powi(2) * (parameters + chance);
        let half = (within + misses.half_width(f64::from(ask.horizon_days), ask.confidence).powi(2)).sqrt();
        Outcome::Found(Estimate::new(point, point * (-half).exp(), point * half.exp(), ask.confidence))
    };
    let of_revenue = spread.spend.and_then(|s| {
        let covariance = s.covariance?;
        let logs = [s.model.p, s.model.q, s.model.v].map(f64::ln);
        let total = |logs: &[f64; 3]| {
            let [p, q, v] = logs.map(f64::exp);
            let model = gamma_gamma::GammaGamma { p, q, v };
            let next = |o: &Outlook| o.orders * model.next_minor(o.history.n_repeats, o.history.mean_repeat_minor);
            outlooks.iter().map(next).sum::<f64>().ln()
        };
        let slope: [f64; 3] = std::array::from_fn(|i| {
            let (mut up, mut down) = (logs, logs);
            up[i] += 1e-4;
            down[i] -= 1e-4;
            (total(&up) - total(&down)) / 2e-4
        });
        Some(of_orders? + quadratic(&slope, &covariance))
    });
    let revenue_minor = if spread.spend.is_some() {
        estimate(revenue(outlooks), of_revenue, spread.chance.revenue, past::revenue_misses(past))
    } else {
        Outcome::Abstained(Abstention::new(
            "there is no model of spend",
            "more customers with repeat orders of a value",
        ))
    };
    Forecast {
        horizon_days: ask.horizon_days,
        orders: estimate(orders, of_orders, spread.chance.orders, past::order_misses(past)),
        revenue_minor,
    }
}

fn quadratic<const N: usize>(slope: &[f64; N], covariance: &[[f64; N]; N]) -> f64 {
    let mut sum = 0.0;
    for i in 0..N {
        for j in 0..N {
            sum += slope[i] * covariance[i][j] * slope[j];
        }
    }
    sum
}

/// Simulates what customers do: λ and p of somebody who is still there are again gamma and beta (r+x, α+T; a, b+x), and so is
/// the mean amount.
fn chance(
    customers: &[Customer],
    model: &BgNbd,
    spend: Option<&GammaGammaFit>,
    horizon_days: u32,
    seed: Seed,
    tick: &mut Tick<'_>,
) -> Result<Chance, Stopped> {
    let mut random = seed.fork("lifetime chance").random();
    let horizon = f64::from(horizon_days) / UNIT_DAYS;
    let step = customers.len().div_ceil(N_SIMULATED).max(1);
    let n_chosen = customers.len().div_ceil(step) as u64;
    let (mut orders, mut revenues) = (Total::default(), Total::default());
    for (done, c) in (0..).zip(customers.iter().step_by(step)) {
        if done % 256 == 0 && tick(done, n_chosen) == Go::Stop {
            return Err(Stopped);
        }
        let x = f64::from(c.n_repeats);
        let age = f64::from(c.age_days) / UNIT_DAYS;
        let there = model.still_there(c.n_repeats, f64::from(c.recency_days) / UNIT_DAYS, age);
        let (mut own_orders, mut own_revenues) = ([0.0; N_FUTURES], [0.0; N_FUTURES]);
        for (own, revenue) in own_orders.iter_mut().zip(&mut own_revenues) {
            if random.random::<f64>() >= there {
                continue;
            }
            let rate = draw::gamma(model.r + x, &mut random) / (model.alpha + age);
            let leave = draw::beta(model.a, model.b + x, &mut random);
            *own = draw::orders(rate, leave, horizon, &mut random);
            if let (Some(s), true) = (spend, *own > 0.0) {
                let g = s.model;
                let scale = g.v + x * c.mean_repeat_minor / 100.0;
                let inverse = draw::gamma(g.p * x + g.q, &mut random) / scale;
                *revenue = draw::gamma(g.p * *own, &mut random) / inverse;
            }
        }
        orders.add(&own_orders);
        revenues.add(&own_revenues);
    }
    Ok(Chance { orders: orders.relative() / step as f64, revenue: revenues.relative() / step as f64 })
}

/// Mean and variance of a sum over customers, who do not know of each other.
#[derive(Default)]
struct Total {
    mean: f64,
    variance: f64,
}

impl Total {
    fn add(&mut self, own: &[f64; N_FUTURES]) {
        let n = N_FUTURES as f64;
        let mean = own.iter().sum::<f64>() / n;
        self.mean += mean;
        self.variance += own.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    }

    /// The variance over the square of the mean.
    fn relative(&self) -> f64 {
        if self.mean > 0.0 { self.variance / (self.mean * self.mean) } else { 1.0 }
    }
}

/// The discounted revenue of the average customer, month by month.
fn value(
    customers: &[Customer],
    model: &BgNbd,
    spend: Option<&GammaGammaFit>,
    forecast: &Forecast,
    ask: &Question,
) -> Outcome<Value> {
    let (Some(spend), Outcome::Found(revenue)) = (spend, &forecast.revenue_minor) else {
        return Outcome::Abstained(Abstention::new("the revenue cannot be forecast", "what the forecast asks for"));
    };
    if revenue.point <= 0.0 || customers.is_empty() {
        return Outcome::Abstained(Abstention::new("no revenue is expected", "a history in which customers come back"));
    }
    let mut known = std::collections::HashMap::new();
    let mut sum = 0.0;
    for c in customers {
        let age = f64::from(c.age_days) / UNIT_DAYS;
        let discounted = *known.entry((c.n_repeats, c.age_days)).or_insert_with(|| {
            let mut before = 0.0;
            (1..=ask.value_months)
                .map(|month| {
                    let until = model.expected_if_there(c.n_repeats, age, f64::from(month) * WEEKS_A_MONTH);
                    let orders = until - std::mem::replace(&mut before, until);
                    orders / (1.0 + ask.discount_monthly).powi(month as i32)
                })
                .sum::<f64>()
        });
        let there = model.still_there(c.n_repeats, f64::from(c.recency_days) / UNIT_DAYS, age);
        sum += there * discounted * spend.model.next_minor(c.n_repeats, c.mean_repeat_minor);
    }
    let point = sum / customers.len() as f64;
    Outcome::Found(Value {
        months: ask.value_months,
        discount_monthly: ask.discount_monthly,
        // The same relative interval as the revenue's.
        mean_minor: Estimate::new(
            point,
            point * revenue.low / revenue.point,
            point * revenue.high / revenue.point,
            revenue.confidence,
        ),
    })
}

#[cfg(test)]
mod tests;

//! Against the CDNOW sample where it is at hand, against brute force, and on made businesses with known truth.

use super::bg_nbd::{self, BgNbd};
use super::histories::{Customer, Ledger, Orders, group};
use super::{Lifetime, Question, draw, gamma_gamma, lifetime};
use assay_math::{Random, Seed};
use assay_model::{Outcome, silent};
use rand::RngExt;

/// A business whose customers join over `join_days` and do as the models say; demand is multiplied by `exp(level)` where the
/// level walks by `wander` a day. Returns orders until `end_day`.
fn business(n: u32, join_days: i32, end_day: i32, wander: f64, seed: u64) -> Orders {
    let model = BgNbd { r: 0.5, alpha: 5.0, a: 0.9, b: 3.0 };
    let mut random = Seed(seed).fork("made business").random();
    let mut levels = vec![0.0_f64];
    for _ in 0..end_day {
        let step = draw::gamma(4.0, &mut random) - 4.0; // mean 0, variance 4
        levels.push(levels[levels.len() - 1] + wander * step / 2.0);
    }
    let top = levels.iter().copied().fold(f64::MIN, f64::max).exp();
    let mut orders = Orders::default();
    let mut order = |id: u32, day: i32, amount: f64| {
        orders.customer.push(id);
        orders.day.push(day);
        orders.amount_minor.push((amount * 100.0) as i64);
    };
    for id in 0..n {
        let rate = draw::gamma(model.r, &mut random) / model.alpha;
        let leave = draw::beta(model.a, model.b, &mut random);
        let mean = 20.0 * 3.0 / draw::gamma(4.0, &mut random);
        let joined = (random.random::<f64>() * f64::from(join_days)) as i32;
        order(id, joined, mean * draw::gamma(6.0, &mut random) / 6.0);
        // Thinning: candidates come at the greatest rate and are kept by the day's level.
        let mut t = f64::from(joined);
        loop {
            t -= 7.0 * (1.0 - random.random::<f64>()).ln() / (rate * top);
            if t > f64::from(end_day) {
                break;
            }
            if random.random::<f64>() * top < levels[t as usize].exp() {
                order(id, t as i32, mean * draw::gamma(6.0, &mut random) / 6.0);
                if random.random::<f64>() < leave {
                    break;
                }
            }
        }
    }
    orders
}

fn ask(cutoff_day: i32, horizon_days: u32) -> Question {
    Question {
        cutoff_day,
        covered_until_day: cutoff_day + horizon_days as i32,
        horizon_days,
        value_months: 12,
        discount_monthly: 0.01,
        confidence: 0.9,
    }
}

fn answer(orders: &Orders, ask: &Question) -> Lifetime {
    match lifetime(orders, ask, Seed(1), &mut silent).expect("not stopped") {
        Outcome::Found(answer) => answer,
        Outcome::Abstained(why) => panic!("{why:?}"),
    }
}

fn close(found: f64, wanted: f64, relative: f64) {
    assert!((found - wanted).abs() <= relative * wanted.abs(), "found {found}, wanted {wanted}");
}

/// Day number of a civil date (H. Hinnant's count, days since 1970-01-01).
fn day(year: i32, month: i32, day: i32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The public sample: 2,357 customers, read here from its fixed columns.
#[expect(clippy::disallowed_methods, reason = "a test that reads the public sample")]
fn cdnow() -> Option<Orders> {
    let Ok(text) = std::fs::read_to_string("../../../shared/data/orders_ltv/cdnow_sample.txt") else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: the CDNOW sample is not here");
        }
        return None;
    };
    let mut orders = Orders::default();
    for line in text.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let date: i32 = cells[2].parse().expect("date");
        orders.customer.push(cells[0].parse().expect("customer"));
        orders.day.push(day(date / 10_000, date / 100 % 100, date % 100));
        orders.amount_minor.push((cells[4].parse::<f64>().expect("dollars") * 100.0).round() as i64);
    }
    Some(orders)
}

#[test]
fn the_cdnow_sample_gives_the_published_numbers() {
    let Some(orders) = cdnow() else { return };
    let found = answer(&orders, &ask(day(1997, 9, 30), 273));
    assert_eq!((found.n_customers, found.n_repeaters), (2357, 946));
    // Fader, Hardie, Lee 2005, table 2, with further digits by lifetimes 0.11.3: BetaGeoFitter(penalizer_coef=0).fit(
    // frequency, recency, T) on summary_data_from_transaction_data(freq='D', freq_multiplier=7, until 1997-09-30).
    let m = found.frequency.model;
    for (value, wanted) in [(m.r, 0.242_595), (m.alpha, 4.413_603), (m.a, 0.792_922), (m.b, 2.425_906)] {
        close(value, wanted, 1e-5);
    }
    close(found.frequency.log_likelihood, -9_582.43, 1e-6);
    // ... .expected_number_of_purchases_up_to_time(t), and .conditional_expected_... (39, 2, 30.43, 38.86)
    for (t, wanted) in [(1.0, 0.053_185), (10.0, 0.431_761), (39.0, 1.195_016), (52.0, 1.444_021)] {
        close(m.expected_of_new(t), wanted, 2e-5);
    }
    close(m.still_there(2, 30.43, 38.86) * m.expected_if_there(2, 38.86, 39.0), 1.225_91, 1e-5);
    // GammaGammaFitter(penalizer_coef=0).fit(frequency, monetary_value), the 946 with repeats.
    let g = found.spend.found().expect("spend").model;
    for (value, wanted) in [(g.p, 6.249_572), (g.q, 3.744_225), (g.v, 15.443_521)] {
        close(value, wanted, 1e-5);
    }
    close(found.frequency_spend_correlation.found().expect("correlation").point, 0.1139, 1e-3);
    // 1,653 were forecast and 1,882 came; the interval has to say so. 59,931.63 and 30.3385 by the same program, the latter by
    // customer_lifetime_value(time=12, discount_rate=.01, freq='W').
    let orders = found.forecast.orders.found().expect("orders");
    close(orders.point, 1_653.409, 1e-5);
    let came = found.backtest.found().expect("backtest");
    assert_eq!(came.orders, 1_882);
    assert!(orders.low < 1_882.0 && orders.high > 1_882.0, "{orders:?}");
    close(found.forecast.revenue_minor.found().expect("revenue").point, 5_993_162.7, 1e-5);
    close(found.value.found().expect("value").mean_minor.point, 3_033.85, 1e-5);
}

#[test]
fn the_gradient_is_that_of_the_likelihood() {
    let groups = group(&Ledger::new(&business(300, 50, 200, 0.0, 3)).until(150), 7.0);
    let logs = [-0.3, 1.2, -0.5, 0.7];
    let (_, gradient) = bg_nbd::log_likelihood(&BgNbd::from_logs(&logs), &groups);
    for i in 0..4 {
        let (mut up, mut down) = (logs, logs);
        up[i] += 1e-5;
        down[i] -= 1e-5;
        let value = |l: &[f64; 4]| bg_nbd::log_likelihood(&BgNbd::from_logs(l), &groups).0;
        close(gradient[i], (value(&up) - value(&down)) / 2e-5, 1e-6);
    }
}

#[test]
fn closed_forms_agree_with_drawing() {
    let mut random: Random = Seed(5).fork("closed forms").random();
    for model in [BgNbd { r: 0.6, alpha: 4.0, a: 0.8, b: 2.5 }, BgNbd { r: 1.4, alpha: 9.0, a: 1.0, b: 2.0 }] {
        let (t, n) = (30.0, 60_000);
        let mean = (0..n)
            .map(|_| {
                let rate = draw::gamma(model.r, &mut random) / model.alpha;
                let leave = draw::beta(model.a, model.b, &mut random);
                draw::orders(rate, leave, t, &mut random)
            })
            .sum::<f64>()
            / f64::from(n);
        close(mean, model.expected_of_new(t), 0.03);
    }
}

#[test]
fn what_was_made_is_found_again() {
    let found = answer(&business(20_000, 200, 500, 0.0, 11), &ask(300, 200));
    let m = found.frequency.model;
    // Days with two orders count once, which costs a little of the rate.
    for (value, wanted) in [(m.r, 0.5), (m.alpha, 5.0), (m.a, 0.9), (m.b, 3.0)] {
        close(value, wanted, 0.2);
    }
    let g = found.spend.found().expect("spend").model;
    close(g.p, 6.0, 0.15);
    close(g.q, 4.0, 0.15);
    let (orders, came) = (found.forecast.orders.found().expect("orders"), found.backtest.found().expect("came"));
    close(orders.point, came.orders as f64, 0.05);
    close(found.forecast.revenue_minor.found().expect("revenue").point, came.revenue_minor as f64, 0.06);
}

#[test]
fn intervals_hold_what_comes_where_demand_wanders() {
    // Forty businesses whose level walks by 1.5 % a day: 29 % over the 365 days ahead of nothing but the walk.
    let (mut held, mut told) = (0, 0);
    for seed in 0..40 {
        let found = answer(&business(1_500, 90, 460, 0.015, 100 + seed), &ask(280, 180));
        let Some(orders) = found.forecast.orders.found() else { continue };
        let came = found.backtest.found().expect("came").orders as f64;
        told += 1;
        held += i32::from(orders.low <= came && came <= orders.high);
        assert!(orders.high / orders.low < 30.0, "an interval that says something: {orders:?}");
    }
    assert!(told >= 35, "{told} of 40");
    // Nominal 90 %; a binomial of 40 falls below 32 once in forty.
    assert!(held * 40 >= told * 32, "{held} of {told}");
}

#[test]
fn small_and_odd_histories_are_abstained_from_or_answered_without_nonsense() {
    let none = Orders::default();
    assert!(matches!(lifetime(&none, &ask(10, 10), Seed(1), &mut silent), Ok(Outcome::Abstained(_))));
    let once = Orders { customer: vec![1, 2, 3], day: vec![1, 5, 9], amount_minor: vec![100, 100, 100] };
    assert!(matches!(lifetime(&once, &ask(20, 10), Seed(1), &mut silent), Ok(Outcome::Abstained(_))));
    // Everybody comes every week and spends the same: no tail to fit, and no panic.
    let mut steady = Orders::default();
    for id in 0..50 {
        for week in 0..30 {
            steady.customer.push(id);
            steady.day.push(week * 7 + (id % 7) as i32);
            steady.amount_minor.push(1_000);
        }
    }
    if let Ok(Outcome::Found(found)) = lifetime(&steady, &ask(210, 70), Seed(1), &mut silent) {
        assert!(found.customers.iter().all(|c| c.orders.is_finite() && (0.0..=1.0).contains(&c.still_there)));
    }
}

#[test]
fn spends_without_a_mean_give_no_model() {
    let customer = |mean: f64| Customer { id: 0, n_repeats: 1, recency_days: 1, age_days: 2, mean_repeat_minor: mean };
    let few: Vec<Customer> = (1..9).map(|i| customer(f64::from(i) * 100.0)).collect();
    assert!(gamma_gamma::fit(&few).is_none());
    let mut random = Seed(9).fork("heavy").random();
    let heavy: Vec<Customer> = (0..400).map(|_| customer(100.0 / draw::gamma(0.3, &mut random).max(1e-30))).collect();
    assert!(gamma_gamma::fit(&heavy).is_none());
}

/// Ten times the customers of the public sample: the parameters are those of all customers, and they come back.
#[test]
fn twenty_five_thousand_customers_give_back_what_made_them() {
    let orders = business(25_000, 84, 545, 0.0, 11);
    let found = answer(&orders, &ask(272, 273));
    assert_eq!((found.n_customers, found.customers.len()), (25_000, 25_000));
    let m = found.frequency.model;
    let covariance = found.frequency.covariance.expect("a covariance");
    // A day holds one order, and customers join within a day: half a day in weeks is what the truth is blurred by.
    for (i, (value, truth)) in [(m.r, 0.5), (m.alpha, 5.0), (m.a, 0.9), (m.b, 3.0)].into_iter().enumerate() {
        let off = (value / truth).ln();
        assert!(off.abs() < 4.0 * covariance[i][i].sqrt() + 0.03, "{i}: found {value}, wanted {truth}");
        assert!(covariance[i][i].sqrt() < 0.25, "{i}: {}", covariance[i][i]);
    }
    let forecast = found.forecast.orders.found().expect("a forecast");
    let came = found.backtest.found().expect("what came");
    assert!(forecast.low <= came.orders as f64 && came.orders as f64 <= forecast.high, "{forecast:?} {came:?}");
    close(forecast.point, came.orders as f64, 0.05);
    // A tenth of the customers is another fit: it is not from a draw that the parameters come.
    let mut tenth = Orders::default();
    for i in (0..orders.day.len()).filter(|i| orders.customer[*i].is_multiple_of(10)) {
        tenth.customer.push(orders.customer[i]);
        tenth.day.push(orders.day[i]);
        tenth.amount_minor.push(orders.amount_minor[i]);
    }
    let of_tenth = answer(&tenth, &ask(272, 273)).frequency.covariance.expect("a covariance");
    for i in 0..4 {
        // Errors shrink with the root of the number of customers.
        let ratio = (of_tenth[i][i] / covariance[i][i]).sqrt();
        assert!((2.0..5.0).contains(&ratio), "{i}: {ratio}");
    }
}

//! What customers are worth, as text, JSON (`assay.ltv/1`) and a table of customers.

use super::document;
use super::format::{count, counted, day, fixed, percent, rfc3339, whole};
use super::origin;
use super::text::{Colour, Screen};
use super::verdicts::not_a_formula;
use crate::report::LtvReport;
use assay_math::Estimate;
use assay_metrics::ltv::Lifetime;
use assay_model::{DAY_MS, Outcome, TimeMs, minor_places};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Columns that the name of a line takes.
const INDENT: usize = 16;
/// The schema that [`json()`] writes.
pub const LTV_SCHEMA: &str = "assay.ltv/1";

/// A day as people write it: `30 Jun 2026`.
pub fn day_of(number: i32) -> String {
    day(TimeMs(i64::from(number) * DAY_MS))
}

/// A day as programs write it: `2026-06-30`.
fn iso(number: i32) -> String {
    rfc3339(TimeMs(i64::from(number) * DAY_MS))[..10].to_owned()
}

/// Writes the report as JSON of schema `assay.ltv/1`. Amounts are in minor units, but for the spend model's scale `v`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(report: &LtvReport, out: impl Write) -> io::Result<()> {
    let mut fields = Map::new();
    let ask = &report.question;
    fields.insert("model".to_owned(), "bg-nbd+gamma-gamma".into());
    fields.insert("unit_days".to_owned(), assay_metrics::ltv::UNIT_DAYS.into());
    fields.insert("currency".to_owned(), json!(report.currency));
    fields.insert("cutoff".to_owned(), iso(ask.cutoff_day).into());
    fields.insert("horizon_days".to_owned(), ask.horizon_days.into());
    match &report.answer {
        Outcome::Found(found) => answer(found, report, &mut fields),
        Outcome::Abstained(why) => {
            let empty = [
                "n_customers",
                "n_repeaters",
                "params",
                "log_likelihood",
                "spend_log_likelihood",
                "frequency_spend_correlation",
                "forecast",
                "backtest",
                "past",
                "value",
            ];
            fields.extend(empty.map(|k| (k.to_owned(), Value::Null)));
            fields.insert("abstained".to_owned(), json!(why));
        }
    }
    document::write(LTV_SCHEMA, &report.origin, Value::Object(fields), out)
}

fn answer(found: &Lifetime, report: &LtvReport, fields: &mut Map<String, Value>) {
    let (f, s) = (found.frequency.model, found.spend.found());
    let spend = |of: fn(&assay_metrics::ltv::gamma_gamma::GammaGamma) -> f64| s.map(|s| of(&s.model));
    let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    put("n_customers", found.n_customers.into());
    put("n_repeaters", found.n_repeaters.into());
    put(
        "params",
        json!({"r": f.r, "alpha": f.alpha, "a": f.a, "b": f.b,
               "p": spend(|m| m.p), "q": spend(|m| m.q), "v": spend(|m| m.v)}),
    );
    put("log_likelihood", found.frequency.log_likelihood.into());
    put("spend_log_likelihood", json!(s.map(|s| s.log_likelihood)));
    put("frequency_spend_correlation", document::answer(&found.frequency_spend_correlation));
    let forecast = &found.forecast;
    put(
        "forecast",
        json!({"orders": document::answer(&forecast.orders), "revenue": document::answer(&forecast.revenue_minor)}),
    );
    put(
        "backtest",
        match &found.backtest {
            Outcome::Found(came) => json!({
                "cutoff": iso(report.question.cutoff_day),
                "predicted": document::answer(&forecast.orders),
                "actual": came.orders,
                "predicted_revenue": document::answer(&forecast.revenue_minor),
                "actual_revenue": came.revenue_minor,
            }),
            Outcome::Abstained(why) => document::abstained(why),
        },
    );
    let past = found.past.iter().map(|o| {
        json!({"cutoff": iso(o.cutoff_day), "horizon_days": o.horizon_days,
               "predicted": o.orders_expected, "actual": o.orders_came,
               "predicted_revenue": o.revenue_expected_minor, "actual_revenue": o.revenue_came_minor})
    });
    put("past", past.collect());
    put(
        "value",
        match &found.value {
            Outcome::Found(v) => json!({"months": v.months, "discount_monthly": v.discount_monthly,
                                        "mean": json!(v.mean_minor)}),
            Outcome::Abstained(why) => document::abstained(why),
        },
    );
}

/// Writes a row for each customer known at the cutoff, at full precision:
/// `customer_id,repeat_orders,recency_days,age_days,mean_order_minor,still_there,expected_orders,expected_revenue_minor`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn customers_csv(report: &LtvReport, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "customer_id",
        "repeat_orders",
        "recency_days",
        "age_days",
        "mean_order_minor",
        "still_there",
        "expected_orders",
        "expected_revenue_minor",
    ])?;
    for c in report.answer.found().map_or(&[][..], |f| &f.customers) {
        let h = &c.history;
        csv.write_record([
            &*not_a_formula(&report.customer_ids[h.id as usize]),
            &h.n_repeats.to_string(),
            &h.recency_days.to_string(),
            &h.age_days.to_string(),
            &h.mean_repeat_minor.to_string(),
            &c.still_there.to_string(),
            &c.orders.to_string(),
            &c.next_minor.map(|m| (m * c.orders).to_string()).unwrap_or_default(),
        ])?;
    }
    csv.flush()
}

/// The report for a terminal.
pub fn text(report: &LtvReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    match &report.answer {
        Outcome::Found(found) => told(&mut screen, found, report),
        Outcome::Abstained(why) => {
            screen.wrapped("", 0, &format!("Cannot say: {}.", why.why));
            screen.wrapped("", 0, &format!("Would settle it: {}.", why.would_settle));
        }
    }
    screen.line("");
    origin::inputs(&mut screen, &report.origin);
    origin::close(&mut screen, &report.origin);
    screen.into_text()
}

fn told(screen: &mut Screen, found: &Lifetime, report: &LtvReport) {
    let ask = &report.question;
    let (from, to) = (day_of(ask.cutoff_day + 1), day_of(ask.cutoff_day + ask.horizon_days as i32));
    let customers = counted(found.n_customers, "customer is", "customers are");
    screen.wrapped(
        "",
        0,
        &format!("{customers} known until {}; {} came back.", day_of(ask.cutoff_day), count(found.n_repeaters)),
    );
    screen.heading(&format!("Of these customers, {from} to {to}"));
    let say = |screen: &mut Screen, head: &str, answer: &Outcome<Estimate>, show: &dyn Fn(f64) -> String| match answer {
        Outcome::Found(e) => {
            let range = format!("{} to {} ({} interval)", show(e.low), show(e.high), percent(e.confidence));
            screen.wrapped(head, INDENT, &format!("{}, {range}", show(e.point)));
        }
        Outcome::Abstained(why) => {
            screen.wrapped(head, INDENT, &format!("cannot say: {}; would settle it: {}", why.why, why.would_settle));
        }
    };
    let money = |minor: f64| amount(minor, report.currency.as_deref());
    say(screen, "Orders", &found.forecast.orders, &whole);
    say(screen, "Revenue", &found.forecast.revenue_minor, &money);
    match &found.backtest {
        Outcome::Found(came) => screen.wrapped(
            "Came",
            INDENT,
            &format!("{} for {}", counted(came.orders, "order", "orders"), money(came.revenue_minor as f64)),
        ),
        Outcome::Abstained(why) => screen.wrapped("Came", INDENT, &format!("not known: {}", why.why)),
    }
    match &found.value {
        Outcome::Found(v) => {
            let mean = &v.mean_minor;
            let discount = percent(v.discount_monthly);
            screen.wrapped(
                "A customer",
                INDENT,
                &format!(
                    "is worth {} on average ({} to {}) in the next {} months, discounted by {discount} a month",
                    money(mean.point),
                    money(mean.low),
                    money(mean.high),
                    v.months
                ),
            );
        }
        Outcome::Abstained(why) => screen.wrapped("A customer", INDENT, &format!("cannot say: {}", why.why)),
    }
    screen.heading("What the same forecast missed before");
    for o in &found.past {
        let weeks = f64::from(o.horizon_days) / 7.0;
        let (expected, came) = (whole(o.orders_expected), count(o.orders_came));
        screen.wrapped(
            &day_of(o.cutoff_day),
            INDENT,
            &format!("{expected} orders expected in {} weeks, {came} came", fixed(weeks, 0)),
        );
    }
    models(screen, found);
    screen.wrapped(
        "Not in it",
        INDENT,
        "customers who have yet to come, and costs: revenue is not profit. The interval holds the parameters, chance, and what \
         earlier forecasts missed.",
    );
}

/// The models and what they rest on.
fn models(screen: &mut Screen, found: &Lifetime) {
    screen.heading("How");
    let m = found.frequency.model;
    screen.wrapped(
        "Frequency",
        INDENT,
        &format!(
            "BG/NBD in weeks: r {}, alpha {}, a {}, b {}; log-likelihood {}",
            fixed(m.r, 4),
            fixed(m.alpha, 4),
            fixed(m.a, 4),
            fixed(m.b, 4),
            fixed(found.frequency.log_likelihood, 2)
        ),
    );
    match &found.spend {
        Outcome::Found(s) => screen.wrapped(
            "Spend",
            INDENT,
            &format!(
                "gamma-gamma over {}: p {}, q {}, v {}",
                counted(s.n_customers, "customer", "customers"),
                fixed(s.model.p, 4),
                fixed(s.model.q, 4),
                fixed(s.model.v, 4)
            ),
        ),
        Outcome::Abstained(why) => screen.wrapped("Spend", INDENT, &format!("cannot say: {}", why.why)),
    }
    if let Outcome::Found(c) = &found.frequency_spend_correlation {
        let verdict = if c.low > 0.3 || c.high < -0.3 {
            "too strong for the spend model, which takes it for none: read the revenue with care"
        } else {
            "weak enough for the spend model, which takes it for none"
        };
        screen.wrapped(
            "Independence",
            INDENT,
            &format!(
                "how often and how much go together by {} ({} to {}), {verdict}",
                fixed(c.point, 2),
                fixed(c.low, 2),
                fixed(c.high, 2)
            ),
        );
    }
}

/// An amount in major units with its currency: `EUR 1,204`, `29.30`. Below a thousand with its decimals.
pub(crate) fn amount(minor: f64, currency: Option<&str>) -> String {
    let places = minor_places(currency.unwrap_or_default());
    let major = minor / 10_f64.powi(i32::from(places));
    let number = if major.abs() >= 1_000.0 || places == 0 { whole(major) } else { fixed(major, usize::from(places)) };
    currency.map_or(number.clone(), |c| format!("{c}\u{a0}{number}"))
}

#[cfg(test)]
mod tests {
    use super::{LTV_SCHEMA, amount, json, text};
    use crate::render::schema::faults;
    use crate::render::text::Colour;
    use crate::report::{LtvReport, Origin};
    use assay_math::Seed;
    use assay_metrics::ltv::histories::Orders;
    use assay_metrics::ltv::{Question, lifetime};
    use assay_model::silent;
    use serde_json::Value;

    /// Customers with a pace, an amount and an end of their own, drawn by a fixed rule.
    fn report(n: u32) -> LtvReport {
        let mut orders = Orders::default();
        let mut state = 12_345_u64;
        let mut draw = move || {
            state = state * 48_271 % 2_147_483_647;
            (state as f64 / 2_147_483_647.0).max(1e-9)
        };
        for id in 0..n {
            let (pace, amount, leave) = (-12.0 * draw().ln() / draw().sqrt(), 800.0 / draw().sqrt(), 0.3 * draw());
            let mut day = 40.0 * draw();
            while day < 300.0 {
                orders.customer.push(id);
                orders.day.push(day as i32);
                orders.amount_minor.push((amount * (0.5 + draw())) as i64);
                day += 1.0 - pace * draw().ln();
                if draw() < leave {
                    break;
                }
            }
        }
        let question = Question {
            cutoff_day: 200,
            covered_until_day: 299,
            horizon_days: 90,
            value_months: 12,
            discount_monthly: 0.01,
            confidence: 0.9,
        };
        LtvReport {
            origin: Origin { seed: Some(Seed(1)), ..Origin::default() },
            answer: lifetime(&orders, &question, Seed(1), &mut silent).unwrap(),
            question,
            currency: Some("EUR".to_owned()),
            customer_ids: (0..n).map(|id| format!("c{id}")).collect(),
        }
    }

    #[test]
    fn documents_keep_their_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../schemas/ltv-1.json")).unwrap();
        assert_eq!(schema["$id"], LTV_SCHEMA);
        for n in [0, 300] {
            let mut out = Vec::new();
            json(&report(n), &mut out).unwrap();
            let written: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(faults(&schema, &written), Vec::<String>::new());
            assert_eq!(written["forecast"]["orders"]["point"].is_number(), n > 0, "{written}");
        }
    }

    #[test]
    fn the_text_says_what_the_document_says() {
        let said = text(&report(300), Colour::Never, 100);
        assert!(said.contains("300 customers are known until 20 Jul 1970"), "{said}");
        assert!(said.contains("Revenue") && said.contains("EUR"), "{said}");
        assert!(said.lines().all(|l| l.chars().count() <= 100), "{said}");
    }

    #[test]
    fn amounts_are_shown_as_people_write_them() {
        assert_eq!(amount(123_456.0, Some("EUR")), "EUR\u{a0}1,235");
        assert_eq!(amount(2_930.0, None), "29.30");
        assert_eq!(amount(2_930.0, Some("JPY")), "JPY\u{a0}2,930");
    }
}

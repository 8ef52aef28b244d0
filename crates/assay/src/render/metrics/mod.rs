//! Metrics for people and programs: text, JSON (`assay.metrics/1`), a table, one page from audience to money.

mod json;
mod page;
mod text;

pub use json::{METRICS_SCHEMA, metrics_csv, metrics_json};
pub use page::metrics_html;
pub(crate) use page::sections as metrics_sections;
pub(super) use page::{parts_within, within};
pub use text::{metrics_list, metrics_text};

use super::format::{fixed, percent, whole};
use super::queue::lasting;
use crate::report::{MetricReport, MetricsReport};
use assay_metrics::{Figure, Metric, Unit, Value};
use assay_model::minor_places;

/// A number of a metric's unit, for people.
pub(crate) fn shown(x: f64, unit: Unit, currency: Option<&str>) -> String {
    match unit {
        // Those below a tenth to two decimals of a percent: rates of clicks and engagement differ there.
        Unit::Rate if x.abs() < 0.1 => format!("{} %", fixed(x * 100.0, 2)),
        Unit::Share | Unit::Rate => percent(x),
        Unit::Count => whole(x),
        Unit::Hours => lasting((x * 3_600_000.0).round() as i64),
        Unit::Days => format!("{} days", fixed(x, 1)),
        Unit::Minor => {
            let places = usize::from(minor_places(currency.unwrap_or_default()));
            let major = x / 10_f64.powi(places as i32);
            let number = if major.abs() >= 100_000.0 { whole(major) } else { fixed(major, places) };
            currency.map_or(number.clone(), |c| format!("{c}\u{a0}{number}"))
        }
        Unit::Ratio if x != 0.0 && x.abs() < 0.095 => fixed(x, 4),
        Unit::Ratio => fixed(x, 2),
    }
}

/// A value with its interval, for people.
pub(crate) fn value(figure: &Figure, metric: &Metric) -> String {
    let say = |x: f64| shown(x, metric.unit, figure.currency.as_deref());
    match figure.value {
        Value::Exact(x) => say(x),
        Value::Estimated(e) => format!("{} ({} to {})", say(e.point), say(e.low), say(e.high)),
        Value::AtMost(x) => format!("at most {}", say(x)),
    }
}

/// What a group's cost is once all groups are known.
fn pooled(m: &MetricReport, report: &MetricsReport) -> Option<String> {
    let e = m.pooled?;
    let currency = m.figure.found().and_then(|f| f.currency.clone()).or_else(|| {
        let beside = report.metrics.iter().filter(|o| o.group == m.group && o.metric.unit == m.metric.unit);
        beside.filter_map(|o| o.figure.found()).find_map(|f| f.currency.clone())
    });
    let say = |x: f64| shown(x, m.metric.unit, currency.as_deref());
    Some(format!("{} ({} to {})", say(e.point), say(e.low), say(e.high)))
}

/// How a value moved against the window before, where both are known.
fn change(now: &Figure, before: &Figure) -> Option<String> {
    let (a, b) = (now.value.point(), before.value.point());
    if now.currency != before.currency || b == 0.0 {
        return None;
    }
    let share = a / b - 1.0;
    let sign = if share >= 0.0 { "+" } else { "\u{2212}" };
    Some(format!("{sign}{} %", fixed(share.abs() * 100.0, 0)))
}

#[cfg(test)]
mod tests {
    use super::{fixed, shown};
    use assay_metrics::Unit;

    #[test]
    fn numbers_are_written_by_their_unit() {
        assert_eq!(shown(5_870_523.0, Unit::Minor, Some("USD")), "USD\u{a0}58,705.23");
        assert_eq!(shown(1_200.0, Unit::Minor, Some("JPY")), "JPY\u{a0}1,200");
        assert_eq!(shown(-150.0, Unit::Minor, None), "\u{2212}1.50");
        assert_eq!([shown(0.0179, Unit::Ratio, None), shown(2.5, Unit::Ratio, None)], ["0.0179", "2.50"]);
        assert_eq!([shown(0.0662, Unit::Rate, None), shown(1.5, Unit::Rate, None)], ["6.62 %", "150 %"]);
        assert_eq!((shown(0.2, Unit::Share, None), fixed(1_234.5, 1)), ("20 %".to_owned(), "1,234.5".to_owned()));
    }
}

//! Every metric of the table keeps the rules, whatever it is of.

use crate::control::{asked, business};
use crate::{Asked, By, Figure, Frame, METRICS, Metric, Slice, Unit, Value, Window, rows_of};
use assay_model::{Business, Day, Outcome, TableRows};

fn figure(metric: &Metric, business: &Business, slice: &Slice) -> Outcome<Figure> {
    metric.figure(&Frame { business, slice, asked: &asked() })
}

fn whole(business: &Business) -> Slice {
    Slice::of(business, Window::default())
}

#[test]
fn what_is_told_for_each_post_is_no_percentage() {
    for metric in METRICS.iter().filter(|m| m.definition.contains("for each post")) {
        assert_eq!(metric.unit, Unit::Ratio, "{}", metric.id);
    }
    assert_eq!(METRICS.iter().filter(|m| m.definition.contains("for each post")).count(), 3);
}

#[test]
fn controls_are_as_computed_by_hand() {
    let b = business(1);
    for metric in METRICS {
        let got = figure(metric, &b, &whole(&b));
        match (metric.control, &got) {
            (Some(want), Outcome::Found(found)) => {
                let point = found.value.point();
                assert!((point - want).abs() <= 1e-9 * want.abs(), "{}: {point}, by hand {want}", metric.id);
            }
            (None, Outcome::Abstained(_)) => {}
            _ => panic!("{}: {got:?}", metric.id),
        }
    }
}

#[test]
fn without_data_every_metric_abstains_and_says_what_would_settle_it() {
    let b = business(0);
    for metric in METRICS {
        let said = metric.figure(&Frame { business: &b, slice: &whole(&b), asked: &Asked::default() });
        let Outcome::Abstained(why) = said else { panic!("{}: {said:?}", metric.id) };
        assert!(!why.why.is_empty() && !why.would_settle.is_empty() && !why.why.ends_with('.'), "{}", metric.id);
    }
}

#[test]
fn figures_stay_in_their_range_and_intervals_hold_their_point() {
    let b = business(3);
    let mut slices = vec![whole(&b)];
    for by in [By::Week, By::Channel, By::Campaign, By::Segment, By::Source] {
        slices.extend(Slice::split(&b, Window::default(), by));
    }
    for (metric, slice) in METRICS.iter().flat_map(|m| slices.iter().map(move |s| (m, s))) {
        let Outcome::Found(found) = figure(metric, &b, slice) else { continue };
        for value in found.parts.iter().map(|p| p.value).chain([found.value]) {
            let point = value.point();
            assert!(point.is_finite(), "{}", metric.id);
            let range = match metric.unit {
                Unit::Share => 0.0..=1.0,
                Unit::Count if metric.id.starts_with("net_") => f64::MIN..=f64::MAX,
                Unit::Count | Unit::Ratio | Unit::Rate | Unit::Hours | Unit::Days | Unit::Minor => 0.0..=f64::MAX,
            };
            assert!(range.contains(&point), "{}: {point}", metric.id);
            if let Value::Estimated(e) = value {
                assert!(e.low <= e.point && e.point <= e.high && range.contains(&e.low), "{}: {e:?}", metric.id);
                assert!(range.contains(&e.high), "{}: {e:?}", metric.id);
            }
        }
        if let (Some(n), Some(d), Value::Exact(v)) = (found.numerator, found.denominator, found.value) {
            assert!(
                metric.unit == Unit::Days
                    || metric.id == "revenue_by_acquisition_source"
                    || (n / d - v).abs() < 1e-9 * v.abs(),
                "{}",
                metric.id
            );
        }
    }
}

#[test]
fn twice_the_business_has_the_same_shares_and_twice_the_counts() {
    let (one, two) = (business(1), business(2));
    for metric in METRICS {
        let (Outcome::Found(a), Outcome::Found(b)) =
            (figure(metric, &one, &whole(&one)), figure(metric, &two, &whole(&two)))
        else {
            continue;
        };
        let ratio = b.value.point() / a.value.point();
        let want = if metric.unit == Unit::Count || metric.denominator.is_empty() && metric.unit == Unit::Minor {
            2.0
        } else {
            1.0
        };
        assert!((ratio - want).abs() < 1e-9, "{}: {ratio}", metric.id);
    }
}

#[test]
fn the_function_over_the_rows_that_a_metric_names_gives_the_same_figure() {
    let b = business(2);
    let from = b.sales[0].at.expect("a time").day();
    let window = Window { from: Some(from), to: Some(Day(from.0 + 100)) };
    let mut slices = vec![(whole(&b), None)];
    slices.push((Slice::of(&b, window), None));
    for by in [By::Week, By::Channel, By::Campaign, By::Segment, By::Source] {
        slices.extend(Slice::split(&b, Window::default(), by).into_iter().map(|s| (s, Some(by))));
    }
    let mut n_found = 0;
    for metric in METRICS {
        for (slice, by) in &slices {
            let said = figure(metric, &b, slice);
            n_found += u32::from(said.found().is_some());
            let kept = b.keep(&rows_of(metric, &b, slice));
            // The same window and group, cut out of the kept rows.
            let again = match by {
                None => Slice::of(&kept, slice.window),
                Some(by) => {
                    let label = slice.group.as_ref().map(|g| g.label.clone());
                    let all = Slice::split(&kept, Window::default(), *by);
                    let same = all.into_iter().find(|s| s.group.as_ref().map(|g| g.label.clone()) == label);
                    same.unwrap_or_else(|| Slice { rows: TableRows::default(), n_across: 0, ..slice.clone() })
                }
            };
            let over_rows = figure(metric, &kept, &again);
            match (&said, &over_rows) {
                (Outcome::Found(a), Outcome::Found(b)) => assert_eq!(a, b, "{}", metric.id),
                (Outcome::Abstained(_), Outcome::Abstained(_)) => {}
                // Nobody active on a day is a figure of no rows.
                (Outcome::Found(a), Outcome::Abstained(_)) if a.value.point() == 0.0 => {}
                _ => panic!("{} {:?}: {said:?}, over its rows {over_rows:?}", metric.id, slice.group),
            }
        }
    }
    assert!(n_found > 100, "{n_found}");
}

#[test]
fn ids_are_words_of_their_own_and_every_text_is_there() {
    for (i, m) in METRICS.iter().enumerate() {
        assert!(METRICS[..i].iter().all(|o| o.id != m.id && o.name != m.name), "{}", m.id);
        assert!(m.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{}", m.id);
        for text in [m.name, m.definition, m.numerator, m.traps, m.source] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", m.id);
        }
    }
}

#[test]
fn every_table_of_the_split_tells_its_groups() {
    let b = business(1);
    let label = |by| {
        let slices = Slice::split(&b, Window::default(), by);
        slices.into_iter().filter_map(|s| s.group.map(|g| g.label)).collect::<Vec<_>>()
    };
    assert_eq!(label(By::Segment), ["age 18-24", "age 25-34"]);
    assert_eq!(label(By::Source), ["meta ads", "newsletter"]);
    assert_eq!(label(By::Campaign), ["campaign0-0"]);
    assert_eq!(label(By::Channel), ["(not told)", "meta", "meta ads", "network0", "newsletter"]);
    assert_eq!(label(By::Week)[0], "2026-01-05");
}

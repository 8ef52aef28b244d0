//! Simulations for people and programs: text, JSON, a page, and tables.

pub(super) mod chart;
mod json;
mod page;
mod tables;
mod text;

pub use json::{SIMULATION_SCHEMA, simulation_json};
pub use page::simulation_html;
pub use tables::{simulated_posts_csv, simulation_parquet};
pub use text::simulation_text;

use super::format::{fixed, percent, whole};
use crate::report::SimulationReport;
use assay_math::Estimate;
use assay_model::Outcome;
use assay_reach::feed::{Measure, Window};

/// What a window is called.
fn window_name(window: &Window) -> String {
    let name = match window.id {
        "before_purchase" => "before the purchase",
        "after_purchase" => "after the purchase",
        "after_removal" => "after the removal",
        _ => "at the end",
    };
    format!("{name} (days {} to {})", window.from, window.to.saturating_sub(1))
}

/// A value of a measure, as people read it.
fn written(measure: Measure, value: f64, currency: &str) -> String {
    match measure {
        Measure::RateByFollowers => percent(value),
        Measure::Revenue => money(value, currency),
        _ if value == 0.0 => "0".to_owned(),
        _ if value < 9.95 => fixed(value, 1),
        _ => whole(value),
    }
}

/// Minor units as money, which does not break over lines: `EUR 1,204.50`.
fn money(minor: f64, currency: &str) -> String {
    let cents = (minor.abs().round() as u64) % 100;
    let whole_units = whole((minor.abs().round() / 100.0).floor());
    let sign = if minor <= -0.5 { "\u{2212}" } else { "" };
    format!("{currency}\u{a0}{sign}{whole_units}.{cents:02}")
}

/// A ratio less one, in percent with its sign: `−35 %`, `+2 %`.
fn change(ratio: f64) -> String {
    let percent = 100.0 * (ratio - 1.0);
    let size = percent.abs();
    let digits = usize::from((0.05..9.95).contains(&size));
    let sign = match percent {
        p if p.abs() < 0.05 => "\u{b1}",
        p if p < 0.0 => "\u{2212}",
        _ => "+",
    };
    format!("{sign}{} %", fixed(if size < 0.05 { 0.0 } else { size }, digits))
}

/// The answer in one sentence: reach among people after the purchase, against the page that bought none.
fn headline(report: &SimulationReport) -> String {
    let policy = &report.scenario.platform.policy;
    if report.scenario.buy.is_empty() {
        return format!(
            "Under {policy} a page of {} people was simulated; it bought nothing.",
            whole(report.scenario.page.followers as f64)
        );
    }
    let bought: u64 = report.scenario.buy.iter().map(|b| b.followers).sum();
    let of = |id: &str| -> Option<Estimate> {
        let window = report.comparison.windows.iter().find(|w| w.id == id)?;
        match &window.rows.iter().find(|(m, _)| *m == Measure::PeopleReach)?.1[2] {
            Outcome::Found(e) => Some(*e),
            Outcome::Abstained(_) => None,
        }
    };
    let told = |e: Estimate| format!("{} ({} to {})", fewer(e.point), change(e.low), change(e.high));
    let people = whole(report.scenario.page.followers as f64);
    let mut said = match of("after_purchase") {
        Some(e) => format!(
            "Under {policy} a page of {people} people that buys {} followers reaches {}, against the same page that bought none",
            whole(bought as f64),
            told(e)
        ),
        None => format!(
            "Under {policy} a page of {people} people bought {} followers; what that does to reach cannot be said",
            whole(bought as f64)
        ),
    };
    if let Some(e) = of("after_removal") {
        said = format!("{said}; after removing them, {}", told(e));
    }
    said.push('.');
    said
}

/// A ratio of people in words: `38 % fewer people a post`.
fn fewer(ratio: f64) -> String {
    let size = change(ratio).trim_start_matches(['\u{2212}', '+', '\u{b1}']).to_owned();
    match ratio {
        r if (r - 1.0).abs() < 0.0005 => "as many people a post".to_owned(),
        r if r < 1.0 => format!("{size} fewer people a post"),
        _ => format!("{size} more people a post"),
    }
}

/// What this is and is not.
const CAVEAT: &str = "A simulation says what follows from its rules, not what a platform does. Which rules hold on a given platform is mostly unknown: try several policies.";

#[cfg(test)]
mod tests {
    use super::{
        change, money, simulated_posts_csv, simulation_html, simulation_json, simulation_parquet, simulation_text,
    };
    use crate::pipeline::{SimulationOptions, read_scenario, simulate};
    use crate::render::schema::faults;
    use crate::report::{Engine, SimulationReport};
    use assay_math::Seed;
    use assay_model::Go;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    fn report(toml: &str, n_seeds: u32) -> SimulationReport {
        let scenario = read_scenario("s.toml", toml).expect("a scenario");
        let options = SimulationOptions { engine: Engine::Cohorts, seed: Seed(1), n_seeds, threads: 1 };
        simulate(&scenario, None, &options, &mut |_, _| Go::On).expect("not stopped")
    }

    const BOUGHT: &str =
        "days = 90\n[platform]\npolicy = \"per-follower\"\n[[buy]]\nday = 30\nfollowers = 5000\n[[remove]]\nday = 60\n";

    #[test]
    fn json_keeps_the_published_schema() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../schemas/reach-simulate-1.json")).unwrap();
        for report in [report(BOUGHT, 19), report("days = 20", 2), report("days = 9\n[page]\nposts_a_day = 0.0", 19)] {
            let mut out = Vec::new();
            simulation_json(&report, &mut out).unwrap();
            let said: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(faults(&schema, &said), Vec::<String>::new());
            assert_eq!(said["schema"], "assay.reach-simulate/1");
        }
    }

    #[test]
    fn text_says_the_change_and_why_it_cannot() {
        let text = simulation_text(&report(BOUGHT, 19));
        assert!(
            text.contains("against the same page that bought none") && text.contains("after removing them"),
            "{text}"
        );
        assert!(text.contains("before the purchase") && text.contains("after the removal"));
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
        let few = simulation_text(&report(BOUGHT, 2));
        assert!(few.contains("cannot be said") && few.contains("--seeds 19"), "{few}");
    }

    #[test]
    fn the_page_loads_nothing_and_draws_its_series() {
        let mut out = Vec::new();
        simulation_html(&report(BOUGHT, 19), &mut out).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(
            page.contains("script-src 'none'")
                && !page.contains("<script")
                && !page.contains("http:")
                && !page.contains("https:")
        );
        assert!(page.matches("<svg").count() >= 4 && !page.contains("NaN"));
        assert_eq!(page.matches("<h1").count(), 1);
    }

    #[test]
    fn the_table_has_a_row_for_each_seed_world_and_day() {
        let mut out = Vec::new();
        simulation_parquet(&report("days = 20", 2), &mut out).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(out)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 2 * 2 * 20);
        let mut posts = Vec::new();
        simulated_posts_csv(&report("days = 20", 1), &mut posts).unwrap();
        let posts = String::from_utf8(posts).unwrap();
        assert_eq!(posts.lines().count(), 21);
        assert!(posts.starts_with("published_at,type,reach,fan_reach,impressions,engagements,paid,followers,"));
        assert!(posts.lines().nth(1).unwrap().starts_with("2026-01-01T"));
    }

    #[test]
    fn changes_and_money_are_written_for_people() {
        assert_eq!([0.65, 1.0, 1.021, 2.0].map(change), ["\u{2212}35 %", "\u{b1}0 %", "+2.1 %", "+100 %"]);
        assert_eq!(
            [120_450.0, -99.6, 5.0].map(|m| money(m, "EUR")),
            ["EUR\u{a0}1,204.50", "EUR\u{a0}\u{2212}1.00", "EUR\u{a0}0.05"]
        );
    }
}

//! Reports about reach, for people and programs.

mod backtest;
pub(super) mod chart;
mod fit;
mod page;
mod plans;
mod removal;
mod what_if;
mod what_if_page;

use super::{document as json, origin};

pub use backtest::{BACKTEST_SCHEMA, backtest_json, backtest_text};
pub use fit::{FIT_SCHEMA, fit_json, fit_text};
pub use page::fit_html;
pub(super) use page::inputs;
pub use removal::removal_html;
pub use what_if::{WHAT_IF_SCHEMA, what_if_json, what_if_text};
pub use what_if_page::what_if_html;
pub(crate) use what_if_page::what_if_sections;

#[cfg(test)]
mod tests {
    use super::{backtest_json, fit_html, fit_json, fit_text, what_if_html, what_if_json, what_if_text};
    use crate::pipeline::reach::{
        FitAsked, RemovalAsked, ShareSource, ValueSource, WhatIfAsked, fit, seal_removal, what_if,
    };
    use crate::pipeline::{plan_of, seal};
    use crate::render::Colour;
    use crate::render::schema::faults;
    use crate::report::reach::{BacktestReport, FitReport, Origin};
    use assay_math::{Estimate, Seed};
    use assay_model::{Abstention, Go, Outcome, Post, Posts, Reject, SourceFile, Span, TimeMs, silent};
    use assay_reach::page::{Change, FitOptions, Series, Target, backtest};
    use serde_json::Value;
    use std::fmt::Write as _;

    fn origin() -> Origin {
        Origin {
            seed: None,
            files: vec![SourceFile {
                name: "p.csv".to_owned(),
                sha256: "0".repeat(64),
                rows: 2,
                taken: 1,
                rejected: 1,
            }],
            rejects: vec![Reject { file: "p.csv".to_owned(), line: 3, why: "no time".to_owned() }],
            n_rejected: 1,
            window: Some(Span { from: TimeMs(0), to: TimeMs(86_400_000) }),
            warnings: vec![crate::report::Warning { id: "note", text: "a note".to_owned() }],
        }
    }

    fn series() -> Series {
        let mut posts = Posts::default();
        for i in 0..60_u32 {
            let at = Some(TimeMs(i64::from(i) * 40_000_000));
            posts.push(&Post { published_at: at, reach: Some(50 + i * 37 % 41), ..Post::default() });
        }
        Series::new(&posts, Target::Reach)
    }

    fn document(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Value {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_backtest_keeps_its_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../../schemas/reach-backtest-1.json")).unwrap();
        let found = backtest(&series(), 0.5, &mut silent).unwrap();
        let abstained = Outcome::Abstained(Abstention::new("few posts", "more posts"));
        for answer in [found, abstained] {
            let report = BacktestReport { origin: origin(), target: Target::Reach, answer };
            let written = document(|out| backtest_json(&report, out));
            assert_eq!(faults(&schema, &written), Vec::<String>::new());
        }
    }

    fn asked(paths: Vec<std::path::PathBuf>, share: Option<f64>) -> FitAsked {
        let share = share.map_or(ShareSource::Unknown, |s| ShareSource::Given(Estimate::new(s, s * 0.8, s * 1.1, 0.9)));
        FitAsked {
            paths,
            reading: assay_import::ReadOptions::default(),
            target: None,
            share,
            history: None,
            options: FitOptions::default(),
            seed: Seed(1),
            boosts_to: None,
        }
    }

    fn table(name: &str, n: u32) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("assay-reach-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut text = String::from("published_at,reach,engagements,paid,followers,type\n");
        for i in 0..n {
            let day = 1 + i % 28;
            let month = 1 + i / 28;
            let _ = writeln!(
                text,
                "2025-{month:02}-{day:02}T12:00:00Z,{},{},{},900,{}",
                50 + i * 37 % 41,
                i % 7,
                i % 3 % 2,
                ["a", "b"][i as usize % 2]
            );
        }
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn fitted(n: u32, share: Option<f64>) -> FitReport {
        fit(&asked(vec![table(&format!("{n}-{}.csv", share.is_some()), n)], share), &mut |_, _, _| Go::On).unwrap()
    }

    #[test]
    fn a_fit_keeps_its_schema_and_says_when_nothing_is_told() {
        let schema: Value = serde_json::from_str(include_str!("../../../schemas/reach-fit-1.json")).unwrap();
        for report in [fitted(60, Some(0.4)), fitted(60, None), fitted(5, Some(0.4))] {
            let written = document(|out| fit_json(&report, out));
            assert_eq!(faults(&schema, &written), Vec::<String>::new());
            let text = fit_text(&report, Colour::Never, 100);
            assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
            let mut page = Vec::new();
            fit_html(&report, &mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            assert!(page.matches("<h1").count() == 1 && !page.contains("<script") && !page.contains("NaN"));
        }
        // The share never changed: nothing is told, and that is said.
        let report = fitted(60, Some(0.4));
        assert!(fit_text(&report, Colour::Never, 100).contains("your data do not separate these"));
        assert!(!report.plans.is_empty());
        assert!(fit_text(&fitted(5, Some(0.4)), Colour::Never, 100).contains("cannot be said"));
    }

    #[test]
    fn an_outlook_keeps_its_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../../schemas/reach-what-if-1.json")).unwrap();
        let base = WhatIfAsked {
            fit: asked(Vec::new(), None),
            followers: Some(300),
            engaged: Some(40.0),
            reach: None,
            posts_per_week: None,
            change: Some(Change::Buy(10_000.0)),
            promote: Some((200.0, Some("all".to_owned()))),
            value: ValueSource::Given(20.0, "EUR".to_owned()),
            weeks: 12,
            experiment: None,
        };
        let removal = WhatIfAsked {
            fit: asked(vec![table("removal.csv", 40)], Some(0.4)),
            followers: None,
            engaged: None,
            change: Some(Change::Remove(300.0, 3)),
            ..base.clone()
        };
        for asked in [base, removal] {
            let report = what_if(&asked, &mut |_, _, _| Go::On).unwrap();
            let written = document(|out| what_if_json(&report, out));
            assert_eq!(faults(&schema, &written), Vec::<String>::new());
            let text = what_if_text(&report, Colour::Never, 100);
            assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
            let mut page = Vec::new();
            what_if_html(&report, &mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            assert!(page.matches("<h1").count() == 1 && !page.contains("<script") && !page.contains("NaN"));
        }
    }

    #[test]
    fn a_removal_as_an_experiment_keeps_to_its_schemas() {
        let schema: Value = serde_json::from_str(include_str!("../../../schemas/reach-what-if-1.json")).unwrap();
        let sealed_schema: Value =
            serde_json::from_str(include_str!("../../../schemas/experiment-sealed-1.json")).unwrap();
        let wanted = |n_weeks: u32| WhatIfAsked {
            fit: asked(vec![table("experiment.csv", 120)], Some(0.4)),
            followers: None,
            engaged: None,
            reach: None,
            posts_per_week: None,
            change: Some(Change::Remove(300.0, 3)),
            promote: None,
            value: ValueSource::Unknown,
            weeks: n_weeks,
            experiment: Some(RemovalAsked {
                from: jiff::civil::date(2025, 6, 2),
                hold_out_days: 3,
                salt: "spring".to_owned(),
            }),
        };
        // In nine weeks three steps allow no small p-value.
        for n_weeks in [9, 14] {
            let asked = wanted(n_weeks);
            let report = what_if(&asked, &mut |_, _, _| Go::On).unwrap();
            let written = document(|out| what_if_json(&report, out));
            assert_eq!(faults(&schema, &written), Vec::<String>::new());
            let text = what_if_text(&report, Colour::Never, 100);
            assert!(text.contains("As an experiment") && text.lines().all(|l| l.chars().count() <= 100), "{text}");
            assert_eq!(text.contains("cannot find anything"), n_weeks == 9, "{text}");
            let mut page = Vec::new();
            what_if_html(&report, &mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            assert!(page.contains("As an experiment") && !page.contains("NaN"));
            let plan = report.experiment.expect("a plan");
            let sealed = seal_removal(&plan, &asked.fit.reading, "2025-05-20T08:00:00Z".to_owned());
            let sealed = seal(&sealed);
            assert_eq!(faults(&sealed_schema, &sealed), Vec::<String>::new());
            // What is written is read back as it was, to the last digit.
            assert!(plan_of(&sealed.to_string()).unwrap().is_intact);
        }
    }
}

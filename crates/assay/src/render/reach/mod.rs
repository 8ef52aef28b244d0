//! Reports about reach, for people and programs.

mod backtest;

use super::{document as json, origin};

pub use backtest::{BACKTEST_SCHEMA, backtest_json, backtest_text};

#[cfg(test)]
mod tests {
    use super::backtest_json;
    use crate::render::schema::faults;
    use crate::report::reach::{BacktestReport, Origin};
    use assay_model::{Abstention, Outcome, Post, Posts, Reject, SourceFile, Span, TimeMs, silent};
    use assay_reach::page::{Series, Target, backtest};
    use serde_json::Value;

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
}

//! Who is in which ring: one row for each account of each ring.

use crate::render::verdicts::not_a_formula;
use crate::report::RingsReport;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes `ring,account,side,score,edges,kind`: the ring's id, the account as the input writes it, `source` or `target`, the
/// probability that it belongs (0..1, full precision), its edges within the ring, and `member`, or `single` for an account
/// with one edge that came in a burst. A cell that begins like a formula gets a `'` before it.
///
/// # Errors
/// When `out` cannot be written to.
pub fn members_csv(report: &RingsReport, out: impl Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(out);
    csv.write_record(["ring", "account", "side", "score", "edges", "kind"])?;
    let (mut id, mut score, mut edges) = (String::new(), String::new(), String::new());
    for (number, ring) in (1..).zip(&report.rings.rings) {
        let names = &report.names;
        let sources = ring.sources.iter().map(|m| (names.source(m.account), "source", m.score, m.n_edges, "member"));
        let targets = ring.targets.iter().map(|t| (names.target(t.account), "target", t.score, t.n_edges, "member"));
        let singles = ring.singles.iter().map(|m| (names.source(m.account), "source", m.score, m.n_edges, "single"));
        for (account, side, belongs, n_edges, kind) in sources.chain(targets).chain(singles) {
            id.clear();
            score.clear();
            edges.clear();
            let _ = write!(id, "{number}");
            let _ = write!(score, "{belongs}");
            let _ = write!(edges, "{n_edges}");
            csv.write_record([&id, &*not_a_formula(&account), side, &score, &edges, kind])?;
        }
    }
    csv.flush()
}

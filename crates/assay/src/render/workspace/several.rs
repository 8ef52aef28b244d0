//! Several workspaces as one table: text, CSV and JSON (`assay.workspaces/1`).

use crate::pipeline::workspace::{PageLine, WorkspaceLine, WorkspaceTold};
use crate::render::document;
use crate::render::format::{count, day, percent, percent_range, plain, rfc3339};
use crate::render::metrics::shown;
use assay_metrics::Unit;
use assay_model::Outcome;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema of several workspaces.
pub const WORKSPACES_SCHEMA: &str = "assay.workspaces/1";

/// What stands where nothing can be said.
const UNSAID: &str = "-";

/// A row for each page; the figures of a workspace stand in its first row.
struct Row<'a> {
    line: &'a WorkspaceLine,
    told: Option<&'a WorkspaceTold>,
    page: Option<&'a PageLine>,
}

fn rows(lines: &[WorkspaceLine]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for line in lines {
        let told = line.told.as_ref().ok();
        let pages = told.map_or(&[][..], |t| &t.pages);
        if pages.is_empty() {
            rows.push(Row { line, told, page: None });
        }
        for (i, page) in pages.iter().enumerate() {
            rows.push(Row { line, told: told.filter(|_| i == 0), page: Some(page) });
        }
    }
    rows
}

/// The table for people, with what could not be read below it.
pub fn workspaces_text(lines: &[WorkspaceLine]) -> String {
    if lines.is_empty() {
        return "No workspace is there. `assay import PATH --workspace DIR/client.db` makes one.\n".to_owned();
    }
    let head = ["workspace", "page", "followers", "genuine", "active 28 d", "engaged", "revenue", "last import"];
    let mut table: Vec<[String; 8]> = vec![head.map(str::to_owned)];
    for row in rows(lines) {
        let number = |n: Option<f64>| n.map_or(UNSAID.to_owned(), |n| count(n as u64));
        let of_page = |f: &dyn Fn(&PageLine) -> Option<f64>| number(row.page.and_then(f));
        let genuine = row
            .page
            .and_then(|p| p.genuine.found())
            .map_or(UNSAID.to_owned(), |e| format!("{} ({})", percent(e.point), percent_range(e)));
        let revenue = row
            .told
            .and_then(|t| t.revenue.found())
            .map_or(String::new(), |figure| shown(figure.value.point(), Unit::Minor, figure.currency.as_deref()));
        table.push([
            plain(&row.line.name).into_owned(),
            row.page.and_then(|p| p.page.as_deref()).map_or(UNSAID.to_owned(), |name| plain(name).into_owned()),
            of_page(&|p| p.followers.map(|f| f.0 as f64)),
            genuine,
            of_page(&|p| p.active_28d.found().copied()),
            of_page(&|p| p.engaged.found().copied()),
            revenue,
            row.told.and_then(|t| t.last_import).map_or(String::new(), day),
        ]);
    }
    let widths: [usize; 8] = std::array::from_fn(|i| table.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for row in &table {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
            let padding = " ".repeat(width - cell.chars().count());
            // Numbers stand to the right.
            let is_number = matches!(i, 2 | 4 | 5 | 6);
            let _ = if is_number { write!(line, "{padding}{cell}  ") } else { write!(line, "{cell}{padding}  ") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let mut reasons: Vec<String> = Vec::new();
    for line in lines {
        match &line.told {
            Err(error) => reasons.push(format!("{}: {error}", line.name)),
            Ok(told) => {
                for page in &told.pages {
                    if let Outcome::Abstained(why) = &page.genuine {
                        let name = page.page.as_deref().unwrap_or("a page without a name");
                        reasons.push(format!("{}, {name}: {}; {}", line.name, why.why, why.would_settle));
                    }
                }
            }
        }
    }
    if !reasons.is_empty() {
        text.push_str("\nCannot be said\n");
        for reason in reasons {
            let _ = writeln!(text, "  - {}", plain(&reason));
        }
    }
    text
}

/// The table as CSV: a row for each page. Revenue and last import stand in the first row of each workspace, so that sums are right.
///
/// # Errors
/// When `out` cannot be written to.
pub fn workspaces_csv(lines: &[WorkspaceLine], out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "workspace",
        "page",
        "followers",
        "as_of",
        "genuine_point",
        "genuine_low",
        "genuine_high",
        "confidence",
        "active_28d",
        "engaged",
        "revenue_minor",
        "currency",
        "last_import",
    ])?;
    for row in rows(lines) {
        let text = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
        let safe = |name: &str| crate::render::verdicts::not_a_formula(name).into_owned();
        let page = row.page;
        let genuine = page.and_then(|p| p.genuine.found());
        let revenue = row.told.and_then(|t| t.revenue.found());
        csv.write_record([
            safe(&row.line.name),
            page.and_then(|p| p.page.as_deref()).map_or(String::new(), safe),
            text(page.and_then(|p| p.followers).map(|f| f.0 as f64)),
            page.and_then(|p| p.followers).map_or(String::new(), |f| rfc3339(f.1)),
            text(genuine.map(|e| e.point)),
            text(genuine.map(|e| e.low)),
            text(genuine.map(|e| e.high)),
            text(genuine.map(|e| e.confidence)),
            text(page.and_then(|p| p.active_28d.found().copied())),
            text(page.and_then(|p| p.engaged.found().copied())),
            text(revenue.map(|f| f.value.point())),
            revenue.and_then(|f| f.currency.clone()).unwrap_or_default(),
            row.told.and_then(|t| t.last_import).map_or(String::new(), rfc3339),
        ])?;
    }
    csv.flush()
}

/// The workspaces as JSON.
pub fn workspaces_json(lines: &[WorkspaceLine]) -> Value {
    let number = |outcome: &Outcome<f64>| match outcome {
        Outcome::Found(n) => json!(n),
        Outcome::Abstained(why) => document::abstained(why),
    };
    let page = |p: &PageLine| {
        json!({
            "page": p.page,
            "followers": p.followers.map(|f| f.0),
            "as_of": p.followers.map(|f| rfc3339(f.1)),
            "genuine_share": document::answer(&p.genuine),
            "active_audience_28d": number(&p.active_28d),
            "engaged": number(&p.engaged),
        })
    };
    let line = |line: &WorkspaceLine| {
        let told = line.told.as_ref();
        let revenue = told.ok().map(|t| match &t.revenue {
            Outcome::Found(figure) => json!(figure.value.point()),
            Outcome::Abstained(why) => document::abstained(why),
        });
        json!({
            "workspace": line.name,
            "path": line.path.display().to_string(),
            "last_import": told.ok().and_then(|t| t.last_import).map(rfc3339),
            "revenue_minor": revenue,
            "currency": told.ok().and_then(|t| t.revenue.found()).and_then(|f| f.currency.clone()),
            "pages": told.map_or(Vec::new(), |t| t.pages.iter().map(page).collect()),
            "problem": told.err().map(ToString::to_string),
        })
    };
    json!({
        "schema": WORKSPACES_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "workspaces": lines.iter().map(line).collect::<Vec<_>>(),
    })
}

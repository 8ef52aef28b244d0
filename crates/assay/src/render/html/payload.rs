//! What the page's script draws: a short JSON block, and columns of points as base64, two bytes and two bits a follower.

use crate::render::format::{count, per_step, ranks, span};
use crate::report::AuditReport;
use assay_model::{Class, Span, TimeMs, TimeQuality};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

/// More followers than this are thinned evenly on the map: no screen tells two million points apart.
const POINTS_MAX: usize = 2_000_000;

/// Everything the charts draw.
pub(super) struct Payload {
    /// JSON, safe inside a `script` element.
    pub(super) json: String,
    /// The points of the map.
    pub(super) points: Option<Points>,
}

/// The points of the follower map.
pub(super) struct Points {
    /// Every `stride`-th follower is a point.
    pub(super) stride: usize,
    /// The span that creation dates are quantised over.
    pub(super) created: Span,
    /// For each point, 0 where there is no creation date, else 1..=65535 from the first to the last of `created`.
    pub(super) level: Vec<u16>,
    /// For each point, its class: 0 unsure, 1 genuine, 2 dormant, 3 inauthentic.
    pub(super) class: Vec<u8>,
}

#[derive(Serialize)]
struct Data {
    n: usize,
    map: Option<Map>,
    growth: Option<Growth>,
    marks: Vec<Shade>,
}

#[derive(Serialize)]
struct Map {
    stride: usize,
    points: usize,
    from: i64,
    to: i64,
}

#[derive(Serialize)]
struct Growth {
    from: i64,
    width: i64,
    per: String,
    follows: Vec<f64>,
    unfollows: Option<Vec<f64>>,
}

/// A batch or a spike, to be shaded.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Shade {
    /// `b1`, `s1`, …
    pub(super) id: String,
    /// Whether it is a batch.
    pub(super) batch: bool,
    /// First and last rank.
    pub(super) ranks: Option<[u32; 2]>,
    /// First and last moment, ms, widened to whole steps of growth, so that the shade covers the bars it is about.
    pub(super) times: Option<[i64; 2]>,
    /// What it is, in words.
    pub(super) text: String,
}

/// Why there is no map, in a sentence; `None` where there is one.
pub(super) fn no_map(report: &AuditReport) -> Option<&'static str> {
    let audience = &report.page.audience;
    if audience.is_empty() {
        return Some("The input names no followers, so there is no map of them.");
    }
    if !audience.created_at.has_values() {
        return Some("The input does not say when the followers' accounts were opened, so the map cannot be drawn.");
    }
    (audience.quality() == TimeQuality::Unknown)
        .then_some("The input does not say in which order the followers came, so the map cannot be drawn.")
}

/// The batches and spikes of a report, as they are shaded on both charts.
pub(super) fn shades(report: &AuditReport) -> Vec<Shade> {
    let quality = report.time_quality();
    let when = |s: Option<Span>| s.map_or(String::new(), |s| format!(", {}", span(s, quality)));
    let times = |s: Option<Span>| s.map(|s| in_steps(report, s));
    let batches = report.verdicts.batches.iter().map(|b| Shade {
        id: b.id.clone(),
        batch: true,
        ranks: Some([b.ranks.first, b.ranks.last]),
        times: times(b.arrived),
        text: format!("batch {}, ranks {}{}", b.id, ranks(b.ranks), when(b.arrived)),
    });
    let spikes = report.verdicts.spikes.iter().enumerate().map(|(i, s)| Shade {
        id: format!("s{}", i + 1),
        batch: false,
        ranks: s.ranks.map(|r| [r.first, r.last]),
        times: times(s.span),
        text: format!(
            "burst s{} ({}), {} followers{}",
            i + 1,
            crate::render::reading(s.reading),
            count(s.n_followers),
            when(s.span)
        ),
    });
    batches.chain(spikes).collect()
}

fn in_steps(report: &AuditReport, span: Span) -> [i64; 2] {
    let Some(first) = report.growth.first().map(|s| s.span) else { return [span.from.0, span.to.0] };
    let width = first.to.0 - first.from.0 + 1;
    let start = |at: TimeMs| first.from.0 + (at.0 - first.from.0).div_euclid(width) * width;
    [start(span.from), start(span.to) + width]
}

/// Gathers what the charts draw. Costs O(n) in followers.
pub(super) fn payload(report: &AuditReport) -> Payload {
    let points = no_map(report).is_none().then(|| points(report));
    let data = Data {
        n: report.page.audience.len(),
        map: points.as_ref().map(|p| Map {
            stride: p.stride,
            points: p.level.len(),
            from: p.created.from.0,
            to: p.created.to.0,
        }),
        growth: growth(report),
        marks: shades(report),
    };
    // The block holds our own words and numbers alone; should a "<" ever enter, it cannot end the element.
    let json = serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c");
    Payload { json, points }
}

fn points(report: &AuditReport) -> Points {
    let audience = &report.page.audience;
    let dates = || audience.created_at.iter().flatten();
    let whole = dates().map(|at| Span { from: at, to: at }).reduce(Span::join);
    let created = whole.unwrap_or(Span { from: TimeMs(0), to: TimeMs(0) });
    let stride = audience.len().div_ceil(POINTS_MAX).max(1);
    let width = (created.to.0 as f64 - created.from.0 as f64).max(1.0);
    let level = |at: TimeMs| 1 + ((at.0 as f64 - created.from.0 as f64) / width * 65534.0).round() as u16;
    let rows = || (0..audience.len()).step_by(stride);
    Points {
        stride,
        created,
        level: rows().map(|i| audience.created_at.get(i).map_or(0, level)).collect(),
        class: rows().map(|i| class_code(report.verdicts.class[i])).collect(),
    }
}

fn class_code(class: Class) -> u8 {
    match class {
        Class::Unsure => 0,
        Class::Genuine => 1,
        Class::Dormant => 2,
        Class::Inauthentic => 3,
    }
}

impl Points {
    /// The levels, little-endian.
    pub(super) fn level_bytes(&self) -> Vec<u8> {
        self.level.iter().flat_map(|l| l.to_le_bytes()).collect()
    }

    /// The classes, four to a byte, lowest bits first.
    pub(super) fn class_bytes(&self) -> Vec<u8> {
        let pack = |four: &[u8]| four.iter().enumerate().fold(0, |byte, (i, class)| byte | class << (2 * i));
        self.class.chunks(4).map(pack).collect()
    }

    /// The levels as base64.
    pub(super) fn levels_base64(&self) -> String {
        STANDARD.encode(self.level_bytes())
    }

    /// The classes as base64.
    pub(super) fn classes_base64(&self) -> String {
        STANDARD.encode(self.class_bytes())
    }
}

fn growth(report: &AuditReport) -> Option<Growth> {
    let first = report.growth.first()?;
    let lost = report.growth.iter().any(|s| s.unfollows.is_some());
    Some(Growth {
        from: first.span.from.0,
        width: first.span.to.0 - first.span.from.0 + 1,
        per: per_step(first.span),
        follows: report.growth.iter().map(|s| s.follows).collect(),
        unfollows: lost.then(|| report.growth.iter().map(|s| s.unfollows.unwrap_or(0.0)).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::payload;
    use crate::render::fixture;

    #[test]
    fn points_keep_their_dates_to_a_few_hours_and_their_class() {
        let report = fixture::one_batch();
        let points = payload(&report).points.unwrap();
        let created = &report.page.audience.created_at;
        let step = (points.created.to.0 - points.created.from.0) as f64 / 65534.0;
        for i in [0, 1000, 3400, 5188] {
            let back = points.created.from.0 as f64 + f64::from(points.level[i] - 1) * step;
            assert!((back - created.get(i).unwrap().0 as f64).abs() <= step);
        }
        assert_eq!((points.class[3400], points.class[0]), (3, 1));
        assert_eq!(points.classes_base64().len(), 5189_usize.div_ceil(4).div_ceil(3) * 4);
    }

    #[test]
    fn nothing_in_the_block_can_end_it() {
        assert!(!payload(&fixture::hostile()).json.contains('<'));
    }
}

//! What buying, removing or promoting would do, as text and JSON (`assay.reach-what-if/1`).

use super::fit::{change, plans_text, signed};
use super::plans::plans_json;
use super::removal::{removal_json, removal_text};
use super::{json, origin};
use crate::render::format::{count, fixed, percent, percent_range, plain, sentence, whole, whole_range};
use crate::render::text::{Colour, Screen};
use crate::report::reach::{Valued, WhatIfReport};
use assay_model::Outcome;
use assay_reach::page::{Change, Week};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`what_if_json`] writes.
pub const WHAT_IF_SCHEMA: &str = "assay.reach-what-if/1";

/// Writes the report as JSON of schema `assay.reach-what-if/1`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn what_if_json(report: &WhatIfReport, out: impl Write) -> io::Result<()> {
    let page = &report.page;
    let followed = report.followed.as_ref().map(|(change, outcomes)| {
        let paths: Vec<Value> = outcomes
            .by_mechanism
            .iter()
            .map(|path| json!({"id": path.mechanism.id(), "weight": path.weight, "weeks": weeks(&path.weeks)}))
            .collect();
        json!({
            "change": match change {
                Change::Buy(n) => json!({"kind": "buy", "n_followers": n, "n_steps": 1}),
                Change::Remove(n, steps) => json!({"kind": "remove", "n_followers": n, "n_steps": steps}),
            },
            "weeks": weeks(&outcomes.all),
            "mechanisms": paths,
            "author_lift_of_x": {"before": outcomes.author_lift.0, "after": outcomes.author_lift.1},
        })
    });
    let promoted = report
        .promoted
        .as_ref()
        .map(|p| json!({"amount": p.amount, "audience": p.audience, "extra_reach": json::answer(&p.extra_reach)}));
    let answer = json!({
        "confidence": report.confidence,
        "from_posts": report.from_posts,
        "would_settle": report.would_settle(),
        "page": {
            "n_followers": page.followers,
            "n_inauthentic": page.inauthentic,
            "reach": page.reach,
            "engaged": page.engaged,
            "rate_of_followers": page.engaged.map(|e| e / page.followers.max(1.0)),
            "posts_per_week": page.posts_per_week,
            "seen_share": page.seen_share,
        },
        "value": report.value.as_ref().map(|v| json!({
            "engagement_minor": v.minor.found().map(|e| e.point),
            "currency": v.currency,
            "estimate": json::answer(&v.minor),
            "n_weeks": v.n_weeks,
        })),
        "followed": followed,
        "promoted": promoted,
        "plans": plans_json(&report.plans),
        "experiment": removal_json(report.experiment.as_ref()),
    });
    json::write(WHAT_IF_SCHEMA, &report.origin, answer, out)
}

fn weeks(weeks: &[Week]) -> Vec<Value> {
    weeks
        .iter()
        .map(|w| {
            json!({
                "week": w.week,
                "n_followers": w.followers,
                "reach_ratio": w.reach_ratio,
                "reach": w.reach,
                "engaged": w.engaged,
                "rate_of_followers": w.rate_of_followers,
                "revenue_change_minor": w.revenue_change_minor,
            })
        })
        .collect()
}

/// What is done, in words.
pub(super) fn done(change: &Change) -> String {
    match change {
        Change::Buy(n) => format!("buying {} followers", whole(*n)),
        Change::Remove(n, 1) => format!("removing {} followers at once", whole(*n)),
        Change::Remove(n, steps) => format!("removing {} followers in {steps} steps, a fortnight apart", whole(*n)),
    }
}

/// The sentence that a reader takes away.
pub(super) fn headline(report: &WhatIfReport) -> String {
    let Some((change_made, outcomes)) = &report.followed else { return "What promoting would bring".to_owned() };
    let Some(last) = outcomes.all.last() else { return String::new() };
    let r = &last.reach_ratio;
    let what = done(change_made);
    let capital = what.chars().next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default() + &what[1..];
    format!(
        "{capital} would change the reach of a post by {} to {} after {} weeks, against the page left alone.",
        change(r.low - 1.0),
        change(r.high - 1.0),
        last.week
    )
}

/// The report for a terminal.
pub fn what_if_text(report: &WhatIfReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    let head = screen.styled("1", &headline(report));
    screen.wrapped("", 0, &head);
    let source =
        if report.from_posts { "what the posts left of the priors" } else { "the priors alone, before any history" };
    screen.wrapped("", 0, &format!("This rests on {source}: which mechanism a platform uses is not known."));
    screen.line("");
    let page = &report.page;
    screen.wrapped(
        "Page",
        12,
        &format!(
            "{} followers, {} of them inauthentic; {} posts a week",
            whole(page.followers),
            whole(page.inauthentic),
            fixed(page.posts_per_week, 1)
        ),
    );
    if let Some(engaged) = page.engaged {
        let rate = engaged / page.followers.max(1.0);
        screen.wrapped("", 12, &format!("{} engage with a post: {} of the followers", whole(engaged), rate_text(rate)));
    }
    if let Some(value) = report.value.as_ref().filter(|v| v.n_weeks.is_some()) {
        screen.wrapped("Revenue", 12, &value_text(value));
    }
    if let Some((change_made, outcomes)) = &report.followed {
        screen.heading("By mechanism                weight     reach of a post after all weeks");
        for path in &outcomes.by_mechanism {
            let Some(last) = path.weeks.last() else { continue };
            let name = path.mechanism.id().replace('_', " ");
            let r = &last.reach_ratio;
            let span = format!("{} ({} to {})", change(r.point - 1.0), change(r.low - 1.0), change(r.high - 1.0));
            screen.line(&format!("  {name:24}{:>8}     {span}", percent(path.weight)));
        }
        screen.heading("Over all mechanisms");
        for week in outcomes.all.iter().filter(|w| shown(w.week, outcomes.all.len())) {
            screen.wrapped(&format!("  week {}", week.week), 12, &week_text(week, report));
        }
        let lift = outcomes.author_lift;
        if lift.0 && !lift.1 {
            screen.heading("On X");
            screen.wrapped("", 2, "more than 1,000 followers forfeit the lift that X gives to new authors; it counts followers, whoever they are. How much the lift brings is not published.");
        }
        if matches!(change_made, Change::Buy(_)) {
            screen.heading("Besides");
            screen.wrapped("", 2, "bought followers engage with next to nothing, so whoever compares engagement with followers sees the rate fall at once, by every mechanism; and to mislead with them is unlawful in many countries (in the United States 16 CFR 465.8).");
        }
    }
    if let Some(p) = &report.promoted {
        screen.heading("Promotion");
        let to = p.audience.as_deref().map_or(String::new(), |a| format!(" to {}", plain(a)));
        let money = format!("{} spent on promoting{to}", fixed(p.amount, 2));
        match &p.extra_reach {
            Outcome::Found(e) => screen.wrapped(
                "",
                2,
                &format!("{money}: {} accounts more reached ({})", whole(e.point), whole_range(e)),
            ),
            Outcome::Abstained(why) => {
                screen.wrapped("", 2, &format!("{money}: cannot say what it would bring: {}", plain(&why.why)));
                screen.wrapped("", 2, &format!("would settle it: {}", plain(&why.would_settle)));
            }
        }
    }
    if let Some(more) = report.would_settle() {
        screen.heading("To know more");
        screen.wrapped("", 2, &sentence(more));
    }
    removal_text(&mut screen, report.experiment.as_ref());
    plans_text(&mut screen, &report.plans);
    screen.line("");
    if !report.origin.files.is_empty() {
        origin::inputs(&mut screen, &report.origin);
    }
    origin::close(&mut screen, &report.origin);
    screen.into_text()
}

/// What orders say of the worth of an engagement.
pub(super) fn value_text(value: &Valued) -> String {
    match &value.minor {
        Outcome::Found(e) => format!(
            "{}{} go along with an engagement ({} to {}), over {} weeks of posts and orders: an association, not an effect",
            amount(e.point),
            value.currency.as_deref().map_or(String::new(), |c| format!(" {}", plain(c))),
            amount(e.low),
            amount(e.high),
            value.n_weeks.unwrap_or(0)
        ),
        Outcome::Abstained(why) => {
            format!("cannot say: {}; would settle it: {}", plain(&why.why), plain(&why.would_settle))
        }
    }
}

/// Weeks that a text shows: the first, then about six.
fn shown(week: u32, n: usize) -> bool {
    let step = (n as u32 / 6).max(1);
    week <= 1 || week.is_multiple_of(step) || week as usize == n - 1
}

fn week_text(week: &Week, report: &WhatIfReport) -> String {
    let r = &week.reach_ratio;
    let mut text = format!("reach {} ({} to {})", change(r.point - 1.0), change(r.low - 1.0), change(r.high - 1.0));
    if let Some(e) = &week.engaged {
        let _ = write!(text, "; {} engage ({})", whole(e.point), whole_range(e));
    }
    if let Some(rate) = &week.rate_of_followers {
        let _ = write!(text, ", {} of {} followers", rate_text(rate.point), count(week.followers.point.round() as u64));
    }
    if let (Some(money), Some(value)) = (&week.revenue_change_minor, &report.value) {
        let currency = value.currency.as_deref().map_or(String::new(), |c| format!(" {}", plain(c)));
        let (low, high) = (amount(money.low), amount(money.high));
        let _ = write!(text, "; revenue {}{currency} a week ({low} to {high})", amount(money.point));
    }
    text
}

/// Minor units as an amount with two decimals and its sign.
pub(super) fn amount(minor: f64) -> String {
    let sign = if minor < -0.5 { "\u{2212}" } else { "" };
    format!("{sign}{}", fixed(minor.abs() / 100.0, 2))
}

/// A rate of engagement: two significant digits below one percent.
pub(super) fn rate_text(rate: f64) -> String {
    percent(rate)
}

/// An interval of rates, as words.
pub(super) fn range_text(e: &assay_math::Estimate) -> String {
    format!("{} ({})", percent(e.point), percent_range(e))
}

/// A change with its interval, of a ratio.
pub(super) fn ratio_text(e: &assay_math::Estimate) -> String {
    let less = assay_math::Estimate::new(e.point - 1.0, e.low - 1.0, e.high - 1.0, e.confidence);
    signed(&less)
}

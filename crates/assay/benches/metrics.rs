//! All metrics over a million orders, a million engagements and a million followers: one by one, and together on all cores as the
//! program does it.
//!
//! `cargo bench -p assay --bench metrics` prints seconds; `-- 200000` makes a smaller business. Customers come within 400 days,
//! differ in how often they order, how much and when they leave, so that lifetime values can be fitted. Building the columns and
//! putting them in order is told apart. `-- 1000000 --csv FOLDER` writes the same orders and engagements as tables, for other programs.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

#[path = "measuring/draw.rs"]
mod draw;

use assay_metrics::{Asked, Frame, METRICS, Metric, Slice, Window, figures};
use assay_model::{
    AdRow, Business, Class, DAY_MS, Day, Decimal, Engagement, EngagementKind, Fact, Follow, Judged, Order, Outcome,
    TimeMs,
};
use draw::draw;
use std::fmt::Write as _;
use std::time::Instant;

/// 1 January 2025.
const FIRST: i64 = 20_089;

/// One of these.
fn one_of<T: Copy>(state: &mut u64, of: &[T]) -> T {
    of[draw(state, of.len() as u64) as usize]
}

/// The orders of customers until there are `n`: customer, day, cents.
fn bought(state: &mut u64, n: u64) -> Vec<(u64, i64, i64)> {
    let mut orders = Vec::new();
    for who in 0.. {
        let every_days = one_of(state, &[10.0, 25.0, 60.0, 120.0, 300.0]);
        let leave_in_100 = one_of(state, &[5, 10, 30, 60]);
        let mean = one_of(state, &[900, 1_800, 2_500, 3_200, 4_000, 6_000, 11_000]);
        let mut day = draw(state, 400) as i64;
        while day < 500 {
            if orders.len() as u64 == n {
                return orders;
            }
            let spread: u64 = (0..4).map(|_| draw(state, mean / 2)).sum();
            orders.push((who, FIRST + day, spread as i64 + 100));
            if draw(state, 100) < leave_in_100 {
                break;
            }
            let u = (1 + draw(state, 1_000_000)) as f64 / 1_000_001.0;
            day += 1 + (-u.ln() * every_days) as i64;
        }
    }
    orders
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let n = arguments.iter().find_map(|a| a.parse::<u64>().ok()).unwrap_or(1_000_000);
    let folder = arguments.iter().position(|a| a == "--csv").and_then(|i| arguments.get(i + 1));
    let begun = Instant::now();
    let mut b = Business::new(Some("EUR"));
    b.begin(Some("x"), 0);
    let state = &mut 7_u64;
    let (mut orders, mut engagements) = (String::new(), String::new());
    for (i, (who, day, cents)) in (0..n).zip(bought(state, n)) {
        let id = format!("{i}");
        b.take(&Fact::Follow(Follow {
            account_id: Some(&id),
            followed_at: Some(TimeMs((FIRST + draw(state, 500) as i64) * DAY_MS)),
            ..Follow::default()
        }));
        let source = one_of(state, &["google / cpc", "newsletter", "instagram", "direct"]);
        let customer = format!("c{who}");
        b.take(&Fact::Sale(Order {
            order_id: Some(&id),
            customer_id: Some(&customer),
            ordered_at: Some(TimeMs(day * DAY_MS)),
            total: Some(Decimal { units: cents, places: 2 }),
            came_from: Some(source),
            ..Order::default()
        }));
        let (actor, at) = (draw(state, n / 2 + 1).to_string(), FIRST + draw(state, 500) as i64);
        b.take(&Fact::Engagement(Engagement {
            at: Some(TimeMs(at * DAY_MS)),
            account_id: Some(&actor),
            ..Engagement::new(EngagementKind::Like)
        }));
        if folder.is_some() {
            let _ = writeln!(orders, "{id},{customer},{day},{cents},{source}");
            let _ = writeln!(engagements, "{actor},{at}");
        }
    }
    for day in 0..500 {
        let day = Day((FIRST + day) as i32);
        let spend = Some(Decimal { units: 100_000, places: 2 });
        b.take(&Fact::Ad(&AdRow {
            from: Some(day),
            spend,
            clicks: Some(900),
            impressions: Some(90_000),
            purchases: Some(20.0),
            ..AdRow::default()
        }));
    }
    println!("told: {:.2} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    b.finish();
    let share = |p: f64| Outcome::Found(assay_math::Estimate::new(p, p - 0.05, p + 0.05, 0.95));
    b.judged = Some(Judged {
        basis: "made".to_owned(),
        class: vec![Class::Genuine; n as usize],
        inauthentic_share: share(0.1),
        dormant_share: share(0.3),
        genuine_share: share(0.6),
        batches: Vec::new(),
    });
    println!("put in order: {:.2} s", begun.elapsed().as_secs_f64());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
        std::fs::write(format!("{folder}/orders.csv"), format!("order_id,customer_id,day,cents,source\n{orders}"))?;
        std::fs::write(format!("{folder}/engagements.csv"), format!("account_id,day\n{engagements}"))?;
    }
    let asked = Asked { margin: Some(0.4), ..Asked::default() };
    let slice = Slice::of(&b, Window::default());
    let frame = Frame { business: &b, slice: &slice, asked: &asked };
    let begun = Instant::now();
    for metric in METRICS {
        let own = Instant::now();
        let found = metric.figure(&frame);
        let said = match &found {
            Outcome::Found(f) => format!("{:.6}", f.value.point()),
            Outcome::Abstained(why) => format!("abstained: {}", why.why),
        };
        println!("{:40} {:>8.4} s  {said}", metric.id, own.elapsed().as_secs_f64());
    }
    println!("one after the other: {:.2} s", begun.elapsed().as_secs_f64());
    let all: Vec<&Metric> = METRICS.iter().collect();
    let begun = Instant::now();
    let n_found = figures(&all, &frame).iter().filter(|f| f.found().is_some()).count();
    let seconds = begun.elapsed().as_secs_f64();
    println!("all metrics over {n} orders, engagements and followers: {seconds:.2} s, {n_found} figures");
    Ok(())
}

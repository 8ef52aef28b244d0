//! All metrics over a million orders, a million engagements and a million followers, one by one and together.
//!
//! `cargo bench -p assay --bench metrics` prints seconds; `-- 200000` makes a smaller business. Building the columns and putting
//! them in order is told apart. `-- 1000000 --csv FOLDER` writes the same orders and engagements as tables, for other programs.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use assay_metrics::{Asked, Frame, METRICS, Slice, Window};
use assay_model::{
    AdRow, Business, Class, DAY_MS, Day, Decimal, Engagement, EngagementKind, Fact, Follow, Judged, Order, Outcome,
    TimeMs,
};
use std::fmt::Write as _;
use std::time::Instant;

/// 1 January 2025.
const FIRST: i64 = 20_089;

/// A number from a fixed sequence.
fn draw(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
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
    for i in 0..n {
        let id = format!("{i}");
        b.take(&Fact::Follow(Follow {
            account_id: Some(&id),
            followed_at: Some(TimeMs((FIRST + draw(state, 500) as i64) * DAY_MS)),
            ..Follow::default()
        }));
        let (who, day, cents) =
            (draw(state, n / 3 + 1), FIRST + draw(state, 500) as i64, 500 + draw(state, 9_500) as i64);
        let source = ["google / cpc", "newsletter", "instagram", "direct"][draw(state, 4) as usize];
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
    let begun = Instant::now();
    for metric in METRICS {
        let own = Instant::now();
        let found = metric.figure(&Frame { business: &b, slice: &slice, asked: &asked });
        let said = found.found().map_or("abstained".to_owned(), |f| format!("{:.6}", f.value.point()));
        println!("{:40} {:>8.4} s  {said}", metric.id, own.elapsed().as_secs_f64());
    }
    println!("all metrics over {n} orders, engagements and followers: {:.2} s", begun.elapsed().as_secs_f64());
    Ok(())
}

//! What is told of a batch beside its evidence, in words: the kind of its accounts, losses, price, and what else happened.

use super::findings::column_name;
use super::format::{age, count, day, day_span, fixed, percent, plain, share_of, whole, whole_range};
use assay_model::{Batch, Cause, Contrast, Outcome, Price, StockLook, ToldBy};

/// What is told of a batch: a name for each clause, and the clause without a final period.
pub fn about(batch: &Batch) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let kind = kind(&batch.stock);
    if !kind.is_empty() {
        all.push(("kind", kind));
    }
    if let Outcome::Found(lost) = &batch.lost {
        all.push(("lost since", format!("about {} of those delivered ({})", whole(lost.point), whole_range(lost))));
    }
    all.push(("price", price(&batch.price)));
    if !batch.causes.is_empty() {
        let causes: Vec<String> = batch.causes.iter().map(cause).collect();
        all.push(("then, too", format!("{}; that does not make accounts alike", causes.join("; "))));
    }
    all
}

/// The kind of accounts, or nothing where nothing is told.
fn kind(stock: &StockLook) -> String {
    let mut parts = Vec::new();
    match (stock.age_days, stock.opened) {
        (Some(ages), _) => {
            let (youngest, oldest) = (age(ages.tenth), age(ages.ninetieth));
            let ages = if youngest == oldest { youngest } else { format!("{youngest} to {oldest}") };
            parts.push(format!("accounts {ages} old when they followed"));
        }
        (None, Some(opened)) => parts.push(format!("four in five opened {}", day_span(opened))),
        (None, None) => {}
    }
    if let Some(names) = &stock.names
        && let Some(template) = &names.template
    {
        let usual = percent(names.usual_share);
        parts.push(format!("{} have handles made of {template} ({usual} elsewhere)", percent(names.share)));
    }
    parts.extend(stock.profiles.iter().map(contrast));
    parts.join("; ")
}

fn contrast(c: &Contrast) -> String {
    let name = column_name(c.column);
    if matches!(c.column, "has_avatar" | "default_profile" | "verified" | "private" | "has_url") {
        format!("{name} {} (elsewhere {})", percent(c.inside), percent(c.outside))
    } else {
        format!("median {name} {} (elsewhere {})", share_of(c.inside), share_of(c.outside))
    }
}

/// What so many followers cost at published prices.
pub fn price(price: &Price) -> String {
    let money = |minor: f64| {
        let whole_units = minor / 100.0;
        if whole_units < 9.95 { fixed(whole_units, 2) } else { count(whole_units.round() as u64) }
    };
    let p = &price.minor;
    format!("so many cost {} to {} {} at published prices", money(p.low), money(p.high), price.currency)
}

/// Something that happened at the time.
pub fn cause(cause: &Cause) -> String {
    let name = if cause.name.is_empty() { String::new() } else { format!(" \"{}\"", plain(&cause.name)) };
    let when =
        if cause.span.from == cause.span.to { format!("on {}", day(cause.span.from)) } else { day_span(cause.span) };
    match (cause.told_by, cause.n_follows) {
        (ToldBy::Owner, _) => format!("{}{name} {when}, as the owner tells it", cause.kind.name().replace('-', " ")),
        (ToldBy::AdReport, _) => {
            format!("{}{name} {when}, by the report on advertising", cause.kind.name().replace('-', " "))
        }
        (ToldBy::Business, _) => format!("{}{name} {when}", cause.kind.name().replace('-', " ")),
        (ToldBy::Platform, n) => {
            format!("the platform counts {} follows as paid for {when}", n.map_or("some".to_owned(), count))
        }
    }
}

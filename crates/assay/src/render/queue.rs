//! Who awaits an answer, and single conversations, as text, JSON and a table.

use super::format::{count, counted, day, fixed, moment, percent, plain, rfc3339};
use super::ltv::amount;
use super::verdicts::not_a_formula;
use crate::report::{ConversationReport, QueueItem, QueueReport, Way};
use assay_model::TimeMs;
use assay_relations::{Reason, Why};
use assay_store::{Note, Overruled, SavedAnswer, Word};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema of the queue.
pub const QUEUE_SCHEMA: &str = "assay.people-queue/1";
/// The schema of a conversation.
pub const CONVERSATION_SCHEMA: &str = "assay.people-conversation/1";

/// Characters of a text that stand in the queue.
const TEXT_CHARS: usize = 160;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A length of time in one unit: `5 minutes`, `3 hours`, `12 days`; two of a unit before the next.
pub fn lasting(ms: i64) -> String {
    let unit = |unit_ms: i64, one, many| counted((ms / unit_ms).max(0) as u64, one, many);
    match ms {
        ms if ms >= 2 * DAY_MS => unit(DAY_MS, "day", "days"),
        ms if ms >= 2 * HOUR_MS => unit(HOUR_MS, "hour", "hours"),
        _ => unit(MINUTE_MS, "minute", "minutes"),
    }
}

/// A reason for a place in the queue, as a clause.
pub fn reason(reason: &Reason) -> String {
    match *reason {
        Reason::Customer { n_orders } => format!("has ordered {}", times(n_orders)),
        Reason::Bought { below_share } => format!("spent more than {} of the customers", percent(below_share)),
        Reason::Question => "asks something".to_owned(),
        Reason::Waiting { ms } => format!("waits {}", lasting(ms)),
        Reason::Engages { n } => format!("engaged {}", times(u64::from(n))),
        Reason::Fades { to_share } => format!("waits so long that an answer is worth {} of it", percent(to_share)),
    }
}

fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{} times", count(n)) }
}

/// What a customer spent: `EUR 120.00 and USD 8.00`.
fn spent(all: &[(String, i64)]) -> String {
    let one = |(code, minor): &(String, i64)| amount(*minor as f64, Some(code.as_str()).filter(|c| !c.is_empty()));
    all.iter().map(one).collect::<Vec<_>>().join(" and ").replace('\u{a0}', " ")
}

/// What an account is called: `@ann (instagram)`.
fn account(item: &QueueItem) -> String {
    let name = match (&item.handle, &item.account_id) {
        (Some(handle), _) => format!("@{}", plain(handle.trim_start_matches('@'))),
        (None, Some(id)) => format!("account {}", plain(id)),
        (None, None) => "an account".to_owned(),
    };
    if item.network.is_empty() { name } else { format!("{name} ({})", plain(&item.network)) }
}

/// The queue as text.
pub fn queue_text(report: &QueueReport) -> String {
    let c = &report.counts;
    let mut text = format!(
        "{} {} an answer; {} put off, {} answered, {} done\n",
        counted(c.n_open, "conversation", "conversations"),
        if c.n_open == 1 { "awaits" } else { "await" },
        count(c.n_snoozed),
        count(c.n_answered),
        count(c.n_done)
    );
    if c.n_left_out > 0 {
        let _ = writeln!(
            text,
            "left out: {} of accounts that are consistent with bought ones",
            counted(c.n_left_out, "conversation", "conversations")
        );
    }
    if c.n_unjudged > 0 {
        let _ = writeln!(
            text,
            "of accounts that no audit judged: {}; they are taken for people",
            counted(c.n_unjudged, "conversation", "conversations")
        );
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "note: {}", plain(&warning.text));
    }
    for (i, item) in report.items.iter().enumerate() {
        let place = report.offset + i as u64 + 1;
        let _ = write!(text, "\n{place}. {}", head(item, report.now));
        body(&mut text, item);
    }
    let told = report.offset + report.items.len() as u64;
    if told < report.n_matching {
        let _ = writeln!(text, "\n{} more: --limit tells how many are shown", count(report.n_matching - told));
    }
    text
}

/// Who, what, how much and since when, in a line.
fn head(item: &QueueItem, now: TimeMs) -> String {
    let waits = match item.waiting_since {
        Some(since) => format!(", waits {} since {}", lasting(now.0 - since.0), moment(since)),
        None => String::new(),
    };
    format!("{}  {} points  {}  {}{waits}\n", account(item), fixed(item.score, 0), item.id, item.kind.name())
}

fn body(text: &mut String, item: &QueueItem) {
    if let Some(said) = &item.text {
        let _ = writeln!(text, "   \u{201c}{}\u{201d}", shortened(said));
    }
    let why: Vec<String> =
        item.reasons.iter().map(|w| format!("{} ({})", reason(&w.reason), signed(w.points))).collect();
    let _ =
        writeln!(text, "   why: {}", if why.is_empty() { "nothing is known of it".to_owned() } else { why.join(", ") });
    if let Some(customer) = &item.customer {
        let mut line = format!("   customer {}", plain(&customer.customer_id));
        if !customer.spent.is_empty() {
            let _ = write!(line, ": {}", spent(&customer.spent));
        }
        if let Some(at) = customer.last_order_at {
            let _ = write!(line, ", last on {}", day(at));
        }
        let _ = writeln!(text, "{line} [{}]", plain(&customer.basis));
    }
    if !item.elsewhere.is_empty() {
        let all: Vec<String> = item
            .elsewhere
            .iter()
            .map(|(on, name)| format!("{} ({})", plain(name), if on.is_empty() { "network not known" } else { on }))
            .collect();
        let _ = writeln!(text, "   also: {}", all.join(", "));
    }
    let mut state = Vec::new();
    if item.status != assay_store::Status::Open {
        state.push(match item.until.filter(|_| item.status == assay_store::Status::Snoozed) {
            Some(until) => format!("snoozed until {}", moment(until)),
            None => item.status.name().to_owned(),
        });
    }
    state.extend(item.handled_by.as_ref().map(|who| format!("handled by {}", plain(who))));
    state.extend((item.n_notes > 0).then(|| counted(item.n_notes, "note", "notes")));
    if let Some((who, is_inauthentic)) = &item.overruled {
        let is = if *is_inauthentic { "inauthentic" } else { "genuine" };
        state.push(format!("{is}, says {}", plain(who)));
    }
    if !state.is_empty() {
        let _ = writeln!(text, "   {}", state.join("; "));
    }
}

/// Points to a tenth, with a sign where they are taken away.
fn signed(points: f64) -> String {
    let number = fixed(points.abs(), 1);
    let number = number.strip_suffix(".0").unwrap_or(&number);
    if points < 0.0 { format!("\u{2212}{number}") } else { number.to_owned() }
}

/// A text in one line, and not too long a one.
fn shortened(said: &str) -> String {
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = plain(&line).into_owned();
    match line.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &line[..end]),
        None => line,
    }
}

fn why_json(why: &Why) -> Value {
    let (name, value) = match why.reason {
        Reason::Customer { n_orders } => ("customer", json!(n_orders)),
        Reason::Bought { below_share } => ("bought", json!(below_share)),
        Reason::Question => ("question", Value::Null),
        Reason::Waiting { ms } => ("waiting", json!(ms)),
        Reason::Engages { n } => ("engages", json!(n)),
        Reason::Fades { to_share } => ("fades", json!(to_share)),
    };
    json!({ "reason": name, "value": value, "points": why.points, "sentence": reason(&why.reason) })
}

/// A conversation of the queue as JSON.
pub fn queue_item_json(item: &QueueItem) -> Value {
    let at = |t: Option<TimeMs>| t.map(rfc3339);
    let money = |all: &[(String, i64)]| -> Vec<Value> {
        let one =
            |(code, minor): &(String, i64)| json!({ "currency": Some(code).filter(|c| !c.is_empty()), "minor": minor });
        all.iter().map(one).collect()
    };
    json!({
        "id": item.id,
        "page": item.page,
        "network": item.network,
        "account_id": item.account_id,
        "handle": item.handle,
        "display_name": item.display_name,
        "kind": item.kind.name(),
        "text": item.text,
        "post_id": item.post_id,
        "status": item.status.name(),
        "until": at(item.until),
        "handled_by": item.handled_by,
        "waiting_since": at(item.waiting_since),
        "last_at": at(item.last_at),
        "answered_at": at(item.answered_at),
        "n_words": item.n_words,
        "n_by_page": item.n_by_page,
        "n_notes": item.n_notes,
        "probability": item.probability,
        "overruled": item.overruled.as_ref().map(|(who, is)| json!({
            "label": if *is { "inauthentic" } else { "genuine" }, "who": who,
        })),
        "customer": item.customer.as_ref().map(|c| json!({
            "customer_id": c.customer_id,
            "basis": c.basis,
            "n_orders": c.n_orders,
            "spent": money(&c.spent),
            "below_share": c.below_share,
            "last_order_at": at(c.last_order_at),
        })),
        "elsewhere": item.elsewhere.iter().map(|(network, name)| json!({ "network": network, "name": name })).collect::<Vec<_>>(),
        "score": item.score,
        "reasons": item.reasons.iter().map(why_json).collect::<Vec<_>>(),
    })
}

/// The queue as `assay.people-queue/1`.
pub fn queue_json(report: &QueueReport) -> Value {
    let c = &report.counts;
    json!({
        "schema": QUEUE_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "now": rfc3339(report.now),
        "statuses": report.statuses.iter().map(|s| s.name()).collect::<Vec<_>>(),
        "counts": {
            "open": c.n_open,
            "snoozed": c.n_snoozed,
            "answered": c.n_answered,
            "done": c.n_done,
            "left_out": c.n_left_out,
            "unjudged": c.n_unjudged,
        },
        "offset": report.offset,
        "n_matching": report.n_matching,
        "conversations": report.items.iter().map(queue_item_json).collect::<Vec<_>>(),
        "warnings": super::document::warnings_json(&report.warnings),
    })
}

/// The queue as a table.
///
/// # Errors
/// When `out` cannot be written to.
pub fn queue_csv(report: &QueueReport, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "place",
        "id",
        "status",
        "score",
        "page",
        "network",
        "account_id",
        "handle",
        "kind",
        "waiting_since",
        "text",
        "customer_id",
        "basis",
        "n_orders",
        "spent",
        "probability",
        "handled_by",
        "reasons",
    ])?;
    for (i, item) in report.items.iter().enumerate() {
        let cell = |text: Option<&str>| not_a_formula(text.unwrap_or("")).into_owned();
        let customer = item.customer.as_ref();
        let why: Vec<String> = item.reasons.iter().map(|w| reason(&w.reason)).collect();
        csv.write_record([
            (report.offset + i as u64 + 1).to_string(),
            item.id.clone(),
            item.status.name().to_owned(),
            item.score.to_string(),
            cell(item.page.as_deref()),
            cell(Some(&item.network)),
            cell(item.account_id.as_deref()),
            cell(item.handle.as_deref()),
            item.kind.name().to_owned(),
            item.waiting_since.map_or_else(String::new, rfc3339),
            cell(item.text.as_deref()),
            cell(customer.map(|c| c.customer_id.as_str())),
            cell(customer.map(|c| c.basis.as_str())),
            customer.map_or_else(String::new, |c| c.n_orders.to_string()),
            customer.map_or_else(String::new, |c| spent(&c.spent)),
            item.probability.map_or_else(String::new, |p| p.to_string()),
            cell(item.handled_by.as_deref()),
            why.join("; "),
        ])?;
    }
    csv.flush()
}

/// A conversation as text; `saved` is an answer to copy.
pub fn conversation_text(report: &ConversationReport, saved: Option<&SavedAnswer>) -> String {
    let mut text = head(&report.item, report.now);
    let mut item = report.item.clone();
    // What was said stands below in full.
    item.text = None;
    body(&mut text, &item);
    text.push('\n');
    if report.n_before > 0 {
        let _ = writeln!(text, "  ({} before)", counted(report.n_before, "word", "words"));
    }
    for word in &report.words {
        let who = if word.by_page { "the page".to_owned() } else { account(&report.item) };
        let at = word.at.map_or_else(|| "time not known".to_owned(), moment);
        let _ = writeln!(text, "  {at}  {who}, {}  [{}:{}]", word.kind.name(), plain(&word.row.0), word.row.1);
        match &word.text {
            Some(said) => said.lines().for_each(|line| {
                let _ = writeln!(text, "    {}", plain(line));
            }),
            None => text.push_str("    (the text was not imported)\n"),
        }
    }
    for note in &report.notes {
        let _ = writeln!(text, "  note by {}, {}: {}", plain(&note.who), moment(note.at), plain(&note.text));
    }
    for way in &report.ways {
        let _ = writeln!(text, "\nto answer: {}", way.sentence);
    }
    if let Some(saved) = saved {
        let _ = writeln!(text, "\n{}", saved.text);
    }
    text
}

/// A conversation as `assay.people-conversation/1`.
pub fn conversation_json(report: &ConversationReport, saved: Option<&SavedAnswer>) -> Value {
    let word = |w: &Word| {
        json!({
            "at": w.at.map(rfc3339),
            "kind": w.kind.name(),
            "by_page": w.by_page,
            "text": w.text,
            "post_id": w.post_id,
            "engagement_id": w.engagement_id,
            "file": w.row.0,
            "line": w.row.1,
        })
    };
    let note = |n: &Note| json!({ "at": rfc3339(n.at), "who": n.who, "text": n.text });
    let way = |w: &&Way| json!({ "id": w.id, "network": w.network, "sentence": w.sentence });
    json!({
        "schema": CONVERSATION_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "now": rfc3339(report.now),
        "conversation": queue_item_json(&report.item),
        "n_before": report.n_before,
        "words": report.words.iter().map(word).collect::<Vec<_>>(),
        "notes": report.notes.iter().map(note).collect::<Vec<_>>(),
        "ways": report.ways.iter().map(way).collect::<Vec<_>>(),
        "saved_answer": saved.map(|s| json!({ "name": s.name, "text": s.text })),
    })
}

/// Saved answers as text.
pub fn saved_answers_text(all: &[SavedAnswer]) -> String {
    if all.is_empty() {
        return "No answer is saved. `assay people saved add NAME TEXT` keeps one.\n".to_owned();
    }
    all.iter().fold(String::new(), |mut text, a| {
        let _ = writeln!(text, "{}  {}", plain(&a.name), shortened(&a.text));
        text
    })
}

/// Saved answers as `assay.people-saved/1`.
pub fn saved_answers_json(all: &[SavedAnswer]) -> Value {
    let one = |a: &SavedAnswer| json!({ "name": a.name, "text": a.text, "changed_at": rfc3339(a.changed_at), "changed_by": a.changed_by });
    json!({
        "schema": "assay.people-saved/1",
        "version": env!("CARGO_PKG_VERSION"),
        "saved_answers": all.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Overruled verdicts as text.
pub fn overruled_text(all: &[Overruled]) -> String {
    if all.is_empty() {
        return "No verdict is overruled.\n".to_owned();
    }
    all.iter().fold(String::new(), |mut text, o| {
        let name = match (&o.handle, &o.account_id) {
            (Some(handle), _) => format!("@{}", plain(handle)),
            (None, id) => format!("account {}", plain(id.as_deref().unwrap_or(""))),
        };
        let network = if o.network.is_empty() { "network not known" } else { &o.network };
        let is = if o.is_inauthentic { "inauthentic" } else { "genuine" };
        let _ = writeln!(
            text,
            "{name} ({}) is {is}, says {}, {}: {}",
            plain(network),
            plain(&o.who),
            day(o.made_at),
            plain(&o.why)
        );
        text
    })
}

/// Overruled verdicts as `assay.people-overruled/1`.
pub fn overruled_json(all: &[Overruled]) -> Value {
    let one = |o: &Overruled| {
        json!({
            "overrule_id": o.id,
            "network": o.network,
            "account_id": o.account_id,
            "handle": o.handle,
            "label": if o.is_inauthentic { "inauthentic" } else { "genuine" },
            "who": o.who,
            "why": o.why,
            "made_at": rfc3339(o.made_at),
        })
    };
    json!({
        "schema": "assay.people-overruled/1",
        "version": env!("CARGO_PKG_VERSION"),
        "overruled": all.iter().map(one).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{conversation_json, conversation_text, lasting, queue_csv, queue_json, queue_text};
    use crate::render::response::response_json;
    use crate::render::schema::faults;
    use crate::report::{
        ConversationReport, CustomerOf, QueueCounts, QueueItem, QueueReport, ResponseReport, Warning, Way,
    };
    use assay_model::{Calendar, EngagementKind, TimeMs, Waited, response_times};
    use assay_relations::{Reason, Why};
    use assay_store::{Note, Overruled, SavedAnswer, Status, Word};

    const AT: TimeMs = TimeMs(1_772_500_000_000);
    static WAY: Way = Way { id: "by-hand", network: None, sentence: "copy the text" };

    fn item() -> QueueItem {
        QueueItem {
            id: "07b2c4d81e9f3a65".to_owned(),
            page: Some("x/shop".to_owned()),
            network: "x".to_owned(),
            account_id: None,
            handle: Some("=ann\u{202e}".to_owned()),
            display_name: None,
            kind: EngagementKind::Comment,
            text: Some(format!("=1+1 {}", "long ".repeat(60))),
            post_id: None,
            status: Status::Snoozed,
            until: Some(AT),
            handled_by: Some("Kim".to_owned()),
            waiting_since: Some(AT),
            last_at: None,
            answered_at: None,
            n_words: 2,
            n_by_page: 0,
            n_notes: 1,
            probability: Some(0.25),
            overruled: Some(("Kim".to_owned(), false)),
            customer: Some(CustomerOf {
                customer_id: "C1".to_owned(),
                basis: "hand".to_owned(),
                n_orders: 3,
                spent: vec![("EUR".to_owned(), 12_000), (String::new(), 50)],
                below_share: Some(0.9),
                last_order_at: Some(AT),
            }),
            elsewhere: vec![("mastodon".to_owned(), "ann".to_owned())],
            score: 58.5,
            reasons: vec![
                Why { reason: Reason::Customer { n_orders: 3 }, points: 40.0 },
                Why { reason: Reason::Bought { below_share: 0.9 }, points: 18.0 },
                Why { reason: Reason::Question, points: 15.0 },
                Why { reason: Reason::Engages { n: 2 }, points: 2.0 },
                Why { reason: Reason::Waiting { ms: 1 }, points: 0.0 },
                Why { reason: Reason::Fades { to_share: 0.5 }, points: -16.5 },
            ],
        }
    }

    #[test]
    fn the_queue_is_told_to_people_and_programs() {
        let report = QueueReport {
            now: TimeMs(AT.0 + 3 * 86_400_000),
            statuses: vec![Status::Open],
            counts: QueueCounts { n_open: 1, n_left_out: 4, n_unjudged: 1, ..QueueCounts::default() },
            offset: 0,
            n_matching: 2,
            items: vec![item()],
            warnings: vec![Warning { id: "no-answers-known", text: "nothing".to_owned() }],
        };
        let text = queue_text(&report);
        for part in [
            "1 conversation awaits an answer",
            "left out: 4 conversations",
            "1. @=ann\u{fffd} (x)  58 points  07b2c4d81e9f3a65  comment, waits 3 days",
            "has ordered 3 times (40), spent more than 90 % of the customers (18), asks something (15), engaged 2 times (2)",
            "an answer is worth 50 % of it (\u{2212}16.5)",
            "customer C1: EUR 120.00 and 0.50, last on",
            "also: ann (mastodon)",
            "handled by Kim; 1 note; genuine, says Kim",
            "1 more: --limit",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.lines().all(|l| l.chars().count() < 260) && !text.contains('\u{202e}'));
        let schema = serde_json::from_str(include_str!("../../schemas/people-queue-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &queue_json(&report)), Vec::<String>::new());
        let mut table = Vec::new();
        queue_csv(&report, &mut table).expect("a table");
        let table = String::from_utf8(table).expect("UTF-8");
        assert!(table.contains(",'=ann") && table.contains(",'=1+1"), "{table}");
        let spans = [59_999, 7_199_000, 7_200_000, 86_400_000, 172_800_000];
        assert_eq!(spans.map(lasting), ["0 minutes", "119 minutes", "2 hours", "24 hours", "2 days"]);
    }

    #[test]
    fn a_conversation_and_its_answers_are_told_to_people_and_programs() {
        let word = |text: Option<&str>| Word {
            at: text.map(|_| AT),
            kind: EngagementKind::Reply,
            by_page: text.is_none(),
            text: text.map(str::to_owned),
            post_id: None,
            engagement_id: None,
            row: ("f.json".to_owned(), 7),
        };
        let report = ConversationReport {
            item: item(),
            now: AT,
            words: vec![word(Some("a\nb")), word(None)],
            n_before: 3,
            notes: vec![Note { id: 1, at: AT, who: "Kim".to_owned(), text: "dark roast".to_owned() }],
            ways: vec![&WAY],
        };
        let saved =
            SavedAnswer { name: "n".to_owned(), text: "We do.".to_owned(), changed_at: AT, changed_by: String::new() };
        let text = conversation_text(&report, Some(&saved));
        for part in [
            "(3 words before)",
            "    b\n",
            "the text was not imported",
            "note by Kim",
            "to answer: copy",
            "We do.",
            "[f.json:7]",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let schema = serde_json::from_str(include_str!("../../schemas/people-conversation-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &conversation_json(&report, Some(&saved))), Vec::<String>::new());
        let schema = serde_json::from_str(include_str!("../../schemas/people-saved-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &super::saved_answers_json(&[saved])), Vec::<String>::new());
        let overruled = Overruled {
            id: 1,
            network: String::new(),
            account_id: Some("9".to_owned()),
            handle: None,
            is_inauthentic: true,
            who: "Kim".to_owned(),
            why: "sells".to_owned(),
            made_at: AT,
        };
        let schema = serde_json::from_str(include_str!("../../schemas/people-overruled-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &super::overruled_json(&[overruled])), Vec::<String>::new());
    }

    #[test]
    fn response_times_keep_to_their_schema() {
        let turn =
            |i: i64| Waited { at: TimeMs(i), answered_at: Some(TimeMs(i + 60_000)), until: TimeMs(i + 900_000_000) };
        let (all, weeks) = response_times(&[turn(0), turn(5), turn(90), turn(700_000_000)], &Calendar::default(), 0.9);
        let report = ResponseReport { confidence: 0.9, all, weeks, n_left_out: 1, warnings: Vec::new() };
        let schema = serde_json::from_str(include_str!("../../schemas/people-response-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &response_json(&report)), Vec::<String>::new());
        let text = crate::render::response_text(&report);
        assert!(text.contains("half are answered within   1 minute (1 minute to 1 minute)"), "{text}");
    }
}

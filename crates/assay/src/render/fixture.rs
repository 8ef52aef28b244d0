//! Reports made by hand, for the tests of renderings.

use crate::report::{AuditReport, ChannelReport, ChannelState, FormatUsed, GrowthStep, Names, Warning};
use assay_math::{Estimate, Seed};
use assay_model::{
    Abstention, Audience, Batch, Cause, Class, Contrast, DAY_MS, Day, DayCount, Event, EventKind, Finding, Follow,
    LabelsUsed, ListOrder, NamesLook, Outcome, Page, PageFacts, Price, RankRange, Reading, Reason, ReferenceFit,
    Reject, RowRef, SourceFile, Span, Spike, Spread, StockLook, TimeMs, TimeQuality, ToldBy, Verdicts, arrange,
};

const START_DAY: i64 = 16_000;

fn day(n: i64) -> TimeMs {
    TimeMs((START_DAY + n) * DAY_MS)
}

fn abstained<T>(why: &str, settle: &str) -> Outcome<T> {
    Outcome::Abstained(Abstention::new(why, settle))
}

/// A page of `n` followers, one or so an hour, whose accounts were opened over six years.
fn followers(n: u32) -> Audience {
    let mut list = Audience::default();
    for i in 0..n {
        let age_days = i64::from(i.wrapping_mul(7919) % 2100);
        let in_batch = (3373..=3556).contains(&i);
        let followed = day(0).0 + i64::from(i) * 3_600_000;
        let created = if in_batch { day(60).0 + i64::from(i % 7) * 9_000_000 } else { followed - age_days * DAY_MS };
        let (id, handle) = (format!("{}", 900_000 + i), format!("person_{i}"));
        list.push(&Follow {
            account_id: Some(&id),
            handle: Some(&handle),
            followed_at: Some(TimeMs(if in_batch { day(141).0 + i64::from(i - 3373) * 2_000 } else { followed })),
            created_at: Some(TimeMs(created)),
            followers: Some(i % 500),
            following: Some(i % 900),
            source: RowRef { file: 0, line: i + 2 },
            ..Follow::default()
        });
    }
    let order: Vec<u32> = (0..n).collect();
    let mut list = list.reordered(&order);
    list.quality = Some(TimeQuality::Exact);
    list
}

fn file(name: &str, rows: u64, rejected: u64) -> SourceFile {
    SourceFile { name: name.to_owned(), sha256: "0f".repeat(32), rows, taken: rows - rejected, rejected }
}

fn channel(id: &'static str, state: ChannelState) -> ChannelReport {
    let (sentence, limits) = match id {
        "follow-order" => (
            "Runs of followers, one after another, whose accounts are alike.",
            "Misses slow deliveries that are mixed thinly among others.",
        ),
        _ => ("Bursts of arrivals beyond season and trend.", "Says that many came at once, not who they are."),
    };
    ChannelReport {
        id,
        sentence,
        source: "Kulldorff 1997, \"A spatial scan statistic\"",
        limits,
        state,
        notes: Vec::new(),
    }
}

fn verdicts(n: usize) -> Verdicts {
    let why = ("no channel reads single accounts here", "an export with profiles");
    Verdicts {
        reasons: Vec::new(),
        probability: vec![0.05; n],
        class: vec![Class::Genuine; n],
        batch: vec![0; n],
        batches: Vec::new(),
        spikes: Vec::new(),
        inauthentic_share: abstained(why.0, why.1),
        dormant_share: abstained(why.0, why.1),
        genuine_share: abstained(why.0, why.1),
        in_batches_share: Outcome::Found(Estimate::new(0.0, 0.0, 0.002, 0.9)),
        reference: abstained("no channel reads single accounts here", "an export with profiles"),
        labels: None,
    }
}

fn report(page: Page, verdicts: Verdicts, states: [ChannelState; 2]) -> AuditReport {
    let [order, growth] = states;
    AuditReport {
        seed: Seed(7),
        confidence: 0.9,
        format: FormatUsed { id: "followers", sentence: "a table of followers, one a row" },
        window: page.window(),
        channels: vec![channel("follow-order", order), channel("growth", growth)],
        verdicts,
        growth: Vec::new(),
        warnings: Vec::new(),
        workspace: None,
        metrics: None,
        to_label: None,
        page,
        names: Names::Shown,
    }
}

/// 5,189 followers, a batch at ranks 3373 to 3556, one unexplained burst and one organic, losses, two rejected rows.
pub(crate) fn one_batch() -> AuditReport {
    page_of(5189)
}

/// The same page with so many followers, at least 3,557.
pub(crate) fn page_of(n: u32) -> AuditReport {
    let audience = followers(n);
    let mut verdicts = verdicts(audience.len());
    for i in 3373..=3556 {
        verdicts.probability[i] = 0.934_217;
        verdicts.class[i] = Class::Inauthentic;
        verdicts.batch[i] = 1;
    }
    verdicts.batches.push(Batch {
        id: "b1".to_owned(),
        ranks: RankRange { first: 3373, last: 3556 },
        arrived: Some(Span { from: day(141), to: TimeMs(day(141).0 + 366_000) }),
        n_followers: 184,
        inauthentic: Estimate::new(176.4, 170.2, 184.0, 0.9),
        q_value: 0.000_2,
        reasons: vec![
            Reason {
                channel: "follow-order",
                finding: Finding::OpenedTogether {
                    n_alike: 182,
                    n: 184,
                    opened: Span { from: day(60), to: day(61) },
                    expected_share: 0.003_8,
                },
            },
            Reason { channel: "growth", finding: Finding::MoreArrivals { n: 184, expected: 1.04 } },
        ],
        stock: StockLook {
            age_days: Some(Spread { tenth: 80.6, median: 81.1, ninetieth: 81.4 }),
            opened: Some(Span { from: day(60), to: day(61) }),
            names: Some(NamesLook { template: None, share: 0.0, usual_share: 0.0 }),
            profiles: vec![Contrast { column: "posts", inside: 3.0, outside: 214.0 }],
        },
        lost: Outcome::Found(Estimate::new(23.4, 18.0, 25.1, 0.9)),
        price: Price {
            currency: "USD",
            minor: Estimate::new(100.2, 18.9, 418.0, 0.9),
            source: "prices made for a test",
        },
        causes: Vec::new(),
    });
    verdicts.spikes = vec![spike(1200, 1400, Reading::Organic), spike(4300, 4420, Reading::Unexplained)];
    verdicts.in_batches_share = Outcome::Found(Estimate::new(0.034_0, 0.032_8, 0.035_5, 0.9));
    let facts = PageFacts {
        handle: Some("corner_bakery".to_owned()),
        files: vec![file("followers_1.csv", u64::from(n) + 2, 2)],
        rejects: vec![
            Reject {
                file: "followers_1.csv".to_owned(),
                line: 88,
                why: "created_at: expected a time, found `soon`".to_owned(),
            },
            Reject { file: "followers_1.csv".to_owned(), line: 4001, why: "no account_id and no handle".to_owned() },
        ],
        n_rejected: 2,
        ..PageFacts::default()
    };
    let page = Page { audience, facts, ..Page::default() };
    let mut report = report(page, verdicts, [ChannelState::Used, ChannelState::Used]);
    report.growth = (0..217)
        .map(|i| step(i, if i == 141 { 206.0 } else { 24.0 + (i % 7) as f64 }, Some(if i == 170 { 60.0 } else { 2.0 })))
        .collect();
    report.warnings = vec![Warning {
        id: "truncated-export",
        text: "the export ends before the platform's count; the answer is about the window seen".to_owned(),
    }];
    report
}

fn cause(told_by: ToldBy) -> Cause {
    Cause {
        kind: EventKind::Campaign,
        name: "Spring".to_owned(),
        span: Span { from: day(138), to: day(152) },
        told_by,
        n_follows: None,
    }
}

fn spike(first: u32, last: u32, reading: Reading) -> Spike {
    let organic = reading == Reading::Organic;
    Spike {
        ranks: Some(RankRange { first, last }),
        span: Some(Span { from: day(i64::from(first) / 24), to: day(i64::from(last) / 24) }),
        n_followers: u64::from(last - first + 1),
        n_beyond: 90.4,
        reading,
        findings: vec![
            Finding::MoreArrivals { n: u64::from(last - first + 1), expected: 10.6 },
            if organic {
                Finding::AgesVaried { tenth_days: 31.4, ninetieth_days: 1_702.0 }
            } else {
                Finding::NotTold(Abstention::new("the export has no account ages", "an export with account ages"))
            },
        ],
        would_settle: (!organic).then(|| "an export that tells when each account was opened".to_owned()),
        causes: Vec::new(),
    }
}

fn step(i: i64, follows: f64, unfollows: Option<f64>) -> GrowthStep {
    GrowthStep { span: Span { from: day(i), to: TimeMs(day(i + 1).0 - 1) }, follows, unfollows }
}

/// Daily counts of 90 days and no followers; one burst.
pub(crate) fn counts_only() -> AuditReport {
    let count = |i: i64| if i == 40 { 900 } else { 20 + (i % 7) as u32 };
    let daily = (0..90).map(|i| DayCount {
        day: Day((START_DAY + i) as i32),
        follows: Some(count(i)),
        unfollows: None,
        paid: None,
        auto_invited: None,
        source: RowRef { file: 0, line: i as u32 + 2 },
    });
    let page = Page {
        daily: daily.collect(),
        facts: PageFacts { files: vec![file("Follows.csv", 90, 0)], ..PageFacts::default() },
        ..Page::default()
    };
    let mut verdicts = verdicts(0);
    verdicts.in_batches_share = abstained("the input names no followers", "an export that lists followers");
    verdicts.spikes = vec![Spike {
        ranks: None,
        span: Some(Span { from: day(40), to: TimeMs(day(41).0 - 1) }),
        n_followers: 900,
        n_beyond: 877.0,
        reading: Reading::Unexplained,
        findings: vec![
            Finding::MoreArrivals { n: 900, expected: 23.0 },
            Finding::NotTold(Abstention::new("daily counts do not tell who came", "a list of the followers")),
        ],
        would_settle: Some("a list of the followers of these days".to_owned()),
        causes: Vec::new(),
    }];
    let no_list =
        ChannelState::Abstained(Abstention::new("the input names no followers", "an export that lists followers"));
    let mut report = report(page, verdicts, [no_list, ChannelState::Used]);
    report.growth = (0..90).map(|i| step(i, f64::from(count(i)), None)).collect();
    report
}

/// The page with a batch, of which some followers were labelled, and whose people are not as expected.
pub(crate) fn labelled() -> AuditReport {
    let mut report = one_batch();
    report.verdicts.batches[0].causes = vec![cause(ToldBy::Owner)];
    report.verdicts.batches[0].stock.names =
        Some(NamesLook { template: Some("words and 8 digits".to_owned()), share: 0.713, usual_share: 0.121 });
    report.verdicts.inauthentic_share = Outcome::Found(Estimate::new(0.051, 0.036, 0.094, 0.9));
    report.verdicts.reference = Outcome::Found(ReferenceFit {
        misfit_share: 0.04,
        n_odd_people: 31.7,
        n_uncorroborated: 0.0,
        widened_by: (0.0, 0.04),
    });
    report.verdicts.labels = Some(LabelsUsed {
        n_used: 98,
        n_inauthentic: 21,
        n_unknown: 2,
        unknown: vec!["nobody\u{1b}".to_owned(), "noone".to_owned()],
        n_blank: 1,
        n_contradicting: 1,
        n_overturned: 3,
        is_recalibrated: true,
        ..LabelsUsed::default()
    });
    report.page.events = vec![Event {
        span: Span { from: day(138), to: day(152) },
        kind: EventKind::Campaign,
        name: "Spring".to_owned(),
        told_by: ToldBy::Owner,
    }];
    report
}

/// Nothing at all.
pub(crate) fn empty() -> AuditReport {
    let none = || ChannelState::Abstained(Abstention::new("there are no followers", "an export that lists followers"));
    let mut verdicts = verdicts(0);
    verdicts.in_batches_share = abstained("there are no followers", "an export that lists followers");
    report(Page::default(), verdicts, [none(), none()])
}

/// Twelve followers of whom nothing but the names is known; every channel abstains.
pub(crate) fn untold() -> AuditReport {
    small(12)
}

/// A few followers, in no order.
pub(crate) fn small(n: u32) -> AuditReport {
    let mut list = Audience::default();
    for i in 0..n {
        list.push(&Follow {
            handle: Some(&format!("name{i}")),
            source: RowRef { file: 0, line: i + 1 },
            ..Follow::default()
        });
    }
    let audience = arrange(list, ListOrder::Unordered, TimeQuality::Unknown).audience;
    let facts = PageFacts { files: vec![file("names.csv", u64::from(n), 0)], ..PageFacts::default() };
    let page = Page { audience, facts, ..Page::default() };
    let mut verdicts = verdicts(n as usize);
    verdicts.class = vec![Class::Unsure; n as usize];
    verdicts.in_batches_share = abstained("the list has neither order nor dates", "an export with follow times");
    let no_dates = || {
        ChannelState::Abstained(Abstention::new("the list has neither order nor dates", "an export with follow times"))
    };
    report(page, verdicts, [no_dates(), no_dates()])
}

/// A page whose every foreign text tries to break out of where it stands.
pub(crate) fn hostile() -> AuditReport {
    let mut report = one_batch();
    let bad = "</script><img src=x onerror=alert(1)>\"'\u{202e}evil\u{1b}[2J";
    let mut list = Audience::default();
    for (i, handle) in [bad, "=HYPERLINK(1)", "@at", "-x", "plain,\"quoted\"", "\tq"].into_iter().enumerate() {
        list.push(&Follow {
            account_id: Some(handle),
            handle: Some(handle),
            created_at: Some(day(i as i64)),
            source: RowRef { file: 0, line: i as u32 + 1 },
            ..Follow::default()
        });
    }
    list.quality = Some(TimeQuality::OrderOnly);
    report.page.audience = list;
    report.page.facts.handle = Some(bad.to_owned());
    report.page.facts.files[0].name = bad.to_owned();
    report.page.facts.rejects[0].why = bad.to_owned();
    report.warnings[0].text = bad.to_owned();
    report.verdicts.class = vec![Class::Unsure; 6];
    report.verdicts.probability = vec![0.5; 6];
    report.verdicts.batch = vec![0; 6];
    report.verdicts.spikes[0].findings[1] = Finding::NotTold(Abstention::new(bad, bad));
    report
}

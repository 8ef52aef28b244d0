use super::{DETECTOR, control};
use crate::{Asked, DETECTORS, weigh};
use assay_math::Seed;
use assay_model::synth::{Engaging, Made, Plant, Stock, SynthPage, Tells};
use assay_model::{
    Abstention, Class, Engaged, EngagedCounts, Evidence, Finding, GroupKind, Outcome, Page, Reading, Verdicts, silent,
};

fn look(page: &Page) -> Outcome<Evidence> {
    (DETECTOR.find)(page, &Asked { seed: Seed(1), confidence: 0.95, earlier: &[] }, &mut silent)
        .expect("nobody stops it")
}

fn judge(page: &Page) -> Verdicts {
    let mut found = Vec::new();
    for d in DETECTORS {
        let asked = Asked { seed: Seed(1), confidence: 0.9, earlier: &found };
        let outcome = (d.find)(page, &asked, &mut silent).expect("nobody stops it");
        found.extend(outcome.found().cloned().map(|e| (d.id, e)));
    }
    weigh(page, &found, 0.9)
}

fn made(seed: u64, tells: Tells, engaging: Engaging, plants: impl Fn(&SynthPage) -> Vec<Plant>) -> Made {
    let mut page = SynthPage { tells, engaging: Some(engaging), ..SynthPage::default() };
    page.plants = plants(&page);
    page.make(Seed(seed))
}

const LITTLE: Engaging = Engaging { ever_share: 0.12, a_year: 3.0, known_days: 365.0 };

#[test]
fn clean_and_viral_pages_are_left_in_peace() {
    let viral = |p: &SynthPage| vec![Plant::ViralDay { at: p.day(600.0), followers: 600 }];
    for engaging in [Engaging::default(), LITTLE] {
        for seed in 1..=6 {
            for tells in [Tells::Everything, Tells::XArchive, Tells::InstagramExport] {
                let clean = judge(&made(seed, tells, engaging, |_| Vec::new()).page);
                assert_eq!((clean.batches.len(), clean.spikes.len()), (0, 0), "{seed} {tells:?}");
                assert_eq!(clean.n_of(Class::Inauthentic), 0, "{seed} {tells:?}");
                let page = made(seed, tells, engaging, viral).page;
                let quiet = look(&page).found().map(|e| e.groups.len());
                assert_eq!(quiet, Some(0), "{seed} {tells:?}");
                assert!(judge(&page).batches.is_empty(), "{seed} {tells:?}");
            }
        }
    }
}

/// Where other channels tell nearly everything, engagement costs a little (a bought account in a hundred engages); where they
/// err, it mends much. Pages are taken together, for one alone says little.
#[test]
fn who_engaged_is_told_from_the_batch_around_them() {
    let (mut better, mut worse) = (0.0, 0.0);
    for (over_days, seed) in [1.5, 20.0].into_iter().flat_map(|d| (1..=10).map(move |seed| (d, seed))) {
        let plant =
            |p: &SynthPage| vec![Plant::Batch { at: p.day(600.0), followers: 300, over_days, stock: Stock::aged() }];
        let with = made(seed, Tells::XArchive, Engaging::default(), plant);
        let mut without = with.page.clone();
        without.engaged = None;
        let brier = |v: &Verdicts| {
            let off = |(p, c): (&f32, &Class)| (f64::from(*p) - f64::from(u8::from(*c == Class::Inauthentic))).powi(2);
            let ranks = with.truth.plants[0].ranks.expect("delivered").indices();
            v.probability[ranks.clone()].iter().zip(&with.truth.class[ranks]).map(off).sum::<f64>()
        };
        let (a, b) = (judge(&with.page), judge(&without));
        better += brier(&a);
        worse += brier(&b);
        let reasons = &a.batches[0].reasons;
        assert!(reasons.iter().any(|r| matches!(r.finding, Finding::EngagedLess { .. })), "seed {seed}: {reasons:?}");
    }
    assert!(better < worse, "{better} against {worse}");
}

/// A batch whose accounts engage as people do is none: here the marks of sold accounts are people's.
#[test]
fn like_accounts_that_engage_as_usual_are_people() {
    for seed in 1..=4 {
        let plant = |p: &SynthPage| {
            vec![Plant::Batch { at: p.day(600.0), followers: 300, over_days: 1.5, stock: Stock::aged() }]
        };
        let mut made = made(seed, Tells::XArchive, Engaging::default(), plant);
        let batch = made.truth.plants[0].ranks.expect("delivered");
        assert_eq!(judge(&made.page).batches.len(), 1, "seed {seed}");
        let engaged = made.page.engaged.as_mut().expect("engagements");
        engaged.engagements = (0..made.page.audience.len() as u32)
            .map(|i| if batch.holds(i) { Some(u32::from(i % 4 == 0)) } else { engaged.engagements.get(i as usize) })
            .collect();
        let verdicts = judge(&made.page);
        assert!(verdicts.batches.is_empty(), "seed {seed}: {:?}", verdicts.batches);
        assert_eq!(verdicts.n_of(Class::Inauthentic), 0, "seed {seed}");
        let spike = verdicts.spikes.iter().find(|s| s.ranks.is_some_and(|r| r.overlap(batch) > 250)).expect("told");
        assert_eq!(spike.reading, Reading::Organic, "seed {seed}: {spike:?}");
    }
}

/// Without creation dates a viral day cannot be told from a delivery; engagement tells it.
#[test]
fn a_burst_that_engages_is_organic_and_a_quiet_one_is_not() {
    let much = Engaging { ever_share: 0.6, ..Engaging::default() };
    for seed in 1..=4 {
        let shout = |p: &SynthPage| vec![Plant::ShoutOut { at: p.day(600.0), followers: 600 }];
        let spikes = judge(&made(seed, Tells::InstagramExport, much, shout).page).spikes;
        assert!(spikes.iter().any(|s| s.reading == Reading::Organic), "seed {seed}: {spikes:?}");
        let batch = |p: &SynthPage| {
            vec![Plant::Batch { at: p.day(600.0), followers: 400, over_days: 1.5, stock: Stock::mixed() }]
        };
        let verdicts = judge(&made(seed, Tells::InstagramExport, much, batch).page);
        assert!(
            verdicts.spikes.iter().all(|s| s.reading == Reading::Unexplained),
            "seed {seed}: {:?}",
            verdicts.spikes
        );
        let told = verdicts.spikes.iter().flat_map(|s| &s.findings).any(|f| matches!(f, Finding::EngagedLess { .. }));
        assert!(told || !verdicts.batches.is_empty(), "seed {seed}: {:?}", verdicts.spikes);
    }
}

#[test]
fn silence_alone_accuses_nobody() {
    let silent_page =
        |seed| made(seed, Tells::InstagramExport, Engaging { ever_share: 0.8, ..Engaging::default() }, |_| Vec::new());
    for seed in 1..=3 {
        let mut made = silent_page(seed);
        let engaged = made.page.engaged.as_mut().expect("engagements");
        engaged.engagements = engaged
            .engagements
            .iter()
            .enumerate()
            .map(|(i, n)| if (1_000..1_400).contains(&i) { Some(0) } else { n })
            .collect();
        let evidence = look(&made.page);
        let groups = &evidence.found().expect("evidence").groups;
        assert!(groups.iter().any(|g| g.kind == GroupKind::Quiet), "seed {seed}");
        let verdicts = judge(&made.page);
        assert!(verdicts.batches.is_empty() && verdicts.n_of(Class::Inauthentic) == 0, "seed {seed}");
        assert!((1_000..1_400).all(|i| verdicts.probability[i] < 0.5), "seed {seed}: {}", verdicts.probability[1_200]);
    }
}

#[test]
fn too_little_is_abstained_from() {
    let why = |page: &Page| match look(page) {
        Outcome::Abstained(Abstention { why, .. }) => why,
        Outcome::Found(e) => unreachable!("{e:?}"),
    };
    let mut page = control(Seed(1)).page;
    let n = page.audience.len();
    let with = |counts: EngagedCounts, n_did: usize| {
        Some(Engaged {
            engagements: (0..n).map(|i| Some(u32::from(i < n_did))).collect(),
            counts,
            ..Engaged::default()
        })
    };
    page.engaged = None;
    assert!(why(&page).starts_with("no engagements"));
    page.engaged = with(EngagedCounts { n_by_page: 90, ..EngagedCounts::default() }, 0);
    assert!(why(&page).contains("what the page itself did"));
    page.engaged = with(EngagedCounts { n_by_others: 90, n_unnamed: 90, ..EngagedCounts::default() }, 0);
    assert!(why(&page).contains("do not say who"));
    page.engaged = with(EngagedCounts { n_by_others: 90, n_accounts: 70, ..EngagedCounts::default() }, 0);
    assert!(why(&page).starts_with("none of the 70 accounts"));
    page.engaged = with(EngagedCounts { n_by_others: 90, n_accounts: 70, ..EngagedCounts::default() }, 12);
    assert!(why(&page).contains("12 of"));
}

/// The p-value of a run holds: of many clean pages at most one in a hundred has a quiet run, whatever the rate.
#[test]
fn quiet_runs_are_no_commoner_by_chance_than_they_say() {
    let mut n_found = 0;
    for seed in 0..200 {
        let page = SynthPage {
            followers: 500,
            engaging: Some(Engaging { ever_share: 0.5, ..Engaging::default() }),
            ..SynthPage::default()
        };
        let page = page.make(Seed(1_000 + seed)).page;
        n_found += look(&page).found().map_or(0, |e| usize::from(!e.groups.is_empty()));
    }
    assert!(n_found <= 4, "{n_found} of 200");
}

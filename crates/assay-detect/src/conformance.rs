//! What every detector of the table keeps, run over the whole table: a new detector is tested by its line there.

use crate::{Asked, DETECTORS, Detector, weigh};
use assay_math::Seed;
use assay_model::synth::{Plant, Stock, SynthPage, Tells};
use assay_model::{
    Audience, Class, Evidence, Follow, GroupKind, ListOrder, Outcome, Page, Reading, TimeMs, TimeQuality, Verdicts,
    arrange, silent,
};

const SEEDS: [u64; 3] = [11, 12, 13];
const TOLD: [Tells; 4] = [Tells::Everything, Tells::XArchive, Tells::InstagramExport, Tells::CountsOnly];

fn look(detector: &Detector, page: &Page) -> Outcome<Evidence> {
    ask(detector, page, &[])
}

fn ask(detector: &Detector, page: &Page, earlier: &[(&'static str, Evidence)]) -> Outcome<Evidence> {
    (detector.find)(page, &Asked { seed: Seed(1), confidence: 0.95, earlier }, &mut silent).expect("nobody stopped it")
}

/// The verdicts of all detectors on a page.
fn judge(page: &Page) -> Verdicts {
    let mut found = Vec::new();
    for d in DETECTORS {
        found.extend(ask(d, page, &found).found().cloned().map(|e| (d.id, e)));
    }
    weigh(page, &found, 0.95)
}

fn made(seed: u64, tells: Tells, plants: impl Fn(&SynthPage) -> Vec<Plant>) -> assay_model::synth::Made {
    let mut page = SynthPage { tells, ..SynthPage::default() };
    page.plants = plants(&page);
    page.make(Seed(seed))
}

#[test]
fn each_finds_its_plant() {
    for detector in DETECTORS {
        for seed in SEEDS {
            let planted = (detector.control)(Seed(seed));
            let outcome = look(detector, &planted.page);
            let groups = outcome.found().map(|e| e.groups.clone()).unwrap_or_default();
            if let Some(judgement) = outcome.found().and_then(|e| e.judgement.as_ref()) {
                let mean = |inside: bool| {
                    let of = (0..judgement.probability.len()).filter(|&i| planted.ranks.holds(i as u32) == inside);
                    let told: Vec<f32> = of.map(|i| judgement.probability[i]).collect();
                    told.iter().sum::<f32>() / told.len() as f32
                };
                assert!(
                    mean(true) > 0.7 && mean(false) < 0.15,
                    "{} at seed {seed}: {} {}",
                    detector.id,
                    mean(true),
                    mean(false)
                );
                continue;
            }
            let best = groups.iter().filter_map(|g| g.ranks).max_by_key(|r| r.overlap(planted.ranks));
            let best = best.unwrap_or_else(|| panic!("{} found nothing at seed {seed}", detector.id));
            let off = best.first.abs_diff(planted.ranks.first) + best.last.abs_diff(planted.ranks.last);
            assert!(off <= 10, "{} at seed {seed}: planted {:?}, found {best:?}", detector.id, planted.ranks);
        }
    }
}

#[test]
fn each_is_silent_on_an_organic_page_and_abstains_on_an_empty_one() {
    for detector in DETECTORS {
        for seed in SEEDS {
            for tells in TOLD {
                let page = made(seed, tells, |_| Vec::new()).page;
                if let Outcome::Found(e) = look(detector, &page) {
                    let burst = e.groups.iter().find(|g| g.kind != GroupKind::Losses);
                    let accused =
                        e.judgement.map_or(0, |j| j.class.iter().filter(|c| **c == Class::Inauthentic).count());
                    assert_eq!(accused, 0, "{} at seed {seed}, {tells:?}", detector.id);
                    assert!(burst.is_none(), "{} at seed {seed}, {tells:?}: {burst:?}", detector.id);
                }
            }
        }
        assert!(look(detector, &Page::default()).found().is_none(), "{}", detector.id);
    }
}

#[test]
fn the_same_page_and_seed_give_the_same_bits() {
    for detector in DETECTORS {
        let page = (detector.control)(Seed(5)).page;
        assert_eq!(look(detector, &page), look(detector, &page), "{}", detector.id);
    }
}

#[test]
fn renumbering_the_accounts_changes_nothing() {
    for detector in DETECTORS {
        let page = (detector.control)(Seed(6)).page;
        let mut renamed = page.clone();
        let mut ids = assay_model::TextColumn::default();
        for i in 0..page.audience.len() {
            ids.push(Some(&format!("{:016x}", Seed(9).nth(i as u64).0)));
        }
        renamed.audience.account_id = ids;
        assert_eq!(look(detector, &page), look(detector, &renamed), "{}", detector.id);
    }
}

#[test]
fn real_interest_is_never_called_a_batch() {
    type Plants = fn(&SynthPage) -> Vec<Plant>;
    let surges: [(&str, Plants); 4] = [
        ("viral day", |p| vec![Plant::ViralDay { at: p.day(600.0), followers: 600 }]),
        ("give-away", |p| vec![Plant::GiveAway { at: p.day(600.0), followers: 600, over_days: 5.0 }]),
        ("starter pack", |p| vec![Plant::StarterPack { at: p.day(600.0), followers: 600 }]),
        ("paid campaign", |p| vec![Plant::PaidCampaign { at: p.day(600.0), followers: 600, country: "BR" }]),
    ];
    for (name, plants) in surges {
        for seed in SEEDS {
            for tells in TOLD {
                let verdicts = judge(&made(seed, tells, plants).page);
                assert!(verdicts.batches.is_empty(), "{name} at seed {seed}, {tells:?}: {:?}", verdicts.batches);
            }
        }
    }
}

#[test]
fn a_viral_day_is_organic_where_ages_speak_and_unexplained_where_they_are_not_told() {
    let viral = |p: &SynthPage| vec![Plant::ViralDay { at: p.day(600.0), followers: 600 }];
    for seed in SEEDS {
        for (tells, reading) in [(Tells::Everything, Reading::Organic), (Tells::InstagramExport, Reading::Unexplained)]
        {
            let spikes = judge(&made(seed, tells, viral).page).spikes;
            let readings: Vec<Reading> = spikes.iter().map(|s| s.reading).collect();
            assert_eq!(readings, [reading], "seed {seed}, {tells:?}: {spikes:?}");
        }
    }
}

#[test]
fn a_delivery_is_never_read_as_organic() {
    for (stock, followers) in [(Stock::aged(), 120), (Stock::fresh(), 400), (Stock::mixed(), 400)] {
        for seed in SEEDS {
            for tells in TOLD {
                let plant = |p: &SynthPage| vec![Plant::Batch { at: p.day(600.0), followers, over_days: 1.5, stock }];
                let spikes = judge(&made(seed, tells, plant).page).spikes;
                let organic = spikes.iter().find(|s| s.reading == Reading::Organic);
                assert!(organic.is_none(), "{stock:?} at seed {seed}, {tells:?}: {organic:?}");
            }
        }
    }
}

#[test]
fn most_of_the_audience_may_be_bought() {
    for seed in SEEDS {
        let mut page = SynthPage { followers: 300, tells: Tells::XArchive, ..SynthPage::default() };
        page.plants =
            vec![Plant::Batch { at: page.day(600.0), followers: 10_000, over_days: 2.0, stock: Stock::aged() }];
        let made = page.make(Seed(seed));
        let verdicts = judge(&made.page);
        let planted = made.truth.plants[0].ranks.expect("delivered");
        assert_eq!(verdicts.batches.len(), 1, "seed {seed}: {:?}", verdicts.batches);
        assert!(verdicts.batches[0].ranks.overlap(planted) > 9_900, "seed {seed}: {:?}", verdicts.batches[0].ranks);
    }
}

#[test]
fn impossible_dates_in_single_rows_stop_nobody() {
    for tells in [Tells::Everything, Tells::XArchive, Tells::InstagramExport] {
        let mut page = made(3, tells, |_| Vec::new()).page;
        let broken = |column: &assay_model::Column<TimeMs>| {
            let bad = [i64::MAX, i64::MIN + 1, -1, 9_000_000_000_000_000];
            let cells = column.iter().enumerate();
            cells.map(|(i, t)| if i % 500 == 7 { t.map(|_| TimeMs(bad[i / 500 % 4])) } else { t }).collect()
        };
        page.audience.created_at = broken(&page.audience.created_at);
        page.audience.followed_at = broken(&page.audience.followed_at);
        page.audience = arrange(page.audience, ListOrder::Stated, TimeQuality::Exact).audience;
        assert!(judge(&page).batches.is_empty(), "{tells:?}");
    }
}

/// Sixty accounts opened in one minute and three others: alike without doubt, but with nobody to tell them from.
#[test]
fn a_list_of_accounts_opened_together_is_abstained_from() {
    let mut list = Audience::default();
    for i in 0..63_u32 {
        let created = TimeMs(
            1_700_000_000_000 - if i < 3 { i64::from(i + 1) * 90_000_000_000 } else { i64::from(63 - i) * 1_000 },
        );
        list.push(&Follow { created_at: Some(created), follow_rank: Some(i), ..Follow::default() });
    }
    let audience = arrange(list, ListOrder::Stated, TimeQuality::Exact).audience;
    let outcome = look(&DETECTORS[0], &Page { audience, ..Page::default() });
    assert!(matches!(&outcome, Outcome::Abstained(a) if a.why.starts_with("60 of 63 accounts")), "{outcome:?}");
}

/// Profiles without dates and order: a list of which half is sold once read "0 to 7 %", since nothing spoke for the stock.
#[test]
fn looks_alone_are_no_ground_for_a_share() {
    let plant =
        |p: &SynthPage| vec![Plant::Drip { at: p.day(1.0), followers: 3_000, over_days: 900.0, stock: Stock::mixed() }];
    let mut page = made(4, Tells::Everything, plant).page;
    page.audience.created_at = assay_model::Column::default();
    page.audience.followed_at = assay_model::Column::default();
    page.audience.follow_rank = assay_model::Column::default();
    for _ in 0..page.audience.len() {
        page.audience.created_at.push(None);
        page.audience.followed_at.push(None);
        page.audience.follow_rank.push(None);
    }
    page.audience = arrange(page.audience, ListOrder::Unordered, TimeQuality::Unknown).audience;
    let verdicts = judge(&page);
    assert!(matches!(verdicts.inauthentic_share, Outcome::Abstained(_)), "{:?}", verdicts.inauthentic_share);
}

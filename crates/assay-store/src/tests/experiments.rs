//! Plans stay as they were sealed; what is read and decided is added; neither forgetting nor undoing takes any of it.

use super::count;
use crate::{By, Course, NewExperiment, NewReading, Workspace};
use assay_model::{TimeMs, silent};

const BY: By<'static> = By { who: "Kim", at: TimeMs(5) };

fn plan<'a>(name: &'a str, hash: &'a str) -> NewExperiment<'a> {
    NewExperiment { name, kind: "user-split", hash, sealed_at: "2026-11-24T17:00:00Z", plan: "{}" }
}

#[test]
fn a_plan_is_kept_once_and_never_replaced() {
    let mut store = Workspace::in_memory().expect("memory");
    let id = store.keep_experiment(plan("spring", "aa"), BY).expect("kept");
    assert_eq!(store.keep_experiment(plan("spring", "aa"), BY), Ok(id), "the same again");
    let refused = store.keep_experiment(plan("spring", "bb"), BY).expect_err("another plan");
    assert!(refused.to_string().contains("spring"), "{refused}");
    assert!(store.keep_experiment(plan("summer", "aa"), BY).expect("kept") > id);
    let all = store.experiments().expect("read");
    assert_eq!(
        all.iter().map(|e| (e.name.as_str(), e.hash.as_str())).collect::<Vec<_>>(),
        [("spring", "aa"), ("summer", "aa")]
    );
    assert_eq!(store.experiment("autumn"), Ok(None));
}

#[test]
fn readings_and_decisions_are_added_and_outlive_who_is_forgotten() {
    let mut store = Workspace::in_memory().expect("memory");
    let id = store.keep_experiment(plan("spring", "aa"), BY).expect("kept");
    let other = store.keep_experiment(plan("summer", "bb"), BY).expect("kept");
    let reading = |verdict| NewReading { file: "orders.csv", sha256: "cc", verdict, answer: "{}", sections: "<p></p>" };
    let of_ann = NewReading {
        file: "ann & co.csv",
        answer: "{\"name\":\"ann & co.csv\"}",
        sections: "<p>ann &amp; co.csv</p>",
        ..reading("drop")
    };
    let named = store.keep_reading(other, of_ann, BY).expect("kept");
    let first = store.keep_reading(id, reading("continue"), BY).expect("kept");
    store.keep_reading(id, reading("adopt"), By { at: TimeMs(6), ..BY }).expect("kept");
    assert_eq!(store.reading_of(id, first), Ok(Some(("{}".to_owned(), "<p></p>".to_owned()))));
    assert_eq!(store.reading_of(other, first), Ok(None), "of another experiment");
    store.decide_experiment(id, Course::GoOn, "", BY).expect("kept");
    store.decide_experiment(id, Course::Adopt, "all of the list, Ann said", By { at: TimeMs(7), ..BY }).expect("kept");
    store.forget("ann", None, TimeMs(8), &mut silent).expect("forgotten");
    let told = store.experiment("spring").expect("read").expect("spring");
    assert_eq!(told.readings.iter().map(|r| r.verdict.as_str()).collect::<Vec<_>>(), ["continue", "adopt"]);
    assert_eq!(told.decisions.iter().map(|d| d.course).collect::<Vec<_>>(), [Course::GoOn, Course::Adopt]);
    assert_eq!(told.decisions[1].note, "all of the list, \u{2026} said");
    let kept = ("{\"name\":\"\u{2026} & co.csv\"}".to_owned(), "<p>\u{2026} & co.csv</p>".to_owned());
    assert_eq!(store.reading_of(other, named), Ok(Some(kept)), "neither does a name of a file tell of her");
    let newest = "SELECT count(*) FROM experiments WHERE name = 'spring' AND n_readings = 2 AND verdict = 'adopt' \
                  AND decision = 'adopt' AND decided_at = '1970-01-01T00:00:00.007Z'";
    assert_eq!(count(&store, newest), 1);
    assert_eq!(count(&store, "SELECT count(*) FROM experiment_readings WHERE name = 'spring'"), 2);
    assert_eq!(count(&store, "SELECT count(*) FROM experiment_decisions WHERE name = 'spring'"), 2);
    assert!(Course::ALL.iter().all(|c| Course::named(c.name()) == Some(*c)) && Course::named("x").is_none());
}

//! Verdicts that somebody who knows the account contradicts.

use super::correct;
use super::matching::match_to;
use crate::share::dormant;
use assay_model::{Finding, Label, LabelTable, Overrule, Page, Verdicts};
use std::collections::HashMap;

/// Puts verdicts in place of those that were overruled, each with who says so and why; of several on one account the last
/// counts. Answers how many followers they are about. Costs O(n) in followers.
pub fn overrule(page: &Page, verdicts: &mut Verdicts, overrules: &[Overrule]) -> u64 {
    let mut last: HashMap<String, &Overrule> = HashMap::new();
    for o in overrules {
        last.extend([&o.account_id, &o.handle].into_iter().flatten().map(|name| (name.to_lowercase(), o)));
    }
    let label = |name: &String| Label {
        account_id: Some(name.clone()),
        handle: None,
        is_inauthentic: last[name].is_inauthentic,
        stratum: None,
    };
    let labels: Vec<Label> = last.keys().map(label).collect();
    if labels.is_empty() {
        return 0;
    }
    let matched = match_to(&page.audience, &LabelTable { labels, ..LabelTable::default() });
    let idle = dormant::idle(page);
    // Where id and handle of a follower were overruled apart, the labels contradict each other and nothing is matched.
    for &(i, is_inauthentic) in &matched.labels {
        let (i, who) = (i as usize, page.audience.follower(i as usize));
        let mut names = [Some(who.account_id), who.handle].into_iter().flatten();
        let Some(o) = names.find_map(|n| last.get(&n.to_lowercase())) else { continue };
        let finding = Finding::Overruled { is_inauthentic, by: o.by.clone(), why: o.why.clone() };
        correct(verdicts, i, is_inauthentic, idle.as_ref().map(|idle| idle[i]), finding);
    }
    verdicts.reasons.sort_by_key(|(rank, _)| *rank);
    matched.labels.len() as u64
}

#[cfg(test)]
mod tests {
    use super::overrule;
    use crate::{Asked, DETECTORS, weigh};
    use assay_math::Seed;
    use assay_model::synth::{Plant, Stock, SynthPage};
    use assay_model::{Class, Finding, Overrule, silent};

    #[test]
    fn the_last_word_on_an_account_is_somebodys_and_moves_nobody_else() {
        let mut page = SynthPage { followers: 600, ..SynthPage::default() };
        page.plants = vec![Plant::Batch { at: page.day(300.0), followers: 150, over_days: 1.0, stock: Stock::aged() }];
        let made = page.make(Seed(3));
        let mut found = Vec::new();
        for d in DETECTORS {
            let asked = Asked { seed: Seed(1), confidence: 0.9, earlier: &found };
            let evidence = (d.find)(&made.page, &asked, &mut silent).expect("nobody stops it");
            found.extend(evidence.found().cloned().map(|e| (d.id, e)));
        }
        let before = weigh(&made.page, &found, 0.9);
        let accused = before.class.iter().position(|c| *c == Class::Inauthentic).expect("somebody is accused");
        let free = before.class.iter().position(|c| *c == Class::Genuine).expect("somebody is not");
        let of = |i: usize, is_inauthentic, why: &str| Overrule {
            account_id: Some(made.page.audience.follower(i).account_id.to_owned()),
            handle: None,
            is_inauthentic,
            by: "Kim".to_owned(),
            why: why.to_owned(),
        };
        let all = [of(accused, true, "looks odd"), of(accused, false, "my aunt"), of(free, true, "sells followers")];
        let mut after = before.clone();
        assert_eq!(overrule(&made.page, &mut after, &all), 2);
        assert!(matches!(after.class[accused], Class::Genuine | Class::Dormant) && after.batch[accused] == 0);
        assert_eq!((after.class[free], after.probability[free]), (Class::Inauthentic, 1.0));
        let told = &after.reasons_of(accused)[0].finding;
        let wanted = Finding::Overruled { is_inauthentic: false, by: "Kim".to_owned(), why: "my aunt".to_owned() };
        assert_eq!(told, &wanted);
        assert_eq!((after.inauthentic_share, after.batches), (before.inauthentic_share, before.batches));
        let others = (0..before.class.len()).filter(|i| ![accused, free].contains(i));
        assert!(others.into_iter().all(|i| after.class[i] == before.class[i]));
    }
}

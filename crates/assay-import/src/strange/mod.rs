//! Tables that nobody takes: what stands in them, what it may be, and what to say so that it is read.
//!
//! A table is known by the names of its columns. Where too few are known, [`strangers`] looks at each header and at the cells
//! below it, and guesses: by names that are near a known one, in English or in another language, and by what the cells look
//! like. The guess is a proposal for the user, who says it with `--map`; a proposal under which the table would still not be
//! read is not made.

mod guess;
mod look;
mod words;

use crate::bundle::{Bundle, Digest};
use crate::columns::plain;
use crate::detect::{Plan, would_take};
use crate::options::{HeaderMap, HeaderPair};
use look::Look;

/// A table that nobody takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Stranger {
    /// The file.
    pub file: String,
    /// What its rows seem to be, such as `orders`; `None` where nothing fits.
    pub kind: Option<&'static str>,
    /// Its columns, in their order.
    pub columns: Vec<StrangeColumn>,
    /// What `--map` must say so that it is read; empty where nothing fits.
    pub pairs: Vec<HeaderPair>,
    /// Columns that a table of the nearest kind needs and that none of these looks like.
    pub lacks: Vec<&'static str>,
}

/// A column of a table that nobody takes.
#[derive(Debug, Clone, PartialEq)]
pub struct StrangeColumn {
    /// As the file writes it.
    pub header: String,
    /// Up to three different cells.
    pub samples: Vec<String>,
    /// The column of assay that it seems to be.
    pub column: Option<&'static str>,
    /// Why.
    pub why: Why,
}

/// Why a column is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is one of the names that are known.
    Known,
    /// Its name is near one that is known.
    Name,
    /// Its cells look like it.
    Cells,
    /// It is taken for none.
    Nothing,
}

impl Why {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Known => "a known name",
            Self::Name => "by its name",
            Self::Cells => "by its cells",
            Self::Nothing => "",
        }
    }
}

/// Tables that are told of at most.
const STRANGERS_MAX: usize = 5;

/// The tables of a bundle that nobody takes: those that the user passed by themselves, or, where no plan was made, any.
pub fn strangers(bundle: &mut Bundle, plan: Option<&Plan>) -> Vec<Stranger> {
    let read = |m: &usize| plan.is_some_and(|plan| plan.steps.iter().any(|step| step.members.contains(m)));
    let asked = |m: &usize| plan.is_none() || bundle.roots[bundle.members[*m].root].single;
    let members: Vec<usize> = (0..bundle.members.len()).filter(|m| !read(m) && asked(m)).collect();
    let mut found = Vec::new();
    for member in members {
        if let Some(look) = look::look(bundle, member) {
            found.push(stranger(bundle, member, &look));
        }
        if found.len() == STRANGERS_MAX {
            break;
        }
    }
    found
}

fn stranger(bundle: &mut Bundle, member: usize, look: &Look) -> Stranger {
    let mut best: Option<(&'static str, Vec<guess::Guess>, Vec<HeaderPair>)> = None;
    for table in guess::ranked(look) {
        let pairs: Vec<HeaderPair> = table.pairs(look);
        let map = HeaderMap { pairs: pairs.clone() };
        if table.lacks.is_empty() && would_take(bundle, member, &map) {
            best = Some((table.kind, table.guesses, pairs));
            break;
        }
    }
    let lacks = if best.is_some() {
        Vec::new()
    } else {
        guess::ranked(look).into_iter().next().map_or(Vec::new(), |t| t.lacks)
    };
    let guesses = best.as_ref().map(|(_, guesses, _)| guesses);
    let column = |(i, header): (usize, &String)| {
        let guess = guesses.and_then(|all| all.get(i)).copied().unwrap_or_default();
        StrangeColumn { header: header.clone(), samples: look.samples(i), column: guess.column, why: guess.why }
    };
    Stranger {
        file: bundle.members[member].name.clone(),
        columns: look.headers.iter().enumerate().map(column).collect(),
        kind: best.as_ref().map(|b| b.0),
        pairs: best.map(|b| b.2).unwrap_or_default(),
        lacks,
    }
}

/// A key of the headers of a member, whatever their order, case and punctuation; `None` where it is no table. Files with the same
/// key are read under the same names.
pub fn header_key(bundle: &Bundle, member: usize) -> Option<String> {
    let look = look::look(bundle, member)?;
    let mut names: Vec<String> = look.headers.iter().map(|header| plain(header)).collect();
    names.sort();
    Digest::new(names.join("\n").as_bytes()).finish().ok()
}

/// Of `map` what speaks of a header of this member.
pub fn of_headers(bundle: &Bundle, member: usize, map: &HeaderMap) -> HeaderMap {
    let headers = look::look(bundle, member).map(|look| look.headers).unwrap_or_default();
    let is_met = |pair: &&HeaderPair| headers.iter().any(|header| plain(header) == plain(&pair.header));
    HeaderMap { pairs: map.pairs.iter().filter(is_met).cloned().collect() }
}

#[cfg(test)]
mod tests {
    use super::{Why, header_key, strangers};
    use crate::options::{HeaderMap, ReadOptions};
    use crate::samples::{bundle, run_plan};
    use crate::{Yields, detect_all};

    /// A table, what it is, and which of its headers mean what.
    const TABLES: &[(&str, Yields, &str)] = &[
        (
            "Kundennr;Bestellnr;Bestelldatum;Betrag;Notiz\nK-1;9001;01.02.2026;19,90;x\nK-2;9002;14.02.2026;5,00;\nK-1;9003;20.02.2026;7,00;\n",
            Yields::Orders,
            "Kundennr=customer_id,Bestellnr=order_id,Bestelldatum=ordered_at,Betrag=total",
        ),
        (
            "who,bought when,how much\na@x.org,2026-01-01,12.50\nb@x.org,2026-01-02,3.00\na@x.org,2026-01-05,9.99\n",
            Yields::Orders,
            "who=customer_id,bought when=ordered_at,how much=total",
        ),
        (
            "Pseudo,Date d'abonnement,Abonnés\nanna,2026-01-01 10:00:00,120\nbob_7,2026-01-02 11:30:00,4\n",
            Yields::Followers,
            "Pseudo=handle,Date d'abonnement=followed_at,Abonnés=followers",
        ),
        (
            "Fecha de publicación,Alcance,Me gusta\n2026-01-01,1200,31\n2026-01-02,900,12\n",
            Yields::Posts,
            "Fecha de publicación=published_at,Alcance=reach,Me gusta=likes",
        ),
        (
            "Kampagne,Ausgaben (EUR),Einblendungen,Kliks,Am\nA,12.50,1200,31,2026-01-01\nB,9.00,900,12,2026-01-02\n",
            Yields::Ads,
            "Kampagne=campaign,Ausgaben (EUR)=spend,Einblendungen=impressions,Kliks=clicks",
        ),
        (
            "User handle,When,What they did\n@anna,2026-01-01 10:00:00,like\n@bob,2026-01-02 11:00:00,comment\n",
            Yields::Engagements,
            "User handle=handle,When=at,What they did=kind",
        ),
    ];

    #[test]
    fn a_table_that_nobody_takes_comes_with_the_words_that_have_it_taken() {
        for (text, yields, expected) in TABLES {
            let mut files = bundle(&[("t.csv", text.as_bytes())]).expect("a file");
            assert!(detect_all(&files, None).is_err(), "{text}");
            let found = strangers(&mut files, None);
            assert_eq!(found.len(), 1, "{text}");
            for pair in expected.split(',') {
                let found: Vec<String> = found[0].pairs.iter().map(|p| format!("{}={}", p.header, p.column)).collect();
                assert!(found.iter().any(|f| f == pair), "{pair} is not in {found:?}");
            }
            // What is proposed does it.
            let headers = HeaderMap { pairs: found[0].pairs.clone() };
            let files = files.read_as(ReadOptions { headers, ..ReadOptions::default() });
            let plan = detect_all(&files, None).expect("a table");
            assert_eq!(plan.steps[0].importer.yields, *yields, "{text}");
            let (kept, _) = run_plan(&files, &plan).expect("rows");
            assert!(kept.rejects.is_empty(), "{:?}", kept.rejects);
        }
    }

    #[test]
    fn json_is_looked_at_too() {
        let text = b"[{\"kunde\":\"a\",\"am\":\"2026-01-01\",\"summe\":1.5},{\"kunde\":\"b\",\"am\":\"2026-01-02\",\"summe\":2}]";
        let mut files = bundle(&[("t.json", text)]).expect("a file");
        let found = strangers(&mut files, None);
        assert_eq!(found[0].kind, Some("orders"), "{found:?}");
        assert_eq!(found[0].columns.len(), 3);
    }

    #[test]
    fn what_fits_nothing_is_shown_without_a_proposal() {
        let mut files = bundle(&[("t.csv", b"colour,shape\nred,round\nblue,square\n")]).expect("a file");
        let found = strangers(&mut files, None);
        assert_eq!((found[0].kind, found[0].pairs.len()), (None, 0));
        assert!(!found[0].lacks.is_empty());
        assert!(found[0].columns.iter().all(|c| c.why == Why::Nothing && c.samples.len() == 2), "{found:?}");
        for (name, bytes) in [("t.csv", &b"just a text\nof two lines\n"[..]), ("t.bin", b"\0\x01\x02"), ("t.csv", b"")]
        {
            let mut files = bundle(&[(name, bytes)]).expect("a file");
            assert!(strangers(&mut files, None).is_empty(), "{name}");
        }
    }

    #[test]
    fn the_key_is_of_the_set_of_headers() {
        let key = |text: &str| header_key(&bundle(&[("t.csv", text.as_bytes())]).expect("a file"), 0);
        let one = key("Kunde,Summe (EUR)\na,1\nb,2\n");
        assert!(one.is_some());
        assert_eq!(one, key("summe EUR;KUNDE\n1;a\n"));
        assert_ne!(one, key("Kunde,Summe\na,1\n"));
    }
}

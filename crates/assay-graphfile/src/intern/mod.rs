//! Numbers the ids of one side, from 0 in the order of their names.
//!
//! While a file is read, an id gets a *code*: a small number stands for itself, and is marked in a set of bits; larger numbers
//! and texts get the next free code from a hash table. At the end all ids are known, and a code becomes the place of its id among
//! all ids in rising order.
//!
//! Hash tables are keyed at random, so that nobody can write a file that makes them slow. Since places depend on the ids
//! alone, the keys change no result.

mod numbers;
mod texts;

use crate::raw::{Ids, TextIds};
use assay_model::edges::{EdgesError, Names, RankedSet};
use numbers::NumberTable;
use rayon::prelude::*;
use std::sync::Arc;
use texts::TextTable;

/// More ids than this cannot be numbered: the largest number stands for none.
const IDS_MAX: usize = u32::MAX as usize - 1;

/// Keys looked up together, so that the memory they wait for is fetched at once.
const BATCH: usize = 32;

/// Ids met so far.
#[derive(Debug)]
pub(crate) enum Interner {
    /// Numbers below `bound`, each its own code.
    Small {
        set: RankedSet,
        bound: u64,
    },
    Numbers(NumberTable),
    Texts(TextTable),
}

/// Codes given before that mean something else now: code `c` has become the rank of `c` in the set.
pub(crate) struct Recode(RankedSet);

impl Recode {
    pub(crate) fn apply(&self, codes: &mut [u32]) {
        codes.par_iter_mut().for_each(|code| *code = self.0.rank(*code));
    }
}

/// Numbers below this are worth a bit each where about so many rows will come.
pub(crate) fn small_below(expected_rows: u64) -> u64 {
    expected_rows.saturating_mul(64).clamp(1 << 24, u64::from(u32::MAX) - 1)
}

impl Interner {
    /// Starts with no ids. Where about `expected_rows` rows will come, ids of up to 64 times as much are worth a bit each.
    pub(crate) fn new(expected_rows: u64) -> Self {
        Self::Small { set: RankedSet::default(), bound: small_below(expected_rows) }
    }

    /// Makes room for ids of the kind of `ids`; must be called before [`Interner::codes`]. What it returns must be applied to
    /// all codes given before.
    pub(crate) fn prepare(&mut self, ids: &Ids) -> Option<Recode> {
        let mut recode = None;
        if let Self::Small { set, bound } = self {
            let small = match ids {
                Ids::Numbers(numbers) => numbers.iter().copied().max().unwrap_or(0) < *bound,
                Ids::Texts(texts) => texts.ends.is_empty(),
            };
            if !small {
                set.seal();
                let mut table = NumberTable::default();
                table.codes(&set.iter().map(u64::from).collect::<Vec<_>>(), &mut Vec::new());
                recode = Some(Recode(std::mem::take(set)));
                *self = Self::Numbers(table);
            }
        }
        if let (Self::Numbers(table), Ids::Texts(texts)) = (&mut *self, ids)
            && !texts.ends.is_empty()
        {
            let mut met = TextTable::default();
            met.codes(&Ids::Numbers(table.in_order_of_codes()).to_texts(), &mut Vec::new());
            *self = Self::Texts(met);
        }
        recode
    }

    /// Adds the codes of `ids`, in their order, to `codes`.
    ///
    /// # Errors
    /// If there are more different ids than can be numbered.
    pub(crate) fn codes(&mut self, ids: &Ids, codes: &mut Vec<u32>) -> Result<(), EdgesError> {
        let n_ids = match (self, ids) {
            (Self::Small { set, .. }, Ids::Numbers(numbers)) => {
                codes.extend(numbers.iter().map(|number| {
                    set.insert(*number as u32);
                    *number as u32
                }));
                0
            }
            (Self::Numbers(table), Ids::Numbers(numbers)) => table.codes(numbers, codes),
            (Self::Texts(table), Ids::Texts(texts)) => table.codes(texts, codes),
            (Self::Texts(table), Ids::Numbers(_)) => table.codes(&ids.to_texts(), codes),
            // Nothing but empty columns is left.
            (_, Ids::Texts(_)) => 0,
        };
        if n_ids > IDS_MAX {
            return Err(EdgesError::new(
                format!("at most {IDS_MAX} different ids on a side"),
                "more",
                "",
                "split the table, for example by the month of the edges",
            ));
        }
        Ok(())
    }

    /// All ids are known: gives them their places.
    pub(crate) fn finish(self) -> Dictionary {
        match self {
            Self::Small { mut set, .. } => {
                set.seal();
                Dictionary { names: Arc::new(Names::Ranked(set)), table: Table::None, places: Vec::new() }
            }
            Self::Numbers(mut table) => {
                let numbers = table.in_order_of_codes();
                let order = sorted(numbers.len(), |a, b| numbers[a as usize].cmp(&numbers[b as usize]));
                let names = order.par_iter().map(|i| numbers[*i as usize]).collect();
                let places = inverse(&order);
                table.recode(&places);
                Dictionary { names: Arc::new(Names::Numbers(names)), table: Table::Numbers(table), places }
            }
            Self::Texts(mut table) => {
                let order = sorted(table.len(), |a, b| table.key(a).cmp(table.key(b)));
                let places = inverse(&order);
                table.reorder(&order, &places);
                Dictionary { names: Arc::new(table.take_names()), table: Table::Texts(table), places }
            }
        }
    }
}

fn sorted(n: usize, by: impl Fn(u32, u32) -> std::cmp::Ordering + Sync) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.par_sort_unstable_by(|a, b| by(*a, *b));
    order
}

fn inverse(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (place, code) in order.iter().enumerate() {
        places[*code as usize] = place as u32;
    }
    places
}

/// All ids of one side with their places.
#[derive(Debug)]
pub(crate) struct Dictionary {
    pub(crate) names: Arc<Names>,
    table: Table,
    /// The place of each code; empty where ids are their own codes.
    places: Vec<u32>,
}

#[derive(Debug)]
enum Table {
    None,
    Numbers(NumberTable),
    Texts(TextTable),
}

impl Dictionary {
    /// Turns codes into places.
    pub(crate) fn place(&self, codes: &mut [u32]) {
        match &*self.names {
            Names::Ranked(set) => codes.par_iter_mut().for_each(|code| *code = set.rank(*code)),
            _ => codes.par_iter_mut().for_each(|code| *code = self.places[*code as usize]),
        }
    }

    /// Drops what turning codes into places takes; [`Dictionary::find`] goes on.
    pub(crate) fn drop_codes(&mut self) {
        self.places = Vec::new();
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        let table = match &self.table {
            Table::None => 0,
            Table::Numbers(table) => table.bytes(),
            Table::Texts(table) => table.bytes(),
        };
        self.names.bytes() + table + 4 * self.places.len() as u64
    }

    /// Adds the places of `ids` to `out`; `None` if one of them was not met before.
    pub(crate) fn find(&self, ids: &Ids, out: &mut Vec<u32>) -> Option<()> {
        match (&self.table, &*self.names, ids) {
            (_, Names::Ranked(set), Ids::Numbers(numbers)) => {
                let mut known = true;
                out.extend(numbers.iter().map(|number| {
                    let small = *number as u32;
                    known &= u64::from(small) == *number && set.contains(small);
                    set.rank(small)
                }));
                known.then_some(())
            }
            (Table::Numbers(table), _, Ids::Numbers(numbers)) => table.find(numbers, out),
            (Table::Texts(table), Names::Texts { text, ends }, Ids::Texts(ids)) => table.find(text, ends, ids, out),
            (Table::Texts(table), Names::Texts { text, ends }, Ids::Numbers(_)) => {
                table.find(text, ends, &ids.to_texts(), out)
            }
            (_, _, Ids::Texts(TextIds { ends, .. })) => ends.is_empty().then_some(()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Interner;
    use crate::raw::{Id, Ids};
    use std::collections::BTreeSet;

    fn ids(texts: &[String]) -> Ids {
        let mut ids = Ids::default();
        for text in texts {
            ids.push(Id::of_text(text, "source").unwrap_or_else(|_| panic!("{text}")));
        }
        ids
    }

    /// Numbers the ids of blocks, and checks the result against a sorted set.
    fn check(blocks: &[Vec<String>]) {
        let mut interner = Interner::new(10);
        let mut codes = Vec::new();
        for block in blocks {
            let ids = ids(block);
            if let Some(recode) = interner.prepare(&ids) {
                recode.apply(&mut codes);
            }
            interner.codes(&ids, &mut codes).expect("room");
        }
        let dictionary = interner.finish();
        dictionary.place(&mut codes);
        let all: Vec<&String> = blocks.iter().flatten().collect();
        let different: BTreeSet<&String> = all.iter().copied().collect();
        assert_eq!(dictionary.names.len(), different.len());
        for (text, code) in all.iter().zip(&codes) {
            assert_eq!(dictionary.names.name(*code), text.as_str());
            assert_eq!(dictionary.names.find(text), Some(*code));
        }
        let names: Vec<_> = (0..different.len()).map(|i| dictionary.names.name(i as u32).into_owned()).collect();
        // All numbers rise by value; once there is a text, all names rise by their bytes.
        let numeric = names.iter().all(|name| name.parse::<u64>().is_ok_and(|n| n.to_string() == *name));
        let key = |name: &String| (name.parse::<u64>().ok().filter(|_| numeric), name.clone());
        assert!(names.is_sorted_by_key(key), "{:?}", &names[..names.len().min(20)]);
        let mut found = Vec::new();
        for block in blocks {
            assert_eq!(dictionary.find(&ids(block), &mut found), Some(()));
        }
        assert_eq!(found, codes);
        assert_eq!(dictionary.find(&ids(&["4000000123".to_owned()]), &mut found), None);
    }

    fn made(n: u64, of: impl Fn(u64) -> String) -> Vec<String> {
        (0..n).map(|i| of(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52)).collect()
    }

    #[test]
    fn ids_of_every_kind_are_numbered_in_the_order_of_their_names() {
        let small = made(3_000, |i| i.to_string());
        let large = made(3_000, |i| (i << 40).to_string());
        let texts = made(3_000, |i| format!("x{i}"));
        check(std::slice::from_ref(&small));
        check(&[large.clone(), small.clone()]);
        check(&[small.clone(), large.clone()]);
        check(&[texts.clone(), small.clone()]);
        check(&[small.clone(), texts.clone()]);
        check(&[small, large, texts, vec!["007".to_owned(), "é".repeat(300)]]);
        check(&[Vec::new()]);
    }
}

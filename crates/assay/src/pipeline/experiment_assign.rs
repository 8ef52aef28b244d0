//! From a list to who gets what: draws from a salt, accounts that an audit holds to be inauthentic left out, files for ad managers and
//! mail tools.

use super::experiment::warning;
use super::{DEFAULT_SEED, Error, Step, Watch};
use crate::report::{AssignReport, Assigned, Origin, OutList};
use assay_experiment::assign::{Unit, by_hash, in_groups, in_strata};
use assay_import::{Bundle, Holds, Limits, Optional, Value, Wanted, read_named};
use assay_model::SourceFile;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

/// How units are sorted into arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By each unit's draw alone.
    Hash,
    /// Dealt within strata.
    Strata,
    /// In matched groups of neighbours.
    Groups,
}

/// What the user asked.
#[derive(Debug, Clone)]
pub struct AssignOptions {
    /// The list.
    pub list: PathBuf,
    /// Its column of ids.
    pub id: String,
    /// The arms, the control first, with their weights.
    pub arms: Vec<(String, f64)>,
    /// What the draws are salted with.
    pub salt: String,
    /// How units are sorted into arms.
    pub how: How,
    /// Columns that make up strata.
    pub strata: Vec<String>,
    /// The column that neighbours are alike in.
    pub match_on: Option<String>,
    /// The column of mail addresses, for lists of ad managers and mail tools.
    pub email: Option<String>,
    /// Verdicts of an audit, and the probability from which an account is left out.
    pub exclude: Option<(PathBuf, f64)>,
}

/// Units at most.
const UNITS_MAX: usize = 50_000_000;

/// Sorts a list into arms.
///
/// # Errors
/// When the list or the verdicts cannot be read, an id stands there twice, or `watch` answers stop.
#[expect(clippy::too_many_lines, reason = "one list walked from its rows to its arms, step by step")]
pub fn assign_experiment(options: &AssignOptions, watch: &mut Watch<'_>) -> Result<AssignReport, Error> {
    let (excluded, verdicts) = match &options.exclude {
        Some((path, above)) => {
            let (ids, file) = inauthentic(path, *above, watch)?;
            (ids, Some(file))
        }
        None => (HashSet::new(), None),
    };
    super::go_on(watch, Step::Reading)?;
    let bundle = Bundle::open(std::slice::from_ref(&options.list), &Limits::default())?;
    let want = |name: &String, holds| Wanted { names: vec![name.clone()], holds, optional: Optional::No };
    let mut wanted = vec![want(&options.id, Holds::Name)];
    wanted.extend(options.strata.iter().map(|s| want(s, Holds::Text)));
    let at_match = options.match_on.as_ref().map(|name| {
        wanted.push(want(name, Holds::Number));
        wanted.len() - 1
    });
    let at_email = options.email.as_ref().map(|name| {
        wanted.push(want(name, Holds::Text));
        wanted.len() - 1
    });
    let (mut units, mut rows): (Vec<Unit>, Vec<Assigned>) = (Vec::new(), Vec::new());
    let mut strata: BTreeMap<String, usize> = BTreeMap::new();
    let mut met: HashMap<String, u64> = HashMap::new();
    let (mut n_excluded, mut twice) = (0_u64, None);
    let table = {
        let mut take = |line: u64, cells: &[Value<'_>]| {
            let Value::Text(id) = cells[0] else { return Err("expected an id, found an empty cell".to_owned()) };
            if let Some(first) = met.insert(id.to_owned(), line) {
                twice.get_or_insert((id.to_owned(), first, line));
                return Err(format!("expected each id once, found `{id}` again"));
            }
            if excluded.contains(id) {
                n_excluded += 1;
                return Ok(());
            }
            if units.len() >= UNITS_MAX {
                return Err(format!("expected at most {UNITS_MAX} units"));
            }
            let of = |at: usize| match cells[at] {
                Value::Text(text) => text.to_owned(),
                _ => String::new(),
            };
            let stratum = (1..=options.strata.len()).map(of).collect::<Vec<_>>().join(" / ");
            let next = strata.len();
            let number = *strata.entry(stratum.clone()).or_insert(next);
            let before = at_match.and_then(|at| match cells[at] {
                Value::Number(x) => Some(x),
                _ => None,
            });
            units.push(Unit { draw: draw(&options.salt, id), stratum: number, before });
            rows.push(Assigned {
                id: id.to_owned(),
                arm: 0,
                stratum,
                group: None,
                email: at_email.map(of).filter(|e| !e.is_empty()),
            });
            Ok(())
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted, &mut take, &mut tick)?
    };
    if let Some((id, first, again)) = twice {
        return Err(Error::Input {
            message: format!("{}: expected each id once, found '{id}' in lines {first} and {again}", table.file.name),
            hint: Some(
                "one person could get two arms; put the list in order first, or name another column with --id"
                    .to_owned(),
            ),
        });
    }
    super::go_on(watch, Step::Weighing)?;
    let weights: Vec<f64> = options.arms.iter().map(|a| a.1).collect();
    if units.len() < weights.len() {
        let why = table.rejects.first().map_or(String::new(), |r| format!("; line {}: {}", r.line, r.why));
        return Err(Error::Input {
            message: format!(
                "{}: expected at least {} units, found {}{why}",
                table.file.name,
                weights.len(),
                units.len()
            ),
            hint: Some("check that --id names the column that you mean, and what was excluded".to_owned()),
        });
    }
    // Numbers of strata follow their names, not the order of the list.
    let order: HashMap<usize, usize> = strata.values().enumerate().map(|(rank, number)| (*number, rank)).collect();
    for unit in &mut units {
        unit.stratum = order.get(&unit.stratum).copied().unwrap_or(0);
    }
    let arms = match options.how {
        How::Hash => by_hash(&units, &weights),
        How::Strata => in_strata(&units, &weights),
        How::Groups => {
            let (arms, groups) = in_groups(&units, weights.len());
            for (row, group) in rows.iter_mut().zip(groups) {
                row.group = Some(group);
            }
            arms
        }
    };
    for (row, arm) in rows.iter_mut().zip(arms) {
        row.arm = arm;
    }
    let mut warnings = Vec::new();
    if table.file.rejected > 0 {
        warnings.push(warning("rejected-rows", format!("{} rows of the list could not be used", table.file.rejected)));
    }
    if options.email.is_some() {
        let without = rows.iter().filter(|r| r.email.is_none()).count();
        if without > 0 {
            warnings.push(warning(
                "no-email",
                format!("{without} units have no mail address and are in none of the lists for tools"),
            ));
        }
    }
    let n_rejected = table.file.rejected;
    let mut files = vec![table.file];
    files.extend(verdicts);
    Ok(AssignReport {
        origin: Origin { seed: Some(DEFAULT_SEED), files, rejects: table.rejects, n_rejected, window: None, warnings },
        arms: options.arms.clone(),
        salt: options.salt.clone(),
        how: options.how,
        strata: options.strata.clone(),
        n_strata: strata.len(),
        n_excluded,
        excluded_above: options.exclude.as_ref().map(|e| e.1),
        rows,
    })
}

/// A unit's draw: the first eight bytes of SHA-256 over salt, slash and id.
pub fn draw(salt: &str, id: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(b"/");
    hash.update(id.as_bytes());
    hash.finalize().iter().take(8).fold(0, |x, byte| x << 8 | u64::from(*byte))
}

/// Ids and handles of accounts that an audit's table of verdicts holds to be inauthentic from a probability on.
fn inauthentic(path: &PathBuf, above: f64, watch: &mut Watch<'_>) -> Result<(HashSet<String>, SourceFile), Error> {
    super::go_on(watch, Step::Reading)?;
    let bundle = Bundle::open(std::slice::from_ref(path), &Limits::default())?;
    let want = |name: &str, holds, optional| Wanted { names: vec![name.to_owned()], holds, optional };
    let wanted = [
        want("probability", Holds::Number, Optional::No),
        want("account_id", Holds::Text, Optional::Yes),
        want("handle", Holds::Text, Optional::Yes),
    ];
    let mut ids = HashSet::new();
    let mut take = |_line: u64, cells: &[Value<'_>]| {
        if let Value::Number(p) = cells[0]
            && p >= above
        {
            for cell in &cells[1..] {
                if let Value::Text(id) = cell {
                    ids.insert((*id).to_owned());
                }
            }
        }
        Ok(())
    };
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let table = read_named(&bundle, &wanted, &mut take, &mut tick)?;
    Ok((ids, table.file))
}

/// A mail address as ad managers want it: trimmed, lower case, hashed by SHA-256. Google takes dots of Gmail's addresses for nothing.
pub fn hashed_email(email: &str, list: OutList) -> String {
    let plain = email.trim().to_lowercase();
    let plain = match (list, plain.split_once('@')) {
        (OutList::Google, Some((name, host @ ("gmail.com" | "googlemail.com")))) => {
            format!("{}@{host}", name.replace('.', ""))
        }
        _ => plain,
    };
    super::sealed::sha256(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{draw, hashed_email};
    use crate::report::OutList;

    /// `printf 'spring/u1' | sha256sum | cut -c1-16`.
    #[test]
    fn draws_can_be_made_by_anybody() {
        assert_eq!(format!("{:016x}", draw("spring", "u1")), SPRING);
    }

    /// Python: `hashlib.sha256(b'test@example.com').hexdigest()`, as Meta's and Google's pages have it.
    #[test]
    fn addresses_are_hashed_as_ad_managers_want() {
        let example = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b";
        assert_eq!(hashed_email(" Test@Example.com ", OutList::Meta), example);
        assert_eq!(hashed_email("a.b@gmail.com", OutList::Google), hashed_email("ab@gmail.com", OutList::Meta));
        assert_ne!(hashed_email("a.b@gmail.com", OutList::Meta), hashed_email("ab@gmail.com", OutList::Meta));
    }
    const SPRING: &str = "cebe683aac72058c";
}

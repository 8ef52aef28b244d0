//! Which importers apply to a bundle, and which of its members each reads.

use crate::bundle::{Bundle, base_name, depth};
use crate::error::{ImportError, quote};
use crate::options::HeaderMap;
use crate::text::decode_head;
use crate::{IMPORTERS, Importer, Layout, Yields};
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

/// A member as recognition sees it. Its first bytes are read when they are first asked for.
pub struct Peek<'a> {
    pub(crate) bundle: &'a Bundle,
    pub(crate) member: usize,
    name: String,
    head: OnceCell<Vec<u8>>,
    raw: OnceCell<Vec<u8>>,
    error: RefCell<Option<ImportError>>,
}

impl<'a> Peek<'a> {
    fn new(bundle: &'a Bundle, member: usize) -> Self {
        let path = bundle.members[member].path.to_lowercase();
        let name = path.strip_suffix(".gz").map(str::to_owned).unwrap_or(path);
        Self { bundle, member, name, head: OnceCell::new(), raw: OnceCell::new(), error: RefCell::new(None) }
    }

    /// The last part of its name, in lower case, without `.gz`.
    pub fn base(&self) -> &str {
        base_name(&self.name)
    }

    /// What stands behind the last dot of its name; empty where there is none.
    pub fn extension(&self) -> &str {
        self.base().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether the user passed this very file.
    pub fn is_single(&self) -> bool {
        self.bundle.roots[self.bundle.members[self.member].root].single
    }

    /// Its first 64 KiB, unpacked.
    pub fn raw(&self) -> &[u8] {
        self.raw.get_or_init(|| {
            self.bundle.head(self.member).unwrap_or_else(|error| {
                *self.error.borrow_mut() = Some(error);
                Vec::new()
            })
        })
    }

    /// Its first bytes as UTF-8, if it is text.
    pub fn head(&self) -> &[u8] {
        self.head.get_or_init(|| decode_head(self.raw()))
    }
}

/// What an importer says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is none of its own.
    No,
    /// It holds what the importer yields.
    List,
    /// It says more about a list that stands in another file.
    Side,
    /// It is known, but does not hold what is needed.
    Refused {
        /// What it holds instead.
        found: &'static str,
        /// What to do.
        hint: &'static str,
    },
}

/// What will be read, by whom, in which order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The importers that apply, the follower list first.
    pub steps: Vec<Step>,
    /// What the reader of the answer must know of the choice.
    pub notes: Vec<String>,
}

/// An importer and the members it reads.
#[derive(Debug, Clone)]
pub struct Step {
    /// The importer.
    pub importer: &'static Importer,
    /// Indices into [`Bundle::members`], in reading order.
    pub members: Vec<usize>,
}

/// The importer with this id.
pub fn by_id(id: &str) -> Option<&'static Importer> {
    IMPORTERS.iter().find(|importer| importer.id == id)
}

/// Finds the importers that apply: one follower list at most, and one kind of daily counts at most.
///
/// Looks at names first and at the first bytes of files that names alone do not settle.
///
/// # Errors
/// If nothing applies, or if several kinds of follower lists or of counts do, which cannot be of one page.
pub fn detect(bundle: &Bundle) -> Result<Plan, ImportError> {
    let mut survey = Survey::default();
    for member in 0..bundle.members.len() {
        survey.look(bundle, member, IMPORTERS.iter())?;
    }
    survey.plan(bundle, None)
}

/// As [`detect`], for tables of posts alone.
///
/// # Errors
/// If the bundle holds none.
pub fn detect_posts(bundle: &Bundle) -> Result<Plan, ImportError> {
    detect_kind(bundle, Yields::Posts)
}

/// Finds the tables of orders in a bundle, whatever else is in it.
///
/// # Errors
/// If the bundle holds none.
pub fn detect_orders(bundle: &Bundle) -> Result<Plan, ImportError> {
    detect_kind(bundle, Yields::Orders)
}

fn detect_kind(bundle: &Bundle, kind: Yields) -> Result<Plan, ImportError> {
    let mut survey = Survey::default();
    for member in 0..bundle.members.len() {
        survey.look(bundle, member, IMPORTERS.iter().filter(|i| i.yields == kind))?;
    }
    let chosen = IMPORTERS.iter().find(|i| i.yields == kind);
    survey.plan(bundle, chosen)
}

/// As [`detect`], with the importer of one kind chosen by the user. It reads what it recognises; if that is nothing, every
/// file that was passed by itself.
///
/// # Errors
/// As [`detect`], and if there is nothing that the importer could read.
pub fn detect_as(bundle: &Bundle, importer: &'static Importer) -> Result<Plan, ImportError> {
    let mut survey = Survey::default();
    for member in 0..bundle.members.len() {
        let others = IMPORTERS.iter().filter(|other| other.yields != importer.yields);
        survey.look(bundle, member, std::iter::once(importer).chain(others))?;
    }
    survey.choose(bundle, importer);
    survey.plan(bundle, Some(importer))
}

/// Finds a reader for every file of a bundle, whatever kinds it holds: as [`detect`], for those who keep all of it. A table is read by
/// itself, so that rows which two tables repeat are told twice; the tables of one follower list are read as one.
///
/// With `chosen` the user says who reads the files; that one takes what it recognises or, if that is nothing, every file that was
/// passed by itself.
///
/// # Errors
/// If nothing applies, or if two exports of one platform are mixed.
pub fn detect_all(bundle: &Bundle, chosen: Option<&'static Importer>) -> Result<Plan, ImportError> {
    let mut survey = Survey::default();
    for member in 0..bundle.members.len() {
        let others = IMPORTERS.iter().filter(|other| chosen.is_none_or(|chosen| other.id != chosen.id));
        survey.look(bundle, member, chosen.into_iter().chain(others))?;
    }
    if let Some(chosen) = chosen {
        survey.choose(bundle, chosen);
    }
    survey.plan_all(bundle, chosen)
}

/// Whether an importer of tables by column names takes a member under these names of its headers.
pub(crate) fn would_take(bundle: &mut Bundle, member: usize, headers: &HeaderMap) -> bool {
    bundle.map_member(member, headers);
    let is_taken = {
        let peek = Peek::new(bundle, member);
        IMPORTERS.iter().map(|importer| (importer.recognise)(&peek)).any(|claim| claim == Claim::List)
    };
    bundle.unmap_member(member);
    is_taken
}

/// Whether a claim is on a file of a platform's export of followers.
fn is_export(claimed: &Claimed) -> bool {
    claimed.importer.layout == Layout::Platform && claimed.importer.yields == Yields::Followers
}

/// The folder that a path lies in.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What is wanted where the audience of a page is read, and where all that a business has is taken.
const AUDIENCE: &str = "followers or daily counts in a format that assay reads";
const ANYTHING: &str = "followers, counts by day, posts, engagements, advertising, orders, visits or contacts in a format that assay reads";

struct Claimed {
    member: usize,
    importer: &'static Importer,
    claim: Claim,
}

#[derive(Default)]
struct Survey {
    claims: Vec<Claimed>,
    refused: Vec<(usize, &'static str, &'static str)>,
    unreadable: Option<ImportError>,
}

impl Survey {
    /// Asks the importers for one member.
    fn look(
        &mut self,
        bundle: &Bundle,
        member: usize,
        importers: impl Iterator<Item = &'static Importer>,
    ) -> Result<(), ImportError> {
        let peek = Peek::new(bundle, member);
        for importer in importers {
            match (importer.recognise)(&peek) {
                Claim::No => {}
                Claim::Refused { found, hint } => {
                    self.refused.push((member, found, hint));
                    break;
                }
                claim => {
                    self.claims.push(Claimed { member, importer, claim });
                    break;
                }
            }
        }
        if let Some(error) = peek.error.take() {
            if peek.is_single() || error == ImportError::Stopped {
                return Err(error);
            }
            self.unreadable.get_or_insert(error);
        }
        Ok(())
    }

    /// Where the importer that the user chose recognises nothing, it takes the files that were passed by themselves and that nobody
    /// else takes.
    fn choose(&mut self, bundle: &Bundle, importer: &'static Importer) {
        if self.claims.iter().any(|c| c.importer.id == importer.id && c.claim == Claim::List) {
            return;
        }
        let singles = (0..bundle.members.len()).filter(|m| bundle.roots[bundle.members[*m].root].single);
        self.claims.retain(|c| c.importer.id != importer.id);
        let free: Vec<usize> = singles.filter(|m| !self.claims.iter().any(|c| c.member == *m)).collect();
        self.claims.extend(free.into_iter().map(|member| Claimed { member, importer, claim: Claim::List }));
    }

    fn plan_all(mut self, bundle: &Bundle, chosen: Option<&'static Importer>) -> Result<Plan, ImportError> {
        self.drop_empty(bundle);
        self.drop_beside_platforms(bundle);
        let deeper = self.drop_deeper_copies(bundle);
        self.one_export(bundle)?;
        let mut steps: Vec<Step> = Vec::new();
        for yields in Yields::ALL {
            for importer in IMPORTERS.iter().filter(|i| i.yields == yields) {
                let own = || self.claims.iter().filter(|c| c.importer.id == importer.id);
                if !own().any(|c| c.claim == Claim::List) {
                    continue;
                }
                let members: Vec<usize> = own().map(|c| c.member).collect();
                if importer.layout == Layout::Columns && yields != Yields::Followers {
                    steps.extend(members.into_iter().map(|m| Step { importer, members: vec![m] }));
                } else {
                    steps.push(Step { importer, members });
                }
            }
        }
        if steps.is_empty() {
            return Err(self.nothing(bundle, chosen, ANYTHING));
        }
        let notes = deeper.into_iter().chain(self.left_out(bundle, &steps)).collect();
        Ok(Plan { steps, notes })
    }

    fn plan(mut self, bundle: &Bundle, chosen: Option<&'static Importer>) -> Result<Plan, ImportError> {
        self.drop_empty(bundle);
        self.drop_beside_platforms(bundle);
        let deeper = self.drop_deeper_copies(bundle);
        self.one_export(bundle)?;
        let mut steps = Vec::new();
        for yields in Yields::ALL {
            // Other kinds are told of where they are all there is: beside followers they answer another question.
            let is_asked = matches!(yields, Yields::Followers | Yields::DayCounts);
            if !(is_asked || steps.is_empty() && self.refused.is_empty()) {
                continue;
            }
            let mut found: Vec<&'static Importer> = Vec::new();
            for claimed in self.claims.iter().filter(|c| c.importer.yields == yields && c.claim == Claim::List) {
                if !found.iter().any(|importer| importer.id == claimed.importer.id) {
                    found.push(claimed.importer);
                }
            }
            if let [first, second, ..] = found[..] {
                return Err(self.mixed(bundle, first, second));
            }
            if let Some(importer) = found.first() {
                let members = self.claims.iter().filter(|c| c.importer.id == importer.id).map(|c| c.member).collect();
                steps.push(Step { importer, members });
            }
        }
        if steps.is_empty() {
            return Err(self.nothing(bundle, chosen, AUDIENCE));
        }
        let notes = deeper.into_iter().chain(self.left_out(bundle, &steps)).collect();
        Ok(Plan { steps, notes })
    }

    /// An empty list, such as the last page of a saved answer, may be of any kind: beside lists that hold something it is
    /// of none.
    fn drop_empty(&mut self, bundle: &Bundle) {
        let is_list = |c: &Claimed| c.claim == Claim::List && c.importer.yields == Yields::Followers;
        let Some(first) = self.claims.iter().find(|c| is_list(c)).map(|c| c.importer.id) else { return };
        if self.claims.iter().all(|c| !is_list(c) || c.importer.id == first) {
            return;
        }
        let is_empty = |m: usize| {
            let head = decode_head(&bundle.head(m).unwrap_or_default());
            let bare: Vec<u8> = head.iter().copied().filter(|c| !c.is_ascii_whitespace()).take(64).collect();
            bare.len() < 64 && bare.ends_with(b"[]")
        };
        let filled = self.claims.iter().any(|c| is_list(c) && !is_empty(c.member));
        self.claims.retain(|c| !(filled && is_list(c) && is_empty(c.member)));
    }

    /// Where a platform's export was found, files that look like tables belong to it and are none of their own.
    fn drop_beside_platforms(&mut self, bundle: &Bundle) {
        let root = |c: &Claimed| bundle.members[c.member].root;
        let owned: HashSet<usize> =
            self.claims.iter().filter(|c| is_export(c) && c.claim == Claim::List).map(root).collect();
        self.claims.retain(|c| c.importer.layout == Layout::Platform || !owned.contains(&root(c)));
    }

    /// An export may hold its lists twice, below a folder of their own: the shallowest are read, and of the files that say
    /// more about a list those that lie beside it. Tells which lists were left out.
    fn drop_deeper_copies(&mut self, bundle: &Bundle) -> Option<String> {
        // Files passed one by one lie side by side.
        let root = |c: &Claimed| Some(bundle.members[c.member].root).filter(|root| !bundle.roots[*root].single);
        let place = |c: &Claimed| (root(c), c.importer.id);
        let at = |c: &Claimed| depth(&bundle.members[c.member].path);
        let mut least: HashMap<_, usize> = HashMap::new();
        for list in self.claims.iter().filter(|c| is_export(c) && c.claim == Claim::List) {
            least.entry(place(list)).and_modify(|l| *l = at(list).min(*l)).or_insert(at(list));
        }
        let is_kept = |c: &Claimed| !is_export(c) || c.claim != Claim::List || least.get(&place(c)) == Some(&at(c));
        let deeper = self.claims.iter().filter(|c| !is_kept(c)).map(|c| quote(&bundle.members[c.member].name));
        let deeper: Vec<String> = deeper.collect();
        self.claims.retain(is_kept);
        let folder = |c: &Claimed| (place(c), folder(&bundle.members[c.member].path).to_owned());
        let kept: HashSet<_> =
            self.claims.iter().filter(|c| is_export(c) && c.claim == Claim::List).map(folder).collect();
        // An export in several parts may have the list in another part than what is said of it.
        self.claims.retain(|c| !is_export(c) || kept.contains(&folder(c)) || !least.contains_key(&place(c)));
        let (first, more) = (deeper.first()?, deeper.len() - 1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("left out as copies in deeper folders: {first}{more}; another export is passed by itself"))
    }

    /// Two files of one name in different places are of two exports, which must not be read as one list.
    fn one_export(&self, bundle: &Bundle) -> Result<(), ImportError> {
        let mut met: HashMap<(&str, String), usize> = HashMap::new();
        for list in self.claims.iter().filter(|c| is_export(c) && c.claim == Claim::List) {
            let base = base_name(&bundle.members[list.member].path).to_lowercase();
            if let Some(other) = met.insert((list.importer.id, base), list.member) {
                let name = |m: usize| quote(&bundle.members[m].name);
                return Err(ImportError::new(
                    "one export of one page",
                    format!("two: {} and {}", name(other), name(list.member)),
                    "",
                    "pass one export at a time, the newest if they are of one page",
                ));
            }
        }
        Ok(())
    }

    fn mixed(&self, bundle: &Bundle, first: &Importer, second: &Importer) -> ImportError {
        let named = |importer: &Importer| {
            let member = self.claims.iter().find(|c| c.importer.id == importer.id && c.claim == Claim::List);
            let name = member.map_or("", |c| &bundle.members[c.member].name);
            format!("{} ({})", quote(name), importer.id)
        };
        ImportError::new(
            first.yields.words(),
            format!("two kinds: {} and {}", named(first), named(second)),
            "",
            "pass the files of one page and one platform at a time, or choose with --as",
        )
    }

    /// Why nothing can be read: the most telling of what was met.
    fn nothing(self, bundle: &Bundle, chosen: Option<&'static Importer>, wanted: &str) -> ImportError {
        let expected = chosen.map_or(wanted.to_owned(), |importer| format!("files of the format {}", importer.id));
        if let Some((member, found, hint)) = self.refused.first() {
            return ImportError::new(expected, *found, bundle.members[*member].name.clone(), *hint);
        }
        if let Some(error) = self.unreadable {
            return error;
        }
        let names: Vec<_> = bundle.members.iter().take(3).map(|m| quote(&m.name)).collect();
        let n = bundle.members.len();
        let found = match n {
            0 => "no file at all".to_owned(),
            1..=3 => format!("none in {}", names.join(", ")),
            _ => format!("none in {} and {} more", names.join(", "), n - 3),
        };
        let wanted = chosen.map(|importer| importer.yields);
        let hint = if wanted == Some(Yields::Posts) {
            "a table of posts has a header row with a time (such as published_at) and reach, fan_reach or impressions; \
             `assay formats --columns` lists the names that are known"
        } else if wanted == Some(Yields::Orders) {
            "a table of orders has a header row with a customer, a time and a total (customer_id, ordered_at, total); \
             `assay formats --columns` lists the names that are known"
        } else if bundle.members.iter().any(|m| m.path.to_lowercase().ends_with(".zip")) {
            "there is a zip inside the zip: unpack the outer one and pass the folder"
        } else if expected == ANYTHING {
            "`assay formats` tells which exports are read and how to get them; a table needs a header row with columns that \
             are known: `assay formats --columns` lists their names"
        } else {
            "`assay formats` tells which exports are read and how to get them; a table needs a header row with a column such \
             as account_id or handle"
        };
        ImportError::new(expected, found, "", hint)
    }

    /// Notes on files that the user passed and that nobody reads, and on several tables read as one.
    fn left_out(&self, bundle: &Bundle, steps: &[Step]) -> Vec<String> {
        let mut notes = Vec::new();
        let read = |m: usize| steps.iter().any(|step| step.members.contains(&m));
        for (m, member) in bundle.members.iter().enumerate() {
            if !bundle.roots[member.root].single || read(m) {
                continue;
            }
            let why = self.refused.iter().find(|r| r.0 == m).map_or("its format is not known", |r| r.1);
            notes.push(format!("{} was not read: {why}", member.name));
        }
        for step in steps.iter().filter(|step| step.importer.layout == Layout::Columns && step.members.len() > 1) {
            let names: Vec<_> = step.members.iter().take(5).map(|m| quote(&bundle.members[*m].name)).collect();
            let what = step.importer.yields.words();
            notes.push(format!("{} tables were read as {what}: {}", step.members.len(), names.join(", ")));
        }
        notes
    }
}

//! Opens the inputs, finds who reads them, and gathers what they say.

use super::gather::{Gather, Gathered};
use super::{Error, Step, Watch};
use crate::report::FormatUsed;
use assay_import::{Bundle, IMPORTERS, ImportError, Limits, Plan, ReadOptions, Yields};
use std::path::PathBuf;

/// What was read, and as what.
pub(super) struct Read {
    pub(super) gathered: Gathered,
    pub(super) format: FormatUsed,
}

/// Reads all inputs as one, with the importer that the user named or those that recognise them.
pub(super) fn read(
    inputs: &[PathBuf],
    format: Option<&str>,
    options: &ReadOptions,
    watch: &mut Watch<'_>,
) -> Result<Read, Error> {
    super::go_on(watch, Step::Reading)?;
    let mut bundle = Bundle::open(inputs, &Limits::default())?.read_as(options.clone());
    let plan = plan(&mut bundle, format)?;
    let other = match plan.steps.first().map(|step| step.importer.yields) {
        Some(Yields::Posts) => Some(("posts", "`assay reach fit` reads posts")),
        Some(Yields::Orders) => Some(("orders", "`assay ltv` reads orders")),
        Some(Yields::Figures) => Some(("figures of days or posts", "`assay import` reads it")),
        Some(Yields::Engagements) => Some(("engagements", "`assay import` reads it")),
        Some(Yields::Ads) => Some(("advertising", "`assay import` reads it")),
        Some(Yields::Visits) => Some(("visits to a site", "`assay import` reads it")),
        Some(Yields::Contacts) => Some(("contacts", "`assay import` reads it")),
        Some(Yields::Followers | Yields::DayCounts) | None => None,
    };
    if let Some((found, reader)) = other {
        return Err(Error::Input {
            message: format!("expected followers or daily counts, found a table of {found}"),
            hint: Some(format!("{reader}; pass the list of followers to audit it")),
        });
    }
    let mut gather = Gather::default();
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let summary = assay_import::read(&bundle, &plan, &mut gather, &mut tick)?;
    let mut gathered = gather.into_gathered();
    gathered.facts.files = summary.files;
    let mut importers = plan.steps.iter().map(|step| step.importer);
    let Some(first) = importers.next() else {
        // A plan without a step is none: detection refuses such an input.
        return Err(Error::Input { message: "no file of the input can be read".to_owned(), hint: None });
    };
    for beside in importers {
        gathered.facts.notes.push(format!("daily counts beside the list were read as {}", beside.id));
    }
    Ok(Read { gathered, format: FormatUsed { id: first.id, sentence: first.sentence } })
}

fn plan(bundle: &mut Bundle, format: Option<&str>) -> Result<Plan, Error> {
    let Some(id) = format else {
        return assay_import::detect(bundle).map_err(|error| Error::of_tables(error, bundle));
    };
    let importer = assay_import::by_id(id).ok_or_else(|| {
        let ids: Vec<&str> = IMPORTERS.iter().map(|importer| importer.id).collect();
        Error::Usage {
            message: format!("expected a format after --as, found '{id}'"),
            hint: Some(format!("the formats are {}; see `assay formats`", ids.join(", "))),
        }
    })?;
    Ok(assay_import::detect_as(bundle, importer)?)
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Stopped => Self::Interrupted,
            ImportError::Problem(problem) => {
                let place = if problem.place.is_empty() { String::new() } else { format!("{}: ", problem.place) };
                Self::Input {
                    message: format!("{place}expected {}, found {}", problem.expected, problem.found),
                    hint: Some(problem.hint),
                }
            }
        }
    }
}

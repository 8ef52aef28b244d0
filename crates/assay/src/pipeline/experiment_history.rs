//! From results of past tests to what each is worth once the others are known.

use super::experiment::warning;
use super::{Error, Step, Watch, sha256};
use crate::report::{HistoryReport, Origin};
use assay_experiment::past_tests::{PastTest, TESTS_MIN, together};
use assay_import::{Bundle, Holds, Limits, Optional, Value, Wanted, read_named};
use assay_math::normal_quantile;
use assay_model::SourceFile;
use std::path::{Path, PathBuf};

/// What the user asked.
#[derive(Debug, Clone)]
pub struct HistoryOptions {
    /// The column of effects.
    pub effect: String,
    /// The column of their standard errors.
    pub error: String,
    /// The column of the tests' names.
    pub name: Option<String>,
    /// Confidence of intervals.
    pub confidence: f64,
}

/// Reads past tests: tables with a row a test, and documents that `read` and `read-geo` wrote as JSON.
///
/// # Errors
/// When a file cannot be read, there are fewer than three tests, or `watch` answers stop.
pub fn review_experiments(
    inputs: &[PathBuf],
    options: &HistoryOptions,
    watch: &mut Watch<'_>,
) -> Result<HistoryReport, Error> {
    super::go_on(watch, Step::Reading)?;
    let mut tests: Vec<(String, PastTest)> = Vec::new();
    let mut origin = Origin {
        seed: None,
        files: Vec::new(),
        rejects: Vec::new(),
        n_rejected: 0,
        window: None,
        warnings: Vec::new(),
    };
    for path in inputs {
        if path.extension().is_some_and(|e| e == "json") {
            let (file, test) = reading(path)?;
            tests.push((file.name.clone(), test));
            origin.files.push(file);
        } else {
            table(path, options, watch, &mut tests, &mut origin)?;
        }
    }
    if origin.n_rejected > 0 {
        let first =
            origin.rejects.first().map_or(String::new(), |r| format!("; the first, line {}: {}", r.line, r.why));
        origin.warnings.push(warning("rejected-rows", format!("{} rows could not be used{first}", origin.n_rejected)));
    }
    origin.warnings.push(warning(
        "all-of-them",
        "the tests are taken as all that were run; a list of those that went well shrinks too little".to_owned(),
    ));
    let past: Vec<PastTest> = tests.iter().map(|t| t.1).collect();
    let Some(found) = together(&past, options.confidence) else {
        return Err(Error::Input {
            message: format!("expected at least {TESTS_MIN} past tests, found {}", past.len()),
            hint: Some("what scatters between tests cannot be told from fewer".to_owned()),
        });
    };
    Ok(HistoryReport { origin, confidence: options.confidence, tests, found })
}

fn table(
    path: &Path,
    options: &HistoryOptions,
    watch: &mut Watch<'_>,
    tests: &mut Vec<(String, PastTest)>,
    origin: &mut Origin,
) -> Result<(), Error> {
    let bundle = Bundle::open(&[path.to_owned()], &Limits::default())?;
    let want = |name: &String, holds| Wanted { names: vec![name.clone()], holds, optional: Optional::No };
    let mut wanted = vec![want(&options.effect, Holds::Number), want(&options.error, Holds::Number)];
    wanted.extend(options.name.as_ref().map(|name| want(name, Holds::Name)));
    let read = {
        let mut take = |line: u64, cells: &[Value<'_>]| {
            let (Value::Number(effect), Value::Number(error)) = (cells[0], cells[1]) else {
                return Err("expected an effect and its error, found an empty cell".to_owned());
            };
            if !(error > 0.0 && error.is_finite() && effect.is_finite()) {
                return Err(format!("expected an error above 0, found {error}"));
            }
            let name = match cells.get(2) {
                Some(Value::Text(name)) => (*name).to_owned(),
                _ => format!("line {line}"),
            };
            tests.push((name, PastTest { effect, error }));
            Ok(())
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted, &mut take, &mut tick)?
    };
    origin.n_rejected += read.file.rejected;
    origin.rejects.extend(read.rejects);
    origin.files.push(read.file);
    Ok(())
}

/// The lift of a reading's first effect; its error from the width of its interval.
fn reading(path: &Path) -> Result<(SourceFile, PastTest), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let fail = |message: String| Error::Input {
        message: format!("{}: {message}", path.display()),
        hint: Some("pass what `assay experiment read` or `read-geo` wrote with --format json, or a table".to_owned()),
    };
    let bytes = std::fs::read(path).map_err(|e| fail(format!("cannot be read: {e}")))?;
    let document: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| fail(format!("expected JSON, found none ({e})")))?;
    let schema = document["schema"].as_str().unwrap_or_default();
    let (point, low, high) = match schema {
        "assay.experiment-read/1" => {
            let lift = &document["effects"][0]["relative"];
            (&lift["point"], &lift["low"], &lift["high"])
        }
        "assay.experiment-geo/1" => {
            let effect = &document["effect"];
            (&effect["lift"], &effect["lift_low"], &effect["lift_high"])
        }
        _ => return Err(fail(format!("expected a reading of an experiment, found the schema '{schema}'"))),
    };
    let confidence = document["confidence"].as_f64().filter(|c| (0.5..1.0).contains(c));
    let (Some(point), Some(low), Some(high), Some(confidence)) =
        (point.as_f64(), low.as_f64(), high.as_f64(), confidence)
    else {
        return Err(fail("expected a lift with two ends, found one that is open or was not told".to_owned()));
    };
    let error = (high - low) / (2.0 * normal_quantile(f64::midpoint(1.0, confidence)));
    if error.is_nan() || error <= 0.0 {
        return Err(fail("expected an interval with a width, found none".to_owned()));
    }
    let file = SourceFile { name, sha256: sha256(&bytes), rows: 1, taken: 1, rejected: 0 };
    Ok((file, PastTest { effect: point, error }))
}

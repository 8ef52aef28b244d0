//! The inauthentic share of the followers when each post was published.

use super::Error;
use super::history::Counted;
use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use assay_reach::page::{Series, Shares};
use serde_json::Value;
use std::path::Path;

/// What an audit said, as far as reach needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Audited {
    share: Option<Estimate>,
    followers: f64,
    /// When each batch had arrived (milliseconds), and how many of it look bought.
    batches: Vec<(i64, f64)>,
}

/// Reads the JSON of an audit.
pub(super) fn audited(path: &Path) -> Result<Audited, Error> {
    let place = path.display();
    let fault = |found: String| Error::Input {
        message: format!("{place}: expected the JSON of `assay audit --format json`, found {found}"),
        hint: Some("make it with `assay audit EXPORT --format json --out audit.json`".to_owned()),
    };
    let text = std::fs::read_to_string(path).map_err(|e| fault(e.to_string()))?;
    let audit: Value = serde_json::from_str(&text).map_err(|e| fault(format!("no JSON ({e})")))?;
    if !audit["schema"].as_str().is_some_and(|s| s.starts_with("assay.audit/")) {
        return Err(fault("another document".to_owned()));
    }
    let estimate = |value: &Value| -> Option<Estimate> {
        let of = |key: &str| value[key].as_f64().filter(|x| (0.0..=1.0).contains(x));
        let (point, low, high) = (of("point")?, of("low")?, of("high")?);
        (low <= point && point <= high).then(|| Estimate::new(point, low, high, of("confidence").unwrap_or(0.95)))
    };
    let shares = &audit["shares"];
    let batches = audit["batches"].as_array().into_iter().flatten().filter_map(|batch| {
        let at: jiff::Timestamp = batch["arrived_to"].as_str()?.parse().ok()?;
        Some((at.as_millisecond(), batch["inauthentic"]["point"].as_f64().filter(|n| *n >= 0.0)?))
    });
    Ok(Audited {
        share: estimate(&shares["inauthentic"]).or_else(|| estimate(&shares["in_batches"])),
        followers: audit["followers"]["count"].as_f64().unwrap_or(0.0),
        batches: batches.collect(),
    })
}

/// The share at each post from an audit: batches count from when they had arrived, the rest of the share throughout.
pub(super) fn from_audit(audit: &Audited, series: &Series) -> Result<(Shares, Estimate), Error> {
    let share = audit.share.ok_or_else(|| Error::Input {
        message: "expected an audit that tells the inauthentic share, found one that cannot say it".to_owned(),
        hint: Some("name the share yourself: --inauthentic-share 0.3:0.2-0.4".to_owned()),
    })?;
    let n_batched: f64 = audit.batches.iter().map(|b| b.1).sum();
    let batched_end = if audit.followers > 0.0 { (n_batched / audit.followers).min(1.0) } else { 0.0 };
    let rest = (share.point - batched_end).max(0.0);
    let points = series
        .posts
        .iter()
        .map(|post| {
            let Some(at) = post.row.published_at else { return share.point };
            let arrived: f64 = audit.batches.iter().filter(|b| b.0 <= at.0).map(|b| b.1).sum();
            let followers = post.row.followers.map_or(audit.followers, f64::from).max(arrived).max(1.0);
            (rest
                + (share.point - rest).max(0.0)
                    * if n_batched > 0.0 { (arrived / followers) / (batched_end.max(1e-9)) } else { 0.0 })
            .clamp(0.0, 0.999)
        })
        .collect();
    Ok((Shares { points, logit_sd: Shares::logit_sd(&share) }, share))
}

/// The share at each post from a history that counts it.
pub(super) fn from_history(history: &[Counted], series: &Series) -> Option<(Shares, Estimate)> {
    let known: Vec<(i64, f64)> = history.iter().filter_map(|c| Some((c.at.0, c.inauthentic_share?))).collect();
    let first = known.first()?.1;
    let points: Vec<f64> = series
        .posts
        .iter()
        .map(|post| {
            let at = post.row.published_at.map_or(i64::MAX, |at| at.0);
            known.iter().rev().find(|k| k.0 <= at).map_or(first, |k| k.1).min(0.999)
        })
        .collect();
    let last = *points.last()?;
    Some((Shares { points, logit_sd: 0.0 }, Estimate::new(last, last, last, 0.9)))
}

/// Why no cost can be told without a share.
pub(super) fn no_share() -> Outcome<Estimate> {
    Outcome::Abstained(Abstention::new(
        "nothing is known of how many followers are inauthentic",
        "an audit (--audit AUDIT.json), a share (--inauthentic-share 0.3:0.2-0.4), or a history of it (--followers-history FILE)",
    ))
}

//! Labels that somebody set by hand: whether a follower is a person's own account.

use crate::fact::{Reject, SourceFile};
use serde::Serialize;

/// The label of one follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The account's id, where the table tells it.
    pub account_id: Option<String>,
    /// The account's handle, where the table tells it.
    pub handle: Option<String>,
    /// Whether the account was found to be inauthentic.
    pub is_inauthentic: bool,
    /// The stratum that the follower was drawn from, where the table tells it.
    pub stratum: Option<Stratum>,
}

/// A verdict that somebody overruled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overrule {
    /// The account's id, where it is told.
    pub account_id: Option<String>,
    /// The account's handle, where it is told.
    pub handle: Option<String>,
    /// Whether the account is inauthentic; else genuine.
    pub is_inauthentic: bool,
    /// Who says so.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A stratum of a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stratum {
    /// Which.
    pub id: u32,
    /// How many followers it held at the draw.
    pub size: u64,
}

/// A table of labels as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelTable {
    /// The labels, in order of rows.
    pub labels: Vec<Label>,
    /// Rows whose label is still blank.
    pub n_blank: u64,
    /// The first rows that could not be read.
    pub rejects: Vec<Reject>,
    /// The file.
    pub file: Option<SourceFile>,
}

/// What became of a table of labels.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LabelsUsed {
    /// Followers whose label was used.
    pub n_used: u64,
    /// Of them, those labelled inauthentic.
    pub n_inauthentic: u64,
    /// Rows that name nobody in this audience.
    pub n_unknown: u64,
    /// The first of those names.
    pub unknown: Vec<String>,
    /// Rows that repeat the label of an earlier row.
    pub n_repeated: u64,
    /// Followers with labels that contradict each other; none of their labels was used.
    pub n_contradicting: u64,
    /// Rows without a label.
    pub n_blank: u64,
    /// Rows that could not be read.
    pub n_rejected: u64,
    /// Used labels that do not come from a draw of `--sample-to-label`, as far as the table tells.
    pub n_undrawn: u64,
    /// Used labels that contradict the verdict before it: a follower classed inauthentic who is a person, or classed as a
    /// person and inauthentic.
    pub n_overturned: u64,
    /// Whether the probabilities of the other followers were moved to what the labels show.
    pub is_recalibrated: bool,
}

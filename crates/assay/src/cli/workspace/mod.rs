//! Commands of the workspace.

pub(super) mod export;
pub(super) mod forget;
pub(super) mod import;
pub(super) mod imports;
pub(super) mod retain;
pub(super) mod several;
pub(super) mod sql;

use super::Failure;
use crate::config::Config;
use std::path::PathBuf;

/// The file of the workspace.
pub(super) fn path(config: &Config) -> Result<PathBuf, Failure> {
    config.workspace().ok_or_else(|| Failure::Usage {
        message: "expected a workspace, found neither a setting nor a folder of the user".to_owned(),
        hint: Some("name its file with --workspace PATH or ASSAY_WORKSPACE".to_owned()),
    })
}

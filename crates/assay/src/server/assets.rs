//! Styles and scripts, inside the binary. Their addresses hold the hash of what they are, so that browsers keep them for good.

use super::Shared;
use crate::render::{CHART_JS, PAGE_CSS, PAGE_JS};
use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const APP_CSS: &str = include_str!("assets/app.css");
const APP_JS: &str = include_str!("assets/app.js");
/// The mark of assay: an audience, a part of which was bought.
const MARK_SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><rect width=\"10\" height=\"16\" rx=\"3\" fill=\"#3f7cc4\"/><rect x=\"10\" width=\"6\" height=\"16\" rx=\"3\" fill=\"#c9460f\"/></svg>";

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// A file that pages ask for.
#[derive(Debug)]
pub struct Asset {
    name: &'static str,
    media: &'static str,
    text: &'static str,
}

/// The look of the report.
pub const REPORT_STYLE: Asset = Asset { name: "report.css", media: CSS, text: PAGE_CSS };
/// The look of what the server adds to it.
pub const APP_STYLE: Asset = Asset { name: "app.css", media: CSS, text: APP_CSS };
/// What makes pages quicker to use; they work without it.
pub const APP: Asset = Asset { name: "app.js", media: JS, text: APP_JS };
/// The chart library.
pub const CHARTS: Asset = Asset { name: "chart.js", media: JS, text: CHART_JS };
/// Draws the follower map and growth.
pub const FIGURES: Asset = Asset { name: "figures.js", media: JS, text: PAGE_JS };
/// The icon.
pub const MARK: Asset = Asset { name: "mark.svg", media: "image/svg+xml", text: MARK_SVG };

const ALL: [Asset; 6] = [REPORT_STYLE, APP_STYLE, APP, CHARTS, FIGURES, MARK];

impl Asset {
    fn hash(&self) -> String {
        Sha256::digest(self.text.as_bytes()).iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("/assets/{}/{}", self.hash(), self.name)
    }
}

async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    match ALL.iter().find(|a| a.name == name && a.hash() == hash) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.media)], asset.text).into_response(),
        None => super::problem::Problem::not_found("such file").into_response(),
    }
}

/// The routes of the files.
pub fn router() -> Router<Shared> {
    Router::new().route("/assets/{hash}/{name}", get(asset))
}

//! The formats, one a file.

pub(crate) mod bluesky_api;
mod bluesky_records;
mod counts;
pub(crate) mod daily_counts;
pub(crate) mod facebook_profile;
mod grid;
pub(crate) mod instagram;
pub(crate) mod instagram_html;
pub(crate) mod linkedin_connections;
pub(crate) mod linkedin_page;
pub(crate) mod mastodon_api;
pub(crate) mod meta_business_figures;
pub(crate) mod meta_business_suite;
pub(crate) mod order_lines;
pub(crate) mod orders;
pub(crate) mod posts;
pub(crate) mod table;
pub(crate) mod tiktok;
pub(crate) mod x_analytics;
pub(crate) mod x_archive;
pub(crate) mod x_content;
pub(crate) mod x_video;
pub(crate) mod youtube_content;
pub(crate) mod youtube_days;
pub(crate) mod youtube_studio;

//! Writes made pages as the exports that platforms hand out, in their real layout.
//!
//! The examples in this repository, demonstrations and the importers' round-trip tests come from here. The same page and
//! seed give the same files; a zip's packed bytes may differ between processors, what is inside does not.

mod plant_text;
mod table;
mod truth;
mod zipped;

pub use plant_text::parse_plant;

use assay_math::Seed;
use assay_model::synth::SynthPage;
use std::io::{self, Seek, Write};

/// A layout that a made page can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// The archive of X, a zip: ids of followers, newest first; no times, no names.
    XArchive,
    /// The export of Instagram, a zip of JSON: handles and follow times, newest first.
    Instagram,
    /// A follower table with every column, CSV, in follow order.
    Table,
    /// Follows and unfollows by day, CSV as the analytics of X hand it out, newest first.
    Counts,
    /// The truth: each follower's id, handle, label, class and plant, CSV. A label is `inauthentic` or `genuine`.
    Labels,
    /// The truth in short: how many followers there are, how many are bought, and where each plant stands, JSON.
    Truth,
}

/// Every layout with the id that the command line calls it by and the usual ending of its files.
pub const EXPORT_KINDS: [(ExportKind, &str, &str); 6] = [
    (ExportKind::XArchive, "x-archive", "zip"),
    (ExportKind::Instagram, "instagram", "zip"),
    (ExportKind::Table, "table", "csv"),
    (ExportKind::Counts, "counts", "csv"),
    (ExportKind::Labels, "labels", "csv"),
    (ExportKind::Truth, "truth", "json"),
];

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Followers in the list, or days of counts.
    pub n_rows: u64,
}

/// Plays the page out and writes it. A table is streamed; the zips keep an id, or a handle and a time, for each follower,
/// because platforms list the newest first.
///
/// # Errors
/// When `out` cannot be written.
///
/// # Panics
/// If [`SynthPage::check`] finds a fault in the page.
pub fn write_export<W: Write + Seek>(page: &SynthPage, seed: Seed, kind: ExportKind, out: W) -> io::Result<Written> {
    match kind {
        ExportKind::XArchive => zipped::x_archive(page, seed, out),
        ExportKind::Instagram => zipped::instagram(page, seed, out),
        ExportKind::Table => table::followers(page, seed, out),
        ExportKind::Counts => table::counts(page, seed, out),
        ExportKind::Labels => table::labels(page, seed, out),
        ExportKind::Truth => truth::truth(page, seed, out),
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPORT_KINDS, ExportKind, write_export};
    use assay_math::Seed;
    use assay_model::synth::SynthPage;
    use std::io::{Cursor, Read};

    fn written(page: &SynthPage, kind: ExportKind) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        write_export(page, Seed(1), kind, &mut out).expect("memory can be written");
        out.into_inner()
    }

    fn member(zip: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
        let mut text = String::new();
        archive.by_name(name).expect(name).read_to_string(&mut text).expect("UTF-8");
        text
    }

    #[test]
    fn the_same_page_is_the_same_bytes_in_every_layout() {
        let page = SynthPage { followers: 200, ..SynthPage::example() };
        for (kind, id, _) in EXPORT_KINDS {
            assert_eq!(written(&page, kind), written(&page, kind), "{id}");
        }
    }

    fn members(zip: &[u8]) -> Vec<(String, String)> {
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
        let n = archive.len();
        let name = |i| archive.by_index(i).expect("a member").name().expect("UTF-8").into_owned();
        let mut names: Vec<String> = (0..n).map(name).collect();
        names.sort_unstable();
        let text = |name: String| {
            let mut text = String::new();
            archive.by_name(&name).expect("a member").read_to_string(&mut text).expect("UTF-8");
            (name, text)
        };
        names.into_iter().map(text).collect()
    }

    /// `examples/` holds what `assay synth` writes; what is inside is compared, since packing may differ between processors.
    #[test]
    fn the_examples_in_the_repository_can_be_made_again() {
        for (kind, name) in [
            (ExportKind::XArchive, "x-archive.zip"),
            (ExportKind::Instagram, "instagram-export.zip"),
            (ExportKind::Truth, "truth.json"),
        ] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
            let made = written(&SynthPage::example(), kind);
            if std::env::var_os("ASSAY_REMAKE_EXAMPLES").is_some() {
                std::fs::write(&path, &made).expect("the examples can be written");
            }
            let kept = std::fs::read(&path).expect(name);
            let same = if kind == ExportKind::Truth { kept == made } else { members(&kept) == members(&made) };
            assert!(same, "{name} is no longer what `assay synth` makes");
        }
    }

    #[test]
    fn the_archive_of_x_lists_ids_newest_first_and_its_manifest_counts_them() {
        let page = SynthPage { followers: 50, ..SynthPage::default() };
        let zip = written(&page, ExportKind::XArchive);
        let text = member(&zip, "data/follower.js");
        let json = text.strip_prefix("window.YTD.follower.part0 = ").expect("the assignment");
        let rows: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let made = page.make(Seed(1)).page.audience;
        assert_eq!(rows[0]["follower"]["accountId"].as_str(), made.account_id.get(49));
        assert_eq!(rows[49]["follower"]["accountId"].as_str(), made.account_id.get(0));
        assert!(member(&zip, "data/manifest.js").contains("\"count\": \"50\""));
    }

    #[test]
    fn the_export_of_instagram_lists_handles_newest_first_in_parts() {
        let page = SynthPage { followers: 12_000, ..SynthPage::default() };
        let zip = written(&page, ExportKind::Instagram);
        let part = |k: u32| -> Vec<serde_json::Value> {
            let name = format!("connections/followers_and_following/followers_{k}.json");
            serde_json::from_str(&member(&zip, &name)).expect("JSON")
        };
        let (first, second) = (part(1), part(2));
        assert_eq!((first.len(), second.len()), (10_000, 2_000));
        let at = |row: &serde_json::Value| row["string_list_data"][0]["timestamp"].as_i64().expect("seconds");
        assert!(at(&first[0]) >= at(&first[9_999]) && at(&first[9_999]) >= at(&second[0]));
    }

    #[test]
    fn tables_have_a_row_for_each_follower_and_each_day() {
        let page = SynthPage { left_share: 0.1, ..SynthPage::default() };
        let listed = page.make(Seed(1)).page.audience.len();
        for kind in [ExportKind::Table, ExportKind::Labels] {
            let text = String::from_utf8(written(&page, kind)).expect("UTF-8");
            assert_eq!(text.lines().count(), listed + 1);
        }
        let counts = String::from_utf8(written(&page, ExportKind::Counts)).expect("UTF-8");
        assert_eq!(counts.lines().count(), 1_001);
        // The page's last day, its thousandth, comes first: 2023-09-27.
        assert!(counts.lines().nth(1).is_some_and(|l| l.starts_with("\"Wed, Sep 27, 2023\",")), "{counts:.200}");
    }
}

//! Feeds files to the whole table of importers: detection, or an importer that is named, and then the reading.
//!
//! An input is the id of an importer (empty: find out), then for each file two NULs, `FILE `, its name, a line end, its bytes.
//! `cargo run -p assay-import --example write_seeds -- FOLDER [PATH…]` writes inputs from the controls of the table, and from
//! samples that one has.

#![no_main]

use assay_import::{Bundle, Limits, Sink, by_id, detect, detect_as, read};
use assay_model::{Fact, Go, Reject, silent};
use libfuzzer_sys::fuzz_target;

/// Counts what it is told.
#[derive(Default)]
struct Counts {
    n_rejects: u64,
    n_follows: u64,
}

impl Sink for Counts {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        self.n_follows += u64::from(matches!(fact, Fact::Follow(_)));
        Go::On
    }

    fn reject(&mut self, _: Reject) -> Go {
        self.n_rejects += 1;
        Go::On
    }
}

fn run(data: &[u8]) -> Option<()> {
    const MARK: &[u8] = b"\0\0FILE ";
    let mut starts: Vec<usize> = (0..data.len()).filter(|i| data[*i..].starts_with(MARK)).take(8).collect();
    let id = std::str::from_utf8(&data[..*starts.first()?]).ok()?;
    starts.push(data.len());
    let mut files = Vec::new();
    for pair in starts.windows(2) {
        let file = &data[pair[0] + MARK.len()..pair[1]];
        let end = file.iter().position(|b| *b == b'\n')?;
        files.push((String::from_utf8_lossy(&file[..end]).into_owned(), file[end + 1..].to_vec()));
    }
    // Small limits: a bomb is an error soon.
    let limits = Limits { unpacked_bytes_max: 8 << 20, members_max: 64, ..Limits::default() };
    let bundle = Bundle::from_memory(files, &limits).ok()?;
    let plan = by_id(id).map_or_else(|| detect(&bundle), |importer| detect_as(&bundle, importer)).ok()?;
    let mut counts = Counts::default();
    let summary = read(&bundle, &plan, &mut counts, &mut silent).ok()?;
    let sum = |of: fn(&assay_model::SourceFile) -> u64| summary.files.iter().map(of).sum::<u64>();
    assert_eq!(sum(|f| f.rows), sum(|f| f.taken) + sum(|f| f.rejected));
    assert_eq!(sum(|f| f.rejected), counts.n_rejects);
    assert!(counts.n_follows <= sum(|f| f.taken));
    Some(())
}

fuzz_target!(|data: &[u8]| {
    let _ = run(data);
});

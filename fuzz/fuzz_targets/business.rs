//! Feeds files to the importers of analytics, advertising, orders and visits, as `assay import` and `assay metrics` read them: every
//! file of a bundle, with headers that the user named; and looks at what nobody takes.
//!
//! An input is a line for `--map` (may be blank), then for each file two NULs, `FILE `, its name, a line end, its bytes: the form of the
//! target `table`, whose seeds serve here.

#![no_main]

use assay_import::{
    Bundle, DateOrder, DecimalSign, HeaderMap, Limits, Plan, ReadOptions, Sink, detect_all, header_key, read, strangers,
};
use assay_model::{Business, Fact, Go, Reject, silent};
use libfuzzer_sys::fuzz_target;

/// Puts facts into a business and counts rejects.
struct Into<'a> {
    business: &'a mut Business,
    n_rejects: u64,
}

impl Sink for Into<'_> {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        self.business.take(&fact);
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
    let first = std::str::from_utf8(&data[..*starts.first()?]).ok()?;
    starts.push(data.len());
    let mut files = Vec::new();
    for pair in starts.windows(2) {
        let file = &data[pair[0] + MARK.len()..pair[1]];
        let end = file.iter().position(|b| *b == b'\n')?;
        files.push((String::from_utf8_lossy(&file[..end]).into_owned(), file[end + 1..].to_vec()));
    }
    let options = ReadOptions {
        headers: HeaderMap::parse(first, "input").unwrap_or_default(),
        dates: (first.len() % 3 == 1).then_some(DateOrder::DayFirst),
        decimals: (first.len() % 3 == 2).then_some(DecimalSign::Comma),
        ..ReadOptions::default()
    };
    // Small limits: a bomb is an error soon.
    let limits = Limits { unpacked_bytes_max: 8 << 20, members_max: 64, ..Limits::default() };
    let mut bundle = Bundle::from_memory(files, &limits).ok()?.read_as(options);
    for member in 0..bundle.members().len() {
        let _ = header_key(&bundle, member);
    }
    let Ok(plan) = detect_all(&bundle, None) else {
        for table in strangers(&mut bundle, None) {
            assert!(table.kind.is_some() || table.pairs.is_empty());
        }
        return None;
    };
    let _ = strangers(&mut bundle, Some(&plan));
    let mut business = Business::new(Some("EUR"));
    let mut at = 0;
    for step in plan.steps {
        business.begin(step.importer.network, at);
        let mut into = Into { business: &mut business, n_rejects: 0 };
        let one = Plan { steps: vec![step], notes: Vec::new() };
        let summary = read(&bundle, &one, &mut into, &mut silent).ok()?;
        let sum = |of: fn(&assay_model::SourceFile) -> u64| summary.files.iter().map(of).sum::<u64>();
        assert_eq!(sum(|f| f.rows), sum(|f| f.taken) + sum(|f| f.rejected));
        assert_eq!(sum(|f| f.rejected), into.n_rejects);
        at += summary.files.len() as u32;
    }
    business.finish();
    Some(())
}

fuzz_target!(|data: &[u8]| {
    let _ = run(data);
});

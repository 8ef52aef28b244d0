//! Reads the paths given, keeps the columns as the pipeline does, and prints what was read: for timing under `time`.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use assay_import::{Bundle, Limits, Sink, detect, read};
use assay_model::{Audience, Fact, Go, Reject, silent};

#[derive(Default)]
struct Columns {
    audience: Audience,
    n_days: u64,
    n_rejects: u64,
}

impl Sink for Columns {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        match fact {
            Fact::Follow(follow) => self.audience.push(&follow),
            Fact::DayCount(_) => self.n_days += 1,
            Fact::Note(note) => println!("note: {note}"),
            other => println!("{other:?}"),
        }
        Go::On
    }

    fn follows(&mut self, block: &Audience) -> Go {
        self.audience.append(block);
        Go::On
    }

    fn reject(&mut self, reject: Reject) -> Go {
        if self.n_rejects < 10 {
            println!("{}:{}: {}", reject.file, reject.line, reject.why);
        }
        self.n_rejects += 1;
        Go::On
    }
}

fn main() -> Result<(), assay_import::ImportError> {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    let bundle = Bundle::open(&paths, &Limits::default())?;
    let plan = detect(&bundle)?;
    let mut columns = Columns::default();
    let summary = read(&bundle, &plan, &mut columns, &mut silent)?;
    println!("{summary:#?}");
    println!("{} followers, {} days, {} rejects", columns.audience.len(), columns.n_days, columns.n_rejects);
    Ok(())
}

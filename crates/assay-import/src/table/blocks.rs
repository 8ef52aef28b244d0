//! Rows of delimited follower tables, read in blocks on all cores.
//!
//! One thread takes blocks of whole records off the stream, the pool reads their cells into columns, and the first thread
//! takes the columns in the order of the file. What comes out does not depend on the number of threads.

use super::delimited::{Layout, fill};
use super::{Gathered, SAYS_NOTHING};
use crate::columns::Column;
use crate::delimited::{Marks, Next, Record, Records};
use crate::error::ImportError;
use crate::reading::{Desk, hashed};
use assay_model::{Audience, RowRef};
use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::{Receiver, sync_channel};

/// Blocks that may be under way: enough to keep a few cores busy, few enough to stay small.
const BLOCKS_MAX: usize = 16;

/// What was read from a block.
#[derive(Default)]
struct Block {
    rows: Audience,
    /// For each row, the hash of its identity; 0 for none.
    identities: Vec<u64>,
    rejects: Vec<(u64, String)>,
    gathered: Gathered,
}

/// A block that is read, or will be.
enum Slot {
    Ready(Box<Block>),
    Under(Receiver<Block>),
}

/// Reads the rows behind the header.
pub(super) fn read(
    mut records: Records<impl Read>,
    layout: &Layout<Column>,
    desk: &mut Desk<'_>,
    gathered: &mut Gathered,
) -> Result<(), ImportError> {
    // A thread of the pool must not wait for the pool.
    let alone = rayon::current_thread_index().is_some();
    let marks = records.marks();
    let file = desk.row(0).file;
    rayon::in_place_scope(|scope| {
        let mut slots: VecDeque<Slot> = VecDeque::new();
        let mut ended = false;
        loop {
            while !ended && slots.len() < BLOCKS_MAX {
                let slot = match records.take_block().map_err(|e| desk.broken(&e))? {
                    Some((line, bytes)) if alone || (slots.is_empty() && records.is_at_end()) => {
                        Slot::Ready(Box::new(Block::of(line, bytes, marks, layout, file)))
                    }
                    Some((line, bytes)) => {
                        let (hand, receiver) = sync_channel(1);
                        scope.spawn(move |_| {
                            // Nobody waits where the reading was stopped.
                            let _ = hand.send(Block::of(line, bytes, marks, layout, file));
                        });
                        Slot::Under(receiver)
                    }
                    None => {
                        let mut block = Block::default();
                        block.gathered.clues.clock = layout.clock.afresh();
                        let next = records.next().map_err(|e| desk.broken(&e))?;
                        ended = !block.take(&next, layout, file);
                        Slot::Ready(Box::new(block))
                    }
                };
                slots.push_back(slot);
            }
            let block = match slots.pop_front() {
                None => return Ok(()),
                Some(Slot::Ready(block)) => *block,
                // A block that panicked is never handed over; the scope passes the panic on.
                Some(Slot::Under(receiver)) => match receiver.recv() {
                    Ok(block) => block,
                    Err(_) => return Ok(()),
                },
            };
            gathered.clues.join(&block.gathered.clues);
            gathered.aside.n_cp1252 += block.gathered.aside.n_cp1252;
            desk.follows(block.rows, &block.identities, block.rejects)?;
        }
    })
}

impl Block {
    /// Reads the records of a block.
    fn of(line: u64, bytes: Vec<u8>, marks: Marks, layout: &Layout<Column>, file: u32) -> Self {
        let mut block = Self::default();
        block.gathered.clues.clock = layout.clock.afresh();
        let mut records = Records::of_block(line, bytes, marks);
        // Reading from memory cannot fail.
        while let Ok(next) = records.next()
            && block.take(&next, layout, file)
        {}
        block
    }

    /// Takes what came next; tells whether there may be more.
    fn take(&mut self, next: &Next<'_>, layout: &Layout<Column>, file: u32) -> bool {
        match next {
            Next::End => return false,
            Next::Broken(line, why) => self.rejects.push((*line, (*why).to_owned())),
            Next::Record(line, record) => {
                let source = RowRef { file, line: u32::try_from(*line).unwrap_or(u32::MAX) };
                if let Err(why) = self.row(source, *record, layout) {
                    self.rejects.push((*line, why));
                }
            }
        }
        true
    }

    fn row(&mut self, source: RowRef, record: Record<'_>, layout: &Layout<Column>) -> Result<(), String> {
        let Self { rows, identities, gathered, .. } = self;
        fill(record, layout, gathered, |gathered, mut follow, n_filled| {
            if n_filled == 0 {
                return Err(SAYS_NOTHING.to_owned());
            }
            gathered.clues.look(&follow);
            follow.source = source;
            let identity = follow.account_id.or(follow.handle);
            identities.push(identity.map_or(0, |text| hashed(text, follow.account_id.is_none())));
            rows.push(&follow);
            Ok(())
        })?
    }
}

#[cfg(test)]
mod tests {
    use crate::{Bundle, Limits, Sink, detect, read};
    use assay_model::{Audience, Fact, Go, Reject, silent};
    use std::fmt::Write as _;

    #[derive(Default)]
    struct Kept {
        list: Audience,
        told: Vec<String>,
        rejects: Vec<String>,
    }

    impl Sink for Kept {
        fn fact(&mut self, fact: Fact<'_>) -> Go {
            if let Fact::Follow(follow) = fact {
                self.list.push(&follow);
            } else {
                self.told.push(format!("{fact:?}"));
            }
            Go::On
        }

        fn reject(&mut self, reject: Reject) -> Go {
            self.rejects.push(format!("{}:{}", reject.line, reject.why));
            Go::On
        }
    }

    /// Reads a table of so many rows, of which every 9,001st repeats row 5 and every 7,001st has a count that is none.
    fn kept(n: usize) -> Kept {
        let mut text = "handle,followed_at,followers\n".to_owned();
        for i in 0..n {
            let who = if i > 0 && i.is_multiple_of(9_001) { 5 } else { i };
            let count = if i % 7_001 == 7_000 { "many".to_owned() } else { i.to_string() };
            let _ = writeln!(text, "Anna{who},2024-05-01T10:{:02}:{:02}Z,{count}", i / 60 % 60, i % 60);
        }
        let bundle =
            Bundle::from_memory(vec![("t.csv".to_owned(), text.into_bytes())], &Limits::default()).expect("one file");
        let plan = detect(&bundle).expect("a table");
        let mut kept = Kept::default();
        let summary = read(&bundle, &plan, &mut kept, &mut silent).expect("read");
        let file = &summary.files[0];
        assert_eq!((file.taken, file.rejected), (kept.list.len() as u64, kept.rejects.len() as u64));
        assert_eq!(file.rows, n as u64);
        kept
    }

    #[test]
    fn rows_keep_their_lines_over_blocks_at_any_number_of_threads() {
        let n = 100_000;
        let kept = kept(n);
        let lines: Vec<usize> =
            (0..n).filter(|i| (*i > 0 && i.is_multiple_of(9_001)) || i % 7_001 == 7_000).map(|i| i + 2).collect();
        let rejected: Vec<usize> =
            kept.rejects.iter().map(|r| r.split(':').next().and_then(|l| l.parse().ok()).expect("a line")).collect();
        assert_eq!(rejected, lines);
        assert!(
            kept.rejects.iter().any(|r| r == "9003:the same account stands in line 7 already"),
            "{:?}",
            kept.rejects
        );
        for i in (0..kept.list.len()).step_by(997) {
            let line = kept.list.source[i].line as usize;
            assert_eq!(kept.list.handle.get(i), Some(format!("Anna{}", line - 2).as_str()));
        }
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let other = pool.install(|| self::kept(n));
            assert!(other.list == kept.list && other.rejects == kept.rejects && other.told == kept.told);
        }
    }
}

//! Named tables as delimited text: CSV, TSV, semicolons, pipes. One thread takes blocks of whole records off the stream, the
//! pool reads their cells into columns.

use super::block::Block;
use super::ordered::{Job, Jobs, Made, Patience, Ready};
use super::{Plan, Refused, Value};
use crate::delimited::{Marks, Next, Record, Records, first_records};
use crate::error::{ImportError, quote};
use crate::reading::Desk;
use crate::table::delimited::{Dialect, check_width, dialect, headed};
use crate::text::cell_text;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Read;
use std::sync::mpsc::sync_channel;

/// Blocks that may be under way: enough to keep a few cores busy, few enough to stay small.
const BLOCKS_MAX: usize = 16;

pub(super) fn read<P: Send>(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    make: &(impl Fn(&mut Block) -> P + Sync),
    join: &mut impl FnMut(P) -> Refused,
) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let Some(Dialect { delimiter, header, n_before }) = dialect(&head, |name| plan.knows(name)) else {
        return Err(no_header(&head, plan, desk.name()));
    };
    plan.settle(&header, desk.name())?;
    let layout = Layout {
        plan,
        columns: plan.places.iter().enumerate().filter_map(|(column, at)| Some((column, (*at)?))).collect(),
        absent: (0..plan.places.len()).filter(|column| plan.places[*column].is_none()).collect(),
        n_header: header.len(),
    };
    let mut records = Records::new(stream, delimiter, &head);
    let mut to_skip = n_before + 1;
    while to_skip > 0 {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Record(..) => to_skip -= 1,
            Next::Broken(line, why) => desk.reject(line, why)?,
        }
    }
    blocks(records, &layout, desk, make, join)
}

/// Reads the rows behind the header.
fn blocks<P: Send>(
    mut records: Records<impl Read>,
    layout: &Layout<'_, '_>,
    desk: &mut Desk<'_>,
    make: &(impl Fn(&mut Block) -> P + Sync),
    join: &mut impl FnMut(P) -> Refused,
) -> Result<(), ImportError> {
    // A thread of the pool must not wait for the pool.
    let alone = rayon::current_thread_index().is_some();
    let marks = records.marks();
    rayon::in_place_scope(|scope| {
        let mut jobs: Jobs<P, Infallible> = Jobs(VecDeque::new());
        let mut ended = false;
        loop {
            while !ended && jobs.0.len() < BLOCKS_MAX {
                let job = match records.take_block().map_err(|e| desk.broken(&e))? {
                    Some((line, bytes)) if alone || (jobs.0.is_empty() && records.is_at_end()) => {
                        Job::Done(vec![layout.block(line, bytes, marks, make)])
                    }
                    Some((line, bytes)) => {
                        let (hand, receiver) = sync_channel(1);
                        scope.spawn(move |_| {
                            // Nobody waits where the reading was stopped.
                            let _ = hand.send(Ok(layout.block(line, bytes, marks, make)));
                        });
                        Job::Under(receiver)
                    }
                    None => {
                        let (mut block, mut broken) = (Block::new(layout.plan.wanted), Refused::new());
                        let next = records.next().map_err(|e| desk.broken(&e))?;
                        ended = !layout.take(&next, &mut block, &mut broken);
                        Job::Done(vec![Made::of(&mut block, broken, make)])
                    }
                };
                jobs.0.push_back(job);
            }
            match jobs.next(Patience::Wait) {
                Ready::Blocks(made) => made.into_iter().try_for_each(|made| made.join(desk, join))?,
                Ready::Failed(never) => match never {},
                Ready::End if ended => return Ok(()),
                Ready::End | Ready::NotYet => {}
            }
        }
    })
}

/// The wanted columns and where they stand.
struct Layout<'p, 'w> {
    plan: &'p Plan<'w>,
    columns: Vec<(usize, usize)>,
    /// Wanted ones that the table lacks.
    absent: Vec<usize>,
    n_header: usize,
}

impl Layout<'_, '_> {
    /// Reads the records of a block.
    fn block<P>(&self, line: u64, bytes: Vec<u8>, marks: Marks, make: &impl Fn(&mut Block) -> P) -> Made<P> {
        let (mut block, mut broken) = (Block::new(self.plan.wanted), Refused::new());
        let mut records = Records::of_block(line, bytes, marks);
        // Reading from memory cannot fail.
        while let Ok(next) = records.next()
            && self.take(&next, &mut block, &mut broken)
        {}
        Made::of(&mut block, broken, make)
    }

    /// Takes what came next; tells whether there may be more.
    fn take(&self, next: &Next<'_>, block: &mut Block, broken: &mut Refused) -> bool {
        match next {
            Next::End => return false,
            Next::Broken(line, why) => broken.push((*line, (*why).to_owned())),
            Next::Record(line, record) => {
                if let Err(why) = self.row(*line, *record, block) {
                    broken.push((*line, why));
                }
            }
        }
        true
    }

    fn row(&self, line: u64, record: Record<'_>, block: &mut Block) -> Result<(), String> {
        if record.len() != self.n_header {
            check_width(record, self.n_header)?;
        }
        let text = record.utf8();
        for (column, at) in &self.columns {
            let foreign;
            let cell = if let Some(text) = text {
                &text[record.span(*at)]
            } else {
                foreign = cell_text(record.cell(*at)).0;
                &foreign
            };
            match self.plan.value(*column, cell) {
                Ok(value) => block.put(*column, value),
                Err(why) => {
                    block.undo();
                    return Err(why);
                }
            }
        }
        for column in &self.absent {
            block.put(*column, Value::Missing);
        }
        block.close(line);
        Ok(())
    }
}

fn no_header(head: &[u8], plan: &Plan<'_>, place: &str) -> ImportError {
    let names: Vec<String> = plan
        .wanted
        .iter()
        .filter(|w| w.optional == super::Optional::No)
        .map(|w| quote(&w.names.join(" or ")))
        .collect();
    let first = [b',', b'\t', b';', b'|']
        .into_iter()
        .filter_map(|delimiter| first_records(head, delimiter, 1).into_iter().next())
        .max_by_key(Vec::len)
        .unwrap_or_default();
    let have: Vec<String> = first.iter().take(30).map(|cell| quote(&cell_text(cell).0)).collect();
    let found = if have.is_empty() { "an empty file".to_owned() } else { format!("the first row {}", have.join(", ")) };
    ImportError::new(
        format!("a header row with the columns {}", names.join(", ")),
        found,
        place,
        "name columns as the table's header writes them; a table needs a header",
    )
}

//! Named tables as delimited text: CSV, TSV, semicolons, pipes. One thread takes blocks of whole records off the stream, the
//! pool reads their cells into columns.

use super::block::Block;
use super::ordered::{Job, Jobs, Made, Patience, Ready};
use super::{Plan, Refused, Value, plain};
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
        if let Some(text) = marks.plain(&bytes) {
            let wanted = plain::Wanted {
                plan: self.plan,
                columns: &self.columns,
                absent: &self.absent,
                n_header: self.n_header,
                delimiter: marks.delimiter(),
            };
            let mut odd = |line, bytes: &[u8], block: &mut Block, broken: &mut Refused| {
                self.records(line, bytes.to_vec(), marks, block, broken);
            };
            plain::read(text, line, &wanted, &mut block, &mut broken, &mut odd);
        } else {
            self.records(line, bytes, marks, &mut block, &mut broken);
        }
        Made::of(&mut block, broken, make)
    }

    /// Reads records one by one.
    fn records(&self, line: u64, bytes: Vec<u8>, marks: Marks, block: &mut Block, broken: &mut Refused) {
        let mut records = Records::of_block(line, bytes, marks);
        // Reading from memory cannot fail.
        while let Ok(next) = records.next()
            && self.take(&next, block, broken)
        {}
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

#[cfg(test)]
mod tests {
    use super::{Block, Layout, Plan, Records, Refused};
    use crate::named::{Holds, Optional, Wanted};

    /// Blocks of all sorts of rows, against the same rows record by record.
    #[test]
    fn plain_blocks_are_what_their_records_are() {
        let want = |name: &str, holds, optional| Wanted { names: vec![name.to_owned()], holds, optional };
        let wanted = [
            want("arm", Holds::Name, Optional::No),
            want("y", Holds::Number, Optional::No),
            want("id", Holds::Id, Optional::No),
            want("none", Holds::Number, Optional::Yes),
            want("yes", Holds::Flag, Optional::No),
            want("city", Holds::Text, Optional::No),
        ];
        let header = ["id", "y", "other", "arm", "city", "yes"].map(str::to_owned);
        let mut plan = Plan::new(&wanted);
        plan.settle(&header, "a.csv").expect("the columns");
        let cells = [
            ["7", "12.5", "", "control", "Graz", "1"],
            ["0", "NA", "x", "offer", "Z\u{fc}rich", "no"],
            ["user-9", "", "x", "", " ", "7"],
            ["12345678901", "-3.25", "..", "a name of more than sixteen", "NA", ""],
            ["5.", "1234567.125", "0", " control ", "n/a", "true"],
            ["00", "0.1e2", "-", "none", "x", "0"],
        ];
        let odd = ["", "1,2", "7,text,x,control,x,1", "7,1.5,x,control,x,1,", "7,1.5,x,control,x,1,9", "\r", ",,,,,"];
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for round in 0..60 {
            let mut text = String::new();
            for _ in 0..draw(1_500) {
                if round % 3 > 0 && draw(40) == 0 {
                    text += odd[draw(odd.len())];
                } else {
                    let row: Vec<&str> = (0..6).map(|k| cells[draw(if round % 2 == 0 { 1 } else { 6 })][k]).collect();
                    text += &row.join(",");
                }
                text += if round % 5 == 1 { "\r\n" } else { "\n" };
            }
            if round % 4 == 0 {
                text.truncate(text.trim_end().len());
            }
            let marks = Records::new(&b""[..], b',', b"\n").marks();
            let layout = Layout {
                plan: &plan,
                columns: plan.places.iter().enumerate().filter_map(|(c, at)| Some((c, (*at)?))).collect(),
                absent: vec![3],
                n_header: 6,
            };
            let (mut one, mut refused) = (Block::new(&wanted), Refused::new());
            layout.records(9, text.clone().into_bytes(), marks, &mut one, &mut refused);
            assert!(marks.plain(text.as_bytes()).is_some());
            let took = |block: &mut Block| format!("{:?}", std::mem::take(block));
            let made = layout.block(9, text.clone().into_bytes(), marks, &took);
            assert_eq!(made, crate::named::ordered::Made::of(&mut one, refused, &took), "{round}: {text}");
        }
    }
}

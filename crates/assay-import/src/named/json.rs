//! Named tables as JSON: one object a line, or a list of objects, bare or inside an object.

use super::block::{Block, id};
use super::ordered::Made;
use super::{Holds, Plan, Refused, Value, number};
use crate::delimited::{Next as NextLine, Records};
use crate::elements::{self, Next};
use crate::error::{ImportError, quote};
use crate::reading::Desk;
use crate::table::delimited::headed;
use serde_json::{Map, Value as Json};
use std::io::Read;

/// Whether a text begins like JSON.
pub(super) fn looks_like(head: &[u8]) -> bool {
    head.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| matches!(b, b'{' | b'['))
}

/// Rows of a block.
const BLOCK_ROWS: usize = 8_192;

pub(super) fn read<P>(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    make: &impl Fn(&mut Block) -> P,
    join: &mut impl FnMut(P) -> Refused,
) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let wanted = plan.wanted;
    let start = head.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let first_line = head[start..].split(|b| *b == b'\n').next().unwrap_or_default();
    let in_lines = serde_json::from_slice::<Map<String, Json>>(first_line)
        .is_ok_and(|object| object.keys().any(|key| plan.knows(key).is_some()));
    let mut rows = Rows { settled: false, block: Block::new(plan.wanted), broken: Refused::new() };
    let mut hand_over = |rows: &mut Rows, desk: &mut Desk<'_>| {
        let made = Made::of(&mut rows.block, std::mem::take(&mut rows.broken), make);
        rows.block = Block::new(wanted);
        made.join(desk, join)
    };
    if in_lines {
        let mut lines = Records::lines(stream);
        loop {
            match lines.next().map_err(|e| desk.broken(&e))? {
                NextLine::Record(line, record) => rows.take(line, record.cell(0), plan, desk.name())?,
                NextLine::Broken(line, why) => rows.broken.push((line, why.to_owned())),
                NextLine::End => break,
            }
            if rows.is_full() {
                hand_over(&mut rows, desk)?;
            }
        }
    } else {
        let mut elements = elements::list(stream, |_| true);
        loop {
            match elements.next().map_err(|e| desk.broken(&e))? {
                Next::Element(index, object) => rows.take(index, object, plan, desk.name())?,
                Next::Broken(index, why) => rows.broken.push((index, why.clone())),
                Next::End => break,
            }
            if rows.is_full() {
                hand_over(&mut rows, desk)?;
            }
        }
    }
    hand_over(&mut rows, desk)?;
    // An empty list has no columns either.
    if rows.settled { Ok(()) } else { plan.settle(&[], desk.name()) }
}

struct Rows {
    /// Whether the columns were looked for, which the first whole object decides.
    settled: bool,
    block: Block,
    broken: Refused,
}

impl Rows {
    fn is_full(&self) -> bool {
        self.block.len() + self.broken.len() >= BLOCK_ROWS
    }

    fn take(&mut self, line: u64, text: &[u8], plan: &mut Plan<'_>, place: &str) -> Result<(), ImportError> {
        let object: Map<String, Json> = match serde_json::from_slice(text) {
            Ok(object) => object,
            Err(e) => {
                self.broken.push((line, format!("expected a JSON object, found an error ({e})")));
                return Ok(());
            }
        };
        if !self.settled {
            let names: Vec<String> = object.keys().cloned().collect();
            plan.settle(&names, place)?;
            self.settled = true;
        }
        if let Err(why) = self.row(line, &object, plan) {
            self.broken.push((line, why));
        }
        Ok(())
    }

    fn row(&mut self, line: u64, object: &Map<String, Json>, plan: &Plan<'_>) -> Result<(), String> {
        let mut digits = vec![String::new(); plan.wanted.len()];
        for (column, digits) in digits.iter_mut().enumerate() {
            if let (Holds::Text | Holds::Name | Holds::Id, Some(Json::Number(n))) =
                (plan.wanted[column].holds, cell(object, plan, column))
            {
                *digits = n.to_string();
            }
        }
        let mut cells = vec![Value::Missing; plan.wanted.len()];
        for (column, value) in cells.iter_mut().enumerate() {
            *value = read_cell(object, plan, column, &digits[column])?;
        }
        self.block.push(line, &cells);
        Ok(())
    }
}

fn cell<'o>(object: &'o Map<String, Json>, plan: &Plan<'_>, column: usize) -> Option<&'o Json> {
    object.get(plan.found[column].as_deref()?)
}

fn read_cell<'o>(
    object: &'o Map<String, Json>,
    plan: &Plan<'_>,
    column: usize,
    digits: &'o str,
) -> Result<Value<'o>, String> {
    let holds = plan.wanted[column].holds;
    Ok(match (cell(object, plan, column), holds) {
        (None | Some(Json::Null), _) | (Some(Json::Array(_) | Json::Object(_)), Holds::Flag) => Value::Missing,
        (Some(Json::String(text)), _) => plan.value(column, text)?,
        (Some(Json::Bool(yes)), Holds::Number | Holds::Flag) => Value::Number(f64::from(u8::from(*yes))),
        (Some(Json::Bool(yes)), Holds::Id) => Value::Id(id(if *yes { "true" } else { "false" })),
        (Some(Json::Bool(yes)), Holds::Text | Holds::Name) => Value::Text(if *yes { "true" } else { "false" }),
        (Some(Json::Number(_)), Holds::Text | Holds::Name) => Value::Text(digits),
        (Some(Json::Number(_)), Holds::Id) => Value::Id(id(digits)),
        (Some(Json::Number(n)), Holds::Flag) => number::flag(n.as_f64()),
        (Some(Json::Number(n)), Holds::Number) => match n.as_f64().filter(|x| x.is_finite()) {
            Some(x) => Value::Number(x),
            None => number::number(&n.to_string())
                .map(Value::Number)
                .ok_or_else(|| plan.wrong(column, "a number", &quote(&n.to_string())))?,
        },
        (Some(_), _) => return Err(plan.wrong(column, "one value", "a list or an object")),
    })
}

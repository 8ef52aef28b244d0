//! Named tables as JSON: one object a line, or a list of objects, bare or inside an object.

use super::{Holds, Plan, TakeRow, Value, hand_over, number};
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

pub(super) fn read(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    take: &mut TakeRow<'_>,
) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let start = head.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let first_line = head[start..].split(|b| *b == b'\n').next().unwrap_or_default();
    let in_lines = serde_json::from_slice::<Map<String, Json>>(first_line)
        .is_ok_and(|object| object.keys().any(|key| plan.knows(key).is_some()));
    let mut rows = Rows { settled: false };
    if in_lines {
        let mut lines = Records::lines(stream);
        loop {
            match lines.next().map_err(|e| desk.broken(&e))? {
                NextLine::Record(line, record) => rows.row(line, record.cell(0), plan, desk, take)?,
                NextLine::Broken(line, why) => desk.reject(line, why)?,
                NextLine::End => break,
            }
        }
    } else {
        let mut elements = elements::list(stream, |_| true);
        loop {
            match elements.next().map_err(|e| desk.broken(&e))? {
                Next::Element(index, object) => rows.row(index, object, plan, desk, take)?,
                Next::Broken(index, why) => desk.reject(index, why)?,
                Next::End => break,
            }
        }
    }
    // An empty list has no columns either.
    if rows.settled { Ok(()) } else { plan.settle(&[], desk.name()) }
}

struct Rows {
    /// Whether the columns were looked for, which the first whole object decides.
    settled: bool,
}

impl Rows {
    fn row(
        &mut self,
        line: u64,
        text: &[u8],
        plan: &mut Plan<'_>,
        desk: &mut Desk<'_>,
        take: &mut TakeRow<'_>,
    ) -> Result<(), ImportError> {
        let object: Map<String, Json> = match serde_json::from_slice(text) {
            Ok(object) => object,
            Err(e) => return desk.reject(line, format!("expected a JSON object, found an error ({e})")),
        };
        if !self.settled {
            let names: Vec<String> = object.keys().cloned().collect();
            plan.settle(&names, desk.name())?;
            self.settled = true;
        }
        let mut digits = vec![String::new(); plan.wanted.len()];
        for (column, digits) in digits.iter_mut().enumerate() {
            if let (Holds::Text | Holds::Name, Some(Json::Number(n))) =
                (plan.wanted[column].holds, cell(&object, plan, column))
            {
                *digits = n.to_string();
            }
        }
        let mut cells = vec![Value::Missing; plan.wanted.len()];
        for (column, value) in cells.iter_mut().enumerate() {
            match read_cell(&object, plan, column, &digits[column]) {
                Ok(read) => *value = read,
                Err(why) => return desk.reject(line, why),
            }
        }
        hand_over(line, &cells, desk, take)
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
        (None | Some(Json::Null), _) => Value::Missing,
        (Some(Json::String(text)), _) => plan.value(column, text)?,
        (Some(Json::Bool(yes)), Holds::Number) => Value::Number(f64::from(u8::from(*yes))),
        (Some(Json::Bool(yes)), Holds::Text | Holds::Name) => Value::Text(if *yes { "true" } else { "false" }),
        (Some(Json::Number(_)), Holds::Text | Holds::Name) => Value::Text(digits),
        (Some(Json::Number(n)), Holds::Number) => match n.as_f64().filter(|x| x.is_finite()) {
            Some(x) => Value::Number(x),
            None => number::number(&n.to_string())
                .map(Value::Number)
                .ok_or_else(|| plan.wrong(column, "a number", &quote(&n.to_string())))?,
        },
        (Some(_), _) => return Err(plan.wrong(column, "one value", "a list or an object")),
    })
}

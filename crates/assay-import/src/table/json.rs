//! Tables as JSON: one object a line, a list of objects, or a list inside an object (as platform interfaces answer).

use super::Rows;
use crate::bundle::ROW_BYTES_MAX;
use crate::cell::Cell;
use crate::columns::TableColumn;
use crate::delimited::{Next as NextLine, Records};
use crate::elements::{self, Next};
use crate::error::ImportError;
use crate::options::HeaderMap;
use crate::reading::Desk;
use crate::table::delimited::headed;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write as _};
use std::io::Read;
use std::ops::Range;

/// How objects stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A list, bare or inside an object.
    List,
    /// One object a line.
    Lines,
}

/// The shape of a JSON text and the keys of its first object; `None` if it does not begin like one.
///
/// A list inside an object may stand on one line; it is a list if none of the object's own keys is a known column.
pub(crate) fn shape<C: TableColumn>(head: &[u8], map: &HeaderMap) -> Option<(Shape, Vec<String>)> {
    let first = head.iter().position(|b| !b.is_ascii_whitespace())?;
    if head[first] == b'{' {
        let line = head[first..].split(|b| *b == b'\n').next().unwrap_or_default();
        let keys = keys::<C>(line, map);
        if keys.iter().any(|key| C::of(key).is_some()) && serde_json::from_slice::<IgnoredAny>(line).is_ok() {
            return Some((Shape::Lines, keys));
        }
    } else if head[first] != b'[' {
        return None;
    }
    let mut elements = elements::list(head, is_list_key);
    // Reading from a slice cannot fail.
    match elements.next() {
        Ok(Next::Element(_, object)) => Some((Shape::List, keys::<C>(object, map))),
        _ => Some((Shape::List, Vec::new())),
    }
}

/// Whether a list under this key may be the followers; platform interfaces answer with further lists beside it.
fn is_list_key(key: &str) -> bool {
    !matches!(key, "errors" | "includes" | "links" | "meta" | "warnings" | "columns" | "fields")
}

/// The keys of an object, under the names that the user gave them.
fn keys<C: TableColumn>(object: &[u8], map: &HeaderMap) -> Vec<String> {
    let mut cells = Cells::<C>::new(map);
    let _ = cells.read(object);
    cells.names.iter().map(|name| map.named(name).to_owned()).collect()
}

/// Reads a table.
pub(crate) fn read<T: Rows>(stream: &mut dyn Read, desk: &mut Desk<'_>, rows: &mut T) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let map = &desk.options().headers;
    let mut cells = Cells::<T::Column>::new(map);
    match shape::<T::Column>(&head, map).map(|s| s.0) {
        None if head.iter().all(u8::is_ascii_whitespace) => {}
        None => {
            return Err(super::delimited::no_header::<T::Column>(&head, desk.name()));
        }
        Some(Shape::List) => {
            let mut elements = elements::list(stream, is_list_key);
            loop {
                match elements.next().map_err(|e| desk.broken(&e))? {
                    Next::Element(index, object) => cells.row(index, object, desk, rows)?,
                    Next::Broken(index, why) => desk.reject(index, why)?,
                    Next::End => break,
                }
            }
        }
        Some(Shape::Lines) => {
            let mut lines = Records::lines(stream);
            loop {
                match lines.next().map_err(|e| desk.broken(&e))? {
                    NextLine::Record(line, record) => cells.row(line, record.cell(0), desk, rows)?,
                    NextLine::Broken(line, why) => desk.reject(line, why)?,
                    NextLine::End => break,
                }
            }
        }
    }
    rows.aside()
        .unknown
        .extend(cells.names.iter().zip(&cells.columns).filter(|(_, c)| c.is_none()).map(|(n, _)| n.clone()));
    Ok(())
}

/// The cells of one object, and the keys met so far. Memory is used again from object to object.
struct Cells<'m, C> {
    map: &'m HeaderMap,
    /// Keys met so far, in the order they were met in first.
    names: Vec<String>,
    columns: Vec<Option<C>>,
    /// Where in `names` the next key is looked for first: objects of a list mostly have their keys in one order.
    expected: usize,
    found: Vec<(C, Value)>,
    texts: String,
    depth: u32,
}

/// Distinct keys that are remembered by name.
const NAMES_MAX: usize = 1_000;

enum Value {
    Text(Range<usize>),
    Int(i64, Range<usize>),
    Float(f64),
    Flag(bool),
    /// A list or an object where a single value was expected.
    Nested,
}

impl<'m, C: TableColumn> Cells<'m, C> {
    fn new(map: &'m HeaderMap) -> Self {
        let (names, columns, found) = (Vec::new(), Vec::new(), Vec::new());
        Self { map, names, columns, expected: 0, found, texts: String::new(), depth: 0 }
    }

    fn read(&mut self, object: &[u8]) -> Result<(), serde_json::Error> {
        self.found.clear();
        self.texts.clear();
        self.expected = 0;
        self.depth = 0;
        let mut json = serde_json::Deserializer::from_slice(object);
        (&mut json).deserialize_map(ObjectVisitor(self))?;
        json.end()
    }

    fn row<T: Rows<Column = C>>(
        &mut self,
        line: u64,
        object: &[u8],
        desk: &mut Desk<'_>,
        rows: &mut T,
    ) -> Result<(), ImportError> {
        debug_assert!(object.len() <= ROW_BYTES_MAX + 1);
        if let Err(e) = self.read(object) {
            return desk.reject(line, format!("expected a JSON object, found an error ({e})"));
        }
        let mut filling = T::Row::default();
        let mut n_filled = 0;
        let mut done: u64 = 0;
        for (column, value) in &self.found {
            // A column under two of its names, such as `id` and `id_str`: the first one that is filled counts.
            if done & (1 << column.place()) != 0 {
                continue;
            }
            let cell = match value {
                Value::Text(span) => Cell::Text(&self.texts[span.clone()]),
                Value::Int(_, span) if column.is_text() => Cell::Text(&self.texts[span.clone()]),
                Value::Int(n, _) => Cell::Int(*n),
                Value::Float(x) if column.is_text() => {
                    return desk.reject(line, format!("column `{}`: expected text, found `{x}`", column.name()));
                }
                Value::Float(x) => Cell::Float(*x),
                Value::Flag(yes) => Cell::Flag(*yes),
                Value::Nested => {
                    let name = column.name();
                    return desk
                        .reject(line, format!("column `{name}`: expected one value, found a list or an object"));
                }
            };
            match rows.put(&mut filling, *column, cell) {
                Ok(true) => {
                    done |= 1 << column.place();
                    n_filled += 1;
                }
                Ok(false) => {}
                Err(why) => return desk.reject(line, why),
            }
        }
        rows.take(desk, line, filling, n_filled)
    }

    /// The column of a key.
    fn column(&mut self, key: &str) -> Option<C> {
        let here = self.names.get(self.expected).is_some_and(|name| name == key);
        let place = if here { Some(self.expected) } else { self.names.iter().position(|name| name == key) };
        if let Some(place) = place {
            self.expected = place + 1;
            return self.columns[place];
        }
        let column = C::of(self.map.named(key));
        if self.names.len() < NAMES_MAX {
            self.names.push(key.to_owned());
            self.columns.push(column);
            self.expected = self.names.len();
        }
        column
    }
}

struct ObjectVisitor<'c, 'm, C>(&'c mut Cells<'m, C>);

impl<'de, C: TableColumn> Visitor<'de> for ObjectVisitor<'_, '_, C> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let cells = self.0;
        while let Some(column) = map.next_key_seed(KeySeed(cells))? {
            match column {
                Key::Column(column) => map.next_value_seed(ValueSeed { cells, column })?,
                // X keeps its counts in an object of their own; other objects are about other things.
                Key::Metrics if cells.depth == 0 => {
                    cells.depth = 1;
                    map.next_value_seed(NestedSeed(cells))?;
                    cells.depth = 0;
                }
                Key::Metrics | Key::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

enum Key<C> {
    Column(C),
    Metrics,
    Unknown,
}

struct KeySeed<'c, 'm, C>(&'c mut Cells<'m, C>);

impl<'de, C: TableColumn> DeserializeSeed<'de> for KeySeed<'_, '_, C> {
    type Value = Key<C>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Key<C>, D::Error> {
        key.deserialize_str(self)
    }
}

impl<C: TableColumn> Visitor<'_> for KeySeed<'_, '_, C> {
    type Value = Key<C>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<C>, E> {
        if key == "public_metrics" {
            return Ok(Key::Metrics);
        }
        Ok(self.0.column(key).map_or(Key::Unknown, Key::Column))
    }
}

struct NestedSeed<'c, 'm, C>(&'c mut Cells<'m, C>);

impl<'de, C: TableColumn> DeserializeSeed<'de> for NestedSeed<'_, '_, C> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_map(ObjectVisitor(self.0))
    }
}

struct ValueSeed<'c, 'm, C> {
    cells: &'c mut Cells<'m, C>,
    column: C,
}

impl<C: TableColumn> ValueSeed<'_, '_, C> {
    fn found(self, value: Value) {
        self.cells.found.push((self.column, value));
    }

    fn text(&mut self, text: impl fmt::Display) -> Range<usize> {
        let start = self.cells.texts.len();
        // Writing to a string cannot fail.
        let _ = write!(self.cells.texts, "{text}");
        start..self.cells.texts.len()
    }
}

impl<'de, C: TableColumn> DeserializeSeed<'de> for ValueSeed<'_, '_, C> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de, C: TableColumn> Visitor<'de> for ValueSeed<'_, '_, C> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, yes: bool) -> Result<(), E> {
        self.found(Value::Flag(yes));
        Ok(())
    }

    fn visit_i64<E>(mut self, n: i64) -> Result<(), E> {
        let span = self.text(n);
        self.found(Value::Int(n, span));
        Ok(())
    }

    fn visit_u64<E>(mut self, n: u64) -> Result<(), E> {
        let span = self.text(n);
        self.found(Value::Int(i64::try_from(n).unwrap_or(i64::MAX), span));
        Ok(())
    }

    fn visit_f64<E>(self, x: f64) -> Result<(), E> {
        self.found(Value::Float(x));
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        let span = self.text(text);
        self.found(Value::Text(span));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.found(Value::Nested);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.found(Value::Nested);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, shape};
    use crate::columns::Column;
    use crate::options::HeaderMap;

    #[test]
    fn lines_are_told_from_lists() {
        let of = |text: &str| shape::<Column>(text.as_bytes(), &HeaderMap::default()).map(|s| s.0);
        assert_eq!(of("{\"handle\":\"a\"}\n{\"handle\":\"b\"}\n"), Some(Shape::Lines));
        assert_eq!(of(" [{\"handle\":\"a\"}]"), Some(Shape::List));
        assert_eq!(of("{\"data\":[{\"id\":\"1\"}],\"meta\":{}}"), Some(Shape::List));
        assert_eq!(of("{\n \"data\":[]}"), Some(Shape::List));
        assert_eq!(of("handle\na"), None);
        assert_eq!(of(""), None);
    }
}

//! Edges from JSON lines: an object a line, the wanted keys at its top.

use crate::columns::{ColumnChoice, Found};
use crate::delimited::ROW_BYTES_MAX;
use crate::raw::{Bad, RawBlock, Row};
use crate::value::Value;
use assay_model::edges::EdgesError;
use assay_model::quote;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Keys of a table, as its first lines show them.
const KEYS_MAX: usize = 4_096;

/// The keys that are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    source: String,
    target: String,
    at: Option<String>,
    weight: Option<String>,
}

impl Keys {
    /// Finds the wanted keys among those of the objects in `head`; returns the names of the others too.
    ///
    /// # Errors
    /// If source and target cannot be told.
    pub(crate) fn find(head: &[u8], choice: &ColumnChoice, place: &str) -> Result<(Self, Vec<String>), EdgesError> {
        let mut names: Vec<String> = Vec::new();
        for line in head.split(|c| *c == b'\n').take(1_000) {
            let Ok(keys) = serde_json::from_slice::<KeysOf>(line) else { continue };
            for key in keys.0 {
                if names.len() < KEYS_MAX && !names.contains(&key) {
                    names.push(key);
                }
            }
        }
        let found: Found = choice.find_named(&names, place)?;
        let name = |i: usize| names[i].clone();
        let keys = Self {
            source: name(found.source),
            target: name(found.target),
            at: found.at.map(name),
            weight: found.weight.map(name),
        };
        Ok((keys, found.unknown))
    }

    pub(crate) fn is_timed(&self) -> bool {
        self.at.is_some()
    }

    pub(crate) fn is_weighted(&self) -> bool {
        self.weight.is_some()
    }

    /// Reads the lines of `text` into `block`.
    pub(crate) fn parse(&self, text: &[u8], block: &mut RawBlock) {
        block.clear();
        let mut digits = [String::new(), String::new()];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        for line in text.split(|c| *c == b'\n') {
            block.lines += 1;
            let line_number = block.lines;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if line.len() > ROW_BYTES_MAX {
                block.reject(line_number, Bad::Broken("the row is longer than 1 MiB".to_owned()));
                continue;
            }
            let mut json = serde_json::Deserializer::from_slice(line);
            let read = self.deserialize(&mut json).and_then(|cells| json.end().map(|()| cells));
            let taken = match &read {
                Ok(cells) => row(cells, &mut digits),
                Err(_) if !line.trim_ascii().starts_with(b"{") => {
                    let found = quote(&crate::raw::lossy(line));
                    Err(Bad::Broken(format!("expected an object on the line, found {found}")))
                }
                Err(e) => Err(Bad::Broken(format!("expected an object on the line, found broken JSON ({e})"))),
            };
            match taken {
                Ok(row) => block.push(&row, self.is_timed(), self.is_weighted()),
                Err(bad) => block.reject(line_number, bad),
            }
        }
    }
}

fn row<'a>(cells: &'a Cells<'_>, digits: &'a mut [String; 2]) -> Result<Row<'a>, Bad> {
    let [source_digits, target_digits] = digits;
    let mut row = Row {
        source: cells.source.value("source")?.ok_or(Bad::Empty("source"))?.id(source_digits, "source")?,
        target: cells.target.value("target")?.ok_or(Bad::Empty("target"))?.id(target_digits, "target")?,
        ..Row::default()
    };
    if let Some(at) = cells.at.value("at")? {
        row.at_s = at.time()?;
    }
    if let Some(weight) = cells.weight.value("weight")? {
        row.weight = weight.weight()?;
    }
    Ok(row)
}

/// What the wanted keys of an object hold.
#[derive(Debug, Default)]
pub(crate) struct Cells<'a> {
    source: Scalar<'a>,
    target: Scalar<'a>,
    at: Scalar<'a>,
    weight: Scalar<'a>,
}

impl<'de> DeserializeSeed<'de> for &Keys {
    type Value = Cells<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cells<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &Keys {
    type Value = Cells<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells<'de>, A::Error> {
        let mut cells = Cells::default();
        while let Some(Text(key)) = map.next_key()? {
            let cell = if key == self.source {
                &mut cells.source
            } else if key == self.target {
                &mut cells.target
            } else if self.at.as_deref() == Some(&*key) {
                &mut cells.at
            } else if self.weight.as_deref() == Some(&*key) {
                &mut cells.weight
            } else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            *cell = map.next_value()?;
        }
        Ok(cells)
    }
}

/// A value that is no list and no object, or that it is one.
#[derive(Debug, Default)]
enum Scalar<'a> {
    #[default]
    Missing,
    Text(Cow<'a, str>),
    Unsigned(u64),
    Whole(i64),
    Float(f64),
    Other,
}

impl Scalar<'_> {
    fn value(&self, column: &'static str) -> Result<Option<Value<'_>>, Bad> {
        Ok(Some(match self {
            Self::Missing => return Ok(None),
            Self::Text(text) => Value::Bytes(text.as_bytes()),
            Self::Unsigned(n) => Value::Unsigned(*n),
            Self::Whole(n) => Value::Whole(*n),
            Self::Float(x) => Value::Float(*x),
            Self::Other => {
                return Err(Bad::Broken(format!(
                    "column `{column}`: expected a text or a number, found something else"
                )));
            }
        }))
    }
}

/// A string, borrowed where it holds no escapes.
struct Text<'a>(Cow<'a, str>);

macro_rules! text_visits {
    ($wrap:expr) => {
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok($wrap(Cow::Borrowed(text)))
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok($wrap(Cow::Owned(text.to_owned())))
        }
    };
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            text_visits!(Text);
        }
        deserializer.deserialize_str(Of)
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            text_visits!(Scalar::Text);

            fn visit_u64<E>(self, n: u64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Unsigned(n))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Whole(n))
            }

            fn visit_f64<E>(self, x: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Float(x))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Other)
            }

            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Missing)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar<'de>, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        deserializer.deserialize_any(Of)
    }
}

/// The keys of an object.
struct KeysOf(Vec<String>);

impl<'de> Deserialize<'de> for KeysOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'de> Visitor<'de> for Of {
            type Value = KeysOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KeysOf, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    map.next_value::<IgnoredAny>()?;
                    keys.push(key);
                }
                Ok(KeysOf(keys))
            }
        }
        deserializer.deserialize_map(Of)
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use crate::columns::ColumnChoice;
    use crate::raw::{Ids, RawBlock};
    use assay_model::edges::NO_TIME;

    #[test]
    fn an_object_a_line() {
        let text = r#"{"actor":"anna","repo":7,"starred_at":"2013-08-11T08:08:08Z","label":"x"}
{"repo":8,"actor":"b\u00e9n","starred_at":1376208488000}

{"actor":null,"repo":1}
{"actor":["x"],"repo":1}
{"actor":"x","repo":1e19}
{"actor":"x","repo":1
[1,2]
{"actor":18446744073709551615,"repo":"7","starred_at":null}
"#;
        let (keys, unknown) = Keys::find(text.as_bytes(), &ColumnChoice::default(), "x.jsonl").expect("keys");
        assert_eq!(unknown, ["label"]);
        let mut block = RawBlock::default();
        keys.parse(text.as_bytes(), &mut block);
        let Ids::Texts(sources) = &block.source else { panic!("numbers") };
        assert_eq!(sources.iter().collect::<Vec<_>>(), ["anna", "bén", "18446744073709551615"]);
        assert!(matches!(&block.target, Ids::Numbers(n) if *n == [7, 8, 7]));
        assert_eq!(block.at_s, [1_376_208_488, 1_376_208_488, NO_TIME]);
        let c = &block.counts;
        assert_eq!((c.rows, c.taken, c.empty, c.broken, block.lines), (8, 3, 1, 4, 9));
        assert_eq!(c.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [4, 5, 6, 7, 8]);
        assert_eq!(c.rejects[4].why, "expected an object on the line, found `[1,2]`");
    }
}

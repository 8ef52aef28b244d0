//! How values go into a statement and come out of a row.

use crate::adder::Adder;
use crate::secret::Secret;
use assay_model::{Day, Decimal, Flag, TimeMs, minor_places};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;

/// Texts that many rows share. Further ones than this stand in their rows: a column of such texts shares none.
const WORDS_MAX: usize = 200_000;

/// The shared texts and their numbers.
#[derive(Debug, Default)]
pub(crate) struct Words {
    numbers: HashMap<String, i64>,
    texts: HashMap<i64, String>,
}

impl Words {
    /// All texts of a workspace.
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut words = Self::default();
        let mut all = connection.prepare("SELECT id, text FROM word")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (number, text): (i64, String) = (row.get(0)?, row.get(1)?);
            words.numbers.insert(text.clone(), number);
            words.texts.insert(number, text);
        }
        Ok(words)
    }

    /// The text of a number.
    fn text(&self, number: i64) -> Option<&str> {
        self.texts.get(&number).map(String::as_str)
    }
}

/// Puts the values of one row, from left to right.
pub(crate) struct Put<'p, 'c> {
    pub(crate) adder: &'p mut Adder<'c>,
    pub(crate) connection: &'c Connection,
    pub(crate) words: &'p mut Words,
    pub(crate) secret: &'p Secret,
    /// The currency of the order that the lines behind it belong to.
    pub(crate) order_currency: Option<&'p str>,
    failed: Option<rusqlite::Error>,
}

impl<'p, 'c> Put<'p, 'c> {
    pub(crate) fn new(
        adder: &'p mut Adder<'c>,
        connection: &'c Connection,
        words: &'p mut Words,
        secret: &'p Secret,
        order_currency: Option<&'p str>,
    ) -> Self {
        Self { adder, connection, words, secret, order_currency, failed: None }
    }

    /// The row is whole.
    pub(crate) fn end(self) -> rusqlite::Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.adder.end_row()
    }

    pub(crate) fn int(&mut self, value: Option<impl Into<i64>>) {
        self.adder.int(value.map(Into::into));
    }

    pub(crate) fn flag(&mut self, value: Option<Flag>) {
        self.int(value.map(|f| i64::from(f.is_yes())));
    }

    pub(crate) fn real(&mut self, value: Option<f64>) {
        self.adder.real(value.filter(|x| x.is_finite()));
    }

    pub(crate) fn text(&mut self, value: Option<&str>) {
        self.adder.text(value.filter(|t| !t.is_empty()));
    }

    pub(crate) fn time(&mut self, value: Option<TimeMs>) {
        self.int(value.map(|t| t.0));
    }

    pub(crate) fn day(&mut self, value: Option<Day>) {
        self.int(value.map(|d| d.0));
    }

    /// A text that many rows share.
    pub(crate) fn word(&mut self, value: Option<&str>) {
        let Some(text) = value.filter(|t| !t.is_empty()) else { return self.adder.int(None) };
        if let Some(number) = self.words.numbers.get(text) {
            return self.adder.int(Some(*number));
        }
        if self.words.numbers.len() >= WORDS_MAX {
            return self.adder.text(Some(text));
        }
        match self.new_word(text) {
            Ok(number) => self.adder.int(Some(number)),
            Err(error) => {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn new_word(&mut self, text: &str) -> rusqlite::Result<i64> {
        let mut add =
            self.connection.prepare("INSERT INTO word(text) VALUES(?) ON CONFLICT DO NOTHING RETURNING id")?;
        let added: Option<i64> = add.query_row([text], |row| row.get(0)).optional()?;
        let number = match added {
            Some(number) => number,
            None => self.connection.query_row("SELECT id FROM word WHERE text = ?", [text], |row| row.get(0))?,
        };
        self.words.numbers.insert(text.to_owned(), number);
        Ok(number)
    }

    /// An amount in a currency; in minor units where the currency's are known.
    pub(crate) fn money(&mut self, value: Option<Decimal>, currency: Option<&str>) {
        self.exact(value);
        let places = currency.map_or(2, |code| minor_places(&code.trim().to_ascii_uppercase()));
        self.adder.int(value.and_then(|v| v.minor(places)));
    }

    /// The price of a line: without its order's currency its minor units are not known.
    pub(crate) fn line_price(&mut self, value: Option<Decimal>) {
        self.exact(value);
        let minor = self.order_currency.and_then(|code| value?.minor(minor_places(&code.trim().to_ascii_uppercase())));
        self.adder.int(minor);
    }

    pub(crate) fn exact(&mut self, value: Option<Decimal>) {
        self.int(value.map(|v| v.units));
        self.int(value.map(|v| v.places));
    }

    /// Who a customer is: by an id, or by the keyed hash of what reaches them.
    pub(crate) fn customer(&mut self, name: Option<&str>) {
        let secret = self.secret;
        self.text(name.map(|name| secret.customer_id(name)).as_deref());
    }

    /// An address, of which the keyed hash is kept.
    pub(crate) fn email(&mut self, address: Option<&str>) {
        let key = address.filter(|a| !a.is_empty()).map(|a| self.secret.email_key(a));
        self.adder.text(key.as_deref());
    }
}

/// Reads the columns of a row, from left to right. What is not of the expected form reads as missing.
pub(crate) struct Get<'r> {
    row: &'r Row<'r>,
    words: &'r Words,
    at: usize,
}

impl<'r> Get<'r> {
    pub(crate) fn new(row: &'r Row<'r>, words: &'r Words, at: usize) -> Self {
        Self { row, words, at }
    }

    fn value(&mut self) -> ValueRef<'r> {
        let value = self.row.get_ref(self.at).unwrap_or(ValueRef::Null);
        self.at += 1;
        value
    }

    pub(crate) fn int<T: TryFrom<i64>>(&mut self) -> Option<T> {
        match self.value() {
            ValueRef::Integer(n) => T::try_from(n).ok(),
            _ => None,
        }
    }

    pub(crate) fn flag(&mut self) -> Option<Flag> {
        self.int::<i64>().map(|n| Flag::from(n != 0))
    }

    pub(crate) fn real(&mut self) -> Option<f64> {
        match self.value() {
            ValueRef::Real(x) => Some(x),
            ValueRef::Integer(n) => Some(n as f64),
            _ => None,
        }
    }

    pub(crate) fn text(&mut self) -> Option<&'r str> {
        match self.value() {
            ValueRef::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    pub(crate) fn word(&mut self) -> Option<&'r str> {
        match self.value() {
            ValueRef::Integer(number) => self.words.text(number),
            ValueRef::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    pub(crate) fn time(&mut self) -> Option<TimeMs> {
        self.int::<i64>().map(TimeMs)
    }

    pub(crate) fn day(&mut self) -> Option<Day> {
        self.int::<i32>().map(Day)
    }

    pub(crate) fn exact(&mut self) -> Option<Decimal> {
        let (units, places) = (self.int(), self.int());
        Some(Decimal { units: units?, places: places? })
    }

    pub(crate) fn money(&mut self) -> Option<Decimal> {
        let amount = self.exact();
        self.at += 1;
        amount
    }
}

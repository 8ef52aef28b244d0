//! Reads times as platforms write them for people, with the names of months in the user's language: `lug 22, 2025 3:34 am`,
//! `22. Juli 2025 um 15:34`, `2025年7月22日 15:34`.
//!
//! Known are English, German, French, Spanish, Italian, Portuguese, Dutch, Turkish and Japanese. The order of the words does
//! not matter, since a month has a name and a year four digits; a date of numbers alone is not read, for day and month
//! cannot be told apart.

use assay_model::TimeMs;
use assay_model::when::{self, Form, Moment};

/// The names of each month. Every abbreviation in use is the beginning of one, but for those that stand beside them.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari", "ocak"],
    &["february", "februar", "février", "fevrier", "febrero", "febbraio", "fevereiro", "februari", "şubat"],
    &["march", "märz", "mrz", "mars", "marzo", "março", "maart", "mrt", "mart"],
    &["april", "avril", "abril", "aprile", "nisan"],
    &["may", "mai", "mayo", "maggio", "maio", "mei", "mayıs"],
    &["june", "juni", "juin", "junio", "giugno", "junho", "haziran"],
    &["july", "juli", "juillet", "julio", "luglio", "julho", "temmuz"],
    &["august", "août", "aout", "agosto", "augustus", "ağustos"],
    &["september", "septembre", "septiembre", "setiembre", "settembre", "setembro", "eylül"],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro", "ekim"],
    &["november", "novembre", "noviembre", "novembro", "kasım"],
    &["december", "dezember", "décembre", "decembre", "diciembre", "dicembre", "dezembro", "aralık"],
];

/// Words between a date and its clock.
const BETWEEN: [&str; 14] = ["at", "um", "uhr", "à", "a", "las", "la", "alle", "ore", "às", "de", "om", "saat", "the"];

/// The longest text that is taken for a time.
const BYTES_MAX: usize = 100;

/// Reads a time in any of the languages; without a zone as if it were UTC.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.len() > BYTES_MAX {
        return None;
    }
    if let Some(known) = when::moment(text).filter(|_| text.contains(['-', ' ', '/'])) {
        return Some(known);
    }
    let text = text.to_lowercase().replace("午前", " am ").replace("午後", " pm ");
    let text = text.replace("a. m.", "am").replace("p. m.", "pm").replace(['年', '月', '日', ','], " ");
    let text = text.replace("a\u{a0}m", "am").replace("p\u{a0}m", "pm");
    let mut parts = Parts::default();
    for word in text.split_whitespace() {
        parts.take(word.trim_end_matches('.'))?;
    }
    parts.moment()
}

/// What the words have told so far.
#[derive(Default)]
struct Parts<'a> {
    month: Option<i64>,
    numbers: Vec<i64>,
    clock: Option<&'a str>,
    afternoon: Option<bool>,
}

impl<'a> Parts<'a> {
    fn take(&mut self, word: &'a str) -> Option<()> {
        if let Some(afternoon) = half(word) {
            return self.afternoon.replace(afternoon).is_none().then_some(());
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            if word.contains(':') {
                let end = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
                if end < word.len() {
                    self.afternoon = Some(half(&word[end..])?);
                }
                return self.clock.replace(&word[..end]).is_none().then_some(());
            }
            let ordinal = word.trim_end_matches(|c: char| c.is_alphabetic() || c == 'º');
            self.numbers.push(ordinal.parse().ok().filter(|_| ordinal.len() <= 4)?);
            return (self.numbers.len() <= 3).then_some(());
        }
        match month(word) {
            Some(month) => self.month.replace(month).is_none().then_some(()),
            None => BETWEEN.contains(&word).then_some(()),
        }
    }

    fn moment(&self) -> Option<Moment> {
        let (year, month, day) = match (self.month, &self.numbers[..]) {
            (Some(month), &[day, year]) if year > 31 => (year, month, day),
            (Some(month), &[year, day]) => (year, month, day),
            // Years come first in Japanese, and months before days.
            (None, &[year, month, day]) if year > 31 => (year, month, day),
            _ => return None,
        };
        let midnight = when::utc_ms(year, month, day)?;
        let clock_ms = self.clock.map_or(Some(0), |text| clock(text, self.afternoon))?;
        let at = TimeMs(midnight + i64::from(clock_ms));
        let form = if self.clock.is_some() { Form::Zoneless } else { Form::Date };
        when::is_plausible(at).then_some(Moment { at, clock_ms, form })
    }
}

/// Whether a word says "before noon" or "after noon".
fn half(word: &str) -> Option<bool> {
    match word {
        "am" | "a.m" | "öö" => Some(false),
        "pm" | "p.m" | "ös" => Some(true),
        _ => None,
    }
}

fn clock(text: &str, afternoon: Option<bool>) -> Option<u32> {
    const HOUR: u32 = 3_600_000;
    let mut rest = text.as_bytes();
    let shown = when::clock_text(&mut rest).filter(|_| rest.is_empty())?;
    let Some(afternoon) = afternoon else { return Some(shown) };
    // 12 o'clock comes before 1 in both halves.
    let from_twelve = if (HOUR..13 * HOUR).contains(&shown) { shown % (12 * HOUR) } else { return None };
    Some(from_twelve + if afternoon { 12 * HOUR } else { 0 })
}

/// The month whose name in some language begins with `word`, if there is but one.
fn month(word: &str) -> Option<i64> {
    if word.chars().count() < 3 {
        return None;
    }
    let mut fitting = (1..).zip(MONTHS).filter(|(_, names)| names.iter().any(|name| name.starts_with(word)));
    let (found, _) = fitting.next()?;
    fitting.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{MONTHS, moment, month};
    use assay_model::TimeMs;
    use assay_model::when::Form;

    /// `date -u -d '2025-07-22T03:34:00Z' +%s` prints 1753155240.
    #[test]
    fn one_time_in_many_languages() {
        for text in [
            "lug 22, 2025 3:34 am",
            "Jul 22, 2025, 3:34\u{202f}AM",
            "Juli 22, 2025 3:34 am",
            "22. Juli 2025 um 03:34",
            "juil. 22, 2025 3:34 am",
            "22 juillet 2025 à 03:34",
            "jul 22, 2025 3:34 a. m.",
            "22 de julho de 2025 às 03:34",
            "22 jul 2025 3:34 a.m.",
            "Tem 22, 2025 3:34 öö",
            "2025年7月22日 3:34",
            "2025年7月22日 午前3:34",
            "7月 22, 2025 3:34am",
            "2025-07-22 03:34",
        ] {
            // Japanese exports that keep the English order name no month; they are not read.
            if text.starts_with("7月") {
                assert_eq!(moment(text), None, "{text}");
                continue;
            }
            let read = moment(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((read.at, read.form), (TimeMs(1_753_155_240_000), Form::Zoneless), "{text}");
        }
        let at = |text: &str| moment(text).map(|m| m.clock_ms / 60_000);
        assert_eq!(at("lug 22, 2025 12:05 am"), Some(5));
        assert_eq!(at("lug 22, 2025 12:05 pm"), Some(725));
        assert_eq!(at("lug 22, 2025 1:05 pm"), Some(785));
        assert_eq!(moment("30 mai 2024").map(|m| (m.at.day().0, m.form)), Some((19_873, Form::Date)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "anna", "22.07.2025 03:34", "lug 32, 2025", "jui 22, 2025", "lug lug 22, 2025", "lug 22", "0:30 pm"]
        {
            assert_eq!(moment(text), None, "{text}");
        }
        assert_eq!(moment("lug 22, 2025 13:05 pm"), None);
        assert_eq!(moment(&"lug 22, 2025 ".repeat(20)), None);
    }

    #[test]
    fn no_name_of_a_month_or_its_first_three_letters_means_two() {
        for (n, names) in (1..).zip(MONTHS) {
            for name in names {
                assert_eq!(month(name), Some(n), "{name}");
                let short: String = name.chars().take(3).collect();
                assert!(month(&short) == Some(n) || short == "jui", "{name}");
            }
        }
    }
}

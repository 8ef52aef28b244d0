//! The reader's forms of numbers, days and clocks. What is rendered for people follows the forms that are set on the thread while
//! it is rendered; what is written for programs is rendered without any.
//!
//! A further form is a line of [`NUMBERS`] or [`DATES`]; settings, pages and charts take it from there.

use assay_import::Zone;
use assay_model::TimeMs;
use std::cell::RefCell;

/// A form of numbers.
#[derive(Debug)]
pub struct Numbers {
    /// What it is called: an example of it.
    pub name: &'static str,
    /// Between thousands.
    pub group: &'static str,
    /// Before decimals.
    pub point: &'static str,
    /// A language that writes so, for charts.
    pub tag: &'static str,
}

/// A form of days.
#[derive(Debug)]
pub struct Dates {
    /// What it is called: an example of it.
    pub name: &'static str,
    /// A day, as `strftime` has it.
    pub day: &'static str,
    /// A month.
    pub month: &'static str,
    /// Whether a span may leave out of its first day what its last day says.
    pub shortens: bool,
}

/// Every form of numbers; the first is built in.
pub const NUMBERS: &[Numbers] = &[
    Numbers { name: "1,234.5", group: ",", point: ".", tag: "en" },
    Numbers { name: "1.234,5", group: ".", point: ",", tag: "de-DE" },
    Numbers { name: "1 234,5", group: "\u{202f}", point: ",", tag: "fr-FR" },
    Numbers { name: "1'234.5", group: "\u{2019}", point: ".", tag: "de-CH" },
];

/// Every form of days; the first is built in.
pub const DATES: &[Dates] = &[
    Dates { name: "14 Aug 2016", day: "%-d %b %Y", month: "%b %Y", shortens: true },
    Dates { name: "Aug 14, 2016", day: "%b %-d, %Y", month: "%b %Y", shortens: false },
    Dates { name: "14.08.2016", day: "%d.%m.%Y", month: "%b %Y", shortens: false },
    Dates { name: "14/08/2016", day: "%d/%m/%Y", month: "%b %Y", shortens: false },
    Dates { name: "08/14/2016", day: "%m/%d/%Y", month: "%b %Y", shortens: false },
    Dates { name: "2016-08-14", day: "%Y-%m-%d", month: "%Y-%m", shortens: false },
];

/// The names of [`NUMBERS`], to choose from.
pub static NUMBER_NAMES: [&str; NUMBERS.len()] = {
    let (mut names, mut i) = ([""; NUMBERS.len()], 0);
    while i < names.len() {
        names[i] = NUMBERS[i].name;
        i += 1;
    }
    names
};

/// The names of [`DATES`], to choose from.
pub static DATE_NAMES: [&str; DATES.len()] = {
    let (mut names, mut i) = ([""; DATES.len()], 0);
    while i < names.len() {
        names[i] = DATES[i].name;
        i += 1;
    }
    names
};

/// How somebody reads numbers, days and clocks.
#[derive(Debug, Clone)]
pub struct Forms {
    /// Numbers.
    pub numbers: &'static Numbers,
    /// Days.
    pub dates: &'static Dates,
    /// The zone whose clocks are shown; none is UTC.
    pub zone: Option<Zone>,
}

impl Default for Forms {
    fn default() -> Self {
        Self { numbers: &NUMBERS[0], dates: &DATES[0], zone: None }
    }
}

thread_local! {
    static OWN: RefCell<Forms> = RefCell::new(Forms::default());
    static CHOSEN: RefCell<Forms> = RefCell::new(Forms::default());
}

/// Puts back what was set before, also where rendering breaks off.
struct Restore(Forms);

impl Drop for Restore {
    fn drop(&mut self) {
        OWN.with(|own| std::mem::swap(&mut *own.borrow_mut(), &mut self.0));
    }
}

impl Forms {
    /// The forms of these names; what is not named, or not known, is as it is built in.
    pub fn named(numbers: Option<&str>, dates: Option<&str>, zone: Option<Zone>) -> Self {
        let numbers = NUMBERS.iter().find(|n| Some(n.name) == numbers).unwrap_or(&NUMBERS[0]);
        let dates = DATES.iter().find(|d| Some(d.name) == dates).unwrap_or(&DATES[0]);
        Self { numbers, dates, zone }
    }

    /// Renders in these forms.
    pub fn during<T>(&self, render: impl FnOnce() -> T) -> T {
        let before = OWN.with(|own| own.replace(self.clone()));
        let _restore = Restore(before);
        render()
    }
}

/// Whom a run writes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// People.
    People,
    /// Programs, which read the built-in forms alone.
    Programs,
}

/// Sets the forms that a user chose, for all that this thread renders for people from now on.
pub fn choose(forms: Forms, readers: Readers) {
    if readers == Readers::People {
        OWN.with(|own| *own.borrow_mut() = forms.clone());
    }
    CHOSEN.with(|chosen| *chosen.borrow_mut() = forms);
}

/// Renders a page in the forms that the user chose, though the rest may be for programs.
pub fn on_page<T>(render: impl FnOnce() -> T) -> T {
    CHOSEN.with(|chosen| chosen.borrow().clone()).during(render)
}

/// The form of numbers that is set.
pub fn numbers() -> &'static Numbers {
    OWN.with(|own| own.borrow().numbers)
}

/// The form of days that is set.
pub fn dates() -> &'static Dates {
    OWN.with(|own| own.borrow().dates)
}

/// What clocks of the set zone show at a moment, as if it were UTC, and what that zone is called then.
pub fn clock(at: TimeMs) -> (TimeMs, String) {
    OWN.with(|own| own.borrow().zone.as_ref().map(|zone| zone.clock(at))).unwrap_or_else(|| (at, "UTC".to_owned()))
}

/// What a page says to its charts of the form of numbers, where it is not the built-in one.
pub fn number_tag() -> Option<&'static str> {
    Some(numbers().tag).filter(|tag| *tag != NUMBERS[0].tag)
}

/// What a page says to its charts of the form of days, where it is not the built-in one.
pub fn date_pattern() -> Option<&'static str> {
    Some(dates().day).filter(|day| *day != DATES[0].day)
}

#[cfg(test)]
mod tests {
    use super::{DATE_NAMES, Forms, NUMBER_NAMES};
    use crate::render::format::{count, day, fixed, minute, moment, percent, span, whole};
    use assay_import::Zone;
    use assay_model::{Span, TimeMs, TimeQuality};

    const AT: TimeMs = TimeMs(1_471_217_325_000);

    #[test]
    fn every_form_writes_its_own_example() {
        for numbers in NUMBER_NAMES {
            let written = Forms::named(Some(numbers), None, None).during(|| fixed(1_234.5, 1));
            assert_eq!(written.replace('\u{202f}', " ").replace('\u{2019}', "'"), numbers);
        }
        for dates in DATE_NAMES {
            assert_eq!(Forms::named(None, Some(dates), None).during(|| day(AT)), dates);
        }
    }

    #[test]
    fn forms_hold_for_what_is_rendered_and_no_longer() {
        let german = Forms::named(Some("1.234,5"), Some("14.08.2016"), None);
        let written = german.during(|| [count(1_234_567), whole(-1_203.5), percent(0.035_6), percent(0.000_01)]);
        assert_eq!(written, ["1.234.567", "\u{2212}1.204", "3,6 %", "< 0,01 %"]);
        let broken = std::panic::catch_unwind(|| german.during(|| panic!("on purpose")));
        assert!(broken.is_err());
        assert_eq!([count(1_234), day(AT)], ["1,234", "14 Aug 2016"]);
    }

    #[test]
    fn clocks_are_those_of_the_reader_s_zone_and_days_of_data_stay_days() {
        let zone = Zone::parse("Europe/Berlin").expect("a zone");
        let forms = Forms::named(None, Some("2016-08-14"), Some(zone));
        let two = Span { from: AT, to: TimeMs(AT.0 + 3_600_000) };
        let written =
            forms.during(|| [moment(AT), day(AT), span(two, TimeQuality::Exact), span(two, TimeQuality::Day)]);
        let berlin = "2016-08-15, 01:28 to 02:28 CEST";
        assert_eq!(written, ["2016-08-15, 01:28 CEST", "2016-08-14", berlin, "2016-08-14 to 2016-08-15"]);
        assert_eq!((moment(AT), minute(AT)), ("14 Aug 2016, 23:28 UTC".to_owned(), "14 Aug 2016, 23:28".to_owned()));
    }
}

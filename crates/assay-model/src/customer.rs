//! How a customer is named: by an id that says nothing, or by an address or a telephone number, which reach a person.
//!
//! Shops name a customer without an id by the address or the number, and tables of orders put either into the column of the
//! customer. Where a name is kept, it is asked here what it is, whoever read it: a workspace keeps a keyed hash of the ones that
//! reach somebody. One person is written in many ways, so they are compared in one form.

use std::borrow::Cow;

/// Digits of a telephone number: the fewest that are taken for one, and the most that there are (ITU-T E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Digits of a number that begins with one 0, as most countries write their own; ids that are filled up with zeros have more of them.
const NATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 9..=11;
/// Digits behind `00`, the country's and those of the number.
const ABROAD_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;
/// What marks a number that would be taken for an id (RFC 3966).
const MARK: &str = "tel:";

/// What a customer is named by, in the form in which names are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerName<'a> {
    /// An e-mail address, in lower case, or a text that holds one.
    Address(Cow<'a, str>),
    /// A telephone number: `+4791234567`, or `tel:91234567` where no country is told.
    Phone(Cow<'a, str>),
    /// Anything else, as it stands.
    Id(&'a str),
}

impl<'a> CustomerName<'a> {
    /// What a name is. Digits alone are an id, unless they begin as telephone numbers do (`+`, `00`, `0`).
    pub fn of(name: &'a str) -> Self {
        let name = name.trim();
        if let Some(address) = address(name) {
            return Self::Address(address);
        }
        phone(name).map_or(Self::Id(name), Self::Phone)
    }

    /// A telephone number as a name that nobody takes for an id.
    pub fn phone(number: &'a str) -> Cow<'a, str> {
        match Self::of(number) {
            Self::Id(digits) if digits.bytes().any(|b| b.is_ascii_digit()) => format!("{MARK}{digits}").into(),
            _ => number.into(),
        }
    }

    /// A name as a table writes it, without the mark of [`CustomerName::phone`].
    pub fn unmarked(name: &str) -> &str {
        name.strip_prefix(MARK).unwrap_or(name)
    }

    /// The name in the form in which names are compared.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Address(text) | Self::Phone(text) => text,
            Self::Id(text) => text.into(),
        }
    }
}

/// An address, or a text with one in it: an at sign between what may stand on both of its sides.
fn address(name: &str) -> Option<Cow<'_, str>> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '"' | '[' | '\'');
    name.match_indices('@').find(|(at, _)| {
        name[..*at].ends_with(is_part) && name[at + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '[')
    })?;
    // `Ada <ada@example.com>` and `mailto:ada@example.com` are the address alone.
    let alone = name.rsplit_once('<').map_or(name, |(_, rest)| rest.trim_end_matches('>'));
    let alone = match alone.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &alone[7..],
        _ if alone.contains('@') => alone,
        _ => name,
    };
    let alone = alone.trim();
    let is_plain = alone.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    Some(if is_plain { alone.into() } else { alone.to_lowercase().into() })
}

/// A telephone number.
fn phone(name: &str) -> Option<Cow<'_, str>> {
    // A spreadsheet is kept from counting with a number by an apostrophe.
    let name = name.trim_start_matches('\'');
    let marked = name.strip_prefix(MARK).filter(|rest| rest.bytes().any(|b| b.is_ascii_digit()));
    let written = marked.unwrap_or(name);
    let is_bare = !written.starts_with('0') && written.bytes().all(|b| b.is_ascii_digit());
    if marked.is_none() && (is_bare || !written.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))) {
        return None;
    }
    let dialled = dialled(written);
    match (dialled, marked) {
        (Some(d), None) if !d.is_phone => None,
        (Some(d), _) => Some(format!("{}{}", if d.is_abroad { "+" } else { MARK }, d.digits).into()),
        (None, Some(_)) => Some(name.into()),
        (None, None) => None,
    }
}

/// What of a number is dialled.
struct Dialled {
    digits: String,
    /// Whether the digits begin with a country's.
    is_abroad: bool,
    /// Whether it looks like a telephone number, and like nothing else.
    is_phone: bool,
}

/// The digits of a number, and what their grouping says; `None` for what holds more than digits and what stands between them.
fn dialled(written: &str) -> Option<Dialled> {
    // `+44 (0)20 …`: the nought is dialled at home alone.
    let (first, second) = written.split_once("(0)").unwrap_or((written, ""));
    let (mut digits, mut n_groups, mut has_space, mut in_group) = (String::new(), 0, false, false);
    for c in first.trim_start_matches('+').chars().chain(['-']).chain(second.chars()) {
        match c {
            '0'..='9' => {
                n_groups += usize::from(!in_group);
                in_group = true;
                digits.push(c);
            }
            ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' => {
                has_space |= in_group && matches!(c, ' ' | '\u{a0}' | ')');
                in_group = false;
            }
            _ => return None,
        }
    }
    let has_plus = written.starts_with('+');
    if !has_plus
        && digits.starts_with("00")
        && ABROAD_DIGITS.contains(&(digits.len() - 2))
        && !digits.starts_with("000")
    {
        return Some(Dialled { digits: digits.split_off(2), is_abroad: true, is_phone: true });
    }
    let n = digits.len();
    let is_national = digits.starts_with('0') && !digits.starts_with("00") && NATIONAL_DIGITS.contains(&n);
    let is_shaped = has_plus || n_groups >= 3 || n_groups == 2 && has_space;
    let is_phone = is_national || is_shaped && PHONE_DIGITS.contains(&n);
    (n > 0).then_some(Dialled { digits, is_abroad: has_plus, is_phone })
}

#[cfg(test)]
mod tests {
    use super::CustomerName;

    #[test]
    fn addresses_are_one_however_they_are_written() {
        for written in [
            "ada@example.com",
            " Ada@Example.COM ",
            "Ada Example <ada@example.com>",
            "mailto:ada@example.com",
            "MAILTO:Ada@example.com",
        ] {
            assert_eq!(CustomerName::of(written), CustomerName::Address("ada@example.com".into()), "{written}");
        }
        for holds in ["a@b", "ada@b.c|77", "id 7 ada@b.c", "änne@b.de", "ada@[10.0.0.1]", "ada@b.c <Ada>"] {
            assert!(matches!(CustomerName::of(holds), CustomerName::Address(_)), "{holds}");
        }
        assert_eq!(CustomerName::of("ada@b.c <Ada>").into_text(), "ada@b.c <ada>");
    }

    #[test]
    fn numbers_are_one_however_they_are_written() {
        for (written, one) in [
            ("+4791234567", "+4791234567"),
            ("'+47 912 34 567", "+4791234567"),
            ("0047 912 34 567", "+4791234567"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("(555) 123-4567", "tel:5551234567"),
            ("555-123-4567", "tel:5551234567"),
            ("555.123.4567", "tel:5551234567"),
            ("07911 123456", "tel:07911123456"),
            ("0612345678", "tel:0612345678"),
            ("tel:5551234567", "tel:5551234567"),
            ("tel:+4791234567", "+4791234567"),
            ("tel:112", "tel:112"),
            ("tel:5551234567 ext. 2", "tel:5551234567 ext. 2"),
        ] {
            assert_eq!(CustomerName::of(written), CustomerName::Phone(one.into()), "{written}");
            assert_eq!(CustomerName::of(one), CustomerName::Phone(one.into()), "{one}");
        }
    }

    #[test]
    fn ids_stay_ids() {
        for id in [
            "",
            "C-1042",
            "cus_9s6XKzkNRiz8i3",
            "6543210987654",
            "5551234567",
            "0000104711",
            "0012345678",
            "00004",
            "2024-000123",
            "12345678-1234-1234-1234-123456789012",
            "5939d538486a19542c13c315394be7ee",
            "gid://shopify/Customer/6543210987654",
            "@ada.makes",
            "a @ b",
            "K 17",
            "tel:",
            "+",
            "++47",
            "3.14159265",
        ] {
            assert_eq!(CustomerName::of(id), CustomerName::Id(id), "{id}");
        }
    }

    #[test]
    fn what_is_known_to_be_a_number_is_marked() {
        assert_eq!(CustomerName::phone("5551234567"), "tel:5551234567");
        assert_eq!(CustomerName::phone("+4791234567"), "+4791234567");
        assert_eq!(CustomerName::phone("none"), "none");
        assert!(matches!(CustomerName::of(&CustomerName::phone("5551234567 ext. 2")), CustomerName::Phone(_)));
    }
}

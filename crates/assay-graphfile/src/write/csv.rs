//! Edges as comma-separated text.

use assay_model::edges::{EdgeBlock, NO_TIME};

/// Writes the rows of a block into `text`, which is emptied first.
pub(super) fn encode(block: &EdgeBlock, text: &mut Vec<u8>) {
    text.clear();
    for i in 0..block.len() {
        number(text, block.source[i]);
        text.push(b',');
        number(text, block.target[i]);
        if let Some(at_s) = block.at_s.get(i) {
            text.push(b',');
            if *at_s != NO_TIME {
                time(text, *at_s);
            }
        }
        text.push(b'\n');
    }
}

fn number(text: &mut Vec<u8>, mut number: u32) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[at..]);
}

/// `2024-05-01T12:00:00Z`. Years are those of four digits, which is all that times of edges can be.
fn time(text: &mut Vec<u8>, at_s: i64) {
    let (day, second) = (at_s.div_euclid(86_400), at_s.rem_euclid(86_400));
    // Days are counted from March of year 0, which puts the leap day last (Hinnant, "chrono-compatible low-level date
    // algorithms", `civil_from_days`).
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let two = |n: i64| [b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8];
    let parts = [
        (year / 100, None),
        (year % 100, Some(b'-')),
        (month, Some(b'-')),
        (day, Some(b'T')),
        (second / 3_600, Some(b':')),
        (second / 60 % 60, Some(b':')),
        (second % 60, Some(b'Z')),
    ];
    for (n, behind) in parts {
        text.extend_from_slice(&two(n));
        text.extend(behind);
    }
}

#[cfg(test)]
mod tests {
    use super::{number, time};
    use assay_model::when::moment;

    #[test]
    fn numbers_and_times_read_back() {
        let mut text = Vec::new();
        for n in [0, 9, 10, 4_294_967_295] {
            text.clear();
            number(&mut text, n);
            assert_eq!(text, n.to_string().into_bytes());
        }
        for at_s in (631_152_000..7_258_118_400).step_by(86_400 * 13 + 3_671) {
            text.clear();
            time(&mut text, at_s);
            let read = std::str::from_utf8(&text).ok().and_then(moment).map(|t| t.at.0 / 1_000);
            assert_eq!(read, Some(at_s), "{}", String::from_utf8_lossy(&text));
        }
    }
}

//! How much memory there is, and how much the user allows.

/// A size in bytes, such as 12GB or 500MB.
pub(super) fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, f64); 5] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("", 1.0)];
    let text = text.trim().to_ascii_uppercase();
    let (number, unit) = UNITS
        .iter()
        .find_map(|(unit, bytes)| text.strip_suffix(unit).map(|number| (number.trim(), bytes)))
        .unwrap_or((&text, &1.0));
    number
        .parse::<f64>()
        .ok()
        .filter(|n| *n > 0.0 && n.is_finite())
        .map(|n| (n * unit) as u64)
        .ok_or_else(|| "expected a size such as 12GB or 500MB".to_owned())
}

/// Bytes of memory that are free, where the system tells.
pub(super) fn free() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find(|line| line.starts_with("MemAvailable:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("12GB", 12_000_000_000), ("0.5 gb", 500_000_000), ("700MB", 700_000_000), ("4096", 4_096)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "GB", "-1GB", "much", "infGB", "nan"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}

//! Workbooks of Excel, old (`xls`) and new (`xlsx`): each sheet becomes a table as text, which every importer of tables reads.
//!
//! A line of the text is a row of the sheet, as long as no cell holds a line end. Dates are written as `2026-09-12`, numbers in
//! full. The reader of workbooks (calamine) gives memory to whatever a file claims to need; so before it sees a file, the
//! claims are checked against limits here: what members of the zip really unpack to, and how far cells of an old workbook lie
//! apart.

use super::Limits;
use super::archive::Archive;
use calamine::{Data, Reader as _, Xls, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// Bytes of a workbook; those of platforms have some thousands.
pub(super) const BOOK_BYTES_MAX: u64 = 64 << 20;
/// Bytes of its members, unpacked.
const UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// Sheets that are read.
const SHEETS_MAX: usize = 100;
/// Cells of a sheet, empty ones between others included.
const CELLS_MAX: u64 = 8_000_000;

/// An old workbook begins with the mark of a compound file.
pub(super) const OLD: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The sheets of a workbook, each with its name, as comma-separated text.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn sheets(file: impl Read, limits: &Limits) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut bytes = Vec::new();
    let most = BOOK_BYTES_MAX.min(limits.in_memory_bytes_max);
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {} MiB", most >> 20));
    }
    // A damaged file must not end the program, whatever the reader makes of it.
    let read = || if bytes.starts_with(OLD) { old(bytes) } else { new(bytes, limits) };
    assay_model::guarded(read).unwrap_or_else(|| Err("its parts contradict each other".to_owned()))
}

/// Rows of a sheet, by their places.
#[derive(Default)]
struct Sheet {
    rows: BTreeMap<u32, BTreeMap<u32, String>>,
    width: u32,
}

impl Sheet {
    fn put(&mut self, row: u32, column: u32, text: String) -> Result<(), String> {
        if text.is_empty() {
            return Ok(());
        }
        self.width = self.width.max(column + 1);
        let height = self.rows.last_key_value().map_or(0, |(last, _)| *last).max(row) + 1;
        if u64::from(self.width) * u64::from(height) > CELLS_MAX {
            return Err(format!("a sheet has more than {CELLS_MAX} cells"));
        }
        self.rows.entry(row).or_default().insert(column, text);
        Ok(())
    }

    /// The sheet as text; rows without a cell are empty lines.
    fn text(&self) -> Vec<u8> {
        let mut text = String::new();
        let mut at = 0;
        for (row, cells) in &self.rows {
            while at < *row {
                text.push('\n');
                at += 1;
            }
            for column in 0..self.width {
                if column > 0 {
                    text.push(',');
                }
                let cell = cells.get(&column).map_or("", String::as_str);
                if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') {
                    text.push('"');
                    text.push_str(&cell.replace('"', "\"\""));
                    text.push('"');
                } else {
                    text.push_str(cell);
                }
            }
            text.push('\n');
            at += 1;
        }
        text.into_bytes()
    }
}

/// What a cell shows, without its format.
fn shown(value: &Data) -> String {
    match value {
        Data::Int(n) => n.to_string(),
        Data::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => format!("{}", *x as i64),
        Data::Float(x) => x.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.replace('\0', ""),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(time) if time.is_duration() => time.as_f64().to_string(),
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::Error(_) | Data::Empty => String::new(),
    }
}

fn new(bytes: Vec<u8>, limits: &Limits) -> Result<Vec<(String, Vec<u8>)>, String> {
    check_members(&bytes, limits)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut sheets = Vec::new();
    for name in book.sheet_names().into_iter().take(SHEETS_MAX) {
        // Charts are sheets without cells.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        let mut sheet = Sheet::default();
        while let Some(cell) = cells.next_cell().map_err(|e| e.to_string())? {
            let (row, column) = cell.get_position();
            sheet.put(row, column, shown(&Data::from(cell.get_value().clone())))?;
        }
        sheets.push((name, sheet.text()));
    }
    Ok(sheets)
}

/// Checks that the members unpack to no more than they may, and that the table of texts has not more of them than bytes.
fn check_members(bytes: &[u8], limits: &Limits) -> Result<(), String> {
    let limits = Limits { unpacked_bytes_max: UNPACKED_BYTES_MAX, ..*limits };
    let file: Box<dyn super::ReadSeek> = Box::new(Cursor::new(bytes.to_vec()));
    let mut zip = Archive::open(file, "workbook", &limits).map_err(|e| e.to_string())?;
    let mut total = 0_u64;
    for entry in zip.entries("workbook").map_err(|e| e.to_string())? {
        let mut head = Vec::new();
        let measured = zip.with_member(entry.index, &entry.path, &limits, |member| {
            member.take(4_096).read_to_end(&mut head)?;
            std::io::copy(member, &mut std::io::sink())
        });
        let rest = measured.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        let size = rest + head.len() as u64;
        total += size;
        if total > UNPACKED_BYTES_MAX {
            return Err(format!("it unpacks to more than {} MiB", UNPACKED_BYTES_MAX >> 20));
        }
        if let Some(at) = memchr::memmem::find(&head, b"uniqueCount=") {
            let digits: Vec<u8> =
                head[at + 12..].iter().skip(1).copied().take_while(u8::is_ascii_digit).take(20).collect();
            let claimed = String::from_utf8(digits).ok().and_then(|d| d.parse::<u64>().ok());
            if claimed.is_some_and(|n| n > size) {
                return Err("it announces more texts than it holds".to_owned());
            }
        }
    }
    Ok(())
}

fn old(bytes: Vec<u8>) -> Result<Vec<(String, Vec<u8>)>, String> {
    check_extent(&bytes)?;
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut sheets = Vec::new();
    for name in book.sheet_names().into_iter().take(SHEETS_MAX) {
        let Ok(range) = book.worksheet_range(&name) else { continue };
        let (first_row, first_column) = range.start().unwrap_or_default();
        let mut sheet = Sheet::default();
        for (row, column, value) in range.used_cells() {
            sheet.put(first_row + row as u32, first_column + column as u32, shown(value))?;
        }
        sheets.push((name, sheet.text()));
    }
    Ok(sheets)
}

/// Checks that no sheet of an old workbook claims more cells than it may: goes through the records of its stream, which are a
/// kind, a length and that many bytes (Microsoft, "[MS-XLS]"), in the chain of its sectors ("[MS-CFB]").
fn check_extent(bytes: &[u8]) -> Result<(), String> {
    const WRONG: &str = "its list of sectors is damaged";
    let stream = workbook_stream(bytes).ok_or(WRONG)?;
    let u16_at = |at: usize| Some(u32::from(u16::from_le_bytes(stream.get(at..at + 2)?.try_into().ok()?)));
    let (mut rows, mut columns) = ((u32::MAX, 0), (u32::MAX, 0));
    let mut at = 0;
    while let (Some(kind), Some(length)) = (u16_at(at), u16_at(at + 2)) {
        let body = at + 4;
        match kind {
            // A sheet begins.
            0x0009 | 0x0209 | 0x0409 | 0x0809 => (rows, columns) = ((u32::MAX, 0), (u32::MAX, 0)),
            // Cells: numbers, texts, formulas, blanks, errors, and several at once.
            0x0001..=0x0006 | 0x0201..=0x0206 | 0x0406 | 0x00bd | 0x00be | 0x00d6 | 0x00fd | 0x027e | 0x007e => {
                let (Some(row), Some(column)) = (u16_at(body), u16_at(body + 2)) else { break };
                // Several cells take two bytes each at least.
                let last = if matches!(kind, 0x00bd | 0x00be) { column + length / 2 } else { column };
                rows = (rows.0.min(row), rows.1.max(row));
                columns = (columns.0.min(column), columns.1.max(last));
                let cells = u64::from(rows.1 - rows.0 + 1) * u64::from(columns.1 - columns.0 + 1);
                if cells > CELLS_MAX {
                    return Err(format!("a sheet has more than {CELLS_MAX} cells"));
                }
            }
            _ => {}
        }
        at = body + length as usize;
    }
    Ok(())
}

/// The bytes of the stream `Workbook` or `Book` of a compound file.
fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let u16_at = |b: &[u8], at: usize| Some(u16::from_le_bytes(b.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |b: &[u8], at: usize| Some(u32::from_le_bytes(b.get(at..at + 4)?.try_into().ok()?));
    let shift = u16_at(bytes, 30)?;
    let size = 1_usize << if matches!(shift, 9 | 12) { shift } else { return None };
    let sector = |id: u32| bytes.get((id as usize + 1).checked_mul(size)?..(id as usize + 2).checked_mul(size)?);
    let n_max = bytes.len() / size + 1;
    // The sectors of the table of sectors: 109 in the header, further ones in a chain.
    let mut tables: Vec<u32> = (0..109).filter_map(|i| u32_at(bytes, 76 + 4 * i)).collect();
    let mut next = u32_at(bytes, 68)?;
    for _ in 0..n_max {
        let Some(part) = (next < 0xffff_fffa).then(|| sector(next)).flatten() else { break };
        tables.extend((0..size / 4 - 1).filter_map(|i| u32_at(part, 4 * i)));
        next = u32_at(part, size - 4)?;
    }
    let mut chain_of = Vec::new();
    for id in tables.into_iter().filter(|id| *id < 0xffff_fffa) {
        let Some(part) = sector(id) else { continue };
        chain_of.extend((0..size / 4).filter_map(|i| u32_at(part, 4 * i)));
        if chain_of.len() > n_max + size {
            break;
        }
    }
    let chain = |start: u32| {
        let mut stream = Vec::new();
        let mut id = start;
        for _ in 0..n_max {
            let Some(part) = (id < 0xffff_fffa).then(|| sector(id)).flatten() else { break };
            stream.extend_from_slice(part);
            let Some(following) = chain_of.get(id as usize) else { break };
            id = *following;
        }
        stream
    };
    let directory = chain(u32_at(bytes, 48)?);
    let named = |entry: &[u8]| {
        let units = entry[..64].chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).take_while(|c| *c != 0);
        let name: String = char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect();
        name.eq_ignore_ascii_case("workbook") || name.eq_ignore_ascii_case("book")
    };
    let entries: Vec<&[u8]> = directory.chunks_exact(128).collect();
    let entry = entries.iter().find(|entry| named(entry))?;
    let (start, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
    let mut stream = if length >= 4_096 {
        chain(start)
    } else {
        // Short streams lie in sectors of 64 bytes inside the first entry's stream.
        let small = chain(u32_at(entries.first()?, 116)?);
        let table = chain(u32_at(bytes, 60)?);
        let mut stream = Vec::new();
        let mut id = start;
        while stream.len() < length {
            let at = (id as usize).checked_mul(64)?;
            stream.extend_from_slice(small.get(at..at + 64)?);
            id = u32_at(&table, 4 * id as usize)?;
        }
        stream
    };
    stream.truncate(length);
    Some(stream)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{CELLS_MAX, Sheet, sheets};
    use crate::Limits;
    use crate::samples::zipped;

    /// A new workbook of one sheet whose rows are these texts and numbers.
    pub(crate) fn book(name: &str, rows: &[&[&str]]) -> Vec<u8> {
        let mut data = String::new();
        for (r, row) in rows.iter().enumerate() {
            data.extend([format!("<row r=\"{}\">", r + 1)]);
            for (c, cell) in row.iter().enumerate() {
                let place = format!("{}{}", char::from(b'A' + c as u8), r + 1);
                let escaped = cell.replace('&', "&amp;").replace('<', "&lt;");
                if cell.parse::<f64>().is_ok() {
                    data.extend([format!("<c r=\"{place}\"><v>{cell}</v></c>")]);
                } else {
                    data.extend([format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{escaped}</t></is></c>")]);
                }
            }
            data.push_str("</row>");
        }
        book_of(name, &data)
    }

    fn book_of(name: &str, data: &str) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let workbook = format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"{name}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
        );
        let relation = |kind: &str, target: &str| {
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{relations}/{kind}\" Target=\"{target}\"/></Relationships>"
            )
        };
        let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>");
        zipped(&[
            ("[Content_Types].xml", b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
            ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
            ("xl/workbook.xml", workbook.as_bytes()),
            ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ])
    }

    fn text(bytes: &[u8]) -> Result<String, String> {
        let all = sheets(bytes, &Limits::default())?;
        let all: Vec<String> =
            all.into_iter().map(|(name, text)| format!("{name}:{}", String::from_utf8_lossy(&text))).collect();
        Ok(all.join("|"))
    }

    #[test]
    fn a_sheet_becomes_a_table_whose_lines_are_its_rows() {
        let bytes = book("One", &[&["a notice"], &[], &["Date", "Text", "n"], &["09/12/2026", "x, \"y\"", "40"]]);
        assert_eq!(text(&bytes).as_deref(), Ok("One:a notice,,\n\nDate,Text,n\n09/12/2026,\"x, \"\"y\"\"\",40\n"));
    }

    #[test]
    fn what_claims_too_much_is_refused_and_damage_is_told() {
        let wide = book_of(
            "W",
            "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>",
        );
        assert_eq!(text(&wide), Err(format!("a sheet has more than {CELLS_MAX} cells")));
        let texts = zipped(&[("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\">")]);
        assert_eq!(text(&texts), Err("it announces more texts than it holds".to_owned()));
        let whole = book("One", &[&["a", "1"], &["b", "2"]]);
        for cut in (0..whole.len()).step_by(7) {
            let _ = text(&whole[..cut]);
        }
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 0x55;
            let _ = text(&spoilt);
        }
        assert!(text(&[super::OLD, &[0; 600]].concat()).is_err());
        let mut sheet = Sheet::default();
        assert!(sheet.put(0, 3, String::new()).is_ok() && sheet.width == 0);
    }
}

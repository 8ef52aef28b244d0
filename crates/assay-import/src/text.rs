//! Text encodings: by byte-order mark, then by the pattern of NULs, then strict UTF-8, then Windows-1252, cell by cell.

use crate::bundle::HEAD_BYTES;
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;
use std::io::{self, Read};

/// The encoding of a file that begins like this, and the length of its byte-order mark. Whatever is not UTF-16 is left as
/// it is: cells that are not UTF-8 are taken for Windows-1252 one by one.
fn sniff(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        return (encoding, mark);
    }
    // ASCII text in UTF-16 has a NUL in every other place.
    let head = &head[..head.len().min(1_024)];
    let nuls = |from: usize| head.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (nuls(0), nuls(1), head.len() / 2);
    if half >= 2 && odd * 10 >= half * 7 && even * 10 < half {
        (UTF_16LE, 0)
    } else if half >= 2 && even * 10 >= half * 7 && odd * 10 < half {
        (UTF_16BE, 0)
    } else {
        (UTF_8, 0)
    }
}

/// The first bytes of a file as UTF-8, as far as they are whole characters.
pub(crate) fn decode_head(head: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // Reading from a slice cannot fail.
    let _ = Utf8::new(head).and_then(|mut utf8| utf8.read_to_end(&mut text));
    text
}

/// A reader that turns UTF-16 into UTF-8, drops a byte-order mark, and passes all else through.
pub(crate) struct Utf8<R> {
    inner: R,
    /// Bytes read ahead to tell the encoding.
    head: Vec<u8>,
    head_at: usize,
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    decoded_at: usize,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    /// Looks at the first bytes of `inner`.
    pub(crate) fn new(mut inner: R) -> io::Result<Self> {
        let mut head = Vec::new();
        (&mut inner).take(1_024).read_to_end(&mut head)?;
        let (encoding, head_at) = sniff(&head);
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Self { inner, head, head_at, decoder, decoded: Vec::new(), decoded_at: 0, ended: false })
    }

    fn read_raw(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.head_at < self.head.len() {
            let n = (&self.head[self.head_at..]).read(buf)?;
            self.head_at += n;
            return Ok(n);
        }
        self.inner.read(buf)
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.decoder.is_none() {
            return self.read_raw(buf);
        }
        while self.decoded_at == self.decoded.len() && !self.ended {
            let mut raw = vec![0; HEAD_BYTES];
            let n = self.read_raw(&mut raw)?;
            self.ended = n == 0;
            self.decoded.resize(3 * n + 16, 0);
            self.decoded_at = 0;
            let written = self
                .decoder
                .as_mut()
                .map_or(0, |decoder| decoder.decode_to_utf8(&raw[..n], &mut self.decoded, self.ended).2);
            self.decoded.truncate(written);
        }
        let n = (&self.decoded[self.decoded_at..]).read(buf)?;
        self.decoded_at += n;
        Ok(n)
    }
}

/// A cell as text: UTF-8 if it is, Windows-1252 else (then the second value is true).
pub(crate) fn cell_text(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0, true),
    }
}

/// Repairs a string of a Meta export, which writes the bytes of UTF-8 as if they were characters (`JosÃ©` for José).
///
/// Where all characters are below U+0100 and their codes, taken as bytes, are UTF-8, those bytes are the text; all other
/// strings stay as they are, so that repairing twice does no harm.
pub(crate) fn repaired(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// How many characters of a text with tags a reader sees: what stands in angle brackets is none, `&amp;` is one.
pub(crate) fn visible_length(html: &str) -> u32 {
    let (mut n, mut in_tag, mut in_name) = (0_u32, false, 0_u32);
    for c in html.trim().chars() {
        match c {
            '<' => (in_tag, in_name) = (true, 0),
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            // The longest names of characters in use have eight letters.
            ';' if (2..=10).contains(&in_name) => {
                n -= in_name - 1;
                in_name = 0;
            }
            _ => {
                in_name = if c == '&' {
                    1
                } else if in_name > 0 && (c.is_ascii_alphanumeric() || c == '#') {
                    in_name + 1
                } else {
                    0
                };
                n += 1;
            }
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::{Utf8, cell_text, decode_head, repaired, visible_length};
    use std::io::Read;

    fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn utf_16_with_and_without_a_mark_becomes_utf_8() {
        let text = "handle,name\nanna,Åsa 👋\n".repeat(20_000);
        for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            let mut read = String::new();
            Utf8::new(&utf16(&text, big, mark)[..]).and_then(|mut r| r.read_to_string(&mut read)).expect("memory");
            assert!(read == text, "big endian {big}, mark {mark}");
        }
    }

    #[test]
    fn utf_8_passes_without_its_mark() {
        assert_eq!(decode_head("\u{feff}é".as_bytes()), "é".as_bytes());
        assert_eq!(decode_head(b""), b"");
        assert_eq!(decode_head(b"a\xe9,b"), b"a\xe9,b");
    }

    #[test]
    fn other_bytes_are_windows_1252() {
        assert_eq!(cell_text(b"Andr\xe9 \x80"), ("André €".into(), true));
        assert_eq!(cell_text("é".as_bytes()), ("é".into(), false));
    }

    #[test]
    fn tags_are_not_seen() {
        for (html, n) in
            [("", 0), ("<p>Bread &amp; salt</p>", 12), ("<br>", 0), ("a < b", 2), ("é&;x", 4), ("&#39;", 1)]
        {
            assert_eq!(visible_length(html), n, "{html}");
        }
    }

    #[test]
    fn mojibake_is_repaired_once() {
        assert_eq!(repaired("Jos\u{c3}\u{a9}"), "José");
        assert_eq!(repaired("José"), "José");
        assert_eq!(repaired("日本"), "日本");
        assert_eq!(repaired("plain"), "plain");
    }
}

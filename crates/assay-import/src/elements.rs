//! The elements of a JSON list, one at a time, in bounded memory.
//!
//! A list of millions of followers is never held as a tree. This scanner finds where each element begins and ends, counting
//! brackets and minding strings, and hands over its bytes; whoever takes them parses one element. So a broken element is one
//! reject and the next one is read all the same. Depth costs nothing here, and the parser of elements stops at 128 levels.

use crate::bundle::ROW_BYTES_MAX;
use std::io::{self, Read};

/// The elements of the first wanted list of a JSON text.
pub(crate) struct Elements<R, W> {
    inner: R,
    way: W,
    /// The keys of the objects around the list that lead to it.
    path: Vec<String>,
    buf: Vec<u8>,
    at: usize,
    ended: bool,
    element: Vec<u8>,
    index: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nothing was read yet.
    Start,
    /// Inside the list.
    List,
    /// Behind the list.
    Done,
}

/// What to do about a value that stands under a key of an object around the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Pass it over.
    Skip,
    /// Look among its own keys, if it is an object.
    Enter,
    /// Read it, if it is a list. `null` is an empty one.
    List,
}

/// What came next.
pub(crate) enum Next<'a> {
    /// An element, counted from 1.
    Element(u64, &'a [u8]),
    /// A stretch that is no element, counted as one, and why.
    Broken(u64, String),
    /// Nothing more.
    End,
}

/// How a value ended.
enum Ending {
    Whole,
    Cut,
    TooLong,
}

const CUT: &str = "the file ends before the list is closed";

/// Reads the list in `inner`: a bare one, or inside an object the first under a key that is `wanted`. Text before the
/// first bracket, such as `window.YTD.follower.part0 =`, is skipped.
pub(crate) fn list<R: Read>(
    inner: R,
    mut wanted: impl FnMut(&str) -> bool,
) -> Elements<R, impl FnMut(&[String]) -> Way> {
    Elements::at(inner, move |path: &[String]| match path {
        [key] if wanted(key) => Way::List,
        _ => Way::Skip,
    })
}

impl<R: Read, W: FnMut(&[String]) -> Way> Elements<R, W> {
    /// Reads the list in `inner`: a bare one, or the first that `way` wants, which is asked about each key with the keys
    /// around it, outermost first.
    pub(crate) fn at(inner: R, way: W) -> Self {
        let (buf, element) = (Vec::new(), Vec::new());
        Self { inner, way, path: Vec::new(), buf, at: 0, ended: false, element, index: 0, state: State::Start }
    }

    /// The keys that lead to the list that is being read; none where it is bare.
    pub(crate) fn path(&self) -> &[String] {
        &self.path
    }

    /// Behind the end of a list: goes on to the next one that `way` wants, if there is one. Elements are counted on.
    pub(crate) fn further(&mut self) -> io::Result<bool> {
        if self.state != State::Done || self.path.is_empty() {
            return Ok(false);
        }
        match self.peek()? {
            // A list that is `null`.
            Some(b'n') => {
                self.value(false)?;
            }
            Some(b',' | b'}') => {}
            _ => return Ok(false),
        }
        self.path.pop();
        // What is broken behind the list is found where it is read next, if ever.
        Ok(self.find_key()?.is_none() && (self.state == State::List || self.peek()? == Some(b'n')))
    }

    /// Behind the end of the list: the value under `key` in the object around it, if there is one.
    pub(crate) fn value_behind(&mut self, key: &str) -> io::Result<Option<&[u8]>> {
        while !self.path.is_empty() && self.peek()? == Some(b',') {
            self.at += 1;
            if self.peek()? != Some(b'"') || !matches!(self.value(true)?, Ending::Whole) {
                return Ok(None);
            }
            let found: String = serde_json::from_slice(&self.element).unwrap_or_default();
            if self.peek()? != Some(b':') {
                return Ok(None);
            }
            self.at += 1;
            let wanted = found == key;
            let ending = self.value(wanted)?;
            if wanted {
                return Ok(matches!(ending, Ending::Whole).then_some(&self.element));
            }
        }
        Ok(None)
    }

    /// The next element, if there is one.
    pub(crate) fn next(&mut self) -> io::Result<Next<'_>> {
        if self.state == State::Start {
            self.state = State::Done;
            if let Some(why) = self.find_list()? {
                return Ok(self.broken(why));
            }
        }
        if self.state == State::Done {
            return Ok(Next::End);
        }
        loop {
            match self.peek()? {
                None => {
                    self.state = State::Done;
                    return Ok(self.broken(CUT.to_owned()));
                }
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    self.state = State::Done;
                    return self.tail();
                }
                Some(b'}' | b':') => {
                    self.skip_to(b",]")?;
                    return Ok(self.broken("a closing bracket without an opening one".to_owned()));
                }
                Some(_) => break,
            }
        }
        let ending = self.value(true)?;
        self.index += 1;
        Ok(match ending {
            Ending::Whole => Next::Element(self.index, &self.element),
            Ending::TooLong => Next::Broken(self.index, "the element is longer than 4 MiB".to_owned()),
            Ending::Cut => {
                self.state = State::Done;
                Next::Broken(self.index, CUT.to_owned())
            }
        })
    }

    fn broken(&mut self, why: String) -> Next<'_> {
        self.index += 1;
        Next::Broken(self.index, why)
    }

    /// Goes to the first element. Returns why there is none, if that is a fault: an empty file is an empty list.
    fn find_list(&mut self) -> io::Result<Option<String>> {
        match self.peek()? {
            None => return Ok(None),
            Some(b'[' | b'{') => {}
            Some(_) => {
                self.skip_to(b"[{")?;
            }
        }
        match self.peek()? {
            Some(b'[') => {
                self.at += 1;
                self.state = State::List;
                Ok(None)
            }
            Some(_) => {
                self.at += 1;
                self.find_key()
            }
            None => Ok(Some("expected a JSON list, found no bracket".to_owned())),
        }
    }

    /// Goes through the keys of the object around the list.
    fn find_key(&mut self) -> io::Result<Option<String>> {
        let mut keys = Vec::new();
        let mut path = std::mem::take(&mut self.path);
        loop {
            match self.peek()? {
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let Ending::Whole = self.value(true)? else { return Ok(Some(CUT.to_owned())) };
                    path.push(serde_json::from_slice(&self.element).unwrap_or_default());
                    if self.peek()? != Some(b':') {
                        return Ok(Some("expected `:` behind a key".to_owned()));
                    }
                    self.at += 1;
                    match (self.peek()?, (self.way)(&path)) {
                        (Some(b'['), Way::List) => {
                            self.at += 1;
                            self.path = path;
                            self.state = State::List;
                            return Ok(None);
                        }
                        (Some(b'n'), Way::List) => {
                            self.path = path;
                            return Ok(None);
                        }
                        (Some(b'{'), Way::Enter) => self.at += 1,
                        _ => {
                            let key = path.pop().unwrap_or_default();
                            if keys.len() < 5 {
                                keys.push(key);
                            }
                            if matches!(self.value(false)?, Ending::Cut) {
                                return Ok(Some(CUT.to_owned()));
                            }
                        }
                    }
                }
                Some(b'}') if !path.is_empty() => {
                    self.at += 1;
                    path.pop();
                }
                Some(b'}') => {
                    let found: Vec<_> = keys.iter().map(|key| crate::error::quote(key)).collect();
                    return Ok(Some(format!("expected a list of followers, found only {}", found.join(", "))));
                }
                Some(_) => return Ok(Some("expected a key in quotes".to_owned())),
                None => return Ok(Some(CUT.to_owned())),
            }
        }
    }

    /// Looks at what stands behind the list: the end of the object around it, a semicolon, or what should not be there.
    fn tail(&mut self) -> io::Result<Next<'_>> {
        loop {
            match self.peek()? {
                // Further keys of the objects around the list may follow.
                None | Some(b',') => return Ok(Next::End),
                Some(c @ (b'}' | b';')) => {
                    self.at += 1;
                    if c == b'}' {
                        self.path.pop();
                    }
                }
                Some(_) => return Ok(self.broken("something stands behind the end of the list".to_owned())),
            }
        }
    }

    /// The next byte that is no white space; it is not taken.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            while let Some(c) = self.buf.get(self.at) {
                if !c.is_ascii_whitespace() {
                    return Ok(Some(*c));
                }
                self.at += 1;
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn skip_to(&mut self, wanted: &[u8]) -> io::Result<()> {
        while let Some(c) = self.peek()? {
            if wanted.contains(&c) {
                break;
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.at = 0;
        self.buf.resize(1 << 17, 0);
        let n = loop {
            match self.inner.read(&mut self.buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buf.truncate(*n.as_ref().unwrap_or(&0));
        self.ended = n? == 0;
        Ok(!self.ended)
    }

    /// Takes the value that begins here; `keep` leaves its bytes in `self.element`.
    fn value(&mut self, keep: bool) -> io::Result<Ending> {
        self.element.clear();
        let mut scan = Scan { depth: 0, in_string: false, escaped: false, begun: false };
        let mut too_long = false;
        loop {
            let (n, done) = scan.run(&self.buf[self.at..]);
            if keep && !too_long {
                self.element.extend_from_slice(&self.buf[self.at..self.at + n]);
                too_long = self.element.len() > ROW_BYTES_MAX;
            }
            self.at += n;
            if done {
                return Ok(if too_long { Ending::TooLong } else { Ending::Whole });
            }
            if !self.fill()? {
                // A bare number or word may end with the text.
                let whole = scan.begun && scan.depth == 0 && !scan.in_string;
                return Ok(if whole { Ending::Whole } else { Ending::Cut });
            }
        }
    }
}

/// Where a scan for the end of a value stands.
struct Scan {
    depth: u64,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Scan {
    /// Goes through `bytes`: how many belong to the value, and whether it ends there.
    fn run(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut i = 0;
        while i < bytes.len() {
            let c = bytes[i];
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else {
                    let Some(n) = memchr::memchr3(b'"', b'\\', b'\n', &bytes[i..]) else { return (bytes.len(), false) };
                    i += n;
                    if bytes[i] == b'\\' {
                        self.escaped = true;
                    } else {
                        // A line cannot end inside a string: its closing quote is missing, and the element is broken.
                        // Leaving the string there lets the next element be read.
                        self.in_string = false;
                        if self.depth == 0 {
                            return (i + 1, true);
                        }
                    }
                }
                i += 1;
                continue;
            }
            match c {
                b'"' => {
                    if self.begun && self.depth == 0 {
                        return (i, true);
                    }
                    self.in_string = true;
                }
                b'{' | b'[' => {
                    if self.begun && self.depth == 0 {
                        return (i, true);
                    }
                    self.depth += 1;
                }
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (i + 1, true);
                    }
                }
                b',' | b'}' | b']' | b':' if self.depth == 0 => return (i, true),
                _ if self.depth == 0 && c.is_ascii_whitespace() => return (i, true),
                _ => {}
            }
            self.begun = true;
            i += 1;
        }
        (bytes.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::{Elements, Next, Way, list};

    fn read(text: &[u8]) -> Vec<String> {
        all(&mut list(text, |key: &str| key == "wanted"))
    }

    fn all<W: FnMut(&[String]) -> Way>(elements: &mut Elements<&[u8], W>) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            match elements.next().expect("memory") {
                Next::Element(i, bytes) => all.push(format!("{i}:{}", String::from_utf8_lossy(bytes))),
                Next::Broken(i, why) => all.push(format!("{i}!{why}")),
                Next::End => return all,
            }
        }
    }

    #[test]
    fn elements_of_bare_wrapped_and_assigned_lists() {
        let expected = ["1:{\"a\":\"]\\\"\"}", "2:[1,[2]]", "3:\"x\"", "4:5"];
        let list = r#"[ {"a":"]\""} , [1,[2]],"x", 5 ]"#;
        assert_eq!(read(list.as_bytes()), expected);
        assert_eq!(read(format!("window.YTD.follower.part0 = {list};\n").as_bytes()), expected);
        assert_eq!(
            read(format!("{{\"x\":[1],\"n\":{{\"wanted\":[0]}},\"wanted\":{list},\"y\":2}}").as_bytes()),
            expected
        );
    }

    #[test]
    fn a_list_is_found_inside_objects_and_what_stands_behind_it_too() {
        let way = |path: &[String]| match path {
            [a] if a == "a" => Way::Enter,
            [a, list] if a == "a" && list == "list" => Way::List,
            _ => Way::Skip,
        };
        let text = r#"{"list":[0],"b":{"list":[1]},"a":{"x":{},"list":[2,3],"y":[],"z":"end"},"z":1}"#;
        let mut elements = Elements::at(text.as_bytes(), way);
        assert_eq!(all(&mut elements), ["1:2", "2:3"]);
        assert_eq!(elements.value_behind("z").expect("memory"), Some(&b"\"end\""[..]));
        assert_eq!(elements.value_behind("z").expect("memory"), None);
        assert_eq!(all(&mut Elements::at(&br#"{"a":{"list":null},"b":2}"#[..], way)), [""; 0]);
        let every = |path: &[String]| match path {
            [a] if a == "a" || a == "b" => Way::Enter,
            [_, list] if list == "list" => Way::List,
            _ => Way::Skip,
        };
        let text =
            r#"{"a":{"list":null,"x":[9]},"c":{"list":[8]},"b":{"list":[1],"y":0,"list":[2,3]},"a":{"list":[4]}}"#;
        let mut elements = Elements::at(text.as_bytes(), every);
        let mut met = vec![(String::new(), all(&mut elements))];
        while elements.further().expect("memory") {
            met.push((elements.path().join("."), all(&mut elements)));
        }
        let met: Vec<String> = met.into_iter().map(|(path, rows)| format!("{path} {}", rows.join(" "))).collect();
        assert_eq!(met, [" ", "b.list 1:1", "b.list 2:2 3:3", "a.list 4:4"]);
        let nothing = all(&mut Elements::at(&br#"{"a":{"x":1},"b":2}"#[..], way));
        assert_eq!(nothing, ["1!expected a list of followers, found only `x`, `b`"]);
    }

    #[test]
    fn empty_texts_and_lists_hold_nothing() {
        for text in ["", " \n", "[]", "[ ]\n", "{\"wanted\":[]}"] {
            assert_eq!(read(text.as_bytes()), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_cut_list_keeps_its_whole_elements() {
        assert_eq!(read(b"[{\"a\":1},{\"b"), ["1:{\"a\":1}", "2!the file ends before the list is closed"]);
        assert_eq!(read(b"[{\"a\":1},"), ["1:{\"a\":1}", "2!the file ends before the list is closed"]);
    }

    #[test]
    fn a_missing_quote_spoils_one_element() {
        let all = read(b"[\n{\"a\":\"x},\n{\"b\":2}},\n{\"c\":3}\n]");
        assert_eq!(all.last().map(String::as_str), Some("2:{\"c\":3}"));
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn what_is_no_list_says_so_once() {
        assert_eq!(read(b"hello"), ["1!expected a JSON list, found no bracket"]);
        assert_eq!(read(b"{\"x\":1}"), ["1!expected a list of followers, found only `x`"]);
        assert_eq!(read(b"[1]{}"), ["1:1", "2!something stands behind the end of the list"]);
        assert_eq!(read(b"[}]"), ["1!a closing bracket without an opening one"]);
        assert_eq!(read(&vec![b'['; 100_000]).len(), 1);
    }

    #[test]
    fn an_enormous_string_is_one_broken_element() {
        let text = format!("[\"{}\",2]", "x".repeat(9 << 20));
        assert_eq!(read(text.as_bytes()), ["1!the element is longer than 4 MiB", "2:2"]);
    }
}

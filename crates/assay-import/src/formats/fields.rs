//! Fields of the JSON rows of exports, as far as they are there and of the kind that is expected.

use crate::elements::{Elements, Next, Way};
use crate::error::ImportError;
use crate::reading::Desk;
use crate::text::Utf8;
use assay_model::TimeMs;
use assay_model::when::{self, Form};
use serde_json::Value;
use std::borrow::Cow;
use std::io::Read;

/// The value at the end of a path of keys.
pub(super) fn at<'a>(row: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(row, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// The text at the end of a path, without white space around it, if there is any.
pub(super) fn text<'a>(row: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(row, path)?.as_str().map(str::trim).filter(|t| !t.is_empty() && !t.contains('\0'))
}

/// An id, which platforms write as text or as a number.
pub(super) fn id<'a>(row: &'a Value, path: &[&str]) -> Option<Cow<'a, str>> {
    match at(row, path)? {
        Value::String(text) => {
            let text = text.trim();
            let fits = !text.is_empty() && text.len() <= 1_000 && !text.contains(char::is_control);
            fits.then_some(Cow::Borrowed(text))
        }
        Value::Number(n) => n.as_u64().map(|n| Cow::Owned(n.to_string())),
        _ => None,
    }
}

/// A count, as a number or as text. Servers hide counts as -1, which is not known.
pub(super) fn count(row: &Value, path: &[&str]) -> Option<u32> {
    let n = match at(row, path)? {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(n) => n.as_i64()?,
        _ => return None,
    };
    u32::try_from(n).ok().filter(|n| *n != u32::MAX)
}

/// A time, as text or in seconds since 1970 (0 where the platform does not know).
///
/// # Errors
/// What was expected and what was found, if there is a value that is no time.
pub(super) fn time(row: &Value, path: &[&str]) -> Result<Option<TimeMs>, String> {
    let key = path.last().copied().unwrap_or_default();
    let wrong = |found: String| format!("expected a time in {key}, found {found}");
    match at(row, path) {
        None => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => {
            let found = when::moment(text.trim()).filter(|m| m.form != Form::Date);
            found.map(|m| Some(m.at)).ok_or_else(|| wrong(crate::error::quote(text)))
        }
        Some(Value::Number(n)) => match n.as_i64().or_else(|| n.as_f64().map(|x| x as i64)) {
            Some(0) => Ok(None),
            seconds => seconds.and_then(when::unix).map(|m| Some(m.at)).ok_or_else(|| wrong(format!("`{n}`"))),
        },
        Some(_) => Err(wrong("another value".to_owned())),
    }
}

/// Hands over the rows of all lists that `way` wants, one by one; broken ones are rejected. `take` hears the keys that lead to
/// the list.
pub(super) fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    way: impl FnMut(&[String]) -> Way,
    mut take: impl FnMut(&mut Desk<'_>, u64, &[String], &Value) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut elements = Elements::at(utf8, way);
    let mut keys: Option<Vec<String>> = None;
    loop {
        match elements.next().map_err(|e| desk.broken(&e))? {
            Next::End => {
                if !elements.further().map_err(|e| desk.broken(&e))? {
                    return Ok(());
                }
                keys = None;
            }
            Next::Broken(index, why) => desk.reject(index, why)?,
            Next::Element(index, bytes) => {
                let row = serde_json::from_slice::<Value>(bytes);
                if keys.is_none() {
                    keys = Some(elements.path().to_vec());
                }
                match row {
                    Ok(row) => take(desk, index, keys.as_deref().unwrap_or_default(), &row)?,
                    Err(e) => desk.reject(index, format!("expected an object, found an error ({e})"))?,
                }
            }
        }
    }
}

/// The way to a bare list, or to the lists under the keys of the object around it that `wanted` holds for.
pub(super) fn lists(wanted: impl Fn(&str) -> bool) -> impl FnMut(&[String]) -> Way {
    move |path| match path {
        [key] if wanted(key) => Way::List,
        _ => Way::Skip,
    }
}

/// A text with the names of characters resolved that HTML guards: `&amp;` is `&`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let named = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Cow::Owned(named.replace("&nbsp;", "\u{a0}").replace("&amp;", "&"))
}

/// What a reader sees of a text with tags: a new line for each paragraph and break.
pub(super) fn visible(html: &str) -> String {
    let mut seen = String::new();
    let mut rest = html;
    while let Some((before, behind)) = rest.split_once('<') {
        seen.push_str(before);
        let Some((tag, after)) = behind.split_once('>') else {
            seen.push('<');
            rest = behind;
            continue;
        };
        let name = tag.trim_end_matches('/').trim().to_ascii_lowercase();
        if name == "br" || name == "/p" {
            seen.push('\n');
        }
        rest = after;
    }
    seen.push_str(rest);
    unescaped(seen.trim()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{count, id, text, time, unescaped, visible};
    use assay_model::TimeMs;
    use serde_json::json;

    #[test]
    fn fields_are_taken_as_they_come_and_otherwise_are_not_there() {
        let row = json!({"a": " x ", "n": "12", "m": -1, "t": 1_720_152_884, "z": 0, "o": {"id": 7_u64}, "e": "", "d": "soon"});
        assert_eq!((text(&row, &["a"]), text(&row, &["e"]), text(&row, &["o", "id"])), (Some("x"), None, None));
        assert_eq!((count(&row, &["n"]), count(&row, &["m"]), count(&row, &["a"])), (Some(12), None, None));
        assert_eq!((id(&row, &["o", "id"]).as_deref(), id(&row, &["e"])), (Some("7"), None));
        assert_eq!(time(&row, &["t"]), Ok(Some(TimeMs(1_720_152_884_000))));
        assert_eq!((time(&row, &["z"]), time(&row, &["none"])), (Ok(None), Ok(None)));
        assert_eq!(time(&row, &["d"]), Err("expected a time in d, found `soon`".to_owned()));
    }

    #[test]
    fn texts_lose_their_tags_and_guards() {
        assert_eq!(unescaped("a &amp; b &lt;3 &amp;lt;"), "a & b <3 &lt;");
        assert_eq!(visible("<p>New <b>blend</b> &amp; more</p><p>x<br/>y</p>"), "New blend & more\nx\ny");
        assert_eq!(visible("1 < 2"), "1 < 2");
    }
}

//! Checks documents against the published schemas, by the keywords that these schemas use. A keyword that is not known here
//! fails the test, so that no rule is passed over in silence. (A whole validator would bring seventy crates.)

use serde_json::Value;

/// Where the document breaks the schema: a path and what is wrong, one a line. Empty if nowhere.
pub(crate) fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, document, "$", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "format" => true,
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                check(root, target, value, path, faults);
                true
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|t| is(value, t)),
                one => is(value, one),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|v| v >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|v| v <= rule.as_f64().unwrap()),
            "pattern" => value.as_str().is_none_or(|v| matches(rule.as_str().unwrap(), v)),
            "required" => value
                .as_object()
                .is_none_or(|o| rule.as_array().unwrap().iter().all(|k| o.contains_key(k.as_str().unwrap()))),
            "properties" => {
                for (key, inner) in value.as_object().into_iter().flatten() {
                    match rule.get(key) {
                        Some(rule) => check(root, rule, inner, &format!("{path}.{key}"), faults),
                        None => faults.push(format!("{path}.{key} is written but not in the schema")),
                    }
                }
                true
            }
            "items" => {
                for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, inner, &format!("{path}[{i}]"), faults);
                }
                true
            }
            "oneOf" => {
                let fits = |one: &&Value| {
                    let mut inner = Vec::new();
                    check(root, one, value, path, &mut inner);
                    inner.is_empty()
                };
                rule.as_array().unwrap().iter().filter(fits).count() == 1
            }
            unknown => panic!("the schema uses `{unknown}`, which this checker does not know"),
        };
        if !holds {
            faults.push(format!("{path} breaks {keyword} {rule}: {value}"));
        }
    }
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        unknown => panic!("the schema uses the type `{unknown}`"),
    }
}

/// The two patterns of the schemas: a hash, and a time in UTC.
fn matches(pattern: &str, text: &str) -> bool {
    if pattern == "^[0-9a-f]{64}$" {
        return text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    }
    assert!(pattern.ends_with("Z$"), "unknown pattern {pattern}");
    text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

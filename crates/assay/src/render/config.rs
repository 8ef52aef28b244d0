//! The settings as JSON.

use crate::config::{Config, Form, Origin, Setting, Stands};
use serde_json::{Value, json};

/// The document `assay.config/1`.
pub fn config_json(config: &Config) -> Value {
    let files: Vec<Value> =
        config.files.iter().map(|(path, found)| json!({"path": path.display().to_string(), "found": found})).collect();
    let unknown: Vec<Value> =
        config.unknown.iter().map(|(name, near)| json!({"variable": name, "nearest_key": near})).collect();
    json!({
        "schema": "assay.config/1",
        "version": env!("CARGO_PKG_VERSION"),
        "settings": config.settings.iter().map(setting).collect::<Vec<_>>(),
        "files": files,
        "unknown_variables": unknown,
    })
}

fn setting(setting: &Setting) -> Value {
    let typed = |text: &String| match setting.key.form {
        Form::Number | Form::Truth => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        Form::Text | Form::Path => Value::from(text.as_str()),
    };
    let origin = match &setting.origin {
        Origin::Flag(name) => json!({"kind": "flag", "name": name}),
        Origin::Variable(name) => json!({"kind": "variable", "name": name}),
        Origin::File { path, line } => json!({"kind": "file", "path": path.display().to_string(), "line": line}),
        Origin::Workspace(path) => json!({"kind": "workspace", "path": path.display().to_string()}),
        Origin::BuiltIn => json!({"kind": "built-in"}),
    };
    json!({
        "key": setting.key.name,
        "value": setting.value.as_ref().map(typed),
        "origin": origin,
        "meaning": setting.key.meaning,
        "variable": (setting.key.stands != Stands::Workspace).then(|| setting.key.variable()),
    })
}

#[cfg(test)]
mod tests {
    use super::config_json;
    use crate::config::{Surroundings, read};
    use crate::render::schema::faults;

    #[test]
    fn the_document_keeps_to_its_schema() {
        let variable = |name: &str| match name {
            "ASSAY_SEED" => Some("7".into()),
            "ASSAY_CONFIDENCE" => Some(".9".into()),
            _ => None,
        };
        let variables = vec!["ASSAY_SEED".to_owned(), "ASSAY_CEED".to_owned()];
        let folder = std::env::temp_dir().join("assay-no-such-folder");
        let config = read(&Surroundings { variable: &variable, variables, folder }).expect("settings");
        let schema = serde_json::from_str(include_str!("../../schemas/config-1.json")).expect("a schema");
        let document = config_json(&config);
        assert_eq!(faults(&schema, &document), Vec::<String>::new());
        let seed = document["settings"].as_array().expect("a list").iter().find(|s| s["key"] == "seed").expect("seed");
        assert_eq!((seed["value"].as_u64(), seed["origin"]["name"].as_str()), (Some(7), Some("ASSAY_SEED")));
        assert_eq!(document["unknown_variables"][0]["nearest_key"], "seed");
    }
}

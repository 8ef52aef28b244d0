use super::{KEYS, Origin, Surroundings, distance, nearest, read};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("assay-config-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("xdg").join("assay")).expect("a folder");
    folder
}

fn with(folder: &Path, variables: &[(&str, &str)]) -> Result<super::Config, super::ConfigProblem> {
    let xdg = folder.join("xdg").display().to_string();
    let mut all: BTreeMap<String, OsString> = BTreeMap::new();
    all.insert("XDG_CONFIG_HOME".to_owned(), xdg.clone().into());
    all.insert("XDG_DATA_HOME".to_owned(), xdg.into());
    all.extend(variables.iter().map(|(k, v)| ((*k).to_owned(), OsString::from(v))));
    let variable = |name: &str| all.get(name).cloned();
    read(&Surroundings { variable: &variable, variables: all.keys().cloned().collect(), folder: folder.to_owned() })
}

#[test]
fn the_first_place_that_names_a_key_wins() {
    let folder = folder("order");
    fs::write(folder.join("xdg/assay/config.toml"), "currency = \"nok\"\nseed = 7\nconfidence = 0.8\n")
        .expect("written");
    fs::write(folder.join("assay.toml"), "# ours\nseed = 8\nno_color = true\nworkspace = \"shop.db\"\n")
        .expect("written");
    let mut config = with(&folder, &[("ASSAY_CONFIDENCE", "0.9")]).expect("settings");
    assert_eq!(config.value("currency"), Some("NOK"));
    assert_eq!((config.value("seed"), config.value("no-color")), (Some("8"), Some("true")));
    assert_eq!(config.get("seed").origin, Origin::File { path: folder.join("assay.toml"), line: 2 });
    assert_eq!(config.get("confidence").origin, Origin::Variable("ASSAY_CONFIDENCE".to_owned()));
    assert_eq!(config.workspace(), Some(folder.join("shop.db")));
    assert_eq!((config.value("zone"), config.set("zone")), (Some("UTC"), None));
    config.overrule("workspace", "--workspace", "other.db".to_owned());
    assert_eq!(config.workspace(), Some(PathBuf::from("other.db")));
    assert_eq!(config.get("workspace").origin.to_string(), "--workspace");
    assert_eq!(config.files.iter().filter(|(_, found)| *found).count(), 2);
}

#[test]
fn the_usual_workspace_lies_with_the_users_data() {
    let folder = folder("usual");
    let config = with(&folder, &[]).expect("settings");
    assert_eq!(config.workspace(), Some(folder.join("xdg/assay/assay.db")));
    assert_eq!(config.get("workspace").origin, Origin::BuiltIn);
    // A relative path there does not count, says the specification.
    let config =
        with(&folder, &[("XDG_DATA_HOME", "here"), ("HOME", &folder.display().to_string())]).expect("settings");
    assert_eq!(config.workspace(), Some(folder.join(".local/share/assay/assay.db")));
    assert_eq!(with(&folder, &[("XDG_DATA_HOME", "here")]).expect("settings").workspace(), None);
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_name() {
    let folder = folder("unknown");
    for (text, near) in [
        ("\ncurency = \"EUR\"", "`currency`"),
        ("\nzones = \"UTC\"", "`zone`"),
        ("\nno-colour = true", "`no-color`"),
        ("\n[workspaces]\na = 1", "`workspace`"),
        ("\nfrobnicate = 1", "lists all keys"),
    ] {
        fs::write(folder.join("assay.toml"), text).expect("written");
        let problem = with(&folder, &[]).expect_err(text);
        assert!(problem.hint.contains(near), "{text}: {problem:?}");
        assert!(problem.message.contains("assay.toml:2"), "{text}: {problem:?}");
    }
    let _ = fs::remove_file(folder.join("assay.toml"));
    let config = with(&folder, &[("ASSAY_CURENCY", "EUR"), ("ASSAYX", "1")]).expect("settings");
    assert_eq!(config.unknown, [("ASSAY_CURENCY".to_owned(), Some("currency"))]);
}

#[test]
fn values_that_do_not_fit_are_refused_with_their_place() {
    let folder = folder("values");
    for text in [
        "currency = \"euro\"",
        "currency = 3",
        "zone = \"Oslo\"",
        "zone = \"+25:00\"",
        "confidence = 1",
        "seed = -1",
        "seed = 1.5",
        "no-color = \"maybe\"",
        "workspace = \"\"",
        "seed = ",
    ] {
        fs::write(folder.join("assay.toml"), text).expect("written");
        let problem = with(&folder, &[]).expect_err(text);
        assert!(problem.message.contains("expected") && problem.message.contains("assay.toml:1"), "{problem:?}");
    }
    for text in ["zone = \"America/Argentina/Buenos_Aires\"", "zone = \"-03:30\"", "no_color = true"] {
        fs::write(folder.join("assay.toml"), text).expect("written");
        with(&folder, &[]).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    }
    fs::write(folder.join("assay.toml"), [0xff, 0xfe, 0]).expect("written");
    assert!(with(&folder, &[]).is_err());
    let problem = with(&self::folder("variable"), &[("ASSAY_SEED", "x")]).expect_err("no number");
    assert!(problem.message.ends_with("found `x` in ASSAY_SEED"), "{problem:?}");
}

#[test]
fn what_is_built_in_passes_its_own_check() {
    for key in KEYS {
        if let Some(value) = key.built_in {
            assert_eq!((key.check)(value).as_deref(), Ok(value), "{}", key.name);
        }
    }
}

#[test]
fn distances_are_those_of_the_literature() {
    assert_eq!((distance("kitten", "sitting"), distance("", "abc"), distance("abc", "abc")), (3, 3, 0));
    assert_eq!(nearest("zzzzzzzzzzzz"), None);
}

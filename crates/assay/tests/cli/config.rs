//! Settings: which place wins, what commands make of them, what is refused.

use crate::program::{Ran, assay, file, folder, people};

fn in_folder(folder: &std::path::Path, arguments: &[&str]) -> Ran {
    assay(arguments).current_dir(folder).env("XDG_CONFIG_HOME", folder).output().expect("the program starts").into()
}

#[test]
fn settings_are_shown_with_their_origins() {
    let folder = folder("config-show");
    file(&folder, "assay.toml", "currency = \"eur\"\n\nseed = 9\n");
    let shown = in_folder(&folder, &["--workspace", "w.db", "config", "show", "--origin"]).stdout;
    let line = |key: &str| shown.lines().find(|l| l.starts_with(key)).unwrap_or_default().to_owned();
    assert!(line("currency").contains("EUR") && line("currency").ends_with("assay.toml:1"), "{shown}");
    assert!(line("seed").ends_with("assay.toml:3") && line("zone").ends_with("built in"), "{shown}");
    assert!(line("workspace").contains("w.db") && line("workspace").ends_with("--workspace"), "{shown}");
    let keys = in_folder(&folder, &["config", "keys"]).stdout;
    assert!(keys.contains("ASSAY_NO_COLOR"), "{keys}");
}

#[test]
fn what_is_set_is_the_default_of_flags() {
    let folder = folder("config-flags");
    let list = file(&folder, "f.csv", &people(80));
    let told = |arguments: &[&str]| {
        let json = in_folder(&folder, &[&["audit", &list, "--format", "json"], arguments].concat()).json();
        (json["seed"].clone(), json["shares"]["in_batches"]["confidence"].clone())
    };
    file(&folder, "assay.toml", "seed = 9\nconfidence = 0.8\n");
    assert_eq!(told(&[]), (9.into(), 0.8.into()));
    assert_eq!(told(&["--seed", "3"]), (3.into(), 0.8.into()));
    let orders = "order_id,customer_id,ordered_at,total\n1,ann,2026-01-01 00:30,50.00\n2,bob,2026-01-02 10:00,30.00\n";
    let orders = file(&folder, "o.csv", orders);
    file(&folder, "assay.toml", "currency = \"nok\"\nzone = \"Europe/Oslo\"\n");
    let json = in_folder(&folder, &["metrics", &orders, "--format", "json"]).json();
    let revenue = json["metrics"].as_array().expect("metrics").iter().find(|m| m["id"] == "revenue").expect("a metric");
    assert_eq!(revenue["currency"], "NOK", "{revenue}");
    assert!(json["window"]["from"].as_str().is_some_and(|from| from.starts_with("2025-12-31")), "{}", json["window"]);
}

#[test]
fn a_fault_in_a_file_of_settings_ends_with_2_but_not_help() {
    let folder = folder("config-fault");
    file(&folder, "assay.toml", "\nsed = 9\n");
    let ran = in_folder(&folder, &["channels"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("`sed`") && ran.stderr.contains("assay.toml:2"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: did you mean `seed`?"), "{}", ran.stderr);
    assert_eq!(in_folder(&folder, &["--help"]).code, 0);
}

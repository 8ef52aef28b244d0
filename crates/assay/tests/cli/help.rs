//! What the program says of itself.

use crate::program::{done, run};

const COMMANDS: &[&str] = &[
    "audit",
    "rings",
    "graph",
    "reach",
    "ltv",
    "metrics",
    "experiment",
    "demo",
    "formats",
    "channels",
    "config",
    "people",
    "retain",
    "workspaces",
    "completions",
    "man",
];

#[test]
fn every_command_has_help_with_an_example() {
    for command in COMMANDS {
        let help = done(&[command, "--help"]);
        assert!(
            help.stdout.contains("Example") && help.stdout.contains(&format!("assay {command}")),
            "{}",
            help.stdout
        );
        assert_eq!(help.stderr, "");
        assert!(help.stdout.lines().all(|line| line.chars().count() <= 100), "{}", help.stdout);
    }
}

/// The help as it was read and accepted. After a change: read what differs, then copy the new text into the file.
#[test]
fn help_is_as_accepted() {
    for (accepted, arguments) in
        [(include_str!("help/assay.txt"), &["--help"][..]), (include_str!("help/audit.txt"), &["audit", "--help"])]
    {
        let now = done(arguments).stdout;
        assert!(now == accepted, "the help changed; it is now:\n{now}");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_leaves_stdout_empty() {
    for arguments in
        [&["rings"][..], &["moon"], &["audit", "x", "--confidence", "1.5"], &["audit", "x", "--format", "pdf"]]
    {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
    assert_eq!(run(&[]).code, 2);
}

#[test]
fn lists_come_as_text_and_json() {
    for (list, key, one) in [("channels", "channels", "follow-order"), ("formats", "formats", "table")] {
        assert!(done(&[list]).stdout.contains(one));
        let said = done(&[list, "--format", "json"]).json();
        let ids: Vec<_> = said[key].as_array().expect("a list").iter().map(|row| row["id"].clone()).collect();
        assert!(ids.contains(&one.into()), "{ids:?}");
    }
}

#[test]
fn shells_and_manuals_are_served() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(done(&["completions", shell]).stdout.contains("assay"));
    }
    assert!(done(&["man"]).stdout.contains(".TH"));
    assert!(done(&["--version"]).stdout.starts_with("assay "));
}

//! ^C ends long work cleanly.

use crate::program::{assay, folder};
use std::fs;
use std::process::{Command, Stdio};

/// A page so large that the signal comes long before its end.
#[test]
fn an_interrupted_command_ends_with_130_and_leaves_nothing() {
    let folder = folder("interrupt");
    let out = folder.join("large.csv");
    let mut child = assay(&["synth", "followers", "--followers", "9000000", "--out", out.to_str().expect("UTF-8")])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Writing has begun when something stands in the folder.
    while fs::read_dir(&folder).expect("listed").next().is_none() {
        assert!(child.try_wait().expect("asked").is_none(), "the program ended before it wrote");
        std::thread::yield_now();
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: interrupted"));
    assert_eq!(fs::read_dir(&folder).expect("listed").count(), 0, "something was left");
}

//! Runs the built program and makes the files that it reads.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for one test, empty at its start.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// The program, with nothing of the surroundings that could change what it says.
pub(crate) fn assay(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("COLUMNS").stdin(Stdio::null());
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("ASSAY_"));
    for name in ours {
        command.env_remove(name);
    }
    let nobody = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nobody");
    command.env("XDG_CONFIG_HOME", &nobody).env("XDG_DATA_HOME", &nobody);
    command
}

/// What the program did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// What it wrote to stdout, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert!(self.stdout.starts_with('{'), "expected JSON, found {:?}; stderr: {}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON")
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    assay(arguments).output().expect("the program starts").into()
}

/// Runs the program, which must end well.
pub(crate) fn done(arguments: &[&str]) -> Ran {
    let ran = run(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    ran
}

/// A follower table of `n` people in follow order, one every few hours, whose accounts have all ages.
pub(crate) fn people(n: usize) -> String {
    let mut table = String::from("account_id,handle,follow_rank,followed_at,created_at,followers,following,posts\n");
    for i in 0..n {
        // A multiplicative generator modulo a prime: every row differs, and every run is the same.
        let draw = |k: u64| (i as u64 * 48_271 + k * 69_621 + 12_345) * 16_807 % 2_147_483_647;
        let (day, year, month) = (1 + i % 28, 2012 + draw(1) % 9, 1 + draw(2) % 12);
        let (at_year, at_month) = (2021 + i / 336, 1 + i / 28 % 12);
        let _ = writeln!(
            table,
            "{:x},person_{i},{i},{at_year}-{at_month:02}-{day:02}T{:02}:00:00Z,{year}-{month:02}-{:02}T08:{:02}:00Z,{},{},{}",
            draw(3) + 1_000_000 * i as u64,
            draw(4) % 24,
            1 + draw(5) % 28,
            draw(6) % 60,
            draw(7) % 900,
            20 + draw(8) % 700,
            draw(9) % 2_000,
        );
    }
    table
}

/// Writes a file and returns its path as text.
pub(crate) fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("the file is written");
    path.to_str().expect("a path in UTF-8").to_owned()
}

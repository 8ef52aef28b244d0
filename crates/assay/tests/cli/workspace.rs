//! The workspace from outside: what the commands say, and that a crash, a kill and a full disk leave it whole.
//!
//! `ASSAY_KILLS=500 ASSAY_ROWS=200000 cargo test --release -p assay --test cli workspace` runs the long form.

use crate::program::{Ran, assay, done, file, folder, people, run};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn orders(from: usize, to: usize, total: &str) -> String {
    let mut table = String::from("order_id,customer_id,ordered_at,total,currency\n");
    for i in from..to {
        let day = 1 + i % 28;
        let _ = writeln!(table, "{i},c{},2026-{:02}-{day:02}T10:00:00Z,{total},EUR", i % 97, 1 + i / 28 % 12);
    }
    table
}

/// Everything that could be half there, as one text.
fn state(workspace: &str) -> String {
    let question = "SELECT (SELECT group_concat(integrity_check) FROM pragma_integrity_check), (SELECT count(*) FROM imports), \
                    (SELECT count(*) FROM files), (SELECT count(*) FROM followers), (SELECT count(*) FROM follow), \
                    (SELECT count(*) || ' ' || sum(total_minor) FROM orders), (SELECT count(*) FROM sale), \
                    (SELECT count(*) FROM sale_key), (SELECT count(*) FROM rejects), (SELECT max(rank) FROM file)";
    done(&["sql", question, "--format", "csv", "--workspace", workspace]).stdout
}

#[test]
fn files_go_in_are_asked_and_are_taken_back() {
    let folder = folder("workspace_files_go_in");
    let workspace = folder.join("w.db").display().to_string();
    let table = file(&folder, "orders.csv", &orders(0, 20, "12.50"));
    let list = file(&folder, "list.csv", &people(30));
    let with = |arguments: &[&str]| -> Ran {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--workspace", &workspace]).collect();
        done(&arguments)
    };
    let dry = with(&["import", &table, &list, "--dry-run"]).stdout;
    assert!(dry.contains("orders 20") && dry.contains("nothing was kept"), "{dry}");
    assert!(!Path::new(&workspace).exists(), "a dry run keeps nothing");
    let said = with(&["import", &table, &list, "--format", "json"]).json();
    assert_eq!((said["schema"].as_str(), said["import_id"].as_i64()), (Some("assay.import/1"), Some(1)));
    assert_eq!((said["n_facts"]["orders"].as_i64(), said["n_facts"]["followers"].as_i64()), (Some(20), Some(30)));
    let again = with(&["import", &list, &table]).stdout;
    assert!(again.contains("in the workspace already (import 1)") && again.contains("Nothing new"), "{again}");
    let newer = file(&folder, "newer.csv", &orders(10, 30, "10.00"));
    with(&["import", &newer]);
    let sum = || with(&["sql", "SELECT sum(total_minor) AS sum FROM orders", "--format", "csv"]).stdout;
    assert_eq!(sum(), "sum\n32500\n");
    with(&["undo", "2"]);
    assert_eq!(sum(), "sum\n25000\n");
    let imports = with(&["imports", "--format", "json"]).json();
    assert!(imports["imports"][1]["undone_at"].is_string(), "{imports}");
    let csv = with(&["export", "orders"]).stdout;
    assert!(csv.starts_with("order_id,customer_id,ordered_at,total_minor,total,currency") && csv.lines().count() == 21);
    assert_eq!(with(&["export", "orders", "--format", "json"]).json()["n_rows"], 20);
    for (format, magic) in [("parquet", &b"PAR1"[..]), ("xlsx", b"PK")] {
        let out = folder.join(format!("orders.{format}"));
        with(&["export", "orders", "--format", format, "--out", out.to_str().expect("UTF-8")]);
        assert!(fs::read(out).expect("a file").starts_with(magic), "{format}");
    }
    assert_eq!(run(&["export", "sale", "--workspace", &workspace]).code, 2, "a table is no view");
    with(&["forget", "@person_3"]);
    let left = with(&["sql", "SELECT count(*) AS n FROM followers WHERE handle = 'person_3'", "--format", "csv"]);
    assert_eq!(left.stdout, "n\n0\n");
    for (question, expected) in [
        ("DELETE FROM sale", "only reads"),
        ("ATTACH 'x.db' AS x", "only reads"),
        ("PRAGMA query_only = 0", "only reads"),
        ("SELECT 1; SELECT 2", "one question"),
        ("SELECT colour FROM orders", "no such column"),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", "given up"),
    ] {
        let ran = run(&["sql", question, "--timeout", "1", "--workspace", &workspace]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{question}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{question}: {}", ran.stderr);
    }
    assert_eq!(run(&["imports", "--workspace", &folder.join("none.db").display().to_string()]).code, 1);
    fs::remove_file(format!("{workspace}.key")).expect("the key");
    let lost = run(&["import", &newer, "--workspace", &workspace]);
    assert!(lost.code == 1 && lost.stderr.contains("key"), "{}", lost.stderr);
}

/// A workspace with something in it, what is to come, and the states before and after.
struct Trial {
    folder: std::path::PathBuf,
    coming: [String; 2],
    states: [String; 2],
}

impl Trial {
    fn new(name: &str) -> Self {
        let folder = folder(name);
        let n = setting("ASSAY_ROWS", 4_000);
        let base = folder.join("base.db").display().to_string();
        let first = file(&folder, "first.csv", &orders(0, n / 2, "12.50"));
        let list = file(&folder, "list.csv", &people(n / 2));
        done(&["import", &first, &list, "--workspace", &base]);
        let coming =
            [file(&folder, "coming.csv", &orders(n / 4, n, "10.00")), file(&folder, "coming_list.csv", &people(n))];
        let mut trial = Self { folder, coming, states: [String::new(), String::new()] };
        let whole = trial.fresh();
        trial.states[0] = state(&whole);
        done(&["import", &trial.coming[0], &trial.coming[1], "--workspace", &whole]);
        trial.states[1] = state(&whole);
        assert!(trial.states[0] != trial.states[1] && trial.states.iter().all(|s| s.contains("\nok,")));
        trial
    }

    /// A workspace as it was before.
    fn fresh(&self) -> String {
        let workspace = self.folder.join("w.db");
        for end in ["", ".key", "-wal", "-shm"] {
            let _ = fs::remove_file(self.folder.join(format!("w.db{end}")));
            let _ = fs::copy(self.folder.join(format!("base.db{end}")), self.folder.join(format!("w.db{end}")));
        }
        workspace.display().to_string()
    }

    /// Whether the import is there; it is there or not, and nothing between.
    fn is_there(&self, workspace: &str, what: &str) -> bool {
        let now = state(workspace);
        assert!(self.states.contains(&now), "{what}: {now} is neither {} nor {}", self.states[0], self.states[1]);
        now == self.states[1]
    }
}

#[test]
#[cfg(unix)]
fn a_kill_at_any_moment_leaves_the_workspace_before_the_import_or_after_it() {
    let trial = Trial::new("workspace_kill");
    // The moments are counted in looks at whether it still runs: the first run tells how many there are.
    let import = |kill_at: Option<usize>| {
        let workspace = trial.fresh();
        let mut child = assay(&["import", &trial.coming[0], &trial.coming[1], "--workspace", &workspace])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut looks = 0;
        while child.try_wait().expect("asked").is_none() && kill_at.is_none_or(|at| looks < at) {
            looks += 1;
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().expect("it ends");
        (workspace, looks)
    };
    let (_, looks) = import(None);
    let (mut draw, mut n_there) = (12_345_u64, 0);
    let n = setting("ASSAY_KILLS", 12);
    for _ in 0..n {
        draw = draw * 48_271 % 2_147_483_647;
        // Every other moment is drawn evenly over the powers of two, so that some are early however slow the first run was.
        let most = if draw.is_multiple_of(2) { looks } else { 1 << (draw as usize / 2 % (looks.ilog2() as usize + 1)) };
        let at = draw as usize % most;
        let (workspace, _) = import(Some(at));
        n_there += usize::from(trial.is_there(&workspace, &format!("killed at look {at} of {looks}")));
        // What was killed can be done again.
        if draw.is_multiple_of(4) {
            done(&["import", &trial.coming[0], &trial.coming[1], "--workspace", &workspace]);
            assert!(trial.is_there(&workspace, "done again"));
        }
    }
    assert!(n_there < n, "all {n} kills came too late to tell anything");
}

#[test]
#[cfg(unix)]
fn a_disk_that_takes_no_more_leaves_the_workspace_as_it_was() {
    let trial = Trial::new("workspace_full");
    let mut n_failed = 0;
    // Blocks of 512 bytes that a file may have; a write beyond fails as on a full disk, one after the other.
    let size = fs::metadata(trial.folder.join("base.db")).expect("a workspace").len() / 512;
    let steps = setting("ASSAY_KILLS", 12) as u64;
    for step in 0..steps {
        let workspace = trial.fresh();
        let blocks = step * size * 3 / steps;
        let program = assay(&[]).get_program().to_owned();
        let ended = Command::new("sh")
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")])
            .arg(program)
            .args(["import", &trial.coming[0], &trial.coming[1], "--workspace", &workspace])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let is_there = trial.is_there(&workspace, &format!("{blocks} blocks: {said}"));
        if ended.status.success() {
            assert!(is_there, "{blocks} blocks: done, and not there");
        } else {
            n_failed += 1;
            assert!(!is_there && said.starts_with("error: ") && said.contains("hint: "), "{blocks} blocks: {said}");
        }
    }
    assert!(n_failed > 0, "no write failed");
}

/// A file system in memory of so many bytes, mounted in a folder; gone when this is dropped.
#[cfg(target_os = "linux")]
struct SmallDisk(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(folder: &Path, bytes: u64) -> Option<Self> {
        fs::create_dir_all(folder).ok()?;
        let size = format!("size={bytes}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "assay-test"]).arg(folder).output().ok()?;
        mounted.status.success().then(|| Self(folder.to_owned()))
    }

    fn resize(&self, bytes: u64) {
        let size = format!("remount,size={bytes}");
        let done = Command::new("mount").args(["-o", &size]).arg(&self.0).status().expect("mount");
        assert!(done.success(), "the disk cannot be made larger");
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so, and how often the disk was full")]
fn a_disk_that_is_full_leaves_the_workspace_as_it_was_and_room_lets_it_go_on() {
    let trial = Trial::new("workspace_no_room");
    let ends = ["", ".key", "-wal", "-shm"];
    let size = fs::metadata(trial.folder.join("base.db")).expect("a workspace").len();
    let steps = setting("ASSAY_KILLS", 12) as u64;
    let (mut n_failed, mut n_done) = (0, 0);
    for step in 0..steps {
        // From no room at all to more than the import takes.
        let bytes = size + (64 << 10) + step * size * 4 / steps;
        let place = trial.folder.join("disk");
        let Some(disk) = SmallDisk::mount(&place, bytes) else {
            eprintln!("skipped: a small disk cannot be mounted here (it takes root)");
            return;
        };
        trial.fresh();
        for end in ends {
            let _ = fs::copy(trial.folder.join(format!("w.db{end}")), place.join(format!("w.db{end}")));
        }
        let on_disk = place.join("w.db").display().to_string();
        let ran = run(&["import", &trial.coming[0], &trial.coming[1], "--workspace", &on_disk]);
        // Looked at elsewhere: a full disk has no room for readers either.
        for end in ends {
            let copy = trial.folder.join(format!("seen.db{end}"));
            let _ = fs::remove_file(&copy);
            let _ = fs::copy(place.join(format!("w.db{end}")), copy);
        }
        let seen = trial.folder.join("seen.db").display().to_string();
        let is_there = trial.is_there(&seen, &format!("a disk of {bytes} bytes: {}", ran.stderr));
        if ran.code == 0 {
            n_done += 1;
            assert!(is_there, "{bytes} bytes: done, and not there");
        } else {
            n_failed += 1;
            assert!(!is_there && ran.code == 1, "{bytes} bytes: {}", ran.stderr);
            assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("hint: "), "{}", ran.stderr);
        }
        disk.resize(size * 8 + (8 << 20));
        done(&["import", &trial.coming[0], &trial.coming[1], "--workspace", &on_disk]);
        assert!(trial.is_there(&on_disk, "done again with room"));
    }
    eprintln!("{steps} disks: {n_failed} imports found no room, {n_done} did");
    assert!(n_failed > 0 && n_done > 0, "{n_failed} of {steps} imports found no room");
}

//! Made graphs.

use crate::program::{done, folder, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

#[test]
fn a_made_graph_holds_its_rings_and_the_seed_decides_it() {
    let folder = folder("synth_graph");
    let truth = folder.join("truth.csv");
    let truth = truth.to_str().expect("UTF-8");
    let arguments = |seed| {
        let shape =
            "synth graph --edges 2e4 --rings 2 --ring-sources 30 --ring-targets 20 --density 0.5 --times --truth";
        let shape = shape.split(' ').chain([truth, "--seed", seed]).collect::<Vec<_>>();
        done(&shape).stdout
    };
    let table = arguments("3");
    assert_eq!(table, arguments("3"));
    assert_ne!(table, arguments("4"));
    let table = arguments("3");
    assert!(table.starts_with("source,target,at\n"));
    assert_eq!(table.lines().count(), 1 + 20_000 + 2 * 30 * 10);
    let mut members: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
    let truth = fs::read_to_string(truth).expect("the truth");
    for line in truth.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        members.entry(cells[0]).or_default().insert((cells[2], cells[1]));
    }
    assert_eq!(members.keys().copied().collect::<Vec<_>>(), ["1", "2"]);
    let ring = &members["1"];
    let edges: BTreeSet<(&str, &str)> = table
        .lines()
        .filter_map(|line| line.split_once(',').and_then(|(s, rest)| Some((s, rest.split_once(',')?.0))))
        .filter(|(s, t)| ring.contains(&("source", *s)) && ring.contains(&("target", *t)))
        .collect();
    assert_eq!(edges.len(), 300);
}

#[test]
fn a_graph_is_written_whole_or_not_at_all() {
    let folder = folder("synth_graph_files");
    let out = folder.join("g.parquet");
    let path = out.to_str().expect("UTF-8");
    done(&["synth", "graph", "--edges", "1000", "--out", path]);
    let bytes = fs::read(&out).expect("the graph");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    for wrong in [&["--density", "2", "--rings", "1"][..], &["--edges", "many"], &["--truth", path]] {
        let ran = run(&[&["synth", "graph", "--out", path], wrong].concat());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
    }
    let left: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
    assert_eq!(left.len(), 1);
    assert_eq!(fs::read(&out).expect("the graph"), bytes);
}

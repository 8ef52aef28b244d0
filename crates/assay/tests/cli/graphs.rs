//! Made graphs, packed graphs, and tables of edges in general.

use crate::program::{done, file, folder, run};
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

#[test]
fn a_packed_graph_answers_as_its_table_does() {
    let folder = folder("packed_graph");
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let (table, packed) = (path("g.csv"), path("g.assaygraph"));
    let shape = "synth graph --edges 2e4 --sources 4000 --targets 2000 --rings 1 --ring-sources 60 --ring-targets 40 --times --out";
    done(&shape.split(' ').chain([&*table]).collect::<Vec<_>>());
    let said = done(&["graph", "pack", &table, "--out", &packed]);
    assert!(said.stdout.is_empty() && said.stderr.contains("packed "), "{}", said.stderr);
    let answer = |from: &str| done(&["rings", from, "--format", "json"]).json();
    let (of_table, of_packed) = (answer(&table), answer(&packed));
    assert_eq!(of_table, of_packed);
    assert_eq!(of_packed["rings"].as_array().map(Vec::len), Some(1));
    let info = done(&["graph", "info", &packed, "--format", "json"]).json();
    assert_eq!((&info["edges"], &info["timed"]), (&of_packed["edges"], &true.into()));
    assert!(done(&["graph", "info", &packed]).stdout.contains(" edges with times, "));

    let bytes = fs::read(&packed).expect("the packed graph");
    for cut in [0, 10, 4_096, bytes.len() - 1] {
        fs::write(&packed, &bytes[..cut]).expect("written");
        for command in [&["graph", "info", &packed][..], &["rings", &packed]] {
            let ran = run(command);
            assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{cut}");
            assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("hint: "), "{}", ran.stderr);
        }
    }
    fs::write(&packed, &bytes).expect("written");
    assert_eq!(run(&["rings", &packed, &table]).code, 2);
    assert_eq!(run(&["graph", "pack", &table, "--out", &table]).code, 2);
    assert_eq!(run(&["graph", "pack", &table, "--out", "-"]).code, 2);
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 2);
}

#[test]
fn rows_that_cannot_be_read_are_told_by_file_and_line() {
    let folder = folder("broken_edges");
    let table = file(&folder, "e.csv", "follower,followee,when\na,b,2024-05-01\n,b,\nc,d,soon\n");
    let out = folder.join("g.assaygraph");
    let out = out.to_str().expect("UTF-8");
    let ran = run(&["graph", "pack", &table, "--out", out, "--strict"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("packed 1 edges of 3 rows"), "{}", ran.stderr);
    assert!(ran.stderr.contains("e.csv:3: no source") && ran.stderr.contains("e.csv:4: column `at`"), "{}", ran.stderr);
    let refused = run(&["graph", "pack", &table, "--out", out, "--memory", "1MB"]);
    assert_eq!(refused.code, 0, "a small table fits: {}", refused.stderr);
    let large = run(&["graph", "pack", &table, "--out", out, "--memory", "1"]);
    assert_eq!(large.code, 1, "{}", large.stderr);
    assert!(large.stderr.contains("of memory for"), "{}", large.stderr);
}

#[test]
fn weights_that_nothing_uses_are_counted_and_said() {
    let folder = folder("weighted_edges");
    let table = file(&folder, "e.csv", "source,target,weight\na,x,2\nb,x,1\nb,y,0.5\nc,y,\n");
    let out = folder.join("g.assaygraph");
    let out = out.to_str().expect("UTF-8");
    let packed = done(&["graph", "pack", &table, "--out", out]);
    assert!(packed.stderr.contains("2 of 4 rows have a weight other than 1"), "{}", packed.stderr);
    for input in [&*table, out] {
        let said = done(&["rings", input, "--format", "json"]).json();
        let warnings = said["warnings"].as_array().expect("warnings").clone();
        let told = warnings.iter().find(|w| w["id"] == "weights-unused").expect("a warning");
        assert!(told["text"].as_str().is_some_and(|text| text.contains("weights are not used")), "{told}");
        assert!(done(&["rings", input]).stdout.contains("weights are not used"));
    }
    let plain = file(&folder, "plain.csv", "source,target,weight\na,x,1\nb,x,1\n");
    let said = done(&["rings", &plain, "--format", "json"]).json();
    assert!(!said["warnings"].to_string().contains("weight"), "{}", said["warnings"]);
}

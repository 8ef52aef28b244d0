//! Inputs that mean harm, or that are merely broken: a clear error or counted rejects, in bounded memory, never a panic.

use crate::samples::{bundle, control, run, run_files, run_plan, zipped};
use crate::{Bundle, IMPORTERS, Limits, detect, detect_as};
use std::io::Write as _;

/// A small generator of test bytes (Marsaglia 2003, xorshift64).
struct Bytes(u64);

impl Bytes {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Changes a few bytes: one flipped, one set to something that means something, a stretch lost or doubled.
fn mutate(bytes: &mut Vec<u8>, random: &mut Bytes) {
    const TELLING: &[u8] = b"\"'[]{},:;\\\n\r\t\0\xff\xc3e-+0<>/&";
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = TELLING[random.below(TELLING.len())],
            2 => bytes.insert(at, TELLING[random.below(TELLING.len())]),
            3 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
            _ => {
                let part = bytes[at..(at + random.below(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
}

#[test]
fn random_damage_is_reported_and_does_not_panic() {
    for importer in IMPORTERS {
        for seed in 1..=600 {
            let mut random = Bytes(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15));
            let mut files: Vec<(String, Vec<u8>)> =
                importer.control.files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
            let n = random.below(files.len());
            mutate(&mut files[n].1, &mut random);
            let Ok(files) = Bundle::from_memory(files, &Limits::default()) else { continue };
            for plan in [detect(&files), detect_as(&files, importer)].into_iter().flatten() {
                // The ledger is checked inside; the seed tells itself if it does not hold.
                let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run_plan(&files, &plan).is_ok()));
                assert!(ran.is_ok(), "{}, seed {seed}", importer.id);
            }
        }
        for seed in 1..=200 {
            let mut zip = control(importer);
            mutate(&mut zip, &mut Bytes(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15)));
            if let Ok(files) = bundle(&[("export.zip", &zip)]) {
                let _ = run(&files);
            }
        }
    }
}

/// What reading these files fails with, checked for its form.
fn error(files: &[(&str, &[u8])]) -> String {
    let error = run_files(files).expect_err("an error").to_string();
    let (first, hint) = error.split_once("\nhint: ").expect("a hint");
    assert!(first.starts_with("expected ") && !first.ends_with('.') && !hint.ends_with('.'), "{error}");
    error
}

#[test]
fn a_bomb_is_an_error() {
    let zeros = vec![b' '; 40 << 20];
    let mut list = b"window.YTD.follower.part0 = [".to_vec();
    list.extend(&zeros);
    let bomb = zipped(&[("data/follower.js", &list)]);
    assert!(bomb.len() < 100_000);
    let found = error(&[("archive.zip", &bomb)]);
    assert!(found.contains("zip bomb"), "{found}");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(b"handle,bio\nanna,").and_then(|()| gz.write_all(&zeros)).expect("memory");
    let found = error(&[("a.csv.gz", &gz.finish().expect("memory"))]);
    assert!(found.contains("zip bomb"), "{found}");
}

#[test]
fn a_member_beyond_the_limit_is_an_error() {
    let limits = Limits { unpacked_bytes_max: 1_000, ..Limits::default() };
    let table = format!("handle\n{}", "user\n".repeat(500));
    let zip = zipped(&[("a.csv", table.as_bytes())]);
    let files = Bundle::from_memory(vec![("a.zip".to_owned(), zip)], &limits).expect("a zip");
    let found = run(&files).expect_err("too much").to_string();
    assert!(found.starts_with("expected a packed file of at most 1000 bytes"), "{found}");
    // The same bytes, with a header that lies about their number.
    let mut zip = zipped(&[("a.csv", table.as_bytes())]);
    let size = (table.len() as u32).to_le_bytes();
    let places: Vec<usize> = (0..zip.len() - 4).filter(|i| zip[*i..*i + 4] == size).collect();
    for at in places {
        zip[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    let files = Bundle::from_memory(vec![("a.zip".to_owned(), zip)], &limits).expect("a zip");
    assert!(run(&files).is_err());
}

#[test]
fn members_that_lead_outside_are_an_error() {
    for name in
        ["../followers_1.json", "a/../../followers_1.json", "/etc/followers_1.json", "C:\\followers_1.json", "..\\x"]
    {
        let mut zip = zipped(&[("########################", b"[]"), ("followers_1.json", b"[]")]);
        let to = format!("{name:#<24}");
        let places: Vec<usize> = (0..zip.len() - 24).filter(|i| zip[*i..*i + 24] == [b'#'; 24]).collect();
        for at in places {
            zip[at..at + 24].copy_from_slice(to.as_bytes());
        }
        let found = error(&[("a.zip", &zip)]);
        assert!(found.contains("leads outside"), "{found}");
    }
}

#[test]
fn locked_cut_and_foreign_archives_say_what_they_are() {
    let mut zip = zipped(&[("followers_1.json", b"[]")]);
    let directory = zip.windows(4).position(|w| w == b"PK\x01\x02").expect("a directory");
    zip[6] |= 1;
    zip[directory + 8] |= 1;
    assert!(error(&[("a.zip", &zip)]).contains("password"));
    let zip = zipped(&[("followers_1.json", b"[]")]);
    assert!(error(&[("a.zip", &zip[..zip.len() - 10])]).contains("damaged"));
    let workbook = zipped(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")]);
    assert!(error(&[("followers.xlsx", &workbook)]).contains("save the sheet as CSV"));
    let nested = zipped(&[("followers.zip", &zip)]);
    assert!(error(&[("a.zip", &nested)]).contains("zip inside the zip"));
    let mut spoilt = zipped(&[("a.csv", b"handle\nanna\nbenno\n")]);
    let at =
        spoilt.windows(5).position(|w| w == b"PK\x01\x02\x14" || w.starts_with(b"PK\x01\x02")).expect("a directory");
    spoilt[at + 16] ^= 0xff;
    assert!(error(&[("a.zip", &spoilt)]).contains("expected"));
}

#[test]
fn an_archive_that_announces_too_many_members_is_not_listed() {
    let limits = Limits { members_max: 10, ..Limits::default() };
    let names: Vec<String> = (0..20).map(|i| format!("f{i}")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b"x"[..])).collect();
    let opened = Bundle::from_memory(vec![("a.zip".to_owned(), zipped(&members))], &limits);
    assert!(opened.is_err_and(|e| e.to_string().contains("at most 10 members")));
}

#[test]
fn deep_json_costs_neither_stack_nor_more_than_its_row() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let instagram = "{\"string_list_data\":[{\"value\":\"anna\"}]}";
    for (name, sound, key) in [("followers_1.json", instagram, "title"), ("a.json", "{\"handle\":\"anna\"}", "handle")]
    {
        let beside = sound.replace("anna", "ben").replacen('{', &format!("{{\"x\":{deep},"), 1);
        let kept = run_files(&[(name, format!("[{sound},{beside}]").as_bytes())]).expect("a list");
        assert_eq!((kept.follows.len(), kept.rejects.len()), (2, 0), "{name}: {:?}", kept.rejects);
        let inside = format!("[{sound},{{\"{key}\":{deep}}}]");
        let kept = run_files(&[(name, inside.as_bytes())]).expect("a list");
        assert_eq!((kept.follows.len(), kept.rejects.len()), (1, 1), "{name}");
    }
    let unclosed = format!("[{{\"string_list_data\":{}", "[".repeat(100_000));
    let kept = run_files(&[("followers_1.json", unclosed.as_bytes())]).expect("a list");
    assert_eq!((kept.follows.len(), kept.rejects.len()), (0, 1));
}

#[test]
fn invalid_text_spoils_its_row_alone() {
    let kept = run_files(&[(
        "followers_1.json",
        b"[{\"string_list_data\":[{\"value\":\"an\xff\xfena\",\"timestamp\":1720152884}]},{\"string_list_data\":[{\"value\":\"ben\"}]}]",
    )])
    .expect("a list");
    assert_eq!((kept.follows.len(), kept.rejects.len()), (1, 1));
    let kept = run_files(&[("a.csv", b"handle,display_name\nanna,x\0y\nbenno,Andr\xe9\ncleo\ndora,a,b\n,\nemil,z\n")])
        .expect("a table");
    assert_eq!(kept.follows.iter().map(|f| f.handle.as_str()).collect::<Vec<_>>(), ["benno", "emil"]);
    assert_eq!(kept.follows[0].display_name, "André");
    assert_eq!(
        kept.rejects.iter().map(|r| (r.line, r.why.as_str())).collect::<Vec<_>>(),
        [
            (2, "column `display_name`: expected text, found a NUL character"),
            (4, "expected 2 cells, found 1"),
            (5, "expected 2 cells, found 3"),
            (6, "every known column is empty"),
        ]
    );
}

#[test]
fn empty_files_and_lists_are_no_followers_and_no_error() {
    for (name, bytes) in [
        ("followers_1.json", &b"[]"[..]),
        ("followers_1.json", b""),
        ("followers_1.json", b"{\"relationships_followers\":[]}"),
        ("follower.js", b"window.YTD.follower.part0 = []"),
        ("follower.js", b""),
        ("Follower.txt", b""),
        ("user_data_tiktok.json", b"{\"Activity\":{\"Follower List\":{\"FansList\":null}}}"),
        ("your_friends.json", b"{\"friends_v2\":[]}"),
        ("page.json", b"{\"followers\":[],\"subject\":{\"did\":\"did:plc:x\",\"handle\":\"x.example\"}}"),
        ("Connections.csv", b"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"),
        ("a.csv", b"handle,followed_at\n"),
        ("a.csv", b""),
        ("a.json", b"[]"),
        ("a.jsonl", b"\n"),
    ] {
        let kept = run_files(&[(name, bytes)]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((kept.follows.len(), kept.rejects.len()), (0, 0), "{name}");
    }
}

#[test]
fn damaged_parquet_is_an_error() {
    let found = error(&[("a.parquet", b"PAR1 nothing of the kind PAR1")]);
    assert!(found.contains("Parquet"), "{found}");
    let found = error(&[("a.parquet", b"PAR1")]);
    assert!(found.contains("Parquet"), "{found}");
}

#[cfg(unix)]
mod links {
    use crate::{Bundle, Limits};
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_to_folders_are_not_followed_and_pipes_not_opened() {
        let folder = std::env::temp_dir().join(format!("assay-import-links-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("data")).expect("a folder");
        fs::write(folder.join("data/a.csv"), "handle\nanna\n").expect("a file");
        symlink(&folder, folder.join("data/loop")).expect("a link");
        symlink("nowhere", folder.join("data/dangling")).expect("a link");
        let files = Bundle::open(&[&folder], &Limits::default()).expect("a folder");
        assert_eq!(files.members().iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["data/a.csv"]);
        assert!(files.notes[0].contains("was not followed"));
        let twice =
            Bundle::open(&[folder.join("data/a.csv"), folder.join("data/a.csv")], &Limits::default()).expect("a file");
        assert_eq!(twice.members().len(), 1);
        assert!(Bundle::open(&[std::path::Path::new("/dev/null")], &Limits::default()).is_err());
        let _ = fs::remove_dir_all(&folder);
    }
}

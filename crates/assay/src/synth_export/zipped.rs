//! Exports that come as a zip: the archive of X and the export of Instagram, each as the platform lays it out.

use super::Written;
use super::table::{civil, each_listed};
use assay_math::Seed;
use assay_model::TimeMs;
use assay_model::synth::SynthPage;
use std::io::{self, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// How many followers Instagram is made to put into one file.
const FOLLOWERS_A_FILE: usize = 10_000;
/// How many accounts the made owner follows back.
const N_FOLLOWING: usize = 40;
/// The made owner's account id.
const OWNER_ID: &str = "1344400000000000000";

/// `data/manifest.js`, `data/account.js` and `data/follower.js`, each a JavaScript assignment.
pub(super) fn x_archive<W: Write + Seek>(page: &SynthPage, seed: Seed, out: W) -> io::Result<Written> {
    let mut ids: Vec<u64> = Vec::new();
    let written = each_listed(page, seed, &mut |made| {
        let id = made.follow.account_id.and_then(|id| id.parse().ok());
        ids.push(id.ok_or_else(|| io::Error::other("a made account has a numeric id"))?);
        Ok(())
    })?;
    let mut zip = ZipWriter::new(io::BufWriter::new(out));
    zip.start_file("data/manifest.js", options())?;
    zip.write_all(manifest(page, ids.len())?.as_bytes())?;
    zip.start_file("data/account.js", options())?;
    zip.write_all(account(page)?.as_bytes())?;
    zip.start_file("data/follower.js", options())?;
    write!(zip, "window.YTD.follower.part0 = [")?;
    for (i, id) in ids.iter().rev().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(
            zip,
            "{comma}\n  {{\n    \"follower\" : {{\n      \"accountId\" : \"{id}\",\n      \
             \"userLink\" : \"https://twitter.com/intent/user?user_id={id}\"\n    }}\n  }}"
        )?;
    }
    writeln!(zip, "\n]")?;
    zip.finish()?.flush()?;
    Ok(written)
}

fn manifest(page: &SynthPage, n: usize) -> io::Result<String> {
    let data = serde_json::json!({
        "userInfo": { "accountId": OWNER_ID, "userName": page.handle, "displayName": page.handle },
        "archiveInfo": {
            "sizeBytes": "0",
            "generationDate": javascript_time(page.exported_at())?,
            "isPartialArchive": false,
            "maxPartSizeBytes": "53687091200",
        },
        "dataTypes": {
            "account": { "files": [
                { "fileName": "data/account.js", "globalName": "YTD.account.part0", "count": "1" },
            ] },
            "follower": { "files": [
                { "fileName": "data/follower.js", "globalName": "YTD.follower.part0", "count": n.to_string() },
            ] },
        },
    });
    Ok(format!("window.__THAR_CONFIG = {data:#}\n"))
}

fn account(page: &SynthPage) -> io::Result<String> {
    let data = serde_json::json!([{ "account": {
        "email": "owner@example.com",
        "createdVia": "web",
        "username": page.handle,
        "accountId": OWNER_ID,
        "createdAt": javascript_time(page.opened.start())?,
        "accountDisplayName": page.handle,
    } }]);
    Ok(format!("window.YTD.account.part0 = {data:#}\n"))
}

/// `connections/followers_and_following/followers_1.json` and so on, and `following.json`.
pub(super) fn instagram<W: Write + Seek>(page: &SynthPage, seed: Seed, out: W) -> io::Result<Written> {
    let mut list: Vec<(Box<str>, i64)> = Vec::new();
    let written = each_listed(page, seed, &mut |made| {
        let (handle, at) = (made.follow.handle.unwrap_or(""), made.follow.followed_at);
        list.push((handle.into(), at.map_or(0, |at| at.0.div_euclid(1_000))));
        Ok(())
    })?;
    list.reverse();
    let mut zip = ZipWriter::new(io::BufWriter::new(out));
    let folder = "connections/followers_and_following";
    for (part, rows) in list.chunks(FOLLOWERS_A_FILE).enumerate() {
        zip.start_file(format!("{folder}/followers_{}.json", part + 1), options())?;
        write_list(&mut zip, rows, "")?;
        writeln!(zip)?;
    }
    if list.is_empty() {
        zip.start_file(format!("{folder}/followers_1.json"), options())?;
        writeln!(zip, "[]")?;
    }
    // The owner follows some of the first followers back, an hour later.
    let back: Vec<_> = list.iter().rev().take(N_FOLLOWING).map(|(h, at)| (h.clone(), at + 3_600)).collect();
    zip.start_file(format!("{folder}/following.json"), options())?;
    write!(zip, "{{\n  \"relationships_following\": ")?;
    write_list(&mut zip, &back, "  ")?;
    writeln!(zip, "\n}}")?;
    zip.finish()?.flush()?;
    Ok(written)
}

/// A list of accounts. Made handles are letters, digits and underscores, which JSON takes as they are.
fn write_list(out: &mut impl Write, rows: &[(Box<str>, i64)], indent: &str) -> io::Result<()> {
    write!(out, "[")?;
    for (i, (handle, at)) in rows.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(
            out,
            "{comma}\n{indent}  {{\n{indent}    \"title\": \"\",\n{indent}    \"media_list_data\": [],\n{indent}    \
             \"string_list_data\": [\n{indent}      {{\n{indent}        \"href\": \"https://www.instagram.com/{handle}\",\n\
             {indent}        \"value\": \"{handle}\",\n{indent}        \"timestamp\": {at}\n{indent}      }}\n{indent}    ]\n\
             {indent}  }}"
        )?;
    }
    write!(out, "\n{indent}]")
}

/// No time of day in a zip that is to be the same whenever it is made.
fn options() -> SimpleFileOptions {
    let packed =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9));
    packed.last_modified_time(DateTime::default()).unix_permissions(0o644)
}

/// Such as `2026-10-01T08:00:00.000Z`.
fn javascript_time(at: TimeMs) -> io::Result<String> {
    Ok(civil(at)?.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

//! The truth about a made page in short, to check answers against.

use super::Written;
use super::table::civil;
use assay_math::Seed;
use assay_model::synth::{PlantTruth, SynthPage, Tells};
use std::io::{self, Write};

pub(super) fn truth<W: Write>(page: &SynthPage, seed: Seed, mut out: W) -> io::Result<Written> {
    let truth = SynthPage { tells: Tells::Everything, ..page.clone() }.make(seed).truth;
    let plants: io::Result<Vec<_>> = truth.plants.iter().map(plant).collect();
    let whole = serde_json::json!({
        "schema": "assay.synth-truth/1",
        "seed": seed,
        "followers": truth.class.len(),
        "inauthentic": truth.n_inauthentic(),
        "plants": plants?,
    });
    writeln!(out, "{whole:#}")?;
    out.flush()?;
    Ok(Written { n_rows: truth.plants.len() as u64 })
}

fn plant(plant: &PlantTruth) -> io::Result<serde_json::Value> {
    Ok(serde_json::json!({
        "kind": plant.name,
        "bought": plant.bought,
        "followed": plant.n_followed,
        "listed": plant.n_listed,
        "first_rank": plant.ranks.map(|r| r.first),
        "last_rank": plant.ranks.map(|r| r.last),
        "from": civil(plant.span.from)?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "to": civil(plant.span.to)?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }))
}

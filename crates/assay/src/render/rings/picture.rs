//! Pictures of a ring: its block of the adjacency matrix as two small PNGs, and its timeline as SVG.

use crate::render::format::{count, month};
use assay_model::{Ring, RingPicture, TimeMs};
use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{Markup, html};

/// Depths of colour.
const DEPTHS: u8 = 16;
/// Of the ring and of others: mid tones that stand on white and on black.
const TONES: [[u8; 3]; 2] = [[0xd9, 0x54, 0x1e], [0x3f, 0x7c, 0xc4]];
/// The drawing of a timeline, in units of its own.
const WIDE: f64 = 600.0;
const HIGH: f64 = 110.0;

/// The block: the ring's accounts left, others right.
pub(super) fn matrix(picture: &RingPicture, ring: &Ring) -> Markup {
    let n = picture.n_members + picture.n_others;
    let columns = |from: usize, to: usize, tone: [u8; 3]| -> Option<String> {
        let shades: Vec<u8> = (0..picture.n_rows)
            .flat_map(|row| picture.shades[row * n + from..row * n + to].iter())
            .map(|&share| if share > 0.0 { 1 + (share * f64::from(DEPTHS - 1)).round() as u8 } else { 0 })
            .collect();
        encode(&shades, to - from, picture.n_rows, tone).ok()
    };
    let told = format!(
        "{} accounts of the ring by {} targets: {} edges.",
        count(ring.sources.len() as u64),
        count(ring.targets.len() as u64),
        count(ring.n_edges)
    );
    html! {
        div.matrix {
            @if let Some(source) = columns(0, picture.n_members, TONES[0]) { img.inside src=(source) alt=(told); }
            @if picture.n_others > 0 {
                @if let Some(source) = columns(picture.n_members, n, TONES[1]) {
                    img.outside src=(source) alt="The other audience of the same targets.";
                }
            }
        }
    }
}

fn encode(shades: &[u8], width: usize, height: usize, tone: [u8; 3]) -> Result<String, png::EncodingError> {
    let mut colours = vec![0; 3];
    let mut alphas = vec![0];
    for depth in 0..u16::from(DEPTHS) {
        colours.extend(tone);
        alphas.push((55 + depth * 200 / u16::from(DEPTHS - 1)) as u8);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours);
    encoder.set_trns(alphas);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(shades)?;
    writer.finish()?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(&bytes)))
}

/// Edges to the ring's targets over time, from the ring and from others.
pub(super) fn timeline(picture: &RingPicture) -> Markup {
    let steps = &picture.steps;
    let top = steps.iter().map(|s| s.n_ring + s.n_others).max().unwrap_or(0).max(1);
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return html! {} };
    let wide = WIDE / steps.len() as f64;
    let high = |n: u32| f64::from(n) / f64::from(top) * HIGH;
    html! {
        svg.timeline viewBox=(format!("0 0 {WIDE} {}", HIGH + 20.0)) role="img" aria-label="Edges to the targets over time, from the ring and from others" {
            line x1="0" x2=(WIDE) y1=(HIGH) y2=(HIGH) {}
            @for (k, step) in steps.iter().enumerate() {
                @let x = format!("{:.1}", k as f64 * wide);
                @let w = format!("{:.1}", (wide - 1.0).max(1.0));
                @if step.n_ring > 0 { rect.of-ring x=(x) y=(format!("{:.1}", HIGH - high(step.n_ring))) width=(w) height=(format!("{:.1}", high(step.n_ring))) {} }
                @if step.n_others > 0 { rect.of-others x=(x) y=(format!("{:.1}", HIGH - high(step.n_ring + step.n_others))) width=(w) height=(format!("{:.1}", high(step.n_others))) {} }
            }
            text x="0" y=(HIGH + 15.0) { (month(TimeMs(first.from_s * 1000))) }
            text.up x=(WIDE) y=(HIGH + 15.0) { (month(TimeMs((last.from_s + last.length_s as i64) * 1000))) }
        }
        ul.legend { li { span.key.of-ring {} "from the ring" } li { span.key.of-others {} "from others" } }
    }
}

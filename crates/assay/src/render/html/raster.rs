//! The follower map as a small PNG, for paper and for readers without scripts: how dense the points lie, by colour depth.

use super::payload::Points;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Depths of colour, from one point to the densest place.
const DEPTHS: usize = 7;
/// Colour of followers, and of those who look inauthentic: mid tones that stand on white and on black.
const TONES: [[u8; 3]; 2] = [[0x3f, 0x7c, 0xc4], [0xd9, 0x54, 0x1e]];

/// Draws the points on `width` by `height` pixels, the first follower left, the oldest account at the bottom, and gives
/// the picture as a `data:` address. `None` should the encoder fail, which it does not in memory.
pub(super) fn density_png(points: &Points, width: usize, height: usize) -> Option<String> {
    let dot = match points.level.len() {
        0..300 => 8,
        300..3_000 => 4,
        3_000..30_000 => 3,
        30_000..200_000 => 2,
        _ => 1,
    };
    let mut counts = [vec![0_u32; width * height], vec![0_u32; width * height]];
    let n = points.level.len().max(1);
    for (i, &level) in points.level.iter().enumerate().filter(|(_, level)| **level > 0) {
        let x = i * (width - dot) / n;
        let y = (65535 - usize::from(level)) * (height - dot) / 65534;
        let layer = &mut counts[usize::from(points.class[i] == 3)];
        for row in y..y + dot {
            layer[row * width + x..][..dot].iter_mut().for_each(|c| *c += 1);
        }
    }
    let depth = |layer: &[u32]| {
        let top = f64::from(layer.iter().copied().max().unwrap_or(1).max(2)).ln();
        move |c: u32| ((f64::from(c).ln() / top) * (DEPTHS - 1) as f64).round() as u8
    };
    let (others, bought) = (depth(&counts[0]), depth(&counts[1]));
    let pixels: Vec<u8> = counts[0]
        .iter()
        .zip(&counts[1])
        .map(|(&other, &inauthentic)| match (other, inauthentic) {
            (0, 0) => 0,
            (c, 0) => 1 + others(c),
            (_, c) => 1 + DEPTHS as u8 + bought(c),
        })
        .collect();
    encode(&pixels, width, height).ok()
}

fn encode(pixels: &[u8], width: usize, height: usize) -> Result<String, png::EncodingError> {
    let mut colours = vec![0; 3];
    let mut alphas = vec![0];
    for tone in TONES {
        for depth in 0..DEPTHS {
            colours.extend(tone);
            alphas.push((90 + depth * 165 / (DEPTHS - 1)) as u8);
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours);
    encoder.set_trns(alphas);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(&bytes)))
}

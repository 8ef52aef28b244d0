//! What is told of a batch beside that it is one: the kind of its accounts, what was lost of it since, what so many followers
//! cost, and what else happened then.

pub(crate) mod causes;
mod losses;
mod price;
mod stock;

use assay_model::{Page, Verdicts};
pub(crate) use price::of as price_of;

/// Completes the batches, once probabilities and counts stand.
pub(crate) fn complete(page: &Page, verdicts: &mut Verdicts) {
    let usual = stock::Usual::of(page, verdicts);
    let lost = losses::all(page, &verdicts.batches);
    for (batch, lost) in verdicts.batches.iter_mut().zip(lost) {
        batch.stock = usual.look(page, &verdicts.probability, batch.ranks);
        batch.price = price::of(&batch.inauthentic, lost.found());
        batch.lost = lost;
        if let Some(arrived) = batch.arrived {
            batch.causes = causes::of(page, arrived);
        }
    }
}

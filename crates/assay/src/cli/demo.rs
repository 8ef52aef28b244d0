//! `assay demo`: an audit of a made page, so that a newcomer sees an answer before looking for an export.

use super::audit::{JudgingArgs, OutputArgs};
use super::talk::Talk;
use super::{Failure, interrupt};
use crate::pipeline;
use crate::report::FormatUsed;
use assay_math::Seed;
use assay_model::Go;
use assay_model::synth::SynthPage;
use clap::Args;
use std::path::PathBuf;

/// Audit a made page with two bought batches and a viral day; writes no file unless asked
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    outputs: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  assay demo
  assay demo --html demo.html
  assay demo --seed 7 --format json";

/// Runs the command.
pub(super) fn run(args: &DemoArgs, talk: &mut Talk) -> Result<(), Failure> {
    let inputs: Vec<PathBuf> = args.judging.tables().cloned().collect();
    args.outputs.check(&inputs)?;
    let options = args.judging.options(None)?;
    let made = SynthPage::example().make(Seed(args.judging.seed()));
    let format = FormatUsed { id: "made", sentence: "A made page: nobody in it exists." };
    let mut report = pipeline::judge(made.page, format, Vec::new(), &options, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    args.outputs.write(&mut report, talk)?;
    let planted: Vec<String> = made
        .truth
        .plants
        .iter()
        .map(|plant| {
            let kind = plant.name.replace('_', " ");
            match plant.ranks {
                Some(ranks) => format!("{kind} of {} at ranks {} to {}", plant.n_listed, ranks.first, ranks.last),
                None => format!("{kind} of {}", plant.n_listed),
            }
        })
        .collect();
    talk.note(&format!("the page is made; what was planted in it: {}", planted.join("; ")));
    args.outputs.conditions(&report, talk)
}

//! `assay completions` and `assay man`: what shells and readers of manuals want.

use super::output::Place;
use super::{Cli, Failure};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Write the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay completions bash > /etc/bash_completion.d/assay")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Write the manual page
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay man > assay.1 && man ./assay.1")]
pub(super) struct ManArgs {}

/// Runs `assay completions`.
pub(super) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "assay", &mut script);
    Place::Stdout.write(|out| out.write_all(&script))
}

/// Runs `assay man`: the page of the program, followed by those of its commands.
pub(super) fn man(_: &ManArgs) -> Result<(), Failure> {
    let mut program = Cli::command();
    program.build();
    let pages = std::iter::once(&program).chain(program.get_subcommands().filter(|c| !c.is_hide_set()));
    Place::Stdout.write(|out| {
        for page in pages {
            clap_mangen::Man::new(page.clone()).render(out)?;
        }
        Ok(())
    })
}

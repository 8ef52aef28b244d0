//! The program `assay`; everything is in the library, for its tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay::cli::run(std::env::args_os())
}

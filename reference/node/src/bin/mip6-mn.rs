//! The mobile node of RFC 6618; `--help` tells the rest.

use std::process::ExitCode;

use node::cli::{MnCommand, main as run};

fn main() -> ExitCode {
    run::<MnCommand>()
}

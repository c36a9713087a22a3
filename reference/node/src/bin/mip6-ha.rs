//! The home agent of RFC 6618; `--help` tells the rest.

use std::process::ExitCode;

use node::cli::{HaCommand, main as run};

fn main() -> ExitCode {
    run::<HaCommand>()
}

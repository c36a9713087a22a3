//! The home agent controller of RFC 6618; `--help` tells the rest.

use std::process::ExitCode;

use node::cli::{HacCommand, main as run};

fn main() -> ExitCode {
    run::<HacCommand>()
}

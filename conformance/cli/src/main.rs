//! `mip6-conform`: arguments in, reports and an exit status out. What is judged, and how, lies in `suite`.

#![forbid(unsafe_code)]

mod args;
mod demo;
mod explain;
mod list;
mod provision;
mod report;
mod run;
mod usage;

use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser;
use suite::verdict::Exit;

use crate::args::{Cli, Color, Command};
use crate::usage::UsageError;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.color {
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
    let exit = match cli.command {
        None => run::command(&cli.run),
        Some(Command::Run(args)) => run::command(&args),
        Some(Command::List(args)) => list::command(&args),
        Some(Command::Explain(args)) => explain::command(&args),
        Some(Command::Demo(args)) => demo::command(&args),
        Some(Command::Provision(args)) => provision::command(&args),
        Some(Command::Schema) => report::schema(),
        Some(Command::ReferenceMn { arguments }) => return demo::reference_mn(arguments),
    };
    let exit = exit.unwrap_or_else(|error| {
        anstream::eprintln!("mip6-conform: {error}");
        error.exit()
    });
    ExitCode::from(exit.code())
}

/// What a command comes to.
type Ended = Result<Exit, UsageError>;

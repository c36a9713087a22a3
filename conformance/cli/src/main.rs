//! `mip6-conform`: arguments in, reports and an exit status out. What is judged, and how, lies in `suite`.

#![forbid(unsafe_code)]

mod args;
mod associations;
mod coverage;
mod demo;
mod dissect;
mod explain;
mod folder;
mod list;
mod nearest;
mod output;
mod probe;
mod provision;
mod replay;
mod report;
mod run;
mod schema;
mod setup;
mod trace;
mod usage;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use suite::verdict::Exit;

use crate::args::{Cli, Command};
use crate::usage::UsageError;

/// What a command comes to.
type Ended = Result<Exit, UsageError>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.color.write_global();
    let ended = match cli.command {
        None => run::command(&cli.run),
        Some(Command::Run(args)) => run::command(&args),
        Some(Command::Coverage(args)) => coverage::command(&args),
        Some(Command::Probe(args)) => probe::command(&args),
        Some(Command::List(args)) => list::command(&args),
        Some(Command::Explain(args)) => explain::command(&args),
        Some(Command::Demo(args)) => demo::command(&args),
        Some(Command::Dissect(args)) => dissect::command(&args),
        Some(Command::Replay(args)) => replay::command(&args),
        Some(Command::Trace(args)) => trace::command(&args),
        Some(Command::Provision(args)) => provision::command(&args),
        Some(Command::Associations(args)) => associations::command(&args),
        Some(Command::Schema(args)) => schema::command(&args),
        Some(Command::ReferenceMn { arguments }) => return demo::reference_mn(arguments),
    };
    let exit = ended.unwrap_or_else(|error| {
        output::complain(&error);
        error.exit()
    });
    ExitCode::from(exit.code())
}

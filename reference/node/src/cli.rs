//! What the three programs do around their servers: arguments, logs, signals, exit status.

mod ha;
mod hac;
mod mn;
mod retry;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

pub use ha::HaCommand;
pub use hac::HacCommand;
pub use mn::MnCommand;

use crate::bound::StartError;
use crate::config::ConfigError;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As it should.
    Done = 0,
    /// It could not serve, or its peer misbehaved.
    Failed = 1,
    /// It was told something that it cannot use.
    Usage = 2,
    /// There is nobody where its peer should be.
    Unreachable = 3,
}

/// A program, parsed from its arguments.
pub trait Command: Parser {
    /// Does everything; what went wrong has been told on standard error when this returns.
    fn run(self) -> Exit;
}

/// The whole of a `main`.
#[must_use]
pub fn main<C: Command>() -> ExitCode {
    ExitCode::from(C::parse().run() as u8)
}

/// The flag that every program has.
#[derive(Clone, Debug, clap::Args)]
struct FileOption {
    /// Read settings from this TOML file: every long flag is a key; flags win
    #[arg(long, value_name = "TOML")]
    config: Option<PathBuf>,
}

fn start_logs(filter: Option<&str>, default: &str) -> Result<(), ConfigError> {
    let from_environment = std::env::var("RUST_LOG").ok();
    let text = filter.or(from_environment.as_deref()).unwrap_or(default);
    let targets: Targets = text
        .parse()
        .map_err(|_| ConfigError::Flag { name: "log", why: "need `level` or `target=level,…`".into() })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    // A second program in the same process keeps the logs of the first.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
    Ok(())
}

/// Ready when SIGINT or SIGTERM comes.
async fn told_to_stop() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::warn!("no signal handlers: only a kill ends this program");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// How serving ended, for whoever waits for the program.
fn conclude(served: Result<(), StartError>) -> Exit {
    match served {
        Ok(()) => Exit::Done,
        Err(error @ StartError::Config(_)) => complain(Exit::Usage, &error),
        Err(error) => complain(Exit::Failed, &error),
    }
}

fn complain(exit: Exit, fault: &dyn std::error::Error) -> Exit {
    eprintln!("error: {fault}");
    exit
}

/// One line for whoever started us, at once.
fn say(line: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    // Nobody has to read what we say.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

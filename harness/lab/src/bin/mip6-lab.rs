//! `mip6-lab`: plays a lab, and is its actors: who asks for echoes, who sends, who receives, who loses packets.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lab::{Plan, Programs, actors};

/// Network-namespace labs for MN, HAC and HA.
#[derive(Parser)]
#[command(version)]
struct Lab {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Play a lab and tell the verdict. Takes root
    Play {
        /// A lab: harness/lab/labs/*.toml
        plan: PathBuf,
        /// Keep the capture, the keys that open it and the statistics in this folder
        #[arg(long)]
        keep: Option<PathBuf>,
    },
    /// Send ICMP echo requests, each after the answer to the last. Takes root
    Ping {
        /// Who is asked
        destination: IpAddr,
        /// How many
        #[arg(long, default_value_t = 5)]
        count: u16,
    },
    /// Send octets that a seed makes over TCP
    Send {
        /// Where to
        to: SocketAddr,
        /// How many
        #[arg(long)]
        octets: u64,
        /// From which seed
        #[arg(long)]
        seed: u64,
        /// Octets in a second, at most
        #[arg(long)]
        rate: Option<u64>,
    },
    /// Take one TCP stream, tell its progress, and at the end its length and digest
    Receive {
        /// Where to listen
        at: SocketAddr,
    },
    /// Relay UDP datagrams badly
    Relay(actors::BadPath),
}

fn main() -> ExitCode {
    let done = match Lab::parse().what {
        What::Play { plan, keep } => play(&plan, keep),
        What::Ping { destination, count } => {
            actors::ping(destination, count).map_err(|error| error.to_string())
        }
        What::Send { to, octets, seed, rate } => {
            actors::send(to, octets, seed, rate).map_err(|error| error.to_string())
        }
        What::Receive { at } => actors::receive(at).map_err(|error| error.to_string()),
        What::Relay(path) => actors::relay(&path).map_err(|error| error.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(plan: &std::path::Path, keep: Option<PathBuf>) -> Result<(), String> {
    let text = std::fs::read_to_string(plan).map_err(|error| format!("{}: {error}", plan.display()))?;
    let plan = Plan::parse(&text).map_err(|error| error.to_string())?;
    if let Some(reason) = lab::missing_for(&plan) {
        return Err(reason);
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let reference = own.parent().map(PathBuf::from).unwrap_or_default();
    let verdict = lab::play(plan, &Programs { reference, lab: own, keep });
    print!("{}", verdict.map_err(|error| error.to_string())?);
    Ok(())
}

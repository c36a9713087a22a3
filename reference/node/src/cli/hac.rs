//! `mip6-hac`.

use clap::Parser;

use super::{Command, Exit, FileOption, conclude, runtime, say, start_logs, told_to_stop};
use crate::bound::{BoundHa, BoundHac, StartError};
use crate::config::{ConfigError, HacOptions, merged, read_identities, required};
use crate::home::{self, Machines};
use crate::sa_feed::{FeedClient, SaSink};

/// The home agent controller of RFC 6618: hands out security associations over TLS.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub struct HacCommand {
    #[command(flatten)]
    file: FileOption,
    #[command(flatten)]
    options: HacOptions,
}

const AFTER_HELP: &str = "\
Prints `hac ADDR:PORT` (and `ha ADDR:PORT` if collocated) once it serves; ends on SIGINT or SIGTERM.

Examples:
  HAC and HA in one process, on free ports:
    mip6-hac --listen '[::1]:0' --collocate-ha '[::1]:0' --identities ids.json --write-ca ca.pem
  HAC and HA as two processes on one host:
    mip6-ha  --listen '[::1]:7872' --feed /run/mip6/feed
    mip6-hac --listen '[::1]:7873' --feed /run/mip6/feed --ha-ip6 ::1 --identities ids.json --write-ca ca.pem

Exit status: 0 stopped by a signal, 1 cannot serve, 2 bad settings.";

impl Command for HacCommand {
    fn run(self) -> Exit {
        let options = merged(self.options, self.file.config.as_deref());
        conclude(options.map_err(StartError::from).and_then(|options| serve(&options)))
    }
}

fn serve(options: &HacOptions) -> Result<(), StartError> {
    start_logs(options.log.as_deref(), "info")?;
    let settings = options.settings()?;
    let identities = read_identities(&required(options.identities.clone(), "identities")?)?;
    let mut ha = options.collocated()?.map(BoundHa::bind).transpose()?;
    let hac = BoundHac::bind(settings, ha.as_ref())?;
    if let Some(path) = &options.write_ca {
        std::fs::write(path, hac.authority_pem())
            .map_err(|source| ConfigError::Write { path: path.clone(), source })?;
    }
    let runtime = runtime().map_err(StartError::Runtime)?;
    if let Some(ha) = &mut ha {
        runtime.block_on(ha.attach())?;
    }
    let setup = hac.setup(identities);
    say(format_args!("hac {}", hac.address()));
    runtime
        .block_on(async {
            let Some(ha) = ha else {
                return alone(hac, Box::new(setup.honest()), sink(options)).await;
            };
            say(format_args!("ha {}", ha.address()));
            let machines = Machines::honest(setup, ha.setup());
            home::serve(hac, ha, machines, told_to_stop()).await.map(drop)
        })
        .map_err(StartError::Runtime)
}

async fn alone(hac: BoundHac, machine: home::HacMachine, sink: SaSink) -> std::io::Result<()> {
    tokio::select! {
        end = hac.serve(machine, sink) => end,
        () = told_to_stop() => Ok(()),
    }
}

fn sink(options: &HacOptions) -> SaSink {
    options.feed.clone().map_or(SaSink::Nowhere, |path| SaSink::Socket(FeedClient::new(path)))
}

//! `mip6-ha`.

use clap::Parser;
use tokio::sync::mpsc;

use super::{Command, Exit, FileOption, conclude, runtime, say, start_logs, told_to_stop};
use crate::bound::{BoundHa, StartError};
use crate::config::{HaOptions, merged, required};
use crate::home::ASSOCIATIONS;
use crate::sa_feed::FeedListener;

/// The home agent of RFC 6618: takes security associations from a HAC and serves mobile nodes over UDP.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub struct HaCommand {
    #[command(flatten)]
    file: FileOption,
    #[command(flatten)]
    options: HaOptions,
}

const AFTER_HELP: &str = "\
Prints `ha ADDR:PORT` once it serves; ends on SIGINT or SIGTERM.

Example:
  mip6-ha --listen '[::1]:7872' --feed /run/mip6/feed --stats-json stats.json
  (then start mip6-hac with the same --feed; its --help has the other half)

Exit status: 0 stopped by a signal, 1 cannot serve, 2 bad settings.";

impl Command for HaCommand {
    fn run(self) -> Exit {
        let options = merged(self.options, self.file.config.as_deref());
        conclude(options.map_err(StartError::from).and_then(|options| serve(&options)))
    }
}

fn serve(options: &HaOptions) -> Result<(), StartError> {
    start_logs(options.log.as_deref(), "info")?;
    let feed = required(options.feed.clone(), "feed")?;
    let mut ha = BoundHa::bind(options.settings()?)?;
    let runtime = runtime().map_err(StartError::Runtime)?;
    let _inside = runtime.enter();
    let listener = FeedListener::bind(&feed).map_err(|source| StartError::Feed { path: feed, source })?;
    runtime.block_on(ha.attach())?;
    let machine = Box::new(ha.setup().honest());
    say(format_args!("ha {}", ha.address()));
    let (to_ha, associations) = mpsc::channel(ASSOCIATIONS);
    let statistics = runtime.block_on(async {
        tokio::select! {
            statistics = ha.serve(machine, associations, told_to_stop()) => statistics,
            () = listener.serve(to_ha) => Err(std::io::Error::other("the feed is broken")),
        }
    });
    statistics.map(drop).map_err(StartError::Runtime)
}

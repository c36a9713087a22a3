//! `mip6-ha`.

use clap::Parser;
use proto::Machine;
use proto::ha::Input;
use proto::sa::SecurityAssociation;
use tokio::sync::mpsc;

use super::{Command, Exit, FileOption, conclude, runtime, say, start_logs, told_to_stop};
use crate::bound::{BoundHa, StartError};
use crate::config::{ConfigError, HaOptions, merged, required};
use crate::home::ASSOCIATIONS;
use crate::host::now;
use crate::sa_feed::FeedListener;
use crate::sa_file;

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

  mip6-conform associations --ha 2001:db8:ffff::1 > sa.json
  mip6-ha --listen '[::1]:7872' --sa sa.json --correspondents 2001:db8:c0::1,192.0.2.99
  (then judge it: mip6-conform --target '[::1]:7872' --sa sa.json --cn 2001:db8:c0::1 --cn4 192.0.2.99)

Exit status: 0 stopped by a signal, 1 cannot serve, 2 bad settings.";

impl Command for HaCommand {
    fn run(self) -> Exit {
        let options = merged(self.options, self.file.config.as_deref());
        conclude(options.map_err(StartError::from).and_then(|options| serve(&options)))
    }
}

fn serve(options: &HaOptions) -> Result<(), StartError> {
    start_logs(options.log.as_deref(), "info")?;
    let feed = match (&options.feed, &options.sa) {
        (None, Some(_)) => None,
        (feed, _) => Some(required(feed.clone(), "feed")?),
    };
    let associations =
        options.sa.as_deref().map(sa_file::read).transpose().map_err(ConfigError::Associations)?;
    let mut ha = BoundHa::bind(options.settings()?)?;
    let runtime = runtime().map_err(StartError::Runtime)?;
    let _inside = runtime.enter();
    let listener = feed
        .map(|path| FeedListener::bind(&path).map_err(|source| StartError::Feed { path, source }))
        .transpose()?;
    runtime.block_on(ha.attach())?;
    let mut machine = Box::new(ha.setup().honest());
    for association in associations.into_iter().flatten() {
        machine.handle(now(), Input::Install(association));
    }
    say(format_args!("ha {}", ha.address()));
    let (to_ha, associations) = mpsc::channel(ASSOCIATIONS);
    let statistics = runtime.block_on(async {
        tokio::select! {
            statistics = ha.serve(machine, associations, told_to_stop()) => statistics,
            () = feed_from(listener, to_ha) => Err(std::io::Error::other("the feed is broken")),
        }
    });
    statistics.map(drop).map_err(StartError::Runtime)
}

/// Takes what the HAC hands over; without a feed, nothing for ever.
async fn feed_from(listener: Option<FeedListener>, to_ha: mpsc::Sender<Box<SecurityAssociation>>) {
    match listener {
        Some(listener) => listener.serve(to_ha).await,
        // The sender stays alive: the HA stops when nobody can hand over any more.
        None => to_ha.closed().await,
    }
}

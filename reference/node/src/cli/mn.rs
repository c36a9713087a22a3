//! `mip6-mn`.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use clap::Parser;
use proto::mn::{Event, Failure, Fault, Input};
use tokio::time::timeout;
use wire::error::Have;
use wire::mobility::BindingStatus;
use wire::param::Name;
use wire::value::Date;

use super::retry::Pauses;
use super::{Command, Exit, FileOption, complain, runtime, say, start_logs, told_to_stop};
use crate::config::{Afterwards, MnOptions, MnPlan, Pings, merged};
use crate::data_plane::Watch;
use crate::echo::Echo;
use crate::hac_link::{HacAccess, LinkError};
use crate::host::{now, until};
use crate::mobile_node::{Happening, HostPlane, HostPlaneError, MobileNode};
use crate::statistics::StatisticsFile;
use crate::tls::TlsError;

/// The mobile node of RFC 6618: bootstraps with a HAC, registers with the HA, keeps the binding.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub struct MnCommand {
    #[command(flatten)]
    file: FileOption,
    #[command(flatten)]
    options: MnOptions,
}

const AFTER_HELP: &str = "\
Without --ping and --once it keeps the binding until SIGINT or SIGTERM, and then de-registers. Nothing is tried again
for ever: what HAC or HA do wrong ends the program and is told on standard error. With --retry, what may pass by itself
does not.

Examples:
  mip6-mn --hac '[::1]:7873' --mn-id mn1@example.com --psk-file mn1.psk --ca ca.pem
  mip6-mn --hac hac.example.com:7873 --mn-id mn1@example.com --psk-file mn1.psk --ca ca.pem \\
          --ping 2001:db8:c0::1 --count 5
  mip6-mn --hac hac.example.com:7873 --mn-id mn1@example.com --psk-file mn1.psk --ca ca.pem \\
          --tun mip6 --routes 2001:db8:c0::/64

Exit status: 0 done; 1 HAC or HA misbehaved or refused, or an echo request stayed unanswered; 2 bad settings;
3 the HAC cannot be reached.";

impl Command for MnCommand {
    fn run(self) -> Exit {
        let planned = merged(self.options, self.file.config.as_deref()).and_then(|options| {
            start_logs(options.log.as_deref(), "warn")?;
            options.plan()
        });
        let plan = match planned {
            Ok(plan) => plan,
            Err(error) => return complain(Exit::Usage, &error),
        };
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(error) => return complain(Exit::Failed, &error),
        };
        match runtime.block_on(live(plan)) {
            Ok(()) => Exit::Done,
            Err(end) => complain(end.exit(), &end),
        }
    }
}

/// Why a mobile node ended early.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("{hac}: {source}")]
    Name { hac: String, source: io::Error },
    #[error(transparent)]
    Link(LinkError),
    #[error(transparent)]
    Protocol(Failure),
    #[error("the home agent refused the binding: {0}")]
    Refused(BindingStatus),
    #[error("the HA's address cannot be used from here: {0}")]
    NoPathToHa(io::Error),
    #[error(transparent)]
    Detached(#[from] HostPlaneError),
    #[error("changes of addresses cannot be watched: {0}")]
    Watch(io::Error),
    #[error("the statistics cannot be written: {0}")]
    Statistics(io::Error),
    #[error("the HAC gave no IPv6 home address to ping from")]
    NoHomeAddress,
    #[error("no answer within {} s", .0.as_secs_f32())]
    Silent(Duration),
    #[error("{lost} of {sent} echo requests stayed unanswered")]
    Unanswered { lost: u16, sent: u16 },
}

impl End {
    /// Whether it may be otherwise by and by, without anybody doing anything here.
    fn may_pass(&self) -> bool {
        match self {
            Self::Link(LinkError::Unreachable { .. } | LinkError::Silent { .. } | LinkError::Broken(_))
            | Self::NoPathToHa(_) => true,
            // What rustls objects to stays; that a peer hangs up does not.
            Self::Link(LinkError::Tls(TlsError::Handshake(error))) => {
                error.kind() != io::ErrorKind::InvalidData
            }
            Self::Protocol(failure) => match (failure.fault, &failure.have) {
                (Fault::Path, _) => true,
                (Fault::Hac, Have::Value(500..=599)) => failure.field == Name::StatusCode.as_str(),
                _ => false,
            },
            _ => false,
        }
    }

    /// When the HAC wants to be asked again.
    fn again(&self) -> Option<Date> {
        match self {
            Self::Protocol(failure) => failure.again,
            _ => None,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Name { .. } | Self::Link(LinkError::Unreachable { .. } | LinkError::Silent { .. }) => {
                Exit::Unreachable
            }
            _ => Exit::Failed,
        }
    }
}

async fn live(plan: MnPlan) -> Result<(), End> {
    let MnPlan { hac, tls, patience, config, care_of, tun, stats_json, pings, afterwards } = plan;
    let addresses = look_up(&hac).await.map_err(|source| End::Name { hac, source })?;
    let mut node = MobileNode::new(config, care_of, HacAccess { addresses, tls, patience })
        .watching(Watch::begin().map_err(End::Watch)?)
        .reporting_to(StatisticsFile::at(stats_json));
    if let Some(tun) = tun {
        node = node.carrying(HostPlane::open(tun)?);
    }
    let mut life = Life { node, home: None, registered: false, link_fault: None };
    let end = tokio::select! {
        end = life.run(pings, afterwards, patience) => end,
        () = told_to_stop() => life.farewell().await,
    };
    let written = life.node.write_statistics().map_err(End::Statistics);
    life.node.finish().await;
    end.and(written)
}

async fn look_up(hac: &str) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host(hac).await?.collect())
}

const FAREWELL: Duration = Duration::from_secs(2);

struct Life {
    node: MobileNode,
    home: Option<Ipv6Addr>,
    registered: bool,
    link_fault: Option<LinkError>,
}

/// What [`Life::step`] leaves to its caller.
enum Step {
    Registered,
    Deregistered,
    Delivered(Vec<u8>),
    Nothing,
}

impl Life {
    async fn run(
        &mut self,
        pings: Option<Pings>,
        afterwards: Afterwards,
        patience: Duration,
    ) -> Result<(), End> {
        self.node.handle(Input::Start);
        if afterwards == Afterwards::Insist {
            return self.insist().await;
        }
        while !matches!(self.step().await?, Step::Registered) {}
        let answered = match pings {
            Some(pings) => self.ping(pings, patience).await?,
            None => Ok(()),
        };
        if afterwards == Afterwards::Stay {
            return self.stay().await;
        }
        self.deregister(patience).await?;
        answered
    }

    /// Keeps the binding until something goes wrong.
    async fn stay(&mut self) -> Result<(), End> {
        loop {
            self.step().await?;
        }
    }

    /// The same, but what may pass by itself only makes a pause.
    async fn insist(&mut self) -> Result<(), End> {
        let mut pauses = Pauses::new();
        let mut again_at = None;
        loop {
            let step = tokio::select! {
                step = self.step() => step,
                () = until(again_at) => {
                    // It may wake up too early.
                    if again_at.take_if(|moment| *moment <= now()).is_none() {
                        continue;
                    }
                    self.node.handle(Input::Start);
                    continue;
                }
            };
            match step {
                Ok(Step::Registered) => (pauses, again_at) = (Pauses::new(), None),
                Ok(_) => {}
                Err(end) if end.may_pass() => {
                    let pause = pauses.after_failure(now(), end.again());
                    again_at = Some(now() + pause);
                    say(format_args!("trying again in {} s: {end}", pause.as_secs()));
                }
                Err(end) => return Err(end),
            }
        }
    }

    /// The next thing that happens, told as it happens; whatever is wrong is an error.
    async fn step(&mut self) -> Result<Step, End> {
        // A failed connection explains the machine's own report only if that comes next.
        let link_fault = self.link_fault.take();
        match self.node.next().await {
            Happening::Delivered(packet) => return Ok(Step::Delivered(packet)),
            Happening::LinkFailed(error) => self.link_fault = Some(error),
            Happening::NoPathToHa(error) => return Err(End::NoPathToHa(error)),
            Happening::Attached { device, mtu } => say(format_args!("attached: {device}, MTU {mtu}")),
            Happening::Detached(error) => return Err(End::Detached(error)),
            Happening::Moved { care_of } => say(format_args!("moved: care-of address {care_of}")),
            Happening::Event(Event::Failed(failure)) => {
                return Err(link_fault.map_or(End::Protocol(failure), End::Link));
            }
            Happening::Event(event) => return self.event(event),
        }
        Ok(Step::Nothing)
    }

    fn event(&mut self, event: Event) -> Result<Step, End> {
        match event {
            Event::Bootstrapped { ha, home, spi, suite, scope, validity_end } => {
                self.home = home.ip6;
                let at = [ha.ip6.map(IpAddr::V6), ha.ip4.map(IpAddr::V4)].into_iter().flatten();
                let at =
                    at.map(|ip| SocketAddr::new(ip, ha.port).to_string()).collect::<Vec<_>>().join(" or ");
                say(format_args!(
                    "bootstrapped: HA {at}, home {}, SPI {spi}, {}, mip6-sas {scope}, until {validity_end}",
                    home.ip6.map_or_else(|| "none".into(), |ip| ip.to_string()),
                    suite.name(),
                ));
            }
            Event::Registered { lifetime } => {
                self.registered = true;
                say(format_args!("registered: for {} s", lifetime.as_secs()));
                return Ok(Step::Registered);
            }
            Event::Deregistered => {
                self.registered = false;
                say(format_args!("de-registered"));
                return Ok(Step::Deregistered);
            }
            Event::ReinitRequested => say(format_args!("the HA asks for a new association")),
            Event::Refused(status) => return Err(End::Refused(status)),
            Event::Failed(failure) => return Err(End::Protocol(failure)),
        }
        Ok(Step::Nothing)
    }

    /// The outer error ends everything; the inner one still lets the node de-register.
    async fn ping(&mut self, pings: Pings, patience: Duration) -> Result<Result<(), End>, End> {
        let source = self.home.ok_or(End::NoHomeAddress)?;
        let mut lost = 0;
        for sequence in 1..=pings.count {
            let echo = Echo { source, destination: pings.destination, identifier: ECHO_IDENTIFIER, sequence };
            let began = Instant::now();
            self.node.handle(Input::FromHost(vec![echo.request()]));
            match timeout(patience, self.until_answered(&echo)).await {
                Ok(answered) => {
                    answered?;
                    let millis = began.elapsed().as_secs_f64() * 1e3;
                    say(format_args!(
                        "echo reply from {}: seq {sequence}, {millis:.3} ms",
                        pings.destination
                    ));
                }
                Err(_) => {
                    lost += 1;
                    say(format_args!("no echo reply from {}: seq {sequence}", pings.destination));
                }
            }
        }
        say(format_args!("{} echo requests, {} replies", pings.count, pings.count - lost));
        if lost == 0 { Ok(Ok(())) } else { Ok(Err(End::Unanswered { lost, sent: pings.count })) }
    }

    async fn until_answered(&mut self, echo: &Echo) -> Result<(), End> {
        loop {
            if let Step::Delivered(packet) = self.step().await?
                && echo.is_answered_by(&packet)
            {
                return Ok(());
            }
        }
    }

    /// Whoever wants us gone does not care whether the HA answers.
    async fn farewell(&mut self) -> Result<(), End> {
        if self.registered {
            let answer = self.deregister(FAREWELL).await;
            tracing::info!(?answer, "stopped by a signal");
        }
        Ok(())
    }

    async fn deregister(&mut self, patience: Duration) -> Result<(), End> {
        self.node.handle(Input::Deregister);
        let settled = async {
            while !matches!(self.step().await?, Step::Deregistered) {}
            Ok(())
        };
        timeout(patience, settled).await.map_err(|_| End::Silent(patience))?
    }
}

const ECHO_IDENTIFIER: u16 = 0x6618;

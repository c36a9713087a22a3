//! The MN's shell: TLS to the HAC and UDP to the HA around one machine (RFC 6618 sections 5 and 6).

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use proto::Machine;
use proto::mn::{Event, HomeAgent, Input, Mn, Output};

use crate::data_plane::Watch;
use crate::hac_link::{HacAccess, HacLink, LinkError, Report};
use crate::host::{SystemRandom, now, until};
use crate::statistics::{MnStatistics, StatisticsFile};

mod host_plane;
mod outer;

pub use host_plane::{HostPlane, HostPlaneError};

use host_plane::{Fitting, from_host};
use outer::{OuterPath, receive};

/// A mobile node at work. Nothing happens between calls of [`MobileNode::next`].
pub struct MobileNode {
    machine: Mn,
    hac: HacAccess,
    care_of: CareOf,
    /// This node's address on the newest connection to the HAC.
    local: IpAddr,
    link: Option<HacLink>,
    path: Option<OuterPath>,
    home_agent: Option<HomeAgent>,
    watch: Option<Watch>,
    plane: Option<HostPlane>,
    /// A plane whose device failed.
    broken_plane: Option<HostPlane>,
    /// What the device is to be like.
    fitting: Option<Fitting>,
    fit: Fit,
    shown_mtu: Option<u16>,
    statistics: MnStatistics,
    file: StatisticsFile,
    happened: VecDeque<Happening>,
    buffer: Box<[u8]>,
}

/// Whether the device is as the newest association and path want it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Good,
    Outdated,
}

/// Which care-of address is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CareOf {
    /// The one in the machine's configuration.
    Configured,
    /// This node's own on the way to the HAC.
    Observed,
}

/// What an MN's owner gets to know.
#[derive(Debug)]
pub enum Happening {
    /// Something that the machine reports.
    Event(Event),
    /// An IP packet out of the tunnel, for an MN without a device.
    Delivered(Vec<u8>),
    /// The device carries this host's traffic.
    Attached {
        /// The device.
        device: String,
        /// Octets of the largest packet that it takes.
        mtu: u16,
    },
    /// This host's traffic cannot go through the tunnel.
    Detached(HostPlaneError),
    /// This node's address toward the HA changed, and is being registered.
    Moved {
        /// The new one.
        care_of: IpAddr,
    },
    /// The connection to the HAC failed; the machine's own report follows.
    LinkFailed(LinkError),
    /// The HA's address, as it was bootstrapped, cannot be used from here.
    NoPathToHa(io::Error),
}

impl MobileNode {
    /// A node that has done nothing yet: hand it [`Input::Start`]. With [`CareOf::Observed`] the address in `config`
    /// does not count.
    #[must_use]
    pub fn new(config: proto::mn::Config, care_of: CareOf, hac: HacAccess) -> Self {
        Self {
            local: config.care_of,
            machine: Mn::new(config, Box::new(SystemRandom)),
            hac,
            care_of,
            link: None,
            path: None,
            home_agent: None,
            watch: None,
            plane: None,
            broken_plane: None,
            fitting: None,
            fit: Fit::Good,
            shown_mtu: None,
            statistics: MnStatistics::default(),
            file: StatisticsFile::none(),
            happened: VecDeque::new(),
            buffer: vec![0; LARGEST_DATAGRAM].into_boxed_slice(),
        }
    }

    /// Registers every change of this host's address toward the HA that `watch` tells of.
    #[must_use]
    pub fn watching(self, watch: Watch) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Carries this host's traffic, instead of reporting [`Happening::Delivered`].
    #[must_use]
    pub fn carrying(self, plane: HostPlane) -> Self {
        Self { plane: Some(plane), ..self }
    }

    /// Writes its statistics to `file` whenever it is asked.
    #[must_use]
    pub fn reporting_to(self, file: StatisticsFile) -> Self {
        Self { file, ..self }
    }

    /// What it did so far.
    #[must_use]
    pub fn statistics(&self) -> MnStatistics {
        let discarded = self.machine.discards().iter();
        MnStatistics {
            discarded: discarded.map(|(reason, count)| (reason.to_string(), count)).collect(),
            ..self.statistics.clone()
        }
    }

    /// Writes them where they belong.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_statistics(&self) -> io::Result<()> {
        self.file.write(&self.statistics())
    }

    /// Takes away what was set up for this host's traffic, and closes the connection to the HAC, if there is one, in
    /// bounded time.
    pub async fn finish(self) {
        for plane in self.plane.into_iter().chain(self.broken_plane) {
            plane.close().await;
        }
        if let Some(link) = self.link {
            link.finish(FAREWELL).await;
        }
    }

    /// Hands the machine an input and carries out what it wants.
    pub fn handle(&mut self, input: Input) {
        self.machine.handle(now(), input);
        self.carry_out();
    }

    /// Sends from another UDP port from now on and registers it, as after a change of the point of attachment.
    ///
    /// # Errors
    /// There is no tunnel yet, or no socket can be had.
    pub fn move_to(&mut self, care_of: IpAddr) -> io::Result<()> {
        let home_agent = self.home_agent.ok_or(io::ErrorKind::NotConnected)?;
        self.path = Some(OuterPath::open(&home_agent, self.local)?);
        self.handle(Input::Move { care_of });
        Ok(())
    }

    /// The kernel says that something is different: perhaps another address leads to the HA now.
    fn look_around(&mut self) {
        self.fit = Fit::Outdated;
        let Some(home_agent) = self.home_agent else { return };
        let before = self.path.as_ref().map(|path| path.local.ip());
        // Without a way to the HA there is nothing to register; the next change may bring one.
        let Ok(path) = OuterPath::open(&home_agent, before.unwrap_or(self.local)) else { return };
        let local = path.local.ip();
        if before == Some(local) {
            return;
        }
        self.local = local;
        self.path = Some(path);
        self.statistics.moves += 1;
        if self.care_of == CareOf::Observed {
            let care_of = shown(local);
            self.machine.handle(now(), Input::Move { care_of });
            self.happened.push_back(Happening::Moved { care_of });
        }
    }

    /// Has the device follow the newest association and path.
    async fn refit(&mut self) {
        let (Some(plane), Some(fitting), Some(path)) = (&mut self.plane, &self.fitting, &self.path) else {
            self.fit = Fit::Good;
            return;
        };
        let fitted = plane.fit(fitting, path.peer.ip()).await;
        // Only now: whoever drops this future while it waits has it done again.
        self.fit = Fit::Good;
        let device = plane.name().to_owned();
        match fitted {
            Ok(mtu) if self.shown_mtu == Some(mtu) => {}
            Ok(mtu) => {
                self.shown_mtu = Some(mtu);
                self.happened.push_back(Happening::Attached { device, mtu });
            }
            Err(error) => self.happened.push_back(Happening::Detached(error)),
        }
    }

    /// Waits for the next thing that its owner should know. May be dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> Happening {
        loop {
            if let Some(happening) = self.happened.pop_front() {
                return happening;
            }
            if self.fit == Fit::Outdated {
                self.refit().await;
                continue;
            }
            tokio::select! {
                report = next_report(&mut self.link) => self.take(report),
                batch = receive(self.path.as_ref(), &mut self.buffer) => {
                    batch.iter().for_each(|octets| self.statistics.received.count(octets.len()));
                    self.machine.handle(now(), Input::Datagrams(batch));
                }
                batch = from_host(&mut self.plane) => self.take_from_host(batch),
                () = changed(&mut self.watch) => self.look_around(),
                () = self.file.wanted() => self.show_statistics(),
                () = until(self.machine.poll_timeout()) => self.machine.handle_timeout(now()),
            }
            self.carry_out();
        }
    }

    fn take_from_host(&mut self, batch: Result<Vec<Vec<u8>>, HostPlaneError>) {
        match batch {
            Ok(batch) => {
                batch.iter().for_each(|packet| self.statistics.from_host.count(packet.len()));
                self.machine.handle(now(), Input::FromHost(batch));
            }
            Err(error) => {
                self.broken_plane = self.plane.take();
                self.happened.push_back(Happening::Detached(error));
            }
        }
    }

    fn show_statistics(&self) {
        if let Err(error) = self.write_statistics() {
            tracing::warn!(%error, "the statistics cannot be written");
        }
    }

    fn take(&mut self, report: Option<Report>) {
        let input = match report {
            Some(Report::Established { channel_binding, local }) => {
                self.attached(local);
                Input::Established { channel_binding }
            }
            Some(Report::Received(octets)) => Input::Received(octets),
            Some(Report::Closed(end)) => {
                self.link = None;
                self.happened.extend(end.err().map(Happening::LinkFailed));
                Input::Closed
            }
            None => {
                self.link = None;
                Input::Closed
            }
        };
        self.machine.handle(now(), input);
    }

    fn attached(&mut self, local: IpAddr) {
        let moved = self.local != local;
        self.local = local;
        if moved && self.care_of == CareOf::Observed {
            self.machine.handle(now(), Input::Move { care_of: shown(local) });
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Connect => {
                    self.link = Some(HacLink::open(self.hac.clone()));
                }
                Output::Send(octets) => self.link.iter().for_each(|link| link.write(octets.clone())),
                Output::Close => self.link.iter().for_each(HacLink::close),
                Output::Transmit { octets } => self.transmit(&octets),
                Output::Deliver(packet) => self.deliver(packet),
                Output::Event(event) => {
                    self.note(&event);
                    self.happened.push_back(Happening::Event(event));
                }
            }
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Bootstrapped { ha, home, suite, scope, .. } => {
                self.statistics.bootstraps += 1;
                self.fitting = Some(Fitting { home: home.clone(), suite: *suite, scope: *scope });
                self.enter_tunnel(*ha);
            }
            Event::Registered { .. } => {
                self.statistics.registrations += 1;
                // The path may have become narrower since the last time.
                self.fit = Fit::Outdated;
            }
            _ => {}
        }
    }

    fn enter_tunnel(&mut self, ha: HomeAgent) {
        self.fit = Fit::Outdated;
        let peers = [ha.ip6.map(IpAddr::V6), ha.ip4.map(IpAddr::V4)].into_iter().flatten();
        let peers = peers.chain(self.hac.addresses.iter().map(|address| address.ip()));
        if let Some(Err(error)) = self.plane.as_mut().map(|plane| plane.keep_outside(peers)) {
            self.happened.push_back(Happening::Detached(error));
        }
        if self.path.is_some() && self.home_agent == Some(ha) {
            return;
        }
        self.home_agent = Some(ha);
        match OuterPath::open(&ha, self.local) {
            Ok(path) => self.path = Some(path),
            Err(error) => self.happened.push_back(Happening::NoPathToHa(error)),
        }
    }

    fn deliver(&mut self, packet: Vec<u8>) {
        self.statistics.delivered.count(packet.len());
        match &self.plane {
            None => self.happened.push_back(Happening::Delivered(packet)),
            Some(plane) => {
                if let Err(error) = plane.deliver(&packet) {
                    tracing::debug!(%error, "this host did not take a packet");
                }
            }
        }
    }

    fn transmit(&mut self, octets: &[u8]) {
        let Some(path) = &self.path else { return };
        match path.send(octets) {
            Ok(length) => self.statistics.sent.count(length),
            Err(error) => {
                // UDP may lose anything; the machine repeats what matters.
                self.statistics.unsent += 1;
                tracing::debug!(%error, "datagram not sent");
            }
        }
    }
}

const FAREWELL: Duration = Duration::from_secs(1);

const LARGEST_DATAGRAM: usize = 65_535;

async fn next_report(link: &mut Option<HacLink>) -> Option<Report> {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

/// A receiver may discard a loopback care-of address (RFC 6275 section 6.1.7), so on one host another is shown.
fn shown(local: IpAddr) -> IpAddr {
    if local.is_loopback() { CARE_OF_ON_LOOPBACK.into() } else { local }
}

const CARE_OF_ON_LOOPBACK: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xca, 0, 0, 0, 0, 1);

//! The MN's shell: TLS to the HAC and UDP to the HA around one machine (RFC 6618 sections 5 and 6).

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket as StdUdpSocket};
use std::time::Duration;

use proto::Machine;
use proto::mn::{Event, HomeAgent, Input, Mn, Output};
use tokio::net::UdpSocket;

use crate::hac_link::{HacAccess, HacLink, LinkError, Report};
use crate::host::{SystemRandom, now, until};

/// A mobile node at work. Nothing happens between calls of [`MobileNode::next`].
pub struct MobileNode {
    machine: Mn,
    hac: HacAccess,
    care_of: CareOf,
    /// This node's address on the newest connection to the HAC.
    local: IpAddr,
    link: Option<HacLink>,
    tunnel: Option<Tunnel>,
    home_agent: Option<HomeAgent>,
    happened: VecDeque<Happening>,
    buffer: Box<[u8]>,
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
    /// An IP packet out of the tunnel.
    Delivered(Vec<u8>),
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
            tunnel: None,
            home_agent: None,
            happened: VecDeque::new(),
            buffer: vec![0; LARGEST_DATAGRAM].into_boxed_slice(),
        }
    }

    /// Closes the connection to the HAC, if there is one, in bounded time.
    pub async fn finish(self) {
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
        self.tunnel = Some(open_tunnel(&home_agent, self.local)?);
        self.handle(Input::Move { care_of });
        Ok(())
    }

    /// Waits for the next thing that its owner should know. May be dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> Happening {
        loop {
            if let Some(happening) = self.happened.pop_front() {
                return happening;
            }
            tokio::select! {
                report = next_report(&mut self.link) => self.take(report),
                batch = receive(self.tunnel.as_ref(), &mut self.buffer) => self.machine.handle(now(), Input::Datagrams(batch)),
                () = until(self.machine.poll_timeout()) => self.machine.handle_timeout(now()),
            }
            self.carry_out();
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
                Output::Deliver(packet) => self.happened.push_back(Happening::Delivered(packet)),
                Output::Event(event) => {
                    if let Event::Bootstrapped { ha, .. } = &event {
                        self.enter_tunnel(*ha);
                    }
                    self.happened.push_back(Happening::Event(event));
                }
            }
        }
    }

    fn enter_tunnel(&mut self, ha: HomeAgent) {
        if self.tunnel.is_some() && self.home_agent == Some(ha) {
            return;
        }
        self.home_agent = Some(ha);
        match open_tunnel(&ha, self.local) {
            Ok(tunnel) => self.tunnel = Some(tunnel),
            Err(error) => self.happened.push_back(Happening::NoPathToHa(error)),
        }
    }

    fn transmit(&self, octets: &[u8]) {
        let Some(tunnel) = &self.tunnel else { return };
        if let Err(error) = tunnel.outbound.send(octets) {
            // UDP may lose anything; the machine repeats what matters.
            tracing::debug!(%error, "datagram not sent");
        }
    }
}

const FAREWELL: Duration = Duration::from_secs(1);

/// One UDP socket toward the HA, as two handles: tokio's would not send before its reactor has seen it once.
struct Tunnel {
    inbound: UdpSocket,
    outbound: StdUdpSocket,
}

const LARGEST_DATAGRAM: usize = 65_535;
const DATAGRAMS_AT_ONCE: usize = 64;

async fn next_report(link: &mut Option<HacLink>) -> Option<Report> {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

async fn receive(tunnel: Option<&Tunnel>, buffer: &mut [u8]) -> Vec<Vec<u8>> {
    let Some(Tunnel { inbound: socket, .. }) = tunnel else { return std::future::pending().await };
    let mut batch = Vec::new();
    // An error is an ICMP answer to what was sent earlier: not to be trusted, and the machine repeats.
    if let Ok(length) = socket.recv(buffer).await {
        batch.push(buffer.get(..length).unwrap_or_default().to_vec());
    }
    while batch.len() < DATAGRAMS_AT_ONCE
        && let Ok(length) = socket.try_recv(buffer)
    {
        batch.push(buffer.get(..length).unwrap_or_default().to_vec());
    }
    batch
}

/// The access network decides which of the HA's addresses is used (readings SA-09): the family in which the HAC was
/// reached comes first.
fn open_tunnel(ha: &HomeAgent, local: IpAddr) -> io::Result<Tunnel> {
    let (ip4, ip6) = (ha.ip4.map(IpAddr::V4), ha.ip6.map(IpAddr::V6));
    let chosen = if local.is_ipv4() { ip4.or(ip6) } else { ip6.or(ip4) };
    let chosen =
        chosen.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the HAC named no HA address"))?;
    let any: IpAddr = match chosen {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let outbound = StdUdpSocket::bind((any, 0))?;
    outbound.connect((chosen, ha.port))?;
    outbound.set_nonblocking(true)?;
    Ok(Tunnel { inbound: UdpSocket::from_std(outbound.try_clone()?)?, outbound })
}

/// A receiver may discard a loopback care-of address (RFC 6275 section 6.1.7), so on one host another is shown.
fn shown(local: IpAddr) -> IpAddr {
    if local.is_loopback() { CARE_OF_ON_LOOPBACK.into() } else { local }
}

const CARE_OF_ON_LOOPBACK: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xca, 0, 0, 0, 0, 1);

//! The HA's shell (RFC 6618 section 6): one UDP socket in front of one machine, and a correspondent behind it.

mod paths;

use std::io;
use std::net::IpAddr;

use proto::ha::{Datagram, Event, Input, Output};
use proto::sa::SecurityAssociation;
use proto::{Machine, correspondent};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tracing::{debug, info, warn};
use wire::escape::Escaped;

use crate::data_plane::{AT_ONCE, Device};
use crate::echo::destination;
use crate::host::{now, until};
use crate::sa_log::SaLog;
use crate::statistics::{HaStatistics, StatisticsFile};

pub use paths::Paths;

/// A bound HA without its machine.
pub struct HaServer {
    socket: UdpSocket,
    associations: mpsc::Receiver<Box<SecurityAssociation>>,
    home: HomeSide,
    sa_log: Option<SaLog>,
    statistics: HaStatistics,
    file: StatisticsFile,
}

/// Who gets packets out of the tunnel.
#[derive(Default)]
pub struct HomeSide {
    /// Addresses that the HA answers for itself, if asked for an ICMP echo.
    pub correspondents: Vec<IpAddr>,
    /// The way to everybody else.
    pub device: Option<Device>,
    /// How much fits on the way to each mobile node; `None` if nothing larger than 1280 octets comes.
    pub paths: Option<Paths>,
}

impl HaServer {
    /// Serves on a bound socket, takes associations from `associations`, and has `home` behind it.
    #[must_use]
    pub fn new(
        socket: UdpSocket,
        associations: mpsc::Receiver<Box<SecurityAssociation>>,
        home: HomeSide,
        file: StatisticsFile,
    ) -> Self {
        Self { socket, associations, home, sa_log: None, statistics: HaStatistics::default(), file }
    }

    /// Writes its associations with their keys to `sa_log`.
    #[must_use]
    pub fn logging_to(self, sa_log: Option<SaLog>) -> Self {
        Self { sa_log, ..self }
    }

    /// Runs until `stop` is ready, or until nobody can hand over associations any more.
    ///
    /// # Errors
    /// The statistics cannot be written.
    pub async fn serve<M>(
        mut self,
        mut machine: Box<M>,
        stop: impl Future<Output = ()>,
    ) -> io::Result<HaStatistics>
    where
        M: Machine<Input = Input, Output = Output> + Send + ?Sized,
    {
        tokio::pin!(stop);
        let mut buffer = vec![0; LARGEST_DATAGRAM].into_boxed_slice();
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                // Before the packets: the MN knows its association only after it was handed over here.
                association = self.associations.recv() => match association {
                    Some(association) => {
                        let mn_id = Escaped(association.mn_id.as_str().as_bytes());
                        info!(spi = %association.spi, %mn_id, "association taken");
                        self.statistics.associations += 1;
                        self.log_association(&association);
                        if let Some(paths) = &mut self.home.paths {
                            paths.install(&association);
                        }
                        machine.handle(now(), Input::Install(association));
                    }
                    None => break,
                },
                batch = receive(&self.socket, &mut buffer) => {
                    batch.iter().for_each(|datagram| self.statistics.received.count(datagram.octets.len()));
                    machine.handle(now(), Input::Datagrams(batch));
                }
                batch = from_home(&mut self.home.device) => {
                    batch.iter().for_each(|packet| self.statistics.from_home.count(packet.len()));
                    let batch = self.what_fits(batch).await;
                    machine.handle(now(), Input::FromHome(batch));
                }
                () = self.file.wanted() => self.show_statistics(),
                () = until(machine.poll_timeout()) => machine.handle_timeout(now()),
            }
            self.settle(&mut *machine).await;
        }
        self.file.write(&self.statistics)?;
        Ok(self.statistics)
    }

    /// Carries out what the machine wants, and gives it the correspondent's answers.
    async fn settle<M>(&mut self, machine: &mut M)
    where
        M: Machine<Input = Input, Output = Output> + Send + ?Sized,
    {
        let answers = self.carry_out(machine).await;
        if answers.is_empty() {
            return;
        }
        machine.handle(now(), Input::FromHome(answers));
        // Nobody answers an answer.
        let _ = self.carry_out(machine).await;
    }

    async fn carry_out<M>(&mut self, machine: &mut M) -> Vec<Vec<u8>>
    where
        M: Machine<Input = Input, Output = Output> + Send + ?Sized,
    {
        let mut answers = Vec::new();
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Transmit { to, octets } => match self.socket.send_to(&octets, to).await {
                    Ok(length) => self.statistics.sent.count(length),
                    Err(error) => {
                        self.statistics.unsent += 1;
                        debug!(%to, %error, "datagram not sent");
                    }
                },
                Output::Deliver(packet) => {
                    self.statistics.delivered.count(packet.len());
                    answers.extend(self.deliver(&packet));
                }
                Output::Event(event) => {
                    self.follow(&event).await;
                    self.note(&event);
                }
            }
        }
        answers
    }

    /// Answers what is too large for the way to its mobile node.
    async fn what_fits(&mut self, batch: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let (Some(paths), Some(device)) = (&mut self.home.paths, &self.home.device) else { return batch };
        let mut fitting = Vec::with_capacity(batch.len());
        for packet in batch {
            match paths.answer(&packet).await {
                None => fitting.push(packet),
                Some(answer) => {
                    self.statistics.too_big += 1;
                    if let Err(error) = device.send(&answer) {
                        debug!(%error, "nobody hears that a packet was too large");
                    }
                }
            }
        }
        fitting
    }

    /// Keeps the ways to mobile nodes as the bindings are.
    async fn follow(&mut self, event: &Event) {
        let Some(paths) = &mut self.home.paths else { return };
        match event {
            Event::Registered(binding) => paths.register(binding).await,
            Event::Deregistered { home } | Event::RanOut { home } => paths.forget(*home),
            Event::Refused { .. } | Event::Discarded { .. } => {}
        }
    }

    /// Gives the packet to whom it is for; what comes back at once is the answer of a built-in correspondent.
    fn deliver(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        if self.home.correspondents.contains(&destination(packet)?) {
            let answer = correspondent::answer(packet)?;
            self.statistics.answered += 1;
            return Some(answer);
        }
        match &self.home.device {
            Some(device) => {
                if let Err(error) = device.send(packet) {
                    debug!(%error, "the home network did not take a packet");
                }
            }
            None => debug!("a packet for somebody who is not here"),
        }
        None
    }

    fn log_association(&mut self, association: &SecurityAssociation) {
        if let Some(Err(error)) = self.sa_log.as_mut().map(|log| log.note(association)) {
            warn!(%error, "the association cannot be written");
        }
    }

    fn show_statistics(&self) {
        if let Err(error) = self.file.write(&self.statistics) {
            warn!(%error, "the statistics cannot be written");
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Registered(binding) => {
                self.statistics.registrations += 1;
                info!(home = %binding.home, return_to = %binding.return_to, spi = %binding.spi, "registered");
            }
            Event::Deregistered { home } => {
                self.statistics.deregistrations += 1;
                info!(%home, "deregistered");
            }
            Event::RanOut { home } => info!(%home, "binding ran out"),
            Event::Refused { home, status } => info!(%home, %status, "binding refused"),
            Event::Discarded { from, reason } => {
                debug!(?from, %reason, "discarded");
                *self.statistics.discarded.entry(reason.to_string()).or_default() += 1;
            }
        }
    }
}

const LARGEST_DATAGRAM: usize = 65_535;

async fn from_home(device: &mut Option<Device>) -> Vec<Vec<u8>> {
    let Some(open) = device else { return std::future::pending().await };
    match open.receive().await {
        Ok(batch) => batch,
        Err(error) => {
            warn!(%error, name = open.name(), "the device is gone: no more packets from the home network");
            *device = None;
            Vec::new()
        }
    }
}

/// Waits for one datagram, then takes what else is there.
async fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Vec<Datagram> {
    let mut batch = Vec::new();
    match socket.recv_from(buffer).await {
        Ok((length, from)) => batch.push(datagram(buffer, length, from)),
        // An ICMP error for something that was sent earlier, or a passing want of memory.
        Err(error) => warn!(%error, "cannot receive"),
    }
    while batch.len() < AT_ONCE
        && let Ok((length, from)) = socket.try_recv_from(buffer)
    {
        batch.push(datagram(buffer, length, from));
    }
    batch
}

fn datagram(buffer: &[u8], length: usize, from: std::net::SocketAddr) -> Datagram {
    Datagram { from, octets: buffer.get(..length).unwrap_or_default().to_vec() }
}

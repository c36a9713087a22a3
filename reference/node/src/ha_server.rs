//! The HA's shell (RFC 6618 section 6): one UDP socket in front of one machine, and a correspondent behind it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use proto::ha::{Datagram, Event, Input, Output};
use proto::sa::SecurityAssociation;
use proto::{Machine, correspondent};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tracing::{debug, info, warn};
use wire::escape::Escaped;

use crate::echo::destination;
use crate::host::{now, until};

/// A bound HA without its machine.
pub struct HaServer {
    socket: UdpSocket,
    associations: mpsc::Receiver<Box<SecurityAssociation>>,
    correspondents: Vec<IpAddr>,
    statistics: Statistics,
}

/// What happened to packets, for `--stats-json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Statistics {
    /// Associations that the HAC handed over.
    pub associations: u64,
    /// UDP datagrams taken from the socket.
    pub received: u64,
    /// UDP datagrams given to the socket.
    pub sent: u64,
    /// IP packets out of the tunnel, whoever they were for.
    pub delivered: u64,
    /// Echo requests that the built-in correspondent answered.
    pub answered: u64,
    /// Datagrams and packets silently discarded, by reason.
    pub discarded: BTreeMap<String, u64>,
}

impl HaServer {
    /// Serves on a bound socket, takes associations from `associations` and plays the given correspondents.
    #[must_use]
    pub fn new(
        socket: UdpSocket,
        associations: mpsc::Receiver<Box<SecurityAssociation>>,
        correspondents: Vec<IpAddr>,
    ) -> Self {
        Self { socket, associations, correspondents, statistics: Statistics::default() }
    }

    /// Runs until `stop` is ready, or until nobody can hand over associations any more.
    pub async fn serve<M>(mut self, mut machine: Box<M>, stop: impl Future<Output = ()>) -> Statistics
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
                        machine.handle(now(), Input::Install(association));
                    }
                    None => break,
                },
                batch = receive(&self.socket, &mut buffer) => {
                    self.statistics.received += batch.len() as u64;
                    machine.handle(now(), Input::Datagrams(batch));
                }
                () = until(machine.poll_timeout()) => machine.handle_timeout(now()),
            }
            self.settle(&mut *machine).await;
        }
        self.statistics
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
                    Ok(_) => self.statistics.sent += 1,
                    Err(error) => debug!(%to, %error, "datagram not sent"),
                },
                Output::Deliver(packet) => {
                    self.statistics.delivered += 1;
                    answers.extend(self.answer(&packet));
                }
                Output::Event(event) => self.note(&event),
            }
        }
        answers
    }

    fn answer(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        if !self.correspondents.contains(&destination(packet)?) {
            debug!("a packet for somebody who is not here");
            return None;
        }
        let answer = correspondent::answer(packet)?;
        self.statistics.answered += 1;
        Some(answer)
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Registered(binding) => {
                info!(home = %binding.home, return_to = %binding.return_to, spi = %binding.spi, "registered");
            }
            Event::Deregistered { home } => info!(%home, "deregistered"),
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
const DATAGRAMS_AT_ONCE: usize = 64;

/// Waits for one datagram, then takes what else is there.
async fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Vec<Datagram> {
    let mut batch = Vec::new();
    match socket.recv_from(buffer).await {
        Ok((length, from)) => batch.push(datagram(buffer, length, from)),
        // An ICMP error for something that was sent earlier, or a passing want of memory.
        Err(error) => warn!(%error, "cannot receive"),
    }
    while batch.len() < DATAGRAMS_AT_ONCE
        && let Ok((length, from)) = socket.try_recv_from(buffer)
    {
        batch.push(datagram(buffer, length, from));
    }
    batch
}

fn datagram(buffer: &[u8], length: usize, from: std::net::SocketAddr) -> Datagram {
    Datagram { from, octets: buffer.get(..length).unwrap_or_default().to_vec() }
}

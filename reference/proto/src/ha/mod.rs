//! RFC 6618 section 6, with the home registration of RFC 6275 inside: the home agent.
//!
//! The path of a datagram: `inbound` decides by its first two words and opens it; `registration` takes what was in
//! PType 8, `reverse_tunnel` what was in PType 1 or 0. State is in `associations` (by SPI; whose address is
//! whose: `owners`) and `bindings` (by home address); where it lies in memory, in `slab`.
//!
//! Absent on purpose: Duplicate Address Detection and interception on a home link (the shell owns the link), Binding
//! Refresh Requests, Binding Errors, Mobile Prefix Discovery, and the IPv4 options of RFC 5555.

mod associations;
mod bindings;
mod inbound;
mod owners;
mod registration;
mod reverse_tunnel;
mod slab;

use std::collections::VecDeque;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use wire::mobility::BindingStatus;

pub use crate::discard::{Discard, Discards};
pub use bindings::Binding;

use crate::sa::SecurityAssociation;
use crate::{Machine, Random, Timestamp};
use associations::{Associations, Margins};
use bindings::Bindings;
use wire::value::Spi;

/// The configuration of a home agent.
#[derive(Clone, Debug)]
pub struct Config {
    /// The home agent's IPv6 address, for associations that do not name one: part of every Mobility Header checksum.
    pub address: Ipv6Addr,
    /// The longest registration that is granted, in steps of 4 seconds.
    pub max_lifetime: Duration,
    /// A registration under an association with no more than this left is refused with REINIT_SA_WITH_HAC.
    pub reinit_time: Duration,
    /// The same for the Sequence Numbers that are left, in whichever direction has fewer (6.1).
    pub reinit_numbers: u64,
    /// How long an association still counts after its successor was first used (SA-11).
    pub grace: Duration,
    /// How exactly the outer source of a plain packet must be the registered one (C9).
    pub plain_source: PlainSource,
}

impl Config {
    /// An hour at most, renewal 30 seconds or 65536 numbers before the end, 30 seconds of grace, exact sources.
    pub fn new(address: Ipv6Addr) -> Self {
        Self {
            address,
            max_lifetime: Duration::from_secs(3600),
            reinit_time: Duration::from_secs(30),
            reinit_numbers: 1 << 16,
            grace: Duration::from_secs(30),
            plain_source: PlainSource::AddressAndPort,
        }
    }
}

/// What must agree between the outer source of a PType 0 packet and the registered one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainSource {
    /// The IP address only.
    Address,
    /// The IP address and the UDP port.
    AddressAndPort,
}

/// One UDP datagram that came to the service port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Its outer source.
    pub from: SocketAddr,
    /// Its payload.
    pub octets: Vec<u8>,
}

/// What can happen to a home agent.
#[derive(Clone, Debug)]
pub enum Input {
    /// The HAC made an association.
    Install(Box<SecurityAssociation>),
    /// Datagrams arrived, in this order.
    Datagrams(Vec<Datagram>),
    /// IP packets for mobile nodes arrived from the home network, in this order.
    FromHome(Vec<Vec<u8>>),
    /// The mobile node that owns this association shall be told to renew it, at its next registration (4.3).
    Reinit(Spi),
}

/// What a home agent wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram from the service port (PK-28).
    Transmit {
        /// Its outer destination.
        to: SocketAddr,
        /// Its payload.
        octets: Vec<u8>,
    },
    /// Forward this IP packet into the home network.
    Deliver(Vec<u8>),
    /// Nothing to do; something to know.
    Event(Event),
}

/// What is worth a line in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A binding was made or refreshed.
    Registered(Binding),
    /// A mobile node gave its binding up.
    Deregistered {
        /// Its home address.
        home: Ipv6Addr,
    },
    /// A binding ran out.
    RanOut {
        /// Its home address.
        home: Ipv6Addr,
    },
    /// A Binding Update was answered with a refusal.
    Refused {
        /// The home address in it.
        home: Ipv6Addr,
        /// The status of the answer, 128 or more.
        status: BindingStatus,
    },
    /// A packet was dropped without a word.
    Discarded {
        /// The outer source; `None` for packets from the home network.
        from: Option<SocketAddr>,
        /// Why.
        reason: Discard,
    },
}

/// A home agent.
pub struct Ha {
    config: Config,
    random: Box<dyn Random>,
    associations: Associations,
    bindings: Bindings,
    discards: Discards,
    outputs: VecDeque<Output>,
}

impl Ha {
    /// A home agent without associations. `random` makes its IVs.
    pub fn new(config: Config, random: Box<dyn Random>) -> Self {
        Self {
            config,
            random,
            associations: Associations::default(),
            bindings: Bindings::default(),
            discards: Discards::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What was dropped so far.
    pub fn discards(&self) -> &Discards {
        &self.discards
    }

    /// Who is registered at `now`, in the order of the home addresses.
    pub fn bindings(&self, now: Timestamp) -> impl Iterator<Item = &Binding> {
        self.bindings.iter(now)
    }

    fn margins(&self) -> Margins {
        Margins { time: self.config.reinit_time, numbers: self.config.reinit_numbers }
    }

    fn discard(&mut self, from: Option<SocketAddr>, reason: Discard) {
        self.discards.add(reason);
        self.event(Event::Discarded { from, reason });
    }

    fn transmit(&mut self, to: SocketAddr, octets: Vec<u8>) {
        self.outputs.push_back(Output::Transmit { to, octets });
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// 16 octets from the generator; the cipher takes as many as it needs (RFC 3602 section 3: unpredictable).
    fn fresh_iv(&mut self) -> [u8; 16] {
        let mut iv = [0; 16];
        self.random.fill(&mut iv);
        iv
    }
}

impl Machine for Ha {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Install(sa) => self.associations.install(*sa),
            Input::Datagrams(datagrams) => self.take_datagrams(now, &datagrams),
            Input::FromHome(packets) => self.tunnel(now, &packets),
            Input::Reinit(spi) => self.associations.renew(spi.get()),
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        [self.bindings.next_to_forget(), self.associations.next_to_forget()].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        for home in self.bindings.forget(now) {
            self.event(Event::RanOut { home });
        }
        self.associations.forget(now);
    }
}

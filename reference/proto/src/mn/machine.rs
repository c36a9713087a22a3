//! The mobile node: who gets which input, and what follows.

use std::collections::VecDeque;
use std::net::IpAddr;

use crypto::channel_binding::ChannelBinding;
use wire::error::{Have, Need};
use wire::packet::PType;

use super::exchange::{self, Exchange, Progress};
use super::registration::{Due, Goal, Registration, Settled};
use super::tunnel::Tunnel;
use super::verify::Bootstrapped;
use super::{Config, Event, Failure, Fault, HomeAgent, Input, Output, Retransmission};
use crate::discard::{Discard, Discards};
use crate::{Machine, Random, Timestamp};

/// The mobile node.
pub struct Mn {
    pub(super) config: Config,
    pub(super) random: Box<dyn Random>,
    exchange: Exchange,
    /// When the exchange with the HAC has taken too long.
    deadline: Option<Timestamp>,
    /// When the HAC is contacted next.
    pub(super) renew_at: Option<Timestamp>,
    /// How often status 176 came since the last registration that was accepted.
    reinits: u32,
    /// The association that carries data.
    pub(super) current: Option<Association>,
    /// A newer one, until the home agent accepts a registration under it (SA-11).
    pub(super) successor: Option<Association>,
    pub(super) discards: Discards,
    pub(super) outputs: VecDeque<Output>,
}

pub(super) struct Association {
    ha: HomeAgent,
    pub(super) tunnel: Tunnel,
    pub(super) registration: Registration,
}

impl Mn {
    /// A mobile node that does nothing before [`Input::Start`].
    pub fn new(config: Config, random: Box<dyn Random>) -> Self {
        Self {
            config,
            random,
            exchange: Exchange::Idle,
            deadline: None,
            renew_at: None,
            reinits: 0,
            current: None,
            successor: None,
            discards: Discards::default(),
            outputs: VecDeque::new(),
        }
    }

    /// How many packets were dropped, and why.
    pub fn discards(&self) -> &Discards {
        &self.discards
    }

    /// Whether data from this host goes into the tunnel now.
    pub fn is_registered(&self, now: Timestamp) -> bool {
        self.current.as_ref().is_some_and(|association| association.carries(now))
    }

    fn newest(&mut self) -> Option<&mut Association> {
        self.successor.as_mut().or(self.current.as_mut())
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// The exchange with the HAC.
impl Mn {
    pub(super) fn contact_hac(&mut self, now: Timestamp) {
        self.renew_at = None;
        if matches!(self.exchange, Exchange::Idle) {
            self.exchange = Exchange::Connecting;
            self.deadline = Some(now + self.config.exchange_timeout);
            self.outputs.push_back(Output::Connect);
        }
    }

    fn established(&mut self, now: Timestamp, binding: ChannelBinding) {
        if !matches!(self.exchange, Exchange::Connecting) {
            self.outputs.push_back(Output::Close);
            return;
        }
        match exchange::open(&self.config, self.random.as_mut(), binding) {
            Ok((exchange, request)) => {
                self.exchange = exchange;
                self.outputs.push_back(Output::Send(request));
            }
            Err(failure) => self.give_up_exchange(now, failure),
        }
    }

    fn received(&mut self, now: Timestamp, octets: &[u8]) {
        match self.exchange.received(&self.config, self.random.as_mut(), now, octets) {
            Ok(Progress::Waiting) => {}
            Ok(Progress::Send(request)) => self.outputs.push_back(Output::Send(request)),
            Ok(Progress::Done(bootstrapped)) => {
                self.deadline = None;
                self.outputs.push_back(Output::Close);
                self.adopt(now, *bootstrapped);
            }
            Err(failure) => self.give_up_exchange(now, failure),
        }
    }

    fn closed(&mut self, now: Timestamp) {
        if !matches!(self.exchange, Exchange::Idle) {
            self.fail_exchange(now, unanswered("connection to the HAC"));
        }
    }

    /// EX-09: a mobile node that finds a fault says nothing and closes.
    fn give_up_exchange(&mut self, now: Timestamp, failure: Failure) {
        self.outputs.push_back(Output::Close);
        self.fail_exchange(now, failure);
    }

    /// While an association lives, the HAC is asked again a little later.
    fn fail_exchange(&mut self, now: Timestamp, failure: Failure) {
        self.exchange = Exchange::Idle;
        self.deadline = None;
        if self.newest().is_some_and(|association| association.registration.goal() == Goal::Bound) {
            self.renew_at = Some(now + self.config.retransmission.most);
        }
        self.event(Event::Failed(failure));
    }

    /// A new association: register under it, and keep the old one for data until that is accepted.
    fn adopt(&mut self, now: Timestamp, Bootstrapped { sa, ha, home, agent }: Bootstrapped) {
        let left = sa.end().since(now);
        self.renew_at = Some(now + (left - self.config.renew_before.min(left / 2)));
        self.event(Event::Bootstrapped {
            ha,
            home: sa.home.clone(),
            spi: sa.spi,
            suite: sa.suite,
            scope: sa.scope,
            validity_end: sa.validity_end,
        });
        // The home agent remembers the last number under the old association, too.
        let last = self.newest().map(|association| association.registration.sequence());
        let sequence = last.unwrap_or_else(|| {
            let mut octets = [0; 2];
            self.random.fill(&mut octets);
            u16::from_be_bytes(octets)
        });
        let tunnel = Tunnel::new(sa, home, agent);
        let association = Association { ha, tunnel, registration: Registration::new(sequence) };
        // Packets go to the newest home agent, so an old association is of no use at another one.
        if self.current.as_ref().is_some_and(|current| current.carries(now) && current.ha == ha) {
            self.successor = Some(association);
        } else {
            self.successor = None;
            self.current = Some(association);
        }
        self.pursue(now, Goal::Bound);
    }
}

/// Registration with the home agent.
impl Mn {
    fn pursue(&mut self, now: Timestamp, goal: Goal) {
        let retransmission = self.config.retransmission;
        let Some(association) = self.newest() else { return };
        association.registration.pursue(goal, now, &retransmission);
        self.send_update(now);
    }

    fn send_update(&mut self, now: Timestamp) {
        let newest = self.successor.as_mut().or(self.current.as_mut());
        let Some(Association { tunnel, registration, .. }) = newest else { return };
        if tunnel.is_over(now) {
            self.discards.add(Discard::Expired);
            return;
        }
        let (next_header, octets) = registration.update(&self.config, now, tunnel.home, tunnel.agent);
        let sealed = tunnel.seal(self.random.as_mut(), PType::MOBILITY, &[(next_header, &octets)]);
        if sealed.is_empty() {
            self.discards.add(Discard::SequenceExhausted);
            self.contact_hac(now);
            return;
        }
        self.outputs.extend(sealed.into_iter().map(|octets| Output::Transmit { octets }));
    }

    fn moved(&mut self, now: Timestamp, care_of: IpAddr) {
        self.config.care_of = care_of;
        if self.newest().is_some_and(|association| association.registration.goal() == Goal::Bound) {
            self.pursue(now, Goal::Bound);
        }
    }

    fn deregister(&mut self, now: Timestamp) {
        self.renew_at = None;
        if !matches!(self.exchange, Exchange::Idle) {
            self.exchange = Exchange::Idle;
            self.deadline = None;
            self.outputs.push_back(Output::Close);
        }
        // One acknowledgement settles it, whichever association it comes under.
        if let Some(successor) = self.successor.take() {
            self.current = Some(successor);
        }
        self.pursue(now, Goal::Unbound);
    }

    pub(super) fn acknowledged(&mut self, now: Timestamp, spi: u32, settled: Settled) {
        match settled {
            Settled::Registered { lifetime } => {
                self.reinits = 0;
                if self.successor.as_ref().is_some_and(|successor| successor.spi() == spi) {
                    self.current = self.successor.take();
                }
                self.event(Event::Registered { lifetime });
            }
            Settled::Deregistered => self.event(Event::Deregistered),
            Settled::Reinit => {
                self.event(Event::ReinitRequested);
                self.reinitialise(now);
            }
            Settled::Resynchronised => self.send_update(now),
            Settled::Refused(status) => self.event(Event::Refused(status)),
            Settled::Void => {
                let need = Need::Range { min: 1, max: u64::from(u16::MAX) };
                self.event(Event::Failed(Failure::of(Fault::Ha, "Lifetime", need, Have::Value(0))));
            }
        }
    }

    /// At once the first time; a home agent that is never content gets ever longer pauses.
    fn reinitialise(&mut self, now: Timestamp) {
        let Retransmission { first, most, .. } = self.config.retransmission;
        match self.reinits.checked_sub(1) {
            None => self.contact_hac(now),
            Some(doubled) => {
                let pause = first.saturating_mul(1_u32.checked_shl(doubled).unwrap_or(u32::MAX)).min(most);
                self.renew_at = Some(now + pause);
            }
        }
        self.reinits = self.reinits.saturating_add(1);
    }

    fn registration_due(&mut self, now: Timestamp) {
        let retransmission = self.config.retransmission;
        let Some(association) = self.newest() else { return };
        match association.registration.due(now, &retransmission) {
            Due::Nothing => {}
            Due::Update => self.send_update(now),
            Due::GiveUp => self.event(Event::Failed(unanswered("Binding Acknowledgement"))),
        }
    }

    /// SA-10: what is over is forgotten.
    fn forget_ended(&mut self, now: Timestamp) {
        let over = |association: &mut Association| association.tunnel.is_over(now);
        let wanted = self.newest().is_some_and(|newest| newest.registration.goal() == Goal::Bound);
        self.successor.take_if(over);
        if self.current.take_if(over).is_some() {
            self.current = self.successor.take();
        }
        if self.current.is_none() && wanted {
            self.contact_hac(now);
        }
    }
}

impl Association {
    pub(super) fn spi(&self) -> u32 {
        self.tunnel.sa.spi.get()
    }

    pub(super) fn carries(&self, now: Timestamp) -> bool {
        self.registration.is_bound(now) && !self.tunnel.is_over(now)
    }
}

fn unanswered(field: &'static str) -> Failure {
    Failure::of(Fault::Path, field, Need::Present, Have::Nothing)
}

impl Machine for Mn {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Start => self.contact_hac(now),
            Input::Established { channel_binding } => self.established(now, channel_binding),
            Input::Received(octets) => self.received(now, &octets),
            Input::Closed => self.closed(now),
            Input::Datagrams(batch) => self.take_datagrams(now, &batch),
            Input::FromHost(packets) => self.take_from_host(now, &packets),
            Input::Move { care_of } => self.moved(now, care_of),
            Input::Deregister => self.deregister(now),
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let newest = self.successor.as_ref().or(self.current.as_ref());
        let registration = newest.and_then(|association| association.registration.poll_timeout());
        let ends = [&self.current, &self.successor].into_iter().flatten().map(|one| one.tunnel.sa.end());
        [self.deadline, self.renew_at, registration].into_iter().flatten().chain(ends).min()
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.give_up_exchange(now, unanswered("answer of the HAC"));
        }
        if self.renew_at.is_some_and(|renewal| renewal <= now) {
            self.contact_hac(now);
        }
        self.forget_ended(now);
        self.registration_due(now);
    }
}

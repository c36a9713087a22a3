//! RFC 6618 section 6.3 with RFC 6275 section 11.7: Binding Updates and Acknowledgements, and when to repeat them.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use wire::ext_header::{Chain, home_address_option};
use wire::mobility::{
    BINDING_ACK, BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime, MobilityHeader,
};
use wire::trailer;

use super::{Config, Retransmission};
use crate::Timestamp;
use crate::discard::Discard;

/// What the mobile node wants of its home agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Bound,
    Unbound,
}

/// The binding as the mobile node sees it.
pub(super) struct Registration {
    goal: Goal,
    /// Sequence Number of the newest Binding Update (the 16 bits of RFC 6275, not those of the packet).
    sequence: u16,
    /// Binding Updates that no acknowledgement settled yet.
    outstanding: Option<Outstanding>,
    bound: Option<Bound>,
}

/// A Binding Update and its repetitions.
struct Outstanding {
    /// The sequence number of the first of them.
    first: u16,
    /// Left to send.
    attempts: u32,
    wait: Duration,
    repeat_at: Timestamp,
}

/// A binding that the home agent accepted.
struct Bound {
    until: Timestamp,
    /// When to refresh it; never if a refresh was refused or stayed unanswered.
    refresh_at: Option<Timestamp>,
}

/// What an acknowledgement means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Registered {
        lifetime: Duration,
    },
    Deregistered,
    /// Status 176.
    Reinit,
    /// Status 135: the sequence number was mended; ask again at once.
    Resynchronised,
    Refused(BindingStatus),
    /// Accepted, but for no time at all.
    Void,
}

/// What the passing of time asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Send a Binding Update.
    Update,
    /// All repetitions stayed unanswered.
    GiveUp,
}

impl Registration {
    /// Nothing asked yet. `sequence` may start anywhere.
    pub(super) fn new(sequence: u16) -> Self {
        Self { goal: Goal::Bound, sequence, outstanding: None, bound: None }
    }

    pub(super) fn goal(&self) -> Goal {
        self.goal
    }

    pub(super) fn sequence(&self) -> u16 {
        self.sequence
    }

    /// Whether the home agent takes data from here now.
    pub(super) fn is_bound(&self, now: Timestamp) -> bool {
        self.bound.as_ref().is_some_and(|bound| now < bound.until)
    }

    /// Starts over with a goal; [`Registration::update`] follows.
    pub(super) fn pursue(&mut self, goal: Goal, now: Timestamp, retransmission: &Retransmission) {
        self.goal = goal;
        if goal == Goal::Unbound {
            self.bound = None;
        }
        let first = self.sequence.wrapping_add(1);
        let attempts = retransmission.attempts;
        self.outstanding = Some(Outstanding { first, attempts, wait: retransmission.first, repeat_at: now });
    }

    /// The next Binding Update, with the Home Address option before it (PK-25): the Next Header and the octets.
    pub(super) fn update(
        &mut self,
        config: &Config,
        now: Timestamp,
        home: Ipv6Addr,
        agent: Ipv6Addr,
    ) -> (u8, Vec<u8>) {
        self.sequence = self.sequence.wrapping_add(1);
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.attempts = outstanding.attempts.saturating_sub(1);
            outstanding.repeat_at = now + outstanding.wait;
            outstanding.wait = outstanding.wait.saturating_mul(2).min(config.retransmission.most);
        }
        let update = BindingUpdate {
            sequence: self.sequence,
            flags: Flags::REGISTRATION,
            lifetime: self.asked(config),
            alternate_coa: alternate(config.care_of),
        };
        let mut octets = home_address_option(home, trailer::MOBILITY);
        octets.extend(update.emit(home, agent));
        (trailer::DEST_OPTIONS, octets)
    }

    fn asked(&self, config: &Config) -> Lifetime {
        match self.goal {
            Goal::Unbound => Lifetime::ZERO,
            Goal::Bound => {
                let seconds = u32::try_from(config.lifetime.as_secs()).unwrap_or(u32::MAX);
                Lifetime::from_seconds(seconds).max(Lifetime(1))
            }
        }
    }

    /// RFC 6275 11.7.3: an acknowledgement of an outstanding Binding Update; any other is dropped.
    pub(super) fn acknowledged(
        &mut self,
        config: &Config,
        now: Timestamp,
        ack: &BindingAck,
    ) -> Result<Settled, Discard> {
        let outstanding = self.outstanding.as_ref().ok_or(Discard::Unsolicited)?;
        if ack.status == BindingStatus::SEQUENCE_OUT_OF_WINDOW {
            return self.resynchronise(now, ack.sequence);
        }
        let sent = self.sequence.wrapping_sub(outstanding.first);
        if ack.sequence.wrapping_sub(outstanding.first) > sent {
            return Err(Discard::Unsolicited);
        }
        self.outstanding = None;
        Ok(match (ack.status, self.goal) {
            (BindingStatus::REINIT_SA_WITH_HAC, Goal::Bound) => self.no_refresh(Settled::Reinit),
            // The acknowledgement of an earlier repetition was lost: there is nothing left to give up.
            (BindingStatus::NOT_HOME_AGENT, Goal::Unbound) => Settled::Deregistered,
            (status, _) if !status.accepted() => {
                self.bound = None;
                Settled::Refused(status)
            }
            (_, Goal::Unbound) => Settled::Deregistered,
            (_, Goal::Bound) => self.accepted(config, now, ack),
        })
    }

    fn accepted(&mut self, config: &Config, now: Timestamp, ack: &BindingAck) -> Settled {
        let lifetime = span(ack.lifetime.min(self.asked(config)));
        if lifetime.is_zero() {
            self.bound = None;
            return Settled::Void;
        }
        let advised =
            ack.refresh_advice.map(|units| span(Lifetime(units))).filter(|advice| !advice.is_zero());
        let refresh = (lifetime / 4 * 3).min(advised.unwrap_or(Duration::MAX));
        self.bound = Some(Bound { until: now + lifetime, refresh_at: Some(now + refresh) });
        Settled::Registered { lifetime }
    }

    /// Status 135 carries the last number that the home agent took.
    fn resynchronise(&mut self, now: Timestamp, last_taken: u16) -> Result<Settled, Discard> {
        let Some(outstanding) = &mut self.outstanding else { return Err(Discard::Unsolicited) };
        self.sequence = last_taken;
        outstanding.first = last_taken.wrapping_add(1);
        if outstanding.attempts == 0 {
            // The bound on repetitions bounds this, too; the timer gives up.
            return Err(Discard::Unsolicited);
        }
        outstanding.repeat_at = now;
        Ok(Settled::Resynchronised)
    }

    fn no_refresh(&mut self, settled: Settled) -> Settled {
        if let Some(bound) = &mut self.bound {
            bound.refresh_at = None;
        }
        settled
    }

    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        let repeat = self.outstanding.as_ref().map(|outstanding| outstanding.repeat_at);
        repeat.or_else(|| self.bound.as_ref()?.refresh_at)
    }

    pub(super) fn due(&mut self, now: Timestamp, retransmission: &Retransmission) -> Due {
        if self.poll_timeout().is_none_or(|at| now < at) {
            return Due::Nothing;
        }
        match &self.outstanding {
            None => self.pursue(self.goal, now, retransmission),
            Some(outstanding) if outstanding.attempts > 0 => {}
            Some(_) => {
                self.outstanding = None;
                self.no_refresh(Settled::Void);
                return Due::GiveUp;
            }
        }
        Due::Update
    }
}

fn span(lifetime: Lifetime) -> Duration {
    Duration::from_secs(lifetime.seconds().into())
}

/// C14: only a global-scope IPv6 address belongs into the option.
fn alternate(care_of: IpAddr) -> Option<Ipv6Addr> {
    let IpAddr::V6(address) = care_of else { return None };
    let local = address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || address.is_unicast_link_local()
        || address.to_ipv4_mapped().is_some();
    (!local).then_some(address)
}

/// Reads a Binding Acknowledgement in the order of RFC 6275 section 9.2: headers, checksum, type, contents.
pub(super) fn read_ack(
    next_header: u8,
    payload: &[u8],
    agent: Ipv6Addr,
    home: Ipv6Addr,
) -> Result<BindingAck, Discard> {
    let chain = Chain::parse(next_header, payload).map_err(|_| Discard::ExtensionHeader)?;
    if chain.protocol != trailer::MOBILITY {
        return Err(Discard::ExtensionHeader);
    }
    if chain.routing_home.is_some_and(|named| named != home) {
        return Err(Discard::HomeAddressForeign);
    }
    let header = MobilityHeader::new_checked(chain.upper).map_err(|_| Discard::MobilityHeader)?;
    if !header.verify(agent, home) {
        return Err(Discard::Checksum);
    }
    if header.mh_type() != BINDING_ACK {
        return Err(Discard::MobilityType);
    }
    if header.payload_proto() != trailer::NO_NEXT {
        return Err(Discard::PayloadProto);
    }
    BindingAck::parse(chain.upper).map_err(|_| Discard::MobilityHeader)
}

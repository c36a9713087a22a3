//! RFC 6618 section 6.3 with RFC 6275 sections 9.5.1, 10.3.1 and 10.3.2: home registration.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::open::Opened;
use crypto::seal::Outgoing;
use wire::ext_header::Chain;
use wire::mobility::{
    self, BindingAck, BindingError, BindingStatus, BindingUpdate, Lifetime, MobilityHeader, binding_error,
};
use wire::packet::PType;
use wire::trailer;

use super::associations::{Association, Handle};
use super::bindings::Known;
use super::{Binding, Discard, Event, Ha};
use crate::Timestamp;
use crate::sa::HomeAddresses;

/// The one message that a mobile node sends to its home agent in PType 8.
struct Signal {
    update: BindingUpdate,
    home: Ipv6Addr,
}

impl Ha {
    /// What came in PType 8. Whatever is wrong with it is dropped; what RFC 6275 wants refused is refused.
    pub(super) fn take_mobility(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        handle: Handle,
        opened: &Opened,
    ) -> Result<(), Discard> {
        let association = self.associations.get(handle).ok_or(Discard::SpiUnknown)?;
        let agent = association.sa.ha.unwrap_or(self.config.address);
        let Signal { update, home } = match read(opened, &association.sa.home, agent) {
            Ok(signal) => signal,
            Err(Unread::Dropped(reason)) => return Err(reason),
            Err(Unread::Unrecognised { from: home, named }) => {
                let status = binding_error::UNRECOGNISED_TYPE;
                let error = BindingError { status, home: named.unwrap_or(Ipv6Addr::UNSPECIFIED) };
                self.signal(handle, from, &error.emit(agent, home))?;
                return Err(Discard::MobilityType);
            }
        };
        let situation = Situation {
            known: self.bindings.known(home, now),
            sa_remaining: association.end().since(now),
            max_lifetime: self.config.max_lifetime,
            renewal: self.renewal(association, now),
        };
        let (status, sequence, lifetime) = match judge(&update, &situation) {
            Decision::Discard(reason) => return Err(reason),
            Decision::Refuse { status, sequence } => {
                self.event(Event::Refused { home, status });
                (status, sequence, Lifetime::ZERO)
            }
            Decision::Deregister => {
                self.bindings.delete(home, update.sequence, handle, now);
                self.event(Event::Deregistered { home });
                (BindingStatus::ACCEPTED, update.sequence, Lifetime::ZERO)
            }
            Decision::Register { lifetime } => {
                let binding = Binding {
                    home,
                    care_of: update.alternate_coa,
                    return_to: from,
                    spi: handle.spi,
                    sequence: update.sequence,
                    until: now + Duration::from_secs(lifetime.seconds().into()),
                };
                let place = self.bindings.register(binding.clone(), handle);
                self.associations.bound(handle.spi, place);
                self.event(Event::Registered(binding));
                (BindingStatus::ACCEPTED, update.sequence, lifetime)
            }
        };
        let ack = BindingAck { status, key_management: false, sequence, lifetime, refresh_advice: None };
        // RFC 6275 10.3.1 and 10.3.2: whether or not the A flag is set.
        self.signal(handle, from, &ack.emit(agent, home))
    }

    /// Sends a Mobility Header to where the one that it answers came from.
    fn signal(&mut self, handle: Handle, to: SocketAddr, header: &[u8]) -> Result<(), Discard> {
        let iv = self.fresh_iv();
        let association = self.associations.get_mut(handle).ok_or(Discard::SpiUnknown)?;
        let outgoing = Outgoing {
            ptype: PType::MOBILITY,
            spi: association.sa.spi,
            sequence: association.counter.next().ok_or(Discard::SequenceExhausted)?,
            next_header: trailer::MOBILITY,
            payload: header,
            iv,
            extra_padding: 0,
        };
        for octets in association.sealer().seal(&[outgoing]) {
            self.transmit(to, octets);
        }
        Ok(())
    }

    fn renewal(&self, association: &Association, now: Timestamp) -> Renewal {
        if association.wants_renewal(now, self.margins()) { Renewal::Needed } else { Renewal::NotNeeded }
    }
}

/// Why there is no Binding Update.
enum Unread {
    Dropped(Discard),
    /// RFC 6275 9.2: an MH Type that nobody here knows is answered with an error. Only an authenticated mobile node
    /// gets that far, so the answer cannot be made to hit somebody else.
    Unrecognised {
        /// The sender inside.
        from: Ipv6Addr,
        /// The address in the Home Address option.
        named: Option<Ipv6Addr>,
    },
}

impl From<Discard> for Unread {
    fn from(reason: Discard) -> Self {
        Self::Dropped(reason)
    }
}

/// Reads a Binding Update in the order of RFC 6275 section 9.2: headers, checksum, type, contents.
fn read(opened: &Opened, own: &HomeAddresses, agent: Ipv6Addr) -> Result<Signal, Unread> {
    let chain = Chain::parse(opened.next_header, &opened.payload).map_err(|_| Discard::ExtensionHeader)?;
    if chain.protocol != trailer::MOBILITY {
        return Err(Discard::ExtensionHeader.into());
    }
    let home = chain.home_address.or(own.ip6).ok_or(Discard::HomeAddressMissing)?;
    if !may_register(own, home) {
        return Err(Discard::HomeAddressForeign.into());
    }
    let header = MobilityHeader::new_checked(chain.upper).map_err(|_| Discard::MobilityHeader)?;
    if !header.verify(home, agent) {
        return Err(Discard::Checksum.into());
    }
    match header.mh_type() {
        mobility::BINDING_UPDATE => {}
        0..=mobility::HIGHEST_TYPE => return Err(Discard::MobilityType.into()),
        _ => return Err(Unread::Unrecognised { from: home, named: chain.home_address }),
    }
    if header.payload_proto() != trailer::NO_NEXT {
        return Err(Discard::PayloadProto.into());
    }
    let update = BindingUpdate::parse(chain.upper).map_err(|_| Discard::MobilityHeader)?;
    // C10: only who de-registers may leave the option out.
    if chain.home_address.is_none() && update.lifetime != Lifetime::ZERO {
        return Err(Discard::HomeAddressMissing.into());
    }
    if update.alternate_coa.is_some_and(|care_of| !is_routable_unicast(care_of)) {
        return Err(Discard::CareOfAddress.into());
    }
    Ok(Signal { update, home })
}

/// PK-25: the home address that was handed out; any inside the mobile node's own prefix if none was.
fn may_register(own: &HomeAddresses, home: Ipv6Addr) -> bool {
    match own.ip6 {
        Some(handed_out) => handed_out == home,
        None => own.is_inside_prefix(home.into()),
    }
}

/// RFC 6275 6.1.7: a care-of address must be one.
fn is_routable_unicast(address: Ipv6Addr) -> bool {
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || address.is_unicast_link_local())
}

/// What the home agent knows when a Binding Update comes in.
pub(super) struct Situation {
    /// What it knows of the home address.
    pub(super) known: Known,
    /// How long the association is still valid.
    pub(super) sa_remaining: Duration,
    /// The longest registration that the home agent grants.
    pub(super) max_lifetime: Duration,
    /// Whether the association is to be renewed first.
    pub(super) renewal: Renewal,
}

/// Whether registrations under the association still make sense.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    NotNeeded,
    Needed,
}

/// What becomes of the Binding Update.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Discard(Discard),
    /// The Sequence Number is the one to be sent: the last good one in the case of 135.
    Refuse {
        status: BindingStatus,
        sequence: u16,
    },
    Register {
        lifetime: Lifetime,
    },
    Deregister,
}

/// Judges `update`, whose home address already proved to be the association's.
pub(super) fn judge(update: &BindingUpdate, situation: &Situation) -> Decision {
    let refuse = |status| Decision::Refuse { status, sequence: update.sequence };
    if let Some(last) = situation.known.sequence().filter(|&last| !is_newer(update.sequence, last)) {
        return Decision::Refuse { status: BindingStatus::SEQUENCE_OUT_OF_WINDOW, sequence: last };
    }
    let is_end = update.lifetime == Lifetime::ZERO;
    match situation.known {
        Known::Registered { .. } if !update.flags.home_registration => {
            return refuse(BindingStatus::REGISTRATION_TYPE_CHANGE);
        }
        _ if !update.flags.home_registration => return Decision::Discard(Discard::NotHomeRegistration),
        Known::Registered { .. } if is_end => return Decision::Deregister,
        _ if is_end => return refuse(BindingStatus::NOT_HOME_AGENT),
        Known::Registered { .. } | Known::Deleted { .. } | Known::Nothing => {}
    }
    match granted(update.lifetime, situation) {
        Some(lifetime) if situation.renewal == Renewal::NotNeeded => Decision::Register { lifetime },
        Some(_) | None => refuse(BindingStatus::REINIT_SA_WITH_HAC),
    }
}

/// RFC 6275 9.5.1: modulo 2^16, a number is newer if it is one of the 32767 that follow `last`.
fn is_newer(sequence: u16, last: u16) -> bool {
    (1..0x8000).contains(&sequence.wrapping_sub(last))
}

/// What was asked for, but no longer than the configured maximum or the association; `None` if no unit is left.
fn granted(requested: Lifetime, situation: &Situation) -> Option<Lifetime> {
    let most = situation.max_lifetime.min(situation.sa_remaining).as_secs();
    let most = Lifetime::from_seconds(u32::try_from(most).unwrap_or(u32::MAX));
    Some(requested.min(most)).filter(|&lifetime| lifetime > Lifetime::ZERO)
}

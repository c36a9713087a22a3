//! RFC 6275 sections 6.1.2 to 6.1.9: the messages of Mobility Headers.
//!
//! A message whose options are wrong is shown as far as its fixed fields go; what is wrong is told beside it.

use core::fmt;
use std::net::Ipv6Addr;

use wire::DecodeError;
use wire::error::{Have, Need};
use wire::mobility::{
    BINDING_ACK, BINDING_ERROR, BINDING_REFRESH_REQUEST, BINDING_UPDATE, BindingAck, BindingStatus,
    BindingUpdate, Flags, HEADER_LEN, Lifetime, MobilityHeader,
};
use wire::trailer::NO_NEXT;

use crate::finding::Fault;
use crate::rest::half;

/// MH Types that have no name in `wire`.
mod mh_type {
    pub(super) const HOME_TEST_INIT: u8 = 1;
    pub(super) const CARE_OF_TEST_INIT: u8 = 2;
    pub(super) const HOME_TEST: u8 = 3;
    pub(super) const CARE_OF_TEST: u8 = 4;
}

/// MH Types beyond RFC 6275, by their registry.
const OTHERS: [(u8, &str); 8] = [
    (8, "Fast Binding Update"),
    (9, "Fast Binding Acknowledgement"),
    (10, "Fast Neighbor Advertisement"),
    (11, "experimental Mobility Header"),
    (12, "Home Agent Switch"),
    (13, "Heartbeat"),
    (18, "Binding Revocation"),
    (20, "Localized Routing Initiation"),
];

/// P of RFC 5213, in the flags of an update and of an acknowledgement.
const PROXY_UPDATE: u16 = 0x0200;
const PROXY_ACK: u8 = 0x20;

/// What a Mobility Header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A Binding Refresh Request (6.1.2).
    RefreshRequest,
    /// A Home Test Init (6.1.3).
    HomeTestInit {
        /// Home Init Cookie.
        cookie: u64,
    },
    /// A Care-of Test Init (6.1.4).
    CareOfTestInit {
        /// Care-of Init Cookie.
        cookie: u64,
    },
    /// A Home Test (6.1.5).
    HomeTest(Test),
    /// A Care-of Test (6.1.6).
    CareOfTest(Test),
    /// A Binding Update (6.1.7).
    Update(BindingUpdate),
    /// A Binding Acknowledgement (6.1.8).
    Ack(BindingAck),
    /// A Binding Error (6.1.9).
    Error {
        /// Status: 1 an unknown binding, 2 an unknown MH Type.
        status: u8,
        /// The home address that the other side named.
        home: Ipv6Addr,
    },
    /// A Proxy Binding Update (RFC 5213), which is named and not judged.
    ProxyUpdate(BindingUpdate),
    /// A Proxy Binding Acknowledgement (RFC 5213), which is named and not judged.
    ProxyAck(BindingAck),
    /// A header of another type, or one too short for its fields.
    Other {
        /// MH Type.
        mh_type: u8,
    },
}

/// What the other side of a return routability test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Home or Care-of Nonce Index.
    pub nonce_index: u16,
    /// The cookie of the Init.
    pub cookie: u64,
    /// Home or Care-of Keygen Token.
    pub token: u64,
}

impl Message {
    pub(super) fn read(octets: &[u8], faults: &mut Vec<Fault>) -> Self {
        let view = MobilityHeader::new_unchecked(octets);
        let mh_type = view.mh_type();
        let strict = match mh_type {
            BINDING_UPDATE => BindingUpdate::parse(octets).map(Self::Update),
            BINDING_ACK => BindingAck::parse(octets).map(Self::Ack),
            _ => MobilityHeader::new_checked(octets).and_then(|view| {
                let payload_proto = view.payload_proto();
                if payload_proto != NO_NEXT {
                    let (need, have) =
                        (Need::Value(u64::from(NO_NEXT)), Have::Value(u64::from(payload_proto)));
                    return Err(DecodeError::new("Payload Proto", need, have));
                }
                lax(mh_type, view.data())
            }),
        };
        let message = strict.unwrap_or_else(|error| {
            faults.push(Fault::Mobility { mh_type, error });
            lax(mh_type, view.data()).unwrap_or(Self::Other { mh_type })
        });
        message.proxied(view.data())
    }

    /// Octets of the Message Data before the options; nothing where it is not known.
    pub(super) const fn fixed_len(&self) -> Option<usize> {
        match self {
            Self::RefreshRequest => Some(2),
            Self::HomeTestInit { .. } | Self::CareOfTestInit { .. } => Some(10),
            Self::HomeTest(_) | Self::CareOfTest(_) => Some(18),
            Self::Update(_) | Self::Ack(_) | Self::ProxyUpdate(_) | Self::ProxyAck(_) => Some(6),
            Self::Error { .. } => Some(18),
            Self::Other { .. } => None,
        }
    }

    fn proxied(self, data: &[u8]) -> Self {
        match self {
            Self::Update(update) if half(data, 2) & PROXY_UPDATE != 0 => Self::ProxyUpdate(update),
            Self::Ack(ack) if data.get(1).is_some_and(|flags| flags & PROXY_ACK != 0) => Self::ProxyAck(ack),
            other => other,
        }
    }
}

/// The fixed fields alone.
fn lax(mh_type: u8, data: &[u8]) -> Result<Message, DecodeError> {
    Ok(match mh_type {
        BINDING_REFRESH_REQUEST => fixed::<2>(data).map(|_| Message::RefreshRequest)?,
        mh_type::HOME_TEST_INIT => {
            fixed::<10>(data).map(|data| Message::HomeTestInit { cookie: long(data, 2) })?
        }
        mh_type::CARE_OF_TEST_INIT => {
            fixed::<10>(data).map(|data| Message::CareOfTestInit { cookie: long(data, 2) })?
        }
        mh_type::HOME_TEST => Message::HomeTest(Test::read(data)?),
        mh_type::CARE_OF_TEST => Message::CareOfTest(Test::read(data)?),
        BINDING_UPDATE => Message::Update(update(fixed(data)?)),
        BINDING_ACK => Message::Ack(ack(*fixed(data)?)),
        BINDING_ERROR => {
            let [status, _, home @ ..] = *fixed::<18>(data)?;
            Message::Error { status, home: Ipv6Addr::from(home) }
        }
        mh_type => Message::Other { mh_type },
    })
}

fn fixed<const N: usize>(data: &[u8]) -> Result<&[u8; N], DecodeError> {
    data.first_chunk().ok_or_else(|| {
        let (need, have) = (Need::Octets(N), Have::Octets(data.len()));
        DecodeError::new("Message Data", need, have).shifted(HEADER_LEN)
    })
}

fn long(data: &[u8], at: usize) -> u64 {
    data.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |octets| u64::from_be_bytes(*octets))
}

fn update(data: &[u8; 6]) -> BindingUpdate {
    let flags = data[2];
    BindingUpdate {
        sequence: half(data, 0),
        flags: Flags {
            acknowledge: flags & 0x80 != 0,
            home_registration: flags & 0x40 != 0,
            link_local: flags & 0x20 != 0,
            key_management: flags & 0x10 != 0,
        },
        lifetime: Lifetime(half(data, 4)),
        alternate_coa: None,
    }
}

fn ack([status, flags, s0, s1, l0, l1]: [u8; 6]) -> BindingAck {
    BindingAck {
        status: BindingStatus(status),
        key_management: flags & 0x80 != 0,
        sequence: u16::from_be_bytes([s0, s1]),
        lifetime: Lifetime(u16::from_be_bytes([l0, l1])),
        refresh_advice: None,
    }
}

impl Test {
    fn read(data: &[u8]) -> Result<Self, DecodeError> {
        let data = fixed::<18>(data)?;
        Ok(Self { nonce_index: half(data, 0), cookie: long(data, 2), token: long(data, 10) })
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RefreshRequest => f.write_str("Binding Refresh Request"),
            Self::HomeTestInit { cookie } => write!(f, "Home Test Init, cookie {cookie:016x}"),
            Self::CareOfTestInit { cookie } => write!(f, "Care-of Test Init, cookie {cookie:016x}"),
            Self::HomeTest(test) => write!(f, "Home Test, {test}"),
            Self::CareOfTest(test) => write!(f, "Care-of Test, {test}"),
            Self::Update(update) => describe_update("Binding Update", update, f),
            Self::ProxyUpdate(update) => describe_update("Proxy Binding Update", update, f),
            Self::Ack(ack) => describe_ack("Binding Acknowledgement", ack, f),
            Self::ProxyAck(ack) => describe_ack("Proxy Binding Acknowledgement", ack, f),
            Self::Error { status, home } => write!(f, "Binding Error {status} about {home}"),
            Self::Other { mh_type } => match OTHERS.iter().find(|(known, _)| known == mh_type) {
                Some((_, name)) => f.write_str(name),
                None => write!(f, "Mobility Header of type {mh_type}"),
            },
        }
    }
}

fn describe_update(name: &str, update: &BindingUpdate, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let flags = update.flags;
    let flags = [
        (flags.acknowledge, 'A'),
        (flags.home_registration, 'H'),
        (flags.link_local, 'L'),
        (flags.key_management, 'K'),
    ];
    let set: String = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
    write!(f, "{name} {} [{set}] for {} s", update.sequence, update.lifetime.seconds())?;
    update.alternate_coa.map_or(Ok(()), |care_of| write!(f, ", care-of {care_of}"))
}

fn describe_ack(name: &str, ack: &BindingAck, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{name} {}: {}, for {} s", ack.sequence, ack.status, ack.lifetime.seconds())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nonce_index, cookie, token } = self;
        write!(f, "nonce index {nonce_index}, cookie {cookie:016x}, token {token:016x}")
    }
}

//! RFC 6618 section 6.3 with RFC 6275 sections 6.1.7, 9.2 and 9.3.2: Binding Updates with one fault, and their twins.

mod ha_peer;

use std::net::Ipv6Addr;

use ha_peer::{AGENT, Agent, CARE_OF, CORRESPONDENT, HOME, Peer, after_home_address, registration, status};
use proto::ha::Discard;
use wire::ext_header::{home_address_option, routing_header};
use wire::mobility::{BINDING_ACK, BindingError, BindingStatus, BindingUpdate, MobilityHeader};
use wire::packet::PType;
use wire::trailer;

/// A Binding Update with one fault, behind whatever headers.
struct Fault {
    name: &'static str,
    next_header: u8,
    payload: fn() -> Vec<u8>,
    reason: Discard,
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "somebody else's home address",
        next_header: trailer::DEST_OPTIONS,
        payload: || {
            let header = home_address_option(CORRESPONDENT, trailer::MOBILITY);
            [header, registration(1).emit(CORRESPONDENT, AGENT)].concat()
        },
        reason: Discard::HomeAddressForeign,
    },
    Fault {
        name: "a checksum over the care-of address",
        next_header: trailer::DEST_OPTIONS,
        payload: || after_home_address(&registration(1).emit(CARE_OF, AGENT)),
        reason: Discard::Checksum,
    },
    Fault {
        name: "a checksum over another home agent",
        next_header: trailer::DEST_OPTIONS,
        payload: || after_home_address(&registration(1).emit(HOME, CORRESPONDENT)),
        reason: Discard::Checksum,
    },
    Fault {
        name: "a Payload Proto",
        next_header: trailer::DEST_OPTIONS,
        payload: || changed(|header| header.set_payload_proto(6)),
        reason: Discard::PayloadProto,
    },
    Fault {
        name: "a Binding Acknowledgement",
        next_header: trailer::DEST_OPTIONS,
        payload: || changed(|header| header.set_mh_type(BINDING_ACK)),
        reason: Discard::MobilityType,
    },
    Fault {
        name: "a Home Test Init, which is data",
        next_header: trailer::DEST_OPTIONS,
        payload: || changed(|header| header.set_mh_type(1)),
        reason: Discard::MobilityType,
    },
    Fault {
        name: "a Header Len beyond the end",
        next_header: trailer::DEST_OPTIONS,
        payload: || changed(|header| header.set_header_len(9)),
        reason: Discard::MobilityHeader,
    },
    Fault {
        name: "a Header Len that cuts the Binding Update",
        next_header: trailer::DEST_OPTIONS,
        payload: || changed(|header| header.set_header_len(0)),
        reason: Discard::MobilityHeader,
    },
    Fault {
        name: "a loopback care-of address",
        next_header: trailer::DEST_OPTIONS,
        payload: || care_of(Ipv6Addr::LOCALHOST),
        reason: Discard::CareOfAddress,
    },
    Fault {
        name: "a link-local care-of address",
        next_header: trailer::DEST_OPTIONS,
        payload: || care_of(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1)),
        reason: Discard::CareOfAddress,
    },
    Fault {
        name: "a multicast care-of address",
        next_header: trailer::DEST_OPTIONS,
        payload: || care_of(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1)),
        reason: Discard::CareOfAddress,
    },
    Fault {
        name: "no Mobility Header behind the option",
        next_header: trailer::DEST_OPTIONS,
        payload: || home_address_option(HOME, trailer::NO_NEXT),
        reason: Discard::ExtensionHeader,
    },
    Fault {
        name: "a Destination Options header that is cut",
        next_header: trailer::DEST_OPTIONS,
        payload: || after_home_address(&[]).get(..16).unwrap_or_default().to_vec(),
        reason: Discard::ExtensionHeader,
    },
    Fault {
        name: "the home address in a Routing header",
        next_header: trailer::ROUTING,
        payload: || [routing_header(HOME, trailer::MOBILITY), registration(1).emit(HOME, AGENT)].concat(),
        reason: Discard::HomeAddressMissing,
    },
];

#[test]
fn a_faulty_update_is_dropped_and_its_twin_accepted() {
    for fault in FAULTS {
        let mut peer = Peer::usual();
        let mut agent = Agent::knowing(&peer);
        let packet = peer.seal(PType::MOBILITY, fault.next_header, &(fault.payload)());
        agent.datagram(peer.at, packet);
        assert_eq!(agent.discarded(fault.reason), 1, "{}: {:?}", fault.name, agent.ha.discards());
        assert!(agent.sent.is_empty() && agent.bindings().is_empty(), "{}", fault.name);
        assert_eq!(
            status(&mut agent, &mut peer, &registration(1)),
            BindingStatus::ACCEPTED,
            "{}",
            fault.name
        );
    }
}

/// RFC 6275 9.2: the one fault that is answered, since an authenticated mobile node asked.
#[test]
fn an_unknown_mobility_type_is_answered_with_a_binding_error() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let packet = peer.seal(PType::MOBILITY, trailer::DEST_OPTIONS, &changed(|header| header.set_mh_type(99)));
    agent.datagram(peer.at, packet);
    let [(to, octets)] = agent.sent.as_slice() else { panic!("{:?}", agent.ha.discards()) };
    let opened = peer.open(octets);
    assert_eq!((*to, opened.ptype, opened.next_header), (peer.at, PType::MOBILITY, trailer::MOBILITY));
    assert!(MobilityHeader::new_unchecked(&opened.payload).verify(AGENT, HOME));
    assert_eq!(BindingError::parse(&opened.payload), Ok(BindingError { status: 2, home: HOME }));
    assert_eq!(agent.discarded(Discard::MobilityType), 1);
}

#[test]
fn unknown_mobility_options_are_skipped() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let mut header = registration(1).emit(HOME, AGENT);
    header.extend_from_slice(&[200, 6, 1, 2, 3, 4, 5, 6]);
    let mut view = MobilityHeader::new_unchecked(header);
    view.set_header_len(view.header_len() + 1);
    view.fill_checksum(HOME, AGENT);
    let payload = after_home_address(&view.into_inner());
    let packet = peer.seal(PType::MOBILITY, trailer::DEST_OPTIONS, &payload);
    agent.datagram(peer.at, packet);
    assert_eq!(agent.sent.len(), 1, "{:?}", agent.ha.discards());
}

fn changed(change: impl FnOnce(&mut MobilityHeader<Vec<u8>>)) -> Vec<u8> {
    let mut header = MobilityHeader::new_unchecked(registration(1).emit(HOME, AGENT));
    change(&mut header);
    header.fill_checksum(HOME, AGENT);
    after_home_address(&header.into_inner())
}

fn care_of(address: Ipv6Addr) -> Vec<u8> {
    let update = BindingUpdate { alternate_coa: Some(address), ..registration(1) };
    after_home_address(&update.emit(HOME, AGENT))
}

//! `mobility.json`: RFC 6618 section 6.3 with RFC 6275 section 6.

use std::net::Ipv6Addr;

use vectors::rows::{self, MobilityMessage, MobilityOption};
use wire::ext_header::{Chain, home_address_option, routing_header};
use wire::mobility::{
    BINDING_ERROR, BINDING_REFRESH_REQUEST, BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime,
    MobilityHeader, checksum,
};
use wire::trailer::{MOBILITY, NO_NEXT};

use crate::judge;

/// A Mobility Header with a checksum that is right, and the home addresses before it.
#[derive(Debug)]
struct Read {
    home_address: Option<Ipv6Addr>,
    routing_home: Option<Ipv6Addr>,
    message: Message,
}

#[derive(Debug, PartialEq)]
enum Message {
    Update(BindingUpdate),
    Ack(BindingAck),
    /// Told apart by type only: no role acts on more of it.
    Other(u8),
}

fn read_mobility(row: &rows::Mobility) -> Option<Read> {
    let chain = Chain::parse(row.first_header, &row.input).ok()?;
    let header = MobilityHeader::new_checked(chain.upper).ok().filter(|_| chain.protocol == MOBILITY)?;
    let update = || BindingUpdate::parse(chain.upper).map(Message::Update);
    let ack = || BindingAck::parse(chain.upper).map(Message::Ack).ok();
    let message = update().ok().or_else(ack).or_else(|| other(&header))?;
    let verified = header.verify(row.source, row.destination);
    let (home_address, routing_home) = (chain.home_address, chain.routing_home);
    verified.then_some(Read { home_address, routing_home, message })
}

fn other(header: &MobilityHeader<&[u8]>) -> Option<Message> {
    let least = match header.mh_type() {
        BINDING_REFRESH_REQUEST => 2,
        BINDING_ERROR => 18,
        _ => return None,
    };
    let whole = header.payload_proto() == NO_NEXT && header.data().len() >= least;
    whole.then_some(Message::Other(header.mh_type()))
}

fn message(value: &rows::MobilityValue) -> Message {
    match value.message {
        MobilityMessage::BindingRefreshRequest => Message::Other(BINDING_REFRESH_REQUEST),
        MobilityMessage::BindingError => Message::Other(BINDING_ERROR),
        MobilityMessage::BindingUpdate => Message::Update(update(value)),
        MobilityMessage::BindingAcknowledgement => Message::Ack(acknowledgement(value)),
    }
}

fn update(value: &rows::MobilityValue) -> BindingUpdate {
    let flag = |letter| value.flags.iter().any(|flag| flag == letter);
    BindingUpdate {
        sequence: value.sequence.expect("a sequence number"),
        flags: Flags {
            acknowledge: flag("A"),
            home_registration: flag("H"),
            link_local: flag("L"),
            key_management: flag("K"),
        },
        lifetime: Lifetime(value.lifetime.expect("a lifetime")),
        alternate_coa: value.options.iter().find_map(|option| match option {
            MobilityOption::AlternateCareOfAddress { address } => Some(*address),
            _ => None,
        }),
    }
}

fn acknowledgement(value: &rows::MobilityValue) -> BindingAck {
    BindingAck {
        status: BindingStatus(value.status.expect("a status")),
        key_management: value.flags.iter().any(|flag| flag == "K"),
        sequence: value.sequence.expect("a sequence number"),
        lifetime: Lifetime(value.lifetime.expect("a lifetime")),
        refresh_advice: value.options.iter().find_map(|option| match option {
            MobilityOption::BindingRefreshAdvice { interval } => Some(*interval),
            _ => None,
        }),
    }
}

#[test]
fn mobility_headers_are_read() {
    let mut rows = 0;
    for test in vectors::mobility().tests {
        // Which addresses may be home addresses is for the home agent to say.
        if test.flags.iter().any(|flag| flag == "NotUnicast") {
            continue;
        }
        let read = read_mobility(&test.row);
        judge(&test, read.is_some());
        if let (Some(read), Some(value)) = (read, &test.row.value) {
            assert_eq!(read.message, message(value), "{}", test.id);
            assert_eq!(read.home_address, value.home_address, "{}", test.id);
            assert_eq!(read.routing_home, value.routing_home_address, "{}", test.id);
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn mobility_headers_are_written() {
    let mut rows = 0;
    for test in vectors::mobility().tests {
        let Some(value) = test.row.value.as_ref().filter(|_| test.row.canonical) else { continue };
        let option = value.home_address.map(|home| home_address_option(home, MOBILITY));
        let routing = value.routing_home_address.map(|home| routing_header(home, MOBILITY));
        let mut written = option.or(routing).unwrap_or_default();
        written.extend(match message(value) {
            Message::Other(_) => continue,
            Message::Update(update) => update.emit(test.row.source, test.row.destination),
            Message::Ack(ack) => ack.emit(test.row.source, test.row.destination),
        });
        assert_eq!(written, test.row.input[..], "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn checksums_are_computed() {
    let mut rows = 0;
    for test in vectors::checksum().tests {
        let row = &test.row;
        let right = checksum(row.source, row.destination, &row.message).to_be_bytes();
        assert_eq!(right, row.checksum[..], "{}", test.id);
        judge(&test, MobilityHeader::new_unchecked(&row.message[..]).checksum().to_be_bytes() == right);
        rows += 1;
    }
    assert!(rows > 0);
}

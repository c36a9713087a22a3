//! `mobility.json`: RFC 6618 section 6.3 with RFC 6275 section 6.

use std::net::Ipv6Addr;

use vectors::rows::{self, MobilityOption};
use wire::ext_header::{Chain, home_address_option};
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime, MobilityHeader};
use wire::trailer::MOBILITY;

use crate::judge;

/// A Mobility Header with a checksum that is right, and the home address before it.
#[derive(Debug)]
struct Read {
    home_address: Option<Ipv6Addr>,
    message: Message,
}

#[derive(Debug, PartialEq)]
enum Message {
    Update(BindingUpdate),
    Ack(BindingAck),
}

fn read_mobility(row: &rows::Mobility) -> Option<Read> {
    let chain = Chain::parse(row.first_header, &row.input).ok()?;
    let header = MobilityHeader::new_checked(chain.upper).ok().filter(|_| chain.protocol == MOBILITY)?;
    let update = || BindingUpdate::parse(chain.upper).map(Message::Update);
    let message = update().or_else(|_| BindingAck::parse(chain.upper).map(Message::Ack)).ok()?;
    let verified = header.verify(row.source, row.destination);
    verified.then_some(Read { home_address: chain.home_address, message })
}

fn message(value: &rows::MobilityValue) -> Message {
    let lifetime = Lifetime(value.lifetime);
    let flag = |letter| value.flags.iter().any(|flag| flag == letter);
    let alternate = value.options.iter().find_map(|option| match option {
        MobilityOption::AlternateCareOfAddress { address } => Some(*address),
        _ => None,
    });
    let advice = value.options.iter().find_map(|option| match option {
        MobilityOption::BindingRefreshAdvice { interval } => Some(*interval),
        _ => None,
    });
    let Some(status) = value.status else {
        let flags = Flags {
            acknowledge: flag("A"),
            home_registration: flag("H"),
            link_local: flag("L"),
            key_management: flag("K"),
        };
        return Message::Update(BindingUpdate {
            sequence: value.sequence,
            flags,
            lifetime,
            alternate_coa: alternate,
        });
    };
    Message::Ack(BindingAck {
        status: BindingStatus(status),
        key_management: flag("K"),
        sequence: value.sequence,
        lifetime,
        refresh_advice: advice,
    })
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
        let mut written =
            value.home_address.map(|home| home_address_option(home, MOBILITY)).unwrap_or_default();
        written.extend(match message(value) {
            Message::Update(update) => update.emit(test.row.source, test.row.destination),
            Message::Ack(ack) => ack.emit(test.row.source, test.row.destination),
        });
        assert_eq!(written, test.row.input[..], "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

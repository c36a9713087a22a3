//! The fixed fields of headers, as tables.

use wire::mobility::{BINDING_ACK, BINDING_ERROR, BINDING_REFRESH_REQUEST, BINDING_UPDATE};

/// A field of a header: its name, its octets, and how its value is told.
pub(super) struct Field(pub(super) &'static str, pub(super) usize, pub(super) Told);

/// How a value is told.
#[derive(Clone, Copy)]
pub(super) enum Told {
    /// As a number, network byte order.
    Number,
    /// As an address of IPv4 or IPv6.
    Address,
    /// By its octets alone.
    Octets,
}

use Told::{Address, Number, Octets};

/// Octets of all fields.
pub(super) fn len(layout: &[Field]) -> usize {
    layout.iter().map(|field| field.1).sum()
}

/// RFC 6618 section 6.1, behind PType and SPI.
pub(super) const SEQUENCE: [Field; 1] = [Field("Sequence Number", 4, Number)];

/// RFC 4303 section 2, at the end of the plaintext.
pub(super) const TRAILER: [Field; 2] = [Field("Pad Length", 1, Number), Field("Next Header", 1, Number)];

/// RFC 791 section 3.1.
pub(super) const IP4: [Field; 10] = [
    Field("Version, IHL", 1, Octets),
    Field("Type of Service", 1, Octets),
    Field("Total Length", 2, Number),
    Field("Identification", 2, Number),
    Field("Flags, Fragment Offset", 2, Octets),
    Field("Time to Live", 1, Number),
    Field("Protocol", 1, Number),
    Field("Header Checksum", 2, Octets),
    Field("Source Address", 4, Address),
    Field("Destination Address", 4, Address),
];

/// RFC 8200 section 3.
pub(super) const IP6: [Field; 6] = [
    Field("Version, Traffic Class, Flow Label", 4, Octets),
    Field("Payload Length", 2, Number),
    Field("Next Header", 1, Number),
    Field("Hop Limit", 1, Number),
    Field("Source Address", 16, Address),
    Field("Destination Address", 16, Address),
];

/// RFC 8200 section 4.6, before the options.
pub(super) const DESTINATION_OPTIONS: [Field; 2] =
    [Field("Next Header", 1, Number), Field("Hdr Ext Len", 1, Number)];

/// RFC 6275 section 6.4.
pub(super) const ROUTING_HEADER: [Field; 6] = [
    Field("Next Header", 1, Number),
    Field("Hdr Ext Len", 1, Number),
    Field("Routing Type", 1, Number),
    Field("Segments Left", 1, Number),
    Field("Reserved", 4, Octets),
    Field("Home Address", 16, Address),
];

/// RFC 6275 sections 6.5 to 6.8: what the four messages share.
pub(super) const ICMP6: [Field; 4] = [
    Field("Type", 1, Number),
    Field("Code", 1, Number),
    Field("Checksum", 2, Octets),
    Field("Identifier", 2, Number),
];

/// RFC 6275 section 6.1.1.
pub(super) const MOBILITY_HEADER: [Field; 5] = [
    Field("Payload Proto", 1, Number),
    Field("Header Len", 1, Number),
    Field("MH Type", 1, Number),
    Field("Reserved", 1, Octets),
    Field("Checksum", 2, Octets),
];

const INIT: &[Field] = &[Field("Reserved", 2, Octets), Field("Init Cookie", 8, Octets)];
const TEST: &[Field] =
    &[Field("Nonce Index", 2, Number), Field("Init Cookie", 8, Octets), Field("Keygen Token", 8, Octets)];

/// RFC 6275 sections 6.1.2 to 6.1.9: the Message Data before the options, by MH Type.
const MESSAGES: [(u8, &[Field]); 8] = [
    (BINDING_REFRESH_REQUEST, &[Field("Reserved", 2, Octets)]),
    (1, INIT),
    (2, INIT),
    (3, TEST),
    (4, TEST),
    (
        BINDING_UPDATE,
        &[
            Field("Sequence #", 2, Number),
            Field("A, H, L, K, Reserved", 2, Octets),
            Field("Lifetime, units of 4 s", 2, Number),
        ],
    ),
    (
        BINDING_ACK,
        &[
            Field("Status", 1, Number),
            Field("K, Reserved", 1, Octets),
            Field("Sequence #", 2, Number),
            Field("Lifetime, units of 4 s", 2, Number),
        ],
    ),
    (
        BINDING_ERROR,
        &[Field("Status", 1, Number), Field("Reserved", 1, Octets), Field("Home Address", 16, Address)],
    ),
];

/// The fixed fields of a message, where they are known.
pub(super) fn message(mh_type: u8) -> Option<&'static [Field]> {
    MESSAGES.iter().find(|(known, _)| *known == mh_type).map(|(_, fields)| *fields)
}

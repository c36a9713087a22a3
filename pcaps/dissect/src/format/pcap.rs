//! pcap: a file header, then packets with a header each. Microseconds or nanoseconds, either byte order; also the
//! variants whose packet headers are longer.

use core::time::Duration;

use super::{Item, Kept, MAX_RECORD, Order, Span, Step, length};

/// What a magic says, in the byte order of its writer.
struct Variant {
    magic: u32,
    nanoseconds_per_unit: u32,
    /// Octets of the file header.
    file_header: usize,
    /// Octets of a packet header; whatever is behind the first 16 is not looked at.
    packet_header: usize,
}

const VARIANTS: [Variant; 5] = [
    Variant { magic: 0xa1b2_c3d4, nanoseconds_per_unit: 1000, file_header: 24, packet_header: 16 },
    Variant { magic: 0xa1b2_3c4d, nanoseconds_per_unit: 1, file_header: 24, packet_header: 16 },
    // The patched libpcap of old Linux distributions: interface, protocol and packet type behind the lengths.
    Variant { magic: 0xa1b2_cd34, nanoseconds_per_unit: 1000, file_header: 24, packet_header: 24 },
    // Ixia, captured in hardware and in software: the file header ends in the length of what follows.
    Variant { magic: 0x1c00_01ac, nanoseconds_per_unit: 1, file_header: 28, packet_header: 16 },
    Variant { magic: 0x1c00_01ab, nanoseconds_per_unit: 1, file_header: 28, packet_header: 16 },
];

/// A pcap file behind its header.
pub(super) struct Pcap {
    order: Order,
    variant: &'static Variant,
    link: u32,
    is_swapping: bool,
}

impl Pcap {
    /// Reads the file header, of which it says the length.
    pub(super) fn open(octets: &[u8]) -> Result<(Self, usize), Step> {
        let find = |order: Order| {
            let magic = order.word(octets, 0);
            VARIANTS.iter().find(|variant| variant.magic == magic).map(|variant| (order, variant))
        };
        let (order, variant) = find(Order::Little).or_else(|| find(Order::Big)).ok_or(Step::NotACapture)?;
        if octets.len() < variant.file_header {
            return Err(Step::Need(variant.file_header));
        }
        let (major, minor) = (order.half(octets, 4), order.half(octets, 6));
        if major != 2 {
            return Err(Step::Broken("a version of pcap other than 2"));
        }
        // The high bits tell of a frame check sequence.
        let link = order.word(octets, 20) & 0xffff;
        // Up to version 2.3 some writers had the two lengths the other way round.
        Ok((Self { order, variant, link, is_swapping: minor < 4 }, variant.file_header))
    }

    pub(super) const fn order(&self) -> Order {
        self.order
    }

    pub(super) const fn link(&self) -> u32 {
        self.link
    }

    pub(super) fn step(&self, octets: &[u8]) -> Step {
        let Self { order, variant, link, is_swapping } = *self;
        let start = variant.packet_header;
        let Some(header) = octets.get(..start) else {
            return Step::Need(start);
        };
        let (seconds, units) = (order.word(header, 0), order.word(header, 4));
        let (mut kept, mut original) = (order.word(header, 8), order.word(header, 12));
        if is_swapping && kept > original {
            (kept, original) = (original, kept);
        }
        let len = length(kept);
        if len > MAX_RECORD {
            return Step::Broken("a packet longer than any");
        }
        if octets.len() - start < len {
            return Step::Need(start + len);
        }
        let nanoseconds = u64::from(units) * u64::from(variant.nanoseconds_per_unit);
        let at = Duration::from_secs(u64::from(seconds)) + Duration::from_nanos(nanoseconds);
        Step::Took(
            start + len,
            Item::Frame(Kept { at: Some(at), link, start, len, original, options: Span::default() }),
        )
    }
}

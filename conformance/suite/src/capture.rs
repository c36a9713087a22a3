//! A capture of a run: the frames rebuilt from what the links saw, with the TLS secrets in the same file.
//!
//! Nothing here was sniffed: TCP and IP headers are made up around the recorded octets, so no privilege is
//! needed and nothing is lost. Where both ends have one address (loopback), the MN's end gets a
//! documentation address, so that a dissector can tell the directions of an SA apart. A connection that was given up
//! before its peer had closed it ends with a reset: what the peer did later, nobody has heard.

use core::time::Duration;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use etherparse::PacketBuilder;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use pcap_file::{DataLink, Endianness};

use crate::evidence::{Association, Tape, What};
use crate::player::CARE_OF;

/// Decryption Secrets Block of the pcapng draft, and the type of secret that is an NSS key log.
const SECRETS_BLOCK: u32 = 0x0000_000a;
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// Octets of a stream in one rebuilt segment.
const SEGMENT: usize = 1400;

/// The MN's IPv4 address in captures of loopback runs (RFC 5737).
const CARE_OF_IP4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Writes the tape as pcapng, little-endian, link type raw IP, with nanosecond time stamps.
///
/// # Errors
/// When the writer fails.
pub fn write_pcapng(tape: &Tape, out: impl Write) -> io::Result<()> {
    let failed = |error: pcap_file::PcapError| io::Error::other(error.to_string());
    let section = SectionHeaderBlock {
        endianness: Endianness::Little,
        options: vec![SectionHeaderOption::UserApplication(
            concat!("mip6-conform ", env!("CARGO_PKG_VERSION"), ", frames rebuilt").into(),
        )],
        ..SectionHeaderBlock::default()
    };
    let mut writer = PcapNgWriter::with_section_header(out, section).map_err(failed)?;
    let interface = InterfaceDescriptionBlock {
        linktype: DataLink::RAW,
        snaplen: 0,
        options: vec![InterfaceDescriptionOption::IfTsResol(9)],
    };
    writer.write_pcapng_block(interface).map_err(failed)?;
    let secrets = secrets_body(&tape.secrets);
    if !tape.secrets.is_empty() {
        writer.write_pcapng_block(UnknownBlock::new(SECRETS_BLOCK, 0, &secrets)).map_err(failed)?;
    }
    for (at, frame) in Frames::default().of(tape)? {
        let packet = EnhancedPacketBlock {
            interface_id: 0,
            timestamp: at,
            original_len: u32::try_from(frame.len()).unwrap_or(u32::MAX),
            data: frame.into(),
            options: Vec::new(),
        };
        writer.write_pcapng_block(packet).map_err(failed)?;
    }
    writer.into_inner().flush()
}

/// The lines of an `esp_sa` table with which tshark decrypts the MN-HA packets: one for each SA, direction
/// and packet type, since the dissector takes PType and SPI for one 32-bit SPI.
#[must_use]
pub fn esp_sa(tape: &Tape) -> Vec<String> {
    tape.associations.iter().flat_map(lines).collect()
}

fn lines(association: &Association) -> Vec<String> {
    use crypto::ciphersuite::{Cipher, Integrity, algorithms};
    use wire::value::hex::encode;
    let sa = &association.sa;
    let algorithms = algorithms(sa.suite);
    let cipher = match algorithms.cipher {
        Cipher::Null => "NULL",
        Cipher::TripleDesCbc => "TripleDES-CBC [RFC2451]",
        Cipher::Aes128Cbc => "AES-CBC [RFC3602]",
    };
    let integrity = match algorithms.integrity {
        Integrity::HmacSha1 => "HMAC-SHA-1-96 [RFC2404]",
        // No check of AES-XCBC-MAC-96 exists there.
        Integrity::AesXcbc => "ANY 96 bit authentication [no checking]",
    };
    let (mn, ha) = apart(association.mn, association.ha);
    let version = if ha.is_ipv4() { "IPv4" } else { "IPv6" };
    let mut lines = Vec::new();
    for (from, to, keys) in [(mn, ha, &sa.mn_to_ha), (ha, mn, &sa.ha_to_mn)] {
        for ptype in [1_u32, 8] {
            let key = |octets: Option<&[u8]>| octets.map_or_else(String::new, |o| format!("0x{}", encode(o)));
            let ikey = match algorithms.integrity {
                Integrity::HmacSha1 => key(Some(&keys.ikey)),
                Integrity::AesXcbc => String::new(),
            };
            let fields = [
                version.to_owned(),
                from.ip().to_string(),
                to.ip().to_string(),
                format!("{:#010x}", ptype << 28 | sa.spi.get()),
                cipher.to_owned(),
                key(keys.ekey.as_deref()),
                integrity.to_owned(),
                ikey,
            ];
            lines.push(fields.map(|field| format!("\"{field}\"")).join(","));
        }
    }
    lines
}

fn secrets_body(lines: &[String]) -> Vec<u8> {
    let log: String = lines.iter().map(|line| format!("{line}\n")).collect();
    // Lengths of a key log are far below 2^32.
    let len = u32::try_from(log.len()).unwrap_or(u32::MAX);
    let mut body = [TLS_KEY_LOG.to_le_bytes(), len.to_le_bytes()].concat();
    body.extend_from_slice(log.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    body
}

/// Two ends with one address get two; the first is the MN's.
fn apart(mn: SocketAddr, peer: SocketAddr) -> (SocketAddr, SocketAddr) {
    if mn.ip() != peer.ip() {
        return (mn, peer);
    }
    let ip = match peer.ip() {
        IpAddr::V4(_) => IpAddr::V4(CARE_OF_IP4),
        IpAddr::V6(_) => IpAddr::V6(CARE_OF),
    };
    (SocketAddr::new(ip, mn.port()), peer)
}

type Ends = (SocketAddr, SocketAddr);

/// Rebuilds frames; knows who spoke first on each flow and where each stream stands.
#[derive(Default)]
struct Frames {
    first: HashSet<Ends>,
    sequence: HashMap<Ends, u32>,
    frames: Vec<(Duration, Vec<u8>)>,
}

impl Frames {
    fn of(mut self, tape: &Tape) -> io::Result<Vec<(Duration, Vec<u8>)>> {
        for event in &tape.events {
            let ends = (event.from, event.to);
            if !self.first.contains(&(event.to, event.from)) {
                self.first.insert(ends);
            }
            match &event.what {
                What::Opened => self.open(event.at, ends)?,
                What::Stream(octets) => self.stream(event.at, ends, octets)?,
                What::Ended => self.segment(event.at, ends, Flag::Fin, &[])?,
                What::Reset => self.segment(event.at, ends, Flag::Reset, &[])?,
                What::Datagram(octets) => self.datagram(event.at, ends, octets)?,
            }
        }
        Ok(self.frames)
    }

    fn open(&mut self, at: Duration, (client, server): Ends) -> io::Result<()> {
        // A port may serve again: the connection that opens now is the one that counts.
        self.first.remove(&(server, client));
        self.first.insert((client, server));
        self.sequence.insert((client, server), 0);
        self.sequence.insert((server, client), 0);
        self.segment(at, (client, server), Flag::Syn, &[])?;
        self.segment(at, (server, client), Flag::SynAck, &[])?;
        self.segment(at, (client, server), Flag::Ack, &[])
    }

    fn stream(&mut self, at: Duration, ends: Ends, octets: &[u8]) -> io::Result<()> {
        octets.chunks(SEGMENT).try_for_each(|chunk| self.segment(at, ends, Flag::Push, chunk))
    }

    fn segment(&mut self, at: Duration, ends: Ends, flag: Flag, octets: &[u8]) -> io::Result<()> {
        let (from, to) = self.shown(ends);
        let seq = self.sequence.get(&ends).copied().unwrap_or_default();
        let ack = self.sequence.get(&(ends.1, ends.0)).copied().unwrap_or_default();
        let step = ip(from, to).tcp(from.port(), to.port(), seq, 64240);
        let (step, takes) = match flag {
            Flag::Syn => (step.syn(), 1),
            Flag::SynAck => (step.syn().ack(ack), 1),
            Flag::Ack => (step.ack(ack), 0),
            Flag::Push => (step.psh().ack(ack), u32::try_from(octets.len()).unwrap_or_default()),
            Flag::Fin => (step.fin().ack(ack), 1),
            Flag::Reset => (step.rst().ack(ack), 0),
        };
        self.sequence.insert(ends, seq.wrapping_add(takes));
        let mut frame = Vec::with_capacity(step.size(octets.len()));
        step.write(&mut frame, octets).map_err(|error| io::Error::other(error.to_string()))?;
        self.frames.push((at, frame));
        Ok(())
    }

    fn datagram(&mut self, at: Duration, ends: Ends, octets: &[u8]) -> io::Result<()> {
        let (from, to) = self.shown(ends);
        let step = ip(from, to).udp(from.port(), to.port());
        let mut frame = Vec::with_capacity(step.size(octets.len()));
        step.write(&mut frame, octets).map_err(|error| io::Error::other(error.to_string()))?;
        self.frames.push((at, frame));
        Ok(())
    }

    /// The addresses to show: the end that spoke first is the MN's.
    fn shown(&self, (from, to): Ends) -> Ends {
        if self.first.contains(&(from, to)) {
            apart(from, to)
        } else {
            let (mn, peer) = apart(to, from);
            (peer, mn)
        }
    }
}

#[derive(Clone, Copy)]
enum Flag {
    Syn,
    SynAck,
    Ack,
    Push,
    Fin,
    Reset,
}

fn ip(from: SocketAddr, to: SocketAddr) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
    use etherparse::{IpHeaders, IpNumber, Ipv4Extensions, Ipv4Header, Ipv6Extensions, Ipv6Header};
    // Lengths, protocol and checksums are filled in by the builder.
    let headers = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let header = Ipv4Header {
                source: from.octets(),
                destination: to.octets(),
                time_to_live: 64,
                protocol: IpNumber::TCP,
                ..Ipv4Header::default()
            };
            IpHeaders::Ipv4(header, Ipv4Extensions::default())
        }
        (from, to) => {
            let octets = |ip: IpAddr| match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                IpAddr::V6(ip) => ip.octets(),
            };
            let header = Ipv6Header {
                source: octets(from),
                destination: octets(to),
                hop_limit: 64,
                ..Ipv6Header::default()
            };
            IpHeaders::Ipv6(header, Ipv6Extensions::default())
        }
    };
    PacketBuilder::ip(headers)
}

//! RFC 6618 section 6: packets between MN and HA, judged by what they are and by what came before them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bumpalo::Bump;
use crypto::icv_misreading::Suspect;
use crypto::keys::SaKeys;
use crypto::open::OpenError;
use wire::packet::{HEADER_LEN, PType};
use wire::trailer::Trailer;
use wire::value::{Scope, Spi};

use crate::association::{Association, Associations, Lesson};
use crate::clue::Clue;
use crate::finding::{Fault, Finding};
use crate::inner::{self, Inner};
use crate::ip::UdpChecksum;
use crate::iv::Ivs;
use crate::mobility::{self, Addresses};
use crate::over::{self, Over};
use crate::packet::{Direction, Packet, Seen};
use crate::reinit::{self, Reinits};
use crate::sequence::{Flow, FlowId, Numbered, Sender, Sequences};
use crate::shown::{Content, Header};
use crate::sums::Sums;
use crate::unseal::{Attempt, Unsealed, iv_of, open};

/// A single octet that keeps a NAT awake (RFC 3948); RFC 6618 neither knows nor forbids it.
const KEEPALIVE: [u8; 1] = [0xff];

/// Pairs of ends whose SAs are remembered; those that come later are not judged by them.
const MAX_STRICT: usize = 1 << 14;

/// Wrong ICVs under one SA that are explained: whoever makes a mistake makes it in every packet, and who floods must
/// not make us try the whole dictionary each time.
const EXPLAINED_AT_MOST: u8 = 16;

/// Shows and judges packets; remembers what earlier ones told.
#[derive(Default)]
pub(crate) struct Dissector {
    pub(crate) associations: Arc<Associations>,
    pub(crate) sequences: Sequences,
    pub(crate) ivs: Ivs,
    /// How many wrong ICVs under an SA were explained.
    explained: BTreeMap<u32, u8>,
    homes: BTreeMap<u32, Ipv6Addr>,
    reinits: Reinits,
    over: Over,
    pub(crate) sums: Sums,
    /// SAs that have to protect user data, by the ends between which they are used.
    strict: BTreeMap<(SocketAddr, SocketAddr), u32>,
}

impl Dissector {
    pub(crate) fn new(associations: Associations) -> Self {
        let over = Over::new(&associations);
        Self { associations: Arc::new(associations), over, ..Self::default() }
    }

    /// Adds an SA that the capture itself told; it opens the packets that follow.
    /// With it come the flows under the keys that it takes the place of.
    pub(crate) fn learn(&mut self, spi: Spi, association: Association) -> (Lesson, Vec<(FlowId, Flow)>) {
        let lesson = Arc::make_mut(&mut self.associations).learn(spi, association);
        let mut gone = Vec::new();
        if lesson == Lesson::Replaced {
            gone = self.sequences.forget(spi.get());
            // IVs are remembered by SPI, too; this is too rare to tell them apart.
            self.ivs.clear();
            self.homes.remove(&spi.get());
            self.explained.remove(&spi.get());
            self.reinits.forget(spi.get());
        }
        if let Some(association) = self.associations.find(spi.get()) {
            self.over.learn(spi.get(), association);
        }
        (lesson, gone)
    }

    /// An MN contacts the HAC.
    pub(crate) fn contacted(&mut self, mn_id: &str) {
        self.reinits.contacted(mn_id, &self.associations);
    }

    /// What the packet is and what is wrong with it. `ahead` is what its keys made of it, if that was tried before;
    /// `room` keeps what is opened now.
    pub(crate) fn judge<'b>(
        &mut self,
        packet: &mut Packet<'b>,
        seen: &Seen<'_, 'b>,
        ahead: Option<&Attempt<'b>>,
        room: &'b Bump,
    ) {
        let octets = seen.datagram.payload;
        let mut faults = Vec::new();
        let content = &mut packet.line.packet.content;
        if let Some(header) = Header::of(octets) {
            header.judge(&mut faults);
            if !faults.is_empty() {
                *content = Content::Illegal;
            } else if !seen.datagram.is_whole {
                *content = Content::Cut;
            } else if header.ptype == PType::PLAIN {
                self.in_the_clear(seen, &mut faults);
                let body = octets.get(HEADER_LEN..).unwrap_or_default();
                *content = Content::Inner(inner::plain(body, &mut faults));
            } else {
                self.protected(packet, seen, header, ahead, room, &mut faults);
            }
        } else if !seen.datagram.is_whole {
            *content = Content::Cut;
        } else if octets == KEEPALIVE {
            *content = Content::Keepalive;
        } else {
            faults.push(Fault::NoHeader { have: octets.len() });
        }
        match seen.checksum {
            // Over IPv4 it may be left out (PK-29).
            UdpChecksum::Absent if seen.datagram.from.is_ipv6() => faults.push(Fault::NoUdpChecksum),
            UdpChecksum::Absent | UdpChecksum::NotChecked => {}
            UdpChecksum::Right | UdpChecksum::Wrong => self.sums.take(seen),
        }
        packet.line.findings.extend(Finding::all(seen.frame, faults));
    }

    fn protected<'b>(
        &mut self,
        packet: &mut Packet<'b>,
        seen: &Seen<'_, 'b>,
        header: Header,
        ahead: Option<&Attempt<'b>>,
        room: &'b Bump,
        faults: &mut Vec<Fault>,
    ) {
        let octets = seen.datagram.payload;
        let Some(known) = self.associations.find(header.spi) else {
            let sender = seen.direction.sender(seen.datagram.from.ip());
            self.record(seen, &FlowId { spi: header.spi, sender }, header, faults);
            packet.line.packet.content = Content::NoKeys(octets.len());
            return;
        };
        // Whoever tried before may have had an older SA of this SPI.
        let ahead = ahead.filter(|attempt| Arc::ptr_eq(attempt.association, known));
        let association = match ahead {
            Some(attempt) => Cow::Borrowed(attempt.association),
            None => Cow::Owned(Arc::clone(known)),
        };
        let now;
        let outcome = match ahead {
            Some(attempt) => &attempt.outcome,
            None => {
                now = open(&association, seen.direction, octets, self.ivs.digester(), room);
                &now
            }
        };
        match outcome {
            Err(error) => {
                let error = *error;
                let clues = match error {
                    OpenError::Icv => self.explain(&association, seen, header.spi),
                    _ => Vec::new(),
                };
                faults.push(Fault::Closed { ptype: header.ptype, error, clues });
                packet.line.packet.content = Content::Closed;
            }
            Ok(unsealed) => {
                self.unsealed(packet, seen, header, &association, unsealed, faults);
            }
        }
        packet.association = Some(association);
    }

    fn unsealed<'b>(
        &mut self,
        packet: &mut Packet<'b>,
        seen: &Seen<'_, 'b>,
        header: Header,
        association: &Association,
        unsealed: &Unsealed<'b>,
        faults: &mut Vec<Fault>,
    ) {
        let Unsealed { flow, iv, opened } = unsealed;
        let sender = flow.sender;
        packet.sender = Some(sender);
        packet.opened = Some(*opened);
        self.record(seen, flow, header, faults);
        let is_first = faults.is_empty();
        if is_first {
            if let Some(first) = iv.and_then(|iv| self.ivs.record(iv, seen.frame)) {
                faults.push(Fault::IvReused { ptype: header.ptype, first });
            }
            if self.ivs.counts(flow, iv_of(association, seen.datagram.payload)) {
                faults.push(Fault::IvCounts { ptype: header.ptype });
            }
        }
        if let Some(offset) = opened.padding_fault() {
            faults.push(Fault::Padding { offset });
        }
        match association.scope {
            Some(Scope::AllTraffic) if self.strict.len() < MAX_STRICT => {
                self.strict.insert(between(seen), header.spi);
            }
            Some(Scope::AllTraffic) => {}
            _ if self.strict.is_empty() => {}
            _ => {
                self.strict.remove(&between(seen));
            }
        }
        packet.line.packet.content = Content::Inner(if header.ptype == PType::MOBILITY {
            let ha = if sender == Sender::Ha { seen.datagram.from } else { seen.datagram.to };
            self.mobility(association, ha.ip(), header.spi, opened, faults)
        } else {
            inner::protected(opened.next_header, opened.payload, faults)
        });
        // It stays where it is: to move it takes longer than to look at it.
        let Content::Inner(inner) = &packet.line.packet.content else { return };
        if let Inner::Mobility(mobility) = inner {
            let Seen { frame, at, .. } = *seen;
            let message = &mobility.message;
            let sent = reinit::Sent { frame, at, sender, spi: header.spi, association, message };
            faults.extend(self.reinits.take(&sent));
        }
        if is_first {
            let Seen { frame, at, time, .. } = *seen;
            let sequence = header.sequence;
            self.over.take(&over::Used { flow, sequence, frame, at, time, association, inner }, faults);
        }
    }

    /// What explains a wrong ICV, for the first of an SA.
    fn explain(&mut self, association: &Association, seen: &Seen<'_, '_>, spi: u32) -> Vec<Clue> {
        let explained = self.explained.entry(spi).or_default();
        if *explained == EXPLAINED_AT_MOST {
            return Vec::new();
        }
        *explained += 1;
        let SaKeys { mn_to_ha, ha_to_mn } = &association.keys;
        let tries: &[_] = match seen.direction {
            Direction::MnToHa => &[(mn_to_ha, ha_to_mn)],
            Direction::HaToMn => &[(ha_to_mn, mn_to_ha)],
            Direction::Either => &[(mn_to_ha, ha_to_mn), (ha_to_mn, mn_to_ha)],
        };
        let ports = (seen.datagram.from.port(), seen.datagram.to.port());
        let octets = seen.datagram.payload;
        let named =
            tries.iter().flat_map(|(keys, others)| Suspect { octets, keys, others, ports }.misreadings());
        named.map(Clue::of_icv).collect()
    }

    /// RFC 6618 section 5.6.4: with scope 1 there is no user data in the clear.
    fn in_the_clear(&self, seen: &Seen<'_, '_>, faults: &mut Vec<Fault>) {
        if let Some(spi) = self.strict.get(&between(seen)) {
            faults.push(Fault::DataInTheClear { spi: *spi });
        }
    }

    fn record(&mut self, seen: &Seen<'_, '_>, flow: &FlowId, header: Header, faults: &mut Vec<Fault>) {
        let octets = seen.datagram.payload;
        let numbered = Numbered { sequence: header.sequence, frame: seen.frame, octets };
        faults.extend(self.sequences.record(flow, numbered));
    }

    fn mobility(
        &mut self,
        association: &Association,
        outer_ha: IpAddr,
        spi: u32,
        opened: &Trailer<'_>,
        faults: &mut Vec<Fault>,
    ) -> Inner {
        let outer = match outer_ha {
            IpAddr::V6(address) => Some(address),
            IpAddr::V4(_) => None,
        };
        let known = Addresses {
            home: association.home.or_else(|| self.homes.get(&spi).copied()),
            ha: association.ha.or(outer),
            is_over_ip6: outer.is_some(),
        };
        let inner = mobility::protected(opened.next_header, opened.payload, known, faults);
        if let Inner::Mobility(mobility) = &inner
            && let Some(home) = mobility.home
        {
            self.homes.insert(spi, home);
        }
        inner
    }
}

/// The two ends, whichever way the packet goes. MNs behind one NAT have one address, and ports of their own.
fn between(seen: &Seen<'_, '_>) -> (SocketAddr, SocketAddr) {
    let (from, to) = (seen.datagram.from, seen.datagram.to);
    (from.min(to), from.max(to))
}

#[cfg(test)]
mod tests {
    use crypto::keys::DirectionKeys;
    use crypto::seal::{Outgoing, Sealer};
    use wire::trailer::NO_NEXT;
    use wire::value::Ciphersuite;

    use super::*;
    use crate::association::Origin;
    use crate::ip::Datagram;
    use crate::line::Line;
    use crate::unseal::unseal;

    fn keys(octet: u8) -> SaKeys {
        let keys = |octet| DirectionKeys::new(Ciphersuite::NullSha, &[octet; 20], None).expect("legal keys");
        SaKeys { mn_to_ha: keys(octet), ha_to_mn: keys(octet + 1) }
    }

    fn sealed(octet: u8) -> Vec<u8> {
        let outgoing = Outgoing {
            ptype: PType::PROTECTED,
            spi: Spi::new(7).expect("legal"),
            sequence: 0,
            next_header: NO_NEXT,
            payload: b"",
            iv: [0; 16],
            extra_padding: 0,
        };
        Sealer::new(&keys(octet).mn_to_ha).seal(&[outgoing]).remove(0)
    }

    fn judged<'b>(
        dissector: &mut Dissector,
        payload: &'b [u8],
        ahead: Option<&Attempt<'b>>,
        room: &'b Bump,
    ) -> Line {
        let from = "192.0.2.1:40000".parse().expect("an address");
        let to = "198.51.100.1:7872".parse().expect("an address");
        let datagram = &Datagram { from, to, payload, at: 28, is_whole: true, checksum: None };
        let (direction, checksum) = (Direction::MnToHa, UdpChecksum::NotChecked);
        let seen = Seen { frame: 1, at: None, time: None, datagram, direction, checksum };
        let mut packet = Packet::new(&seen);
        dissector.judge(&mut packet, &seen, ahead, room);
        packet.line
    }

    fn learn(dissector: &mut Dissector, octet: u8) -> Arc<Association> {
        let learnt = Association { origin: Origin::Learnt, ..Association::from_keys(keys(octet)) };
        dissector.learn(Spi::new(7).expect("legal"), learnt);
        Arc::clone(dissector.associations.find(7).expect("just learnt"))
    }

    #[test]
    fn numbers_start_anew_under_the_new_keys_of_an_spi() {
        let (mut dissector, room) = (Dissector::default(), Bump::new());
        for octet in [1, 11] {
            learn(&mut dissector, octet);
            let sealed = sealed(octet);
            let line = judged(&mut dissector, &sealed, None, &room);
            assert!(matches!(line.packet.content, Content::Inner(Inner::Dummy)), "{line}");
            assert_eq!(line.findings, []);
        }
    }

    #[test]
    fn old_keys_do_not_open_what_comes_after_new_ones_though_they_were_tried_before() {
        let (mut dissector, room) = (Dissector::default(), Bump::new());
        let (old, sealed) = (learn(&mut dissector, 1), sealed(1));
        learn(&mut dissector, 11);
        let outcome =
            unseal(&old, Sender::Mn, &[&sealed], dissector.ivs.digester(), &room).next().expect("one comes");
        assert!(outcome.is_ok(), "the old keys do open it");
        let ahead = Attempt { association: &old, outcome };
        let line = judged(&mut dissector, &sealed, Some(&ahead), &room);
        assert!(matches!(line.packet.content, Content::Closed), "{line}");
    }
}

//! `vectors/rfc6618/decision.json`: RFC 6618 sections 5.6.4, 6.1, 6.2, 6.4 and 8.1, at a home agent and at a mobile node.
//!
//! `open` is shown by two packets: one with a wrong ICV, which is dropped for that, then a dummy with the right one.

mod ha_peer;
mod peers;
mod world;

use std::time::Duration;

use crypto::seal::Sealer;
use ha_peer::{Agent, CORRESPONDENT, HOME, Peer, VALIDITY, echo, registration};
use proto::discard::{Discard, Discards};
use proto::{Machine, mn};
use vectors::rows::Decision;
use vectors::{Outcome, Test};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Ciphersuite, Scope};
use world::World;

/// The association that the table calls live; the rows about single bits name others.
const LIVE: u32 = 0x012_3456;
/// Whoever sends PType 0 is registered under this one.
const SENDER: u32 = 0xfff_fff0;
/// A dummy: Pad Length and Next Header alone, so that opening it is all that happens.
const DUMMY: [u8; 4] = [1, 2, 2, trailer::NO_NEXT];

/// One end that receives.
trait Receiver {
    fn take(&mut self, octets: Vec<u8>);
    fn discards(&self) -> &Discards;
    fn delivered(&self) -> usize;
}

impl Receiver for (Agent, &Peer) {
    fn take(&mut self, octets: Vec<u8>) {
        let from = self.1.at;
        self.0.datagram(from, octets);
    }

    fn discards(&self) -> &Discards {
        self.0.ha.discards()
    }

    fn delivered(&self) -> usize {
        self.0.delivered.len()
    }
}

impl Receiver for World {
    fn take(&mut self, octets: Vec<u8>) {
        self.mn.handle(self.now, mn::Input::Datagrams(vec![octets]));
        for output in std::iter::from_fn(|| self.mn.poll_output()) {
            if let mn::Output::Deliver(packet) = output {
                self.delivered.push(packet);
            }
        }
    }

    fn discards(&self) -> &Discards {
        self.mn.discards()
    }

    fn delivered(&self) -> usize {
        self.delivered.len()
    }
}

fn word(test: &Test<Decision>) -> u32 {
    u32::from_be_bytes((*test.row.octets.ptype_spi).try_into().expect("four octets"))
}

fn sequence(test: &Test<Decision>) -> u32 {
    u32::from_be_bytes((*test.row.octets.sequence_number).try_into().expect("four octets"))
}

fn scope(test: &Test<Decision>) -> Scope {
    if test.row.scope == 0 { Scope::SignalingOnly } else { Scope::AllTraffic }
}

fn sealed(sealer: &Sealer, word: u32, sequence: u32) -> Vec<u8> {
    sealer.forge(word, sequence, &[], &DUMMY)
}

/// The field that a reason is about.
fn field(reason: Discard) -> &'static str {
    match reason {
        Discard::PacketType | Discard::ProtectedOutOfScope | Discard::PlainOutOfScope => "ptype",
        Discard::PlainSpi | Discard::ProtectedWithoutSpi | Discard::SpiUnknown | Discard::Expired => "spi",
        Discard::PlainSequence | Discard::ReplaySeen | Discard::ReplayOld => "sequence_number",
        other => panic!("{other} has nothing to do with the first two words"),
    }
}

/// What happens to one packet: the only new reason for which something was dropped, or a delivery.
fn outcome(receiver: &mut impl Receiver, octets: Vec<u8>) -> Result<(), Discard> {
    let (before, delivered) = (receiver.discards().clone(), receiver.delivered());
    receiver.take(octets);
    let mut new = receiver.discards().iter().filter(|&(reason, count)| count > before.count(reason));
    match (new.next(), receiver.delivered() - delivered) {
        (None, 1) => Ok(()),
        (Some((reason, _)), 0) => Err(reason),
        (reason, delivered) => panic!("neither one drop nor one delivery: {reason:?}, {delivered} delivered"),
    }
}

/// Whether the receiver does what the row says, with the word that is meant by the row.
fn judge(receiver: &mut impl Receiver, test: &Test<Decision>, word: u32, sealer: &Sealer, inner: &[u8]) {
    let sequence = sequence(test);
    let clear = || [&word.to_be_bytes()[..], &sequence.to_be_bytes(), inner].concat();
    match test.row.verdict.as_str() {
        "plain" => assert_eq!(outcome(receiver, clear()), Ok(()), "{}", test.id),
        "open" => {
            let mut broken = sealed(sealer, word, sequence);
            *broken.last_mut().expect("an ICV") ^= 1;
            assert_eq!(outcome(receiver, broken), Err(Discard::Icv), "{}", test.id);
            let right = sealed(sealer, word, sequence);
            assert_eq!(outcome(receiver, right), Err(Discard::Dummy), "{}", test.id);
        }
        "discard" => {
            let octets = if word >> 28 == 0 { clear() } else { sealed(sealer, word, sequence) };
            let reason = outcome(receiver, octets).expect_err(&test.id);
            // Of a replay in PType 1 under scope 0 either fault may be found first.
            let either = word >> 28 == 1 && test.row.scope == 0 && test.row.sa == "live";
            let named = test.field.as_deref();
            assert!(
                named == Some(field(reason)) || (either && field(reason) == "ptype"),
                "{}: {reason}",
                test.id
            );
        }
        other => panic!("{}: there is no verdict {other}", test.id),
    }
    assert!(test.result != Outcome::Lenient || test.ours == Some(Outcome::Invalid), "{}", test.id);
}

#[test]
fn at_a_home_agent() {
    let mut judged = 0;
    for test in vectors::decision().tests {
        let word = word(&test);
        let spi = if word >> 28 == 0 || word & 0x0fff_ffff == 0 { LIVE } else { word & 0x0fff_ffff };
        let peer = Peer::new(spi, Ciphersuite::NullSha, scope(&test));
        let mut sender = Peer::new(SENDER, Ciphersuite::NullSha, scope(&test));
        let mut agent = Agent::knowing(&sender);
        if word >> 28 == 0 {
            let update = sender.binding_update(&registration(1));
            agent.datagram(sender.at, update);
            assert_eq!(agent.bindings().len(), 1);
        } else if test.row.sa != "none" {
            agent.input(proto::ha::Input::Install(Box::new(peer.of("other@example.com"))));
        }
        let mut receiver = (agent, &sender);
        for &number in test.row.taken.iter().filter(|_| word >> 28 != 0) {
            let earlier = sealed(&peer.sealer, PType::MOBILITY.word(spi), number);
            assert_eq!(outcome(&mut receiver, earlier), Err(Discard::Dummy), "{}", test.id);
        }
        if test.row.sa == "ended" {
            receiver.0.advance(Duration::from_secs(VALIDITY));
        }
        let inner = echo(HOME.into(), CORRESPONDENT.into());
        judge(&mut receiver, &test, word, &peer.sealer, &inner);
        judged += 1;
    }
    assert_eq!(judged, vectors::decision().count);
}

/// The HAC chooses the SPI, so it stands for the one of the rows; the rows about its single bits are the agent's alone.
#[test]
fn at_a_mobile_node() {
    let mut judged = 0;
    for test in vectors::decision().tests {
        let suites = vec![Ciphersuite::NullSha];
        let config = mn::Config { scope: scope(&test), suites, ..peers::config(peers::PROFILES[0]) };
        let mut world = World::registered(config);
        let sa = world.installed.clone().expect("an association");
        let sealer = Sealer::new(&sa.keys.ha_to_mn);
        let (ptype, named) = (word(&test) >> 28, word(&test) & 0x0fff_ffff);
        let spi = if named == LIVE { sa.spi.get() } else { named };
        if ptype != 0 && test.row.sa != "none" && named != LIVE {
            continue;
        }
        for &number in test.row.taken.iter().filter(|_| ptype != 0) {
            let earlier = sealed(&sealer, PType::MOBILITY.word(sa.spi.get()), number);
            assert_eq!(outcome(&mut world, earlier), Err(Discard::Dummy), "{}", test.id);
        }
        if test.row.sa == "ended" {
            world.now = sa.end();
        }
        let home = world.home.expect("bootstrapped");
        let inner = echo(world::correspondent_address(), home.into());
        judge(&mut world, &test, ptype << 28 | spi, &sealer, &inner);
        judged += 1;
    }
    assert!(judged > 300, "{judged}");
}

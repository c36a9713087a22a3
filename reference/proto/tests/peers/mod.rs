//! A HAC and a mobile node, value against value, for the tests of the exchange between them.

#![allow(dead_code, reason = "every test crate uses a part of it")]

pub(crate) mod eap;

use std::net::IpAddr;
use std::time::Duration;

use crypto::auth::Profile;
use crypto::channel_binding::ChannelBinding;
use crypto::keys::Psk;
use proto::hac::{self, ConnId, Hac, Policy};
use proto::mn::{self, Mn};
use proto::sa::SecurityAssociation;
use proto::{Machine, Random, Timestamp};
use wire::value::Nai;

pub(crate) const PROFILES: [Profile; 2] = [Profile::Rfc6618, Profile::Draft01];
pub(crate) const CONN: ConnId = ConnId(1);
pub(crate) const KEY: &[u8] = b"a key of 24 octets, this";

/// splitmix64: the same numbers in every run.
pub(crate) struct Seeded(pub(crate) u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = self.0;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(word ^ (word >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

/// A Tuesday in 2023, at the start of a second.
pub(crate) fn now() -> Timestamp {
    Timestamp(Duration::from_secs(1_700_000_000))
}

pub(crate) fn after(seconds: u64) -> Timestamp {
    now() + Duration::from_secs(seconds)
}

pub(crate) fn nai(text: &str) -> Nai {
    Nai::parse(text.as_bytes()).expect("a legal NAI")
}

pub(crate) fn alice() -> Nai {
    nai("alice@example.com")
}

pub(crate) fn psk(octets: &[u8]) -> Psk {
    Psk::new(octets.to_vec()).expect("not empty")
}

pub(crate) fn binding() -> ChannelBinding {
    ChannelBinding::new(vec![0xcb; 32])
}

pub(crate) fn care_of() -> IpAddr {
    "2001:db8:c0a::17".parse().expect("an address")
}

pub(crate) fn policy(profile: Profile) -> Policy {
    Policy { profile, ..Policy::default() }
}

/// Knows Alice and Bob.
pub(crate) fn hac(policy: Policy) -> Hac {
    let identities = vec![(alice(), psk(KEY)), (nai("bob@example.com"), psk(b"another key of 26 octets.."))];
    Hac::new(policy, identities, Box::new(Seeded(1)))
}

pub(crate) fn config(profile: Profile) -> mn::Config {
    mn::Config { profile, ..mn::Config::new(alice(), psk(KEY), care_of()) }
}

pub(crate) fn mn(config: mn::Config) -> Mn {
    Mn::new(config, Box::new(Seeded(2)))
}

pub(crate) fn drain<M: Machine>(machine: &mut M) -> Vec<M::Output> {
    std::iter::from_fn(|| machine.poll_output()).collect()
}

/// What an exchange left behind.
#[derive(Default)]
pub(crate) struct Story {
    /// Containers in the order in which they were sent, requests and responses in turn.
    pub(crate) containers: Vec<Vec<u8>>,
    pub(crate) installed: Vec<SecurityAssociation>,
    pub(crate) hac_events: Vec<hac::Event>,
    pub(crate) mn_events: Vec<mn::Event>,
    /// UDP payloads for the home agent.
    pub(crate) transmitted: Vec<Vec<u8>>,
    pub(crate) hac_closed: usize,
    pub(crate) mn_closed: usize,
}

/// Carries octets between the two, `slice` at a time, until both are silent.
pub(crate) fn run(hac: &mut Hac, mn: &mut Mn, slice: usize, conn: ConnId) -> Story {
    let mut story = Story::default();
    mn.handle(now(), mn::Input::Start);
    // EAP-GPSK after a Nak takes five round trips; each takes two turns.
    for _ in 0..12 {
        let from_mn = drain(mn);
        let from_hac = drain(hac);
        for output in from_hac {
            story.take_hac(mn, slice, output);
        }
        for output in from_mn {
            story.take_mn(hac, mn, slice, conn, output);
        }
    }
    hac.handle(now(), hac::Input::Closed { conn });
    for output in drain(hac) {
        story.take_hac(mn, slice, output);
    }
    story
}

impl Story {
    fn take_mn(&mut self, hac: &mut Hac, mn: &mut Mn, slice: usize, conn: ConnId, output: mn::Output) {
        match output {
            mn::Output::Connect => {
                hac.handle(now(), hac::Input::Established { conn, channel_binding: binding() });
                mn.handle(now(), mn::Input::Established { channel_binding: binding() });
            }
            mn::Output::Send(octets) => {
                for octets in octets.chunks(slice) {
                    hac.handle(now(), hac::Input::Received { conn, octets: octets.to_vec() });
                }
                self.containers.push(octets);
            }
            mn::Output::Close => self.mn_closed += 1,
            mn::Output::Transmit { octets } => self.transmitted.push(octets),
            mn::Output::Deliver(_) => panic!("nothing was sent into the tunnel"),
            mn::Output::Event(event) => self.mn_events.push(event),
        }
    }

    fn take_hac(&mut self, mn: &mut Mn, slice: usize, output: hac::Output) {
        match output {
            hac::Output::Send { octets, .. } => {
                for octets in octets.chunks(slice) {
                    mn.handle(now(), mn::Input::Received(octets.to_vec()));
                }
                self.containers.push(octets);
            }
            hac::Output::Close { .. } => self.hac_closed += 1,
            hac::Output::Install(sa) => self.installed.push(*sa),
            hac::Output::Event(event) => self.hac_events.push(event),
        }
    }
}

//! RFC 6618 section 5: any octets from a peer. No panic, bounded answers, and nothing granted for a forgery.

mod peers;

use peers::*;
use proto::hac::{self, Hac};
use proto::mn::{self, Event, Mn};
use proto::{Machine, Random};
use wire::Draft;
use wire::container::{Container, HEADER_LEN};

/// The four messages of an honest exchange. With the same seeds they are the same every time.
fn honest() -> Vec<Vec<u8>> {
    run(&mut hac(policy(PROFILES[0])), &mut mn(config(PROFILES[0])), 100_000, CONN).containers
}

fn hac_after(requests: &[Vec<u8>]) -> Hac {
    let mut hac = hac(policy(PROFILES[0]));
    hac.handle(now(), hac::Input::Established { conn: CONN, channel_binding: binding() });
    for octets in requests {
        hac.handle(now(), hac::Input::Received { conn: CONN, octets: octets.clone() });
    }
    drain(&mut hac);
    hac
}

fn mn_after(responses: &[Vec<u8>]) -> Mn {
    let mut mn = mn(config(PROFILES[0]));
    mn.handle(now(), mn::Input::Start);
    mn.handle(now(), mn::Input::Established { channel_binding: binding() });
    for octets in responses {
        mn.handle(now(), mn::Input::Received(octets.clone()));
    }
    drain(&mut mn);
    mn
}

fn installs(hac: &mut Hac, octets: Vec<u8>) -> bool {
    hac.handle(now(), hac::Input::Received { conn: CONN, octets });
    drain(hac).iter().any(|output| matches!(output, hac::Output::Install(_)))
}

fn bootstraps(mn: &mut Mn, octets: Vec<u8>) -> bool {
    mn.handle(now(), mn::Input::Received(octets));
    drain(mn).iter().any(|output| matches!(output, mn::Output::Event(Event::Bootstrapped { .. })))
}

/// Octets of a container that are under its MAC.
fn covered(container: &[u8]) -> std::ops::Range<usize> {
    let content = Container::new_checked(container).expect("whole").content().to_vec();
    let signed = Draft::parse(&content).expect("headers").unsigned_octets();
    HEADER_LEN..HEADER_LEN + signed.len()
}

#[test]
fn every_bit_under_the_mac_counts() {
    let messages = honest();
    let [init, first, done, last] = messages.as_slice() else { panic!("not four messages") };
    let before_done = [init.clone()];
    let before_last = [first.clone()];
    assert!(installs(&mut hac_after(&before_done), done.clone()), "the control");
    assert!(bootstraps(&mut mn_after(&before_last), last.clone()), "the control");
    for (message, range) in [(done, covered(done)), (last, covered(last))] {
        for at in range {
            let mut changed = message.clone();
            changed[at] ^= 1 << (at % 8);
            if message == done {
                assert!(!installs(&mut hac_after(&before_done), changed), "octet {at} of Done");
            } else {
                assert!(
                    !bootstraps(&mut mn_after(&before_last), changed),
                    "octet {at} of the final response"
                );
            }
        }
    }
}

#[test]
fn noise_is_survived() {
    let mut random = Seeded(77);
    let messages = honest();
    for round in 0..3000_usize {
        let mut dice = [0; 8];
        random.fill(&mut dice);
        let [which, at, value, cut, ..] = dice.map(usize::from);
        let mut octets = messages[which % messages.len()].clone();
        let at = at * octets.len() / 256;
        octets[at] = u8::try_from(value).unwrap_or(0);
        if cut < 64 {
            octets.truncate(cut);
            octets.extend(dice);
        }
        let seen = &messages[..1];
        hac_after(&seen[..round % 2])
            .handle(now(), hac::Input::Received { conn: CONN, octets: octets.clone() });
        let seen = &messages[1..2];
        mn_after(&seen[..round % 2]).handle(now(), mn::Input::Received(octets));
    }
}

#[test]
fn a_stream_without_end_is_cut_off() {
    let mut hac = hac_after(&[]);
    for _ in 0..100 {
        hac.handle(now(), hac::Input::Received { conn: CONN, octets: vec![0xff; 70_000] });
    }
    let outputs = drain(&mut hac);
    let closes = outputs.iter().filter(|output| matches!(output, hac::Output::Close { .. })).count();
    assert_eq!((closes, outputs.len()), (1, 3), "one event, one answer, one close: {outputs:?}");
}

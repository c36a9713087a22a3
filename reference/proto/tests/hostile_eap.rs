//! RFC 6618 section 5.9: any octets from a peer while EAP runs. No panic, and nothing granted for a forgery.

mod peers;

use crypto::auth::Direction;
use peers::eap::{ONE, PROFILE, SECRET, config, draft, exchange, msk, offering, packet, signed};
use peers::{CONN, Seeded, binding, drain, mn, now};
use proto::eap::Method;
use proto::hac::{self, Hac};
use proto::mn::{self, Event, Mn};
use proto::{Machine, Random};
use wire::Name;
use wire::container::HEADER_LEN;

/// The eight messages by EAP-GPSK, or the six by MD5-Challenge. With the same seeds they are the same every time.
fn honest(method: Method) -> Vec<Vec<u8>> {
    exchange(method, &[]).containers
}

/// A HAC that has heard the first `count` requests.
fn hac_after(method: Method, messages: &[Vec<u8>], count: usize) -> Hac {
    let mut hac = offering(method);
    hac.handle(now(), hac::Input::Established { conn: CONN, channel_binding: binding() });
    for octets in messages.iter().step_by(2).take(count) {
        hac.handle(now(), hac::Input::Received { conn: CONN, octets: octets.clone() });
    }
    drain(&mut hac);
    hac
}

/// A mobile node that has heard the first `count` responses.
fn mn_after(method: Method, messages: &[Vec<u8>], count: usize) -> Mn {
    let mut mn = mn(config(PROFILE, method));
    mn.handle(now(), mn::Input::Start);
    mn.handle(now(), mn::Input::Established { channel_binding: binding() });
    for octets in messages.iter().skip(1).step_by(2).take(count) {
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

#[test]
fn every_octet_under_the_mac_of_the_msk_counts() {
    let messages = honest(Method::Gpsk);
    let (done, last) = (&messages[6], &messages[7]);
    let under_the_mac = |message: &[u8]| HEADER_LEN..HEADER_LEN + draft(message).unsigned_octets().len();
    assert!(installs(&mut hac_after(Method::Gpsk, &messages, 3), done.clone()), "the control");
    for at in under_the_mac(done) {
        let mut changed = done.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(!installs(&mut hac_after(Method::Gpsk, &messages, 3), changed), "octet {at} of Done");
    }
    assert!(bootstraps(&mut mn_after(Method::Gpsk, &messages, 3), last.clone()), "the control");
    for at in under_the_mac(last) {
        let mut changed = last.clone();
        changed[at] ^= 1 << (at % 8);
        let mut mn = mn_after(Method::Gpsk, &messages, 3);
        assert!(!bootstraps(&mut mn, changed), "octet {at} of the final response");
    }
}

/// Whoever sits in the connection can sign with "1", so EAP gets to see what he likes.
#[test]
fn noise_inside_well_signed_messages_is_survived() {
    let mut random = Seeded(99);
    for method in Method::ALL {
        let messages = honest(method);
        let keys = [ONE.to_vec(), if method == Method::Gpsk { msk(&messages, SECRET) } else { ONE.to_vec() }];
        for round in 0..800_usize {
            let mut dice = [0; 8];
            random.fill(&mut dice);
            let number = 1 + usize::from(dice[0]) % (messages.len() - 1);
            let message = &messages[number];
            let mut headers = draft(message);
            let mut octets = packet(&headers).expect("an EAP packet");
            let honest = octets.clone();
            spoil(&mut octets, dice);
            // A right hash may be followed by a name (RFC 3748 section 5.4).
            let named = method == Method::Md5Challenge && octets[4..].starts_with(&honest[4..]);
            let harmless = octets == honest || named;
            headers.set(Name::EapPayload, wire::value::hex::encode(&octets).as_bytes());
            let is_done = number + 2 >= messages.len();
            let key = keys[usize::from(is_done)].as_slice();
            if number.is_multiple_of(2) {
                let octets = signed(message[1], headers, (PROFILE, Direction::MnToHac, key));
                let granted = installs(&mut hac_after(method, &messages, number / 2), octets);
                assert!(!granted || harmless, "round {round} of {method:?}, message {number}");
            } else {
                let octets = signed(message[1], headers, (PROFILE, Direction::HacToMn, key));
                let taken = bootstraps(&mut mn_after(method, &messages, number / 2), octets);
                assert!(!taken || harmless, "round {round} of {method:?}, message {number}");
            }
        }
    }
}

/// Another octet, and in some rounds another length, told truly.
fn spoil(octets: &mut Vec<u8>, dice: [u8; 8]) {
    let at = usize::from(dice[1]) * octets.len() / 256;
    octets[at] = dice[2];
    match dice[3] % 4 {
        0 => octets.truncate(4 + usize::from(dice[4]) % octets.len()),
        1 => octets.extend(dice),
        _ => {}
    }
    let length = u16::try_from(octets.len()).expect("short");
    octets[2..4].copy_from_slice(&length.to_be_bytes());
}

#[test]
fn noise_in_place_of_messages_is_survived() {
    let mut random = Seeded(98);
    for method in Method::ALL {
        let messages = honest(method);
        for round in 0..400_usize {
            let mut dice = [0; 8];
            random.fill(&mut dice);
            let mut octets = messages[usize::from(dice[0]) % messages.len()].clone();
            let at = usize::from(dice[1]) * octets.len() / 256;
            octets[at] = dice[2];
            let count = round % (messages.len() / 2);
            hac_after(method, &messages, count)
                .handle(now(), hac::Input::Received { conn: CONN, octets: octets.clone() });
            mn_after(method, &messages, count).handle(now(), mn::Input::Received(octets));
        }
    }
}

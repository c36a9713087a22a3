//! RFC 6618 section 5.6.2: the keys that a HAC hands out. The HA is given whatever the MN is told.

use suite::player::MessageForge;
use wire::param::Name;
use wire::value::hex;

use super::headers::change;
use super::sa::alter;
use crate::mutant::Lie::HacResponse;
use crate::mutant::Mutant;

/// Lies about keys.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/ikey-short",
        "hands out integrity keys that lack an octet",
        HacResponse(|response, _| {
            for name in [Name::MnToHaIkey, Name::HaToMnIkey] {
                alter(response, name, |key| key.get(2..).unwrap_or_default().to_vec());
            }
        }),
        &["rfc6618/5.6.2/key-lengths"],
    ),
    Mutant::hac(
        "hac/ekey-for-null",
        "hands out encryption keys under a NULL suite",
        HacResponse(|response, _| {
            if response.draft.position(Name::MnToHaIkey).is_some() {
                for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
                    if response.draft.position(name).is_none() {
                        response.set(name, hex::encode(&[9; 16]));
                    }
                }
            }
        }),
        &["rfc6618/5.6.2/null-without-encryption-keys"],
    ),
    Mutant::hac(
        "hac/degenerate-3des",
        "hands out TripleDES keys whose parts are equal",
        HacResponse(|response, _| {
            for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
                alter(response, name, |key| match (key.len(), key.get(..16)) {
                    (48, Some(part)) => part.repeat(3),
                    _ => key.to_vec(),
                });
            }
        }),
        &["rfc6618/5.6.2/3des-not-degenerate"],
    ),
    Mutant::hac(
        "hac/same-ikey-both-ways",
        "hands out one integrity key for both directions",
        HacResponse(|response, _| copy(response, Name::MnToHaIkey, Name::HaToMnIkey)),
        &["rfc6618/5.6.2/directions-differ"],
    ),
    Mutant::hac(
        "hac/same-ekey-both-ways",
        "hands out one encryption key for both directions",
        HacResponse(|response, _| copy(response, Name::MnToHaEkey, Name::HaToMnEkey)),
        &["rfc6618/5.6.2/directions-differ"],
    ),
    Mutant::hac(
        "hac/same-keys-every-time",
        "hands out the same keys in every bootstrap",
        HacResponse(|response, _| {
            let names = [Name::MnToHaIkey, Name::HaToMnIkey, Name::MnToHaEkey, Name::HaToMnEkey];
            for (number, name) in (1_u8..).zip(names) {
                alter(response, name, |key| pattern(number, key.len() / 2));
            }
        }),
        &[
            "rfc6618/5.6.2/keys-fresh",
            "rfc6618/5.6.2/keys-vary-throughout",
            "rfc6618/4.3/keys-differ-between-mns",
        ],
    ),
    Mutant::hac(
        "hac/no-ekeys",
        "hands out no encryption keys under a suite that encrypts",
        HacResponse(|response, _| {
            response.remove(Name::MnToHaEkey);
            response.remove(Name::HaToMnEkey);
        }),
        &["rfc6618/5.6.2/encryption-keys-there"],
    ),
    Mutant::hac(
        "hac/ikeys-no-hex",
        "sends integrity keys that are no hexadecimal",
        HacResponse(|response, _| {
            for name in [Name::MnToHaIkey, Name::HaToMnIkey] {
                alter(response, name, |key| vec![b'z'; key.len()]);
            }
        }),
        &["rfc6618/5.6.2/ikeys-in-hex"],
    ),
    Mutant::hac(
        "hac/ekeys-no-hex",
        "sends encryption keys that are no hexadecimal",
        HacResponse(|response, _| {
            for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
                alter(response, name, |key| vec![b'z'; key.len()]);
            }
        }),
        &["rfc6618/5.6.2/ekeys-in-hex"],
    ),
    Mutant::hac(
        "hac/keys-of-zeros",
        "hands out an integrity key of zeros",
        HacResponse(|response, _| alter(response, Name::MnToHaIkey, |key| vec![b'0'; key.len()])),
        &["rfc6618/5.6.2/no-key-of-one-octet-value"],
    ),
    Mutant::hac(
        "hac/key-is-the-psk",
        "hands out the pre-shared key as integrity key",
        HacResponse(|response, session| {
            let psk =
                session.identity.as_ref().map(|identity| hex::encode(&identity.psk)).unwrap_or_default();
            alter(response, Name::MnToHaIkey, |key| psk.bytes().cycle().take(key.len()).collect());
        }),
        &["rfc6618/5.6.2/keys-not-the-psk"],
    ),
];

fn copy(response: &mut MessageForge, from: Name, to: Name) {
    if let Some(value) = response.draft.value(from).map(<[u8]>::to_vec) {
        change(response, to, &value);
    }
}

/// A key in hex that is the same every time and no degenerate one.
fn pattern(number: u8, octets: usize) -> Vec<u8> {
    let key: Vec<u8> = (number..).step_by(7).take(octets).collect();
    hex::encode(&key).into_bytes()
}

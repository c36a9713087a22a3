//! RFC 6618 section 5.8 and RFC 5929 section 4.1: the ways in which `auth` is misread.
//!
//! Each is a mistake made on what goes under the MAC. [`Message::misreadings`] makes them all and names those that
//! lead to the MAC which was seen: the explanation of a wrong `auth`, for whoever judges one.

mod dictionary;

use wire::container::HEADER_LEN;
use wire::value::Mac;

use crate::auth::{Direction, ONE, Profile, hmac_sha256, label};
use crate::channel_binding::ChannelBinding;

pub use dictionary::DICTIONARY;

/// One way to get `auth` wrong.
pub struct Misreading {
    /// A short name, stable.
    pub id: &'static str,
    /// The reading that it goes against, if one speaks of it.
    pub reading: Option<&'static str>,
    /// What the sender seems to do.
    pub says: &'static str,
    /// What to change.
    pub fix: &'static str,
    /// Makes the mistake.
    mistake: fn(&mut Input, &Message<'_>),
}

/// A message with an `auth`, and what its sender had at hand to compute it.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Container header and Content, as received.
    pub container: &'a [u8],
    /// How many octets of the Content `auth` must cover: those before the name `auth`.
    pub covered: usize,
    /// Which text both ends follow.
    pub profile: Profile,
    /// Who sent it.
    pub direction: Direction,
    /// The key as it should be used.
    pub key: &'a [u8],
    /// The binding as it should be used.
    pub binding: &'a ChannelBinding,
    /// The server's certificate, DER, if it is known.
    pub certificate: Option<&'a [u8]>,
    /// What EAP has made by then, in an exchange by EAP.
    pub eap: Option<&'a EapKeys>,
}

/// Section 5.9: what an exchange by EAP may be keyed with, rightly or wrongly.
#[derive(Clone, PartialEq, Eq)]
pub struct EapKeys {
    /// The secret of the mobile node, as an EAP method uses it.
    pub secret: Vec<u8>,
    /// Master Session Key, once a method has made one.
    pub msk: Option<Vec<u8>>,
    /// Extended Master Session Key; RFC 6618 has no use for it.
    pub emsk: Option<Vec<u8>>,
}

/// What goes into HMAC-SHA256: the key, and three parts one behind the other.
#[derive(Clone)]
struct Input {
    key: Vec<u8>,
    label: Vec<u8>,
    message: Vec<u8>,
    binding: Vec<u8>,
}

const AUTH: &[u8] = b"auth:";
const CRLF: &[u8] = b"\r\n";

impl Message<'_> {
    /// The MAC that this message should carry.
    #[must_use]
    pub fn right_mac(&self) -> Mac {
        self.input().mac()
    }

    /// The misreadings that lead to `mac`: the ones that explain it alone, or else the first two that do together.
    /// Empty when it is right as it stands, and when nothing fits.
    #[must_use]
    pub fn misreadings(&self, mac: &Mac) -> Vec<&'static Misreading> {
        let right = self.input();
        if right.mac() == *mac {
            return Vec::new();
        }
        let fits = |misreadings: &[&Misreading]| {
            let mut input = right.clone();
            misreadings.iter().for_each(|misreading| (misreading.mistake)(&mut input, self));
            input.mac() == *mac
        };
        let alone: Vec<_> = DICTIONARY.iter().filter(|&misreading| fits(&[misreading])).collect();
        if alone.is_empty() {
            pairs().find(|pair| fits(pair)).map(Vec::from).unwrap_or_default()
        } else {
            alone
        }
    }

    fn input(&self) -> Input {
        Input {
            key: self.key.to_vec(),
            label: label(self.profile, self.direction).to_vec(),
            message: self.signed().to_vec(),
            binding: self.binding.as_octets().to_vec(),
        }
    }

    fn header(&self) -> &[u8] {
        self.container.get(..HEADER_LEN).unwrap_or_default()
    }

    fn signed(&self) -> &[u8] {
        self.content().get(..self.covered).unwrap_or_default()
    }

    /// From the first octet of the line of `auth` on.
    fn rest(&self) -> &[u8] {
        self.content().get(self.covered..).unwrap_or_default()
    }

    fn content(&self) -> &[u8] {
        self.container.get(HEADER_LEN..).unwrap_or_default()
    }

    /// The line ends that close the message, behind the one that closes `auth`.
    fn end_of_message(&self) -> &[u8] {
        let rest = self.rest();
        let line_ends = rest.iter().rev().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        rest.get(rest.len() - line_ends.saturating_sub(CRLF.len())..).unwrap_or_default()
    }

    /// Uses the pre-shared key as some text, where there is one.
    fn misread_psk(&self, input: &mut Input, text: fn(&[u8]) -> String) {
        if self.eap.is_none() {
            input.key = text(&input.key).into_bytes();
        }
    }

    /// Keys with something else where an exchange by EAP is keyed with "1".
    fn misread_one(&self, input: &mut Input, key: fn(&EapKeys) -> Option<Vec<u8>>) {
        if let Some(other) = self.eap.filter(|_| input.key == ONE).and_then(key) {
            input.key = other;
        }
    }

    /// Keys with something else where an exchange by EAP is keyed with the MSK.
    fn misread_msk(&self, input: &mut Input, key: fn(&EapKeys) -> Option<Vec<u8>>) {
        if let Some(other) = self.eap.filter(|_| input.key != ONE).and_then(key) {
            input.key = other;
        }
    }

    /// The whole Content, with this in place of the value of `auth`.
    fn content_with(&self, auth: &[u8]) -> Vec<u8> {
        [self.signed(), AUTH, auth, CRLF, self.end_of_message()].concat()
    }
}

impl Input {
    fn mac(&self) -> Mac {
        hmac_sha256(&self.key, &[&self.label, &self.message, &self.binding])
    }
}

/// Two mistakes at once.
fn pairs() -> impl Iterator<Item = [&'static Misreading; 2]> {
    (0..DICTIONARY.len()).flat_map(|at| {
        DICTIONARY.iter().skip(at + 1).filter_map(move |second| Some([DICTIONARY.get(at)?, second]))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const CONTAINER: &[u8] = b"\0\x01\0\x21auth-method:psk\r\nauth:00\r\n\r\n\r\n";

    fn named(profile: Profile, mac: impl Fn(&Message<'_>) -> Mac) -> Vec<&'static str> {
        named_in(profile, (&[0xab; 32], None), mac)
    }

    /// Of a message that is keyed rightly with `key`.
    fn named_in(
        profile: Profile,
        (key, eap): (&[u8], Option<&EapKeys>),
        mac: impl Fn(&Message<'_>) -> Mac,
    ) -> Vec<&'static str> {
        let message = Message {
            container: CONTAINER,
            covered: b"auth-method:psk\r\n".len(),
            profile,
            direction: Direction::HacToMn,
            key,
            binding: &ChannelBinding::new(vec![7; 32]),
            certificate: Some(&[0x30, 0x00]),
            eap,
        };
        message.misreadings(&mac(&message)).into_iter().map(|misreading| misreading.id).collect()
    }

    #[test]
    fn entries_are_told_apart() {
        let ids: BTreeSet<&str> = DICTIONARY.iter().map(|misreading| misreading.id).collect();
        let said: BTreeSet<&str> = DICTIONARY.iter().map(|misreading| misreading.says).collect();
        assert_eq!((ids.len(), said.len()), (DICTIONARY.len(), DICTIONARY.len()));
    }

    #[test]
    fn each_mistake_changes_the_mac_and_is_named_by_its_own_entry() {
        let (msk, emsk) = ((0..64).collect::<Vec<u8>>(), vec![0xee; 64]);
        let secret = vec![0xcd; 32];
        let eap = EapKeys { secret, msk: Some(msk.clone()), emsk: Some(emsk) };
        let by_psk: (&[u8], _) = (&[0xab; 32], None);
        for misreading in DICTIONARY.iter().filter(|misreading| misreading.id != "label-in-draft-01") {
            let made: Vec<Vec<&str>> = [by_psk, (ONE, Some(&eap)), (&msk, Some(&eap))]
                .map(|keyed| {
                    named_in(Profile::Rfc6618, keyed, |message| {
                        let mut input = message.input();
                        (misreading.mistake)(&mut input, message);
                        input.mac()
                    })
                })
                .into();
            assert!(made.iter().any(|made| made.contains(&misreading.id)), "{} is {made:?}", misreading.id);
        }
    }

    #[test]
    fn a_right_mac_and_a_random_one_are_not_explained() {
        assert!(named(Profile::Rfc6618, |message| message.right_mac()).is_empty());
        assert!(named(Profile::Rfc6618, |_| Mac([1; 32])).is_empty());
    }

    #[test]
    fn a_label_is_a_misreading_of_draft_01() {
        let labelled = |message: &Message<'_>| Message { profile: Profile::Rfc6618, ..*message }.right_mac();
        assert_eq!(named(Profile::Draft01, labelled), ["label-in-draft-01"]);
    }

    #[test]
    fn two_mistakes_are_named_together() {
        let neither = |message: &Message<'_>| hmac_sha256(message.key, &[message.signed()]);
        assert_eq!(named(Profile::Rfc6618, neither), ["no-label", "no-binding"]);
    }

    #[test]
    fn a_container_without_its_header_does_no_harm() {
        let message = Message {
            container: b"\0\x01",
            covered: 9,
            profile: Profile::Rfc6618,
            direction: Direction::MnToHac,
            key: b"key",
            binding: &ChannelBinding::new(Vec::new()),
            certificate: None,
            eap: None,
        };
        assert!(message.misreadings(&Mac([0; 32])).is_empty());
    }
}

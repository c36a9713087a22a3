//! RFC 6618 section 5.8: why a wrong `auth` is wrong; of packets see [`packet`]. Every known misreading is computed, the one that fits is named.

pub mod packet;

use crypto::misreading::{Message, Misreading};
use wire::header::lex;
use wire::param::Name;
use wire::value::Mac;

use crate::finding::{Clue, Finding};
use crate::player::{Reply, Signer};

/// The misreadings under which the `auth` of `reply` is right: the ones that explain it alone, or else the first two
/// that do together. Empty when it is right as it stands, and when nothing fits.
#[must_use]
pub fn auth(reply: &Reply, signer: &Signer) -> Vec<Clue> {
    misread(reply, signer).into_iter().map(clue).collect()
}

/// The finding for a wrong or missing `auth` in `reply`.
#[must_use]
pub fn wrong_auth(reply: &Reply, signer: &Signer) -> Finding {
    let expected = "auth = HMAC-SHA256(PSK, label | msg-octets | CB-octets)";
    let Some(value) = reply.raw(Name::Auth) else {
        return Finding::fails(expected, "no auth header").with_octets("Content received", reply.content());
    };
    let observed = format!("auth {}", crate::finding::shown(value, 72));
    let mut finding = Finding::fails(expected, observed);
    for clue in auth(reply, signer) {
        finding = finding.with_clue(clue);
    }
    if let Some(signed) = lex(reply.content()).ok().and_then(|headers| headers.signed()) {
        finding = finding
            .with_octets("msg-octets (what auth must cover)", signed)
            .with_octets("CB-octets", signer.binding.as_octets())
            .with_octets("auth that was expected", &signer.sign(signed));
    }
    finding
}

/// A misreading as reports tell it.
#[must_use]
pub fn clue(misreading: &Misreading) -> Clue {
    Clue {
        says: misreading.says.to_owned(),
        reading: misreading.reading.map(str::to_owned),
        fix: misreading.fix.to_owned(),
    }
}

fn misread(reply: &Reply, signer: &Signer) -> Vec<&'static Misreading> {
    let Ok(headers) = lex(reply.content()) else { return Vec::new() };
    let (Some(signed), Some(value)) = (headers.signed(), headers.find(Name::Auth).map(|h| h.value)) else {
        return Vec::new();
    };
    let Ok(mac) = Mac::parse(value) else { return Vec::new() };
    let message = Message {
        container: reply.octets(),
        covered: signed.len(),
        profile: signer.profile,
        direction: signer.direction,
        key: &signer.key,
        binding: &signer.binding,
        certificate: signer.certificate.as_deref(),
        eap: signer.eap.as_ref(),
    };
    message.misreadings(&mac)
}

#[cfg(test)]
mod tests {
    use crypto::auth::{Direction, Profile};
    use crypto::channel_binding::ChannelBinding;
    use crypto::misreading::DICTIONARY;
    use wire::header::Draft;

    use super::*;
    use crate::player::{AuthForge, MessageForge};
    use crate::reading;

    fn signer() -> Signer {
        Signer {
            profile: Profile::Rfc6618,
            direction: Direction::HacToMn,
            key: vec![0xab; 32],
            binding: ChannelBinding::new(vec![7; 32]),
            certificate: Some(vec![0x30, 0x00]),
            eap: None,
        }
    }

    fn reply(auth: AuthForge) -> Reply {
        let mut draft = Draft::new();
        draft.push(Name::AuthMethod, "psk");
        Reply::new(MessageForge::new(1, draft, auth).octets(&signer()))
    }

    fn named(reply: &Reply, signer: &Signer) -> Vec<&'static str> {
        misread(reply, signer).into_iter().map(|misreading| misreading.id).collect()
    }

    #[test]
    fn entries_rest_on_readings_that_exist() {
        for Misreading { id, reading, .. } in DICTIONARY {
            assert!(reading.is_none_or(|id| reading::find(id).is_some()), "{id} rests on {reading:?}");
        }
    }

    #[test]
    fn a_right_auth_and_a_random_one_get_no_clue() {
        assert!(named(&reply(AuthForge::Right), &signer()).is_empty());
        assert!(named(&reply(AuthForge::FlippedBit), &signer()).is_empty());
        assert!(named(&reply(AuthForge::Absent), &signer()).is_empty());
        assert!(named(&Reply::new(b"\0\x01\0\x04\xff\xff\xff\xff".to_vec()), &signer()).is_empty());
    }

    #[test]
    fn a_label_is_a_misreading_of_draft_01() {
        let draft = Signer { profile: Profile::Draft01, ..signer() };
        assert_eq!(named(&reply(AuthForge::Right), &draft), ["label-in-draft-01"]);
    }
}

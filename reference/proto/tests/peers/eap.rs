//! What the tests of EAP have in common: reading a conversation as an onlooker who knows the secret.

use crypto::auth::{Direction, Profile, auth};
use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use proto::eap::Offer;
use proto::{eap, mn};
use wire::container::{Container, Identifier, Repr};
use wire::eap::{Gpsk, Packet, Type};
use wire::{Draft, Name};

use super::*;

/// Key "1" of section 5.9.
pub(crate) const ONE: &[u8] = b"1";
/// Long enough for both ciphersuites of EAP-GPSK.
pub(crate) const SECRET: &[u8] = b"a secret of 32 octets, or of 33.";

/// A HAC that speaks EAP, and everything of it.
pub(crate) fn policy(profile: Profile) -> Policy {
    let eap = Offer { methods: eap::Method::ALL.to_vec(), ..Offer::default() };
    Policy { eap, ..super::policy(profile) }
}

/// Knows Alice by [`SECRET`].
pub(crate) fn hac(policy: Policy) -> Hac {
    let identities = vec![(nai("bob@example.com"), psk(b"b")), (alice(), psk(SECRET))];
    Hac::new(policy, identities, Box::new(Seeded(1)))
}

pub(crate) fn config(profile: Profile, method: eap::Method) -> mn::Config {
    let authentication = mn::Authentication::Eap(method);
    mn::Config { profile, authentication, ..mn::Config::new(alice(), psk(SECRET), care_of()) }
}

/// The headers of one container.
pub(crate) fn draft(container: &[u8]) -> Draft {
    let repr = Repr::parse(&Container::new_checked(container).expect("whole")).expect("legal");
    Draft::parse(repr.content).expect("headers")
}

/// The EAP packet in it, if there is one.
pub(crate) fn packet(draft: &Draft) -> Option<Vec<u8>> {
    draft.value(Name::EapPayload).map(|value| wire::value::eap::parse(value).expect("an EAP packet"))
}

/// A container whose `auth` is made anew.
pub(crate) fn signed(
    identifier: u8,
    mut draft: Draft,
    (profile, direction, key): (Profile, Direction, &[u8]),
) -> Vec<u8> {
    draft.remove(Name::Auth);
    let octets = draft.unsigned_octets();
    draft.sign(auth(profile, direction, key, &octets, &binding()));
    let identifier = Identifier::new(identifier).expect("not 0");
    Repr { identifier, content: &draft.octets() }.to_vec().expect("short")
}

/// Whether `key` has signed this container.
pub(crate) fn is_signed(container: &[u8], (profile, direction, key): (Profile, Direction, &[u8])) -> bool {
    let draft = draft(container);
    let mac = wire::value::Mac::parse(draft.value(Name::Auth).expect("signed")).expect("a MAC");
    auth(profile, direction, key, &draft.unsigned_octets(), &binding()) == mac
}

/// The MSK of a conversation, from its GPSK-2.
pub(crate) fn msk(containers: &[Vec<u8>], secret: &[u8]) -> Vec<u8> {
    let packets = containers.iter().filter_map(|container| packet(&draft(container)));
    let two = packets.filter_map(|packet| match Packet::parse(&packet).expect("legal") {
        Packet::Response { kind: Type::GPSK, data, .. } => Some(Gpsk::parse(data).expect("legal")),
        _ => None,
    });
    let found =
        two.into_iter().find_map(|message| if let Gpsk::Two(two) = message { Some(two) } else { None });
    let two = found.expect("a GPSK-2");
    let suite = GpskSuite::from_code(two.selected).expect("known");
    let session = Session {
        rand_peer: &two.rand_peer,
        id_peer: &two.id_peer,
        rand_server: &two.rand_server,
        id_server: &two.id_server,
    };
    let keys = GpskKeys::derive(suite, &psk(secret), &session).expect("long enough");
    keys.msk().as_octets().to_vec()
}

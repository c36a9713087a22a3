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

/// The profile where it makes no difference.
pub(crate) const PROFILE: Profile = Profile::Rfc6618;

/// Knows Alice, and offers one method only.
pub(crate) fn offering(method: eap::Method) -> Hac {
    let eap = Offer { methods: vec![method], ..Offer::default() };
    hac(Policy { eap, ..policy(PROFILE) })
}

/// An exchange by one method with changed messages.
pub(crate) fn exchange(method: eap::Method, changes: &[Change]) -> Story {
    relay(&mut offering(method), &mut mn(config(PROFILE, method)), PROFILE, changes)
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

/// One message on its way, which a test may change before it is signed and delivered.
pub(crate) struct Forged {
    pub(crate) draft: Draft,
    pub(crate) identifier: u8,
    pub(crate) direction: Direction,
    /// What signs; `None` leaves `auth` as it is.
    pub(crate) key: Option<Vec<u8>>,
}

impl Forged {
    pub(crate) fn set(&mut self, name: Name, value: &str) {
        self.draft.set(name, value.as_bytes());
    }

    pub(crate) fn remove(&mut self, name: Name) {
        assert_eq!(self.draft.remove(name), 1, "{} was there", name.as_str());
    }

    /// Changes the EAP packet; its Length is made right again.
    pub(crate) fn packet(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut octets = packet(&self.draft).expect("an EAP packet");
        change(&mut octets);
        let length = u16::try_from(octets.len()).expect("short");
        octets[2..4].copy_from_slice(&length.to_be_bytes());
        self.set(Name::EapPayload, &wire::value::hex::encode(&octets));
    }

    fn container(self, profile: Profile) -> Vec<u8> {
        let Some(key) = self.key else {
            let content = self.draft.octets();
            let identifier = Identifier::new(self.identifier).expect("not 0");
            return Repr { identifier, content: &content }.to_vec().expect("short");
        };
        signed(self.identifier, self.draft, (profile, self.direction, &key))
    }
}

/// Which message is changed, counted from the request Init, 0, and how.
pub(crate) type Change = (usize, fn(&mut Forged));

/// Carries whole containers between the two until both are silent. Changed messages are signed with the key that they
/// should have.
pub(crate) fn relay(hac: &mut Hac, mn: &mut Mn, profile: Profile, changes: &[Change]) -> Story {
    let mut story = Story::default();
    mn.handle(now(), mn::Input::Start);
    for _ in 0..24 {
        for output in drain(mn) {
            match output {
                mn::Output::Send(octets) => {
                    let octets = story.changed(profile, changes, octets);
                    hac.handle(now(), hac::Input::Received { conn: CONN, octets });
                }
                other => story.take_mn(hac, mn, usize::MAX, CONN, other),
            }
        }
        for output in drain(hac) {
            match output {
                hac::Output::Send { octets, .. } => {
                    let octets = story.changed(profile, changes, octets);
                    mn.handle(now(), mn::Input::Received(octets));
                }
                other => story.take_hac(mn, usize::MAX, other),
            }
        }
    }
    story
}

impl Story {
    /// Notes a message, changed or not.
    fn changed(&mut self, profile: Profile, changes: &[Change], octets: Vec<u8>) -> Vec<u8> {
        let number = self.containers.len();
        let mut octets = octets;
        for (_, change) in changes.iter().filter(|(which, _)| *which == number) {
            let direction = if number.is_multiple_of(2) { Direction::MnToHac } else { Direction::HacToMn };
            let headers = draft(&octets);
            let key = match headers.value(Name::Auth) {
                None => None,
                Some(_) if is_signed(&octets, (profile, direction, ONE)) => Some(ONE.to_vec()),
                Some(_) => Some(msk(&self.containers, SECRET)),
            };
            let identifier = octets[1];
            let mut forged = Forged { draft: headers, identifier, direction, key };
            change(&mut forged);
            octets = forged.container(profile);
        }
        self.containers.push(octets.clone());
        octets
    }
}

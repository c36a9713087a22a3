//! RFC 6618 section 5.9: what a liar overhears of a conversation by EAP, so that it can sign and prove as both ends do.

use crypto::gpsk::{GpskKeys, GpskSuite};
use crypto::keys::Psk;
use crypto::md5_challenge;
use suite::identity::Identity;
use suite::player::{EapKeys, ONE};
use wire::eap::{Gpsk, Gpsk1, Gpsk2, Gpsk4, Md5Challenge, Packet, Type};
use wire::header::{Lexed, lex};
use wire::param::Name;
use wire::value::hex;

/// One conversation, from either end.
#[derive(Default)]
pub struct Overheard {
    /// Whether eap was selected.
    is_selected: bool,
    /// Identifier and type of the newest EAP request.
    request: Option<(u8, Type)>,
    challenge: Vec<u8>,
    one: Option<Gpsk1>,
    two: Option<Gpsk2>,
    /// Whether GPSK-3 asks, and no longer GPSK-1.
    asks_for_four: bool,
    /// Whether the peer has had its last word.
    is_concluded: bool,
}

impl Overheard {
    /// Remembers what a message carries, of whichever side.
    pub(super) fn hear(&mut self, content: &[u8]) {
        let Ok(lexed) = lex(content) else { return };
        // The list of an MN names eap alone or not at all; a HAC names what it selects.
        self.is_selected |= is(&lexed, Name::AuthMethod, b"eap");
        let packet = lexed.find(Name::EapPayload).and_then(|header| hex::decode(header.value).ok());
        match packet.as_deref().map(Packet::parse) {
            Some(Ok(Packet::Request { identifier, kind, data })) => {
                self.request = Some((identifier, kind));
                match (kind, Gpsk::parse(data)) {
                    (Type::GPSK, Ok(Gpsk::One(one))) => self.one = Some(one),
                    (Type::GPSK, Ok(Gpsk::Three(_))) => self.asks_for_four = true,
                    (Type::MD5_CHALLENGE, _) => {
                        let read = Md5Challenge::parse(data);
                        self.challenge = read.map(|read| read.value.to_vec()).unwrap_or_default();
                    }
                    _ => {}
                }
            }
            Some(Ok(Packet::Response { kind: Type::GPSK, data, .. })) => match Gpsk::parse(data) {
                Ok(Gpsk::Two(two)) => self.two = Some(two),
                Ok(Gpsk::Four(_)) => self.is_concluded = true,
                _ => {}
            },
            _ => {}
        }
    }

    /// Whether the exchange is by EAP.
    #[must_use]
    pub const fn is_selected(&self) -> bool {
        self.is_selected
    }

    /// Whether the peer has had its last word.
    #[must_use]
    pub const fn is_concluded(&self) -> bool {
        self.is_concluded
    }

    /// What must sign a message with this content; `None` if the exchange is not by EAP.
    pub(super) fn key(&self, content: &[u8], identity: Option<&Identity>) -> Option<Vec<u8>> {
        if !self.is_selected {
            return None;
        }
        let lexed = lex(content).ok();
        let has = |name| lexed.as_ref().is_some_and(|lexed| lexed.find(name).is_some());
        let is_last = has(Name::Sas) || has(Name::Suitelist) || has(Name::StatusCode);
        let msk =
            identity.filter(|_| is_last && self.is_concluded).and_then(|identity| self.keys(identity).msk);
        Some(msk.unwrap_or_else(|| ONE.to_vec()))
    }

    /// Everything that keys `auth`, rightly or wrongly, when `identity` is the peer.
    #[must_use]
    pub fn keys(&self, identity: &Identity) -> EapKeys {
        let made = self.two.as_ref().and_then(|two| derived(two, &identity.psk));
        EapKeys {
            secret: identity.psk.clone(),
            msk: made.as_ref().map(|keys| keys.msk().as_octets().to_vec()),
            emsk: made.as_ref().map(|keys| keys.emsk().to_vec()),
        }
    }

    /// The response that an honest peer with the secret of `identity` would give now, in hex.
    #[must_use]
    pub fn honest_response(&self, identity: &Identity) -> Option<Vec<u8>> {
        let (identifier, kind) = self.request?;
        let data = match kind {
            Type::IDENTITY => identity.mn_id.clone().into_bytes(),
            Type::MD5_CHALLENGE => {
                let value = md5_challenge::response(identifier, &identity.psk, &self.challenge);
                Md5Challenge { value: &value, name: &[] }.to_vec().ok()?
            }
            Type::GPSK => self.gpsk_response(identity)?,
            _ => return None,
        };
        let packet = Packet::Response { identifier, kind, data: &data }.to_vec().ok()?;
        Some(hex::encode(&packet).into_bytes())
    }

    /// EAP-Success for the newest request, in hex.
    #[must_use]
    pub fn success(&self) -> Option<Vec<u8>> {
        let (identifier, _) = self.request?;
        Some(hex::encode(&Packet::Success { identifier }.to_vec().ok()?).into_bytes())
    }

    /// GPSK-3 in hex with the right MAC, if that is what `value` holds.
    #[must_use]
    pub fn mended_three(&self, identity: &Identity, value: &[u8]) -> Option<Vec<u8>> {
        let packet = hex::decode(value).ok()?;
        let Ok(Packet::Request { identifier, kind: Type::GPSK, data }) = Packet::parse(&packet) else {
            return None;
        };
        let Ok(Gpsk::Three(mut three)) = Gpsk::parse(data) else { return None };
        three.mac = derived(self.two.as_ref()?, &identity.psk)?.mac(&three.unsigned().ok()?);
        let data = Gpsk::Three(three).to_vec().ok()?;
        let packet = Packet::Request { identifier, kind: Type::GPSK, data: &data }.to_vec().ok()?;
        Some(hex::encode(&packet).into_bytes())
    }

    /// GPSK-2 or GPSK-4 with the right name and MAC.
    fn gpsk_response(&self, identity: &Identity) -> Option<Vec<u8>> {
        if self.asks_for_four {
            let mut four = Gpsk4 { protected: Vec::new(), mac: Vec::new() };
            four.mac = derived(self.two.as_ref()?, &identity.psk)?.mac(&four.unsigned().ok()?);
            return Gpsk::Four(four).to_vec().ok();
        }
        let Gpsk1 { id_server, rand_server, suites } = self.one.clone()?;
        let selected = *suites.first()?;
        let rand_peer = self.two.as_ref().map_or([0x2a; 32], |two| two.rand_peer);
        let (id_peer, protected) = (identity.mn_id.clone().into_bytes(), Vec::new());
        let mac = Vec::new();
        let mut two = Gpsk2 { id_peer, id_server, rand_peer, rand_server, suites, selected, protected, mac };
        two.mac = derived(&two, &identity.psk)?.mac(&two.unsigned().ok()?);
        Gpsk::Two(two).to_vec().ok()
    }
}

fn derived(two: &Gpsk2, secret: &[u8]) -> Option<GpskKeys> {
    let Gpsk2 { id_peer, id_server, rand_peer, rand_server, .. } = two;
    let session = crypto::gpsk::Session { rand_peer, id_peer, rand_server, id_server };
    let psk = Psk::new(secret.to_vec()).ok()?;
    GpskKeys::derive(GpskSuite::from_code(two.selected)?, &psk, &session).ok()
}

fn is(lexed: &Lexed<'_>, name: Name, value: &[u8]) -> bool {
    lexed.find(name).is_some_and(|header| header.value.eq_ignore_ascii_case(value))
}

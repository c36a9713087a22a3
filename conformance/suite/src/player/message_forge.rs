//! RFC 6618 sections 5.1 and 5.2, forging side: a request or response in which anything may be wrong.

use crypto::auth::{self, Direction, Profile};
use crypto::channel_binding::ChannelBinding;
use crypto::misreading::EapKeys;
use wire::container::Container;
use wire::header::Draft;
use wire::param::Name;
use wire::value::hex;

/// What is needed to compute `auth` (section 5.8).
#[derive(Clone)]
pub struct Signer {
    /// Label or none.
    pub profile: Profile,
    /// Who signs.
    pub direction: Direction,
    /// The pre-shared key; with EAP "1", or the MSK.
    pub key: Vec<u8>,
    /// tls-server-end-point of the session.
    pub binding: ChannelBinding,
    /// The certificate behind it in DER, where the link has one; only misreadings need it.
    pub certificate: Option<Vec<u8>>,
    /// What EAP has made, in an exchange by EAP; only misreadings need it.
    pub eap: Option<EapKeys>,
}

impl Signer {
    /// The right `auth` over `msg_octets`.
    #[must_use]
    pub fn sign(&self, msg_octets: &[u8]) -> [u8; 32] {
        self.sign_keyed(&self.key, msg_octets)
    }

    /// The right `auth` over `msg_octets`, but for the key.
    #[must_use]
    pub fn sign_keyed(&self, key: &[u8], msg_octets: &[u8]) -> [u8; 32] {
        auth::auth(self.profile, self.direction, key, msg_octets, &self.binding).0
    }
}

/// A message on its way out. Everything is honest until it is overridden.
#[derive(Clone)]
pub struct MessageForge {
    /// 3-bit Ver.
    pub version: u8,
    /// 5-bit Rsrvd.
    pub reserved: u8,
    /// Identifier octet; 0 is possible here.
    pub identifier: u8,
    /// Length field; `None` is the length of the Content.
    pub length: Option<u16>,
    /// The TV-headers before `auth`; its `end` closes the message.
    pub draft: Draft,
    /// How `auth` is made.
    pub auth: AuthForge,
    /// Lines after `auth`, verbatim, so not signed.
    pub after_auth: Vec<u8>,
    /// Octets of the Content after the end-of-message.
    pub trailing: Vec<u8>,
    /// Octets behind the container, in the same record.
    pub behind: Vec<u8>,
    /// How the octets are cut into writes.
    pub delivery: Delivery,
}

/// How `auth` is made.
#[derive(Clone)]
pub enum AuthForge {
    /// As section 5.8 says.
    Right,
    /// No `auth` header.
    Absent,
    /// Keyed with another key.
    Key(Vec<u8>),
    /// With other octets where the direction label stands.
    Label(&'static [u8]),
    /// With other octets for the channel binding.
    Binding(fn(&ChannelBinding) -> Vec<u8>),
    /// Over the container header too.
    CoversContainer,
    /// Only so many octets of the right value.
    Truncated(usize),
    /// The right value with its lowest bit turned.
    FlippedBit,
    /// The right value in upper-case hex.
    UpperCase,
    /// This text instead of a value.
    Text(Vec<u8>),
}

/// How octets are cut into writes; each write is a TLS record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// One write.
    Whole,
    /// Writes of at most so many octets.
    Pieces(usize),
    /// Only so many octets, then our end is closed.
    CutAfter(usize),
}

impl MessageForge {
    /// An honest container around `draft`.
    #[must_use]
    pub fn new(identifier: u8, draft: Draft, auth: AuthForge) -> Self {
        Self {
            version: 0,
            reserved: 0,
            identifier,
            length: None,
            draft,
            auth,
            after_auth: Vec::new(),
            trailing: Vec::new(),
            behind: Vec::new(),
            delivery: Delivery::Whole,
        }
    }

    /// Replaces the value of a header, or appends it where it is missing.
    pub fn set(&mut self, name: Name, value: impl AsRef<[u8]>) {
        self.draft.set(name, value.as_ref());
    }

    /// Takes a header out.
    pub fn remove(&mut self, name: Name) {
        self.draft.remove(name);
    }

    /// Changes the EAP packet, where there is one; its Length stays as it is.
    pub fn change_packet(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let packet = self.draft.value(Name::EapPayload).and_then(|value| hex::decode(value).ok());
        if let Some(mut packet) = packet {
            change(&mut packet);
            self.set(Name::EapPayload, hex::encode(&packet));
        }
    }

    /// Appends a line verbatim, CRLF included by the caller.
    pub fn line(&mut self, octets: &[u8]) {
        self.draft.line(octets);
    }

    /// Octet for octet what goes into the TLS session.
    #[must_use]
    pub fn octets(&self, signer: &Signer) -> Vec<u8> {
        let mut content = self.draft.unsigned_octets();
        if let Some(value) = self.auth_value(&content, signer) {
            content.extend_from_slice(Name::Auth.as_str().as_bytes());
            content.push(b':');
            content.extend_from_slice(&value);
            content.extend_from_slice(b"\r\n");
        }
        content.extend_from_slice(&self.after_auth);
        content.extend_from_slice(&self.draft.end);
        content.extend_from_slice(&self.trailing);
        let mut octets = self.container_header(content.len()).to_vec();
        octets.extend_from_slice(&content);
        octets.extend_from_slice(&self.behind);
        octets
    }

    fn container_header(&self, content_len: usize) -> [u8; wire::container::HEADER_LEN] {
        let mut header = Container::new_unchecked([0; wire::container::HEADER_LEN]);
        header.set_version(self.version);
        header.set_reserved(self.reserved);
        header.set_identifier(self.identifier);
        // A Content that does not fit is cut here as a careless sender would cut it.
        header.set_length(self.length.unwrap_or(content_len as u16));
        header.into_inner()
    }

    fn auth_value(&self, signed: &[u8], signer: &Signer) -> Option<Vec<u8>> {
        let right = || signer.sign(signed);
        let with = |parts: &[&[u8]], key: &[u8]| auth::hmac_sha256(key, parts).0;
        let label: &[u8] = auth::label(signer.profile, signer.direction);
        let binding = signer.binding.as_octets();
        let mac = match &self.auth {
            AuthForge::Absent => return None,
            AuthForge::Text(text) => return Some(text.clone()),
            AuthForge::Truncated(octets) => return Some(hex::encode(right().get(..*octets)?).into_bytes()),
            AuthForge::UpperCase => return Some(hex::encode(&right()).to_ascii_uppercase().into_bytes()),
            AuthForge::Right => right(),
            AuthForge::Key(key) => with(&[label, signed, binding], key),
            AuthForge::Label(label) => with(&[label, signed, binding], &signer.key),
            AuthForge::Binding(forge) => with(&[label, signed, &forge(&signer.binding)], &signer.key),
            AuthForge::CoversContainer => {
                let end = signed.len() + "auth:\r\n".len() + 64 + self.draft.end.len();
                with(&[label, &self.container_header(end), signed, binding], &signer.key)
            }
            AuthForge::FlippedBit => {
                let mut mac = right();
                mac[31] ^= 1;
                mac
            }
        };
        Some(hex::encode(&mac).into_bytes())
    }
}

//! What is learnt from the words that MN and HAC say to each other, before TLS hides them.

use std::ops::Range;

use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use crypto::keys::Psk;
use wire::container::{Container, HEADER_LEN, Identifier};
use wire::eap::{Gpsk, Packet, Type};
use wire::message::{Request, Response, SaData};

const AUTH: &[u8] = b"auth:";
const CRLF: &[u8] = b"\r\n";

/// Hears whole containers, one at a time: both machines write them so.
#[derive(Default)]
pub(crate) struct Ear {
    /// The value of the last `auth` of the HAC.
    last_auth: Option<Vec<u8>>,
    /// The MSK of the last EAP-GPSK conversation.
    pub(crate) msk: Option<Vec<u8>>,
}

impl Ear {
    /// A container of the HAC. Gives the SA in it.
    pub(crate) fn hac(&mut self, octets: &[u8]) -> Option<SaData> {
        let content = octets.get(HEADER_LEN..)?;
        self.last_auth = auth(content).and_then(|range| content.get(range)).map(<[u8]>::to_vec);
        match Response::parse(content).ok()? {
            Response::Final(last) => last.grant.map(|grant| grant.sa),
            Response::Init(_) | Response::Mid(_) => None,
        }
    }

    /// A container of the MN, whose secret this is.
    pub(crate) fn mn(&mut self, octets: &[u8], secret: &Psk) {
        let Some(packet) = eap_of(octets) else { return };
        let Ok(Packet::Response { kind: Type::GPSK, data, .. }) = Packet::parse(&packet) else { return };
        let Ok(Gpsk::Two(two)) = Gpsk::parse(data) else { return };
        let Some(suite) = GpskSuite::from_code(two.selected) else { return };
        let session = Session {
            rand_peer: &two.rand_peer,
            id_peer: &two.id_peer,
            rand_server: &two.rand_server,
            id_server: &two.id_server,
        };
        let keys = GpskKeys::derive(suite, secret, &session).ok();
        self.msk = keys.map(|keys| keys.msk().as_octets().to_vec());
    }

    /// The container with the HAC's last `auth` in place of its own, if it has one.
    pub(crate) fn reflect(&self, mut octets: Vec<u8>) -> Vec<u8> {
        let own = auth(&octets).and_then(|range| octets.get_mut(range));
        if let (Some(own), Some(theirs)) = (own, &self.last_auth)
            && own.len() == theirs.len()
        {
            own.copy_from_slice(theirs);
        }
        octets
    }
}

fn eap_of(octets: &[u8]) -> Option<Vec<u8>> {
    let container = Container::new_checked(octets).ok()?;
    let request = Request::parse(Identifier::new(container.identifier())?, container.content()).ok()?;
    match request {
        Request::Init(_) => None,
        Request::Mid(mid) => Some(mid.eap),
        Request::Done(done) => done.eap,
    }
}

/// Where the value of the line that is `auth` stands.
fn auth(octets: &[u8]) -> Option<Range<usize>> {
    let at = octets.windows(AUTH.len()).rposition(|window| window == AUTH)? + AUTH.len();
    let length = octets.get(at..)?.windows(CRLF.len()).position(|window| window == CRLF)?;
    Some(at..at + length)
}

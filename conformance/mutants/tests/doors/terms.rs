//! RFC 6618 section 9.2: sessions on other terms than usual: without a server name, resumed, of TLS 1.3, in pieces.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use crypto::channel_binding::ChannelBinding;
use rustls::server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ServerConnection, StreamOwned};
use sha2::{Digest, Sha256};
use suite::verdict::Verdict;

use super::authority::{Authority, Leaf};
use super::door::{Bind, Desk, Door, always, hac, listen};

fn hash(leaf: &Leaf) -> Vec<u8> {
    Sha256::digest(&leaf.der).to_vec()
}

/// One certificate for who names the server, another one for who does not.
#[derive(Debug)]
struct ByName {
    named: Arc<CertifiedKey>,
    unnamed: Arc<CertifiedKey>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let chosen = if hello.server_name().is_some() { &self.named } else { &self.unnamed };
        Some(Arc::clone(chosen))
    }
}

#[test]
fn the_certificate_that_was_sent_counts_and_not_another_one_of_the_server() {
    const ID: &str = "rfc6618/9.2/certificate-really-sent";
    let authority = Authority::default();
    let (named, unnamed) = (authority.issue(), authority.issue());
    let door = |bind: Bind| {
        let mut tls = named.server();
        tls.cert_resolver =
            Arc::new(ByName { named: named.certified().into(), unnamed: unnamed.certified().into() });
        hac(authority.pem(), tls, bind)
    };
    let (one, other) = (hash(&named), hash(&unnamed));
    let as_sent = door(Box::new(move |connection| {
        ChannelBinding::new(if connection.server_name().is_some() { one.clone() } else { other.clone() })
    }));
    as_sent.passes(&[ID, "rfc6618/5.8/init-auth-right"]);
    let always_the_first = door(always(&hash(&named)));
    always_the_first.passes(&["rfc6618/5.8/init-auth-right"]);
    assert_eq!(always_the_first.verdict(ID), Verdict::Fail);
}

/// A server that resumes sessions of that version.
fn resuming(version: &'static rustls::SupportedProtocolVersion, resumed: fn(Vec<u8>) -> Vec<u8>) -> Door {
    let authority = Authority::default();
    let leaf = authority.issue();
    let mut tls = leaf.server_of(&[version]);
    tls.session_storage = ServerSessionMemoryCache::new(32);
    let right = hash(&leaf);
    let bind = move |connection: &ServerConnection| {
        let is_resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        ChannelBinding::new(if is_resumed { resumed(right.clone()) } else { right.clone() })
    };
    hac(authority.pem(), tls, Box::new(bind))
}

#[test]
fn a_resumed_session_is_bound_too() {
    const ID: &str = "rfc6618/9.2/resumption-is-bound";
    for version in [&TLS12, &TLS13] {
        resuming(version, |right| right).passes(&[ID]);
        assert_eq!(resuming(version, |_| Vec::new()).verdict(ID), Verdict::Fail, "{version:?}");
        assert_eq!(resuming(version, |_| vec![0; 32]).verdict(ID), Verdict::Fail, "{version:?}");
    }
}

#[test]
fn tls_1_3_is_bound_to_the_certificate_and_not_to_its_exporter() {
    const ID: &str = "rfc6618/9.2/tls-1.3-if-at-all";
    let authority = Authority::default();
    let leaf = authority.issue();
    hac(authority.pem(), leaf.server(), always(&hash(&leaf))).passes(&[ID]);
    hac(authority.pem(), leaf.server_of(&[&TLS12]), always(&hash(&leaf))).passes(&[ID]);
    let exporter = |connection: &ServerConnection| {
        let exported = connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", None);
        ChannelBinding::new(exported.expect("the handshake is done").to_vec())
    };
    let door = hac(authority.pem(), leaf.server_of(&[&TLS13]), Box::new(exporter));
    assert_eq!(door.verdict(ID), Verdict::Fail);
}

/// A server that takes what one read gives for a whole record.
fn takes_a_read_for_a_record() -> Door {
    let authority = Authority::default();
    let leaf = authority.issue();
    let (tls, desk, binding) = (Arc::new(leaf.server()), Desk::new(), hash(&leaf));
    listen(authority.pem(), move |mut stream: TcpStream| {
        let mut front = [0; 4096];
        let n = stream.peek(&mut front)?;
        let record = 5 + usize::from(u16::from_be_bytes([front[3], front[4]]));
        if n < record {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut connection = ServerConnection::new(Arc::clone(&tls)).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        desk.serve(StreamOwned::new(connection, stream), ChannelBinding::new(binding.clone()))
    })
}

/// Pieces may come together before the server looks, so that it has to meet them more than once.
const VISITS: usize = 50;

#[test]
fn who_wants_a_record_in_one_piece_fails() {
    const ID: &str = "rfc6618/9.2/records-across-segments";
    let authority = Authority::default();
    let leaf = authority.issue();
    hac(authority.pem(), leaf.server(), always(&hash(&leaf))).passes(&[ID]);
    let door = takes_a_read_for_a_record();
    assert!((0..VISITS).any(|_| door.verdict(ID) == Verdict::Fail));
}

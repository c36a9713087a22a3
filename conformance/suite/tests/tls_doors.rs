//! The cases of section 9.2 fail where they must: each against a door that has exactly one fault.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crypto::auth::Profile;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SignatureAlgorithm,
};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};
use rustls_pki_types::PrivateKeyDer;
use suite::bench::{Bench, Setup};
use suite::finding::Outcome;
use suite::identity::Identities;
use suite::link::tls::TlsTarget;
use suite::verdict::Verdict;
use suite::{cases, judge};

const WAIT: Duration = Duration::from_secs(5);

/// A door and the authority that stands behind its certificate.
struct Door {
    address: SocketAddr,
    ca_pem: String,
}

/// What one case says of one door.
fn verdict(id: &str, door: &Door, profile: Profile) -> Verdict {
    let target = TlsTarget::new(door.address, "localhost", &door.ca_pem, WAIT, None).unwrap();
    let setup = Setup {
        target: Some(Box::new(target)),
        launcher: None,
        profile,
        correspondent: None,
        correspondent4: None,
        associations: suite::sa_file::SaPool::default(),
        ha: None,
        wait: WAIT,
        seed: 1,
        recorder: None,
        identities: Identities::provision(1, |psk| psk.fill(7)).unwrap(),
    };
    let lease = setup.identities.lease(0);
    let mut bench = Bench::new(&setup, lease.identity, id);
    let outcome: Outcome = judge::run(&cases::find(id).unwrap().check, &mut bench);
    outcome.map_or_else(|finding| finding.verdict(), |_| Verdict::Pass)
}

/// Serves every connection by `serve`, for as long as the test lasts.
fn listen(ca_pem: String, serve: impl Fn(TcpStream) + Send + 'static) -> Door {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    Door { address, ca_pem }
}

/// What makes a certificate wrong.
struct Leaf {
    names: &'static [&'static str],
    common_name: &'static str,
    issuer: &'static SignatureAlgorithm,
}

const GOOD: Leaf =
    Leaf { names: &["localhost"], common_name: "a HAC", issuer: &rcgen::PKCS_ECDSA_P256_SHA256 };

/// A server that does the handshake and then closes: enough for all that is judged before an exchange.
fn tls(leaf: &Leaf, versions: &[&'static SupportedProtocolVersion]) -> Door {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate_for(leaf.issuer).unwrap()).unwrap();
    let names: Vec<String> = leaf.names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, leaf.common_name);
    let key = KeyPair::generate().unwrap();
    let der = params.signed_by(&key, &ca).unwrap().der().clone();
    let config = ServerConfig::builder_with_protocol_versions(versions)
        .with_no_client_auth()
        .with_single_cert(vec![der], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let config = Arc::new(config);
    listen(ca.pem(), move |mut stream| {
        let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        // A client that gives up is what some of the tests are about.
        let _ = connection.complete_io(&mut stream);
        connection.send_close_notify();
        let _ = connection.complete_io(&mut stream);
    })
}

/// A server that answers the first octets of every connection with the same ones.
fn parrot(answer: &'static [u8]) -> Door {
    let good = tls(&GOOD, &[&TLS12]);
    listen(good.ca_pem, move |mut stream| {
        let mut request = [0; 4096];
        if stream.read(&mut request).is_ok() {
            // The peer may have seen enough.
            let _ = stream.write_all(answer);
        }
    })
}

#[test]
fn a_wildcard_fails_and_in_the_draft_warns() {
    let door = tls(&Leaf { names: &["localhost", "*.conform.example"], ..GOOD }, &[&TLS12]);
    let id = "rfc6618/9.2/certificate-without-wildcard";
    assert_eq!(verdict(id, &door, Profile::Rfc6618), Verdict::Fail);
    assert_eq!(verdict(id, &door, Profile::Draft01), Verdict::Warn);
    assert_eq!(verdict(id, &tls(&GOOD, &[&TLS12]), Profile::Rfc6618), Verdict::Pass);
}

#[test]
fn a_common_name_alone_fails() {
    let id = "rfc6618/9.2/certificate-has-names";
    let door = tls(&Leaf { names: &[], common_name: "localhost", ..GOOD }, &[&TLS12]);
    assert_eq!(verdict(id, &door, Profile::Rfc6618), Verdict::Fail);
    assert_eq!(verdict(id, &tls(&GOOD, &[&TLS12]), Profile::Rfc6618), Verdict::Pass);
}

#[test]
fn a_signature_without_a_hash_fails() {
    let id = "rfc6618/9.2/certificate-names-a-hash";
    let door = tls(&Leaf { issuer: &rcgen::PKCS_ED25519, ..GOOD }, &[&TLS12]);
    assert_eq!(verdict(id, &door, Profile::Rfc6618), Verdict::Fail);
    assert_eq!(verdict(id, &tls(&GOOD, &[&TLS12]), Profile::Rfc6618), Verdict::Pass);
}

#[test]
fn a_door_without_tls_1_2_fails() {
    let door = tls(&GOOD, &[&TLS13]);
    assert_eq!(verdict("rfc6618/9.2/tls-1.2", &door, Profile::Rfc6618), Verdict::Fail);
}

#[test]
fn a_door_that_serves_any_suite_fails_and_one_that_serves_none_proves_nothing() {
    let offers = [
        "no-null-suites",
        "no-anonymous-suites",
        "no-psk-suites",
        "no-srp-suites",
        "no-export-suites",
        "no-older-tls",
    ];
    let any = parrot(&[22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3]);
    let none = parrot(&[21, 3, 3, 0, 2, 2, 40]);
    let careful = tls(&GOOD, &[&TLS12]);
    for offer in offers {
        let id = format!("rfc6618/9.2/{offer}");
        assert_eq!(verdict(&id, &any, Profile::Rfc6618), Verdict::Fail, "{offer}");
        assert_eq!(verdict(&id, &none, Profile::Rfc6618), Verdict::Inconclusive, "{offer}");
        assert_eq!(verdict(&id, &careful, Profile::Rfc6618), Verdict::Pass, "{offer}");
    }
}

#[test]
fn a_door_that_answers_in_the_clear_fails() {
    let id = "rfc6618/9.2/nothing-in-the-clear";
    let clear = parrot(b"\x00\x01\x00\x14status-code:400\r\n\r\n\r\n");
    assert_eq!(verdict(id, &clear, Profile::Rfc6618), Verdict::Fail);
    assert_eq!(verdict(id, &tls(&GOOD, &[&TLS12]), Profile::Rfc6618), Verdict::Pass);
}

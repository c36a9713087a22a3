//! RFC 6618 sections 5.8 and 9.2: TLS under the exchange. Without TLS under the sessions, as in memory, none of these
//! questions can be put, and each is UNSUPPORTED.

use crypto::auth::Profile;
use wire::container::{Identifier, Repr};
use wire::header::Draft;
use wire::param::Name;
use wire::value::hex;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Fault, Role};
use crate::diagnose::wrong_auth;
use crate::finding::{Because, Failure, Finding, Outcome, Pass, shown};
use crate::judge::{granted, play, refused, twin_is_accepted};
use crate::link::{ClientCertificate, Handshaken, LinkError, Memory, Received, Session, Terms, Version};
use crate::player::{Answer, AuthForge, ClientHello, MnPlayer};

/// Cases of section 9.2.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/9.2/tls-1.2",
        "an exchange over TLS 1.2 alone ends in an SA",
        &["rfc6618#9.2/tls-1.2-server-authentication", "rfc6618#9.2/client-certificate-optional"],
        Script(Role::Hac, tls_1_2),
    )
    .by(&["TL-01"]),
    Case::should(
        "rfc6618/9.2/tls-1.3-if-at-all",
        "over TLS 1.3 alone there is no session, or an exchange bound to the certificate as over 1.2",
        &["rfc6618#9.2/channel-binding-type"],
        Script(Role::Hac, tls_1_3),
    )
    .by(&["TL-01"]),
    Case::must(
        "rfc6618/9.2/certificate-has-names",
        "the certificate names the HAC in subjectAltName, by a DNS name or an address",
        &["rfc6618#9.2/dns-id-supported"],
        Script(Role::Hac, certificate_has_names),
    )
    .by(&["TL-04"]),
    Case::must(
        "rfc6618/9.2/certificate-without-wildcard",
        "no DNS name in the certificate has a wildcard",
        &["rfc6618#9.2/no-wildcard"],
        Script(Role::Hac, certificate_without_wildcard),
    )
    .by(&["TL-04"]),
    Case::must(
        "rfc6618/9.2/certificate-names-a-hash",
        "the signature of the certificate names one hash, so that there is a channel binding",
        &["rfc5929#4.1/no-single-hash-undefined", "rfc6618#9.2/channel-binding-type"],
        Script(Role::Hac, certificate_names_a_hash),
    )
    .by(&["CB-03"]),
    Case::must(
        "rfc6618/9.2/certificate-really-sent",
        "the auth of the HAC is bound to the certificate of this connection, also when no server name was sent",
        &["rfc5929#4.1/first-certificate", "rfc6618#5.8/certificate-hash-in-auth"],
        Script(Role::Hac, certificate_really_sent),
    )
    .by(&["CB-04"]),
    offer("rfc6618/9.2/no-null-suites", "TLS suites without encryption are not served", |bench| {
        not_served(bench, TLS_1_2, &NULL)
    })
    .by(&["TL-03"]),
    offer("rfc6618/9.2/no-anonymous-suites", "TLS suites without authentication are not served", |bench| {
        not_served(bench, TLS_1_2, &ANONYMOUS)
    })
    .by(&["TL-03"]),
    offer("rfc6618/9.2/no-psk-suites", "TLS suites with pre-shared keys are not served", |bench| {
        not_served(bench, TLS_1_2, &PSK)
    })
    .by(&["TL-03"]),
    offer("rfc6618/9.2/no-srp-suites", "TLS suites with passwords are not served", |bench| {
        not_served(bench, TLS_1_2, &SRP)
    })
    .by(&["TL-03"]),
    Case::should(
        "rfc6618/9.2/no-export-suites",
        "TLS suites weakened for export, or with single DES, are not served",
        &["rfc6618#9.2/tls-suites-protect"],
        Script(Role::Hac, |bench| not_served(bench, TLS_1_2, &EXPORT)),
    )
    .by(&["TL-03"]),
    Case::should(
        "rfc6618/9.2/no-older-tls",
        "a client that knows TLS 1.1 at most is not served",
        &["rfc6618#9.2/tls-1.2-server-authentication"],
        Script(Role::Hac, |bench| not_served(bench, 0x0302, &GOOD)),
    )
    .by(&["TL-01"]),
    Case::must(
        "rfc6618/9.2/nothing-in-the-clear",
        "a container sent without TLS gets no container back",
        &["rfc6618#9.2/not-standalone", "rfc6618#5.8/exchange-inside-tls"],
        Script(Role::Hac, nothing_in_the_clear),
    )
    .by(&["TL-03"]),
    Case::must(
        "rfc6618/9.2/records-across-segments",
        "TLS records cut into TCP segments of seven octets are put together",
        &["rfc6618#5.1/length-counts-content"],
        Script(Role::Hac, records_across_segments),
    )
    .by(&["CT-07"]),
    Case::must(
        "rfc6618/9.2/resumption-is-bound",
        "a resumed session, if there is one, is bound to the certificate of the session it resumes, or refused",
        &["rfc6618#5.8/certificate-hash-in-auth", "rfc6618#9.2/channel-binding-type"],
        Script(Role::Hac, resumption_is_bound),
    )
    .by(&["CB-05"]),
    Case::must(
        "rfc6618/9.2/client-certificate-proves-nothing",
        "a last request without auth is refused also from an MN that has shown a certificate",
        &["rfc6618#9.2/client-certificate-optional", "rfc6618#5.3/request-done-auth"],
        Script(Role::Hac, client_certificate_proves_nothing),
    )
    .by(&["TL-05"]),
];

const fn offer(id: &'static str, story: &'static str, script: fn(&mut Bench<'_>) -> Outcome) -> Case {
    const CITES: &[&str] = &[
        "rfc6618#9.2/tls-suites-protect",
        "rfc6618#5.8/no-psk-or-anonymous-tls",
        "rfc6618#5.8/tls-with-server-certificate",
    ];
    Case::must(id, story, CITES, Script(Role::Hac, script))
}

pub(super) const TLS_1_2: u16 = 0x0303;

/// ECDHE and RSA with AES, for certificates of either kind of key.
pub(super) const GOOD: [u16; 10] =
    [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0x009c, 0x002f];
const NULL: [u16; 7] = [0x0001, 0x0002, 0x003b, 0xc001, 0xc006, 0xc00b, 0xc010];
const ANONYMOUS: [u16; 15] = [
    0x0018, 0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x00a6, 0x00a7, 0xc015, 0xc016, 0xc017,
    0xc018, 0xc019,
];
const PSK: [u16; 20] = [
    0x002c, 0x002d, 0x002e, 0x008a, 0x008b, 0x008c, 0x008d, 0x0090, 0x0091, 0x0094, 0x0095, 0x00a8, 0x00a9,
    0x00aa, 0x00ac, 0x00ae, 0xc035, 0xc036, 0xccab, 0xccac,
];
const SRP: [u16; 9] = [0xc01a, 0xc01b, 0xc01c, 0xc01d, 0xc01e, 0xc01f, 0xc020, 0xc021, 0xc022];
const EXPORT: [u16; 16] = [
    0x0003, 0x0006, 0x0008, 0x0009, 0x000b, 0x000c, 0x000e, 0x000f, 0x0011, 0x0012, 0x0014, 0x0015, 0x0017,
    0x0019, 0x0062, 0x0064,
];

/// What is left of a failure where the text of draft-01 is silent (TL-04).
pub(super) fn softer_in_draft(bench: &Bench<'_>, finding: Finding) -> Finding {
    match (bench.setup().profile, finding) {
        (Profile::Draft01, Finding::Fails(failure)) => Finding::Warns(failure),
        (_, finding) => finding,
    }
}

/// A session on these terms that the case cannot do without.
fn opened(bench: &Bench<'_>, terms: &Terms<'_>) -> Result<(Box<dyn Session>, Handshaken), Finding> {
    let lost = |error: LinkError| Finding::Inconclusive(Because::Prerequisite(error.to_string()));
    bench.door()?.dial_on(terms).map_err(lost)
}

/// An honest exchange on that session ends in an SA, and both answers are bound to its certificate.
fn exchanges(bench: &mut Bench<'_>, session: Box<dyn Session>) -> Outcome {
    let mut mn = bench.mn_on(session);
    mn.send(&mn.init())?;
    let init = mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    let signer = mn.hac_signer();
    bench.check(if init.is_signed_by(&signer) { Ok(()) } else { Err(wrong_auth(&init, &signer)) })?;
    mn.send(&mn.done())?;
    let answer = mn.answer();
    bench.check(granted(answer))
}

fn tls_1_2(bench: &mut Bench<'_>) -> Outcome {
    let dialled = match bench.door()?.dial_on(&Terms::Only(Version::Tls12)) {
        Err(error @ LinkError::Tls { .. }) => {
            Err(Finding::fails("a handshake of TLS 1.2", error.to_string()))
        }
        other => other.map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    };
    let (session, handshaken) = bench.check(dialled)?;
    bench.expect(handshaken.version == Some(Version::Tls12), || {
        Finding::fails("TLS 1.2", "another version")
    })?;
    exchanges(bench, session)
}

fn tls_1_3(bench: &mut Bench<'_>) -> Outcome {
    match bench.door()?.dial_on(&Terms::Only(Version::Tls13)) {
        Ok((session, _)) => exchanges(bench, session).map(|_| Pass::Lenient("TL-01")),
        Err(LinkError::Tls { .. }) => bench.check(Ok(Pass::Clean)),
        Err(error) => Err(Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    }
}

/// The names in the certificate of a session.
fn names(bench: &Bench<'_>) -> Result<(Vec<String>, usize, Vec<u8>), Finding> {
    let (_, handshaken) = opened(bench, &Terms::Usual)?;
    let unread = |what: String| Finding::Inconclusive(Because::Prerequisite(what));
    let certificate = Certificate::from_der(&handshaken.certificate)
        .map_err(|error| unread(format!("the certificate cannot be read: {error}")))?;
    let extension = certificate.tbs_certificate().get_extension::<SubjectAltName>();
    let names = match extension {
        Ok(Some((_, SubjectAltName(names)))) => names,
        Ok(None) => Vec::new(),
        Err(error) => return Err(unread(format!("subjectAltName cannot be read: {error}"))),
    };
    let dns = names.iter().filter_map(|name| match name {
        GeneralName::DnsName(dns) => Some(dns.to_string()),
        _ => None,
    });
    let addresses = names.iter().filter(|name| matches!(name, GeneralName::IpAddress(_))).count();
    Ok((dns.collect(), addresses, handshaken.certificate))
}

fn certificate_has_names(bench: &mut Bench<'_>) -> Outcome {
    // Our own end looks for the name there and nowhere else, so that it may have given up before.
    if let Err(error @ LinkError::Tls { .. }) = bench.door()?.dial_on(&Terms::Usual) {
        let finding = Finding::fails("a certificate that names the HAC in subjectAltName", error.to_string());
        return bench.check(Err(softer_in_draft(bench, finding)));
    }
    let (dns, addresses, der) = names(bench)?;
    bench
        .expect(!dns.is_empty() || addresses > 0, || {
            Finding::fails(
                "a dNSName or iPAddress in subjectAltName",
                "neither; a common name does not count",
            )
            .with_octets("certificate", &der)
        })
        .map_err(|finding| softer_in_draft(bench, finding))?;
    Ok(Pass::Clean)
}

fn certificate_without_wildcard(bench: &mut Bench<'_>) -> Outcome {
    let (dns, _, der) = names(bench)?;
    let wild = dns.iter().find(|name| name.contains('*'));
    bench
        .expect(wild.is_none(), || {
            let name = wild.map(String::as_str).unwrap_or_default();
            Finding::fails("DNS names without `*`", shown(name.as_bytes(), 200))
                .with_octets("certificate", &der)
        })
        .map_err(|finding| softer_in_draft(bench, finding))?;
    Ok(Pass::Clean)
}

fn certificate_names_a_hash(bench: &mut Bench<'_>) -> Outcome {
    match bench.door()?.dial_on(&Terms::Usual) {
        Ok(_) => bench.check(Ok(Pass::Clean)),
        Err(LinkError::ChannelBinding(why)) => bench.check(Err(Finding::fails(
            "a certificate from which RFC 5929 section 4.1 makes a channel binding",
            why,
        ))),
        Err(error) => Err(Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    }
}

fn certificate_really_sent(bench: &mut Bench<'_>) -> Outcome {
    match bench.door()?.dial_on(&Terms::ByAddress) {
        Ok((session, _)) => exchanges(bench, session),
        // It has no certificate for its address: the one for its name must do.
        Err(LinkError::Tls { .. }) => {
            let (session, _) = opened(bench, &Terms::Usual)?;
            exchanges(bench, session)
        }
        Err(error) => Err(Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    }
}

/// What a ClientHello of that version and those suites gets.
fn hello(bench: &mut Bench<'_>, version: u16, suites: &[u16]) -> Result<Received, Finding> {
    let door = bench.door()?;
    let name = door.name();
    let random = bench.random();
    let hello = ClientHello { version, suites, name: name.as_deref(), random, within: &[] };
    door.knock(&hello.octets())
        .map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string())))
}

/// A handshake record that begins with a ServerHello.
fn is_server_hello(octets: &[u8]) -> bool {
    matches!(octets, [22, 3, _, _, _, 2, ..])
}

fn not_served(bench: &mut Bench<'_>, version: u16, suites: &[u16]) -> Outcome {
    let twin = hello(bench, TLS_1_2, &GOOD)?;
    if !matches!(&twin, Received::Octets(octets) if is_server_hello(octets)) {
        let what = "a ClientHello with good suites got no ServerHello".to_owned();
        return Err(Finding::Inconclusive(Because::TwinRefused(what)));
    }
    let expected = "an alert or a close in place of a ServerHello";
    let answer = hello(bench, version, suites)?;
    bench.check(match answer {
        Received::Octets(octets) if is_server_hello(&octets) => {
            Err(Finding::fails(expected, "a ServerHello").with_octets("first octets received", &octets))
        }
        Received::Octets(_) | Received::Closed(_) => Ok(Pass::Clean),
        Received::Silence => Err(Finding::Hangs(Box::new(Failure::new(expected, "nothing in time")))),
    })
}

/// An honest first request, octet for octet.
pub(super) fn request_init(bench: &mut Bench<'_>) -> Result<Vec<u8>, Finding> {
    let mut init = Draft::new();
    init.push(Name::MnId, &bench.identity().mn_id);
    init.push(Name::AuthMethod, "psk");
    init.push(Name::MnRand, hex::encode(&bench.random::<32>()));
    Repr { identifier: Identifier::FIRST, content: &init.octets() }
        .to_vec()
        .map_err(|error| Finding::Harness(error.to_string()))
}

fn nothing_in_the_clear(bench: &mut Bench<'_>) -> Outcome {
    let door = bench.door()?;
    let request = request_init(bench)?;
    let answer = match door.knock(&request) {
        Ok(answer) => answer,
        // It closed while we were still sending.
        Err(LinkError::Gone(_)) => return bench.check(Ok(Pass::Clean)),
        Err(error) => return Err(Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    };
    bench.check(match answer {
        // Version 0 in three bits, and no alert of TLS, whose first octet would read as version 0 too.
        Received::Octets(octets)
            if octets.first().is_some_and(|first| first >> 5 == 0) && !is_alert(&octets) =>
        {
            Err(Finding::fails("no container outside TLS", "octets that begin like one")
                .with_octets("first octets received", &octets))
        }
        _ => Ok(Pass::Clean),
    })
}

fn is_alert(octets: &[u8]) -> bool {
    matches!(octets, [21, 3, ..])
}

fn records_across_segments(bench: &mut Bench<'_>) -> Outcome {
    opened(bench, &Terms::Usual)?;
    let dialled = match bench.door()?.dial_on(&Terms::Segments(7)) {
        Err(error @ LinkError::Tls { .. }) => {
            Err(Finding::fails("a handshake in pieces, as one in whole records", error.to_string()))
        }
        other => other.map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    };
    let (session, _) = bench.check(dialled)?;
    exchanges(bench, session)
}

fn client_certificate_proves_nothing(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let certificate = ClientCertificate::make().map_err(|error| Finding::Harness(error.to_string()))?;
    let session = match bench.door()?.dial_on(&Terms::Presenting(&certificate)) {
        Ok((session, _)) => session,
        // It asks for certificates of its own authority, and then this one is worth nothing to it.
        Err(LinkError::Tls { .. }) => return bench.check(Ok(Pass::Clean)),
        Err(error) => return Err(Finding::Inconclusive(Because::Prerequisite(error.to_string()))),
    };
    let mut mn = bench.mn_on(session);
    let without_auth = Fault::done(|m| m.auth = AuthForge::Absent);
    match play(&mut mn, without_auth) {
        // In TLS 1.3 a certificate is refused only after the handshake.
        Err(Finding::Inconclusive(_)) => bench.check(Ok(Pass::Clean)),
        answer => {
            let answer = answer?;
            bench.check(refused(&mut mn, answer))
        }
    }
}

fn resumption_is_bound(bench: &mut Bench<'_>) -> Outcome {
    let memory = Memory::new();
    let terms = Terms::Remembering(&memory);
    // Tickets of TLS 1.3 come with the first octets of the server.
    let (session, _) = opened(bench, &terms)?;
    exchanges(bench, session)?;
    let (session, handshaken) = opened(bench, &terms)?;
    if !handshaken.resumed {
        return bench.check(Ok(Pass::Clean));
    }
    let mut mn = bench.mn_on(session);
    bound_or_refused(bench, &mut mn)
}

/// In a resumed session an auth that is bound to nothing must not count.
fn bound_or_refused(bench: &mut Bench<'_>, mn: &mut MnPlayer) -> Outcome {
    mn.send(&mn.init())?;
    let init = match mn.init_answer() {
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => reply,
        answer => return bench.check(refused(mn, answer)).map(|_| Pass::Lenient("CB-05")),
    };
    let signer = mn.hac_signer();
    bench.check(if init.is_signed_by(&signer) { Ok(()) } else { Err(wrong_auth(&init, &signer)) })?;
    let mut done = mn.done();
    done.auth = AuthForge::Binding(|_| Vec::new());
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(refused(mn, answer)).map(|_| Pass::Lenient("CB-05"))
}

//! RFC 6618 sections 5.3, 5.6 and 5.8 at the mobile node: a table of lying responses, each the honest one but for one
//! fault. Whatever is wrong, the mobile node closes, says whose fault it is, and uses nothing of what it received.

mod peers;

use crypto::auth::{Direction, Profile, auth};
use peers::*;
use proto::Machine;
use proto::hac;
use proto::mn::{self, Event, Failure, Fault, Mn, Output};
use wire::container::{Container, Repr};
use wire::value::Ciphersuite;
use wire::{Draft, Name};

const PROFILE: Profile = Profile::Rfc6618;

/// A response of the honest HAC, taken apart.
struct Reply {
    draft: Draft,
    first_octet: u8,
    identifier: u8,
    sign: Sign,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Anew,
    NotAtAll,
    AsMn,
    WithAnotherKey,
}

impl Reply {
    fn of(container: &[u8]) -> Self {
        let repr = Repr::parse(&Container::new_checked(container).expect("whole")).expect("legal");
        let draft = Draft::parse(repr.content).expect("headers");
        Self { draft, first_octet: 0, identifier: repr.identifier.get(), sign: Sign::Anew }
    }

    fn set(&mut self, name: Name, value: &str) {
        self.draft.set(name, value.as_bytes());
    }

    fn remove(&mut self, name: Name) {
        assert_eq!(self.draft.remove(name), 1, "{} was there", name.as_str());
    }

    fn copy(&mut self, from: Name, to: Name) {
        let value = self.draft.value(from).expect("present").to_vec();
        self.draft.set(to, &value);
    }

    fn container(mut self) -> Vec<u8> {
        self.draft.remove(Name::Auth);
        let octets = self.draft.unsigned_octets();
        let mac = |direction, key| auth(PROFILE, direction, key, &octets, &binding());
        match self.sign {
            Sign::Anew => self.draft.sign(mac(Direction::HacToMn, KEY)),
            Sign::AsMn => self.draft.sign(mac(Direction::MnToHac, KEY)),
            Sign::WithAnotherKey => self.draft.sign(mac(Direction::HacToMn, b"another key")),
            Sign::NotAtAll => {}
        }
        let content = self.draft.octets();
        let mut out = vec![self.first_octet, self.identifier];
        out.extend(u16::try_from(content.len()).expect("short").to_be_bytes());
        out.extend(content);
        out
    }
}

/// An honest HAC and a mobile node that is about to get the first answer.
struct Table {
    hac: hac::Hac,
    mn: Mn,
}

impl Table {
    fn new(suite: Ciphersuite) -> Self {
        let mut table =
            Self { hac: hac(policy(PROFILE)), mn: mn(mn::Config { suites: vec![suite], ..config(PROFILE) }) };
        table.hac.handle(now(), hac::Input::Established { conn: CONN, channel_binding: binding() });
        table.mn.handle(now(), mn::Input::Start);
        table.mn.handle(now(), mn::Input::Established { channel_binding: binding() });
        table
    }

    /// Carries the request to the HAC and takes its response.
    fn response(&mut self) -> Reply {
        for output in drain(&mut self.mn) {
            if let Output::Send(octets) = output {
                self.hac.handle(now(), hac::Input::Received { conn: CONN, octets });
            }
        }
        let send = drain(&mut self.hac).into_iter().find_map(|output| match output {
            hac::Output::Send { octets, .. } => Some(octets),
            _ => None,
        });
        Reply::of(&send.expect("an answer"))
    }

    fn deliver(&mut self, octets: Vec<u8>) {
        self.mn.handle(now(), mn::Input::Received(octets));
    }

    fn failure(&mut self, row: &str) -> Failure {
        let outputs = drain(&mut self.mn);
        let [Output::Close, Output::Event(Event::Failed(failure))] = outputs.as_slice() else {
            panic!("{row}: {outputs:?}")
        };
        assert_eq!(self.mn.poll_timeout(), None, "{row}: nothing is left to do");
        failure.clone()
    }
}

type Lie = fn(&mut Reply);

/// Id, lie in the response Init, who is at fault, which field.
const INIT: &[(&str, Lie, Fault, &str)] = &[
    ("CT-01 version 1", |r| r.first_octet = 0x20, Fault::Hac, "Ver"),
    ("EX-04 identifier 2", |r| r.identifier = 2, Fault::Hac, "Identifier"),
    ("EX-04 identifier 0", |r| r.identifier = 0, Fault::Hac, "Identifier"),
    ("5.8 no auth", |r| r.sign = Sign::NotAtAll, Fault::Hac, "auth"),
    ("AU-01 label of the mobile node", |r| r.sign = Sign::AsMn, Fault::Hac, "auth"),
    ("5.8 another key", |r| r.sign = Sign::WithAnotherKey, Fault::Hac, "auth"),
    ("MS-10 another mn-rand", |r| r.set(Name::MnRand, &"8".repeat(64)), Fault::Hac, "mn-rand"),
    ("MS-03 no mn-rand", |r| r.remove(Name::MnRand), Fault::Hac, "mn-rand"),
    ("MS-03 no hac-rand", |r| r.remove(Name::HacRand), Fault::Hac, "hac-rand"),
    ("MS-09 a method that was not offered", eap, Fault::Hac, "auth-method"),
    ("MS-09 two methods", |r| r.set(Name::AuthMethod, "psk,eap"), Fault::Hac, "auth-method"),
    ("MS-04 200 before Done", |r| r.set(Name::StatusCode, "200"), Fault::Hac, "mip6-ciphersuite"),
    ("MS-04 a grant before Done", early_grant, Fault::Hac, "status-code"),
    ("5.5.4 401", |r| r.set(Name::StatusCode, "401"), Fault::Mn, "status-code"),
    ("AU-06 401 without auth", unsigned_401, Fault::Mn, "status-code"),
    ("VA-07 100", |r| r.set(Name::StatusCode, "100"), Fault::Hac, "status-code"),
];

/// The same for the final response.
const FINAL: &[(&str, Lie, Fault, &str)] = &[
    ("EX-04 identifier 1", |r| r.identifier = 1, Fault::Hac, "Identifier"),
    ("5.8 no auth", |r| r.sign = Sign::NotAtAll, Fault::Hac, "auth"),
    ("AU-01 label of the mobile node", |r| r.sign = Sign::AsMn, Fault::Hac, "auth"),
    ("5.8 another key", |r| r.sign = Sign::WithAnotherKey, Fault::Hac, "auth"),
    ("MS-10 another mn-rand", |r| r.set(Name::MnRand, &"8".repeat(64)), Fault::Hac, "mn-rand"),
    ("MS-10 another hac-rand", |r| r.set(Name::HacRand, &"8".repeat(64)), Fault::Hac, "hac-rand"),
    ("MS-05 500 with SA data", |r| r.set(Name::StatusCode, "500"), Fault::Hac, "mip6-spi"),
    ("5.5.4 500", bare_500, Fault::Hac, "status-code"),
    ("VA-06 an unlisted status", |r| r.set(Name::StatusCode, "299"), Fault::Hac, "status-code"),
    (
        "VA-21 a suite that was not offered",
        |r| r.set(Name::Ciphersuite, "{00,3C}"),
        Fault::Hac,
        "mip6-ciphersuite",
    ),
    ("VA-21 an unassigned suite", |r| r.set(Name::Ciphersuite, "{FF,FF}"), Fault::Hac, "mip6-ciphersuite"),
    ("SA-01 no suite", |r| r.remove(Name::Ciphersuite), Fault::Hac, "mip6-ciphersuite"),
    ("SA-01 no scope", |r| r.remove(Name::Sas), Fault::Hac, "mip6-sas"),
    ("SA-01 no SPI", |r| r.remove(Name::Spi), Fault::Hac, "mip6-spi"),
    ("SA-01 no end", |r| r.remove(Name::SaValidityEnd), Fault::Hac, "mip6-sa-validity-end"),
    ("SA-01 no ikey", |r| r.remove(Name::MnToHaIkey), Fault::Hac, "mip6-mn-to-ha-ikey"),
    ("SA-01 no ikey back", |r| r.remove(Name::HaToMnIkey), Fault::Hac, "mip6-ha-to-mn-ikey"),
    ("SA-01 no ekey", |r| r.remove(Name::MnToHaEkey), Fault::Hac, "mip6-mn-to-ha-ekey"),
    ("SA-01 no ekey back", |r| r.remove(Name::HaToMnEkey), Fault::Hac, "mip6-ha-to-mn-ekey"),
    ("SA-03 short ikey", |r| r.set(Name::MnToHaIkey, &"01".repeat(19)), Fault::Hac, "mip6-mn-to-ha-ikey"),
    ("SA-03 long ekey", |r| r.set(Name::HaToMnEkey, &"01".repeat(25)), Fault::Hac, "mip6-ha-to-mn-ekey"),
    ("SA-04 k1 = k2", |r| r.set(Name::MnToHaEkey, &degenerate()), Fault::Hac, "mip6-mn-to-ha-ekey"),
    ("SA-05 equal ikeys", |r| r.copy(Name::MnToHaIkey, Name::HaToMnIkey), Fault::Hac, "mip6-ha-to-mn-ikey"),
    ("SA-05 equal ekeys", |r| r.copy(Name::MnToHaEkey, Name::HaToMnEkey), Fault::Hac, "mip6-ha-to-mn-ikey"),
    ("VA-10 already over", |r| r.set(Name::SaValidityEnd, &ends_now()), Fault::Hac, "mip6-sa-validity-end"),
    ("VA-12 SPI 0", |r| r.set(Name::Spi, "0"), Fault::Hac, "mip6-spi"),
    ("VA-13 scope O", |r| r.set(Name::Sas, "O"), Fault::Hac, "mip6-sas"),
    ("SA-07 no home address", |r| r.remove(Name::Ip6Hoa), Fault::Mn, "mip6-ip6-hoa"),
    ("SA-07 no home agent", |r| r.remove(Name::HaaIp6), Fault::Mn, "mip6-haa-ip6"),
];

fn eap(reply: &mut Reply) {
    reply.set(Name::AuthMethod, "eap");
    reply.draft.push(Name::EapPayload, "0101000501");
}

fn early_grant(reply: &mut Reply) {
    reply.set(Name::StatusCode, "200");
    reply.set(Name::Ciphersuite, "{00,02}");
    reply.set(Name::Sas, "1");
    reply.set(Name::Spi, "7");
    reply.set(Name::MnToHaIkey, &"01".repeat(20));
    reply.set(Name::HaToMnIkey, &"02".repeat(20));
    reply.set(Name::SaValidityEnd, &after(60).date().to_string());
    reply.draft.remove(Name::AuthMethod);
}

fn bare_500(reply: &mut Reply) {
    reply.draft = Draft::new();
    reply.draft.push(Name::StatusCode, "500");
}

fn unsigned_401(reply: &mut Reply) {
    reply.draft = Draft::new();
    reply.draft.push(Name::StatusCode, "401");
    reply.sign = Sign::NotAtAll;
}

fn degenerate() -> String {
    ["01".repeat(8), "01".repeat(8), "02".repeat(8)].concat()
}

fn ends_now() -> String {
    now().date().to_string()
}

#[test]
fn lies_in_the_response_init() {
    for (row, lie, fault, field) in INIT {
        let mut table = Table::new(Ciphersuite::TripleDesSha);
        let mut reply = table.response();
        lie(&mut reply);
        table.deliver(reply.container());
        let failure = table.failure(row);
        assert_eq!((failure.fault, failure.field), (*fault, *field), "{row}: {failure}");
    }
}

#[test]
fn lies_in_the_final_response() {
    for (row, lie, fault, field) in FINAL {
        let mut table = Table::new(Ciphersuite::TripleDesSha);
        let reply = table.response();
        table.deliver(reply.container());
        let mut reply = table.response();
        lie(&mut reply);
        table.deliver(reply.container());
        let failure = table.failure(row);
        assert_eq!((failure.fault, failure.field), (*fault, *field), "{row}: {failure}");
    }
}

#[test]
fn a_failure_tells_when_the_hac_would_be_asked_again() {
    for again in [None, Some(now().date())] {
        let mut table = Table::new(Ciphersuite::TripleDesSha);
        let mut reply = table.response();
        reply.draft = Draft::new();
        reply.draft.push(Name::StatusCode, "503");
        if let Some(date) = again {
            reply.draft.push(Name::RetryAfter, date.to_string());
        }
        reply.sign = Sign::NotAtAll;
        table.deliver(reply.container());
        let failure = table.failure("503");
        assert_eq!((failure.fault, failure.field, failure.again), (Fault::Hac, "status-code", again));
    }
}

/// What is odd but not wrong.
const ACCEPTED: &[(&str, Lie)] = &[
    ("the twin of all", |_| {}),
    ("CT-02 reserved bits", |r| r.first_octet = 0x01),
    ("TV-07 an unknown header", |r| r.draft.insert(0, b"x-new", b"whatever")),
    ("MS-11 another scope", |r| r.set(Name::Sas, "0")),
];

#[test]
fn what_is_no_lie() {
    for (row, change) in ACCEPTED {
        let mut table = Table::new(Ciphersuite::TripleDesSha);
        let reply = table.response();
        table.deliver(reply.container());
        let mut reply = table.response();
        change(&mut reply);
        table.deliver(reply.container());
        let outputs = drain(&mut table.mn);
        let [Output::Close, Output::Event(Event::Bootstrapped { .. }), Output::Transmit { .. }] =
            outputs.as_slice()
        else {
            panic!("{row}: {outputs:?}")
        };
    }
}

#[test]
fn an_ekey_for_a_null_suite_is_ignored() {
    let mut table = Table::new(Ciphersuite::NullSha);
    let reply = table.response();
    table.deliver(reply.container());
    let mut reply = table.response();
    reply.draft.insert(0, b"mip6-mn-to-ha-ekey", b"0102");
    table.deliver(reply.container());
    assert!(drain(&mut table.mn).iter().any(|output| matches!(output, Output::Transmit { .. })));
}

#[test]
fn a_response_before_its_request_breaks_the_lock_step() {
    let mut table = Table::new(Ciphersuite::Aes128Sha);
    let mut octets = table.response().container();
    octets.push(0);
    table.deliver(octets);
    assert_eq!(table.failure("early").fault, Fault::Hac);
}

#[test]
fn half_a_response_is_no_response() {
    let mut table = Table::new(Ciphersuite::Aes128Sha);
    let mut octets = table.response().container();
    octets.pop();
    table.deliver(octets);
    assert!(drain(&mut table.mn).is_empty());
    table.mn.handle(now(), mn::Input::Closed);
    let outputs = drain(&mut table.mn);
    let [Output::Event(Event::Failed(failure))] = outputs.as_slice() else { panic!("{outputs:?}") };
    assert_eq!(failure.fault, Fault::Path);
}

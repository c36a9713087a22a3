//! `vectors/rfc6618/exchange.json`: RFC 6618 sections 5.8 and 5.9, whole conversations, octet by octet.
//!
//! Our HAC and our mobile node draw the random values of the rows. What they say has to be what stands there; what is
//! wrong there they have to refuse. A row that one of them never makes of itself is played to the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crypto::auth::Profile;
use crypto::channel_binding::ChannelBinding;
use crypto::gpsk::GpskSuite;
use crypto::keys::Psk;
use proto::eap::{Method, Offer};
use proto::hac::{self, ConnId, Hac, HomeNetwork, Policy, ScopePolicy};
use proto::mn::{self, Authentication, Mn};
use proto::{Machine, Random, Timestamp};
use vectors::rows::{Exchange, Sent};
use vectors::{Outcome, Test};
use wire::container::{Container, Repr};
use wire::eap::{Gpsk, Gpsk1, Gpsk2, Md5Challenge, Packet, Type};
use wire::message::{FinalResponse, Grant, Response};
use wire::value::{Ciphersuite, Nai, Scope, SuiteList};
use wire::{Draft, Name};

const CONN: ConnId = ConnId(1);
/// The first of the identities; the mobile node of the rows is the second.
const OTHER: &str = "other@example.org";

/// Draws what the row has drawn, then anything.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<VecDeque<Vec<u8>>>>);

impl Random for Scripted {
    fn fill(&mut self, out: &mut [u8]) {
        let mut script = self.0.lock().expect("one thread");
        match script.pop_front_if(|_| !out.is_empty()) {
            Some(drawn) => out.copy_from_slice(&drawn),
            None => out.fill(0x5a),
        }
    }
}

impl Scripted {
    fn of(draws: Vec<Vec<u8>>) -> Self {
        Self(Arc::new(Mutex::new(draws.into_iter().filter(|drawn| !drawn.is_empty()).collect())))
    }

    fn is_used_up(&self) -> bool {
        self.0.lock().expect("one thread").is_empty()
    }
}

/// What a row says, taken out of its messages.
struct Story<'a> {
    test: &'a Test<Exchange>,
}

impl<'a> Story<'a> {
    fn row(&self) -> &'a Exchange {
        &self.test.row
    }

    fn requests(&self) -> impl Iterator<Item = &'a Sent> {
        self.row().messages.iter().filter(|sent| sent.direction == "mn-to-hac")
    }

    fn responses(&self) -> impl Iterator<Item = &'a Sent> {
        self.row().messages.iter().filter(|sent| sent.direction == "hac-to-mn")
    }

    fn last(&self) -> &'a Sent {
        self.row().messages.last().expect("messages")
    }

    fn profile(&self) -> Profile {
        if self.row().profile == "draft-01" { Profile::Draft01 } else { Profile::Rfc6618 }
    }

    fn binding(&self) -> ChannelBinding {
        ChannelBinding::new(self.row().certificate_hash.to_vec())
    }

    fn secret(&self) -> Option<Psk> {
        let octets = self.row().psk.as_ref().or(self.row().eap_secret.as_ref())?;
        Some(Psk::new(octets.to_vec()).expect("not empty"))
    }

    fn grant(&self) -> Option<Grant> {
        match Response::parse(&draft(self.last()).octets()) {
            Ok(Response::Final(FinalResponse { grant, .. })) => grant,
            _ => None,
        }
    }

    fn packets(&self, messages: impl Iterator<Item = &'a Sent>) -> Vec<Vec<u8>> {
        let packets = messages.filter_map(|sent| value(sent, Name::EapPayload));
        packets.map(|digits| wire::value::hex::decode(digits.as_bytes()).expect("hex")).collect()
    }

    /// The types of the EAP requests, or of the EAP responses.
    fn types(&self, messages: impl Iterator<Item = &'a Sent>) -> Vec<Type> {
        let kind = |packet: &Vec<u8>| match Packet::parse(packet).expect("legal") {
            Packet::Request { kind, .. } | Packet::Response { kind, .. } => Some(kind),
            Packet::Success { .. } | Packet::Failure { .. } => None,
        };
        self.packets(messages).iter().filter_map(kind).collect()
    }

    /// The methods that the HAC has begun, in their order.
    fn offered(&self) -> Vec<Method> {
        let mut methods = Vec::new();
        for kind in self.types(self.responses()) {
            methods.extend(Method::ALL.into_iter().find(|method| method.kind() == kind));
        }
        methods.dedup();
        methods
    }

    /// The method that the mobile node wants.
    fn wanted(&self) -> Method {
        let naked = self.types(self.requests()).contains(&Type::NAK);
        match self.row().eap_method.as_deref() {
            Some("md5-challenge") if !naked => Method::Md5Challenge,
            _ => Method::Gpsk,
        }
    }
}

fn draft(sent: &Sent) -> Draft {
    let container = Container::new_checked(&sent.octets[..]).expect("whole");
    Draft::parse(Repr::parse(&container).expect("legal").content).expect("headers")
}

fn value(sent: &Sent, name: Name) -> Option<String> {
    let draft = draft(sent);
    draft.value(name).map(|octets| String::from_utf8(octets.to_vec()).expect("ASCII"))
}

fn octets(sent: &Sent, name: Name) -> Option<Vec<u8>> {
    value(sent, name).map(|digits| wire::value::hex::decode(digits.as_bytes()).expect("hex"))
}

fn start() -> Timestamp {
    Timestamp(Duration::from_secs(1_700_000_000))
}

fn nai(text: &str) -> Nai {
    Nai::parse(text.as_bytes()).expect("legal")
}

/// The values that a HAC draws, in the order in which it needs them.
fn drawn_by_hac(story: &Story<'_>) -> Vec<Vec<u8>> {
    let init = story.row().messages.get(1);
    let mut draws: Vec<_> = init.and_then(|init| octets(init, Name::HacRand)).into_iter().collect();
    for (number, packet) in story.packets(story.responses()).into_iter().enumerate() {
        let Packet::Request { identifier, kind, data } = Packet::parse(&packet).expect("legal") else {
            continue;
        };
        if number == 0 {
            draws.push(vec![identifier]);
        }
        match kind {
            Type::MD5_CHALLENGE => draws.push(Md5Challenge::parse(data).expect("legal").value.to_vec()),
            Type::GPSK => {
                if let Ok(Gpsk::One(Gpsk1 { rand_server, .. })) = Gpsk::parse(data) {
                    draws.push(rand_server.to_vec());
                }
            }
            _ => {}
        }
    }
    if let Some(Grant { sa, .. }) = story.grant() {
        for keys in [sa.mn_to_ha, sa.ha_to_mn] {
            draws.extend([keys.ikey, keys.ekey.unwrap_or_default()]);
        }
        draws.push((sa.spi.get() << 4).to_be_bytes().to_vec());
    }
    draws
}

/// A HAC that would say what the row says.
fn the_hac(story: &Story<'_>) -> (Hac, Scripted) {
    let mut policy =
        Policy { profile: story.profile(), suites: vec![Ciphersuite::Aes128Sha], ..Policy::default() };
    policy.methods = match &story.row().eap_method {
        Some(_) => vec![wire::Method::Eap],
        None => vec![wire::Method::Psk],
    };
    let one = story.packets(story.responses()).into_iter().find_map(|packet| gpsk_one(&packet));
    let codes = one.map(|one| one.suites).unwrap_or_default();
    policy.eap = Offer {
        methods: story.offered(),
        gpsk_suites: codes.into_iter().map(|code| GpskSuite::from_code(code).expect("known")).collect(),
        name: b"hac".to_vec(),
    };
    if let Some(Grant { sa, bootstrap }) = story.grant() {
        policy.suites = vec![sa.suite];
        policy.scope = ScopePolicy::Mandate(sa.scope);
        policy.sa_lifetime = Duration::from_secs(sa.validity_end.unix_seconds()) - start().0;
        policy.network = HomeNetwork {
            haa_ip6: bootstrap.haa_ip6,
            haa_ip4: bootstrap.haa_ip4,
            port: bootstrap.port,
            prefix6: bootstrap.ip6_hnp.expect("a prefix"),
            prefix4: bootstrap.ip4_hnp,
            dns: bootstrap.dns,
        };
    }
    let mut identities = vec![(nai(OTHER), Psk::new(vec![7; 32]).expect("not empty"))];
    identities.extend(story.secret().map(|secret| (nai("mn@example.org"), secret)));
    let script = Scripted::of(drawn_by_hac(story));
    (Hac::new(policy, identities, Box::new(script.clone())), script)
}

fn gpsk_one(packet: &[u8]) -> Option<Gpsk1> {
    match Packet::parse(packet).ok()? {
        Packet::Request { kind: Type::GPSK, data, .. } => match Gpsk::parse(data).ok()? {
            Gpsk::One(one) => Some(one),
            _ => None,
        },
        _ => None,
    }
}

/// The values that a mobile node draws.
fn drawn_by_mn(story: &Story<'_>) -> Vec<Vec<u8>> {
    let mut draws: Vec<_> = octets(&story.row().messages[0], Name::MnRand).into_iter().collect();
    for packet in story.packets(story.requests()) {
        if let Ok(Packet::Response { kind: Type::GPSK, data, .. }) = Packet::parse(&packet)
            && let Ok(Gpsk::Two(Gpsk2 { rand_peer, .. })) = Gpsk::parse(data)
        {
            draws.push(rand_peer.to_vec());
        }
    }
    draws
}

/// A mobile node that would say what the row says.
fn the_mn(story: &Story<'_>) -> (Mn, Scripted) {
    let done =
        story.requests().find_map(|sent| Some((value(sent, Name::Suitelist)?, value(sent, Name::Sas)?)));
    let (suites, scope) = done.unwrap_or(("{00,2F},{00,3C}".into(), "1".into()));
    let suites = SuiteList::parse(suites.as_bytes()).expect("suites").0;
    let by_code = |code| Ciphersuite::ALL.into_iter().find(|suite| suite.code() == code).expect("known");
    let authentication = match &story.row().eap_method {
        Some(_) => Authentication::Eap(story.wanted()),
        None => Authentication::Psk,
    };
    let secret = story.secret().unwrap_or_else(|| Psk::new(vec![7; 32]).expect("not empty"));
    let mn_id = nai(&value(&story.row().messages[0], Name::MnId).expect("mn-id"));
    let config = mn::Config {
        authentication,
        profile: story.profile(),
        suites: suites.into_iter().map(by_code).collect(),
        scope: Scope::parse(scope.as_bytes()).expect("a scope"),
        ..mn::Config::new(mn_id, secret, "2001:db8:c0a::17".parse().expect("an address"))
    };
    let script = Scripted::of(drawn_by_mn(story));
    (Mn::new(config, Box::new(script.clone())), script)
}

/// What no HAC of ours begins: EAP without the identity, a Notification, a refusal without a cause.
fn hac_makes(story: &Story<'_>) -> bool {
    let asked = story.types(story.responses());
    let ordinary =
        asked.first().is_none_or(|kind| *kind == Type::IDENTITY) && !asked.contains(&Type::NOTIFICATION);
    ordinary && !story.test.id.contains("/refused-")
}

/// What no mobile node of ours begins: two methods at once, unknown suites, gaps in the Identifiers, a Done that comes
/// too early, a wrong secret.
fn mn_makes(story: &Story<'_>) -> bool {
    let never =
        ["both-methods-offered", "no-common-suite", "identifier-gap", "round-after-done", "failure-at-done"];
    !never.iter().any(|end| story.test.id.ends_with(end))
}

/// The outputs of a HAC for one request.
fn ask(hac: &mut Hac, sent: &Sent) -> Vec<hac::Output> {
    hac.handle(start(), hac::Input::Received { conn: CONN, octets: sent.octets.to_vec() });
    std::iter::from_fn(|| hac.poll_output()).collect()
}

fn said(outputs: &[hac::Output]) -> Vec<&[u8]> {
    let sent = outputs.iter().filter_map(|output| match output {
        hac::Output::Send { octets, .. } => Some(octets.as_slice()),
        _ => None,
    });
    sent.collect()
}

/// An error by EAP repeats `mn-rand`, which the list of section 5.9 leaves open: then only what stands in the row counts.
fn same_refusal(row: &Sent, octets: &[u8]) -> bool {
    let container = Container::new_checked(octets).expect("whole");
    let said = Draft::parse(Repr::parse(&container).expect("legal").content).expect("headers");
    let wanted = draft(row);
    let same = |name| said.value(name) == wanted.value(name);
    octets[1] == row.octets[1]
        && same(Name::StatusCode)
        && same(Name::EapPayload)
        && said.value(Name::Auth).is_some()
}

#[test]
fn a_hac_says_what_the_rows_say() {
    let (mut exact, mut refused) = (0, 0);
    for test in vectors::exchange().tests {
        let story = Story { test: &test };
        let (mut hac, script) = the_hac(&story);
        if test.result == Outcome::Invalid || !hac_makes(&story) {
            continue;
        }
        hac.handle(start(), hac::Input::Established { conn: CONN, channel_binding: story.binding() });
        let mut installed = 0;
        for pair in test.row.messages.chunks(2) {
            let [request, response] = pair else { panic!("{}: a request without a response", test.id) };
            let outputs = ask(&mut hac, request);
            installed += outputs.iter().filter(|output| matches!(output, hac::Output::Install(_))).count();
            let said = said(&outputs);
            if said == [&response.octets[..]] {
                exact += 1;
            } else if response.name == "refusal" && test.row.eap_method.is_some() {
                assert!(same_refusal(response, said[0]), "{}: {}", test.id, response.text);
                refused += 1;
            } else {
                let text = said.first().map(|octets| String::from_utf8_lossy(octets));
                panic!("{}: need {}\nhave {}", test.id, response.text, text.unwrap_or_default());
            }
        }
        assert_eq!(installed, usize::from(test.row.outcome == Some(200)), "{}", test.id);
        assert!(script.is_used_up(), "{}", test.id);
    }
    println!("{exact} responses octet by octet, {refused} refusals by what they say");
    assert!(exact > 100 && refused == 4, "{exact} {refused}");
}

#[test]
fn a_mobile_node_says_what_the_rows_say() {
    let mut exact = 0;
    for test in vectors::exchange().tests {
        let story = Story { test: &test };
        if test.result == Outcome::Invalid || !mn_makes(&story) {
            continue;
        }
        let (mut mn, script) = the_mn(&story);
        let (said, events) = play_mn(&mut mn, &story);
        let expected: Vec<&[u8]> = story.requests().map(|sent| &sent.octets[..]).collect();
        for (number, expected) in expected.iter().enumerate() {
            let have = said.get(number).map(|octets| String::from_utf8_lossy(octets));
            let need = String::from_utf8_lossy(expected);
            assert_eq!(have, Some(need), "{} request {number}, {events:?}", test.id);
        }
        assert_eq!(said.len(), expected.len(), "{}", test.id);
        exact += said.len();
        let granted = events.iter().any(|event| matches!(event, mn::Event::Bootstrapped { .. }));
        assert_eq!(granted, test.row.outcome == Some(200), "{}: {events:?}", test.id);
        assert!(script.is_used_up(), "{}", test.id);
    }
    println!("{exact} requests octet by octet");
    assert!(exact > 100, "{exact}");
}

/// Everything that the mobile node sends to the HAC of the row, and what it says of it.
fn play_mn(mn: &mut Mn, story: &Story<'_>) -> (Vec<Vec<u8>>, Vec<mn::Event>) {
    let (mut said, mut events) = (Vec::new(), Vec::new());
    let mut take = |mn: &mut Mn| {
        for output in std::iter::from_fn(|| mn.poll_output()) {
            match output {
                mn::Output::Send(octets) => said.push(octets),
                mn::Output::Event(event) => events.push(event),
                _ => {}
            }
        }
    };
    mn.handle(start(), mn::Input::Start);
    take(mn);
    mn.handle(start(), mn::Input::Established { channel_binding: story.binding() });
    take(mn);
    for response in story.responses() {
        mn.handle(start(), mn::Input::Received(response.octets.to_vec()));
        take(mn);
    }
    (said, events)
}

/// The names that errors have for the field of a row.
fn same_field(row: &str, named: &str) -> bool {
    row.eq_ignore_ascii_case(named) || (row == "eap-payload" && named.starts_with("EAP"))
}

#[test]
fn what_is_wrong_is_refused_where_it_is_wrong() {
    let (mut by_hac, mut by_mn) = (0, 0);
    for test in vectors::exchange().tests.iter().filter(|test| test.result == Outcome::Invalid) {
        let story = Story { test };
        let field = test.field.as_deref().expect("a field");
        assert_eq!(test.row.at, Some(test.row.messages.len()), "{}", test.id);
        if story.last().direction == "mn-to-hac" {
            let (mut hac, _) = the_hac(&story);
            hac.handle(start(), hac::Input::Established { conn: CONN, channel_binding: story.binding() });
            let outputs: Vec<_> = story.requests().map(|sent| ask(&mut hac, sent)).collect();
            let (last, before) = outputs.split_last().expect("a request");
            for (outputs, response) in before.iter().zip(story.responses()) {
                assert_eq!(said(outputs), [&response.octets[..]], "{}", test.id);
            }
            let refusal = last.iter().find_map(|output| match output {
                hac::Output::Event(hac::Event::Refused { refusal, .. }) => Some(refusal),
                _ => None,
            });
            assert!(!last.iter().any(|output| matches!(output, hac::Output::Install(_))), "{}", test.id);
            let named = refusal.unwrap_or_else(|| panic!("{}: taken", test.id)).field();
            assert!(same_field(field, named), "{}: {named}", test.id);
            by_hac += 1;
        } else {
            let (mut mn, _) = the_mn(&story);
            let (said, events) = play_mn(&mut mn, &story);
            let expected: Vec<&[u8]> = story.requests().map(|sent| &sent.octets[..]).collect();
            assert_eq!(said, expected, "{}", test.id);
            let [mn::Event::Failed(failure)] = events.as_slice() else { panic!("{}: {events:?}", test.id) };
            assert!(same_field(field, failure.field), "{}: {}", test.id, failure.field);
            by_mn += 1;
        }
    }
    println!("{by_hac} refused by the HAC, {by_mn} by the mobile node");
    assert!(by_hac > 40 && by_mn > 40, "{by_hac} {by_mn}");
}

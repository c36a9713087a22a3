//! Without a lie the wrappers change nothing: what they take apart comes back octet for octet.

use std::sync::Arc;

use crypto::auth::Profile;
use mutants::liar::{ha_liar, hac_liar, mn_liar};
use mutants::mutant::{Lie, Mutant};
use mutants::seat::{HaMachine, HacMachine, MnMachine};
use mutants::subject::{Cast, Honest, Secrets, Subject};
use proto::{ha::Ha, hac::Hac, mn::Mn};
use suite::bench::{Bench, Setup, register};
use suite::case::{Carrier, Role};
use wire::value::Scope;

/// A lie that changes nothing, for each form of lie.
const IDLE: &[Lie] = &[
    Lie::HacStream(|_| {}),
    Lie::HacRequest(|_, _| {}),
    Lie::HacResponse(|_, _| {}),
    Lie::HaInbound(|_| {}),
    Lie::HaOutbound(|_, _| {}),
    Lie::HaPlainOutbound(|_| {}),
    Lie::MnRequest(|_, _| {}),
    Lie::MnResponse(|_, _| {}),
    Lie::MnInbound(|_| {}),
    Lie::MnOutbound(|_, _| {}),
];

struct Idle(Lie);

impl Idle {
    const fn mutant(&self) -> Mutant {
        Mutant { id: "idle", role: Role::Hac, story: "tells no lie", caught_by: &[], lie: self.0 }
    }
}

impl Cast for Idle {
    fn hac(&self, honest: Hac, secrets: Secrets) -> HacMachine {
        hac_liar(&self.mutant(), Box::new(honest), secrets)
    }

    fn ha(&self, honest: Ha) -> HaMachine {
        ha_liar(&self.mutant(), Box::new(honest))
    }

    fn mn(&self, honest: Mn, secrets: Secrets) -> MnMachine {
        mn_liar(&self.mutant(), Box::new(honest), secrets)
    }
}

/// Everything that the three roles say in a registration, data both ways, a refusal and a visit. Dates are left
/// out: they follow the clock.
fn said(cast: Arc<dyn Cast>) -> Vec<Vec<u8>> {
    let setup = Subject::played_by(cast, Profile::Rfc6618).setup();
    let mut octets = Vec::new();
    for scope in [Scope::AllTraffic, Scope::SignalingOnly] {
        octets.extend(stay(&setup, scope));
    }
    octets.push(refusal(&setup));
    let lease = setup.identities.lease(1);
    let visit = suite::visit::honest(&mut Bench::new(&setup, lease.identity, "visit")).expect("a visit");
    octets.extend([visit.init.octets().to_vec(), visit.done.octets().to_vec(), visit.registration]);
    octets
}

fn stay(setup: &Setup, scope: Scope) -> Vec<Vec<u8>> {
    let lease = setup.identities.lease(0);
    let mut bench = Bench::new(setup, lease.identity, "stay");
    let mut tunnel = bench.tunnel(scope).expect("an SA");
    register(&mut tunnel).expect("a binding");
    let echo = match scope {
        Scope::AllTraffic => Carrier::ProtectedEcho,
        Scope::SignalingOnly => Carrier::PlainEcho,
    };
    assert!(tunnel.ask(echo).expect("a socket").answer.is_some());
    tunnel.heard.iter().map(|heard| heard.octets().to_vec()).collect()
}

fn refusal(setup: &Setup) -> Vec<u8> {
    let lease = setup.identities.lease(2);
    let mut mn = Bench::new(setup, lease.identity, "refusal").mn().expect("a session");
    mn.send(&mn.init()).expect("an open session");
    let init = mn.init_answer().reply("a response").expect("a response");
    let mut done = mn.done();
    done.remove(wire::param::Name::Sas);
    mn.send(&done).expect("an open session");
    let last = mn.answer().reply("a refusal").expect("a refusal");
    [init.octets(), last.octets()].concat()
}

#[test]
fn an_idle_liar_is_honest_octet_for_octet() {
    let honest = said(Arc::new(Honest));
    for (form, lie) in IDLE.iter().enumerate() {
        let idle = said(Arc::new(Idle(*lie)));
        assert!(idle == honest, "form {form} changes what is said");
    }
}

#[test]
fn every_mutant_can_be_found() {
    for mutant in mutants::mutant::all() {
        assert_eq!(mutants::mutant::find(mutant.id).map(|found| found.story), Some(mutant.story));
    }
    assert!(mutants::mutant::find("hac/honest").is_none());
}

//! A run without a forged octet: the suite's MN against the reference over loopback.

use std::net::SocketAddr;
use std::time::Duration;

use crypto::auth::Profile;
use crypto::keys::Psk;
use node::home::{CORRESPONDENT, Home, HomeConfig, Machines};
use suite::bench::{Bench, Setup, register};
use suite::case::Carrier;
use suite::evidence::{Recorder, Tape};
use suite::identity::{Identities, Identity};
use suite::link::tls::TlsTarget;
use wire::mobility::Lifetime;
use wire::value::{Ciphersuite, Nai, Scope};

const WAIT: Duration = Duration::from_secs(5);

/// What was recorded, and where HAC and HA were.
pub(crate) struct HonestRun {
    pub(crate) tape: Tape,
    pub(crate) hac: SocketAddr,
    pub(crate) ha: SocketAddr,
}

/// Bootstraps, registers, pings and de-registers once with each of these suites.
pub(crate) fn honest_run(suites: &[Ciphersuite]) -> HonestRun {
    // One MN a suite: the HA remembers the number of an MN's last Binding Update.
    let identities = Identities::provision(suites.len(), |key| key.fill(0x42)).expect("one suite or more");
    let home = Home::start(HomeConfig::loopback(), known(identities.all()), Machines::honest)
        .expect("the reference starts");
    let recorder = Recorder::shared();
    let name = home.hac_addr().ip().to_string();
    let target = TlsTarget::new(home.hac_addr(), &name, home.ca_pem(), WAIT, Some(recorder.clone()))
        .expect("the reference's own authority is good");
    let setup = Setup {
        target: Some(Box::new(target)),
        launcher: None,
        profile: Profile::Rfc6618,
        correspondent: Some(CORRESPONDENT),
        correspondent4: None,
        associations: suite::sa_file::SaPool::default(),
        ha: None,
        wait: WAIT,
        seed: 0,
        recorder: Some(recorder.clone()),
        identities,
    };
    for (nth, suite) in suites.iter().enumerate() {
        visit(&setup, nth, *suite);
    }
    let (hac, ha) = (home.hac_addr(), home.ha_addr());
    home.stop().expect("the reference was alive to the end");
    HonestRun { tape: recorder.snapshot(), hac, ha }
}

fn known(identities: &[Identity]) -> Vec<(Nai, Psk)> {
    let pair = |identity: &Identity| {
        let nai = Nai::parse(identity.mn_id.as_bytes()).expect("provisioned NAIs are legal");
        (nai, Psk::new(identity.psk.clone()).expect("provisioned keys are not empty"))
    };
    identities.iter().map(pair).collect()
}

fn visit(setup: &Setup, nth: usize, suite: Ciphersuite) {
    let lease = setup.identities.lease(nth);
    let mut bench = Bench::new(setup, lease.identity, suite.name());
    let mut tunnel = bench.tunnel_with(&[suite], Scope::AllTraffic).expect("an SA of the suite offered");
    register(&mut tunnel).expect("an accepted registration");
    let echo = tunnel.ask(Carrier::ProtectedEcho).expect("our own socket works");
    assert!(echo.answer.is_some(), "no echo reply: {}", echo.describe());
    let end = tunnel.register(Lifetime::ZERO).expect("our own socket works");
    assert!(end.is_ok_and(|(_, ack)| ack.status.accepted()), "the de-registration was not accepted");
}

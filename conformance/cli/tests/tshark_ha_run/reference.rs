//! The reference on loopback under one suite, and all HA cases against it.

use std::sync::Arc;
use std::time::Duration;

use crypto::auth::Profile;
use crypto::keys::Psk;
use node::home::{CORRESPONDENT, Home, HomeConfig, Machines, RunningHome};
use suite::bench::Setup;
use suite::case::{Case, Role};
use suite::evidence::{Recorder, Tape};
use suite::identity::Identities;
use suite::link::tls::TlsTarget;
use suite::report::CaseReport;
use suite::runner::{Observer, Plan, Readings, run};
use wire::value::{Ciphersuite, Nai};

const WAIT: Duration = Duration::from_secs(5);
const IDENTITIES: usize = 4;

/// Everything that crossed the links while all HA cases ran.
pub(crate) fn whole_run(suite: Ciphersuite) -> Tape {
    let (home, setup, recorder) = start(suite);
    let cases: Vec<&Case> = suite::cases::all().filter(|case| case.role == Role::Ha).collect();
    let plan = Plan { jobs: IDENTITIES, readings: Readings::AsDecided };
    let run = run(&setup, &cases, plan, &Nobody);
    assert!(run.trouble.is_none(), "{:?}", run.trouble);
    home.stop().expect("the reference was alive to the end");
    recorder.snapshot()
}

/// The reference, which grants this suite only, and all that a case needs.
pub(crate) fn start(suite: Ciphersuite) -> (RunningHome, Setup, Arc<Recorder>) {
    let identities = Identities::provision(IDENTITIES, |key| key.fill(0x42)).expect("one identity or more");
    let mut config = HomeConfig::loopback();
    config.hac.policy.suites = vec![suite];
    let known = identities.all().iter().map(|identity| {
        let nai = Nai::parse(identity.mn_id.as_bytes()).expect("provisioned NAIs are legal");
        (nai, Psk::new(identity.psk.clone()).expect("provisioned keys are not empty"))
    });
    let home = Home::start(config, known.collect(), Machines::honest).expect("the reference starts");
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
    (home, setup, recorder)
}

struct Nobody;

impl Observer for Nobody {
    fn ended(&self, _: &CaseReport) {}
}

//! Two MNs visit a HAC over real sockets, recorded; what the dissector then makes of the capture.

use std::time::Duration;

use crypto::auth::Profile;
use crypto::keys::Psk;
use dissect::conversation::Watch;
use dissect::{Options, Report};
use mutants::liar::hac_liar;
use mutants::mutant::{self, Mutant};
use mutants::subject::Secrets;
use node::home::{Home, HomeConfig, Machines};
use suite::bench::{Bench, Setup};
use suite::capture::write_pcapng;
use suite::evidence::Recorder;
use suite::identity::{Identities, Identity};
use suite::link::tls::TlsTarget;
use suite::player::{MessageForge, MnPlayer};
use wire::value::{Ciphersuite, Nai};

/// The longest wait for one answer on loopback, and for a HAC that leaves the connection open.
const WAIT: Duration = Duration::from_millis(1500);

/// How the MNs behave.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// Changes the first request.
    pub(crate) init: fn(&mut MessageForge),
    /// Changes the last request.
    pub(crate) done: fn(&mut MessageForge),
    /// The suites that are offered.
    pub(crate) suites: &'static [Ciphersuite],
}

impl Manner {
    /// As an MN should.
    pub(crate) const HONEST: Self = Self { init: |_| {}, done: |_| {}, suites: &Ciphersuite::ALL };
}

/// The HAC that is visited.
pub(crate) enum Hac {
    Honest,
    /// With the lie of this name.
    Lying(&'static str),
}

/// Records the visits and dissects the capture as somebody who has all keys.
pub(crate) fn dissected(hac: &Hac, manner: Manner, profile: Profile) -> Report {
    let identities = Identities::provision(2, fill).expect("two identities");
    let mut config = HomeConfig::loopback();
    config.hac.policy.profile = profile;
    let home = Home::start(config, known(identities.all()), |hac_part, ha| match hac {
        Hac::Honest => Machines::honest(hac_part, ha),
        Hac::Lying(lie) => {
            let secrets = Secrets { profile: hac_part.policy.profile, identities: identities.all().to_vec() };
            Machines {
                hac: hac_liar(find(lie), Box::new(hac_part.honest()), secrets),
                ha: Box::new(ha.honest()),
            }
        }
    });
    let home = home.expect("the reference starts");
    let recorder = Recorder::shared();
    let name = home.hac_addr().ip().to_string();
    let target = TlsTarget::new(home.hac_addr(), &name, home.ca_pem(), WAIT, Some(recorder.clone()))
        .expect("the reference's own authority is good");
    let setup = Setup {
        target: Some(Box::new(target)),
        launcher: None,
        profile,
        correspondent: None,
        correspondent4: None,
        associations: suite::sa_file::SaPool::default(),
        ha: None,
        wait: WAIT,
        seed: 0,
        recorder: Some(recorder.clone()),
        identities,
    };
    let mut watch = Watch { profile: Some(profile), ..Watch::default() };
    for (nth, identity) in setup.identities.all().iter().take(2).enumerate() {
        watch.credentials.add_psk(identity.mn_id.as_bytes(), identity.psk.clone());
        let mut bench = Bench::new(&setup, identity, &format!("visit {nth}"));
        let mn = bench.mn().expect("the HAC accepts connections");
        visit(mn, manner);
    }
    // A liar may have ended it.
    let _ = home.stop();
    let mut capture = Vec::new();
    write_pcapng(&recorder.snapshot(), &mut capture).expect("a Vec takes all");
    dissect::report(&capture, &Options { watch, ..Options::default() })
}

/// Says what an MN says, whatever comes back.
fn visit(mut mn: MnPlayer, manner: Manner) {
    mn.suites = manner.suites.to_vec();
    let mut init = mn.init();
    (manner.init)(&mut init);
    if mn.send(&init).is_ok() {
        mn.init_answer();
        let mut done = mn.done();
        (manner.done)(&mut done);
        if mn.send(&done).is_ok() {
            mn.answer();
        }
    }
    // Whether it closes is judged from the capture.
    let _ = mn.closing();
    mn.close();
}

fn find(lie: &str) -> &'static Mutant {
    mutant::find(lie).unwrap_or_else(|| panic!("no mutant is called {lie}"))
}

fn fill(key: &mut [u8]) {
    // Hex digits of either case, so that the two are told apart.
    key.fill(0xab);
}

fn known(identities: &[Identity]) -> Vec<(Nai, Psk)> {
    let pair = |identity: &Identity| {
        let nai = Nai::parse(identity.mn_id.as_bytes()).expect("provisioned NAIs are legal");
        (nai, Psk::new(identity.psk.clone()).expect("provisioned keys are not empty"))
    };
    identities.iter().map(pair).collect()
}

//! From a story to its octets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::channel_binding::BindingError;
use crypto::keys::Psk;
use proto::ha::{self, Ha};
use proto::hac::{Hac, HomeNetwork, Policy};
use proto::mn::{self, Authentication, Mn};
use proto::{Timestamp, eap};
use sim::{Home, SeededRandom};
use suite::evidence::Tape;
use wire::value::{Ciphersuite, Nai, Scope};

use crate::plan::{Key, Known, Method, Plan, Protects};
use crate::session::{Path, PathError};
use crate::stage::{Places, Players, Stage};

/// When all stories begin: 2027-01-15, 08:00 UTC.
const START: Timestamp = Timestamp(Duration::from_secs(1_800_000_000));

const MN_ID: &str = "mn1@conform.example";
const KEY: [u8; 32] = [0x42; 32];

/// Where the HAC and the HA are, which are one node; and the host behind them.
pub(crate) const HOME6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 1);
const HOME4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
pub(crate) const CORRESPONDENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);

/// One seed, and a stream of it for everybody who draws.
#[derive(Clone, Copy)]
enum Stream {
    Mn = 1,
    Hac,
    Ha,
    Tls,
}

/// What came of a story.
pub struct Made {
    /// What passed, with the secrets and the SAs.
    pub tape: Tape,
    /// The MN's identity and the key that the HAC has for it.
    pub identity: (String, Vec<u8>),
    /// The MSK, where an EAP method made one.
    pub msk: Option<Vec<u8>>,
    /// The MN's address under which the SAs hold inside the tunnel.
    pub home_address: Option<Ipv6Addr>,
}

/// Why a story cannot be played. Always our own side's fault.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// No certificate, or no key for it.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS did not come about.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// Octets could not be moved in memory.
    #[error("TLS: {0}")]
    Io(#[from] io::Error),
    /// The certificate has no channel binding.
    #[error("{0}")]
    Binding(BindingError),
    /// A step that makes no sense where it stands.
    #[error("step {step}: {why}")]
    Step {
        /// Its number, from 1.
        step: usize,
        /// What it would need.
        why: &'static str,
    },
    /// It never comes to rest.
    #[error("too much happens after one step")]
    Restless,
}

/// Plays a story.
///
/// # Errors
/// Why it cannot be played.
pub fn make(plan: &Plan) -> Result<Made, MakeError> {
    let name = Nai::parse(MN_ID.as_bytes()).expect("a name and a realm");
    let key = match plan.mn.key {
        Key::Shared => KEY,
        Key::Another => KEY.map(|octet| !octet),
    };
    let secret = Psk::new(key.to_vec()).expect("32 octets");
    let path = Path::new(plan, random(plan, Stream::Tls), hac_address(plan)).map_err(|PathError(why)| why)?;
    let places = Places {
        mn: SocketAddr::new(plan.network.mn, 40_000),
        ha: SocketAddr::new(hac_address(plan), wire::packet::DEFAULT_PORT),
    };
    let players = Players {
        mn: mobile_node(plan, name.clone(), secret.clone()),
        secret,
        auth: plan.mn.auth,
        home: home(plan, name),
    };
    let mut stage = Stage::new(players, path, places);
    for (number, step) in (1..).zip(&plan.steps) {
        stage.carry_out(step).map_err(|why| why.at(number))?;
    }
    Ok(stage.end((MN_ID.to_owned(), KEY.to_vec())))
}

fn random(plan: &Plan, stream: Stream) -> SeededRandom {
    SeededRandom::new(plan.seed, stream as u64)
}

fn hac_address(plan: &Plan) -> IpAddr {
    if plan.network.mn.is_ipv4() { HOME4.into() } else { HOME6.into() }
}

fn mobile_node(plan: &Plan, name: Nai, secret: Psk) -> Mn {
    let authentication = match plan.mn.method {
        Method::Psk => Authentication::Psk,
        Method::EapGpsk => Authentication::Eap(eap::Method::Gpsk),
        Method::EapMd5 => Authentication::Eap(eap::Method::Md5Challenge),
    };
    let scope = match plan.mn.protects {
        Protects::AllTraffic => Scope::AllTraffic,
        Protects::Signaling => Scope::SignalingOnly,
    };
    let config = mn::Config {
        authentication,
        profile: plan.home.profile.profile(),
        suites: or_all(&plan.mn.suites),
        scope,
        renew_before: Duration::from_secs(plan.mn.renews_before),
        ..mn::Config::new(name, secret, plan.network.mn)
    };
    Mn::new(config, Box::new(random(plan, Stream::Mn)))
}

fn home(plan: &Plan, name: Nai) -> Home<Hac, Ha> {
    let is_known = plan.mn.known == Known::ToTheHac;
    let known = is_known.then(|| (name, Psk::new(KEY.to_vec()).expect("32 octets")));
    let policy = Policy {
        profile: plan.home.profile.profile(),
        suites: or_all(&plan.home.suites),
        eap: eap::Offer { methods: eap::Method::ALL.to_vec(), ..eap::Offer::default() },
        sa_lifetime: Duration::from_secs(plan.home.validity),
        network: HomeNetwork {
            haa_ip6: Some(HOME6),
            haa_ip4: plan.network.mn.is_ipv4().then_some(HOME4),
            ..HomeNetwork::default()
        },
        ..Policy::default()
    };
    let hac = Hac::new(policy, known.into_iter().collect(), Box::new(random(plan, Stream::Hac)));
    let ha = Ha::new(ha::Config::new(HOME6), Box::new(random(plan, Stream::Ha)));
    Home::new(hac, ha, vec![CORRESPONDENT.into()], START)
}

/// An empty list in a story means that nothing is said of it.
fn or_all(suites: &[Ciphersuite]) -> Vec<Ciphersuite> {
    if suites.is_empty() { Ciphersuite::ALL.to_vec() } else { suites.to_vec() }
}

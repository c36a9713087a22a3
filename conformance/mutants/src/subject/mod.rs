//! A target in memory: the suite's links over machines instead of sockets. Nothing waits: what is not there when the
//! suite looks will not come.

mod home;
mod node;

use core::time::Duration;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use crypto::auth::Profile;
use crypto::channel_binding::{ChannelBinding, tls_server_end_point};
use crypto::keys::{DirectionKeys, Psk, SaKeys};
use proto::eap::{Method, Offer};
use proto::ha::Ha;
use proto::hac::{Aaa, Hac, HomeNetwork, Policy};
use proto::mn::{self, Mn};
use proto::sa::{HomeAddresses, SecurityAssociation};
use proto::{Random, Timestamp, ha};
use sim::SeededRandom;
use suite::bench::Setup;
use suite::identity::{Identities, Identity, SILENT_AAA};
use suite::link::{Invitation, MnMethod};
use suite::sa_file::{self, Ends, Place, Provisioned, SaPool};
use wire::message::{KeyOctets, SaData};
use wire::packet::DEFAULT_PORT;
use wire::value::{Nai, Port, Prefix4};

use crate::seat::{HaMachine, HacMachine, MnMachine};

/// The home agent of every subject.
pub const HOME_AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 1);
/// A host behind the home agent that answers echo requests.
pub const CORRESPONDENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);

/// The same over IPv4.
pub const CORRESPONDENT4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);

/// The certificate of the HAC, signed with ECDSA and SHA-384: its channel binding is not made with SHA-256.
pub const CERTIFICATE: &[u8] = include_bytes!("certificate.der");

/// How many identities a subject knows: no fewer than cases that run side by side.
const IDENTITIES: usize = 8;
/// The longest that the suite waits for an answer, in virtual time.
const WAIT: Duration = Duration::from_secs(2);
const SEED: u64 = 6618;

/// Streams of the seed.
const IDENTITY_STREAM: u64 = 0;
const HAC_STREAM: u64 = 1;
const HA_STREAM: u64 = 2;
const ASSOCIATION_STREAM: u64 = 3;
const MN_STREAM: u64 = 4;

/// How long the associations that end soon live. A run takes less, so that they are there when their case comes.
const SOON: u64 = 110;
/// How long ago those ended that have ended.
const AGO: u64 = 5;
const DAY: u64 = 86_400;

/// What a liar must know to lie in good style: the keys, and how `auth` is made.
pub struct Secrets {
    /// Under which profile `auth` is made.
    pub profile: Profile,
    /// Every MN with its key.
    pub identities: Vec<Identity>,
}

/// Who plays the three roles.
pub trait Cast: Send + Sync {
    /// The HAC that is judged, made of the honest one.
    fn hac(&self, honest: Hac, secrets: Secrets) -> HacMachine {
        drop(secrets);
        Box::new(honest)
    }

    /// The HA that is judged, made of the honest one.
    fn ha(&self, honest: Ha) -> HaMachine {
        Box::new(honest)
    }

    /// The MN that is judged, made of the honest one.
    fn mn(&self, honest: Mn, secrets: Secrets) -> MnMachine {
        drop(secrets);
        Box::new(honest)
    }
}

/// The reference as it is.
pub struct Honest;

impl Cast for Honest {}

/// What the HAC shows on every session, and what it takes for the channel binding of that.
#[derive(Clone)]
pub struct Certificate {
    /// The certificate in DER; MNs make the binding of it themselves.
    pub der: Vec<u8>,
    /// The binding as the HAC makes it.
    pub to_hac: ChannelBinding,
}

/// A HAC with its HA, and MNs as many as are asked for, ready to be judged.
pub struct Subject {
    profile: Profile,
    now: Timestamp,
    identities: Identities,
    cast: Arc<dyn Cast>,
    certificate: Certificate,
}

/// The reference as it is, under `profile`.
#[must_use]
pub fn honest(profile: Profile) -> Subject {
    Subject::played_by(Arc::new(Honest), profile)
}

impl Subject {
    /// The reference behind whatever `cast` puts in front of it. Its clock starts at the present time, since the
    /// suite compares dates with the real one.
    ///
    /// # Panics
    /// The suite provisions nobody.
    #[must_use]
    pub fn played_by(cast: Arc<dyn Cast>, profile: Profile) -> Self {
        let mut random = SeededRandom::new(SEED, IDENTITY_STREAM);
        let identities = Identities::provision(IDENTITIES, |psk| random.fill(psk)).expect("more than none");
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let certificate = Certificate { der: CERTIFICATE.to_vec(), to_hac: binding() };
        Self { profile, now: Timestamp(now), identities, cast, certificate }
    }

    /// The same with another certificate.
    #[must_use]
    pub fn showing(self, certificate: Certificate) -> Self {
        Self { certificate, ..self }
    }

    /// The run in which the suite judges it.
    #[must_use]
    pub fn setup(self) -> Setup {
        let profile = self.profile;
        let associations = self.associations();
        let target = home::InMemory::new(self.hac(), self.ha(), self.now, self.certificate.clone());
        associations.remaining().iter().for_each(|provisioned| target.install(installed(provisioned)));
        let launcher = node::Starter::new(profile, self.now, Arc::clone(&self.cast));
        Setup {
            target: Some(Box::new(target)),
            launcher: Some(Box::new(launcher)),
            profile,
            correspondent: Some(CORRESPONDENT),
            correspondent4: Some(CORRESPONDENT4),
            associations,
            ha: None,
            wait: WAIT,
            seed: SEED,
            recorder: None,
            identities: self.identities,
        }
    }

    fn hac(&self) -> HacMachine {
        // All that a HAC should hand out, so that there is something to lie about.
        let network = HomeNetwork {
            port: Port::new(DEFAULT_PORT),
            dns: vec![CORRESPONDENT.into(), Ipv4Addr::new(192, 0, 2, 53).into()],
            prefix4: Prefix4::parse(b"198.51.100.0/24").ok(),
            ..HomeNetwork::default()
        };
        // Both methods, for cases about one that makes no MSK (EA-08).
        let eap = Offer { methods: Method::ALL.to_vec(), ..Offer::default() };
        let realm = Some(SILENT_AAA.trim_start_matches('@').to_owned());
        let aaa = Aaa { realm, patience: WAIT / 2 };
        let policy = Policy { profile: self.profile, network, eap, aaa, ..Policy::default() };
        let known = self.identities.all().iter().map(|identity| (nai(&identity.mn_id), key(&identity.psk)));
        let honest = Hac::new(policy, known.collect(), Box::new(SeededRandom::new(SEED, HAC_STREAM)));
        let secrets = Secrets { profile: self.profile, identities: self.identities.all().to_vec() };
        self.cast.hac(honest, secrets)
    }

    /// What the home agent holds without the HAC: no more than such as the HAC does not give.
    fn associations(&self) -> SaPool {
        let mut random = SeededRandom::new(SEED, ASSOCIATION_STREAM);
        let now = self.now.0.as_secs();
        let place = Place {
            ha: HOME_AGENT,
            home: Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0x5a, 0, 0, 0, 1),
            home_ip4: Ipv4Addr::new(198, 18, 0, 1),
        };
        let ends = Ends { lasting: now + DAY, soon: now + SOON, ended: now - AGO };
        let all = sa_file::provision(place, ends, |octets| random.fill(octets)).remaining();
        SaPool::new(
            all.into_iter().filter(|one| one.grant.sa.validity_end.unix_seconds() <= now + SOON).collect(),
        )
    }

    fn ha(&self) -> HaMachine {
        let config = ha::Config::new(HOME_AGENT);
        self.cast.ha(Ha::new(config, Box::new(SeededRandom::new(SEED, HA_STREAM))))
    }
}

/// An MN as the suite's players want it, made of the honest one.
fn mobile_node(cast: &dyn Cast, profile: Profile, invitation: &Invitation, number: u64) -> MnMachine {
    let (mn_id, psk) = (nai(&invitation.mn_id), key(&invitation.psk));
    let authentication = match invitation.method {
        MnMethod::Psk => mn::Authentication::Psk,
        MnMethod::EapGpsk => mn::Authentication::Eap(Method::Gpsk),
    };
    let config = mn::Config { profile, authentication, ..mn::Config::new(mn_id, psk, node::AT.ip()) };
    let honest = Mn::new(config, Box::new(SeededRandom::new(SEED, MN_STREAM + number)));
    let identity = Identity { mn_id: invitation.mn_id.clone(), psk: invitation.psk.clone() };
    cast.mn(honest, Secrets { profile, identities: vec![identity] })
}

/// An association of the file, as a home agent holds it.
fn installed(Provisioned { mn_id, grant }: &Provisioned) -> SecurityAssociation {
    let SaData { suite, scope, spi, mn_to_ha, ha_to_mn, validity_end } = &grant.sa;
    let keys = |octets: &KeyOctets| {
        DirectionKeys::new(*suite, &octets.ikey, octets.ekey.as_deref()).expect("the suite makes keys")
    };
    SecurityAssociation {
        spi: *spi,
        suite: *suite,
        scope: *scope,
        keys: SaKeys { mn_to_ha: keys(mn_to_ha), ha_to_mn: keys(ha_to_mn) },
        validity_end: *validity_end,
        home: HomeAddresses { ip6: grant.bootstrap.ip6_hoa, ip4: grant.bootstrap.ip4_hoa, prefix6: None },
        ha: grant.bootstrap.haa_ip6,
        mn_id: nai(mn_id),
    }
}

/// tls-server-end-point, as both ends of every session in memory know it.
fn binding() -> ChannelBinding {
    tls_server_end_point(CERTIFICATE).expect("the certificate names its hash")
}

fn nai(text: &str) -> Nai {
    Nai::parse(text.as_bytes()).expect("the suite makes NAIs")
}

fn key(octets: &[u8]) -> Psk {
    Psk::new(octets.to_vec()).expect("the suite makes keys")
}

/// Where the home agent is reached.
const fn home_agent() -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V6(HOME_AGENT), DEFAULT_PORT)
}

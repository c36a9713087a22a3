//! What a case may do: identities, players, randomness, and the count of what it really checked.

use core::time::Duration;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use crypto::auth::Profile;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wire::message::Grant;
use wire::packet::DEFAULT_PORT;
use wire::value::{Ciphersuite, Scope};

use crate::case::Carrier;
use crate::evidence::Recorder;
use crate::finding::{Because, Failure, Finding};
use crate::identity::{Identities, Identity};
use crate::link::{Launcher, LinkError, Target};
use crate::player::{Exchange, MnPlayer, Tunnel, TunnelAnswer};

/// Everything that the cases of one run share.
pub struct Setup {
    /// The HAC under test and the HA that it hands out.
    pub target: Option<Box<dyn Target>>,
    /// Starts the MN under test.
    pub launcher: Option<Box<dyn Launcher>>,
    /// Under which profile `auth` is made and judged.
    pub profile: Profile,
    /// A host behind the HA that answers ICMPv6 echo requests.
    pub correspondent: Option<Ipv6Addr>,
    /// Where the HA is, when it is not where the bootstrapping data says.
    pub ha: Option<SocketAddr>,
    /// The longest wait for one answer.
    pub wait: Duration,
    /// Drives every random octet.
    pub seed: u64,
    /// Keeps what crosses the links, if anybody wants it.
    pub recorder: Option<Arc<Recorder>>,
    /// MNs that the target knows.
    pub identities: Identities,
}

/// One case's view of the run.
pub struct Bench<'a> {
    setup: &'a Setup,
    identity: &'a Identity,
    rng: ChaCha20Rng,
    checks: u32,
}

impl<'a> Bench<'a> {
    /// A bench for the case `id`, which holds `identity` alone.
    #[must_use]
    pub fn new(setup: &'a Setup, identity: &'a Identity, id: &str) -> Self {
        let mut seed = [0_u8; 32];
        for (at, octet) in id.bytes().enumerate() {
            seed[8 + at % 24] = seed[8 + at % 24].rotate_left(3) ^ octet;
        }
        seed[..8].copy_from_slice(&setup.seed.to_be_bytes());
        Self { setup, identity, rng: ChaCha20Rng::from_seed(seed), checks: 0 }
    }

    /// The run that this case belongs to.
    #[must_use]
    pub const fn setup(&self) -> &'a Setup {
        self.setup
    }

    /// The MN whose key this case may use.
    #[must_use]
    pub const fn identity(&self) -> &'a Identity {
        self.identity
    }

    /// How many expectations were put to the target.
    #[must_use]
    pub const fn checks(&self) -> u32 {
        self.checks
    }

    /// Counts one expectation and passes its outcome on.
    ///
    /// # Errors
    /// The finding given.
    pub fn check<T>(&mut self, outcome: Result<T, Finding>) -> Result<T, Finding> {
        self.checks += 1;
        outcome
    }

    /// Counts one expectation: `holds`, or the finding.
    ///
    /// # Errors
    /// The finding given.
    pub fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> Finding) -> Result<(), Finding> {
        self.check(if holds { Ok(()) } else { Err(otherwise()) })
    }

    /// Seeded random octets.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut octets = [0; N];
        self.rng.fill_bytes(&mut octets);
        octets
    }

    /// A scripted MN on a fresh TLS session.
    ///
    /// # Errors
    /// A crash when nobody listens any more; inconclusive when TLS does not work.
    pub fn mn(&mut self) -> Result<MnPlayer, Finding> {
        let target = self.setup.target.as_deref().ok_or(Finding::Inconclusive(Because::Needs("--target")))?;
        let session = target.dial().map_err(|error| match &error {
            LinkError::Unreachable { .. } => {
                Finding::Crashes(Box::new(Failure::new("the HAC accepts connections", error.to_string())))
            }
            LinkError::Own(_) => Finding::Harness(error.to_string()),
            _ => Finding::Inconclusive(Because::Prerequisite(error.to_string())),
        })?;
        let (profile, wait) = (self.setup.profile, self.setup.wait);
        Ok(MnPlayer::new(session, self.identity.clone(), profile, self.random(), wait))
    }

    /// An honest exchange, kept whole. It is judged by whoever asked for it.
    ///
    /// # Errors
    /// A finding when an answer is missing.
    pub fn exchange(&mut self) -> Result<Exchange, Finding> {
        self.mn()?.exchange()
    }

    /// An honest exchange that offers these suites and this scope.
    ///
    /// # Errors
    /// A finding when an answer is missing.
    pub fn exchange_with(&mut self, suites: &[Ciphersuite], scope: Scope) -> Result<Exchange, Finding> {
        let mut mn = self.mn()?;
        mn.suites = suites.to_vec();
        mn.scope = scope;
        mn.exchange()
    }

    /// The SA of an honest exchange, of this scope; for cases that judge what comes after it.
    ///
    /// # Errors
    /// Inconclusive when the HAC grants nothing usable, or insists on another scope.
    pub fn grant(&mut self, suites: &[Ciphersuite], scope: Scope) -> Result<Grant, Finding> {
        let grant = self.grant_of_any_scope(suites, scope)?;
        if grant.sa.scope != scope {
            let what = format!("the HAC mandates mip6-sas {} where {scope} is needed", grant.sa.scope);
            return Err(Finding::Inconclusive(Because::Prerequisite(what)));
        }
        Ok(grant)
    }

    /// The SA of an honest exchange; the scope is a proposal, as the text has it.
    fn grant_of_any_scope(&mut self, suites: &[Ciphersuite], scope: Scope) -> Result<Grant, Finding> {
        let earlier = |finding: Finding| match finding {
            Finding::Fails(failure) | Finding::Warns(failure) => {
                Finding::Inconclusive(Because::Prerequisite(format!("bootstrap: {}", failure.observed)))
            }
            other => other,
        };
        self.exchange_with(suites, scope).and_then(|exchange| exchange.grant()).map_err(earlier)
    }

    /// A tunnel end with a fresh SA of any suite that the HAC prefers.
    ///
    /// # Errors
    /// Inconclusive when there is no SA or no HA to talk to.
    pub fn tunnel(&mut self, scope: Scope) -> Result<Tunnel, Finding> {
        self.tunnel_with(&Ciphersuite::ALL, scope)
    }

    /// A tunnel end with a fresh SA of one of these suites.
    ///
    /// # Errors
    /// Inconclusive when there is no SA or no HA to talk to.
    pub fn tunnel_with(&mut self, suites: &[Ciphersuite], scope: Scope) -> Result<Tunnel, Finding> {
        let grant = self.grant(suites, scope)?;
        self.tunnel_over(grant)
    }

    /// A tunnel end with a fresh SA of whichever scope the HAC mandates: enough for binding messages.
    ///
    /// # Errors
    /// Inconclusive when there is no SA or no HA to talk to.
    pub fn signaling_tunnel(&mut self) -> Result<Tunnel, Finding> {
        let grant = self.grant_of_any_scope(&Ciphersuite::ALL, Scope::AllTraffic)?;
        self.tunnel_over(grant)
    }

    fn tunnel_over(&mut self, grant: Grant) -> Result<Tunnel, Finding> {
        let target = self.setup.target.as_deref().ok_or(Finding::Inconclusive(Because::Needs("--target")))?;
        let ha = self.ha_address(&grant)?;
        let socket = target
            .datagrams(ha)
            .map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string())))?;
        if let Some(recorder) = &self.setup.recorder {
            recorder.associate(socket.local(), ha, grant.sa.clone());
        }
        let mut ivs = ChaCha20Rng::from_seed(self.random());
        let fill = Box::new(move |iv: &mut [u8]| ivs.fill_bytes(iv));
        Tunnel::new(grant, socket, self.setup.correspondent, self.setup.wait, fill)
    }

    /// A tunnel whose binding the HA has acknowledged.
    ///
    /// # Errors
    /// Inconclusive when the HA does not accept an honest Binding Update.
    pub fn bound_tunnel(&mut self, scope: Scope) -> Result<Tunnel, Finding> {
        let mut tunnel = self.tunnel(scope)?;
        register(&mut tunnel)?;
        Ok(tunnel)
    }

    fn ha_address(&self, grant: &Grant) -> Result<SocketAddr, Finding> {
        if let Some(ha) = self.setup.ha {
            return Ok(ha);
        }
        let port = grant.bootstrap.port.map_or(DEFAULT_PORT, |port| port.get());
        // A HAC that is reached over IPv4 hands out the HA's IPv4 address to be used there (reading SA-09).
        let ip4 = grant.bootstrap.haa_ip4.map(|ip| SocketAddr::from((ip, port)));
        let ip6 = grant.bootstrap.haa_ip6.map(|ip| SocketAddr::from((ip, port)));
        let prefers_ip4 = self.setup.target.as_deref().is_some_and(|target| target.is_ip4());
        let choice = if prefers_ip4 { ip4.or(ip6) } else { ip6.or(ip4) };
        choice.ok_or_else(|| {
            Finding::Inconclusive(Because::Needs("--ha ADDR:PORT, since the HAC hands out no HA address"))
        })
    }
}

/// Sends an honest Binding Update and waits for its acceptance.
///
/// # Errors
/// Inconclusive with what came instead.
pub fn register(tunnel: &mut Tunnel) -> Result<(), Finding> {
    let (update, number) = tunnel.next(Carrier::BindingUpdate)?;
    tunnel.send(&update)?;
    let answers = tunnel.until(Carrier::BindingUpdate, number);
    match &answers.answer {
        Some(TunnelAnswer::Acknowledgement(ack)) if ack.status.accepted() => Ok(()),
        _ => Err(Finding::Inconclusive(Because::ControlUnanswered(format!(
            "an honest Binding Update got {}",
            answers.describe()
        )))),
    }
}

//! What a case may do: identities, players, randomness, and the count of what it really checked.

use core::time::Duration;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use crypto::auth::Profile;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wire::message::Grant;
use wire::mobility::BindingStatus;
use wire::packet::DEFAULT_PORT;
use wire::value::{Ciphersuite, Scope};

use crate::case::Carrier;
use crate::evidence::Recorder;
use crate::finding::{Because, Failure, Finding};
use crate::identity::{Identities, Identity, Lease};
use crate::link::{Datagrams, Launcher, LinkError, Parts, Session, Target, TlsDoor};
use crate::player::{
    Acknowledged, Correspondents, Exchange, LIFETIME, MnPlayer, Stay, Tunnel, TunnelAnswer, now,
};
use crate::sa_file::{Life, SaPool};

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
    /// A host behind the HA that answers ICMP echo requests inside IPv4.
    pub correspondent4: Option<Ipv4Addr>,
    /// Associations that the HA holds without a HAC: all that an HA alone has, and such as a HAC does not give.
    pub associations: SaPool,
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

impl Setup {
    /// A fresh TLS session with the HAC.
    ///
    /// # Errors
    /// A crash when nobody listens any more; inconclusive when TLS does not work.
    pub(crate) fn dial(&self) -> Result<Box<dyn Session>, Finding> {
        self.target()?.dial().map_err(|error| match &error {
            LinkError::Unreachable { .. } => {
                Finding::Crashes(Box::new(Failure::new("the HAC accepts connections", error.to_string())))
            }
            LinkError::Own(_) => Finding::Harness(error.to_string()),
            _ => Finding::Inconclusive(Because::Prerequisite(error.to_string())),
        })
    }

    fn target(&self) -> Result<&dyn Target, Finding> {
        self.target.as_deref().ok_or(Finding::Inconclusive(Because::Needs("--target")))
    }
}

/// One case's view of the run.
pub struct Bench<'a> {
    setup: &'a Setup,
    identity: &'a Identity,
    rng: ChaCha20Rng,
    /// Whose associations of the file this case took last.
    mn_id: Option<String>,
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
        Self { setup, identity, rng: ChaCha20Rng::from_seed(seed), mn_id: None, checks: 0 }
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
        self.mn_for(self.identity)
    }

    /// The same for another identity, which the case must hold a lease of.
    ///
    /// # Errors
    /// As [`Self::mn`].
    pub fn mn_for(&mut self, identity: &Identity) -> Result<MnPlayer, Finding> {
        let session = self.setup.dial()?;
        Ok(self.player(session, identity))
    }

    /// The door of the HAC, for cases that judge TLS itself.
    ///
    /// # Errors
    /// Unsupported where there is no TLS under the sessions.
    pub fn door(&self) -> Result<&'a dyn TlsDoor, Finding> {
        self.target()?.tls().ok_or(Finding::Unsupported(Because::Needs("TLS under the sessions of the link")))
    }

    /// A scripted MN on a session that the case opened itself.
    pub fn mn_on(&mut self, session: Box<dyn Session>) -> MnPlayer {
        self.player(session, self.identity)
    }

    fn player(&mut self, session: Box<dyn Session>, identity: &Identity) -> MnPlayer {
        let (profile, wait) = (self.setup.profile, self.setup.wait);
        MnPlayer::new(session, identity.clone(), profile, self.random(), wait)
    }

    fn target(&self) -> Result<&'a dyn Target, Finding> {
        self.setup.target()
    }

    /// Spare identities of a form that the case needs; at least one.
    ///
    /// # Errors
    /// Unsupported when the file of identities has none: then the target knows none.
    pub fn spare(&self, wanted: impl Fn(&Identity) -> bool) -> Result<Vec<Lease<'a>>, Finding> {
        let leases = self.setup.identities.spare(wanted);
        if leases.is_empty() {
            return Err(Finding::Unsupported(Because::Needs(
                "a spare identity of that form; `mip6-conform provision` makes one of each",
            )));
        }
        Ok(leases)
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
        if self.target()?.parts() == Parts::HaAlone {
            return self.provisioned(suites, Some(scope), Life::Lasting);
        }
        let earlier = |finding: Finding| match finding {
            Finding::Fails(failure) | Finding::Warns(failure) => {
                Finding::Inconclusive(Because::Prerequisite(format!("bootstrap: {}", failure.observed)))
            }
            other => other,
        };
        self.exchange_with(suites, scope).and_then(|exchange| exchange.grant()).map_err(earlier)
    }

    /// An association of the file.
    fn provisioned(
        &mut self,
        suites: &[Ciphersuite],
        scope: Option<Scope>,
        life: Life,
    ) -> Result<Grant, Finding> {
        let taken = self.setup.associations.take(suites, scope, life, now().as_secs());
        let provisioned = taken.ok_or(Finding::Unsupported(Because::Needs(match life {
            Life::Lasting => "another association in the file of --sa",
            Life::EndsSoon => "an association that ends within two minutes, in a file of --sa",
            Life::Ended => "an association that has ended, in a file of --sa",
        })))?;
        self.mn_id = Some(provisioned.mn_id);
        Ok(provisioned.grant)
    }

    /// A tunnel end with an SA of the file that lives so long.
    ///
    /// # Errors
    /// Unsupported when there is none.
    pub fn tunnel_of_life(&mut self, life: Life, scope: Option<Scope>) -> Result<Tunnel, Finding> {
        let grant = self.provisioned(&Ciphersuite::ALL, scope, life)?;
        self.tunnel_over(grant)
    }

    /// The next SA of the MN behind `tunnel`, of the same suite and scope, as after a change of keys.
    ///
    /// # Errors
    /// Inconclusive when there is none.
    pub fn renewed(&mut self, tunnel: &Tunnel) -> Result<Tunnel, Finding> {
        let (suite, scope) = (tunnel.grant.sa.suite, tunnel.grant.sa.scope);
        let grant = match self.target()?.parts() {
            Parts::HacAndHa => self.grant_of_any_scope(&[suite], scope)?,
            Parts::HaAlone => {
                let next = self.mn_id.as_deref().and_then(|mn_id| self.setup.associations.take_of(mn_id));
                let none = "two associations of one MN in the file of --sa";
                next.ok_or(Finding::Inconclusive(Because::Needs(none)))?.grant
            }
        };
        if grant.bootstrap.ip6_hoa != Some(tunnel.home) {
            let what = "the MN has another home address under its next SA".to_owned();
            return Err(Finding::Inconclusive(Because::Prerequisite(what)));
        }
        self.tunnel_over(grant)
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

    /// A tunnel end with the SA of this grant.
    ///
    /// # Errors
    /// Inconclusive when there is no HA to talk to.
    pub fn tunnel_over(&mut self, grant: Grant) -> Result<Tunnel, Finding> {
        let socket = self.datagrams(&grant)?;
        let mut ivs = ChaCha20Rng::from_seed(self.random());
        let fill = Box::new(move |iv: &mut [u8]| ivs.fill_bytes(iv));
        let correspondents = Correspondents { ip6: self.setup.correspondent, ip4: self.setup.correspondent4 };
        Tunnel::new(grant, socket, correspondents, self.setup.wait, fill)
    }

    /// A new flow of datagrams to the HA of `grant`, from a port of its own.
    ///
    /// # Errors
    /// Inconclusive when there is none.
    pub fn datagrams(&self, grant: &Grant) -> Result<Box<dyn Datagrams>, Finding> {
        let target = self.target()?;
        let ha = self.ha_address(grant)?;
        let socket = target
            .datagrams(ha)
            .map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string())))?;
        if let Some(recorder) = &self.setup.recorder {
            recorder.associate(socket.local(), ha, grant.sa.clone());
        }
        Ok(socket)
    }

    /// A tunnel whose binding the HA has acknowledged, fit for packets of that kind.
    ///
    /// # Errors
    /// Inconclusive when the HA does not accept an honest Binding Update.
    pub fn bound_tunnel(&mut self, carrier: Carrier) -> Result<Tunnel, Finding> {
        let mut tunnel = match carrier {
            Carrier::BindingUpdate => self.signaling_tunnel()?,
            Carrier::ProtectedEcho | Carrier::ProtectedEcho4 => self.tunnel(Scope::AllTraffic)?,
            Carrier::PlainEcho | Carrier::PlainEcho4 => self.tunnel(Scope::SignalingOnly)?,
        };
        register(&mut tunnel)?;
        Ok(tunnel)
    }

    /// Registrations and user data in turn, all honest, kept for a judgement of what the HA sends.
    ///
    /// # Errors
    /// Inconclusive when a registration is not acknowledged.
    pub fn stay(&mut self) -> Result<Stay, Finding> {
        let tunnel = self.signaling_tunnel()?;
        self.stay_in(tunnel)
    }

    /// The same in a tunnel that was just opened.
    ///
    /// # Errors
    /// As [`Self::stay`].
    pub fn stay_in(&mut self, mut tunnel: Tunnel) -> Result<Stay, Finding> {
        let echo = match tunnel.grant.sa.scope {
            Scope::AllTraffic => Carrier::ProtectedEcho,
            Scope::SignalingOnly => Carrier::PlainEcho,
        };
        let mut registrations = Vec::new();
        for _ in 0..3 {
            registrations.push(register(&mut tunnel)?);
            if self.setup.correspondent.is_some() {
                // Whether it is answered is the matter of other cases.
                tunnel.ask(echo)?;
            }
        }
        let Tunnel { grant, home, ha, heard, .. } = tunnel;
        Ok(Stay { profile: self.setup.profile, grant, home, ha, registrations, heard })
    }

    /// The longest that a case may let time pass.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.setup.target.as_deref().map_or(Duration::ZERO, Target::patience)
    }

    /// Where the HA of `grant` is.
    ///
    /// # Errors
    /// Inconclusive when nobody says.
    pub fn ha_address(&self, grant: &Grant) -> Result<SocketAddr, Finding> {
        if let Some(ha) = self.setup.ha {
            return Ok(ha);
        }
        let port = grant.bootstrap.port.map_or(DEFAULT_PORT, |port| port.get());
        // A HAC that is reached over IPv4 hands out the HA's IPv4 address to be used there (reading SA-09).
        let ip4 = grant.bootstrap.haa_ip4.map(|ip| SocketAddr::from((ip, port)));
        let ip6 = grant.bootstrap.haa_ip6.map(|ip| SocketAddr::from((ip, port)));
        let prefers_ip4 = self.setup.target.as_deref().is_some_and(|target| target.is_ip4());
        let choice = if prefers_ip4 { ip4.or(ip6) } else { ip6.or(ip4) };
        choice.ok_or(Finding::Inconclusive(Because::Needs(
            "--ha ADDR:PORT, since the HAC hands out no HA address",
        )))
    }
}

/// Sends an honest Binding Update and waits for its acceptance; gives both. When the HA still knows a binding of an
/// earlier case, the update is sent again with the number that follows the one in the answer.
///
/// # Errors
/// Inconclusive with what came instead.
pub fn register(tunnel: &mut Tunnel) -> Result<Acknowledged, Finding> {
    let unaccepted = |what: String| {
        Finding::Inconclusive(Because::ControlUnanswered(format!("an honest Binding Update got {what}")))
    };
    let (update, ack) = tunnel.register(LIFETIME)?.map_err(unaccepted)?;
    if ack.status.accepted() {
        return Ok((update, ack));
    }
    if ack.status != BindingStatus::SEQUENCE_OUT_OF_WINDOW {
        return Err(unaccepted(TunnelAnswer::Acknowledgement(ack).describe()));
    }
    tunnel.resynchronise(ack.sequence);
    match tunnel.register(LIFETIME)?.map_err(unaccepted)? {
        (update, ack) if ack.status.accepted() => Ok((update, ack)),
        (_, ack) => Err(unaccepted(TunnelAnswer::Acknowledgement(ack).describe())),
    }
}

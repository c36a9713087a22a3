//! An MN under test visits our players: HAC first, HA after it.

pub mod by_eap;

use core::time::Duration;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use wire::message::{Bootstrap, Grant, KeyOctets, SaData};
use wire::param::Name;
use wire::value::{Ciphersuite, Date, Port, Scope, Spi, SuiteList};

use crate::bench::Bench;
use crate::case::{Fault, Stage};
use crate::finding::{Because, Finding};
use crate::judge::stayed_away;
use crate::link::{Accepted, Arrived, Invitation, Launched, MnMethod};
use crate::player::{Answer, HaPlayer, HacPlayer, Reply, Visit, now};

/// How long the SAs that we grant last.
const SA_LIFETIME: Duration = Duration::from_secs(3600);

/// Suites that encrypt come first (MS-13).
const PREFERENCE: [Ciphersuite; 5] = [
    Ciphersuite::Aes128Sha,
    Ciphersuite::Aes128Sha256,
    Ciphersuite::TripleDesSha,
    Ciphersuite::NullSha256,
    Ciphersuite::NullSha,
];

const FALLBACK_SPI: Spi = match Spi::new(0x0bad_05b1) {
    Some(spi) => spi,
    None => unreachable!(),
};

/// An MN that has connected and waits for answers.
pub struct Guest {
    mn: Box<dyn Launched>,
    hac: HacPlayer,
    grant: Grant,
    wait: Duration,
}

/// A whole visit in which we are honest: bootstrap, then the first datagram to the HA.
///
/// # Errors
/// A finding that says how far the MN came.
pub fn honest(bench: &mut Bench<'_>) -> Result<Visit, Finding> {
    let mut guest = welcome(bench)?;
    let (init, done) = guest.bootstrap()?;
    let ending = guest.hac.closing().ok();
    let (registered_from, registration) = guest.datagram()?;
    Ok(Visit {
        identity: bench.identity().clone(),
        profile: bench.setup().profile,
        binding: guest.hac.binding(),
        hac_rand: guest.hac.hac_rand(),
        grant: guest.grant,
        init,
        done,
        ending,
        registration,
        registered_from,
    })
}

/// An MN that was bootstrapped, and the HA that it now speaks to.
///
/// # Errors
/// A finding that says how far the MN came.
pub fn bootstrapped(bench: &mut Bench<'_>) -> Result<(Guest, HaPlayer), Finding> {
    let mut guest = welcome(bench)?;
    guest.bootstrap()?;
    let ha = HaPlayer::new(guest.grant.clone())?;
    Ok((guest, ha))
}

/// Starts the MN and waits for its TLS session.
///
/// # Errors
/// Inconclusive when it does not come.
pub fn welcome(bench: &mut Bench<'_>) -> Result<Guest, Finding> {
    welcome_by(bench, MnMethod::Psk)
}

fn welcome_by(bench: &mut Bench<'_>, method: MnMethod) -> Result<Guest, Finding> {
    let launcher =
        bench.setup().launcher.as_deref().ok_or(Finding::Inconclusive(Because::Needs("--exec CMD")))?;
    if method != MnMethod::Psk && !launcher.tells_the_method() {
        return Err(Finding::Unsupported(Because::Needs(
            "{method} in --exec, to tell the MN how to authenticate",
        )));
    }
    let (identity, wait) = (bench.identity().clone(), bench.setup().wait);
    let invitation = Invitation { mn_id: identity.mn_id.clone(), psk: identity.psk.clone(), method };
    let lost = |what: String| Finding::Inconclusive(Because::Prerequisite(what));
    let mut mn = launcher.launch(&invitation).map_err(|error| lost(error.to_string()))?;
    let session = match mn.accept(wait) {
        Accepted::Session(session) => session,
        Accepted::Exited(code) => return Err(lost(format!("the MN never connected: {}", exited(code)))),
        Accepted::Refused(error) => return Err(lost(error.to_string())),
        Accepted::Silence => return Err(lost("the MN did not connect in time".to_owned())),
    };
    let hac = HacPlayer::new(session, identity, bench.setup().profile, bench.random(), wait);
    let grant = grant(bench, mn.ha());
    Ok(Guest { mn, hac, grant, wait })
}

impl Guest {
    /// Answers both requests honestly; gives them.
    ///
    /// # Errors
    /// What came instead of a request.
    pub fn bootstrap(&mut self) -> Result<(Reply, Reply), Finding> {
        let (init, done) = self.as_far_as_done()?;
        let response = self.hac.final_response(self.grant.clone());
        self.hac.send(&response)?;
        self.hac.close();
        Ok((init, done))
    }

    /// Answers the first request honestly; gives both.
    fn as_far_as_done(&mut self) -> Result<(Reply, Reply), Finding> {
        let init = self.hac.request().reply("request MHAuth-Init")?;
        self.hac.send(&self.hac.init_response())?;
        let done = self.hac.request().reply("request MHAuth-Done after an honest response")?;
        self.adopt_suite(&done);
        Ok((init, done))
    }

    /// Answers with one fault and says what the MN did that it must not, if anything.
    ///
    /// # Errors
    /// A finding when the visit does not get as far as the fault.
    pub fn answer_with(&mut self, fault: Fault) -> Result<Option<String>, Finding> {
        let honest = match fault.at {
            Stage::Init => {
                self.hac.request().reply("request MHAuth-Init")?;
                self.hac.init_response()
            }
            Stage::Done => {
                self.as_far_as_done()?;
                self.hac.final_response(self.grant.clone())
            }
        };
        self.hac.send_faulty(honest, fault.apply)?;
        if fault.at == Stage::Done {
            self.hac.close();
        }
        match self.hac.request() {
            Answer::Closed(..) => {}
            Answer::Reply(request) => return Ok(Some(format!("another request: {}", request.describe()))),
            Answer::Silence(_) => return Ok(Some("the connection left open".to_owned())),
        }
        Ok(stayed_away(&self.mn.receive(self.wait)))
    }

    /// Waits for the next datagram to the HA, and where it comes from.
    ///
    /// # Errors
    /// A failure when there is none in time.
    pub fn datagram(&mut self) -> Result<(SocketAddr, Vec<u8>), Finding> {
        let expected = "a datagram to the HA that was handed out";
        match self.mn.receive(self.wait) {
            Arrived::Datagram { from, octets } => Ok((from, octets)),
            Arrived::Exited(code) => Err(Finding::fails(expected, exited(code))),
            Arrived::Silence => Err(Finding::fails(expected, "none in time")),
        }
    }

    /// Grants for so long and no longer.
    pub fn grant_for(&mut self, lifetime: Duration) {
        self.grant.sa.validity_end = Date::from_unix_seconds((now() + lifetime).as_secs());
    }

    /// Sends a datagram from the HA player.
    ///
    /// # Errors
    /// Our own socket failed.
    pub fn send(&mut self, to: SocketAddr, octets: &[u8]) -> Result<(), Finding> {
        self.mn.send(to, octets).map_err(|error| Finding::Harness(error.to_string()))
    }

    /// The MN itself, for scripts that go on after the bootstrap.
    pub fn mn(&mut self) -> &mut dyn Launched {
        self.mn.as_mut()
    }

    /// How long a wait for the MN lasts.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// An honest HAC selects a suite that was offered.
    fn adopt_suite(&mut self, done: &Reply) {
        let offered = done.raw(Name::Suitelist).and_then(|value| SuiteList::parse(value).ok());
        let mut preferred = PREFERENCE.into_iter();
        let chosen = offered.and_then(|offered| preferred.find(|suite| offered.0.contains(&suite.code())));
        if let Some(suite) = chosen {
            self.grant.sa.suite = suite;
            self.grant.sa.mn_to_ha = keys(suite, 0x11);
            self.grant.sa.ha_to_mn = keys(suite, 0x55);
        }
    }
}

fn exited(code: Option<i32>) -> String {
    code.map_or_else(|| "it ended by a signal".to_owned(), |code| format!("it ended with exit status {code}"))
}

fn grant(bench: &mut Bench<'_>, ha: SocketAddr) -> Grant {
    // One draw in 2^28 is 0, which is no SPI.
    let spi = Spi::new(u32::from_be_bytes(bench.random()) & Spi::MAX).unwrap_or(FALLBACK_SPI);
    let suite = Ciphersuite::Aes128Sha;
    let home = Ipv6Addr::new(0x2001, 0xdb8, 0x66, 0x18, 0, 0, 0, 0x10);
    let mut bootstrap = Bootstrap { port: Port::new(ha.port()), ip6_hoa: Some(home), ..Bootstrap::default() };
    match ha.ip() {
        IpAddr::V6(address) => bootstrap.haa_ip6 = Some(address),
        IpAddr::V4(address) => {
            bootstrap.haa_ip4 = Some(address);
            bootstrap.haa_ip6 = Some(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1));
        }
    }
    let sa = SaData {
        suite,
        scope: Scope::AllTraffic,
        spi,
        mn_to_ha: keys(suite, 0x11),
        ha_to_mn: keys(suite, 0x55),
        validity_end: Date::from_unix_seconds((now() + SA_LIFETIME).as_secs()),
    };
    Grant { sa, bootstrap }
}

/// Test keys that differ by direction and purpose; legal for 3DES too.
fn keys(suite: Ciphersuite, start: u8) -> KeyOctets {
    let algorithms = crypto::ciphersuite::algorithms(suite);
    let run = |from: u8, len: usize| (0..len).map(|at| from.wrapping_add(7 * at as u8)).collect::<Vec<_>>();
    let ekey_len = algorithms.ekey_len;
    KeyOctets {
        ikey: run(start, algorithms.ikey_len),
        ekey: (ekey_len > 0).then(|| run(start ^ 0x80, ekey_len)),
    }
}

//! An MN under test visits our players: HAC first, HA after it.

use core::net::Ipv6Addr;
use core::time::Duration;

use wire::message::{Bootstrap, Grant, KeyOctets, SaData};
use wire::param::Name;
use wire::value::{Ciphersuite, Date, Port, Scope, Spi, SuiteList};

use crate::bench::Bench;
use crate::case::{Fault, Stage};
use crate::finding::{Because, Finding};
use crate::judge::stayed_away;
use crate::link::{Accepted, Arrived, Invitation, Launched};
use crate::player::{Answer, HacPlayer, MessageForge, Reply, Visit, now};

/// How long the SAs that we grant last.
const SA_LIFETIME: Duration = Duration::from_secs(3600);

const FALLBACK_SPI: Spi = match Spi::new(0x0bad_5b1) {
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
    let (init, done) = guest.bootstrap(|_| {}, |_| {})?;
    let ending = guest.hac.closing().ok();
    let registration = match guest.mn.receive(guest.wait) {
        Arrived::Datagram { octets, .. } => octets,
        Arrived::Exited(code) => {
            return Err(Finding::fails("a Binding Update after the bootstrap", exited(code)));
        }
        Arrived::Silence => {
            return Err(Finding::fails("a Binding Update after the bootstrap", "no datagram in time"));
        }
    };
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
    })
}

/// Starts the MN and waits for its TLS session.
///
/// # Errors
/// Inconclusive when it does not come.
pub fn welcome(bench: &mut Bench<'_>) -> Result<Guest, Finding> {
    let launcher =
        bench.setup().launcher.as_deref().ok_or(Finding::Inconclusive(Because::Needs("--exec CMD")))?;
    let (identity, wait) = (bench.identity().clone(), bench.setup().wait);
    let invitation = Invitation { mn_id: identity.mn_id.clone(), psk: identity.psk.clone() };
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
    /// Answers both requests; gives them.
    ///
    /// # Errors
    /// What came instead of a request.
    pub fn bootstrap(
        &mut self,
        init_change: impl FnOnce(&mut MessageForge),
        done_change: impl FnOnce(&mut MessageForge),
    ) -> Result<(Reply, Reply), Finding> {
        let init = self.hac.request().reply("request MHAuth-Init")?;
        let mut response = self.hac.init_response();
        init_change(&mut response);
        self.hac.send(&response)?;
        let done = self.hac.request().reply("request MHAuth-Done after an honest response")?;
        self.adopt_suite(&done);
        let mut response = self.hac.final_response(self.grant.clone());
        done_change(&mut response);
        self.hac.send(&response)?;
        self.hac.close();
        Ok((init, done))
    }

    /// Answers with one fault and says what the MN did that it must not, if anything.
    ///
    /// # Errors
    /// A finding when the visit does not get as far as the fault.
    pub fn answer_with(&mut self, fault: Fault) -> Result<Option<String>, Finding> {
        match fault.at {
            Stage::Init => {
                self.hac.request().reply("request MHAuth-Init")?;
                let mut response = self.hac.init_response();
                (fault.apply)(&mut response);
                self.hac.send(&response)?;
            }
            Stage::Done => {
                self.bootstrap(|_| {}, fault.apply)?;
            }
        }
        match self.hac.request() {
            Answer::Closed(..) => {}
            Answer::Reply(request) => return Ok(Some(format!("another request: {}", request.describe()))),
            Answer::Silence(_) => return Ok(Some("the connection left open".to_owned())),
        }
        Ok(stayed_away(&self.mn.receive(self.wait)))
    }

    /// The MN itself, for scripts that go on after the bootstrap.
    pub fn mn(&mut self) -> &mut dyn Launched {
        self.mn.as_mut()
    }

    /// What we grant.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// An honest HAC selects a suite that was offered.
    fn adopt_suite(&mut self, done: &Reply) {
        let offered = done.raw(Name::Suitelist).and_then(|value| SuiteList::parse(value).ok());
        let mut known = Ciphersuite::ALL.into_iter();
        if let Some(suite) = offered.and_then(|offered| known.find(|suite| offered.0.contains(&suite.code())))
        {
            self.grant.sa.suite = suite;
            self.grant.sa.mn_to_ha = keys(suite, 0x11);
            self.grant.sa.ha_to_mn = keys(suite, 0x55);
        }
    }
}

fn exited(code: Option<i32>) -> String {
    code.map_or_else(|| "it ended by a signal".to_owned(), |code| format!("it ended with exit status {code}"))
}

fn grant(bench: &mut Bench<'_>, ha: std::net::SocketAddr) -> Grant {
    // One draw in 2^28 is 0, which is no SPI.
    let spi = Spi::new(u32::from_be_bytes(bench.random()) & Spi::MAX).unwrap_or(FALLBACK_SPI);
    let suite = Ciphersuite::Aes128Sha;
    let home = Ipv6Addr::new(0x2001, 0xdb8, 0x66, 0x18, 0, 0, 0, 0x10);
    let mut bootstrap = Bootstrap { port: Port::new(ha.port()), ip6_hoa: Some(home), ..Bootstrap::default() };
    match ha.ip() {
        std::net::IpAddr::V6(address) => bootstrap.haa_ip6 = Some(address),
        std::net::IpAddr::V4(address) => {
            bootstrap.haa_ip4 = Some(address);
            bootstrap.haa_ip6 = Some(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1));
        }
    }
    let sa = SaData {
        suite,
        scope: Scope::AllTraffic,
        spi: spi,
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

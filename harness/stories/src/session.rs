//! The way from MN to HAC: one TLS connection, or two with somebody between them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crypto::channel_binding::ChannelBinding;
use proto::Random as _;
use proto::hac::ConnId;
use rustls_pki_types::ServerName;
use sim::SeededRandom;
use suite::evidence::{Recorder, What};

use crate::make::MakeError;
use crate::plan::{Between, Plan};
use crate::tls::{Arrived, Authority, End, Leg, Server, Terms, provider};

const HAC_NAME: &str = "hac.conform.example";
const HAC_PORT: u16 = 4433;
const FIRST_PORT: u16 = 50_000;

/// What all sessions of a story have in common.
pub(crate) struct Path {
    terms: Terms,
    servers: Vec<Listening>,
    recorder: Arc<Recorder>,
    sessions: u16,
}

/// A server on the way, the MN's own counterpart first.
struct Listening {
    at: SocketAddr,
    server: Server,
}

/// Why there is no way.
pub(crate) struct PathError(pub(crate) MakeError);

impl<E: Into<MakeError>> From<E> for PathError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl Path {
    pub(crate) fn new(plan: &Plan, mut random: SeededRandom, hac: IpAddr) -> Result<Self, PathError> {
        let authority = Authority::new()?;
        let mut private = || {
            let mut octets = [0; 32];
            random.fill(&mut octets);
            octets
        };
        let mut servers = vec![Listening {
            at: SocketAddr::new(hac, HAC_PORT),
            server: authority.issue(HAC_NAME, 2, private())?,
        }];
        if plan.network.between == Between::ManInTheMiddle {
            let server = authority.issue(HAC_NAME, 3, private())?;
            servers.insert(0, Listening { at: SocketAddr::new(elsewhere(hac), HAC_PORT), server });
        }
        let recorder = Recorder::shared();
        let terms = Terms {
            provider: provider(random),
            tls: plan.network.tls,
            root: authority.root(),
            name: ServerName::try_from(HAC_NAME).map_err(std::io::Error::other)?,
            key_log: recorder.clone(),
        };
        Ok(Self { terms, servers, recorder, sessions: 0 })
    }

    /// Lines of an NSS key log.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.recorder.snapshot().secrets
    }

    /// Opens the connections that lead from the MN at this address to the HAC.
    pub(crate) fn open(&mut self, mn: IpAddr) -> Result<Session, MakeError> {
        let port = FIRST_PORT + self.sessions;
        self.sessions += 1;
        let mut from = mn;
        let mut hops = Vec::new();
        for Listening { at, server } in &self.servers {
            let leg = Leg::new(&self.terms, server)?;
            hops.push(Hop {
                leg,
                ends: (SocketAddr::new(from, port), *at),
                client: Life::Open,
                server: Life::Open,
            });
            from = at.ip();
        }
        Ok(Session { hops, conn: None, is_over: false, number: self.sessions })
    }
}

/// Another host of the same network.
fn elsewhere(hac: IpAddr) -> IpAddr {
    match hac {
        IpAddr::V4(_) => IpAddr::from([198, 51, 100, 66]),
        IpAddr::V6(_) => IpAddr::from([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]),
    }
}

/// One exchange's connections.
pub(crate) struct Session {
    hops: Vec<Hop>,
    pub(crate) conn: Option<ConnId>,
    /// The MN closed it, or knows that it is closed.
    pub(crate) is_over: bool,
    pub(crate) number: u16,
}

struct Hop {
    leg: Leg,
    ends: (SocketAddr, SocketAddr),
    client: Life,
    server: Life,
}

/// One direction of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    /// close_notify is written, and not yet sent.
    Closing,
    Ended,
}

/// Octets of TLS that are under way.
pub(crate) struct Flight {
    pub(crate) session: u16,
    hop: usize,
    to: End,
    octets: Vec<u8>,
}

/// What is noted of a session.
pub(crate) struct Note {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) what: What,
}

/// What MN and HAC have to be told.
pub(crate) enum News {
    MnEstablished(ChannelBinding),
    MnHears(Vec<u8>),
    MnClosed,
    HacEstablished(ChannelBinding),
    HacHears(Vec<u8>),
    HacClosed,
}

impl Session {
    pub(crate) fn opened(&self) -> Vec<Note> {
        self.hops.iter().map(|hop| Note { from: hop.ends.0, to: hop.ends.1, what: What::Opened }).collect()
    }

    pub(crate) fn mn_says(&mut self, octets: &[u8]) -> Result<(), MakeError> {
        self.hops.first_mut().map_or(Ok(()), |hop| hop.leg.say(End::Client, octets))
    }

    pub(crate) fn hac_says(&mut self, octets: &[u8]) -> Result<(), MakeError> {
        self.hops.last_mut().map_or(Ok(()), |hop| hop.leg.say(End::Server, octets))
    }

    pub(crate) fn mn_closes(&mut self) {
        self.is_over = true;
        if let Some(hop) = self.hops.first_mut() {
            hop.close(End::Client);
        }
    }

    pub(crate) fn hac_closes(&mut self) {
        if let Some(hop) = self.hops.last_mut() {
            hop.close(End::Server);
        }
    }

    /// What leaves now.
    pub(crate) fn take_departures(&mut self) -> Result<Vec<(Note, Option<Flight>)>, MakeError> {
        let mut departures = Vec::new();
        for (number, hop) in self.hops.iter_mut().enumerate() {
            for end in [End::Client, End::Server] {
                let octets = hop.leg.take_written(end)?;
                if !octets.is_empty() {
                    let note = hop.note(end, What::Stream(octets.clone()));
                    let flight = Flight { session: self.number, hop: number, to: end.other(), octets };
                    departures.push((note, Some(flight)));
                }
                if hop.ends_now(end) {
                    departures.push((hop.note(end, What::Ended), None));
                }
            }
        }
        Ok(departures)
    }

    /// Octets arrive at one end of one connection.
    pub(crate) fn arrive(&mut self, flight: &Flight) -> Result<Vec<News>, MakeError> {
        let last = self.hops.len().saturating_sub(1);
        let Some(hop) = self.hops.get_mut(flight.hop) else { return Ok(Vec::new()) };
        let arrived = hop.leg.arrive(flight.to, &flight.octets)?;
        let binding = arrived.established.then(|| hop.leg.binding());
        if arrived.closed {
            hop.close(flight.to);
        }
        let mut news = Vec::new();
        match flight.to {
            End::Client if flight.hop == 0 => {
                news.extend(binding.map(News::MnEstablished));
                news.extend((!arrived.said.is_empty()).then_some(News::MnHears(arrived.said)));
                news.extend(arrived.closed.then_some(News::MnClosed));
            }
            End::Server if flight.hop == last => {
                news.extend(binding.map(News::HacEstablished));
                news.extend((!arrived.said.is_empty()).then_some(News::HacHears(arrived.said)));
                news.extend(arrived.closed.then_some(News::HacClosed));
            }
            End::Client => self.pass_on(flight.hop - 1, End::Server, &arrived)?,
            End::Server => self.pass_on(flight.hop + 1, End::Client, &arrived)?,
        }
        Ok(news)
    }

    /// Whoever is in the middle says on one connection what it was told on the other.
    fn pass_on(&mut self, hop: usize, end: End, arrived: &Arrived) -> Result<(), MakeError> {
        let Some(hop) = self.hops.get_mut(hop) else { return Ok(()) };
        hop.leg.say(end, &arrived.said)?;
        if arrived.closed {
            hop.close(end);
        }
        Ok(())
    }
}

impl Hop {
    /// This end says that it is done, unless it has said so.
    fn close(&mut self, end: End) {
        let life = self.life(end);
        if *life == Life::Open {
            *life = Life::Closing;
            self.leg.close(end);
        }
    }

    /// Whether this end's last octets have left, for the first time.
    fn ends_now(&mut self, end: End) -> bool {
        let life = self.life(end);
        let ends = *life == Life::Closing;
        if ends {
            *life = Life::Ended;
        }
        ends
    }

    fn life(&mut self, end: End) -> &mut Life {
        match end {
            End::Client => &mut self.client,
            End::Server => &mut self.server,
        }
    }

    fn note(&self, by: End, what: What) -> Note {
        let (client, server) = self.ends;
        match by {
            End::Client => Note { from: client, to: server, what },
            End::Server => Note { from: server, to: client, what },
        }
    }
}

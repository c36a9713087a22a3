//! Where a story is played: the machines, one virtual clock, and a network on which all ways take the same time.

use std::collections::VecDeque;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::keys::Psk;
use etherparse::PacketBuilder;
use proto::ha::Ha;
use proto::hac::Hac;
use proto::mn::{self, Mn};
use proto::{Machine, Timestamp, correspondent};
use sim::Home;
use suite::evidence::{Association, Event, Tape, What};
use wire::value::Spi;

use crate::attacker::Attacker;
use crate::ear::Ear;
use crate::make::{CORRESPONDENT, Made, MakeError};
use crate::plan::{Auth, Data, Step};
use crate::session::{Flight, News, Note, Path, Session};

/// How long everything is under way.
const WAY: Duration = Duration::from_millis(10);

/// The time that a person lets pass between two steps.
const PAUSE: Duration = Duration::from_millis(500);

/// Arrivals and timeouts that one step may cause.
const MOST: usize = 10_000;

/// Addresses outside the tunnel.
pub(crate) struct Places {
    pub(crate) mn: SocketAddr,
    pub(crate) ha: SocketAddr,
}

/// A story in play.
pub(crate) struct Stage {
    now: Timestamp,
    mn: Mn,
    secret: Psk,
    auth: Auth,
    home: Home<Hac, Ha>,
    path: Path,
    places: Places,
    session: Option<Session>,
    under_way: VecDeque<(Timestamp, Arrival)>,
    attacker: Attacker,
    ear: Ear,
    tape: Tape,
    home_address: Option<Ipv6Addr>,
    spi: Option<Spi>,
    echoes: u16,
}

enum Arrival {
    Tls(Flight),
    AtHa { from: SocketAddr, octets: Vec<u8> },
    AtMn { to: SocketAddr, octets: Vec<u8> },
}

/// A step that cannot be carried out.
pub(crate) enum StepError {
    Impossible(&'static str),
    Failed(MakeError),
}

impl From<MakeError> for StepError {
    fn from(error: MakeError) -> Self {
        Self::Failed(error)
    }
}

impl StepError {
    pub(crate) fn at(self, step: usize) -> MakeError {
        match self {
            Self::Impossible(why) => MakeError::Step { step, why },
            Self::Failed(error) => error,
        }
    }
}

/// Who plays.
pub(crate) struct Players {
    pub(crate) mn: Mn,
    /// What the MN proves that it has.
    pub(crate) secret: Psk,
    pub(crate) auth: Auth,
    pub(crate) home: Home<Hac, Ha>,
}

/// The steps.
impl Stage {
    pub(crate) fn new(players: Players, path: Path, places: Places) -> Self {
        let Players { mn, secret, auth, home } = players;
        Self {
            now: home.now(),
            mn,
            secret,
            auth,
            home,
            path,
            places,
            session: None,
            under_way: VecDeque::new(),
            attacker: Attacker::default(),
            ear: Ear::default(),
            tape: Tape::default(),
            home_address: None,
            spi: None,
            echoes: 0,
        }
    }

    /// Carries a step out, and waits for all that comes of it.
    pub(crate) fn carry_out(&mut self, step: &Step) -> Result<(), StepError> {
        match step {
            Step::Start => self.mn.handle(self.now, mn::Input::Start),
            Step::Echo => self.echo()?,
            Step::Send(data) => self.send_data(*data)?,
            Step::Leave => self.mn.handle(self.now, mn::Input::Deregister),
            Step::Refresh => self.register(),
            Step::Move(address) => {
                self.places.mn.set_ip(*address);
                self.register();
            }
            Step::Rebind(port) => self.places.mn.set_port(*port),
            Step::Reinit => {
                self.home.reinit(self.spi.ok_or(StepError::Impossible("an SA to be renewed"))?);
            }
            Step::Wait(seconds) => return Ok(self.run(Some(self.now + Duration::from_secs(*seconds)))?),
            Step::Replay => self.attack(self.attacker.copy(None))?,
            Step::Forge(part) => self.attack(self.attacker.copy(Some(*part)))?,
            Step::Alter(part) => self.attacker.alters = Some(*part),
        }
        self.run(None)?;
        self.run(Some(self.now + PAUSE))?;
        Ok(())
    }

    fn register(&mut self) {
        self.mn.handle(self.now, mn::Input::Move { care_of: self.places.mn.ip() });
    }

    fn echo(&mut self) -> Result<(), StepError> {
        let from = self.home_address.ok_or(StepError::Impossible("a home address to send from"))?;
        self.echoes += 1;
        let request =
            correspondent::echo_request(from.into(), CORRESPONDENT.into(), 1, self.echoes, b"story");
        self.mn.handle(self.now, mn::Input::FromHost(request.into_iter().collect()));
        Ok(())
    }

    fn send_data(&mut self, data: Data) -> Result<(), StepError> {
        const HOP_LIMIT: u8 = 64;
        const PORTS: (u16, u16) = (50_000, 80);
        let from = self.home_address.ok_or(StepError::Impossible("a home address to send from"))?;
        let ip = PacketBuilder::ipv6(from.octets(), CORRESPONDENT.octets(), HOP_LIMIT);
        let mut packet = Vec::new();
        let written = match data {
            Data::Udp => ip.udp(PORTS.0, PORTS.1).write(&mut packet, b"story"),
            Data::Tcp => ip.tcp(PORTS.0, PORTS.1, 0, u16::MAX).syn().write(&mut packet, b""),
        };
        written.map_err(|_| StepError::Impossible("a packet that can be written"))?;
        self.mn.handle(self.now, mn::Input::FromHost(vec![packet]));
        Ok(())
    }

    /// The attacker sends under the MN's address.
    fn attack(&mut self, octets: Option<Vec<u8>>) -> Result<(), StepError> {
        let octets = octets.ok_or(StepError::Impossible("a datagram that the attacker has seen"))?;
        self.send_to_ha(octets);
        Ok(())
    }

    /// Ends the story.
    pub(crate) fn end(self, identity: (String, Vec<u8>)) -> Made {
        let tape = Tape { secrets: self.path.secrets(), ..self.tape };
        // Of an exchange that failed nobody uses an MSK.
        let msk = self.ear.msk.filter(|_| !tape.associations.is_empty());
        Made { tape, identity, msk, home_address: self.home_address }
    }
}

/// Time.
impl Stage {
    /// Until nothing is under way, or until that moment.
    fn run(&mut self, until: Option<Timestamp>) -> Result<(), MakeError> {
        for _ in 0..MOST {
            self.collect()?;
            let Some(next) = self.next(until) else {
                if let Some(end) = until {
                    self.advance(end);
                }
                return Ok(());
            };
            self.advance(next);
            while self.under_way.front().is_some_and(|(at, _)| *at <= self.now)
                && let Some((_, arrival)) = self.under_way.pop_front()
            {
                self.arrive(arrival)?;
            }
        }
        Err(MakeError::Restless)
    }

    fn next(&self, until: Option<Timestamp>) -> Option<Timestamp> {
        let arrival = self.under_way.front().map(|(at, _)| *at);
        let Some(end) = until else { return arrival };
        let moments = [arrival, self.mn.poll_timeout(), self.home.next_timeout()];
        moments.into_iter().flatten().min().filter(|&next| next <= end)
    }

    fn advance(&mut self, to: Timestamp) {
        self.home.advance(to.since(self.now));
        self.now = to;
        if self.mn.poll_timeout().is_some_and(|due| due <= to) {
            self.mn.handle_timeout(to);
        }
    }
}

/// What the machines want.
impl Stage {
    fn collect(&mut self) -> Result<(), MakeError> {
        while let Some(output) = self.mn.poll_output() {
            self.carry_out_mn(output)?;
        }
        if let Some(session) = &mut self.session
            && let Some(conn) = session.conn
        {
            let octets = self.home.take_sent(conn);
            if !octets.is_empty() {
                let sa = self.ear.hac(&octets);
                let ends = (self.places.mn, self.places.ha);
                self.tape.associations.extend(sa.map(|sa| Association { mn: ends.0, ha: ends.1, sa }));
                session.hac_says(&octets)?;
            }
            if self.home.is_closed(conn) {
                session.hac_closes();
            }
        }
        for (to, octets) in self.home.take_datagrams() {
            self.note(Note { from: self.places.ha, to, what: What::Datagram(octets.clone()) });
            self.depart(Arrival::AtMn { to, octets });
        }
        self.collect_session()
    }

    fn carry_out_mn(&mut self, output: mn::Output) -> Result<(), MakeError> {
        match output {
            mn::Output::Connect => {
                let session = self.path.open(self.places.mn.ip())?;
                session.opened().into_iter().for_each(|note| self.note(note));
                self.session = Some(session);
            }
            mn::Output::Send(octets) => {
                self.ear.mn(&octets, &self.secret);
                let octets = match self.auth {
                    Auth::Computed => octets,
                    Auth::Reflected => self.ear.reflect(octets),
                };
                self.session.as_mut().map_or(Ok(()), |session| session.mn_says(&octets))?;
            }
            mn::Output::Close => {
                self.session.iter_mut().for_each(Session::mn_closes);
            }
            mn::Output::Transmit { octets } => {
                let octets = self.attacker.pass(octets);
                self.send_to_ha(octets);
            }
            mn::Output::Event(mn::Event::Bootstrapped { home, spi, .. }) => {
                (self.home_address, self.spi) = (home.ip6, Some(spi));
            }
            mn::Output::Deliver(_) | mn::Output::Event(_) => {}
        }
        Ok(())
    }

    fn collect_session(&mut self) -> Result<(), MakeError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        for (note, flight) in session.take_departures()? {
            self.note(note);
            if let Some(flight) = flight {
                self.depart(Arrival::Tls(flight));
            }
        }
        Ok(())
    }

    fn send_to_ha(&mut self, octets: Vec<u8>) {
        let (from, to) = (self.places.mn, self.places.ha);
        self.note(Note { from, to, what: What::Datagram(octets.clone()) });
        self.depart(Arrival::AtHa { from, octets });
    }

    fn note(&mut self, Note { from, to, what }: Note) {
        self.tape.events.push(Event { at: self.now.0, from, to, what });
    }

    fn depart(&mut self, arrival: Arrival) {
        self.under_way.push_back((self.now + WAY, arrival));
    }
}

/// What arrives.
impl Stage {
    fn arrive(&mut self, arrival: Arrival) -> Result<(), MakeError> {
        match arrival {
            Arrival::Tls(flight) => self.arrive_in_tls(&flight)?,
            Arrival::AtHa { from, octets } => self.home.datagram(from, octets),
            Arrival::AtMn { to, octets } if to == self.places.mn => {
                self.mn.handle(self.now, mn::Input::Datagrams(vec![octets]));
            }
            // It has left from there.
            Arrival::AtMn { .. } => {}
        }
        self.collect()
    }

    fn arrive_in_tls(&mut self, flight: &Flight) -> Result<(), MakeError> {
        let Some(session) = self.session.as_mut().filter(|session| session.number == flight.session) else {
            return Ok(());
        };
        let news = session.arrive(flight)?;
        let is_over = session.is_over;
        for news in news {
            match (news, session.conn) {
                (News::HacEstablished(binding), _) => session.conn = Some(self.home.connect(binding)),
                (News::HacHears(octets), Some(conn)) => self.home.receive(conn, &octets),
                (News::HacClosed, Some(conn)) => self.home.close(conn),
                (News::MnEstablished(channel_binding), _) => {
                    self.mn.handle(self.now, mn::Input::Established { channel_binding });
                }
                (News::MnHears(octets), _) if !is_over => {
                    self.mn.handle(self.now, mn::Input::Received(octets))
                }
                (News::MnClosed, _) if !is_over => {
                    session.is_over = true;
                    self.mn.handle(self.now, mn::Input::Closed);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

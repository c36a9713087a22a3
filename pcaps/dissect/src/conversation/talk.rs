//! One connection that is ours, or may be: from its streams to its messages.

use core::time::Duration;
use std::sync::Arc;

use crypto::auth::Direction;
use crypto::channel_binding::{BindingError, ChannelBinding, tls_server_end_point};
use wire::container::{Container, HEADER_LEN};
use wire::error::{DecodeError, Have, Need};
use wire::header::lex;
use wire::param::Name;
use wire::value::Method;

use super::Context;
use super::auth::Channel;
use super::breach::{Breach, NotRead, Turn, Unseen, What, Why};
use super::containers::{Containers, Front};
use super::exchange::{Exchange, Said, Verdict};
use super::requirement as id;
use crate::tcp::{Arrival, Side};
use crate::tls::{self, Event, Role, Session, Stop, Weakness};

/// TLS alert close_notify.
const CLOSE_NOTIFY: u8 = 0;

/// Octets that an end may send before it is known what the connection is.
const UNDECIDED_AT_MOST: usize = 1 << 17;

/// What a talk tells.
pub(super) enum Told<'a> {
    /// A message.
    Message(Box<Spoken<'a>>),
    /// Something wrong that belongs to no message.
    Breach(Breach),
    /// Something that cannot be judged.
    Unseen(Unseen),
}

/// A message and what is made of it.
pub(super) struct Spoken<'a> {
    pub(super) by: Direction,
    pub(super) octets: &'a [u8],
    pub(super) verdict: Verdict<'a>,
    /// Who the MN is and how it proves that, as far as this was said by now.
    pub(super) mn_id: Option<Arc<str>>,
    pub(super) method: Option<Method>,
}

/// A connection, above TCP.
pub(super) struct Talk {
    /// The end that plays the TLS client, which is the MN.
    client: Side,
    layer: Layer,
    mn: Party,
    hac: Party,
    exchange: Exchange,
    binding: Option<Result<ChannelBinding, BindingError>>,
    standing: Standing,
    /// What was found before the connection was known to be ours.
    early: Vec<Breach>,
    not_read: Option<Stop>,
    /// The end that closed, the first of both.
    closed: Option<Direction>,
}

enum Layer {
    Tls(Box<Session>),
    /// No TLS: containers on bare TCP.
    Bare,
}

#[derive(Default)]
struct Party {
    containers: Containers,
    has_closed: bool,
    is_lost: bool,
}

/// Whether a connection carries an exchange of RFC 6618.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Not known yet.
    Open,
    Ours,
    /// Something else.
    Foreign,
}

/// What the first octets of a stream look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A TLS handshake.
    Tls,
    /// A container with TV-headers.
    Bare,
    /// Neither.
    Other,
    /// Too few octets to tell.
    Short,
}

/// Looks at the first octets of a stream.
pub(super) fn opening(octets: &[u8]) -> Opening {
    match octets {
        [22, 3, _, _, _, 1, ..] => Opening::Tls,
        [22, 3, ..] | [22] => {
            if octets.len() < tls::HEADER_LEN + 1 {
                Opening::Short
            } else {
                Opening::Other
            }
        }
        _ => match container_of_headers(octets) {
            Some(true) => Opening::Bare,
            Some(false) => Opening::Other,
            None => Opening::Short,
        },
    }
}

/// Whether octets start as a record of TLS does, of whichever content; containers have zeros in most of these bits.
const fn is_tls_record(octets: &[u8]) -> bool {
    matches!(octets, [20..=23] | [20..=23, 3, ..])
}

/// Whether octets start with a container whose Content is made of TV-headers, one of them known; nothing while there
/// are too few octets.
fn container_of_headers(octets: &[u8]) -> Option<bool> {
    let container = Container::new_unchecked(octets);
    if octets.first().is_some_and(|_| container.version() != 0) {
        return Some(false);
    }
    // The name of a header that is known starts with a letter.
    if octets.get(HEADER_LEN).is_some_and(|octet| !octet.is_ascii_alphabetic()) {
        return Some(false);
    }
    if octets.len() < HEADER_LEN || octets.len() < HEADER_LEN + usize::from(container.length()) {
        return None;
    }
    let content = container.content();
    let lexed = lex(content).ok();
    let has_known = lexed.is_some_and(|lexed| lexed.headers.iter().any(|header| header.known().is_some()));
    // Whoever breaks the rules in a later line is ours all the same.
    let first_name = content.split(|&octet| octet == b':').next().and_then(Name::from_octets);
    Some(has_known || first_name.is_some())
}

impl Talk {
    /// A connection whose TLS client is this side.
    pub(super) fn tls(client: Side) -> Self {
        Self::over(client, Layer::Tls(Box::default()))
    }

    /// A connection without TLS, whose first container came from this side.
    pub(super) fn bare(client: Side) -> Self {
        let mut talk = Self::over(client, Layer::Bare);
        let what = What::Turn(Turn::Bare);
        talk.early.push(Breach::new(id::EXCHANGE_INSIDE_TLS, Direction::MnToHac, what));
        talk
    }

    fn over(client: Side, layer: Layer) -> Self {
        Self {
            client,
            layer,
            mn: Party::default(),
            hac: Party::default(),
            exchange: Exchange::default(),
            binding: None,
            standing: Standing::Open,
            early: Vec::new(),
            not_read: None,
            closed: None,
        }
    }

    /// Somebody said that this is a HAC's port.
    pub(super) fn claim(&mut self) {
        self.standing = Standing::Ours;
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.standing == Standing::Foreign
    }

    /// TLS that could not be read at all, without a word on whose it is.
    pub(super) fn is_unread(&self) -> bool {
        self.standing == Standing::Open && self.mn.is_lost && self.hac.is_lost
    }

    /// The end that closed first, if one did.
    pub(super) const fn closed(&self) -> Option<Direction> {
        self.closed
    }

    /// Which side the client is.
    pub(super) const fn client(&self) -> Side {
        self.client
    }

    /// Takes what the TCP stream of a side gave.
    pub(super) fn take(
        &mut self,
        side: Side,
        arrival: Arrival<'_>,
        context: &Context<'_>,
        now: Option<Duration>,
        out: &mut dyn FnMut(Told<'_>),
    ) {
        let role = if side == self.client { Role::Client } else { Role::Server };
        match (&mut self.layer, arrival) {
            // It speaks TLS, and says so to an MN that does not: that is no container.
            (Layer::Bare, Arrival::Octets { octets, .. })
                if role == Role::Server && self.hac.containers.is_untouched() && is_tls_record(octets) =>
            {
                self.hac.is_lost = true;
            }
            (Layer::Bare, Arrival::Octets { octets, .. }) => {
                self.hear(direction(role), octets, context, now, out);
            }
            (Layer::Bare, Arrival::Gap(octets)) => self.stopped(direction(role), Stop::Gap(octets), out),
            (_, Arrival::Finished) => {
                self.read(context, now, out, |session, _, tell| session.finish(role, tell));
                self.finished(direction(role), out);
            }
            (_, Arrival::Reset) => {
                self.closes(direction(role));
                // An MN that gives up may have waited for long enough.
                self.end(now, &mut |told| {
                    if let Told::Breach(_) = told {
                        out(told);
                    }
                });
                // There is nothing left that the other end could close.
                (self.mn.has_closed, self.hac.has_closed) = (true, true);
            }
            (_, Arrival::Rewritten) if self.standing == Standing::Ours => {
                out(Told::Unseen(Unseen { requirement: id::LOCKSTEP, why: Why::Rewritten }));
            }
            (_, Arrival::Rewritten) => {}
            (Layer::Tls(_), Arrival::Octets { octets, .. }) => {
                self.read(context, now, out, |session, log, tell| session.take(role, octets, log, tell));
            }
            (Layer::Tls(_), Arrival::Gap(gap)) => {
                self.read(context, now, out, |session, _, tell| session.lose(role, gap, tell));
            }
        }
    }

    /// The connection or the capture is at its end, at this time.
    pub(super) fn end(&self, now: Option<Duration>, out: &mut dyn FnMut(Told<'_>)) {
        if self.standing != Standing::Ours {
            return;
        }
        match self.exchange.end(self.hac.has_closed, self.mn.has_closed, now) {
            Ok(breaches) => breaches.into_iter().for_each(|breach| out(Told::Breach(breach))),
            Err(unseen) => out(Told::Unseen(unseen)),
        }
    }
}

const fn direction(role: Role) -> Direction {
    match role {
        Role::Client => Direction::MnToHac,
        Role::Server => Direction::HacToMn,
    }
}

/// What a session told, kept until the session is not borrowed any more.
enum Kept {
    Application(Vec<u8>),
    Negotiated(tls::Negotiated),
    Alert(u8),
    Renegotiation,
    Stopped(Stop),
}

impl Talk {
    fn read(
        &mut self,
        context: &Context<'_>,
        now: Option<Duration>,
        out: &mut dyn FnMut(Told<'_>),
        step: impl FnOnce(&mut Session, &tls::KeyLog, &mut dyn FnMut(Role, Event<'_>)),
    ) {
        let Layer::Tls(session) = &mut self.layer else { return };
        let mut kept = Vec::new();
        step(session, context.log, &mut |role, event| {
            kept.push((
                role,
                match event {
                    Event::Application(octets) => Kept::Application(octets.to_vec()),
                    Event::Negotiated(chosen) => Kept::Negotiated(chosen),
                    Event::Alert { description } => Kept::Alert(description),
                    Event::Renegotiation => Kept::Renegotiation,
                    Event::Stopped(stop) => Kept::Stopped(stop),
                },
            ));
        });
        for (role, event) in kept {
            let by = direction(role);
            match event {
                Kept::Application(octets) => self.hear(by, &octets, context, now, out),
                Kept::Negotiated(chosen) => self.negotiated(chosen, out),
                Kept::Alert(CLOSE_NOTIFY) => self.closes(by),
                Kept::Alert(_) => {}
                Kept::Renegotiation => {
                    // The HAC is the one that must not let it happen.
                    let what = What::Turn(Turn::Renegotiated);
                    self.tell(Breach::new(id::NO_RENEGOTIATION, Direction::HacToMn, what), out);
                }
                Kept::Stopped(stop) => self.stopped(by, stop, out),
            }
        }
    }

    fn negotiated(&mut self, chosen: tls::Negotiated, out: &mut dyn FnMut(Told<'_>)) {
        let requirement = match tls::weakness(chosen.suite) {
            Some(Weakness::NoCertificate) => id::NO_PSK_OR_ANONYMOUS_TLS,
            Some(Weakness::NoEncryption) => id::TLS_SUITES_PROTECT,
            None => return,
        };
        self.tell(Breach::new(requirement, Direction::HacToMn, What::TlsSuite(chosen.suite)), out);
    }

    fn stopped(&mut self, by: Direction, stop: Stop, out: &mut dyn FnMut(Told<'_>)) {
        let is_first = self.not_read.is_none();
        self.not_read.get_or_insert(stop);
        self.party(by).is_lost = true;
        self.exchange.lose_sight();
        if is_first && self.standing == Standing::Ours {
            let why = Why::Tls(NotRead(stop));
            out(Told::Unseen(Unseen { requirement: id::LOCKSTEP, why }));
        }
    }

    fn finished(&mut self, by: Direction, out: &mut dyn FnMut(Told<'_>)) {
        self.closes(by);
        let party = self.party(by);
        if party.is_lost {
            return;
        }
        if let Some((need, have)) = party.containers.rest() {
            let what = What::Turn(Turn::CutShort { need, have });
            self.tell(Breach::new(id::LENGTH_COUNTS_CONTENT, by, what), out);
        }
    }

    fn closes(&mut self, by: Direction) {
        self.closed.get_or_insert(by);
        self.party(by).has_closed = true;
    }

    const fn party(&mut self, by: Direction) -> &mut Party {
        match by {
            Direction::MnToHac => &mut self.mn,
            Direction::HacToMn => &mut self.hac,
        }
    }

    /// Tells a breach now, or once the connection is known to be ours.
    fn tell(&mut self, breach: Breach, out: &mut dyn FnMut(Told<'_>)) {
        match self.standing {
            Standing::Ours => out(Told::Breach(breach)),
            Standing::Open => self.early.push(breach),
            Standing::Foreign => {}
        }
    }

    /// Octets of an end, out of TLS.
    fn hear(
        &mut self,
        by: Direction,
        octets: &[u8],
        context: &Context<'_>,
        now: Option<Duration>,
        out: &mut dyn FnMut(Told<'_>),
    ) {
        if self.party(by).is_lost || self.standing == Standing::Foreign {
            return;
        }
        self.party(by).containers.push(octets);
        if self.standing == Standing::Open {
            let waiting = self.party(by).containers.waiting();
            match container_of_headers(waiting) {
                None if waiting.len() < UNDECIDED_AT_MOST => return,
                Some(true) => self.standing = Standing::Ours,
                _ => {
                    self.standing = Standing::Foreign;
                    return;
                }
            }
        }
        core::mem::take(&mut self.early).into_iter().for_each(|breach| out(Told::Breach(breach)));
        self.bind();
        self.messages(by, context, now, out);
    }

    /// The channel binding, once the certificate is there.
    fn bind(&mut self) {
        if let (None, Layer::Tls(session)) = (&self.binding, &self.layer) {
            self.binding = session.certificate().map(tls_server_end_point);
        }
    }

    fn messages(
        &mut self,
        by: Direction,
        context: &Context<'_>,
        at: Option<Duration>,
        out: &mut dyn FnMut(Told<'_>),
    ) {
        let certificate = match &self.layer {
            Layer::Tls(session) => session.certificate(),
            Layer::Bare => None,
        };
        let channel = Channel {
            certificate,
            binding: self.binding.as_ref(),
            credentials: context.credentials,
            profile: context.profile,
        };
        let party = match by {
            Direction::MnToHac => &mut self.mn,
            Direction::HacToMn => &mut self.hac,
        };
        loop {
            match party.containers.take() {
                Front::Complete(octets) => {
                    let verdict = self.exchange.take(Said { by, octets, at }, &channel);
                    let (mn_id, method) = (self.exchange.told_mn_id(), self.exchange.method);
                    out(Told::Message(Box::new(Spoken { by, octets, verdict, mn_id, method })));
                }
                Front::Foreign(octets) => {
                    party.is_lost = true;
                    let is_later = self.exchange.identifier.is_some();
                    self.exchange.lose_sight();
                    return out(Told::Breach(foreign(by, octets, is_later)));
                }
                Front::Incomplete => return,
            }
        }
    }
}

/// Octets that start no container: of another version, or what no Length counted.
fn foreign(by: Direction, octets: &[u8], is_later: bool) -> Breach {
    let is_text =
        octets.iter().take(HEADER_LEN).all(|octet| octet.is_ascii_graphic() || octet.is_ascii_whitespace());
    let (requirement, what) = if is_later && is_text {
        let error = DecodeError::new("octets behind Content", Need::Absent, Have::Octets(octets.len()));
        (id::LENGTH_COUNTS_CONTENT, What::Field(error))
    } else {
        let version = Container::new_unchecked(octets).version();
        let error = DecodeError::new("Ver", Need::Value(0), Have::Value(u64::from(version)));
        (id::VERSION_ZERO, What::Field(error))
    };
    Breach::new(requirement, by, what)
}

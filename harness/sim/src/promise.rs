//! What users were promised, watched in every step of a world. A broken promise is a [`Surprise`].

use std::collections::HashSet;
use std::fmt;

use crypto::algorithms;
use proto::ha;
use wire::packet::{HEADER_LEN, PType, Packet};
use wire::value::{Ciphersuite, Scope};

use crate::{Departure, HomeEvent, Sender, World};

/// What hosts put into their packets, and what nobody may read on the way if it is encrypted.
pub const MARK: &[u8] = b"told in confidence";

/// One question of a host, as it stands behind [`MARK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Which mobile node asked.
    pub node: u8,
    /// Its how many-th question it was.
    pub number: u32,
}

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Surprise {
    /// One key was used twice with one Sequence Number.
    NumberTwice(Sender, u32, u32),
    /// One key was used twice with one IV.
    IvTwice(Sender, u32),
    /// A plain packet although all traffic is to be protected, or a readable one although it is encrypted.
    InClear(Sender),
    /// A host got one packet twice, although all traffic is protected against replay.
    DeliveredTwice(usize, Question),
    /// A host got the packet of another one.
    DeliveredToAnother(usize, Question),
    /// The home agent neither used a datagram nor counted it.
    NotCounted {
        /// That came.
        arrived: u64,
        /// That had an effect.
        used: u64,
        /// That it counted as dropped.
        discarded: u64,
    },
    /// The home agent has no binding, or another one, of a mobile node long after the last storm.
    BindingsDisagree(usize),
    /// A question was not answered, long after the last storm.
    Unanswered(Question),
    /// What the scenario is about did not happen.
    TooQuiet(usize, usize),
    /// A machine panicked.
    Panic(String),
}

/// Remembers all that was seen in one world.
pub struct Watch {
    suite: Ciphersuite,
    scope: Scope,
    numbers: HashSet<(Sender, u32, u32)>,
    ivs: HashSet<(Sender, u32, Vec<u8>)>,
    answered: HashSet<Question>,
    asked: HashSet<Question>,
    signals: u64,
    discarded: u64,
}

impl Watch {
    /// Nothing seen yet of a world in which all use this suite and this scope.
    pub fn new(suite: Ciphersuite, scope: Scope) -> Self {
        Self {
            suite,
            scope,
            numbers: HashSet::new(),
            ivs: HashSet::new(),
            answered: HashSet::new(),
            asked: HashSet::new(),
            signals: 0,
            discarded: 0,
        }
    }

    /// A datagram left.
    ///
    /// # Errors
    /// It breaks a promise.
    pub fn departed(&mut self, departure: &Departure) -> Result<(), Surprise> {
        let from = departure.from;
        let Ok(packet) = Packet::new_checked(departure.octets.as_slice()) else { return Ok(()) };
        if packet.ptype() == PType::PLAIN {
            return if self.scope == Scope::AllTraffic { Err(Surprise::InClear(from)) } else { Ok(()) };
        }
        // Both ends of an association have keys of their own, and the SPI names both.
        if !self.numbers.insert((from, packet.spi(), packet.sequence())) {
            return Err(Surprise::NumberTwice(from, packet.spi(), packet.sequence()));
        }
        let row = algorithms(self.suite);
        if row.ekey_len == 0 {
            return Ok(());
        }
        let iv = departure.octets.get(HEADER_LEN..HEADER_LEN + row.iv_len).unwrap_or_default();
        if !self.ivs.insert((from, packet.spi(), iv.to_vec())) {
            return Err(Surprise::IvTwice(from, packet.spi()));
        }
        if contains(&departure.octets, MARK) { Err(Surprise::InClear(from)) } else { Ok(()) }
    }

    /// The host of a mobile node got an answer to one of its questions.
    ///
    /// # Errors
    /// It breaks a promise.
    pub fn answered(&mut self, node: usize, question: Question) -> Result<(), Surprise> {
        if usize::from(question.node) != node {
            return Err(Surprise::DeliveredToAnother(node, question));
        }
        let first = self.answered.insert(question);
        self.once(first, node, question)
    }

    /// The host of a mobile node got a question of another one, which it expects from `asker`.
    ///
    /// # Errors
    /// It breaks a promise.
    pub fn asked(&mut self, node: usize, asker: usize, question: Question) -> Result<(), Surprise> {
        if usize::from(question.node) != asker {
            return Err(Surprise::DeliveredToAnother(node, question));
        }
        let first = self.asked.insert(question);
        self.once(first, node, question)
    }

    /// Plain packets have no number that would tell a copy (6.4).
    fn once(&self, first: bool, node: usize, question: Question) -> Result<(), Surprise> {
        if first || self.scope == Scope::SignalingOnly {
            return Ok(());
        }
        Err(Surprise::DeliveredTwice(node, question))
    }

    /// Whether an answer came.
    pub fn has_answer(&self, question: Question) -> bool {
        self.answered.contains(&question)
    }

    /// How many answers came.
    pub fn answers(&self) -> usize {
        self.answered.len()
    }

    /// The home agent was replaced: its counts begin anew.
    pub fn home_restarted(&mut self) {
        (self.signals, self.discarded) = (0, 0);
    }

    /// Every datagram at the home agent was delivered, answered or counted as dropped.
    ///
    /// # Errors
    /// One was not.
    pub fn count(&mut self, world: &mut World) -> Result<(), Surprise> {
        for event in world.home.take_events() {
            match event {
                HomeEvent::Ha(ha::Event::Discarded { from: Some(_), .. }) => self.discarded += 1,
                HomeEvent::Ha(
                    ha::Event::Registered(_) | ha::Event::Deregistered { .. } | ha::Event::Refused { .. },
                ) => self.signals += 1,
                HomeEvent::Ha(_) | HomeEvent::Hac(_) => {}
            }
        }
        let (arrived, used) = (world.arrived_at_agent(), world.home.carried() + self.signals);
        let (discarded, counted) = (self.discarded, world.home.ha().discards().total());
        // Packets from home are dropped and counted, too.
        if arrived == used + discarded && counted >= discarded {
            return Ok(());
        }
        Err(Surprise::NotCounted { arrived, used, discarded })
    }
}

impl Question {
    /// As it is sent.
    pub fn to_octets(self) -> Vec<u8> {
        [MARK, &[self.node], &self.number.to_be_bytes()].concat()
    }

    /// The question inside an IP packet.
    pub fn inside(packet: &[u8]) -> Option<Self> {
        let at = packet.windows(MARK.len()).position(|octets| octets == MARK)? + MARK.len();
        let (&node, number) = packet.get(at..at + 5)?.split_first()?;
        Some(Self { node, number: u32::from_be_bytes(number.try_into().ok()?) })
    }
}

fn contains(octets: &[u8], part: &[u8]) -> bool {
    octets.windows(part.len()).any(|window| window == part)
}

impl fmt::Display for Surprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NumberTwice(from, spi, number) => {
                write!(f, "{from} used Sequence Number {number} twice under SPI {spi}")
            }
            Self::IvTwice(from, spi) => write!(f, "{from} used an IV twice under SPI {spi}"),
            Self::InClear(from) => write!(f, "{from} sent in the clear what is to be protected"),
            Self::DeliveredTwice(node, question) => {
                write!(f, "mobile node {node} got {question} twice")
            }
            Self::DeliveredToAnother(node, question) => write!(f, "mobile node {node} got {question}"),
            Self::NotCounted { arrived, used, discarded } => write!(
                f,
                "{arrived} datagrams came to the home agent, but it used {used} and dropped {discarded}"
            ),
            Self::BindingsDisagree(node) => {
                write!(f, "the home agent does not know where mobile node {node} is, long after the storm")
            }
            Self::Unanswered(question) => write!(f, "{question} has no answer, long after the storm"),
            Self::TooQuiet(node, had) => {
                write!(f, "mobile node {node} had only {had} associations: the scenario did not take place")
            }
            Self::Panic(message) => write!(f, "panic: {message}"),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "question {} of mobile node {}", self.number, self.node)
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MobileNode(number) => write!(f, "mobile node {number}"),
            Self::HomeAgent => f.write_str("the home agent"),
        }
    }
}

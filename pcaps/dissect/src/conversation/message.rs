//! A message as it is told: one line, or a tree with octets.

use core::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crypto::auth::Direction;
use wire::container::{Container, HEADER_LEN};
use wire::escape::Escaped;
use wire::header::{Header, Lexed};
use wire::param::Name;
use wire::value::{Method, hex};

use super::auth::Proof;
use super::breach::Unseen;
use super::exchange::Kind;
use crate::finding::Finding;
use crate::line::Since;

/// A container between MN and HAC, with what is made of it.
pub struct Message<'a> {
    /// Number of the frame that completed it, from 1.
    pub frame: u64,
    /// Since the first frame that has a time.
    pub at: Option<Since>,
    /// Its source.
    pub from: SocketAddr,
    /// Its destination.
    pub to: SocketAddr,
    /// Which conversation it belongs to, from 1 in the order of the capture.
    pub conversation: u64,
    /// Who the MN is, printable, once it said so.
    pub mn_id: Option<Arc<str>>,
    /// How it proves that, once it is known.
    pub method: Option<Method>,
    /// Who speaks.
    pub by: Direction,
    /// What it is.
    pub kind: Kind,
    /// Container header and Content.
    pub octets: &'a [u8],
    /// Its headers, if the Content can be taken apart.
    pub lexed: Option<Lexed<'a>>,
    /// What is known of its `auth`.
    pub proof: Proof,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub unseen: Vec<Unseen>,
}

/// Whether keys are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Only their length.
    Hidden,
    /// As they are.
    Shown,
}

/// The headers that a line tells, the others being too long or of no interest at a glance.
const TOLD: [Name; 10] = [
    Name::MnId,
    Name::AuthMethod,
    Name::Sas,
    Name::Suitelist,
    Name::Ciphersuite,
    Name::Spi,
    Name::HaaIp6,
    Name::HaaIp4,
    Name::Ip6Hoa,
    Name::RetryAfter,
];

/// Octets of a value that a line shows.
const VALUE_SHOWN: usize = 64;

impl Message<'_> {
    /// The message with every field, its offset in the container and its octets.
    #[must_use]
    pub const fn tree(&self, keys: Keys) -> Tree<'_> {
        Tree { message: self, keys }
    }

    /// Whether it looks like the first of its exchange.
    pub(crate) fn is_first(&self) -> bool {
        self.kind == Kind::InitRequest
    }

    fn headers(&self) -> &[Header<'_>] {
        self.lexed.as_ref().map_or(&[], |lexed| &lexed.headers)
    }
}

impl fmt::Display for Message<'_> {
    /// One line, findings below it: printable ASCII, keys left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} ", self.frame)?;
        match self.at {
            Some(at) => write!(f, "{at}")?,
            None => f.write_str("-")?,
        }
        let (speaker, kind) = match self.by {
            Direction::MnToHac => ("MN", "request"),
            Direction::HacToMn => ("HAC", "response"),
        };
        let identifier = Container::new_unchecked(self.octets).identifier();
        write!(f, " {} > {} {speaker} {kind} {identifier} {}", self.from, self.to, self.kind)?;
        for header in self.headers() {
            if header.known().is_some_and(|name| TOLD.contains(&name)) {
                let shown = header.value.get(..VALUE_SHOWN).unwrap_or(header.value);
                write!(f, ", {} {}", Escaped(header.name), Escaped(shown))?;
                f.write_str(if shown.len() < header.value.len() { "..." } else { "" })?;
            }
        }
        if self.proof != Proof::None {
            write!(f, ", {}", self.proof)?;
        }
        writeln!(f)?;
        self.findings.iter().try_for_each(|finding| writeln!(f, "  {} {finding}", finding.mark()))?;
        self.unseen.iter().try_for_each(|unseen| writeln!(f, "  ? {unseen}"))
    }
}

/// A message, field by field.
pub struct Tree<'a> {
    message: &'a Message<'a>,
    keys: Keys,
}

impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)?;
        let octets = self.message.octets;
        let container = Container::new_unchecked(octets);
        let head = octets.get(..HEADER_LEN).unwrap_or(octets);
        writeln!(f, "    0000  {}  Ver {}", part(head, 0, 1), container.version())?;
        writeln!(f, "    0000  {}  Rsrvd {}", part(head, 0, 1), container.reserved())?;
        writeln!(f, "    0001  {}  Identifier {}", part(head, 1, 2), container.identifier())?;
        writeln!(f, "    0002  {}  Length {}", part(head, 2, 4), container.length())?;
        if self.message.lexed.is_none() {
            let content = octets.get(HEADER_LEN..).unwrap_or_default();
            return writeln!(f, "    0004  {} octets that cannot be taken apart", content.len());
        }
        let headers = self.message.headers();
        headers.iter().try_for_each(|header| self.header(f, header))?;
        // The end of the message, where it is not missing.
        let end = HEADER_LEN + headers.last().map_or(0, |last| last.end);
        match octets.get(end..).unwrap_or_default() {
            [] => Ok(()),
            rest => writeln!(f, "    {end:04x}  {} octets  {}", rest.len(), Escaped(rest)),
        }
    }
}

impl Tree<'_> {
    fn header(&self, f: &mut fmt::Formatter<'_>, header: &Header<'_>) -> fmt::Result {
        let (from, to) = (HEADER_LEN + header.at, HEADER_LEN + header.end);
        write!(f, "    {from:04x}  {} octets  ", to - from)?;
        let is_key = header.known().is_none_or(Name::is_secret);
        if is_key && self.keys == Keys::Hidden {
            // An unknown header may hold one, too.
            writeln!(f, "{}: ({} octets, hidden)", Escaped(header.name), header.value.len())
        } else {
            writeln!(f, "{}", Escaped(self.message.octets.get(from..to).unwrap_or_default()))
        }
    }
}

fn part(octets: &[u8], from: usize, to: usize) -> String {
    hex::encode(octets.get(from..to).unwrap_or_default())
}

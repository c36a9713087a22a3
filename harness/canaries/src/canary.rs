//! The table of canaries: one row each, with the name, the story and who opens the door.

use std::num::NonZeroU32;

use crate::certificate::Subject;
use crate::connection::Connection;
use crate::tcp;
use crate::tls::{self, Session};

/// One broken target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Canary {
    /// The port is taken but nobody listens: connecting is refused.
    ClosedPort,
    /// TCP connects, and then there is silence.
    BlackHole,
    /// Every octet comes back as it went, with no TLS.
    TcpEcho,
    /// The TLS handshake succeeds, then comes a clean end of the session.
    ClosesAfterHandshake,
    /// Every request is answered by a bare final message with status code 200, proving nothing.
    AlwaysOk,
    /// Every request is answered by a bare final message with status code 400.
    Refuses,
    /// The TLS handshake succeeds and requests are read, but no answer ever comes.
    NeverAnswers,
    /// Answers as [`Canary::AlwaysOk`] does, one octet per 300 ms.
    AnswersSlowly,
    /// Answers as [`Canary::Refuses`] does until this message (counted over all connections); then every
    /// connection is reset and nobody listens any more.
    CrashesOnMessage(NonZeroU32),
    /// Answers as [`Canary::AlwaysOk`] does, under a certificate issued to somebody else.
    WrongName,
    /// Sends containers of the greatest length from the first moment on, without an end.
    EndlessData,
    /// Answers with a container that announces 65535 octets, then trickles one octet per 300 ms.
    LongTrickle,
    /// Answers with a final message whose values are not UTF-8.
    InvalidUtf8,
    /// Answers with a final message full of terminal escapes and control characters.
    TerminalEscapes,
}

impl Canary {
    /// Every canary, the crashing one at its third message.
    pub const ALL: [Self; 14] = [
        Self::ClosedPort,
        Self::BlackHole,
        Self::TcpEcho,
        Self::ClosesAfterHandshake,
        Self::AlwaysOk,
        Self::Refuses,
        Self::NeverAnswers,
        Self::AnswersSlowly,
        Self::CrashesOnMessage(NonZeroU32::MIN.saturating_add(2)),
        Self::WrongName,
        Self::EndlessData,
        Self::LongTrickle,
        Self::InvalidUtf8,
        Self::TerminalEscapes,
    ];

    /// A short name in kebab case, unique in [`Canary::ALL`].
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it does to whoever connects, in one sentence.
    pub fn story(self) -> &'static str {
        self.row().story
    }

    pub(crate) fn door(self) -> Door {
        self.row().door
    }

    fn row(self) -> Row {
        use Door::{Shut, Tcp, Tls};
        use Subject::{Loopback, Somebody};
        match self {
            Self::ClosedPort => row("closed-port", "nobody listens on the port", Shut),
            Self::BlackHole => row("black-hole", "accepts TCP and stays silent", Tcp(tcp::swallow)),
            Self::TcpEcho => row("tcp-echo", "sends every octet back, without TLS", Tcp(tcp::echo)),
            Self::ClosesAfterHandshake => {
                row("closes-after-handshake", "ends TLS as soon as it is up", Tls(Loopback, tls::close))
            }
            Self::AlwaysOk => row(
                "always-ok",
                "answers every request with an unauthenticated 200",
                Tls(Loopback, tls::accept),
            ),
            Self::Refuses => row("refuses", "answers every request with 400", Tls(Loopback, tls::refuse)),
            Self::NeverAnswers => {
                row("never-answers", "reads requests, answers none", Tls(Loopback, tls::mute))
            }
            Self::AnswersSlowly => {
                row("answers-slowly", "answers one octet per 300 ms", Tls(Loopback, tls::accept_slowly))
            }
            Self::CrashesOnMessage(_) => row(
                "crashes",
                "resets everything and stops listening on the n-th message",
                Tls(Loopback, tls::crash),
            ),
            Self::WrongName => {
                row("wrong-name", "shows a certificate of somebody else", Tls(Somebody, tls::accept))
            }
            Self::EndlessData => row("endless-data", "never stops sending", Tls(Loopback, tls::flood)),
            Self::LongTrickle => row(
                "long-trickle",
                "announces 65535 octets and sends one per 300 ms",
                Tls(Loopback, tls::trickle),
            ),
            Self::InvalidUtf8 => row("invalid-utf8", "answers in broken UTF-8", Tls(Loopback, tls::mojibake)),
            Self::TerminalEscapes => {
                row("terminal-escapes", "answers with terminal escapes", Tls(Loopback, tls::paint))
            }
        }
    }
}

/// Who opens when somebody knocks.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    /// The port is bound and nobody listens.
    Shut,
    Tcp(fn(Connection) -> std::io::Result<()>),
    Tls(Subject, fn(Session) -> std::io::Result<()>),
}

struct Row {
    name: &'static str,
    story: &'static str,
    door: Door,
}

const fn row(name: &'static str, story: &'static str, door: Door) -> Row {
    Row { name, story, door }
}

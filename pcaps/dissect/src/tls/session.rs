//! One TLS session: two directions of octets in, what was inside out.

use core::fmt;

use super::handshake::{ClientHello, Message, Messages, ServerHello, first_certificate, kind};
use super::key_log::{KeyLog, Secret, Secrets};
use super::protection::{Order, Protection, Tls12};
use super::record::{Buffer, ContentType, Header};
use super::suite::Suite;
use super::version;

/// Octets of a client that are kept while the ServerHello has not been seen.
const WAITING_AT_MOST: usize = 1 << 17;

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Client,
    Server,
}

/// What a session tells of one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// Octets that the end sent to the application of the other.
    Application(&'a [u8]),
    /// The server chose.
    Negotiated(Negotiated),
    /// An alert. The numbers are those of RFC 8446 section 6.
    Alert { description: u8 },
    /// The server asked for a new handshake, or went along with one (TLS 1.2).
    Renegotiation,
    /// Nothing more can be read of what the end sends.
    Stopped(Stop),
}

/// Version and suite of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Negotiated {
    pub(crate) version: u16,
    pub(crate) suite: u16,
}

/// Why a direction cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The octets are no records of TLS.
    NotTls,
    /// A version other than TLS 1.2 and TLS 1.3.
    Version(u16),
    /// A suite that is not in the table.
    Suite(u16),
    /// The key log has no secrets for this session.
    NoSecrets,
    /// The handshake is not in the capture, so the secrets cannot be found.
    NoHandshake,
    /// Octets are missing in the capture.
    Gap(u64),
    /// A record that the keys do not open.
    Refused,
}

/// A session in the middle of it.
#[derive(Default)]
pub(crate) struct Session {
    client: Direction,
    server: Direction,
    hello: Option<ClientHello>,
    chosen: Option<Chosen>,
    certificate: Option<Vec<u8>>,
    has_renegotiated: bool,
}

/// What was negotiated, with what the keys need.
#[derive(Clone, Copy)]
struct Chosen {
    hello: ServerHello,
    is_tls13: bool,
    suite: Option<&'static Suite>,
}

#[derive(Default)]
struct Direction {
    buffer: Buffer,
    messages: Messages,
    keys: Option<Protection>,
    /// TLS 1.3: keys that come later. They are tried when the present ones do not open a record.
    later: Vec<Protection>,
    has_opened: bool,
    is_stopped: bool,
}

impl Session {
    /// Takes the next octets of an end.
    pub(crate) fn take(
        &mut self,
        role: Role,
        octets: &[u8],
        log: &KeyLog,
        out: &mut dyn FnMut(Role, Event<'_>),
    ) {
        let direction = self.direction(role);
        if direction.is_stopped {
            return;
        }
        direction.buffer.push(octets);
        let had_chosen = self.chosen.is_some();
        self.read(role, log, out);
        // The client's records may have waited for the ServerHello.
        if role == Role::Server && !had_chosen && self.chosen.is_some() {
            self.read(Role::Client, log, out);
        }
    }

    /// Octets of an end are missing in the capture. Where the next record starts is not known.
    pub(crate) fn lose(&mut self, role: Role, octets: u64, out: &mut dyn FnMut(Role, Event<'_>)) {
        self.stop(role, Stop::Gap(octets), out);
    }

    /// An end sends no more octets.
    pub(crate) fn finish(&mut self, role: Role, out: &mut dyn FnMut(Role, Event<'_>)) {
        if self.is_waiting(role) {
            self.stop(role, Stop::NoHandshake, out);
        }
    }

    /// The certificate that the server sent first, DER, if it was seen.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    const fn direction(&mut self, role: Role) -> &mut Direction {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }

    fn stop(&mut self, role: Role, stop: Stop, out: &mut dyn FnMut(Role, Event<'_>)) {
        let direction = self.direction(role);
        if !direction.is_stopped {
            direction.is_stopped = true;
            direction.buffer.clear();
            out(role, Event::Stopped(stop));
        }
    }

    /// Whether octets of the client cannot be read before the ServerHello.
    fn is_waiting(&self, role: Role) -> bool {
        role == Role::Client && self.chosen.is_none() && self.client.buffer.len() > 0
    }

    fn read(&mut self, role: Role, log: &KeyLog, out: &mut dyn FnMut(Role, Event<'_>)) {
        loop {
            let direction = self.direction(role);
            if direction.is_stopped {
                return;
            }
            let header = match direction.buffer.peek() {
                Ok(Some(header)) => header,
                Ok(None) => return,
                Err(_) => return self.stop(role, Stop::NotTls, out),
            };
            let is_early = !matches!(header.content_type, ContentType::Handshake | ContentType::Alert);
            if is_early && self.is_waiting(role) {
                if self.client.buffer.len() > WAITING_AT_MOST {
                    self.stop(role, Stop::NoHandshake, out);
                }
                return;
            }
            if let Err(stop) = self.record(role, header, log, out) {
                return self.stop(role, stop, out);
            }
        }
    }

    fn record(
        &mut self,
        role: Role,
        header: Header,
        log: &KeyLog,
        out: &mut dyn FnMut(Role, Event<'_>),
    ) -> Result<(), Stop> {
        let is_tls13 = self.chosen.is_some_and(|chosen| chosen.is_tls13);
        let may_skip = role == Role::Client && self.hello.is_some_and(|hello| hello.offers_early_data);
        let direction = self.direction(role);
        let fragment = direction.buffer.take(header);
        let is_protected = if is_tls13 {
            header.content_type == ContentType::ApplicationData
        } else {
            direction.keys.is_some()
        };
        let (content_type, content) = if is_protected {
            let octets = direction.buffer.get_mut(fragment.clone());
            let Some(inside) = open(&mut direction.keys, &mut direction.later, header, octets) else {
                // Early data that the server refused, or handshake messages whose secret is not in the log.
                let is_skipped = !direction.has_opened && (may_skip || direction.keys.is_none());
                return match (is_skipped, direction.keys.is_none() && direction.later.is_empty()) {
                    (_, true) => Err(Stop::NoSecrets),
                    (true, _) => Ok(()),
                    _ => Err(Stop::Refused),
                };
            };
            direction.has_opened = true;
            let inside = fragment.start + inside.start..fragment.start + inside.end;
            if is_tls13 {
                inner(direction.buffer.get(inside.clone()), inside.start)
            } else {
                (header.content_type, inside)
            }
        } else {
            (header.content_type, fragment)
        };
        match content_type {
            ContentType::ApplicationData if is_protected => {
                out(role, Event::Application(direction.buffer.get(content)));
                Ok(())
            }
            // Before any handshake: the capture starts too late.
            ContentType::ApplicationData => Err(Stop::NoHandshake),
            ContentType::Alert => {
                if let &[_, description] = direction.buffer.get(content) {
                    out(role, Event::Alert { description });
                }
                Ok(())
            }
            ContentType::Handshake => {
                let messages = direction.messages.push(direction.buffer.get(content));
                let messages = messages.map_err(|_| Stop::NotTls)?;
                messages.iter().try_for_each(|message| self.message(role, message, log, out))
            }
            ContentType::ChangeCipherSpec if is_tls13 => Ok(()),
            ContentType::ChangeCipherSpec => self.change_cipher(role, log),
            ContentType::Other(_) => Ok(()),
        }
    }

    fn message(
        &mut self,
        role: Role,
        (kind, body): &Message,
        log: &KeyLog,
        out: &mut dyn FnMut(Role, Event<'_>),
    ) -> Result<(), Stop> {
        let is_tls13 = self.chosen.is_some_and(|chosen| chosen.is_tls13);
        match (role, *kind) {
            (Role::Server, kind::HELLO_REQUEST) => self.renegotiate(role, out),
            (Role::Client, kind::CLIENT_HELLO) => {
                self.hello = Some(ClientHello::parse(body).ok_or(Stop::NotTls)?);
            }
            (Role::Server, kind::SERVER_HELLO) => {
                let hello = ServerHello::parse(body).ok_or(Stop::NotTls)?;
                if !hello.is_retry() {
                    // A ClientHello alone may be refused.
                    if self.server.keys.is_some() && !is_tls13 {
                        self.renegotiate(role, out);
                    }
                    out(role, Event::Negotiated(Negotiated { version: hello.version, suite: hello.suite }));
                    self.choose(hello, log)?;
                }
            }
            (Role::Server, kind::CERTIFICATE) => {
                self.certificate = first_certificate(body, is_tls13).map(<[u8]>::to_vec);
            }
            (_, kind::FINISHED | kind::END_OF_EARLY_DATA) if is_tls13 => self.direction(role).turn(),
            (_, kind::KEY_UPDATE) if is_tls13 => {
                let direction = self.direction(role);
                direction.keys = direction.keys.as_ref().and_then(Protection::updated);
                direction.messages.clear();
            }
            _ => {}
        }
        Ok(())
    }

    fn renegotiate(&mut self, role: Role, out: &mut dyn FnMut(Role, Event<'_>)) {
        if !core::mem::replace(&mut self.has_renegotiated, true) {
            out(role, Event::Renegotiation);
        }
    }

    /// The ServerHello is there: TLS 1.3 is protected from here on.
    fn choose(&mut self, hello: ServerHello, log: &KeyLog) -> Result<(), Stop> {
        let is_tls13 = match hello.version {
            version::TLS12 => false,
            version::TLS13 => true,
            other => return Err(Stop::Version(other)),
        };
        let suite = Suite::find(hello.suite);
        self.chosen = Some(Chosen { hello, is_tls13, suite });
        if !is_tls13 {
            return Ok(());
        }
        let suite = suite.ok_or(Stop::Suite(hello.suite))?;
        let client = self.hello.ok_or(Stop::NoHandshake)?;
        let Some(secrets) = log.find(&client.random) else { return Ok(()) };
        let keys = |secret: &Option<Secret>| Protection::tls13(suite, secret.as_ref()?);
        let Secrets { client_early, client_handshake, client_application, .. } = secrets;
        let early = if client.offers_early_data { keys(client_early) } else { None };
        self.client.expect(early, [keys(client_handshake), keys(client_application)]);
        let server = [keys(&secrets.server_handshake), keys(&secrets.server_application)];
        self.server.expect(None, server);
        Ok(())
    }

    /// TLS 1.2: what follows is protected.
    fn change_cipher(&mut self, role: Role, log: &KeyLog) -> Result<(), Stop> {
        let (Some(client), Some(chosen)) = (self.hello, self.chosen) else { return Err(Stop::NoHandshake) };
        let suite = chosen.suite.ok_or(Stop::Suite(chosen.hello.suite))?;
        let secrets = log.find(&client.random).and_then(|secrets| secrets.master.as_ref());
        let order =
            if chosen.hello.has_encrypt_then_mac { Order::EncryptThenMac } else { Order::MacThenEncrypt };
        let tls12 = Tls12 {
            suite,
            master: secrets.ok_or(Stop::NoSecrets)?,
            client_random: &client.random,
            server_random: &chosen.hello.random,
            order,
        };
        let [by_client, by_server] = tls12.protections().ok_or(Stop::NoSecrets)?;
        let direction = self.direction(role);
        direction.messages.clear();
        direction.keys = Some(match role {
            Role::Client => by_client,
            Role::Server => by_server,
        });
        Ok(())
    }
}

impl Direction {
    /// TLS 1.3: the keys to come, in their order. The ones for the handshake are the present ones unless early data
    /// comes first; without them the first record that the later ones open tells.
    fn expect(&mut self, early: Option<Protection>, [handshake, application]: [Option<Protection>; 2]) {
        self.later = application.into_iter().collect();
        match early {
            Some(early) => {
                self.later.splice(..0, handshake);
                self.keys = Some(early);
            }
            None => self.keys = handshake,
        }
    }

    /// The next keys count.
    fn turn(&mut self) {
        self.messages.clear();
        if !self.later.is_empty() {
            self.keys = Some(self.later.remove(0));
        }
    }
}

/// Opens with the present keys, or with the first later ones that fit; these are then the present ones.
fn open(
    keys: &mut Option<Protection>,
    later: &mut Vec<Protection>,
    header: Header,
    octets: &mut [u8],
) -> Option<core::ops::Range<usize>> {
    if let Some(Ok(inside)) = keys.as_mut().map(|keys| keys.open(header, octets)) {
        return Some(inside);
    }
    let (at, inside) = later
        .iter_mut()
        .enumerate()
        .find_map(|(at, keys)| keys.open(header, octets).ok().map(|inside| (at, inside)))?;
    *keys = later.drain(..=at).next_back();
    Some(inside)
}

/// RFC 8446 section 5.2: the type stands behind the content, zeros behind it. An empty record has type 0.
fn inner(plaintext: &[u8], at: usize) -> (ContentType, core::ops::Range<usize>) {
    let end = plaintext.iter().rposition(|&octet| octet != 0).unwrap_or(0);
    (ContentType::of(plaintext.get(end).copied().unwrap_or(0)), at..at + end)
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTls => f.write_str("these are no TLS records"),
            Self::Version(0x0301) => f.write_str("TLS 1.0 is not read"),
            Self::Version(0x0302) => f.write_str("TLS 1.1 is not read"),
            Self::Version(version) => write!(f, "version {version:#06x} is not read"),
            Self::Suite(suite) => write!(f, "TLS suite {suite:#06x} is not read"),
            Self::NoSecrets => f.write_str("the key log has no secrets of this session"),
            Self::NoHandshake => f.write_str("its TLS handshake is not in the capture"),
            Self::Gap(octets) => write!(f, "{octets} octets are missing in the capture"),
            Self::Refused => f.write_str("a record does not decrypt with the secrets given"),
        }
    }
}

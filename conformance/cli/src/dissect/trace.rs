//! What a capture shows of an MN, as a trace: `dissect --trace FILE` writes it, `replay CAPTURE` plays it at once.

use std::path::Path;

use crypto::auth::Direction;
use dissect::conversation::{self, Proof, What};
use dissect::{Checksum, Content, Event, Fault, Inner, Message, Packet};
use suite::player::EapMethod;
use suite::trace::{
    Answer, BindingUpdate, Carried, Fit, Packet as Datagram, Request, Response, SCHEMA, Step, Trace, literal,
};
use wire::container::{Container, HEADER_LEN};
use wire::eap::{self, Type};
use wire::header::{Header, Lexed};
use wire::param::Name;
use wire::value::{Nai, hex};

const CRLF: &[u8] = b"\r\n";
const ICMP6: u8 = 58;
const ICMP6_AT: usize = 40;
const ECHO_REQUEST: u8 = 128;
const ECHO_REPLY: u8 = 129;
const ECHO_SEQUENCE_AT: usize = ICMP6_AT + 6;

/// `auth` by a misreading, in the words of a trace.
const AUTHS: [(&str, &str); 4] = [
    ("no-label", "<auth of the other profile>"),
    ("label-in-draft-01", "<auth of the other profile>"),
    ("label-of-other-side", "<auth of the hac>"),
    ("container-header", "<auth over the container too>"),
];

/// The word for what EAP says, until the method is known.
const EAP: &str = "<eap>";

/// Collects what MNs say: a trace for each conversation, in the order in which they begin.
#[derive(Default)]
pub(crate) struct Writer {
    tellers: Vec<Teller>,
}

/// What one MN says in one conversation with a HAC, and under the SA of it.
#[derive(Default)]
struct Teller {
    /// Nothing where the capture shows packets only.
    conversation: Option<u64>,
    mn_id: Option<Vec<u8>>,
    spi: Option<u32>,
    mn_rand: Option<Vec<u8>>,
    hac_rand: Option<Vec<u8>>,
    eap: Option<EapMethod>,
    /// The Sequence # of its first Binding Update, which is 1 in the trace.
    first_update: Option<u16>,
    steps: Vec<Step>,
    frames: Option<(u64, u64)>,
    remarks: Vec<String>,
}

/// What came of one conversation.
pub(crate) struct Written {
    pub(crate) trace: Trace,
    /// Whose, where the capture tells.
    pub(crate) mn_id: Option<Vec<u8>>,
    /// What a trace cannot hold, or had to guess.
    pub(crate) remarks: Vec<String>,
}

impl Writer {
    /// Takes what a capture tells, in its order.
    pub(crate) fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Message(message) => self.of_conversation(message.conversation).message(message),
            Event::Packet(packet) => {
                if let Some(header) = packet.line.packet.header
                    && let Some(teller) = self.of_packet(header.spi)
                {
                    teller.packet(packet);
                }
            }
            Event::Finding(_) | Event::Unseen(_) | Event::Note(_) => {}
        }
    }

    /// The traces of MNs that can be read, named after their file.
    pub(crate) fn finish(self, name: &str, source: &str) -> Vec<Written> {
        let written = self.tellers.into_iter().filter_map(|teller| teller.finish(source));
        let name = name_of(name);
        let named = |(at, mut written): (usize, Written)| {
            written.trace.name = if at == 0 { name.clone() } else { format!("{name}-{}", at + 1) };
            written
        };
        written.enumerate().map(named).collect()
    }

    fn of_conversation(&mut self, conversation: u64) -> &mut Teller {
        let known = self.tellers.iter().position(|teller| teller.conversation == Some(conversation));
        let at = known.unwrap_or_else(|| {
            self.tellers.push(Teller { conversation: Some(conversation), ..Teller::default() });
            self.tellers.len() - 1
        });
        &mut self.tellers[at]
    }

    /// Whose packet it is: by the SPI, or without one that of the latest SA.
    fn of_packet(&mut self, spi: u32) -> Option<&mut Teller> {
        if self.tellers.iter().all(|teller| teller.conversation.is_none()) {
            // No HAC in sight: each SPI is an MN.
            let known = self.tellers.iter().position(|teller| spi == 0 || teller.spi == Some(spi));
            if known.is_none() {
                self.tellers.push(Teller { spi: Some(spi).filter(|&spi| spi != 0), ..Teller::default() });
            }
            let at = known.unwrap_or(self.tellers.len() - 1);
            return self.tellers.get_mut(at);
        }
        let has_sa = |teller: &&mut Teller| teller.spi.is_some_and(|own| spi == 0 || spi == own);
        self.tellers.iter_mut().rev().find(has_sa)
    }
}

impl Teller {
    fn finish(mut self, source: &str) -> Option<Written> {
        let is_said = self.steps.iter().any(|step| matches!(step, Step::Request(_) | Step::Packet(_)));
        let (first, last) = self.frames.filter(|_| is_said)?;
        self.name_eap();
        let trace = Trace {
            schema: SCHEMA.to_owned(),
            name: String::new(),
            story: format!("what an MN said in {source}"),
            source: Some(format!("{source}, frames {first} to {last}")),
            steps: self.steps,
        };
        Some(Written { trace, mn_id: self.mn_id, remarks: self.remarks })
    }

    fn name_eap(&mut self) {
        let requests = self.steps.iter_mut().filter_map(|step| match step {
            Step::Request(request) => Some(request),
            _ => None,
        });
        let mut lines = requests.flat_map(|request| &mut request.headers).filter(|line| line.contains(EAP));
        let word = match self.eap {
            Some(EapMethod::Md5Challenge) => "<eap-md5>",
            Some(EapMethod::Gpsk) | None => "<eap-gpsk>",
        };
        let mut is_said = false;
        lines.by_ref().for_each(|line| {
            is_said = true;
            *line = line.replace(EAP, word);
        });
        if is_said && self.eap.is_none() {
            self.remark("which EAP method it is does not show; EAP-GPSK is said again");
        }
    }

    fn message(&mut self, message: &conversation::Message<'_>) {
        self.seen(message.frame);
        let step = match message.by {
            Direction::MnToHac => Step::Request(self.request(message)),
            Direction::HacToMn => Step::Response(self.response(message)),
        };
        self.steps.push(step);
    }

    fn seen(&mut self, frame: u64) {
        let first = self.frames.map_or(frame, |(first, _)| first);
        self.frames = Some((first, frame));
    }

    fn response(&mut self, message: &conversation::Message<'_>) -> Response {
        let value = |name| {
            let lexed = message.lexed.as_ref()?;
            lexed.find(name).map(|header| header.value)
        };
        if let Some(nonce) = value(Name::HacRand) {
            self.hac_rand = Some(nonce.to_vec());
        }
        let spi = value(Name::Spi).and_then(|spi| core::str::from_utf8(spi).ok()?.parse().ok());
        self.spi = self.spi.or(spi);
        Response {
            identifier: Container::new_unchecked(message.octets).identifier(),
            status: value(Name::StatusCode).map(literal),
            sa_data: spi.is_some(),
        }
    }

    fn request(&mut self, message: &conversation::Message<'_>) -> Request {
        let view = Container::new_unchecked(message.octets);
        let content = message.octets.get(HEADER_LEN..).unwrap_or_default();
        let (headers, end) = match &message.lexed {
            Some(lexed) => self.lines(message, lexed, content),
            None => (Vec::new(), literal(content)),
        };
        let lies = usize::from(view.length()) != content.len();
        Request {
            version: view.version(),
            reserved: view.reserved(),
            identifier: view.identifier(),
            length: lies.then(|| view.length()),
            headers,
            end,
        }
    }

    fn lines(
        &mut self,
        message: &conversation::Message<'_>,
        lexed: &Lexed<'_>,
        content: &[u8],
    ) -> (Vec<String>, String) {
        let mut lines = Vec::new();
        for header in &lexed.headers {
            let slot = self.slot(message, header);
            let raw = |from, to| literal(content.get(from..to).unwrap_or_default());
            let end = header.end.saturating_sub(CRLF.len());
            let behind = header.value_at + header.value.len();
            lines.push(match slot {
                Some(slot) => raw(header.at, header.value_at) + slot + &raw(behind, end),
                None => raw(header.at, end),
            });
        }
        let end_at = lexed.headers.last().map_or(0, |header| header.end);
        (lines, literal(content.get(end_at..).unwrap_or_default()))
    }

    /// What stands for a value that has to be new; nothing for values that stay.
    fn slot(&mut self, message: &conversation::Message<'_>, header: &Header<'_>) -> Option<&'static str> {
        let value = header.value;
        let is_nonce = || hex::decode(value).is_ok_and(|octets| octets.len() == 32);
        match header.known()? {
            Name::MnId => {
                self.mn_id.get_or_insert_with(|| value.to_vec());
                Nai::parse(value).is_ok().then_some("<mn-id>")
            }
            Name::MnRand if is_nonce() => {
                let ours = self.mn_rand.get_or_insert_with(|| value.to_vec());
                (ours == value).then_some("<mn-rand>")
            }
            Name::HacRand => (self.hac_rand.as_deref() == Some(value)).then_some("<hac-rand>"),
            Name::Auth => self.auth(message),
            Name::EapPayload => {
                self.learn_eap(value);
                Some(EAP)
            }
            _ => None,
        }
    }

    fn auth(&mut self, message: &conversation::Message<'_>) -> Option<&'static str> {
        match message.proof {
            Proof::Right(_) => Some("<auth>"),
            Proof::NotJudged => {
                self.remark("auth is taken to be right, since no key was given (--identities)");
                Some("<auth>")
            }
            Proof::Wrong => {
                let clues = message.findings.iter().filter_map(|finding| match &finding.fault {
                    Fault::Exchange(breach) => Some(breach),
                    _ => None,
                });
                let clues = clues.flat_map(|breach| match &breach.what {
                    What::Auth(clues) => clues.as_slice(),
                    _ => &[],
                });
                let known = clues.filter_map(|clue| AUTHS.iter().find(|(id, _)| *id == clue.id)).next();
                if known.is_none() {
                    self.remark("auth is wrong in a way that a trace has no word for; a bit of the right one is turned");
                }
                Some(known.map_or("<auth with a bit turned>", |(_, word)| word))
            }
            Proof::None => None,
        }
    }

    /// A method shows itself, or is what a peer asks for.
    fn learn_eap(&mut self, value: &[u8]) {
        let octets = hex::decode(value).unwrap_or_default();
        let wanted = match eap::Packet::parse(&octets) {
            Ok(eap::Packet::Response { kind: Type::NAK, data, .. }) => data.first().map(|&kind| Type(kind)),
            Ok(eap::Packet::Response { kind, .. }) => Some(kind),
            _ => None,
        };
        let known = EapMethod::ALL.into_iter().find(|method| Some(method.kind()) == wanted);
        self.eap = self.eap.or(known);
    }

    fn packet(&mut self, packet: &Packet<'_>) {
        let line = &packet.line;
        let Some(header) = line.packet.header else { return };
        if let Some(answer) = answer(packet) {
            self.seen(line.frame);
            self.steps.push(Step::Answer(answer));
        } else if let Some(carries) = self.carried(packet) {
            self.seen(line.frame);
            let is_closed = matches!(line.packet.content, Content::Closed);
            self.steps.push(Step::Packet(Datagram {
                ptype: header.ptype.0,
                spi: None,
                sequence: header.sequence,
                carries,
                next_header: None,
                padding: None,
                icv: if is_closed { Fit::Wrong } else { Fit::Right },
            }));
        }
    }

    fn carried(&mut self, packet: &Packet<'_>) -> Option<Carried> {
        let frame = packet.line.frame;
        match &packet.line.packet.content {
            Content::Inner(Inner::Mobility(mobility)) => match &mobility.message {
                Message::Update(update) => {
                    let first = *self.first_update.get_or_insert(update.sequence);
                    let flags = update.flags;
                    let set = [
                        (flags.acknowledge, 'A'),
                        (flags.home_registration, 'H'),
                        (flags.link_local, 'L'),
                        (flags.key_management, 'K'),
                    ];
                    Some(Carried::BindingUpdate(BindingUpdate {
                        sequence: update.sequence.wrapping_sub(first).wrapping_add(1),
                        lifetime: update.lifetime.0,
                        flags: set.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).collect(),
                        home: None,
                        checksum: if mobility.checksum == Checksum::Wrong { Fit::Wrong } else { Fit::Right },
                    }))
                }
                _ => None,
            },
            Content::Inner(Inner::Ip { .. }) => {
                let request = echo(packet, ECHO_REQUEST).map(|sequence| Carried::EchoRequest { sequence });
                if request.is_none() {
                    self.remarks
                        .push(format!("frame {frame} is left out: user data that is no echo request"));
                }
                request
            }
            Content::Closed => {
                self.remarks.push(format!(
                    "frame {frame} did not open; an echo request with a wrong ICV stands for it"
                ));
                Some(Carried::EchoRequest { sequence: u16::MAX })
            }
            _ => None,
        }
    }

    fn remark(&mut self, what: &str) {
        if !self.remarks.iter().any(|remark| remark == what) {
            self.remarks.push(what.to_owned());
        }
    }
}

/// What a packet of the HA answers.
fn answer(packet: &Packet<'_>) -> Option<Answer> {
    match &packet.line.packet.content {
        Content::Inner(Inner::Mobility(mobility)) => match &mobility.message {
            Message::Ack(ack) => Some(Answer::BindingAck { status: ack.status.0 }),
            Message::Error { status, .. } => Some(Answer::BindingError { status: *status }),
            _ => None,
        },
        Content::Inner(Inner::Ip { .. }) => {
            echo(packet, ECHO_REPLY).map(|sequence| Answer::EchoReply { sequence })
        }
        _ => None,
    }
}

/// The sequence number of an ICMPv6 echo message of that type.
fn echo(packet: &Packet<'_>, wanted: u8) -> Option<u16> {
    let inner = match &packet.opened {
        Some(opened) => opened.payload,
        None => packet.octets.get(wire::packet::HEADER_LEN..)?,
    };
    let is_wanted = inner.get(6) == Some(&ICMP6) && inner.get(ICMP6_AT) == Some(&wanted);
    let number = inner.get(ECHO_SEQUENCE_AT..)?.first_chunk()?;
    is_wanted.then(|| u16::from_be_bytes(*number))
}

/// A file as people know it: its name, and that of its folder.
pub(crate) fn shown(file: &Path) -> String {
    let names: Vec<_> = file.iter().map(|name| name.to_string_lossy()).collect();
    let last_two = names.len().saturating_sub(2);
    names.get(last_two..).unwrap_or_default().join("/")
}

/// A name as the linter wants it.
fn name_of(file: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = file.chars().map(plain).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "trace".to_owned() } else { name.to_owned() }
}

//! What one MN says in one conversation with a HAC (RFC 6618 sections 5.8 and 5.9), in the words of a trace.

use crypto::auth::Direction;
use dissect::conversation::{Message, Proof, What};
use dissect::{Endpoint, Fault};
use suite::player::EapMethod;
use suite::trace::{Act, Request, Response, literal};
use wire::container::{Container, HEADER_LEN};
use wire::eap::{self, Gpsk, Type};
use wire::header::{Header, Lexed};
use wire::param::Name;
use wire::value::{Nai, hex};

use super::Said;

const CRLF: &[u8] = b"\r\n";

/// `auth` by a misreading, in the words of a trace.
const AUTHS: [(&str, &str); 4] = [
    ("no-label", "<auth of the other profile>"),
    ("label-in-draft-01", "<auth of the other profile>"),
    ("label-of-other-side", "<auth of the hac>"),
    ("container-header", "<auth over the container too>"),
];

/// The word for what EAP says, until it is known how.
const EAP: &str = "<eap>";

/// What one MN says in one conversation with a HAC, and under the SA of it.
#[derive(Default)]
pub(super) struct Teller {
    pub(super) mn_id: Option<Vec<u8>>,
    pub(super) spi: Option<u32>,
    /// Where the MN's packets came from last.
    pub(super) outside: Option<Endpoint>,
    /// Each with its place among the acts of all conversations.
    pub(super) acts: Vec<(usize, Act)>,
    pub(super) frames: Option<(u64, u64)>,
    /// Each with the frame that it is about.
    pub(super) remarks: Vec<(u64, String)>,
    mn_rand: Option<Vec<u8>>,
    hac_rand: Option<Vec<u8>>,
    hac_auth: Option<Vec<u8>>,
    eap: Option<EapMethod>,
    has_eap_failed: bool,
    /// Whether a rule was broken in the newest request.
    is_faulty: bool,
}

impl Teller {
    /// Where the capture shows packets only, and 0 those in the clear.
    pub(super) fn of_spi(spi: u32) -> Self {
        Self { spi: Some(spi).filter(|&spi| spi != 0), ..Self::default() }
    }

    pub(super) fn says_something(&self) -> bool {
        self.acts.iter().any(|(_, act)| matches!(act, Act::Request(_) | Act::Packet(_)))
    }

    pub(super) fn message(&mut self, order: usize, message: &Message<'_>, said: &mut Said) {
        self.seen(message.frame);
        let act = match message.by {
            Direction::MnToHac => {
                self.is_faulty = !message.findings.is_empty();
                Act::Request(self.request(message, said))
            }
            Direction::HacToMn => {
                let response = self.response(message);
                self.learn_why(message, &response);
                Act::Response(response)
            }
        };
        self.acts.push((order, act));
    }

    pub(super) fn seen(&mut self, frame: u64) {
        let first = self.frames.map_or(frame, |(first, _)| first);
        self.frames = Some((first, frame));
    }

    pub(super) fn remark(&mut self, frame: u64, what: &str) {
        self.remarks.push((frame, what.to_owned()));
    }

    /// Fills in what shows at the end only: by which EAP method the MN speaks, and whether with the HAC's secret.
    pub(super) fn conclude(&mut self) {
        let (is_known, has_failed) = (self.eap.is_some(), self.has_eap_failed);
        let word = match (self.eap.unwrap_or(EapMethod::Gpsk), has_failed) {
            (EapMethod::Gpsk, false) => "<eap-gpsk>",
            (EapMethod::Gpsk, true) => "<eap-gpsk of another secret>",
            (EapMethod::Md5Challenge, false) => "<eap-md5>",
            (EapMethod::Md5Challenge, true) => "<eap-md5 of another secret>",
        };
        let mut is_said = false;
        for line in self.lines().filter(|line| line.contains(EAP)) {
            is_said = true;
            *line = line.replace(EAP, word);
        }
        let end = self.frames.map_or(0, |(_, last)| last);
        if is_said && !is_known {
            self.remark(end, "which EAP method it is does not show; EAP-GPSK is said again");
        }
        if is_said && has_failed {
            self.remark(end, "EAP fails: the trace has an MN with another secret than the HAC's");
        }
    }

    /// The lines of all requests.
    fn lines(&mut self) -> impl Iterator<Item = &mut String> {
        let requests = self.acts.iter_mut().filter_map(|(_, act)| match act {
            Act::Request(request) => Some(request),
            _ => None,
        });
        requests.flat_map(|request| &mut request.headers)
    }

    fn response(&mut self, message: &Message<'_>) -> Response {
        let value = |name| {
            let lexed = message.lexed.as_ref()?;
            lexed.find(name).map(|header| header.value)
        };
        if let Some(nonce) = value(Name::HacRand) {
            self.hac_rand = Some(nonce.to_vec());
        }
        self.hac_auth = value(Name::Auth).map(<[u8]>::to_vec);
        // EAP-Failure also comes with a refusal for something else.
        let is_of_eap = value(Name::StatusCode).is_none_or(|status| status == b"401");
        self.has_eap_failed |= is_of_eap && !self.is_faulty && value(Name::EapPayload).is_some_and(says_no);
        let spi = value(Name::Spi).and_then(|spi| core::str::from_utf8(spi).ok()?.parse().ok());
        self.spi = self.spi.or(spi);
        Response {
            identifier: Container::new_unchecked(message.octets).identifier(),
            status: value(Name::StatusCode).map(literal),
            sa_data: spi.is_some(),
        }
    }

    /// A refusal for what MN and HAC do not share: nor shall the MN of the trace and any HAC.
    fn learn_why(&mut self, message: &Message<'_>, response: &Response) {
        let requests = self.acts.iter().filter(|(_, act)| matches!(act, Act::Request(_))).count();
        if self.is_faulty || !message.findings.is_empty() {
            return;
        }
        let (name, word) = match (response.status.as_deref(), requests) {
            (Some("401"), 1) => (Name::MnId, "<mn-id of a stranger>"),
            (Some("501"), 2..) => (Name::Suitelist, "<suites of nobody>"),
            _ => return,
        };
        if let Some(said) = self.reword(name, word) {
            let name = name.as_str();
            self.remark(message.frame, &format!(
                "the HAC refuses this {name}: the trace says {word}; with {said} in its place it asks for what the MN did"
            ));
        }
    }

    /// Puts a word in place of what the last such header says; gives what it said.
    fn reword(&mut self, name: Name, word: &str) -> Option<String> {
        let lines = self.lines().filter_map(|line| {
            let (own, value) = line.split_once(':')?;
            let (own, value) = (own.to_owned(), value.to_owned());
            own.eq_ignore_ascii_case(name.as_str()).then_some((line, own, value))
        });
        let (line, own, value) = lines.last()?;
        *line = format!("{own}:{word}");
        Some(value)
    }

    fn request(&mut self, message: &Message<'_>, said: &mut Said) -> Request {
        let view = Container::new_unchecked(message.octets);
        let content = message.octets.get(HEADER_LEN..).unwrap_or_default();
        let (headers, end) = match &message.lexed {
            Some(lexed) => self.headers(message, lexed, content, said),
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

    fn headers(
        &mut self,
        message: &Message<'_>,
        lexed: &Lexed<'_>,
        content: &[u8],
        said: &mut Said,
    ) -> (Vec<String>, String) {
        let mut lines = Vec::new();
        for header in &lexed.headers {
            let slot = self.slot(message, header, said);
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
    fn slot(&mut self, message: &Message<'_>, header: &Header<'_>, said: &mut Said) -> Option<&'static str> {
        let value = header.value;
        let is_nonce = || hex::decode(value).is_ok_and(|octets| octets.len() == 32);
        match header.known()? {
            Name::MnId => {
                self.mn_id.get_or_insert_with(|| value.to_vec());
                Nai::parse(value).is_ok().then_some("<mn-id>")
            }
            Name::MnRand if is_nonce() => {
                if said.elsewhere(value, message.conversation) {
                    self.remark(
                        message.frame,
                        "mn-rand is that of another conversation; a fresh one stands for it",
                    );
                }
                let ours = self.mn_rand.get_or_insert_with(|| value.to_vec());
                (ours == value).then_some("<mn-rand>")
            }
            Name::HacRand => (self.hac_rand.as_deref() == Some(value)).then_some("<hac-rand>"),
            Name::Auth if self.hac_auth.as_deref() == Some(value) => Some("<auth that the hac sent>"),
            Name::Auth => {
                let is_passed_on = said.elsewhere(value, message.conversation);
                self.auth(message, is_passed_on)
            }
            Name::EapPayload => {
                self.learn_eap(value);
                Some(EAP)
            }
            _ => None,
        }
    }

    fn auth(&mut self, message: &Message<'_>, is_passed_on: bool) -> Option<&'static str> {
        match message.proof {
            Proof::Right(_) => Some("<auth>"),
            Proof::NotJudged => {
                self.remark(message.frame, "auth is taken to be right, since no key was given (--psk)");
                Some("<auth>")
            }
            Proof::Wrong if is_passed_on => Some("<auth of another channel>"),
            Proof::Wrong => {
                let known = clue_of_auth(message);
                if known.is_none() {
                    self.remark(
                        message.frame,
                        "auth is wrong and no misreading explains it; it is made with another key",
                    );
                }
                Some(known.unwrap_or("<auth of another key>"))
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
}

/// The word for an `auth` that a misreading explains.
fn clue_of_auth(message: &Message<'_>) -> Option<&'static str> {
    let breaches = message.findings.iter().filter_map(|finding| match &finding.fault {
        Fault::Exchange(breach) => Some(breach),
        _ => None,
    });
    let clues = breaches.flat_map(|breach| match &breach.what {
        What::Auth(clues) => clues.as_slice(),
        _ => &[],
    });
    clues.filter_map(|clue| AUTHS.iter().find(|(id, _)| *id == clue.id)).map(|(_, word)| *word).next()
}

/// Whether what a HAC says by EAP is that it has failed (RFC 3748 section 4.2, RFC 5433 section 10).
fn says_no(value: &[u8]) -> bool {
    let octets = hex::decode(value).unwrap_or_default();
    match eap::Packet::parse(&octets) {
        Ok(eap::Packet::Failure { .. }) => true,
        Ok(eap::Packet::Request { kind: Type::GPSK, data, .. }) => {
            matches!(Gpsk::parse(data), Ok(Gpsk::Fail(_) | Gpsk::ProtectedFail(_)))
        }
        _ => false,
    }
}

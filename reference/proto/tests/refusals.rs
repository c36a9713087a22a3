//! RFC 6618 section 5.3 at the HAC: a table of faults, each beside the same exchange without it.
//!
//! Whatever is wrong, the answer is a status other than 200 without SA data, then the connection closes, and no
//! association is installed.

mod peers;

use crypto::auth::{Direction, Profile, auth};
use crypto::channel_binding::ChannelBinding;
use peers::*;
use proto::Machine;
use proto::hac::{ConnId, Event, Hac, Input, Output};
use proto::refuse::Refusal;
use wire::container::{Container, Repr};
use wire::message::{FinalResponse, Response};
use wire::value::Status;
use wire::{Draft, Line, Name};

const MN_RAND: [u8; 64] = [b'7'; 64];
const PROFILE: Profile = Profile::Rfc6618;

/// A request before it is framed, and what frames it.
struct Forged {
    draft: Draft,
    first_octet: u8,
    identifier: u8,
    /// What signs, unless the row put an `auth` there by itself.
    key: Vec<u8>,
    direction: Direction,
    binding: ChannelBinding,
    /// Sent as they are, in place of the content.
    raw: Option<Vec<u8>>,
}

impl Forged {
    fn init() -> Self {
        let mut draft = Draft::new();
        draft.push(Name::MnId, "alice@example.com");
        draft.push_raw(b"mn-rand", &MN_RAND);
        draft.push(Name::AuthMethod, "psk");
        Self::new(draft, 1)
    }

    fn done(response: &Draft) -> Self {
        let mut draft = Draft::new();
        draft.push_raw(b"mn-rand", &MN_RAND);
        draft.push_raw(b"hac-rand", response.value(Name::HacRand).expect("present"));
        draft.push(Name::Sas, "1");
        draft.push(Name::Suitelist, "{00,2F},{00,3C}");
        Self::new(draft, 2)
    }

    fn new(draft: Draft, identifier: u8) -> Self {
        let (key, binding) = (KEY.to_vec(), binding());
        Self { draft, first_octet: 0, identifier, key, direction: Direction::MnToHac, binding, raw: None }
    }

    fn set(&mut self, name: Name, value: &str) {
        self.draft.set(name, value.as_bytes());
    }

    fn remove(&mut self, name: Name) {
        assert_eq!(self.draft.remove(name), 1, "{} was there", name.as_str());
    }

    fn signed(mut self) -> Self {
        if self.draft.position(Name::Auth).is_none() {
            let octets = self.draft.unsigned_octets();
            self.draft.sign(auth(PROFILE, self.direction, &self.key, &octets, &self.binding));
        }
        self
    }

    fn container(self) -> Vec<u8> {
        let content = self.raw.unwrap_or_else(|| self.draft.octets());
        let mut out = vec![self.first_octet, self.identifier];
        out.extend(u16::try_from(content.len()).expect("short").to_be_bytes());
        out.extend(content);
        out
    }
}

/// What the HAC did with one request.
struct Answer {
    content: Vec<u8>,
    identifier: u8,
    refusal: Option<Refusal>,
    installed: usize,
    closed: usize,
}

fn ask(hac: &mut Hac, octets: Vec<u8>) -> Answer {
    hac.handle(now(), Input::Received { conn: CONN, octets });
    let mut answer = Answer { content: Vec::new(), identifier: 0, refusal: None, installed: 0, closed: 0 };
    for output in drain(hac) {
        match output {
            Output::Send { octets, .. } => {
                let container = Container::new_checked(octets.as_slice()).expect("whole");
                let repr = Repr::parse(&container).expect("a legal container");
                answer.identifier = repr.identifier.get();
                answer.content = repr.content.to_vec();
            }
            Output::Close { .. } => answer.closed += 1,
            Output::Install(_) => answer.installed += 1,
            Output::Event(Event::Refused { refusal, .. }) => answer.refusal = Some(refusal),
            Output::Event(_) => {}
        }
    }
    answer
}

fn listening() -> Hac {
    let mut hac = hac(policy(PROFILE));
    hac.handle(now(), Input::Established { conn: CONN, channel_binding: binding() });
    hac
}

/// A HAC after a good Init, and its answer.
fn expecting_done() -> (Hac, Draft) {
    let mut hac = listening();
    let answer = ask(&mut hac, Forged::init().container());
    assert!(answer.refusal.is_none() && answer.closed == 0, "the twin of every row is accepted");
    (hac, Draft::parse(&answer.content).expect("headers"))
}

fn final_response(content: &[u8]) -> FinalResponse {
    match Response::parse(content).expect("a legal response") {
        Response::Final(response) => response,
        other => panic!("not final: {other:?}"),
    }
}

/// What every refusal has in common, and what it may carry (C2).
fn assert_refused(row: &str, answer: &Answer, status: Status, carries: Carries) {
    let response = final_response(&answer.content);
    assert_eq!(response.status, status, "{row}: {:?}", answer.refusal);
    assert_eq!(answer.refusal.as_ref().map(Refusal::status), Some(status), "{row}");
    assert_eq!((answer.installed, answer.closed), (0, 1), "{row}");
    assert!(response.grant.is_none(), "{row}");
    let text = String::from_utf8_lossy(&answer.content).into_owned();
    assert!(!text.contains("mip6-"), "{row}: SA data in {text}");

    let carried = (response.mn_rand.is_some(), response.hac_rand.is_some(), response.auth.is_some());
    let expected = match carries {
        Carries::StatusOnly => (false, false, false),
        Carries::Nonce => (true, false, false),
        Carries::SignedNonce => (true, false, true),
        Carries::Signed => (false, false, true),
        Carries::All => (true, true, true),
    };
    assert_eq!(carried, expected, "{row}: {text}");
    if let Some(signature) = response.auth {
        let covered = &answer.content[..signature.covered];
        let right = auth(PROFILE, Direction::HacToMn, KEY, covered, &binding());
        assert_eq!(signature.mac, right, "{row}");
    }
}

#[derive(Clone, Copy)]
enum Carries {
    StatusOnly,
    Nonce,
    SignedNonce,
    Signed,
    All,
}

type Fault = fn(&mut Forged);

/// Id, fault in the request Init, status, Identifier of the answer, what the answer carries.
const INIT: &[(&str, Fault, Status, u8, Carries)] = &[
    ("CT-01 version 1", |f| f.first_octet = 0x20, Status::NOT_IMPLEMENTED, 1, Carries::StatusOnly),
    (
        "CT-01 version 7, later identifier",
        |f| (f.first_octet, f.identifier) = (0xe0, 9),
        Status::NOT_IMPLEMENTED,
        9,
        Carries::StatusOnly,
    ),
    ("CT-03 length 0", |f| f.raw = Some(vec![]), Status::BAD_REQUEST, 1, Carries::StatusOnly),
    ("EX-01 identifier 0", |f| f.identifier = 0, Status::BAD_REQUEST, 1, Carries::StatusOnly),
    ("EX-02 identifier 2 at first", |f| f.identifier = 2, Status::BAD_REQUEST, 2, Carries::StatusOnly),
    ("EX-02 identifier 255 at first", |f| f.identifier = 255, Status::BAD_REQUEST, 255, Carries::StatusOnly),
    (
        "TV-02 space before the colon",
        |f| f.draft.lines[0] = verbatim(b"mn-id :alice@example.com\r\n"),
        Status::BAD_REQUEST,
        1,
        Carries::StatusOnly,
    ),
    (
        "TV-04 bare LF",
        |f| f.draft.lines[0] = verbatim(b"mn-id:alice@example.com\n"),
        Status::BAD_REQUEST,
        1,
        Carries::StatusOnly,
    ),
    (
        "TV-06 mn-id twice",
        |f| f.draft.push(Name::MnId, "bob@example.com"),
        Status::BAD_REQUEST,
        1,
        Carries::SignedNonce,
    ),
    ("TV-12 odd number of digits", |f| f.set(Name::MnRand, "777"), Status::BAD_REQUEST, 1, Carries::Signed),
    (
        "TV-13 no colon",
        |f| f.draft.lines[0] = verbatim(b"mn-id\r\n"),
        Status::BAD_REQUEST,
        1,
        Carries::StatusOnly,
    ),
    ("TV-13 NUL", |f| f.set(Name::MnId, "al\0ice@example.com"), Status::BAD_REQUEST, 1, Carries::StatusOnly),
    (
        "CT-09 octets after the end",
        |f| f.draft.end.extend(b"more"),
        Status::BAD_REQUEST,
        1,
        Carries::SignedNonce,
    ),
    ("5.3 no mn-id", |f| f.remove(Name::MnId), Status::BAD_REQUEST, 1, Carries::Nonce),
    ("5.3 no auth-method", |f| f.remove(Name::AuthMethod), Status::BAD_REQUEST, 1, Carries::SignedNonce),
    ("MS-02 no mn-rand", |f| f.remove(Name::MnRand), Status::BAD_REQUEST, 1, Carries::Signed),
    (
        "VA-02 realm of one label",
        |f| f.set(Name::MnId, "alice@example"),
        Status::BAD_REQUEST,
        1,
        Carries::Nonce,
    ),
    ("VA-11 short mn-rand", |f| f.set(Name::MnRand, "77"), Status::BAD_REQUEST, 1, Carries::Signed),
    (
        "VA-22 no usable method",
        |f| f.set(Name::AuthMethod, "x-new"),
        Status::NOT_IMPLEMENTED,
        1,
        Carries::SignedNonce,
    ),
    (
        "AU-06 unknown mn-id",
        |f| f.set(Name::MnId, "eve@example.com"),
        Status::UNAUTHORIZED,
        1,
        Carries::Nonce,
    ),
    (
        "MS-01 Done at first",
        |f| {
            f.draft.remove(Name::MnId);
            f.draft.push(Name::Sas, "1");
        },
        Status::BAD_REQUEST,
        1,
        Carries::Nonce,
    ),
];

/// The same for the request Done. Everything exists by then, so every answer carries everything.
const DONE: &[(&str, Fault, Status, u8)] = &[
    ("CT-01 version 1", |f| f.first_octet = 0x20, Status::NOT_IMPLEMENTED, 2),
    ("CT-03 length 0", |f| f.raw = Some(vec![]), Status::BAD_REQUEST, 2),
    ("EX-01 identifier 0", |f| f.identifier = 0, Status::BAD_REQUEST, 2),
    ("EX-03 identifier 1 again", |f| f.identifier = 1, Status::BAD_REQUEST, 1),
    ("5.5.5 no auth", |f| f.raw = Some(f.draft.octets()), Status::BAD_REQUEST, 2),
    ("AU-05 short auth", |f| f.set(Name::Auth, "0123"), Status::BAD_REQUEST, 2),
    ("AU-09 wrong auth", |f| f.set(Name::Auth, &"0".repeat(64)), Status::UNAUTHORIZED, 2),
    ("AU-09 another key", |f| f.key = b"another key".to_vec(), Status::UNAUTHORIZED, 2),
    ("AU-01 label of the HAC", |f| f.direction = Direction::HacToMn, Status::UNAUTHORIZED, 2),
    ("CB-01 another certificate", |f| f.binding = ChannelBinding::new(vec![0; 32]), Status::UNAUTHORIZED, 2),
    ("TV-08 header after auth", |f| signed_then(f, Name::DnsIp4, "192.0.2.1"), Status::BAD_REQUEST, 2),
    ("MS-10 another mn-rand", |f| f.set(Name::MnRand, &"8".repeat(64)), Status::UNAUTHORIZED, 2),
    ("MS-10 another hac-rand", |f| f.set(Name::HacRand, &"8".repeat(64)), Status::UNAUTHORIZED, 2),
    ("5.8 no mn-rand", |f| f.remove(Name::MnRand), Status::BAD_REQUEST, 2),
    ("5.8 no hac-rand", |f| f.remove(Name::HacRand), Status::BAD_REQUEST, 2),
    ("5.3 no mip6-sas", |f| f.remove(Name::Sas), Status::BAD_REQUEST, 2),
    ("5.3 no mip6-suitelist", |f| f.remove(Name::Suitelist), Status::BAD_REQUEST, 2),
    ("VA-13 mip6-sas 2", |f| f.set(Name::Sas, "2"), Status::BAD_REQUEST, 2),
    ("VA-13 mip6-sas O", |f| f.set(Name::Sas, "O"), Status::BAD_REQUEST, 2),
    ("TV-15 space for comma", |f| f.set(Name::Suitelist, "{00 2F}"), Status::BAD_REQUEST, 2),
    ("MS-12 no common suite", |f| f.set(Name::Suitelist, "{00,01},{FF,FF}"), Status::NOT_IMPLEMENTED, 2),
    ("MS-07 another mn-id", |f| f.draft.insert(0, b"mn-id", b"bob@example.com"), Status::BAD_REQUEST, 2),
    ("MS-08 Mid in PSK", mid, Status::BAD_REQUEST, 2),
    ("TV-06 mn-rand twice", |f| f.draft.push_raw(b"mn-rand", &MN_RAND), Status::BAD_REQUEST, 2),
];

fn verbatim(octets: &[u8]) -> Line {
    Line::Verbatim(octets.to_vec())
}

fn signed_then(forged: &mut Forged, name: Name, value: &str) {
    let octets = forged.draft.unsigned_octets();
    forged.draft.sign(auth(PROFILE, forged.direction, &forged.key, &octets, &forged.binding));
    forged.draft.push(name, value);
}

fn mid(forged: &mut Forged) {
    forged.draft = Draft::new();
    forged.draft.push(Name::EapPayload, "0201000501");
}

#[test]
fn faults_in_init() {
    for (row, fault, status, identifier, carries) in INIT {
        let mut forged = Forged::init();
        fault(&mut forged);
        let answer = ask(&mut listening(), forged.container());
        assert_refused(row, &answer, *status, *carries);
        assert_eq!(answer.identifier, *identifier, "{row}");
    }
}

#[test]
fn faults_in_done() {
    for (row, fault, status, identifier) in DONE {
        let (mut hac, response) = expecting_done();
        let mut forged = Forged::done(&response);
        fault(&mut forged);
        let answer = ask(&mut hac, forged.signed().container());
        assert_refused(row, &answer, *status, Carries::All);
        assert_eq!(answer.identifier, *identifier, "{row}");
    }
}

/// What looks odd but is legal, or is to be tolerated.
const ACCEPTED: &[(&str, Fault)] = &[
    ("the twin of all", |_| {}),
    ("CT-02 reserved bits", |f| f.first_octet = 0x1f),
    ("EX-03 a gap", |f| f.identifier = 200),
    ("EX-05 the last identifier", |f| f.identifier = 255),
    ("TV-01 white space", |f| f.set(Name::Suitelist, " {00,2F}, { 00 , 3C } ")),
    ("TV-05 letter case", |f| {
        f.draft.lines[0] = verbatim(&[b"MN-Rand:", MN_RAND.as_slice(), b"\r\n"].concat())
    }),
    ("TV-07 an unknown header", |f| f.draft.insert(1, b"x-new", b"whatever")),
    ("TV-09 one empty line", |f| f.draft.end = b"\r\n".to_vec()),
    ("TV-16 an SPI in a request", |f| f.draft.insert(0, b"mip6-spi", b"7")),
    ("MS-07 the same mn-id", |f| f.draft.insert(0, b"mn-id", b"alice@EXAMPLE.com")),
    ("VA-21 unassigned suites beside a good one", |f| f.set(Name::Suitelist, "{FF,FF},{00,2F}")),
];

#[test]
fn what_is_no_fault() {
    for (row, change) in ACCEPTED {
        let (mut hac, response) = expecting_done();
        let mut forged = Forged::done(&response);
        change(&mut forged);
        let answer = ask(&mut hac, forged.signed().container());
        assert_eq!(answer.refusal, None, "{row}");
        assert_eq!(final_response(&answer.content).status, Status::OK, "{row}");
        assert_eq!((answer.installed, answer.closed), (1, 1), "{row}");
    }
}

#[test]
fn nothing_is_served_after_the_final_response() {
    let mut hac = listening();
    let mut forged = Forged::init();
    forged.identifier = 9;
    assert_eq!(ask(&mut hac, forged.container()).closed, 1);
    let answer = ask(&mut hac, Forged::init().container());
    assert!(answer.content.is_empty() && answer.closed == 0);

    hac.handle(now(), Input::Closed { conn: CONN });
    assert!(drain(&mut hac).is_empty());
    assert_eq!((hac.connections(), hac.poll_timeout()), (0, None));
}

#[test]
fn pipelined_requests_are_served_in_order() {
    let (_, response) = expecting_done();
    let mut hac = listening();
    // Both at once: the second cannot know the nonce that answers the first.
    let mut done = Forged::done(&response);
    done.set(Name::HacRand, &"8".repeat(64));
    let octets = [Forged::init().container(), done.signed().container()].concat();
    hac.handle(now(), Input::Received { conn: CONN, octets });
    let outputs = drain(&mut hac);
    let [
        Output::Send { .. },
        Output::Event(Event::Refused { refusal, .. }),
        Output::Send { .. },
        Output::Close { .. },
    ] = outputs.as_slice()
    else {
        panic!("{outputs:?}")
    };
    assert_eq!(*refusal, Refusal::WrongEcho { header: "hac-rand" });
}

#[test]
fn one_connection_does_not_see_the_other() {
    let (mut hac, response) = expecting_done();
    let other = ConnId(2);
    hac.handle(now(), Input::Established { conn: other, channel_binding: binding() });
    let octets = Forged::done(&response).signed().container();
    hac.handle(now(), Input::Received { conn: other, octets });
    let outputs = drain(&mut hac);
    assert!(!outputs.iter().any(|output| matches!(output, Output::Install(_))), "{outputs:?}");
}

//! Traces from a seed: an honest MN with one fault, chosen and filled in by the seed.
//!
//! What a HAC or an HA owes for it is not written down: a replay reads it from what is sent.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Act, BindingUpdate, Carried, Fit, Packet, Request, Response, SCHEMA, Step, Trace, registration};
use wire::value::{Ciphersuite, SuiteCode, hex};

/// What goes wrong.
struct Fault {
    name: &'static str,
    story: &'static str,
    at: At,
}

/// Where it goes wrong, and how.
enum At {
    Init(fn(&mut Request, &mut Draw)),
    Done(fn(&mut Request, &mut Draw)),
    /// What the MN says by EAP, in each of its requests behind the first.
    Eap(&'static [&'static str]),
    /// Behind a registration and an echo, which took the Sequence Numbers 0 and 1.
    Packet(fn(&mut Packet, &mut Draw)),
}

use At::{Done, Eap, Init, Packet as OfPacket};

const FAULTS: &[Fault] = &[
    row("version", "Ver is not 0", Init(|request, draw| request.version = draw.from(1, 7))),
    row("reserved", "Rsrvd is not 0", Init(|request, draw| request.reserved = draw.from(1, 31))),
    row(
        "first-identifier",
        "the first Identifier is not 1",
        Init(|request, draw| {
            request.identifier = draw.from(2, 255);
        }),
    ),
    row("identifier-zero", "Identifier 0", Init(|request, _| request.identifier = 0)),
    row("header-missing", "MHAuth-Init lacks a header", Init(drop_a_header)),
    row("header-twice", "MHAuth-Init has a header twice", Init(double_a_header)),
    row(
        "no-colon",
        "a line without a colon",
        Init(|request, draw| {
            let at = draw.below(request.headers.len());
            request.headers.insert(at, "no header at all".to_owned());
        }),
    ),
    row(
        "short-nonce",
        "mn-rand of fewer than 32 octets",
        Init(|request, draw| {
            let octets = usize::from(draw.from(1, 31));
            replace(request, "mn-rand", &hex::encode(&draw.octets()[..octets]));
        }),
    ),
    row(
        "identifier-again",
        "MHAuth-Done has the Identifier of MHAuth-Init",
        Done(|request, _| {
            request.identifier = 1;
        }),
    ),
    row("done-header-missing", "MHAuth-Done lacks a header", Done(drop_a_header)),
    row("done-header-twice", "MHAuth-Done has a header twice", Done(double_a_header)),
    row(
        "foreign-suites",
        "MHAuth-Done offers suites that nobody knows",
        Done(|request, draw| {
            let code = format!("{}", draw.foreign_suite());
            replace(request, "mip6-suitelist", &code);
        }),
    ),
    row(
        "no-scope",
        "mip6-sas is neither 0 nor 1",
        Done(|request, draw| {
            let scope = draw.from(2, 255).to_string();
            replace(request, "mip6-sas", &scope);
        }),
    ),
    row(
        "other-hac-rand",
        "hac-rand is not that of the HAC",
        Done(|request, draw| {
            let nonce = hex::encode(&draw.octets());
            replace(request, "hac-rand", &nonce);
        }),
    ),
    row(
        "other-mn-rand",
        "mn-rand is another one than before",
        Done(|request, draw| {
            let nonce = hex::encode(&draw.octets());
            replace(request, "mn-rand", &nonce);
        }),
    ),
    row(
        "wrong-auth",
        "auth is wrong in a way that is known",
        Done(|request, draw| {
            let word = draw.one_of(&WRONG_AUTHS);
            replace(request, "auth", word);
        }),
    ),
    row(
        "any-auth",
        "auth is 32 random octets",
        Done(|request, draw| {
            let mac = hex::encode(&draw.octets());
            replace(request, "auth", &mac);
        }),
    ),
    row(
        "behind-auth",
        "a header behind auth",
        Done(|request, _| {
            request.headers.push("mip6-port:7872".to_owned());
        }),
    ),
    row(
        "stranger",
        "an MN that nobody knows",
        Init(|request, _| replace(request, "mn-id", "<mn-id of a stranger>")),
    ),
    row(
        "eap-gpsk-secret",
        "EAP-GPSK with another secret than the HAC has",
        // Identity, GPSK-2, and GPSK-Fail back.
        Eap(&["<eap-gpsk of another secret>"; 3]),
    ),
    row(
        "eap-md5-secret",
        "EAP-MD5 with another secret than the HAC has",
        Eap(&["<eap-md5 of another secret>"; 2]),
    ),
    row("wrong-icv", "a packet whose ICV is wrong", OfPacket(|packet, _| packet.icv = Fit::Wrong)),
    row(
        "number-again",
        "a packet with a Sequence Number that was used",
        OfPacket(|packet, draw| {
            packet.sequence = u32::from(draw.from(0, 1));
        }),
    ),
    row(
        "foreign-spi",
        "a packet under an SPI that nobody was given",
        OfPacket(|packet, draw| {
            packet.spi = Some(u32::from(draw.from(1, 255)));
        }),
    ),
    row(
        "unknown-ptype",
        "a packet of a PType that nobody assigned",
        OfPacket(|packet, draw| {
            packet.ptype = draw.from(2, 7);
        }),
    ),
    row("data-as-signalling", "user data in PType 8", OfPacket(|packet, _| packet.ptype = 8)),
    row(
        "plain-data",
        "user data in the clear, where the scope protects it",
        OfPacket(|packet, _| {
            (packet.ptype, packet.sequence) = (0, 0);
        }),
    ),
    row(
        "wrong-checksum",
        "a Binding Update whose checksum is wrong",
        OfPacket(|packet, draw| {
            packet.ptype = 8;
            let lifetime = u16::from(draw.from(10, 250));
            packet.carries =
                Carried::BindingUpdate(BindingUpdate { checksum: Fit::Wrong, ..update(2, lifetime) });
        }),
    ),
];

const WRONG_AUTHS: [&str; 6] = [
    "<auth of the other profile>",
    "<auth of the hac>",
    "<auth of another key>",
    "<auth over the container too>",
    "<auth of another channel>",
    "<auth with a bit turned>",
];

const fn row(name: &'static str, story: &'static str, at: At) -> Fault {
    Fault { name, story, at }
}

/// The names of all faults, in the order of the table.
pub fn faults() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().map(|fault| fault.name)
}

/// The trace of a seed: always the same one. Without the name of a fault the seed chooses; nothing if no fault has that
/// name.
#[must_use]
pub fn generate(seed: u64, fault: Option<&str>) -> Option<Trace> {
    let mut draw = Draw(ChaCha20Rng::seed_from_u64(seed));
    let fault = match fault {
        Some(name) => FAULTS.iter().find(|fault| fault.name == name)?,
        None => draw.one_of(FAULTS),
    };
    Some(Trace {
        schema: SCHEMA.to_owned(),
        name: format!("{}-{seed}", fault.name),
        story: fault.story.to_owned(),
        source: Some(format!("made from seed {seed}")),
        steps: steps(&fault.at, &mut draw).into_iter().map(Step::from).collect(),
    })
}

/// As far as the fault, and no further: what follows a fault is owed nothing.
fn steps(at: &At, draw: &mut Draw) -> Vec<Act> {
    let (mut init, mut done) = (init(), done());
    match at {
        Init(spoil) => {
            spoil(&mut init, draw);
            vec![Act::Request(init)]
        }
        Done(spoil) => {
            spoil(&mut done, draw);
            vec![Act::Request(init), answered(1, None), Act::Request(done)]
        }
        Eap(words) => by_eap(words),
        OfPacket(spoil) => {
            let mut bad = packet(1, 2, Carried::EchoRequest { sequence: 2 });
            spoil(&mut bad, draw);
            vec![
                Act::Request(init),
                answered(1, None),
                Act::Request(done),
                answered(2, Some("200")),
                Act::Packet(packet(8, 0, Carried::BindingUpdate(update(1, 150)))),
                Act::Packet(packet(1, 1, Carried::EchoRequest { sequence: 1 })),
                Act::Packet(bad),
            ]
        }
    }
}

/// MD5-Challenge ends with what its second response says, so that this one is Done.
fn by_eap(words: &[&str]) -> Vec<Act> {
    let init = ["mn-id:<mn-id>", "auth-method:eap"].map(str::to_owned).to_vec();
    let mut steps = vec![Act::Request(Request::new(1, init)), answered(1, None)];
    for (identifier, word) in (2_u8..).zip(words) {
        let mut headers = vec![format!("eap-payload:{word}")];
        if word.starts_with("<eap-md5") && usize::from(identifier) > words.len() {
            headers.extend(["mip6-sas:1", "mip6-suitelist:{00,2F}"].map(str::to_owned));
        }
        headers.push("auth:<auth>".to_owned());
        steps.push(Act::Request(Request::new(identifier, headers)));
    }
    steps
}

/// What an honest HAC answers: no status before the end.
pub(super) fn answered(identifier: u8, status: Option<&str>) -> Act {
    let (status, sa_data) = (status.map(str::to_owned), status.is_some());
    Act::Response(Response { identifier, status, sa_data })
}

pub(super) fn init() -> Request {
    Request::new(1, ["mn-id:<mn-id>", "mn-rand:<mn-rand>", "auth-method:psk"].map(str::to_owned).to_vec())
}

fn done() -> Request {
    let headers =
        ["mn-rand:<mn-rand>", "hac-rand:<hac-rand>", "mip6-sas:1", "mip6-suitelist:{00,2F}", "auth:<auth>"];
    Request::new(2, headers.map(str::to_owned).to_vec())
}

fn packet(ptype: u8, sequence: u32, carries: Carried) -> Packet {
    Packet { ptype, spi: None, sequence, carries, next_header: None, padding: None, icv: Fit::Right }
}

fn update(sequence: u16, lifetime: u16) -> BindingUpdate {
    BindingUpdate { sequence, lifetime, flags: registration(), home: None, checksum: Fit::Right }
}

fn drop_a_header(request: &mut Request, draw: &mut Draw) {
    let at = draw.below(request.headers.len());
    request.headers.remove(at);
}

/// `auth` ends the message, so that it is never doubled.
fn double_a_header(request: &mut Request, draw: &mut Draw) {
    let others = request.headers.iter().filter(|line| !line.starts_with("auth:")).count();
    let at = draw.below(others);
    if let Some(line) = request.headers.get(at).cloned() {
        request.headers.insert(at, line);
    }
}

fn replace(request: &mut Request, name: &str, value: &str) {
    for line in &mut request.headers {
        if line.split(':').next() == Some(name) {
            *line = format!("{name}:{value}");
        }
    }
}

/// What the seed decides.
struct Draw(ChaCha20Rng);

impl Draw {
    /// Below this bound, which is not 0. Not quite uniform, which does not matter here.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0.next_u64() % bound).unwrap_or_default()
    }

    /// From one number to another, both included.
    fn from(&mut self, least: u8, most: u8) -> u8 {
        let span = usize::from(most - least) + 1;
        least + u8::try_from(self.below(span)).unwrap_or_default()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn octets(&mut self) -> [u8; 32] {
        let mut octets = [0; 32];
        self.0.fill_bytes(&mut octets);
        octets
    }

    fn foreign_suite(&mut self) -> SuiteCode {
        loop {
            let code = SuiteCode([self.from(0, 255), self.from(0, 255)]);
            if Ciphersuite::from_code(code).is_none() {
                return code;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lint;
    use super::*;

    #[test]
    fn a_seed_makes_one_trace_that_can_be_played_and_written() {
        for seed in 0..200 {
            let trace = generate(seed, None).expect("the seed chooses a fault");
            assert_eq!(generate(seed, None).as_ref(), Some(&trace));
            assert_eq!(lint(&trace), [], "{trace:?}");
            assert_eq!(Trace::from_json(&trace.to_json()).as_ref(), Ok(&trace));
        }
    }

    #[test]
    fn every_fault_can_be_asked_for_by_name() {
        for name in faults() {
            let trace = generate(1, Some(name)).expect("a name of the table");
            assert_eq!(trace.name, format!("{name}-1"));
        }
        assert_eq!(generate(1, Some("no-such-fault")), None);
    }
}

//! RFC 6618 section 5.8: no second handshake within a TLS session.

use super::s9_2_tls::{GOOD, TLS_1_2, request_init, softer_in_draft};
use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::finding::{Because, Failure, Finding, Outcome, Pass};
use crate::link::{Another, Renegotiation};
use crate::player::ClientHello;

/// Cases about renegotiation.
pub(super) const CASES: &[Case] = &[Case::must(
    "rfc6618/9.2/no-renegotiation",
    "a ClientHello within a session of TLS 1.2 is refused, or let be, and begins no handshake",
    &["rfc6618#5.8/no-renegotiation"],
    Script(Role::Hac, no_renegotiation),
)
.by(&["TL-02"])];

fn no_renegotiation(bench: &mut Bench<'_>) -> Outcome {
    let door = bench.door()?;
    let init = request_init(bench)?;
    let (name, random) = (door.name(), bench.random());
    let hello = |verify_data: &[u8]| {
        let name = name.as_deref();
        ClientHello { version: TLS_1_2, suites: &GOOD, name, random, within: verify_data }.message()
    };
    let became = door
        .renegotiate(&Another { hello: &hello, behind: &init })
        .map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string())))?;
    let expected = "an alert, a close, or an answer to the request behind the ClientHello";
    let outcome = match became {
        Renegotiation::Refused(_) | Renegotiation::LetBe => Ok(Pass::Clean),
        Renegotiation::Served(octets) => {
            let finding = Finding::fails(expected, "another handshake began")
                .with_octets("handshake message received", &octets);
            Err(softer_in_draft(bench, finding))
        }
        Renegotiation::Silence => Err(Finding::Hangs(Box::new(Failure::new(expected, "nothing in time")))),
    };
    bench.check(outcome)
}

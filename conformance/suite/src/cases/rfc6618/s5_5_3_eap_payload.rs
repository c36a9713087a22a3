//! RFC 6618 section 5.5.3: `eap-payload`, an EAP packet in hexadecimal.

use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{EapAccepts, EapRefuses, EapSays, HacAccepts, Script};
use crate::case::{Case, EapFault, Fault, Role};
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::{by_eap, granted};
use crate::player::{EapExchange, EapMethod, Reply};

const GRAMMAR: &[&str] = &["rfc6618#5.5.3/eap-payload-grammar", "rfc6618#5.5.3/eap-payload-hex"];
const FRAME: &[&str] = &["rfc6618#5.5.3/eap-payload-hex"];

/// Cases of section 5.5.3.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.5.3/responses-in-hex",
        "every eap-payload of the HAC holds pairs of hex digits, and an EAP packet whose Length is right",
        GRAMMAR,
        EapSays(EapMethod::Gpsk, responses_in_hex),
    )
    .by(&["TV-12", "VA-20"]),
    Case::must(
        "rfc6618/5.5.3/any-method",
        "the exchange carries every EAP method of the HAC to its end, whatever is in the packets",
        &[
            "rfc6618#5.5.3/eap-payload-transparent",
            "rfc6618#5.5.3/eap-payload-both-ways",
            "rfc6618#5.9/mid-repeats",
        ],
        Script(Role::Hac, any_method),
    )
    .by(&["VA-20"]),
    Case::must(
        "rfc6618/5.5.3/odd-digits",
        "an eap-payload with one hex digit too many is refused",
        GRAMMAR,
        EapRefuses(EapFault::mid(|m| spell(m, |digits| digits.push(b'0')))),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.5.3/no-hex-digit",
        "an eap-payload with a digit that is none is refused",
        GRAMMAR,
        EapRefuses(EapFault::mid(|m| spell(m, |digits| digits.splice(..2, *b"0g").for_each(drop)))),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.5.3/base64",
        "an eap-payload in base64 is refused",
        GRAMMAR,
        EapRefuses(EapFault::mid(|m| m.set(Name::EapPayload, "AgEABQE="))),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.5.3/empty",
        "an eap-payload without a value is refused",
        GRAMMAR,
        EapRefuses(EapFault::mid(|m| {
            m.remove(Name::EapPayload);
            m.line(b"eap-payload:\r\n");
        })),
    )
    .by(&["TV-13"]),
    Case::should(
        "rfc6618/5.5.3/upper-case",
        "an eap-payload in upper-case digits is accepted",
        GRAMMAR,
        EapAccepts(EapFault::mid(|m| spell(m, |digits| digits.make_ascii_uppercase()))),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.5.3/shorter-than-a-header",
        "an EAP packet of three octets is refused",
        FRAME,
        EapRefuses(EapFault::mid(|m| m.change_packet(|packet| packet.truncate(3)))),
    )
    .by(&["VA-20"]),
    Case::should(
        "rfc6618/5.5.3/length-beyond-the-end",
        "an EAP Length of more octets than there are is refused",
        FRAME,
        EapRefuses(EapFault::mid(|m| m.change_packet(|packet| add_to_length(packet, 1)))),
    )
    .by(&["VA-20"]),
    Case::should(
        "rfc6618/5.5.3/length-before-the-end",
        "an EAP Length of fewer octets than there are is refused",
        FRAME,
        EapRefuses(EapFault::mid(|m| m.change_packet(|packet| packet.push(0)))),
    )
    .by(&["VA-20"]),
    Case::should(
        "rfc6618/5.5.3/twice",
        "two equal eap-payload headers are refused",
        &["rfc6618#5.5.3/eap-payload-grammar"],
        EapRefuses(EapFault::mid(|m| super::s5_2_encoding::repeat(m, Name::EapPayload))),
    )
    .by(&["TV-06"]),
    Case::should(
        "rfc6618/5.5.3/in-a-psk-exchange",
        "an eap-payload in the last request of a PSK exchange has no meaning there and is passed over",
        &["rfc6618#5.5.3/eap-payload-both-ways"],
        HacAccepts(Fault::done(|m| m.set(Name::EapPayload, "0201000501"))),
    )
    .by(&["TV-16"]),
];

fn responses_in_hex(exchange: &EapExchange) -> Outcome {
    let mut seen = 0;
    for reply in &exchange.replies {
        seen += usize::from(reply.eap()?.is_some());
    }
    if seen == 0 {
        return Err(Finding::fails("eap-payload headers", "none in any response"));
    }
    Ok(Pass::Clean)
}

fn any_method(bench: &mut Bench<'_>) -> Outcome {
    let mut without = None;
    let mut seen = 0;
    for method in EapMethod::ALL {
        match by_eap::honest(bench, method) {
            Ok(exchange) => {
                seen += 1;
                bench.check(granted(crate::player::Answer::Reply(exchange.done().clone())))?;
                let carried = exchange.replies.iter().filter(|reply| carries(reply)).count();
                bench.expect(carried >= 2, || {
                    Finding::fails("EAP packets in the responses", format!("{carried} in the whole exchange"))
                })?;
            }
            Err(finding @ Finding::Unsupported(_)) => without = Some(finding),
            Err(finding) => return bench.check(Err(finding)),
        }
    }
    match without {
        Some(finding) if seen == 0 => Err(finding),
        _ => Ok(Pass::Clean),
    }
}

fn carries(reply: &Reply) -> bool {
    reply.raw(Name::EapPayload).is_some()
}

/// Changes the digits of `eap-payload`.
fn spell(message: &mut crate::player::MessageForge, change: impl FnOnce(&mut Vec<u8>)) {
    let mut digits = message.draft.value(Name::EapPayload).unwrap_or_default().to_vec();
    change(&mut digits);
    message.set(Name::EapPayload, digits);
}

/// Makes the Length of an EAP packet larger than the packet.
fn add_to_length(packet: &mut [u8], octets: u16) {
    if let Some([high, low]) = packet.get_mut(2..4) {
        [*high, *low] = (u16::from_be_bytes([*high, *low]) + octets).to_be_bytes();
    }
}

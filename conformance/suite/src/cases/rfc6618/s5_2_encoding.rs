//! RFC 6618 section 5.2: TV-headers in the manner of HTTP (RFC 2616 sections 2.1 and 4.2).

use wire::param::Name;

use crate::case::Check::{HacAccepts, HacRefuses, HacSays};
use crate::case::{Case, Fault};
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{Exchange, MessageForge, Reply};

/// Cases of section 5.2.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.2/responses-lex",
        "responses are header lines: name, colon, value, CR LF, and nothing else before the end-of-message",
        &["rfc6618#5.2/header-syntax", "rfc6618#5.2/line-ends", "rfc6618#5.2/folding"],
        HacSays(|exchange| responses(exchange, |reply| reply.headers().map(|_| ()))),
    )
    .by(&["TV-03", "TV-04", "TV-13"]),
    Case::should(
        "rfc6618/5.2/responses-plain",
        "responses have no white space around values",
        &["rfc6618#5.2/white-space"],
        HacSays(|exchange| responses(exchange, unpadded)),
    )
    .by(&["TV-01"]),
    Case::should(
        "rfc6618/5.2/responses-lower-case",
        "header names in responses are in lower case, as printed",
        &["rfc6618#5.2/header-name-case"],
        HacSays(|exchange| responses(exchange, lower_case)),
    )
    .by(&["TV-05"]),
    Case::must(
        "rfc6618/5.2/responses-no-repeats",
        "no header that holds one value stands twice in a response",
        &["rfc6618#5.2/repeated-headers"],
        HacSays(|exchange| responses(exchange, no_repeats)),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/name-upper-case",
        "header names in upper case are understood",
        &["rfc6618#5.2/header-name-case"],
        HacAccepts(Fault::init(|m| rename(m, Name::MnRand, b"MN-RAND"))),
    )
    .by(&["TV-05"]),
    Case::must(
        "rfc6618/5.2/name-mixed-case-in-done",
        "header names in mixed case are understood in the last request",
        &["rfc6618#5.2/header-name-case"],
        HacAccepts(Fault::done(|m| rename(m, Name::Suitelist, b"Mip6-SuiteList"))),
    )
    .by(&["TV-05"]),
    Case::must(
        "rfc6618/5.2/space-after-colon",
        "a space after the colon is allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::init(|m| m.set(Name::AuthMethod, " psk"))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/tab-at-value-end",
        "a tab between value and line end is allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::done(|m| m.set(Name::Sas, "1\t"))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/space-around-list-comma",
        "spaces around the commas of a list are allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,2F} , {00,3C}"))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/order-of-headers",
        "the order of the headers does not matter",
        &["rfc6618#5.2/header-order"],
        HacAccepts(Fault::done(|m| m.draft.lines.reverse())),
    )
    .by(&["TV-08"]),
    Case::must(
        "rfc6618/5.2/unknown-header",
        "a header of unknown name is skipped",
        &["rfc6618#5.2/unknown-headers-ignored"],
        HacAccepts(Fault::init(|m| m.line(b"x-unknown:value\r\n"))),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.2/unknown-header-is-signed",
        "a header of unknown name is skipped, but auth covers its octets",
        &["rfc6618#5.2/unknown-headers-ignored", "rfc6618#5.5.5/auth-covers-message"],
        HacAccepts(Fault::done(|m| m.line(b"x-unknown:value\r\n"))),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.2/hex-upper-case",
        "hexadecimal in upper case is understood",
        &["rfc6618#5.2/hex-network-order"],
        HacAccepts(Fault::init(|m| upper_case(m, Name::MnRand))),
    )
    .by(&["TV-10"]),
    Case::should(
        "rfc6618/5.2/suite-lower-case",
        "hexadecimal in lower case is understood in a suite",
        &["rfc6618#5.2/hex-network-order"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,2f}"))),
    )
    .by(&["TV-10"]),
    Case::must(
        "rfc6618/5.2/no-colon",
        "a line without a colon is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"no colon here\r\n"))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/empty-value",
        "a header without a value is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.set(Name::MnRand, ""))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/empty-name",
        "a line that begins with the colon is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b":value\r\n"))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/nul-in-value",
        "a NUL octet in a value is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::done(|m| m.line(b"x-unknown:a\0b\r\n"))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/escape-in-value",
        "an escape octet in a value is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"x-unknown:\x1b[31m\r\n"))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/high-octet-in-value",
        "an octet above 0x7f outside mn-id is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"x-unknown:\xff\r\n"))),
    )
    .by(&["TV-13"]),
    Case::should(
        "rfc6618/5.2/bare-lf",
        "a line that ends in LF alone is refused",
        &["rfc6618#5.2/line-ends"],
        HacRefuses(Fault::init(|m| m.line(b"x-unknown:value\n"))),
    )
    .by(&["TV-04"]),
    Case::should(
        "rfc6618/5.2/bare-cr",
        "a CR within a line is refused",
        &["rfc6618#5.2/line-ends"],
        HacRefuses(Fault::init(|m| m.line(b"x-unknown:a\rb\r\n"))),
    )
    .by(&["TV-04"]),
    Case::should(
        "rfc6618/5.2/space-before-colon",
        "white space before the colon is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| rename(m, Name::MnRand, b"mn-rand "))),
    )
    .by(&["TV-02"]),
    Case::must(
        "rfc6618/5.2/repeated-mn-id",
        "two mn-id headers are refused, even when they agree",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::init(|m| repeat(m, Name::MnId))),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/repeated-mn-rand",
        "two mn-rand headers are refused",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::init(|m| repeat(m, Name::MnRand))),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/repeated-hac-rand",
        "two hac-rand headers are refused",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::done(|m| repeat(m, Name::HacRand))),
    )
    .by(&["TV-06"]),
    Case::should(
        "rfc6618/5.2/repeated-sas",
        "two mip6-sas headers are refused",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::done(|m| repeat(m, Name::Sas))),
    )
    .by(&["TV-06"]),
    Case::should(
        "rfc6618/5.2/repeated-suitelist-joins",
        "two mip6-suitelist headers are one list",
        &["rfc6618#5.2/repeated-headers"],
        HacAccepts(Fault::done(|m| repeat(m, Name::Suitelist))),
    )
    .by(&["TV-06"]),
];

fn responses(exchange: &Exchange, judge: fn(&Reply) -> Result<(), Finding>) -> Outcome {
    judge(&exchange.init)?;
    judge(&exchange.done)?;
    Ok(Pass::Clean)
}

fn unpadded(reply: &Reply) -> Result<(), Finding> {
    match reply.headers()?.headers.iter().find(|header| header.padded) {
        None => Ok(()),
        Some(header) => Err(Finding::fails("a value without white space around it", "white space")
            .with_octets(
                "header line received",
                reply.content().get(header.at..header.end).unwrap_or_default(),
            )),
    }
}

fn lower_case(reply: &Reply) -> Result<(), Finding> {
    match reply.headers()?.headers.iter().find(|header| header.name.iter().any(u8::is_ascii_uppercase)) {
        None => Ok(()),
        Some(header) => {
            Err(Finding::fails("a header name in lower case", crate::finding::shown(header.name, 64)))
        }
    }
}

fn no_repeats(reply: &Reply) -> Result<(), Finding> {
    use wire::param::Repeat::{Never, NeverSoft};
    let headers = reply.headers()?;
    for name in Name::ALL.into_iter().filter(|name| matches!(name.repeat(), Never | NeverSoft)) {
        let count = headers.all(name).count();
        if count > 1 {
            return Err(Finding::fails(format!("one {name} at most"), format!("{count} of them"))
                .with_octets("Content received", reply.content()));
        }
    }
    Ok(())
}

/// Gives the line of that header another name, its value as it is.
pub(super) fn rename(message: &mut MessageForge, name: Name, to: &[u8]) {
    if let Some(wire::header::Line::Header { name, .. }) =
        message.draft.position(name).and_then(|at| message.draft.lines.get_mut(at))
    {
        *name = to.to_vec();
    }
}

/// Lets the line of that header stand twice.
pub(super) fn repeat(message: &mut MessageForge, name: Name) {
    if let Some(line) = message.draft.position(name).and_then(|at| message.draft.lines.get(at)) {
        let line = line.clone();
        message.draft.lines.push(line);
    }
}

fn upper_case(message: &mut MessageForge, name: Name) {
    if let Some(wire::header::Line::Header { value, .. }) =
        message.draft.position(name).and_then(|at| message.draft.lines.get_mut(at))
    {
        value.make_ascii_uppercase();
    }
}

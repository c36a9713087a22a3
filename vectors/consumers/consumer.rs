//! Reads the vectors as an implementer would. What it counts, all four consumers count: five files, and their rows.
//! `cargo run -p mip6-vectors --example consumer`

use std::process::ExitCode;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use vectors::rows::{Auth, Container, Trailer, Verdict, Window};
use vectors::{Group, Outcome, Test};

fn container(test: &Test<Container>) -> bool {
    let members = &test.row.octets;
    let octets =
        [&members.ver_rsrvd[..], &members.identifier, &members.length, &members.whole_content()].concat();
    let [first, identifier, high, low, content @ ..] = &octets[..] else { return test.row.value.is_none() };
    let length = u16::from_be_bytes([*high, *low]);
    let right = first >> 5 == 0 && *identifier > 0 && length > 0 && usize::from(length) == content.len();
    let seen = right.then_some((first >> 5, first & 31, *identifier, length));
    seen == test.row.value.as_ref().map(|v| (v.version, v.reserved, v.identifier, v.length))
}

fn trailer(test: &Test<Trailer>) -> bool {
    let octets = test.row.octets.joined();
    let whole = octets.split_last_chunk().filter(|(data, [count, _])| usize::from(*count) <= data.len());
    let (Some((data, &[count, next_header])), Some(value)) = (whole, test.row.value) else {
        return whole.is_none() && test.result == Outcome::Invalid;
    };
    let (payload, padding) = data.split_at(data.len() - usize::from(count));
    let legal = padding.iter().copied().eq(1..=count);
    let seen = (payload.len(), padding.len(), next_header);
    seen == (value.payload_len, value.pad_length, value.next_header)
        && legal == (test.result == Outcome::Valid)
}

fn sequence(test: &Test<Window>) -> bool {
    let (mut seen, mut newest) = (Vec::new(), -1);
    test.row.steps.iter().all(|step| {
        let number = i64::from(step.sequence_number);
        let take = !seen.contains(&number) && number > newest - i64::from(test.row.window);
        seen.push(number);
        newest = newest.max(number);
        take == (step.verdict == Verdict::Accept)
    })
}

fn auth(row: &Auth, result: Outcome) -> bool {
    let label = if row.direction == "mn-to-hac" { "MN" } else { "HAC" };
    let label = if row.profile == "draft-01" { "" } else { label };
    let (covered, rest) = row.content.split_at(row.covered);
    let mac = Hmac::<Sha256>::new_from_slice(&row.key).expect("keys of any length");
    let mac =
        mac.chain_update(label).chain_update(covered).chain_update(&row.certificate_hash[..]).finalize();
    let right: String = mac.into_bytes().iter().map(|octet| format!("{octet:02x}")).collect();
    let sent = rest.strip_prefix(b"auth:").and_then(|value| value.split(|octet| *octet == b'\r').next());
    let good = sent == Some(right.as_bytes()) && !row.key.is_empty();
    format!("{:?}", row.auth) == right && good == (result != Outcome::Invalid)
}

/// How many rows were right, and the file itself; 0 as soon as one is not.
fn count<R>(group: Group<R>, check: impl Fn(&Test<R>) -> bool) -> Option<usize> {
    let wrong = group.tests.iter().find(|test| !check(test));
    wrong.iter().for_each(|test| eprintln!("{}", test.id));
    (wrong.is_none() && group.count == group.tests.len() && group.count > 0).then_some(1 + group.count)
}

fn main() -> ExitCode {
    let counts = [
        count(vectors::container(), container),
        count(vectors::trailer(), trailer),
        count(vectors::sequence(), sequence),
        count(vectors::auth_psk(), |test| auth(&test.row, test.result)),
        count(vectors::auth_eap(), |test| auth(&test.row.signed, test.result)),
    ];
    let Some(asserted) = counts.into_iter().sum::<Option<usize>>() else { return ExitCode::FAILURE };
    println!("{asserted} asserted");
    if asserted > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

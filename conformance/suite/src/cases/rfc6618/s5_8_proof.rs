//! RFC 6618 section 5.8: whose key, whose session, whose random values; and what an answer gives away.

use wire::header::lex;
use wire::param::Name;
use wire::value::hex;

use crate::bench::Bench;
use crate::case::Check::{HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::{answer_to_done, granted, greet, play, refused, refuses_done, twin_is_accepted};
use crate::player::{Answer, AuthForge, Exchange, MnPlayer, Reply};

/// Cases of section 5.8 about proofs.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.8/key-of-another-mn",
        "an auth made with the key of another MN that the HAC knows is refused",
        &["rfc6618#5.8/hac-verifies-auth", "rfc6618#5.8/hac-verifies-identity"],
        Script(Role::Hac, key_of_another_mn),
    )
    .by(&["AU-09"]),
    Case::must(
        "rfc6618/5.8/mn-changes-in-done",
        "one MN begins, another one that the HAC knows ends: refused, though its auth is right",
        &["rfc6618#5.8/hac-verifies-identity", "rfc6618#5.8/hac-verifies-auth"],
        Script(Role::Hac, mn_changes_in_done),
    )
    .by(&["MS-07"]),
    Case::should(
        "rfc6618/5.8/same-mn-id-in-done",
        "the mn-id of the first request again in the last one is accepted",
        &["rfc6618#5.8/hac-verifies-identity"],
        Script(Role::Hac, same_mn_id_in_done),
    )
    .by(&["MS-07"]),
    Case::must(
        "rfc6618/5.8/key-as-hex-text",
        "an auth made with the hexadecimal text of the key is refused",
        &["rfc6618#5.8/hac-verifies-auth", "rfc6618#5.8/auth-mn-to-hac"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                done.auth = AuthForge::Key(hex::encode(&mn.identity.psk).into_bytes());
            })
        }),
    )
    .by(&["AU-09"]),
    Case::must(
        "rfc6618/5.8/key-empty",
        "an auth made with an empty key is refused",
        &["rfc6618#5.8/hac-verifies-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Key(Vec::new()))),
    )
    .by(&["AU-10"]),
    Case::must(
        "rfc6618/5.8/key-begins-right",
        "an auth made with the first half of the key is refused",
        &["rfc6618#5.8/hac-verifies-auth"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                let half = mn.identity.psk.len() / 2;
                done.auth = AuthForge::Key(mn.identity.psk[..half].to_vec());
            })
        }),
    )
    .by(&["AU-09"]),
    key_length("rfc6618/5.8/psk-of-16-octets", "a key of 16 octets serves", |bench| serves(bench, 16)),
    key_length("rfc6618/5.8/psk-of-64-octets", "a key as long as a block of SHA-256 serves", |bench| {
        serves(bench, 64)
    }),
    key_length("rfc6618/5.8/psk-of-65-octets", "a key longer than a block of SHA-256 serves", |bench| {
        serves(bench, 65)
    }),
    key_length("rfc6618/5.8/psk-of-200-octets", "a key of 200 octets serves", |bench| serves(bench, 200)),
    Case::should(
        "rfc6618/5.8/psk-of-one-octet",
        "a key of one octet serves: any length but none is legal",
        &["rfc6618#5.8/psk-any-length"],
        Script(Role::Hac, |bench| serves(bench, 1)),
    )
    .by(&["AU-10"]),
    Case::must(
        "rfc6618/5.8/label-in-lower-case",
        "an auth made with the label in lower case is refused",
        &["rfc6618#5.8/labels-without-terminator", "rfc6618#5.8/auth-mn-to-hac"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Label(b"mn"))),
    )
    .by(&["AU-01"]),
    Case::must(
        "rfc6618/5.8/binding-truncated",
        "an auth bound to the first 16 octets of the channel binding is refused",
        &["rfc6618#5.8/cb-octets", "rfc6618#5.8/certificate-hash-in-auth"],
        HacRefuses(Fault::done(|m| {
            m.auth = AuthForge::Binding(|binding| binding.as_octets().get(..16).unwrap_or_default().to_vec());
        })),
    )
    .by(&["CB-01"]),
    Case::must(
        "rfc6618/5.8/binding-twice",
        "an auth bound to the channel binding twice over is refused",
        &["rfc6618#5.8/cb-octets"],
        HacRefuses(Fault::done(|m| {
            m.auth = AuthForge::Binding(|binding| [binding.as_octets(), binding.as_octets()].concat());
        })),
    )
    .by(&["CB-01"]),
    Case::must(
        "rfc6618/5.8/binding-of-zeros",
        "an auth bound to 32 zeros is refused",
        &["rfc6618#5.8/cb-octets", "rfc6618#5.8/certificate-hash-in-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Binding(|_| vec![0; 32]))),
    )
    .by(&["CB-04"]),
    Case::must(
        "rfc6618/5.8/randoms-swapped",
        "mn-rand and hac-rand in each other's place are refused",
        &["rfc6618#5.8/hac-verifies-nonces"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                let hac_rand = mn.hac_rand.clone().unwrap_or_default();
                done.set(Name::MnRand, hex::encode(&hac_rand));
                done.set(Name::HacRand, hex::encode(&mn.mn_rand));
            })
        }),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/hac-rand-last-octet",
        "a hac-rand that differs in its last bit is refused",
        &["rfc6618#5.8/hac-verifies-nonces"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                let mut hac_rand = mn.hac_rand.clone().unwrap_or_default();
                if let Some(last) = hac_rand.last_mut() {
                    *last ^= 1;
                }
                done.set(Name::HacRand, hex::encode(&hac_rand));
            })
        }),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/hac-rand-of-another-session",
        "the hac-rand of another open session is refused",
        &["rfc6618#5.8/hac-verifies-nonces"],
        Script(Role::Hac, hac_rand_of_another_session),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/hac-rand-not-mn-rand",
        "hac-rand is not mn-rand sent back, nor 32 octets of one value",
        &["rfc6618#5.5.8/random-values-fresh", "rfc6618#5.8/hac-rand-and-suite"],
        HacSays(hac_rand_not_mn_rand),
    )
    .by(&["TL-06"]),
    Case::must(
        "rfc6618/5.8/hac-rand-not-derived",
        "two sessions with the same mn-rand see different hac-rand",
        &["rfc6618#5.5.8/random-values-fresh"],
        Script(Role::Hac, hac_rand_not_derived),
    )
    .by(&["TL-06"]),
    Case::must(
        "rfc6618/5.8/hac-rand-varies-throughout",
        "no octet of hac-rand is the same in eight sessions",
        &["rfc6618#5.5.8/random-values-fresh"],
        Script(Role::Hac, hac_rand_varies),
    )
    .by(&["TL-06"]),
    Case::should(
        "rfc6618/5.8/unknown-identity-well-hidden",
        "a HAC that hides whom it knows answers a stranger in the same shape as a wrong key",
        &["rfc6618#5.8/response-init-contents", "rfc6618#5.8/response-done-failure"],
        Script(Role::Hac, unknown_identity_well_hidden),
    )
    .by(&["AU-06"]),
    Case::should(
        "rfc6618/5.8/wrong-key-looks-like-wrong-octets",
        "the refusal of a wrong key has the shape of the refusal of a turned bit",
        &["rfc6618#5.8/response-done-failure"],
        Script(Role::Hac, wrong_key_looks_like_wrong_octets),
    )
    .by(&["AU-09"]),
];

const fn key_length(id: &'static str, story: &'static str, script: fn(&mut Bench<'_>) -> Outcome) -> Case {
    Case::must(id, story, &["rfc6618#5.8/psk-any-length"], Script(Role::Hac, script)).by(&["AU-10"])
}

/// The spare MN with a key of that many octets gets its SA.
fn serves(bench: &mut Bench<'_>, octets: usize) -> Outcome {
    for lease in bench.spare(|identity| identity.psk.len() == octets)? {
        let mut mn = bench.mn_for(lease.identity)?;
        let answer = play(&mut mn, Fault::done(|_| {}))?;
        bench.check(granted(answer))?;
    }
    Ok(Pass::Clean)
}

fn key_of_another_mn(bench: &mut Bench<'_>) -> Outcome {
    let other = bench.spare(|identity| identity.psk.len() == 65)?;
    let key = other.first().map(|lease| lease.identity.psk.clone()).unwrap_or_default();
    refuses_done(bench, |_, done| done.auth = AuthForge::Key(key))
}

fn mn_changes_in_done(bench: &mut Bench<'_>) -> Outcome {
    let other = bench.spare(|identity| identity.psk.len() == 65)?;
    let Some(other) = other.first().map(|lease| lease.identity.clone()) else {
        return Err(Finding::Harness("a lease of nobody".to_owned()));
    };
    refuses_done(bench, |_, done| {
        done.line(format!("mn-id:{}\r\n", other.mn_id).as_bytes());
        done.auth = AuthForge::Key(other.psk);
    })
}

fn same_mn_id_in_done(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let (_, answer) = answer_to_done(bench, |mn, done| {
        done.line(format!("mn-id:{}\r\n", mn.identity.mn_id).as_bytes());
    })?;
    bench.check(granted(answer))
}

fn hac_rand_of_another_session(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut other = bench.mn()?;
    greet(&mut other)?;
    let mut mn = bench.mn()?;
    mn.mn_rand = other.mn_rand;
    mn.mn_rand[31] ^= 1;
    greet(&mut mn)?;
    mn.hac_rand = other.hac_rand.clone();
    mn.send(&mn.done())?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn hac_rand_not_mn_rand(exchange: &Exchange) -> Outcome {
    let hac_rand = exchange.init.raw(Name::HacRand).and_then(|value| hex::decode(value).ok());
    let hac_rand = hac_rand.unwrap_or_default();
    if hac_rand.is_empty() || hac_rand == exchange.mn_rand || hac_rand.iter().all(|o| *o == hac_rand[0]) {
        return Err(
            Finding::fails("32 random octets", "a value that is none").with_octets("hac-rand", &hac_rand)
        );
    }
    Ok(Pass::Clean)
}

fn hac_rand_not_derived(bench: &mut Bench<'_>) -> Outcome {
    let mn_rand = bench.random();
    let mut seen: Option<Vec<u8>> = None;
    for _ in 0..2 {
        let mut mn = bench.mn()?;
        mn.mn_rand = mn_rand;
        mn.send(&mn.init())?;
        let reply = mn.init_answer().reply("a response to an honest MHAuth-Init")?;
        if seen.is_some() && reply.refuses() {
            // It remembers what was used before.
            bench.check(Ok(()))?;
            return Ok(Pass::Clean);
        }
        let hac_rand = mn.hac_rand.clone();
        bench.expect(hac_rand.is_some() && hac_rand != seen, || {
            Finding::fails("a hac-rand of this session's own", "that of a session with the same mn-rand")
        })?;
        seen = hac_rand;
    }
    Ok(Pass::Clean)
}

/// Eight random octets agree once in 2^56 times.
fn hac_rand_varies(bench: &mut Bench<'_>) -> Outcome {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for _ in 0..8 {
        let mut mn = bench.mn()?;
        greet(&mut mn)?;
        seen.push(mn.hac_rand.clone().unwrap_or_default());
    }
    let shortest = seen.iter().map(Vec::len).min().unwrap_or_default();
    let constant = (0..shortest).find(|&at| seen.iter().all(|rand| rand[at] == seen[0][at]));
    bench.expect(shortest > 0 && constant.is_none(), || {
        Finding::fails("32 random octets", format!("octet {} never changes", constant.unwrap_or_default()))
    })?;
    Ok(Pass::Clean)
}

/// What an observer can compare: status, header names in order, and lengths of values.
type Shape = Vec<(Vec<u8>, usize)>;

fn shape(reply: &Reply) -> Shape {
    let Ok(lexed) = lex(reply.content()) else { return Vec::new() };
    let row = |header: &wire::header::Header<'_>| {
        let is_status = header.known() == Some(Name::StatusCode);
        let name = if is_status { header.value.to_vec() } else { header.name.to_ascii_lowercase() };
        (name, header.value.len())
    };
    lexed.headers.iter().map(row).collect()
}

/// Both responses that a last request with the key `key` gets.
fn shapes(mn: &mut MnPlayer, key: &[u8]) -> Result<Option<[Shape; 2]>, Finding> {
    mn.send(&mn.init())?;
    let Answer::Reply(init) = mn.init_answer() else { return Ok(None) };
    if init.raw(Name::StatusCode).is_some() {
        return Ok(None);
    }
    let mut done = mn.done();
    done.auth = AuthForge::Key(key.to_vec());
    mn.send(&done)?;
    let Answer::Reply(last) = mn.answer() else { return Ok(None) };
    Ok(Some([shape(&init), shape(&last)]))
}

const WRONG_KEY: &[u8] = b"not the key of this mobile node!";

fn unknown_identity_well_hidden(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let nobody: [u8; 8] = bench.random();
    let mut stranger = bench.mn()?;
    stranger.identity.mn_id = format!("nobody-{}@conform.example", hex::encode(&nobody));
    let Some(to_stranger) = shapes(&mut stranger, WRONG_KEY)? else {
        // It tells at once, without auth: nothing is hidden.
        bench.check(Ok(()))?;
        return Ok(Pass::Clean);
    };
    let mut known = bench.mn()?;
    let to_known = shapes(&mut known, WRONG_KEY)?;
    bench.expect(to_known.as_ref() == Some(&to_stranger), || {
        Finding::fails(
            "answers of one shape to a stranger and to a wrong key",
            "answers that tell who is known",
        )
    })?;
    Ok(Pass::Lenient("AU-06"))
}

fn wrong_key_looks_like_wrong_octets(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut refusals = Vec::new();
    for auth in [AuthForge::Key(WRONG_KEY.to_vec()), AuthForge::FlippedBit] {
        let (_, answer) = answer_to_done(bench, |_, done| done.auth = auth)?;
        refusals.push(shape(&answer.reply("a final response that refuses")?));
    }
    bench.expect(refusals[0] == refusals[1], || {
        Finding::fails("refusals of one shape", "refusals that tell why the key does not fit")
    })?;
    Ok(Pass::Clean)
}

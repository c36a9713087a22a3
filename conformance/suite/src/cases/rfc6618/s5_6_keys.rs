//! RFC 6618 section 5.6.2 and 9.3: keys that keep nothing back: complete, unlike each other, from good randomness.

use wire::param::Name;
use wire::value::{Ciphersuite, Scope};

use crate::bench::Bench;
use crate::case::Check::{HacSays, Script};
use crate::case::{Case, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::player::Exchange;

/// Cases of section 5.6.2 about the making of keys.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.6.2/encryption-keys-there",
        "with a suite that encrypts there is an encryption key for each direction",
        &["rfc6618#4.3/sa-contains-cipher-keys", "rfc6618#5.3/success-sa-data"],
        Script(Role::Hac, encryption_keys_there),
    )
    .by(&["SA-01"]),
    Case::should(
        "rfc6618/5.6.2/null-without-encryption-keys",
        "with a suite that does not encrypt there is no encryption key",
        &["rfc6618#5.6.5/integrity-only-means-null", "rfc6618#5.6.2/key-length-by-suite"],
        Script(Role::Hac, null_without_encryption_keys),
    )
    .by(&["SA-02"]),
    Case::must(
        "rfc6618/5.6.2/3des-not-degenerate",
        "the parts of a TripleDES key differ",
        &["rfc6618#5.6.2/key-length-by-suite", "rfc6618#5.6.5/3des-ede-cbc-sha"],
        Script(Role::Hac, triple_des_not_degenerate),
    )
    .by(&["SA-04"]),
    Case::must(
        "rfc6618/5.6.2/ikeys-in-hex",
        "both integrity keys are pairs of hexadecimal digits",
        &["rfc6618#5.6.2/mn-to-ha-ikey-grammar", "rfc6618#5.6.2/ha-to-mn-ikey-grammar"],
        HacSays(|exchange| in_hex(exchange, [Name::MnToHaIkey, Name::HaToMnIkey])),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.6.2/ekeys-in-hex",
        "both encryption keys are pairs of hexadecimal digits",
        &["rfc6618#5.6.2/mn-to-ha-ekey-grammar", "rfc6618#5.6.2/ha-to-mn-ekey-grammar"],
        HacSays(|exchange| in_hex(exchange, [Name::MnToHaEkey, Name::HaToMnEkey])),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.6.2/no-key-of-one-octet-value",
        "no key repeats one octet value, such as zero, all the way",
        &["rfc6618#9.3/fresh-keys", "rfc6618#9.3/random-keys"],
        HacSays(no_key_of_one_value),
    ),
    Case::must(
        "rfc6618/5.6.2/keys-vary-throughout",
        "no octet of any key is the same in eight bootstraps",
        &["rfc6618#9.3/fresh-keys", "rfc6618#9.3/random-keys"],
        Script(Role::Hac, keys_vary_throughout),
    ),
    Case::must(
        "rfc6618/5.6.2/keys-not-the-psk",
        "no key begins with octets of the pre-shared key or of a random value of the exchange",
        &["rfc6618#9.3/fresh-keys", "rfc6618#9.3/random-keys"],
        HacSays(keys_not_known_before),
    ),
    Case::should(
        "rfc6618/5.6.3/weekday",
        "the weekday of mip6-sa-validity-end is that of its date",
        &["rfc6618#5.6.3/validity-end-is-date"],
        HacSays(|exchange| {
            let value = exchange.done.raw(Name::SaValidityEnd).unwrap_or_default();
            wire::value::Date::parse(value).map(|_| Pass::Clean).map_err(|error| {
                Finding::malformed("the weekday that belongs to the date", &error)
                    .with_octets("mip6-sa-validity-end received", value)
            })
        }),
    )
    .by(&["VA-09"]),
    Case::should(
        "rfc6618/5.6/sa-header-in-init-ignored",
        "an SA header in the first request is ignored, or the request refused",
        &["rfc6618#5.6/sa-headers-in-responses", "rfc6618#5.6/mn-cannot-provision"],
        Script(Role::Hac, sa_header_in_init),
    )
    .by(&["TV-16"]),
];

/// An exchange that ended in an SA of this suite; that each suite is served is for other cases.
fn with_suite(bench: &mut Bench<'_>, suite: Ciphersuite) -> Result<Exchange, Finding> {
    let exchange = bench.exchange_with(&[suite], Scope::AllTraffic)?;
    if exchange.done.grants() {
        Ok(exchange)
    } else {
        let what = format!("{} alone: {}", suite.name(), exchange.done.describe());
        Err(Finding::Inconclusive(Because::Prerequisite(what)))
    }
}

fn encryption_keys_there(bench: &mut Bench<'_>) -> Outcome {
    for suite in [Ciphersuite::Aes128Sha, Ciphersuite::Aes128Sha256, Ciphersuite::TripleDesSha] {
        let exchange = with_suite(bench, suite)?;
        for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
            bench.check(exchange.done.required(name))?;
        }
    }
    Ok(Pass::Clean)
}

fn null_without_encryption_keys(bench: &mut Bench<'_>) -> Outcome {
    for suite in [Ciphersuite::NullSha, Ciphersuite::NullSha256] {
        let exchange = with_suite(bench, suite)?;
        for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
            bench.expect(exchange.done.raw(name).is_none(), || {
                Finding::fails(format!("no {name} with {}", suite.name()), "one was sent")
            })?;
        }
    }
    Ok(Pass::Clean)
}

fn triple_des_not_degenerate(bench: &mut Bench<'_>) -> Outcome {
    let exchange = with_suite(bench, Ciphersuite::TripleDesSha)?;
    for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
        let key = octets(&exchange, name);
        let parts: Vec<Vec<u8>> = key.chunks(8).map(without_parity).collect();
        let [k1, k2, k3] = parts.as_slice() else {
            return Err(Finding::Inconclusive(Because::Prerequisite(format!("{name} has not 24 octets"))));
        };
        bench.expect(k1 != k2 && k2 != k3, || {
            Finding::fails("three different parts, two by two", format!("equal parts in {name}"))
        })?;
    }
    Ok(Pass::Clean)
}

/// The lowest bit of each octet of a DES key does not encrypt.
fn without_parity(part: &[u8]) -> Vec<u8> {
    part.iter().map(|octet| octet & 0xfe).collect()
}

fn in_hex(exchange: &Exchange, names: [Name; 2]) -> Outcome {
    for name in names {
        exchange.done.optional(name)?;
    }
    Ok(Pass::Clean)
}

const KEYS: [Name; 4] = [Name::MnToHaIkey, Name::HaToMnIkey, Name::MnToHaEkey, Name::HaToMnEkey];

/// The octets of a key; none where it is absent or no hexadecimal.
fn octets(exchange: &Exchange, name: Name) -> Vec<u8> {
    exchange.done.raw(name).and_then(|value| wire::value::hex::decode(value).ok()).unwrap_or_default()
}

fn no_key_of_one_value(exchange: &Exchange) -> Outcome {
    for name in KEYS {
        let key = octets(exchange, name);
        if key.len() > 1 && key.iter().all(|octet| *octet == key[0]) {
            return Err(Finding::fails(
                "a random key",
                format!("{} times {:02x} in {name}", key.len(), key[0]),
            ));
        }
    }
    Ok(Pass::Clean)
}

/// Eight random octets agree once in 2^56 times.
fn keys_vary_throughout(bench: &mut Bench<'_>) -> Outcome {
    let mut bootstraps = Vec::new();
    for _ in 0..8 {
        bootstraps.push(with_suite(bench, Ciphersuite::Aes128Sha)?);
    }
    for name in KEYS {
        let keys: Vec<Vec<u8>> = bootstraps.iter().map(|exchange| octets(exchange, name)).collect();
        let shortest = keys.iter().map(Vec::len).min().unwrap_or_default();
        let constant = (0..shortest).find(|&at| keys.iter().all(|key| key[at] == keys[0][at]));
        bench.expect(constant.is_none(), || {
            let at = constant.unwrap_or_default();
            Finding::fails("keys of random octets", format!("octet {at} of {name} never changes"))
        })?;
    }
    Ok(Pass::Clean)
}

fn keys_not_known_before(exchange: &Exchange) -> Outcome {
    let hac_rand = exchange.init.raw(Name::HacRand).and_then(|value| wire::value::hex::decode(value).ok());
    let known = [exchange.identity.psk.clone(), exchange.mn_rand.to_vec(), hac_rand.unwrap_or_default()];
    for name in KEYS {
        let key = octets(exchange, name);
        let front = key.get(..8).unwrap_or_default();
        if !front.is_empty() && known.iter().any(|known| known.windows(8).any(|part| part == front)) {
            return Err(Finding::fails(
                "a key of its own",
                format!("{name} is cut out of what both ends knew"),
            ));
        }
    }
    Ok(Pass::Clean)
}

fn sa_header_in_init(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = bench.mn()?;
    let mut init = mn.init();
    init.line(b"mip6-spi:77\r\n");
    mn.send(&init)?;
    let first = mn.init_answer().reply("a response to a first request with mip6-spi")?;
    if first.raw(Name::StatusCode).is_some() {
        bench.check(Ok(()))?;
        return Ok(Pass::Lenient("TV-16"));
    }
    mn.send(&mn.done())?;
    let last = mn.answer().reply("a final response")?;
    bench.expect(last.grants() && last.raw(Name::Spi) != Some(b"77"), || {
        Finding::fails("an SPI of the HAC's own making", last.describe())
    })?;
    Ok(Pass::Clean)
}

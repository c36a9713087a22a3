//! RFC 6618 section 4.3: SAs of different MNs. The MNs are the spare ones of the run and the case's own.

use std::collections::BTreeSet;

use wire::message::SaData;

use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::finding::{Because, Finding, Outcome, Pass};

/// Cases of section 4.3 that judge a HAC.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/4.3/spi-differs-between-mns",
        "MNs whose SAs are valid at the same time have different SPIs",
        &["rfc6618#4.3/spi-unique"],
        Script(Role::Hac, spi_differs),
    )
    .by(&["VA-12"]),
    Case::must(
        "rfc6618/4.3/keys-differ-between-mns",
        "no two MNs have a key in common",
        &["rfc6618#9.3/fresh-keys", "rfc6618#9.3/random-keys"],
        Script(Role::Hac, keys_differ),
    ),
];

/// One live SA of each MN that the case can hold; at least two.
fn associations(bench: &mut Bench<'_>) -> Result<Vec<SaData>, Finding> {
    // Held until all have theirs, so that nobody else makes one of them start over.
    let leases = bench.spare(|identity| identity.mn_id.len() <= 72 && identity.psk.len() >= 16)?;
    let mut associations = vec![bench.exchange()?.grant()?.sa];
    for lease in &leases {
        let exchange = bench.mn_for(lease.identity)?.exchange()?;
        // Whether an MN of unusual form is served is for other cases.
        if exchange.done.grants() {
            associations.push(exchange.grant()?.sa);
        }
    }
    if associations.len() < 2 {
        let what = "no spare identity was served".to_owned();
        return Err(Finding::Inconclusive(Because::Prerequisite(what)));
    }
    Ok(associations)
}

fn spi_differs(bench: &mut Bench<'_>) -> Outcome {
    let mut seen = BTreeSet::new();
    for sa in associations(bench)? {
        bench.expect(seen.insert(sa.spi.get()), || {
            Finding::fails("an SPI that no other MN has", format!("{} for two MNs", sa.spi))
        })?;
    }
    Ok(Pass::Clean)
}

fn keys_differ(bench: &mut Bench<'_>) -> Outcome {
    let mut seen = BTreeSet::new();
    for sa in associations(bench)? {
        let keys = [Some(sa.mn_to_ha.ikey), sa.mn_to_ha.ekey, Some(sa.ha_to_mn.ikey), sa.ha_to_mn.ekey];
        for key in keys.into_iter().flatten() {
            bench.expect(seen.insert(key), || {
                Finding::fails("keys of the MN's own", "a key that another MN has, or the same key twice")
            })?;
        }
    }
    Ok(Pass::Clean)
}

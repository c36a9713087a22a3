//! RFC 6618 section 4.3: what only many bootstraps show.

use std::collections::BTreeMap;

use wire::value::Spi;

use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::crowd;
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::identity::Identity;
use crate::player::MnPlayer;

/// Cases of section 4.3 that need many bootstraps.
pub(super) const CASES: &[Case] = &[Case::must(
    "rfc6618/4.3/spi-unique-in-a-thousand",
    "a thousand bootstraps get a thousand different SPIs; an SPI that two MNs have fails, one that an MN gets again warns",
    &["rfc6618#4.3/spi-unique", "rfc6618#5.6.1/spi-not-zero"],
    Script(Role::Hac, spi_unique),
)
.by(&["SA-11", "VA-12"])];

const BOOTSTRAPS: usize = 1000;

fn spi_unique(bench: &mut Bench<'_>) -> Outcome {
    let has_usual_name = |identity: &Identity| [16, 64].contains(&identity.psk.len());
    let leases = bench.setup().identities.spare(has_usual_name);
    let mut mns = vec![bench.identity()];
    for lease in &leases {
        // Whether a key of that length is served is for other cases.
        if bench.mn_for(lease.identity)?.exchange().is_ok_and(|exchange| exchange.done.grants()) {
            mns.push(lease.identity);
        }
    }
    let mut owners: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (whose, spi) in crowd::visit(bench, &mns, BOOTSTRAPS, granted_spi)? {
        owners.entry(spi.get()).or_default().push(whose);
    }
    let expected = "an SPI that no live SA has";
    // What fails is looked for in all of them before what warns, or luck would choose the verdict.
    let shared = owners.iter().find(|(_, whose)| whose.iter().any(|one| *one != whose[0]));
    bench.expect(shared.is_none(), || {
        let spi = shared.map(|(spi, _)| *spi).unwrap_or_default();
        Finding::fails(expected, format!("{spi} for two MNs, within {BOOTSTRAPS} bootstraps"))
    })?;
    let again = owners.iter().find(|(_, whose)| whose.len() > 1);
    bench.expect(again.is_none(), || {
        let spi = again.map(|(spi, _)| *spi).unwrap_or_default();
        Finding::warns(expected, format!("{spi} again for one MN, within {BOOTSTRAPS} bootstraps"))
    })?;
    Ok(Pass::Clean)
}

fn granted_spi(mn: MnPlayer) -> Result<Spi, Finding> {
    let exchange = mn.exchange()?;
    if !exchange.done.grants() {
        let what = format!("one bootstrap of {BOOTSTRAPS}: {}", exchange.done.describe());
        return Err(Finding::Inconclusive(Because::Prerequisite(what)));
    }
    Ok(exchange.grant()?.sa.spi)
}

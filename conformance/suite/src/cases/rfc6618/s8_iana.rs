//! RFC 6618 section 8: the registered numbers. PTypes are under section 6.2, the status 176 is for MNs to obey.

use crate::bench::{Bench, register};
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::finding::{Because, Finding, Outcome, Pass};

/// Cases of section 8.
pub(super) const CASES: &[Case] = &[Case::must(
    "rfc6618/8.3/service-port",
    "the HA serves the port that the HAC hands out, and 7872 when it hands out none",
    &["rfc6618#8.3/port-value", "rfc6618#6.1/ha-listens-on-service-port"],
    Script(Role::Ha, service_port),
)
.by(&["SA-08"])];

fn service_port(bench: &mut Bench<'_>) -> Outcome {
    if bench.setup().ha.is_some() {
        return Err(Finding::Unsupported(Because::Needs("a run without --ha: it says where the HA is")));
    }
    let mut tunnel = bench.signaling_tunnel()?;
    bench.check(register(&mut tunnel).map_err(|finding| match finding {
        Finding::Inconclusive(because) => {
            Finding::fails("a Binding Update answered at that port", because.to_string())
        }
        other => other,
    }))?;
    Ok(Pass::Clean)
}

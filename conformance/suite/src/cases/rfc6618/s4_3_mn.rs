//! RFC 6618 section 4.3, the MN's part: it renews its SA in time.

use core::time::Duration;

use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::finding::{Finding, Outcome, Pass};
use crate::link::Accepted;
use crate::visit::welcome;

/// Cases of section 4.3 that judge an MN.
pub(super) const CASES: &[Case] = &[Case::must(
    "rfc6618/4.3/mn-renews-before-the-end",
    "an MN whose SA lasts eight seconds contacts the HAC again before they are over",
    &["rfc6618#4.3/mn-renews-before-end", "rfc6618#9.3/lifetime-from-validity-end"],
    Script(Role::Mn, renews_before_the_end),
)
.by(&["SA-10"])];

/// How long an SA lasts that must be renewed while we wait.
const SHORT: Duration = Duration::from_secs(8);

fn renews_before_the_end(bench: &mut Bench<'_>) -> Outcome {
    let mut guest = welcome(bench)?;
    guest.grant_for(SHORT);
    guest.bootstrap()?;
    bench.check(match guest.mn().accept(SHORT) {
        Accepted::Session(_) => Ok(Pass::Clean),
        _ => Err(Finding::fails("a new session with the HAC before the SA ends", "none")),
    })
}

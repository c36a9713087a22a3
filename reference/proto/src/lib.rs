//! RFC 6618 as values: the mobile node, the home agent controller and the home agent, with no socket, clock or
//! random source of their own.
//!
//! Reading order is the order of the specification:
//!
//! | Section | Module |
//! | --- | --- |
//! | 4.3 the security association | [`sa`], [`sequence`] |
//! | 5.1 to 5.9 MN and HAC talk inside TLS | [`framing`], [`refuse`], [`eap`], [`hac`], [`mn`] |
//! | 6 MN and HA talk over UDP | [`mn`], [`ha`], [`discard`], [`correspondent`] |
//!
//! # The drain rule
//!
//! Every role is a [`Machine`]. Its owner feeds it inputs and owns all effects:
//!
//! ```text
//! loop {
//!     while let Some(output) = machine.poll_output() { carry it out }
//!     wait for an input, or until machine.poll_timeout();
//!     machine.handle(now, input)  or  machine.handle_timeout(now);
//! }
//! ```
//!
//! After every `handle` and every `handle_timeout`, drain `poll_output` until it says `None`, in order, and only then
//! ask `poll_timeout`. Outputs are carried out in the order in which they come out. A machine never blocks, never
//! looks at a clock and never panics on what a peer sent.

#![forbid(unsafe_code)]

pub mod correspondent;
pub mod discard;
pub mod eap;
pub mod framing;
pub mod ha;
pub mod hac;
mod inner;
pub mod mn;
pub mod refuse;
pub mod sa;
pub mod sequence;
mod shared_key;

use std::ops::Add;
use std::time::Duration;

use wire::value::Date;

/// A moment: the time since the Unix epoch, in whatever resolution the owner has.
///
/// Validity ends (section 5.6.3) are calendar dates, hence the epoch. Machines expect moments that never go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub Duration);

impl Timestamp {
    /// The moment of a calendar date.
    pub fn of_date(date: Date) -> Self {
        Self(Duration::from_secs(date.unix_seconds()))
    }

    /// The calendar date of this moment; the part of a second is cut off.
    pub fn date(self) -> Date {
        Date::from_unix_seconds(self.0.as_secs())
    }

    /// How long after `earlier` this moment is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment less `span`, not before the epoch.
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

/// Where keys, nonces, SPIs and IVs come from.
///
/// Owners of real machines hand in the system's generator, simulations a seeded one.
pub trait Random: Send {
    /// Overwrites all of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// A role as a value: inputs in, outputs out, time as an argument. The crate's page has the drain rule.
pub trait Machine {
    /// What can happen to it.
    type Input;
    /// What it wants done. Every effect is here.
    type Output;

    /// Something happened.
    fn handle(&mut self, now: Timestamp, input: Self::Input);

    /// The next thing to do; `None` when drained.
    fn poll_output(&mut self) -> Option<Self::Output>;

    /// When [`Machine::handle_timeout`] is wanted, if nothing happens before.
    fn poll_timeout(&self) -> Option<Timestamp>;

    /// The moment of `poll_timeout` has come. Too early a call changes nothing.
    fn handle_timeout(&mut self, now: Timestamp);
}

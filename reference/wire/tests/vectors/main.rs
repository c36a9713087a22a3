//! The vectors of `vectors/rfc6618`, read and written: what the codec makes of octets that it had no part in;
//! and the Mobility Headers of scapy, where `../shared` stands beside the checkout.

mod container;
mod content;
mod header;
mod message;
mod mobility;
mod packet;
mod scapy;
mod suite;
mod trailer;

use vectors::{Outcome, Test};

/// Whether a row may be accepted or refused as it was; `ours` counts, since this is the reference.
fn judge<R>(test: &Test<R>, accepted: bool) {
    let expected = match test.result {
        Outcome::Lenient => test.ours,
        certain => Some(certain),
    };
    let outcome = if accepted { Outcome::Valid } else { Outcome::Invalid };
    assert!(expected.is_none_or(|expected| expected == outcome), "{}: {outcome:?}", test.id);
}

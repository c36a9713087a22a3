//! The honest reference behind a liar's wrapper, one lie each; and the honest one itself, in memory.
//!
//! - [`subject`]: HAC, HA and MN without a socket, as the suite's links reach them.
//! - [`mutant`]: the catalogue: what each lie is and which cases must notice.
//! - `lies`: the lies, by topic, in the order of the RFC. [`liar`]: the wrappers that tell them, over any machine.
//! - [`unkilled`]: the cases that no lie can reach from outside, with reasons.

#![forbid(unsafe_code)]

pub mod liar;
mod lies;
pub mod mutant;
pub mod seat;
pub mod subject;
pub mod unkilled;

//! The honest reference behind a liar's wrapper, one lie each; and the honest one itself, in memory.
//!
//! [`subject`] lets the suite judge the reference without a socket.

#![forbid(unsafe_code)]

pub mod seat;
pub mod subject;

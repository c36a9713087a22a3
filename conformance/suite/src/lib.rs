//! The conformance suite: cases, players, links, runner and result model.
//!
//! A [`case::Case`] is a row of a table under [`cases`]. [`runner::run`] carries a selection of them out
//! against a [`bench::Setup`], and gives a [`report::Report`]'s worth of results. The players
//! ([`player`]) are scripted peers built on `wire` and `crypto` alone: nothing here knows the reference.

pub mod bench;
pub mod capture;
pub mod case;
pub mod cases;
pub mod coverage;
pub mod crowd;
pub mod declaration;
pub mod diagnose;
pub mod evidence;
pub mod finding;
pub mod identity;
pub mod judge;
pub mod link;
pub mod player;
pub mod probe;
pub mod reading;
pub mod report;
pub mod requirement;
pub mod runner;
pub mod sa_file;
pub mod sanity;
pub mod select;
pub mod trace;
pub mod verdict;
pub mod visit;

//! The command as its users see it: arguments in; text, files and an exit status out.

mod canaries;
mod coverage;
mod delay;
mod demo;
mod dissect;
mod dissect_annotate;
mod dissect_forms;
mod dissect_ledger;
mod dissect_live;
mod draft;
mod explain;
mod files;
mod ha_alone;
mod list;
#[path = "../tools/missing.rs"]
mod missing;
mod place;
mod probe;
mod replay;
mod replay_round;
mod steady;
mod usage;

//! The command as its users see it: arguments in; text, files and an exit status out.

mod canaries;
mod coverage;
mod demo;
mod dissect;
mod dissect_forms;
mod explain;
mod files;
mod list;
mod place;
mod probe;
mod replay;
mod usage;

//! Reports: the console, and files for machines, made from the same data.

pub(crate) mod console;
mod draft;
mod failures;
pub(crate) mod files;
mod hexdump;
mod junit;
#[cfg(test)]
mod made_up;
pub(crate) mod page;
pub(crate) mod repro;
mod summary;
pub(crate) mod trouble;

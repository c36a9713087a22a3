//! The table of all cases: concatenation only. Spec order is reading order.

pub mod rfc6618;

use crate::case::Case;

/// Every case, in the order of the documents and their sections.
pub fn all() -> impl Iterator<Item = &'static Case> {
    rfc6618::SECTIONS.iter().flat_map(|section| section.iter())
}

/// The case with that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Case> {
    all().find(|case| case.id == id)
}

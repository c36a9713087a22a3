//! What RFC 6618 changed since draft-01, for a target that speaks the draft: its verdicts are those of the draft.

use std::collections::BTreeSet;

use suite::case::Role;
use suite::report::Report;
use suite::requirement::{self, Requirement};
use suite::sanity::{Profile, profile_name};

use super::page::{BOLD, DIM, Page};

/// The difference after which the two do not understand each other any more.
const INCOMPATIBLE: &str = "rfc6618#5.8/auth-hac-to-mn";

/// Each difference once, with what both texts say, where a duty of a judged role differs.
pub(super) fn tell(page: &mut Page, report: &Report) {
    if report.profile != profile_name(Profile::Draft01) {
        return;
    }
    let judged: BTreeSet<Role> = report.cases.iter().map(|case| case.role).collect();
    let concerns = |requirement: &&Requirement| requirement.roles.iter().any(|role| judged.contains(role));
    let differing: Vec<&Requirement> = requirement::all()
        .iter()
        .filter(|requirement| requirement.draft01.is_some())
        .filter(concerns)
        .collect();
    page.blank();
    page.line(&[(BOLD, "It speaks draft-01, and was judged by draft-01. RFC 6618 changed since then:")]);
    let mut told = BTreeSet::new();
    for requirement in &differing {
        if told.insert(&requirement.draft01) {
            let alike = differing.iter().filter(|other| other.draft01 == requirement.draft01);
            tell_difference(page, requirement, alike.copied());
        }
    }
}

/// All rules of which the draft says the same, under the id of the first.
fn tell_difference<'a>(page: &mut Page, first: &Requirement, alike: impl Iterator<Item = &'a Requirement>) {
    let mut rules = BTreeSet::new();
    let mut mark = "";
    page.line(&[(BOLD, &first.id)]);
    for requirement in alike.filter(|requirement| rules.insert(requirement.text.clone())) {
        page.term(2, "RFC 6618", &requirement.text);
        if requirement.id == INCOMPATIBLE {
            mark = "  incompatible: the two do not understand each other";
        }
    }
    page.term(2, "draft-01", first.draft01.as_deref().unwrap_or_default());
    if !mark.is_empty() {
        page.line(&[(DIM, mark)]);
    }
}

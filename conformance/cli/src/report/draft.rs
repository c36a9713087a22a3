//! What RFC 6618 changed since draft-01, for a target that speaks the draft: its verdicts are those of the draft.

use std::collections::BTreeSet;

use suite::case::Role;
use suite::report::Report;
use suite::requirement;
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
    page.blank();
    page.line(&[(BOLD, "It speaks draft-01, and was judged by draft-01. RFC 6618 changed since then:")]);
    let mut told = BTreeSet::new();
    let first = requirement::find(INCOMPATIBLE).into_iter();
    for requirement in first.chain(requirement::all()) {
        let Some(draft) = &requirement.draft01 else { continue };
        let concerns = requirement.roles.iter().any(|role| judged.contains(role));
        if !concerns || !told.insert(draft) {
            continue;
        }
        let mark = if requirement.id == INCOMPATIBLE { "  incompatible" } else { "" };
        page.line(&[(BOLD, &requirement.id), (DIM, mark)]);
        page.term(2, "RFC 6618", &requirement.text);
        page.term(2, "draft-01", draft);
    }
}

//! The table of cases holds together: ids, citations, readings, and the levels of what they cite.

use std::collections::{BTreeMap, BTreeSet};

use suite::case::{Case, Check, Level};
use suite::{cases, reading, requirement};

#[test]
fn ids_are_unique_and_say_document_section_slug() {
    let mut seen = BTreeSet::new();
    for case in cases::all() {
        assert!(seen.insert(case.id), "{} stands twice", case.id);
        let parts: Vec<&str> = case.id.split('/').collect();
        let [document, section, slug] = parts[..] else { panic!("{} is not document/section/slug", case.id) };
        assert!(document.starts_with("rfc"), "{document} in {}", case.id);
        assert!(section.split('.').all(|n| n.parse::<u8>().is_ok()), "{section} in {}", case.id);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        assert!(!slug.is_empty() && slug.chars().all(plain), "{slug} in {}", case.id);
    }
    assert!(seen.len() >= 70, "only {} cases", seen.len());
}

#[test]
fn sections_come_in_the_order_of_the_text() {
    let number = |section: &str| section.split('.').map(|n| n.parse::<u8>().unwrap_or(0)).collect::<Vec<_>>();
    let chapters: Vec<Vec<u8>> =
        cases::all().map(|case| number(case.section()).into_iter().take(2).collect()).collect();
    let mut sorted = chapters.clone();
    sorted.sort();
    // Within a file a parent section may follow its children; files themselves are in order.
    assert_eq!(deduplicated(chapters), deduplicated(sorted));
}

fn deduplicated(chapters: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut seen = BTreeSet::new();
    chapters.into_iter().filter(|chapter| seen.insert(chapter.clone())).collect()
}

#[test]
fn citations_and_readings_exist() {
    for case in cases::all() {
        assert!(!case.cites.is_empty(), "{} cites nothing", case.id);
        for id in case.cites {
            assert!(requirement::find(id).is_some(), "{} cites {id}, which is no requirement", case.id);
        }
        for id in case.readings {
            assert!(reading::find(id).is_some(), "{} names {id}, which is no reading", case.id);
        }
    }
}

#[test]
fn a_must_case_cites_a_must() {
    for case in cases::all().filter(|case| case.level == Level::Must) {
        let strong = |id: &&str| requirement::find(id).is_some_and(|r| r.level == Level::Must);
        assert!(case.cites.iter().any(strong), "{} is a MUST case but cites no MUST", case.id);
    }
}

#[test]
fn the_judged_party_has_the_duty() {
    for case in cases::all() {
        // A fault sent to the target tests how it meets somebody else's duty; what it says is its own.
        let duties: Vec<_> = case.cites.iter().filter_map(|id| requirement::find(id)).collect();
        let names_it = duties.iter().any(|duty| duty.roles.contains(&case.role));
        let other = matches!(
            case.check,
            Check::HacRefuses(_)
                | Check::HacAccepts(_)
                | Check::EapRefuses(_)
                | Check::EapAccepts(_)
                | Check::MnRefuses(_)
                | Check::MnEapRefuses(_)
        );
        assert!(
            names_it || other || is_script(case),
            "{} judges {} for duties of others",
            case.id,
            case.role
        );
    }
}

const fn is_script(case: &Case) -> bool {
    matches!(case.check, Check::Script(..))
}

#[test]
fn every_story_is_told_once() {
    let mut stories: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for case in cases::all() {
        let told = stories.insert((case.section(), case.story), case.id);
        assert_eq!(told, None, "{} tells the story of another case", case.id);
    }
}

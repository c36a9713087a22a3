//! Lint of `conformance/requirements` and `conformance/readings`: well formed, and true to the RFC texts where those
//! are at hand (`../shared/spec` beside the checkout, or `$MIP6_SHARED/spec`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use suite::case::Role;
use suite::reading;
use suite::requirement::{self, Document, Level, Requirement, Sentence, Status, sentence_of, sentences};

#[test]
fn requirement_ids_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for document in requirement::documents() {
        for requirement in &document.requirements {
            assert!(seen.insert(&requirement.id), "{} appears twice", requirement.id);
            assert_eq!(requirement.document(), document.name, "{} stands in the wrong file", requirement.id);
            assert!(is_requirement_id(&requirement.id), "{} is not document#section/slug", requirement.id);
            assert_eq!(requirement::find(&requirement.id).map(|found| &found.text), Some(&requirement.text));
        }
    }
    assert_eq!(seen.len(), requirement::all().len());
}

#[test]
fn requirements_stand_in_the_order_of_the_sections() {
    for document in requirement::documents() {
        let sections: Vec<Vec<u32>> = document.requirements.iter().map(section_numbers).collect();
        assert!(sections.is_sorted(), "{} is out of order", document.name);
    }
}

#[test]
fn requirements_say_who_and_why() {
    for requirement in requirement::all() {
        let Requirement { id, roles, text, status, reason, .. } = requirement;
        assert!(!roles.is_empty(), "{id} is nobody's duty");
        assert_eq!(roles.iter().collect::<BTreeSet<_>>().len(), roles.len(), "{id} names a role twice");
        assert!(text.ends_with('.'), "{id}: the paraphrase is no sentence");
        match status {
            Status::Tested => assert!(reason.is_none(), "{id} is tested and needs no reason"),
            _ => {
                assert!(reason.as_deref().is_some_and(|reason| reason.ends_with('.')), "{id} gives no reason")
            }
        }
    }
}

#[test]
fn cited_readings_exist() {
    for requirement in requirement::all() {
        for id in &requirement.readings {
            assert!(reading::find(id).is_some(), "{} cites the unknown reading {id}", requirement.id);
        }
    }
}

#[test]
fn readings_are_complete_sentences_with_unique_ids() {
    let mut seen = BTreeMap::new();
    for reading in reading::all() {
        assert!(is_reading_id(&reading.id), "{} is not a reading id", reading.id);
        assert!(seen.insert(reading.id.as_str(), ()).is_none(), "{} appears twice", reading.id);
        assert!(reading.question.ends_with('?'), "{} asks nothing", reading.id);
        assert!(
            reading.ours.ends_with('.') && reading.reason.ends_with('.'),
            "{} is no sentence",
            reading.id
        );
        for id in &reading.clarified_by {
            let number = id.strip_prefix('C').and_then(|number| number.parse::<u8>().ok());
            assert!(number.is_some_and(|n| (1..=17).contains(&n)), "{} is clarified by {id}", reading.id);
        }
    }
}

#[test]
fn every_hash_is_that_of_an_rfc_sentence() {
    let Some(spec) = rfc_dir() else { return };
    let mut lost = Vec::new();
    for document in requirement::documents() {
        let found = sentences_of(document, &spec);
        for requirement in &document.requirements {
            match found.iter().find(|sentence| requirement.is_from(sentence)) {
                None => {
                    lost.push(format!("{}: no sentence of section {}", requirement.id, requirement.section()))
                }
                Some(sentence) if has_key_word(&sentence.text) == requirement.implied => {
                    lost.push(format!("{}: implied = {} is wrong", requirement.id, requirement.implied));
                }
                Some(sentence)
                    if !requirement.implied && !levels(&sentence.text).contains(&requirement.level) =>
                {
                    lost.push(format!("{}: its sentence has no {}", requirement.id, requirement.level));
                }
                Some(_) => {}
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn every_key_word_sentence_of_rfc_6618_has_an_entry() {
    let Some(spec) = rfc_dir() else { return };
    let document = requirement::documents().iter().find(|document| document.name == "rfc6618");
    let document = document.expect("rfc6618.toml is loaded");
    let missing: Vec<String> = sentences_of(document, &spec)
        .into_iter()
        // Section 2 only defines the key words.
        .filter(|sentence| sentence.section != "2" && has_key_word(&sentence.text))
        .filter(|sentence| !document.requirements.iter().any(|requirement| requirement.is_from(sentence)))
        .map(|sentence| format!("{} {}", sentence.section, sentence.text))
        .collect();
    assert!(missing.is_empty(), "no entry for:\n{}", missing.join("\n"));
}

#[test]
fn whatever_is_called_tested_of_a_hac_is_cited_by_a_case_that_judges_one() {
    let idle: Vec<&str> = requirement::all()
        .iter()
        .filter(|requirement| requirement.status == Status::Tested && is_of_a_hac(requirement))
        .filter(|requirement| !judges_a_hac(&requirement.id))
        .map(|requirement| requirement.id.as_str())
        .collect();
    assert!(idle.is_empty(), "called tested, and no case cites it:\n{}", idle.join("\n"));
}

/// Sections 6 and 7 and their neighbours are for MN and HA.
fn is_of_a_hac(requirement: &Requirement) -> bool {
    let numbers = section_numbers(requirement);
    let is_of_the_hac = match requirement.document() {
        "rfc6618" => matches!(numbers.first(), Some(4 | 5 | 8 | 9)),
        "rfc4282" | "rfc5929" => true,
        _ => false,
    };
    is_of_the_hac && requirement.roles.contains(&Role::Hac)
}

/// What an SA is good for shows at the HA that serves it.
fn judges_a_hac(id: &str) -> bool {
    let mut citing = suite::cases::all().filter(|case| case.cites.contains(&id));
    citing.any(|case| case.role == Role::Hac || (case.role == Role::Ha && id == SERVED_BY_THE_HA))
}

const SERVED_BY_THE_HA: &str = "rfc6618#4.3/sa-free-of-care-of-address";

#[test]
fn a_sentence_is_shown_where_the_rfc_is_at_hand() {
    let requirement = requirement::find("rfc6618#5.1/reserved-zero").expect("the entry exists");
    assert_eq!(sentence_of(requirement, Path::new("/nowhere")), None);
    let Some(spec) = rfc_dir() else { return };
    let sentence = sentence_of(requirement, &spec).expect("the RFC has it");
    assert!(sentence.contains("Rsrvd") && has_key_word(&sentence), "{sentence}");
}

/// The directory of RFC texts, or `None` after saying that it is not there.
fn rfc_dir() -> Option<PathBuf> {
    let shared = std::env::var_os("MIP6_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let spec = shared.join("spec");
    if spec.join("rfc6618.txt").is_file() {
        return Some(spec);
    }
    eprintln!("skipped: no rfc6618.txt in {} (set MIP6_SHARED)", spec.display());
    None
}

fn sentences_of(document: &Document, spec: &Path) -> Vec<Sentence> {
    let path = spec.join(&document.name).with_extension("txt");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    sentences(&text)
}

fn has_key_word(text: &str) -> bool {
    !levels(text).is_empty()
}

/// The levels of the RFC 2119 key words in `text`.
fn levels(text: &str) -> Vec<Level> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter_map(|word| match word {
            "MUST" | "SHALL" | "REQUIRED" => Some(Level::Must),
            "SHOULD" | "RECOMMENDED" => Some(Level::Should),
            "MAY" | "OPTIONAL" => Some(Level::May),
            _ => None,
        })
        .collect()
}

fn section_numbers(requirement: &Requirement) -> Vec<u32> {
    requirement.section().split('.').map(|part| part.parse().expect("sections are numbers")).collect()
}

fn is_requirement_id(id: &str) -> bool {
    let Some((document, rest)) = id.split_once('#') else { return false };
    let Some((section, slug)) = rest.split_once('/') else { return false };
    let is_slug = |text: &str| {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
        !text.is_empty() && text.bytes().all(legal) && !text.starts_with('-') && !text.ends_with('-')
    };
    document.strip_prefix("rfc").is_some_and(|number| number.parse::<u16>().is_ok())
        && section.split('.').all(|part| part.parse::<u16>().is_ok())
        && is_slug(slug)
}

fn is_reading_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.len() == 5
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2] == b'-'
        && bytes[3..].iter().all(u8::is_ascii_digit)
}

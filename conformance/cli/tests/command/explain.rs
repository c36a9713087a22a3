//! `explain`: a case, a requirement or a reading in plain words.

use crate::place::{Folder, say};

#[test]
fn a_reading_shows_ours_why_and_what_else_is_accepted() {
    let said = say(&["explain", "au-02"]);
    assert_eq!(said.exit, 0);
    for word in ["AU-02", "container header", "ours", "why"] {
        assert!(said.out.contains(word), "no {word:?} in {}", said.out);
    }
}

#[test]
fn a_case_shows_what_it_cites() {
    let said = say(&["explain", "rfc6618/5.1/identifier-zero"]);
    assert_eq!(said.exit, 0);
    for word in ["MUST", "hac", "rfc6618#5.1/identifier-not-zero", "EX-01"] {
        assert!(said.out.contains(word), "no {word:?} in {}", said.out);
    }
}

#[test]
fn the_sentence_comes_from_a_copy_of_the_text() {
    let shared = std::env::var("MIP6_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let folder = std::path::Path::new(&shared).join("spec");
    if !folder.join("rfc6618.txt").exists() {
        eprintln!("skipped: no rfc6618.txt in {} (MIP6_SHARED names another place)", folder.display());
        return;
    }
    let id = "rfc6618#5.1/identifier-not-zero";
    let without = say(&["explain", id]);
    let with = say(&["explain", id, "--rfc-dir", folder.to_str().expect("UTF-8")]);
    assert_eq!((without.exit, with.exit), (0, 0));
    assert!(with.out.len() > without.out.len(), "{}", with.out);
    assert!(with.out.contains("MUST NOT"), "{}", with.out);
}

#[test]
fn a_folder_without_the_text_is_told() {
    let folder = Folder::new("a_folder_without_the_text");
    let said = say(&["explain", "rfc6618#5.1/identifier-not-zero", "--rfc-dir", &folder.path("")]);
    assert!(said.out.contains("not found") && said.out.contains("rfc6618.txt"), "{}", said.out);
}

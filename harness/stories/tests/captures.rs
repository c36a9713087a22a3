//! The captures in the tree are the ones that their stories make, octet for octet.

use std::fs;
use std::path::{Path, PathBuf};

use stories::{Folder, Plan, make};

/// What a person is willing to fetch with a source tree.
const MOST_OCTETS: usize = 60 * 1024;

fn folders() -> Vec<PathBuf> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures");
    let entries = fs::read_dir(captures).expect("the captures are part of the checkout");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

fn play(folder: &Path) -> Folder {
    let plan = Plan::of(folder).unwrap_or_else(|error| panic!("{error}"));
    let made = make(&plan).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    Folder::of(&plan, &made).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

#[test]
fn every_story_makes_what_lies_beside_it() {
    for folder in folders() {
        let differing = play(&folder).differing(&folder);
        assert_eq!(differing, [""; 0], "{}: cargo xtask captures writes it", folder.display());
    }
}

#[test]
fn captures_are_small() {
    for folder in folders() {
        let octets = fs::read(folder.join("capture.pcapng")).expect("every story has a capture").len();
        assert!(octets <= MOST_OCTETS, "{}: {octets} octets", folder.display());
    }
}

#[test]
fn another_seed_makes_other_octets_and_the_same_findings() {
    for folder in folders() {
        let plan = Plan::of(&folder).unwrap_or_else(|error| panic!("{error}"));
        let other = Plan { seed: plan.seed + 1000, ..plan };
        let made = make(&other).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let other = Folder::of(&other, &made).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        assert!(other.differing(&folder).contains(&"capture.pcapng"), "{}", folder.display());
    }
}

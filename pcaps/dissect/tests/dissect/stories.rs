//! Every story in `pcaps/captures`: its dissection is the one beside it.

use std::fs;
use std::path::{Path, PathBuf};

use dissect::conversation::Watch;
use dissect::{Associations, Options, report};

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures");
    let entries = fs::read_dir(&folder).expect("the captures are part of the checkout");
    let mut stories: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    stories.retain(|path| path.is_dir());
    stories.sort();
    stories
}

fn options(story: &Path) -> Options {
    let sa = fs::read_to_string(story.join("sa.json")).expect("every story has its SAs");
    let associations = Associations::from_json(&sa).expect("the SAs of a story are legal");
    let watch = Watch { credentials: crate::conversation::credentials(story), ..Watch::default() };
    Options { associations, watch, ..Options::default() }
}

#[test]
fn dissections_are_as_expected() {
    assert!(!stories().is_empty());
    for story in stories() {
        let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
        let expected = fs::read_to_string(story.join("expected.txt")).expect("every story has a dissection");
        let found = report(&capture, &options(&story)).to_string();
        assert_eq!(found, expected, "{}", story.display());
    }
}

#[test]
fn stories_say_what_they_are() {
    for story in stories() {
        let text = fs::read_to_string(story.join("story.toml")).expect("every story has a story.toml");
        let story: toml::Table = text.parse().expect("a story.toml is TOML");
        for key in ["title", "happens", "made"] {
            let value = story.get(key).and_then(toml::Value::as_str);
            assert!(value.is_some_and(|text| !text.is_empty()), "{key} is missing");
        }
    }
}

//! Every requirement that a finding names is one of `conformance/requirements`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn known() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/requirements");
    let mut ids = BTreeSet::new();
    for entry in fs::read_dir(&folder).expect("the requirements are part of the checkout") {
        let path = entry.expect("a folder can be read").path();
        let text = fs::read_to_string(&path).expect("a requirements file is text");
        let quoted = text.lines().filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'));
        ids.extend(quoted.map(str::to_owned));
    }
    ids
}

#[test]
fn every_id_exists_and_stands_once() {
    let known = known();
    assert!(known.len() > 100, "only {} ids were read", known.len());
    let all = || dissect::REQUIREMENTS.iter().copied().chain(dissect::conversation::requirements());
    let unknown: Vec<_> = all().filter(|id| !known.contains(*id)).collect();
    assert!(unknown.is_empty(), "no such requirement: {unknown:?}");
    let once: BTreeSet<_> = all().collect();
    assert_eq!(once.len(), all().count());
}

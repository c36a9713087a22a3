//! The text files of this checkout.

use std::fs;
use std::path::{Path, PathBuf};

/// One text file, its path from the root of the checkout with `/` between names.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }

    pub(crate) fn is_manifest(&self) -> bool {
        self.path == "Cargo.toml" || self.path.ends_with("/Cargo.toml")
    }
}

pub(crate) fn sample(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}

/// Where this checkout is.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("harness/xtask is two below the root")
        .into()
}

/// Everything that we wrote and that is text, in the order of paths.
pub(crate) fn ours() -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the checkout can be read") {
            let path = entry.expect("an entry of the checkout can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() {
                if !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if is_text(&path) {
                let text =
                    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let path = path.strip_prefix(&root).expect("it was found below the root");
                found.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What cargo, git and Python leave behind.
const NOT_OURS: &[&str] = &[".git", "target", "__pycache__", ".venv"];

const TEXT: &[&str] = &["rs", "toml", "md", "py", "lua", "json", "txt", "sh", "snap"];

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| TEXT.iter().any(|text| extension == *text))
}

#[test]
fn the_walk_finds_this_file_and_nothing_that_was_built() {
    let files = ours();
    assert!(files.iter().any(|file| file.path == "harness/xtask/tests/tidy/files.rs"));
    assert!(files.iter().all(|file| !file.path.starts_with("target/")));
}

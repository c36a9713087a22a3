//! What somebody may have meant by a word that means nothing.

use std::path::Path;

use suite::select::nearest_of;

/// `; the nearest is …`, or nothing when nothing is near.
pub(crate) fn hint<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest_of(word, known).map(|near| format!("; the nearest is {near}")).unwrap_or_default()
}

/// The same for a file that is not there: what lies beside the place where it was sought.
pub(crate) fn file_hint(file: &Path) -> String {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return String::new() };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return String::new() };
    let names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    hint(name, names.iter().map(String::as_str))
}

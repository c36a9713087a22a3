//! Which cases to run: by id glob, section, level and role. A word that matches nothing is an error.

use crate::case::{Case, Level, Role};

/// A selection; empty lists select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Globs over ids: `*` stands for any octets, `?` for one.
    pub ids: Vec<String>,
    /// Sections: `5` takes all of 5, `5.1` only that and what is below it.
    pub sections: Vec<String>,
    /// Levels.
    pub levels: Vec<Level>,
    /// Roles.
    pub roles: Vec<Role>,
}

/// Why a selection is no selection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// No case has such an id.
    #[error("no case id matches {word}{}", nearest(.near.as_ref()))]
    Id {
        /// As given.
        word: String,
        /// The id that is closest to it.
        near: Option<String>,
    },
    /// No case is of such a section.
    #[error("no case is of section {word}{}", nearest(.near.as_ref()))]
    Section {
        /// As given.
        word: String,
        /// The section that is closest to it.
        near: Option<String>,
    },
    /// Every word matches something, but no case matches all of them.
    #[error("no case matches the whole selection")]
    Nothing,
}

fn nearest(near: Option<&String>) -> String {
    near.map(|near| format!("; the nearest is {near}")).unwrap_or_default()
}

/// The cases that the selection takes, by section, and within a section in the order of the table.
///
/// # Errors
/// A word that matches nothing, or a selection that is empty.
pub fn select<'a>(
    cases: impl Iterator<Item = &'a Case>,
    selection: &Selection,
) -> Result<Vec<&'a Case>, SelectError> {
    let all: Vec<&Case> = cases.collect();
    for word in &selection.ids {
        if !all.iter().any(|case| matches(word, case.id)) {
            let near = nearest_of(word, all.iter().map(|case| case.id));
            return Err(SelectError::Id { word: word.clone(), near });
        }
    }
    for word in &selection.sections {
        if !all.iter().any(|case| is_within(case.section(), word)) {
            let near = nearest_of(word, all.iter().map(|case| case.section()));
            return Err(SelectError::Section { word: word.clone(), near });
        }
    }
    let mut chosen: Vec<&Case> = all.into_iter().filter(|case| selection.takes(case)).collect();
    chosen.sort_by_key(|case| (case.document(), place(case.section())));
    if chosen.is_empty() { Err(SelectError::Nothing) } else { Ok(chosen) }
}

/// The numbers of a section, so that 5.5.9 comes before 5.5.10.
fn place(section: &str) -> Vec<u32> {
    section.split('.').map(|number| number.parse().unwrap_or(u32::MAX)).collect()
}

impl Selection {
    fn takes(&self, case: &Case) -> bool {
        let any = |list_is_empty: bool, hit: bool| list_is_empty || hit;
        any(self.ids.is_empty(), self.ids.iter().any(|glob| matches(glob, case.id)))
            && any(self.sections.is_empty(), self.sections.iter().any(|s| is_within(case.section(), s)))
            && any(self.levels.is_empty(), self.levels.contains(&case.level))
            && any(self.roles.is_empty(), self.roles.contains(&case.role))
    }
}

/// The candidate that is closest to `word`, if any is close enough to be meant.
pub fn nearest_of<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |candidate: &str| {
        let tail = candidate.rsplit('/').next().unwrap_or(candidate);
        strsim::jaro_winkler(word, candidate).max(strsim::jaro_winkler(word, tail))
    };
    candidates
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.72)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

fn is_within(section: &str, wanted: &str) -> bool {
    section == wanted || section.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether all of `text` has the form of `glob`, in which `*` stands for anything and `?` for one character. Linear in
/// practice: no backtracking beyond the last star.
#[must_use]
pub fn matches(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let (mut g, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                g += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (g, t) = (at + 1, from + 1);
            }
        }
    }
    glob[g..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, text, hit) in [
            ("rfc6618/5.1/*", "rfc6618/5.1/identifier-zero", true),
            ("*/identifier-*", "rfc6618/5.1/identifier-zero", true),
            ("rfc6618/5.1/identifier-zer?", "rfc6618/5.1/identifier-zero", true),
            ("rfc6618/5.1", "rfc6618/5.1/identifier-zero", false),
            ("*zero", "rfc6618/5.1/identifier-zero", true),
            ("*one", "rfc6618/5.1/identifier-zero", false),
        ] {
            assert_eq!(matches(glob, text), hit, "{glob} against {text}");
        }
    }

    #[test]
    fn sections_take_what_is_below_them() {
        assert!(is_within("5.1", "5"));
        assert!(!is_within("5.10", "5.1"));
        assert!(is_within("5.1", "5.1"));
    }

    #[test]
    fn sections_stand_in_the_order_of_their_numbers() {
        let mut sections = ["5.10", "5.5.10", "9.2", "5.5", "5.5.9", "10.1"];
        sections.sort_by_key(|section| place(section));
        assert_eq!(sections, ["5.5", "5.5.9", "5.5.10", "5.10", "9.2", "10.1"]);
    }

    #[test]
    fn a_near_word_is_offered() {
        let ids = ["rfc6618/5.1/identifier-zero", "rfc6618/5.1/length-zero"];
        assert_eq!(nearest_of("identifer-zero", ids.into_iter()).as_deref(), Some(ids[0]));
    }
}

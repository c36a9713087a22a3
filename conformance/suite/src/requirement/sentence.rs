//! RFC text to sentences: page breaks taken out, white space folded, each sentence with its section and hash.

use core::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// One sentence of an RFC; also one grammar rule, one table or one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Number of the section it stands in, for instance `5.1` or `A.2`.
    pub section: String,
    /// Its words with single spaces between.
    pub text: String,
    /// SHA-256 of `text`, in hexadecimal.
    pub hash: String,
}

impl Sentence {
    fn new(section: &str, text: String) -> Self {
        let mut hash = String::with_capacity(64);
        for octet in Sha256::digest(text.as_bytes()) {
            let _ = write!(hash, "{octet:02x}");
        }
        Self { section: section.to_owned(), text, hash }
    }
}

/// Every sentence of a plain-text RFC from its first numbered section on, in order.
pub fn sentences(rfc_text: &str) -> Vec<Sentence> {
    let lines = without_page_breaks(rfc_text);
    let mut section = None;
    let mut found = Vec::new();
    for block in lines.split(|line| line.is_empty()).filter(|block| !block.is_empty()) {
        if let Some(number) = heading(block[0]) {
            section = Some(number);
        } else if let Some(section) = section {
            found.extend(units(block).into_iter().map(|text| Sentence::new(section, text)));
        }
    }
    found
}

/// The lines without page footers and headers; a paragraph cut by a page break is whole again.
fn without_page_breaks(rfc_text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let mut between_pages = false;
    for line in rfc_text.split(['\n', '\u{c}']).map(str::trim_end) {
        if is_page_footer(line) {
            while lines.last().is_some_and(|last| last.is_empty()) {
                lines.pop();
            }
            between_pages = true;
        } else if between_pages && (line.is_empty() || is_page_header(line)) {
            continue;
        } else {
            if between_pages && !lines.last().is_some_and(|last| continues(last, line)) {
                lines.push("");
            }
            between_pages = false;
            lines.push(line);
        }
    }
    lines
}

fn is_page_footer(line: &str) -> bool {
    line.ends_with(']')
        && line
            .rsplit_once("[Page ")
            .is_some_and(|(_, page)| page.trim_end_matches(']').parse::<u32>().is_ok())
}

fn is_page_header(line: &str) -> bool {
    line.starts_with("RFC ") || line.starts_with("Internet-Draft")
}

/// Whether the first line of a page goes on with the paragraph that the last line of the page before left open.
fn continues(last: &str, next: &str) -> bool {
    !last.trim_end_matches(')').ends_with(['.', ':', ';']) && indent(last) == indent(next)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The number of a section heading: at the left edge, digits (or an appendix letter), dots, then a title.
fn heading(line: &str) -> Option<&str> {
    let line = line.strip_prefix("Appendix ").unwrap_or(line);
    let (number, title) = line.split_once(char::is_whitespace)?;
    let number = number.strip_suffix('.')?;
    let mut parts = number.split('.');
    let first = parts.next()?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_letter = first.len() == 1 && first.bytes().all(|b| b.is_ascii_uppercase());
    let legal = (is_number(first) || is_letter) && parts.all(is_number);
    (legal && !title.trim().is_empty()).then_some(number)
}

/// The texts of one block of lines: grammar rules one by one, a drawing whole, prose sentence by sentence.
fn units(block: &[&str]) -> Vec<String> {
    if block.iter().any(|line| begins_rule(line)) {
        let mut rules: Vec<String> = Vec::new();
        for line in block {
            match rules.last_mut() {
                Some(rule) if !begins_rule(line) => {
                    rule.push(' ');
                    rule.push_str(&fold(line));
                }
                _ => rules.push(fold(line)),
            }
        }
        rules
    } else if block.iter().any(|line| line.contains("+-") || line.trim_start().starts_with('|')) {
        vec![fold(&block.join(" "))]
    } else {
        prose(&fold(&block.join(" ")))
    }
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an indented line reads `name = …`.
fn begins_rule(line: &str) -> bool {
    let mut words = line.split_whitespace();
    line.starts_with(char::is_whitespace)
        && words.next().is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && words.next() == Some("=")
}

fn prose(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let mut sentences = Vec::new();
    let mut start = 0;
    for (index, pair) in words.windows(2).enumerate() {
        if ends_sentence(pair[0]) && begins_sentence(pair[1]) {
            sentences.push(words[start..=index].join(" "));
            start = index + 1;
        }
    }
    sentences.push(words[start..].join(" "));
    sentences
}

/// A full stop, save after an abbreviation or an initial; brackets and quotes may close after it.
fn ends_sentence(word: &str) -> bool {
    const ABBREVIATIONS: [&str; 9] = ["e.g.", "i.e.", "sec.", "fig.", "cf.", "vs.", "al.", "no.", "ed."];
    let bare = word.trim_start_matches('(');
    let is_initial =
        bare.len() == 2 && bare.starts_with(|c: char| c.is_ascii_uppercase()) && bare.ends_with('.');
    word.trim_end_matches([')', '"', '\'']).ends_with(['.', '?', '!'])
        && !is_initial
        && !ABBREVIATIONS.contains(&bare.to_lowercase().as_str())
}

fn begins_sentence(word: &str) -> bool {
    word.starts_with(['"', '\''])
        || word.trim_start_matches(['(', '"', '\'', '[']).starts_with(|c: char| c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Sentence, sentences};

    fn texts(rfc: &str) -> Vec<(String, String)> {
        sentences(rfc).into_iter().map(|Sentence { section, text, .. }| (section, text)).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(section, text)| ((*section).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn abbreviations_brackets_and_quotes_do_not_confuse() {
        let rfc = "Preface.  Skipped.\n\n1.  Title\n\n   Send it (e.g. 4).  Then, i.e. Later,\n   stop.  'x' is next.\n   \
                   See Sec. Two; J. Doe.  (All of it.)  End\n";
        let expected = [
            ("1", "Send it (e.g. 4)."),
            ("1", "Then, i.e. Later, stop."),
            ("1", "'x' is next."),
            ("1", "See Sec. Two; J. Doe."),
            ("1", "(All of it.)"),
            ("1", "End"),
        ];
        assert_eq!(texts(rfc), pairs(&expected));
    }

    #[test]
    fn a_page_break_does_not_cut_a_sentence() {
        let rfc = "1.1.  Title\n\n   One sentence goes\n\n\n\nDoe       Standards       [Page 3]\n\u{c}\nRFC 1    Title    May 2012\n\n\n   \
                   on here.\n\nDoe       Standards       [Page 4]\n\u{c}\nRFC 1    Title    May 2012\n\n   New one.\n";
        assert_eq!(texts(rfc), pairs(&[("1.1", "One sentence goes on here."), ("1.1", "New one.")]));
    }

    #[test]
    fn rules_and_drawings_are_units() {
        let rfc = "2.  Title\n\n      a = b\n         | c\n      d   = e\n\n   +---+\n   | A. B |\n   +---+\n\nAppendix A.  More\n\n   x.\n";
        let expected = [("2", "a = b | c"), ("2", "d = e"), ("2", "+---+ | A. B | +---+"), ("A", "x.")];
        assert_eq!(texts(rfc), pairs(&expected));
    }

    #[test]
    fn the_hash_is_sha_256_of_the_text() {
        let hash =
            sentences("1.  Title\n\n   abc\n").into_iter().map(|sentence| sentence.hash).collect::<String>();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

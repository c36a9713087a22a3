//! A page of text for a terminal: wrapped to its width, colours of ours only, no control character of anybody else.

use anstyle::{AnsiColor, Style};

use crate::output::plain;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const DOUBT: Style = AnsiColor::Yellow.on_default();

/// Columns before the text of a [`Page::term`].
const TERM: usize = 9;

/// Lines so far, and how wide they may be.
pub(crate) struct Page {
    width: usize,
    text: String,
}

impl Page {
    /// For the terminal at hand, or 100 columns where there is none; `COLUMNS` overrides.
    pub(crate) fn new() -> Self {
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self::of_width(told.or_else(terminal).unwrap_or(100))
    }

    /// For that many columns; 40 to 110 are used.
    pub(crate) fn of_width(columns: usize) -> Self {
        Self { width: columns.clamp(40, 110), text: String::new() }
    }

    /// The width in columns.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// What is on it.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line that is not wrapped, of parts that are each in a style.
    pub(crate) fn line(&mut self, parts: &[(Style, &str)]) {
        for (style, part) in parts {
            self.text.push_str(&format!("{style}{}{style:#}", plain(part)));
        }
        self.text.push('\n');
    }

    /// A paragraph whose lines start `indent` columns in. Words are not broken.
    pub(crate) fn paragraph(&mut self, indent: usize, text: &str) {
        for line in self.wrapped(indent, text) {
            self.text.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }

    /// A paragraph that hangs under a word in front of its first line.
    pub(crate) fn term(&mut self, indent: usize, word: &str, text: &str) {
        let hang = indent + TERM;
        for (at, line) in self.wrapped(hang, text).iter().enumerate() {
            let word = if at == 0 { word } else { "" };
            self.text.push_str(&format!("{:indent$}{DIM}{word:<TERM$}{DIM:#}{line}\n", ""));
        }
    }

    fn wrapped(&self, indent: usize, text: &str) -> Vec<String> {
        let room = self.width.saturating_sub(indent);
        let mut lines = vec![String::new()];
        for word in text.split_whitespace().map(plain) {
            let line = lines
                .last_mut()
                .filter(|line| line.is_empty() || line.chars().count() + 1 + word.chars().count() <= room);
            match line {
                Some(line) if line.is_empty() => *line = word,
                Some(line) => {
                    line.push(' ');
                    line.push_str(&word);
                }
                None => lines.push(word),
            }
        }
        lines
    }
}

/// "1 case", "2 cases".
pub(crate) fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_keep_to_the_width_and_words_whole() {
        let mut page = Page::of_width(40);
        page.paragraph(2, "a request with Identifier 0 is refused, always and everywhere");
        page.paragraph(2, &"x".repeat(60));
        let text = page.into_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["  a request with Identifier 0 is", "  refused, always and everywhere"]);
        assert_eq!(lines[2], format!("  {}", "x".repeat(60)));
    }

    #[test]
    fn no_part_brings_control_characters() {
        let mut page = Page::of_width(80);
        page.line(&[(Style::new(), "a\u{1b}[31m")]);
        page.term(0, "met", "b\u{7}\u{1b}");
        let text = anstream::adapter::strip_str(&page.into_text()).to_string();
        assert!(text.contains("a\\u{1b}[31m") && text.contains("b\\u{7}\\u{1b}"), "{text}");
    }
}

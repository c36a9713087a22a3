//! Paragraphs for a terminal.

/// The width to write for: that of the terminal, or 100 where there is none; 40 to 110.
pub(crate) fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    told.or_else(terminal).unwrap_or(100).clamp(40, 110)
}

/// `text` in lines of at most the terminal's width, each with `indent` in front. Long words are not broken.
pub(crate) fn paragraph(text: &str, indent: &str) -> Vec<String> {
    let width = width();
    let mut lines = Vec::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        let starts = line.len() == indent.len();
        if !starts && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(core::mem::replace(&mut line, indent.to_owned()));
        } else if !starts {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// "1 case", "2 cases".
pub(crate) fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

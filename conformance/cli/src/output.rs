//! Standard output and standard error: colours where they are wanted, and no complaint when nobody reads on.

use std::io::Write;

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Where the console report goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Out,
    /// When standard output carries a report for a machine.
    Err,
}

impl Channel {
    /// Prints text that may hold colours.
    pub(crate) fn print(self, text: &str) {
        // A reader that has gone, like `head`, wanted no more.
        let _ = match self {
            Self::Out => anstream::stdout().lock().write_all(text.as_bytes()),
            Self::Err => anstream::stderr().lock().write_all(text.as_bytes()),
        };
    }
}

/// Prints text on standard output.
pub(crate) fn print(text: &str) {
    Channel::Out.print(text);
}

/// Tells on standard error why a command was not carried out.
pub(crate) fn complain(error: &dyn std::error::Error) {
    let text = plain(&error.to_string());
    Channel::Err.print(&format!("{ERROR}error:{ERROR:#} {text}\n"));
}

/// Text in which every control character is spelt out, line ends too.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { plain.extend(c.escape_default()) } else { plain.push(c) }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_paints_the_terminal() {
        assert_eq!(plain("a\u{1b}[2J\u{9b}\n\u{7f}é"), "a\\u{1b}[2J\\u{9b}\\n\\u{7f}é");
    }
}

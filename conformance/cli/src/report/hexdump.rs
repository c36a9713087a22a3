//! Octets of a peer for a terminal: offset, hexadecimal, and what of it is printable ASCII.

use super::page::counted;

/// Hexadecimal digits of `hex` (two an octet), at most `most` octets, in lines of at most `columns`; says what is left
/// out.
pub(crate) fn lines(hex: &str, most: usize, columns: usize) -> Vec<String> {
    let octets: Vec<&str> = hex.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok()).collect();
    let shown = octets.get(..most).unwrap_or(&octets);
    // Offset, two gaps, three columns for the digits of an octet and one for its text.
    let each_line = if columns >= 4 + 2 + 16 * 4 + 2 { 16 } else { 8 };
    let mut lines: Vec<String> = shown
        .chunks(each_line)
        .enumerate()
        .map(|(at, chunk)| line(at * each_line, chunk, each_line))
        .collect();
    if shown.len() < octets.len() {
        let left_out = counted(octets.len() - shown.len(), "octet");
        lines.push(format!("… {left_out} more, {} in all", octets.len()));
    }
    lines
}

fn line(at: usize, octets: &[&str], each_line: usize) -> String {
    let digits = octets.join(" ");
    let text: String = octets.iter().map(|digits| printable(digits)).collect();
    let room = 3 * each_line - 1;
    format!("{at:04x}  {digits:<room$}  {text}")
}

fn printable(digits: &str) -> char {
    let octet = u8::from_str_radix(digits, 16).unwrap_or_default();
    if octet.is_ascii_graphic() || octet == b' ' { char::from(octet) } else { '.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_octets_do_not_reach_the_terminal() {
        let every: String = (0..=255_u8).map(|octet| format!("{octet:02x}")).collect();
        let dump = lines(&every, 256, 80).concat();
        assert!(dump.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{dump}");
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(
            lines("6d6e2d6964", 4, 80),
            ["0000  6d 6e 2d 69                                      mn-i", "… 1 octet more, 5 in all"]
        );
    }

    #[test]
    fn a_narrow_terminal_gets_short_lines() {
        assert!(lines(&"41".repeat(64), 64, 60).iter().all(|line| line.len() <= 60));
    }
}

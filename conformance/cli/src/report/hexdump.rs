//! Octets of a peer for a terminal: offset, hexadecimal, and what of it is printable ASCII.

/// Octets of a line.
const LINE: usize = 16;

/// At most `most` octets in lines; says how many are left out.
pub(crate) fn lines(octets: &[u8], most: usize) -> Vec<String> {
    let shown = octets.get(..most).unwrap_or(octets);
    let mut lines: Vec<String> = shown.chunks(LINE).enumerate().map(|(at, chunk)| line(at * LINE, chunk)).collect();
    if shown.len() < octets.len() {
        lines.push(format!("… {} octets more, {} in all", octets.len() - shown.len(), octets.len()));
    }
    lines
}

fn line(at: usize, octets: &[u8]) -> String {
    let mut hex = String::with_capacity(3 * LINE + 1);
    for column in 0..LINE {
        if column == LINE / 2 {
            hex.push(' ');
        }
        match octets.get(column) {
            Some(octet) => hex.push_str(&format!("{octet:02x} ")),
            None => hex.push_str("   "),
        }
    }
    let text: String =
        octets.iter().map(|&o| if o.is_ascii_graphic() || o == b' ' { char::from(o) } else { '.' }).collect();
    format!("{at:04x}  {hex} {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_octets_do_not_reach_the_terminal() {
        let dump = lines(&(0..=255).collect::<Vec<u8>>(), 256).concat();
        assert!(dump.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{dump}");
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(lines(&[0x41; 20], 16).last().map(String::as_str), Some("… 4 octets more, 20 in all"));
        assert_eq!(lines(b"mn-id", 16), ["0000  6d 6e 2d 69 64                                    mn-id"]);
    }
}

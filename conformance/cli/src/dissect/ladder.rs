//! `--format ladder`: who said what to whom, drawn between three lines, 79 columns wide.

use core::cmp::Ordering;

use super::record::{Found, Record, Said, Sent};

/// Columns before the MN's line: frame and time.
const MARGIN: usize = 20;
/// Columns between the lines of two neighbours.
const GAP: usize = 28;

/// Draws the records of events, one after the other.
#[derive(Default)]
pub(super) struct Ladder {
    has_head: bool,
}

/// Whose line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Mn,
    Hac,
    Ha,
}

impl Party {
    /// Columns from the MN's line.
    const fn at(self) -> usize {
        match self {
            Self::Mn => 0,
            Self::Hac => GAP + 1,
            Self::Ha => 2 * (GAP + 1),
        }
    }
}

impl Ladder {
    /// Appends the records of an event.
    pub(super) fn take(&mut self, told: &[Record], out: &mut Vec<u8>) {
        if !self.has_head {
            self.has_head = true;
            let step = GAP + 1;
            line(out, &format!("{:MARGIN$}{:<step$}{:<step$}HA", "", "MN", "HAC"));
        }
        for record in told {
            match record {
                Record::Message(said) => line(out, &message(said)),
                Record::Packet(sent) => line(out, &packet(sent)),
                Record::Finding(Found { frame, requirement, says, verdict, .. }) => {
                    let mark = if *verdict == Some("WARN") { '~' } else { '!' };
                    line(out, &format!("  {mark} frame {frame}: {requirement}: {says}"));
                }
                Record::NotObservable(Found { frame, requirement, says, .. }) => {
                    line(out, &format!("  ? frame {frame}: {requirement}: not observable: {says}"));
                }
                Record::Note(noted) => line(out, &format!("  * frame {}: {}", noted.frame, noted.says)),
                _ => {}
            }
        }
    }
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.trim_end().as_bytes());
    out.push(b'\n');
}

fn message(said: &Said) -> String {
    let (from, to) = if said.sender == "mn" { (Party::Mn, Party::Hac) } else { (Party::Hac, Party::Mn) };
    let status = said.status.map(|status| format!(" {status}")).unwrap_or_default();
    let says = format!("{} {}{status}", said.kind, said.identifier);
    margin(said.frame, said.time) + &rung(from, to, &says)
}

fn packet(sent: &Sent) -> String {
    let margin = margin(sent.frame, sent.time);
    let numbers = match (sent.sequence, sent.spi) {
        (Some(sequence), Some(spi)) => format!(" seq {sequence} SPI {spi}"),
        _ => String::new(),
    };
    let says = format!("{}{numbers}", sent.kind);
    match sent.sender {
        Some("mn") => margin + &rung(Party::Mn, Party::Ha, &says),
        Some("ha") => margin + &rung(Party::Ha, Party::Mn, &says),
        // Nobody of these three, or it cannot be told.
        _ => format!("{margin}{} > {} {says}", sent.source, sent.destination),
    }
}

/// Of 20 columns.
fn margin(frame: u64, time: Option<f64>) -> String {
    let time = time.map_or_else(|| "-".to_owned(), |time| format!("{time:.6}"));
    let frame = format!("#{frame}");
    format!("{frame:<8}{time:>11} ")
}

/// The three lines with an arrow from one to the other and words on it.
fn rung(from: Party, to: Party, says: &str) -> String {
    let (left, right) = (from.at().min(to.at()), from.at().max(to.at()));
    let inside = right - left - 1;
    let words: String = says.chars().take(inside.saturating_sub(6)).collect();
    let (start, end) = match from.at().cmp(&to.at()) {
        Ordering::Greater => ("<- ", "-"),
        _ => ("-- ", ">"),
    };
    let arrow = format!("{start}{words} ");
    let arrow = format!("{arrow:-<0$}{end}", inside - 1);
    let mut lines: Vec<char> = vec![' '; Party::Ha.at() + 1];
    for party in [Party::Mn, Party::Hac, Party::Ha] {
        lines[party.at()] = '|';
    }
    for (column, drawn) in (left + 1..).zip(arrow.chars()) {
        lines[column] = drawn;
    }
    lines.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_lead_from_line_to_line() {
        let drawn = [
            rung(Party::Mn, Party::Hac, "init-request 1"),
            rung(Party::Hac, Party::Mn, "final 2 200"),
            rung(Party::Mn, Party::Ha, "binding-update seq 0 SPI 7"),
            rung(Party::Ha, Party::Mn, &"x".repeat(100)),
        ];
        insta::assert_snapshot!(drawn.join("\n"));
        assert!(drawn.iter().all(|line| MARGIN + line.len() == 79));
    }
}

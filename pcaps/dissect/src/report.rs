//! A whole capture in memory: the lines of its packets, its findings, and the counts at the end.

use core::fmt;

use crate::conversation::{Remark, Tally};
use crate::engine::{Counts, Event, Options, Summary, run};
use crate::finding::Finding;
use crate::format::CaptureFault;
use crate::ledger::Ledger;
use crate::line::Line;
use crate::note::Note;

/// What a capture tells. Its memory grows with the capture; [`run`] is for those that are large.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The packets, in the order of the capture.
    pub lines: Vec<Line>,
    /// The messages between MN and HAC, in the order of the capture.
    pub messages: Vec<Said>,
    /// What is wrong outside of them.
    pub faults: Vec<Finding>,
    /// What could not be judged outside of messages.
    pub remarks: Vec<Remark>,
    /// What is nobody's fault.
    pub notes: Vec<Note>,
    /// How many of what were met.
    pub counts: Counts,
    /// How many messages and connections between MN and HAC.
    pub talks: Tally,
    /// The exchanges of each MN, and what was sent under each SA.
    pub ledger: Ledger,
    /// Why the capture could not be read to its end.
    pub fault: Option<CaptureFault>,
}

/// A message between MN and HAC, as it is told.
#[derive(Clone, Debug)]
pub struct Said {
    /// Number of the frame that completed it, from 1.
    pub frame: u64,
    /// Its line, what is wrong and what could not be judged below it.
    pub text: String,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// Reads pcap or pcapng octets and judges what an MN and an HA said to each other. Any octets are taken; what cannot be
/// read is told in the report.
#[must_use]
pub fn report(capture: &[u8], options: &Options) -> Report {
    let mut report = Report::default();
    let summary = run(capture, options.clone(), &mut |event| report.keep(event));
    Report {
        counts: summary.counts,
        talks: summary.talks,
        ledger: summary.ledger,
        fault: summary.fault,
        ..report
    }
}

impl Report {
    fn keep(&mut self, event: Event<'_>) {
        match event {
            Event::Packet(packet) => self.lines.push(packet.line),
            Event::Message(message) => {
                let (frame, text) = (message.frame, message.to_string());
                self.messages.push(Said { frame, text, findings: message.findings });
            }
            Event::Finding(finding) => self.faults.push(finding),
            Event::Unseen(remark) => self.remarks.push(remark),
            Event::Note(note) => self.notes.push(note),
        }
    }

    /// Everything that is wrong: with messages, with packets, then what belongs to neither, each in order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let lines = self.lines.iter().flat_map(|line| &line.findings);
        let said = self.messages.iter().flat_map(|said| &said.findings);
        said.chain(lines).chain(&self.faults)
    }
}

impl fmt::Display for Report {
    /// As the command prints it, in the order of the capture.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.iter().map(|line| (line.frame, line.to_string()));
        let said = self.messages.iter().map(|said| (said.frame, said.text.clone()));
        let faults =
            self.faults.iter().map(|finding| (finding.frame, format!("{} {finding}\n", finding.mark())));
        let remarks = self.remarks.iter().map(|remark| (remark.frame, remark.to_string()));
        let notes = self.notes.iter().map(|note| (note.frame, format!("* {note}\n")));
        let mut all: Vec<_> = said.chain(lines).chain(faults).chain(remarks).chain(notes).collect();
        all.sort_by_key(|&(frame, _)| frame);
        all.iter().try_for_each(|(_, text)| f.write_str(text))?;
        totals(f, &self.counts, self.talks, self.fault)
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packet(packet) => packet.line.fmt(f),
            Self::Message(message) => message.fmt(f),
            Self::Finding(finding) => writeln!(f, "{} {finding}", finding.mark()),
            Self::Unseen(remark) => remark.fmt(f),
            Self::Note(note) => writeln!(f, "* {note}"),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.ledger.exchanges.is_empty() || !self.ledger.associations.is_empty() {
            writeln!(f, "{}", self.ledger)?;
        }
        totals(f, &self.counts, self.talks, self.fault)
    }
}

fn totals(
    f: &mut fmt::Formatter<'_>,
    counts: &Counts,
    talks: Tally,
    fault: Option<CaptureFault>,
) -> fmt::Result {
    write!(f, "{counts}{talks}")?;
    write!(f, "{}", Plural(counts.findings, "finding", "findings"))?;
    match counts.warnings {
        0 => writeln!(f)?,
        warnings => writeln!(f, ", {}", Plural(warnings, "of them a warning (~)", "of them warnings (~)"))?,
    }
    fault.map_or(Ok(()), |fault| writeln!(f, "not read to its end: {fault}"))
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames, packets, fragments, broken, opened, without_keys, secrets, others, .. } = *self;
        writeln!(f, "{}, {fragments} IP fragments, {broken} broken", Plural(frames, "frame", "frames"))?;
        let packets = Plural(packets, "packet", "packets");
        writeln!(f, "{packets} between MN and HA, {opened} opened, {without_keys} without keys")?;
        if others > 0 {
            writeln!(
                f,
                "{} of plain Mobile IPv6 or neighbouring protocols",
                Plural(others, "packet", "packets")
            )?;
        }
        if secrets > 0 {
            writeln!(f, "{} of TLS secrets in the capture", Plural(secrets, "block", "blocks"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, conversations, unread } = *self;
        let messages = Plural(messages, "message", "messages");
        let conversations = Plural(conversations, "conversation", "conversations");
        if self.messages > 0 {
            writeln!(f, "{messages} between MN and HAC in {conversations}")?;
        }
        if unread > 0 {
            let connections = Plural(unread, "TLS connection", "TLS connections");
            writeln!(
                f,
                "{connections} not read: without secrets, or all octets, nobody can tell whether it is ours"
            )?;
        }
        Ok(())
    }
}

/// A count and its noun.
struct Plural(u64, &'static str, &'static str);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { self.1 } else { self.2 })
    }
}

//! A whole capture in memory: the lines of its packets, its findings, and the counts at the end.

use core::fmt;

use crate::engine::{Counts, Event, Options, Summary, run};
use crate::finding::Finding;
use crate::format::CaptureFault;
use crate::line::Line;

/// What a capture tells. Its memory grows with the capture; [`run`] is for those that are large.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The packets, in the order of the capture.
    pub lines: Vec<Line>,
    /// What is wrong outside of them.
    pub faults: Vec<Finding>,
    /// How many of what were met.
    pub counts: Counts,
    /// Why the capture could not be read to its end.
    pub fault: Option<CaptureFault>,
}

/// Reads pcap or pcapng octets and judges what an MN and an HA said to each other. Any octets are taken; what cannot be
/// read is told in the report.
#[must_use]
pub fn report(capture: &[u8], options: &Options) -> Report {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    let summary = run(capture, options.clone(), &mut |event| match event {
        Event::Packet(packet) => lines.push(packet.line),
        Event::Finding(finding) => faults.push(finding),
    });
    Report { lines, faults, counts: summary.counts, fault: summary.fault }
}

impl Report {
    /// Everything that is wrong: with packets in the order of the frames, then what belongs to no packet.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.lines.iter().flat_map(|line| &line.findings).chain(&self.faults)
    }
}

impl fmt::Display for Report {
    /// As the command prints it, in the order of the capture.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut faults = self.faults.iter().peekable();
        for line in &self.lines {
            while let Some(finding) = faults.next_if(|finding| finding.frame <= line.frame) {
                writeln!(f, "! {finding}")?;
            }
            line.fmt(f)?;
        }
        faults.try_for_each(|finding| writeln!(f, "! {finding}"))?;
        Summary { counts: self.counts, flows: Vec::new(), fault: self.fault }.fmt(f)
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packet(packet) => packet.line.fmt(f),
            Self::Finding(finding) => writeln!(f, "! {finding}"),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counts.fmt(f)?;
        self.fault.map_or(Ok(()), |fault| writeln!(f, "not read to its end: {fault}"))
    }
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
            let blocks = Plural(secrets, "block", "blocks");
            writeln!(f, "{blocks} of TLS secrets in the capture, not used: TLS is not read")?;
        }
        writeln!(f, "{}", Plural(self.findings, "finding", "findings"))
    }
}

/// A count and its noun.
struct Plural(u64, &'static str, &'static str);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { self.1 } else { self.2 })
    }
}

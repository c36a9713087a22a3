//! The records of a dissection as JSON: one document, or a line each.

use dissect::{Event, Packet, Render, Summary};

use super::record::{Record, SCHEMA, Sum, of_ledger};

/// How records are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    /// One document: `{"schema": …, "records": […]}`.
    Document,
    /// A line each.
    Lines,
}

/// Makes JSON of events. The start and the end of a document are made apart.
#[derive(Clone)]
pub(crate) struct Records {
    joined: Joined,
}

impl Render for Records {
    fn packet(&mut self, packet: &Packet<'_>, out: &mut Vec<u8>) {
        Record::of_packet(packet).iter().for_each(|record| self.record(record, out));
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        Record::of(event).iter().for_each(|record| self.record(record, out));
    }
}

impl Records {
    pub(crate) const fn new(joined: Joined) -> Self {
        Self { joined }
    }

    /// What stands before the records of a file.
    pub(crate) fn begin(&self, file: &str) -> Vec<u8> {
        let mut out = match self.joined {
            Joined::Document => format!("{{\"schema\": \"{SCHEMA}\", \"records\": [\n").into_bytes(),
            Joined::Lines => Vec::new(),
        };
        let capture = Record::Capture { schema: SCHEMA.to_owned(), file: file.to_owned() };
        self.value(&capture, &mut out);
        out
    }

    /// What stands behind them.
    pub(crate) fn end(&self, summary: &Summary) -> Vec<u8> {
        let mut out = Vec::new();
        of_ledger(&summary.ledger).iter().for_each(|record| self.record(record, &mut out));
        self.record(&Record::Summary(Sum::of(summary)), &mut out);
        if self.joined == Joined::Document {
            out.extend_from_slice(b"\n]}\n");
        }
        out
    }

    /// Appends a record that is not the first.
    pub(crate) fn record(&self, record: &Record, out: &mut Vec<u8>) {
        if self.joined == Joined::Document {
            out.extend_from_slice(b",\n");
        }
        self.value(record, out);
    }

    fn value(&self, record: &Record, out: &mut Vec<u8>) {
        // Strings and numbers always have a JSON form, and a Vec takes all of it.
        let _ = serde_json::to_writer(&mut *out, record);
        if self.joined == Joined::Lines {
            out.push(b'\n');
        }
    }
}

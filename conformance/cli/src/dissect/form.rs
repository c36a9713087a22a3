//! In which form a capture is told: text, JSON, a page; all of it or what a filter keeps; and a trace beside it.

use std::fs;
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dissect::{Annotations, Event, Options, Reading, Render, Summary, Text};
use suite::trace::lint;

use super::document::{Joined, Records};
use super::filter::{Criterion, Filter, criterion};
use super::ladder::Ladder;
use super::outcome::Unjudged;
use super::page::Page;
use super::record::Record;
use super::trace::{self, Written};
use crate::output::{Channel, plain};
use crate::usage::UsageError;

/// How a capture is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A line for each message and packet, findings below it
    Text,
    /// A rung for each message and packet between the lines of MN, HAC and HA
    Ladder,
    /// One JSON document (`mip6-conform schema dissection`)
    Json,
    /// JSON, a line for each record
    Ndjson,
    /// A page with what is wrong and a ladder
    Html,
}

/// What is made of a capture.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormArgs {
    /// How it is told
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Only what has this: by=mn|hac|ha, spi=N, mn-id=NAI, finding=GLOB, kind=WORD. Repeatable: values of one key widen
    /// the choice, other keys narrow it
    #[arg(long, value_name = "KEY=VALUE", value_parser = criterion)]
    filter: Vec<Criterion>,
    /// Also write the capture again as pcapng, with each finding as a comment on its frame
    #[arg(long, value_name = "FILE")]
    pub(crate) annotate: Option<PathBuf>,
    /// Also write what MNs say as a trace for `replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}

/// A capture that was told but for the end.
pub(super) struct Told {
    pub(super) summary: Summary,
    records: Option<Records>,
    trace: Option<(PathBuf, trace::Writer)>,
    pub(super) annotations: Annotations,
}

/// What is made besides the telling.
#[derive(Default)]
struct Beside {
    trace: trace::Writer,
    annotations: Annotations,
}

impl FormArgs {
    /// Tells a capture as far as its last record.
    ///
    /// # Errors
    /// Those of the output.
    pub(super) fn tell(
        &self,
        file: &Path,
        source: impl Read + Send,
        options: Options,
        cores: NonZeroUsize,
        text: &Text,
    ) -> io::Result<Told> {
        let is_whole = self.filter.is_empty() && self.trace.is_none() && self.annotate.is_none();
        let records = self.joined().map(Records::new);
        if let Some(records) = &records {
            io::stdout().write_all(&records.begin(&file.display().to_string()))?;
        }
        let whole = |summary| (summary, Beside::default());
        let (summary, beside) = match (self.format, &records) {
            (Format::Text, _) if is_whole => {
                whole(dissect::print(source, options, cores, text, io::stdout())?)
            }
            (_, Some(records)) if is_whole => {
                whole(dissect::print(source, options, cores, records, io::stdout())?)
            }
            _ => self.one_by_one(file, source, options, text, records.as_ref())?,
        };
        let trace = self.trace.clone().map(|to| (to, beside.trace));
        Ok(Told { summary, records, trace, annotations: beside.annotations })
    }

    const fn joined(&self) -> Option<Joined> {
        match self.format {
            Format::Json => Some(Joined::Document),
            Format::Ndjson => Some(Joined::Lines),
            Format::Text | Format::Ladder | Format::Html => None,
        }
    }

    /// What has to be seen in order, by one pair of eyes.
    fn one_by_one(
        &self,
        file: &Path,
        source: impl Read + Send,
        options: Options,
        text: &Text,
        records: Option<&Records>,
    ) -> io::Result<(Summary, Beside)> {
        let mut text = text.clone();
        let mut filter = Filter::new(self.filter.clone());
        let mut beside = Beside::default();
        let mut page = Page::default();
        let mut ladder = Ladder::default();
        let (mut held, mut out) = (Vec::new(), io::stdout());
        let mut take = |event: Event<'_>, held: &mut Vec<u8>| {
            beside.annotations.take(&event);
            let told = Record::of(&event);
            if !filter.keeps(&told) {
                return;
            }
            beside.trace.take(&event);
            match (self.format, records) {
                (Format::Text, _) => text.event(&event, held),
                (Format::Ladder, _) => ladder.take(&told, held),
                (Format::Html, _) => page.take(told),
                (_, Some(records)) => told.iter().for_each(|record| records.record(record, held)),
                (_, None) => {}
            }
        };
        let mut reading = Reading::new(source, options);
        // What comes live is told as it comes.
        while reading.go_on(&mut |event| take(event, &mut held)) {
            out.write_all(&held)?;
            out.flush()?;
            held.clear();
        }
        let mut summary = reading.end(&mut |event| take(event, &mut held));
        out.write_all(&held)?;
        filter.narrow(&mut summary.ledger);
        if let Some(nothing) = filter.nothing_kept() {
            Channel::Err.print(&format!(
                "note: {}: {}\n",
                plain(&file.display().to_string()),
                plain(&nothing)
            ));
        }
        if self.format == Format::Html {
            let page = page.render(&file.display().to_string(), &summary);
            out.write_all(page.map_err(io::Error::other)?.as_bytes())?;
        }
        Ok((summary, beside))
    }
}

impl Told {
    /// Tells the end.
    ///
    /// # Errors
    /// Those of the output.
    pub(super) fn end(&self, form: &FormArgs) -> io::Result<()> {
        let mut out = io::stdout();
        match &self.records {
            Some(records) => out.write_all(&records.end(&self.summary))?,
            None if matches!(form.format, Format::Text | Format::Ladder) => {
                write!(out, "{}{}", self.summary, Unjudged(&self.summary))?;
            }
            None => {}
        }
        out.flush()
    }

    /// Writes the trace, if one is wanted.
    ///
    /// # Errors
    /// Nothing to write; the file cannot be written.
    pub(super) fn trace(self, file: &Path) -> Result<(), UsageError> {
        let Some((to, writer)) = self.trace else { return Ok(()) };
        let source = trace::shown(file);
        let name = to.file_stem().unwrap_or_default().to_string_lossy();
        let none = || "no MN speaks in this capture, or nothing of it can be read".to_owned();
        let written = writer.finish(&name, &source, None);
        let Written { trace, remarks } =
            written.ok_or_else(|| UsageError::File { file: file.to_owned(), why: none() })?;
        let what = trace::amount(&trace);
        let complaints = lint(&trace).into_iter().map(|complaint| format!("cannot be played: {complaint}"));
        for remark in [what].into_iter().chain(remarks).chain(complaints) {
            Channel::Err.print(&format!("note: {}: {}\n", plain(&to.display().to_string()), plain(&remark)));
        }
        fs::write(&to, trace.to_json()).map_err(|error| UsageError::file(&to, &error))
    }
}

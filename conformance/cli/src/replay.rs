//! `mip6-conform replay`: a trace is played to a target, and the answers are judged by the rules of the suite.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anstyle::Style;
use suite::report::Report;
use suite::runner;
use suite::sanity::profile_name;
use suite::trace::{Difference, Renewed, Trace, replay};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ReplayArgs;
use crate::dissect::amount;
use crate::folder::PrivateFolder;
use crate::report::console::{Console, Talk};
use crate::report::files::Files;
use crate::report::page::{BOLD, Page};
use crate::report::repro::Repro;
use crate::run::{blank, channel, profile_of, talk};
use crate::setup::setup;
use crate::usage::UsageError;

pub(crate) fn command(args: &ReplayArgs) -> Ended {
    let trace = source::trace(args)?;
    if args.subject.target.is_none() {
        return Err(UsageError::Needs { with: "replay", needs: "--target HOST:PORT" });
    }
    let visits = PrivateFolder::new()?;
    let mut setup = setup(&args.subject, &args.conduct, &visits)?;
    let files = Files::create(&args.output.report)?;
    let started = Instant::now();
    let mut report = blank(&setup, args.subject.target.clone().unwrap_or_default(), args.conduct.readings);
    match profile_of(&setup, args.subject.profile) {
        Ok((profile, by)) => {
            setup.profile = profile;
            report.profile = profile_name(profile).to_owned();
            report.profile_by = by.as_str().to_owned();
            channel(&args.output).print(&head(&report, &trace));
            let replayed = replay(&setup, &trace);
            let anew = anew(&replayed.renewed, &replayed.differences, talk(&args.output));
            channel(&args.output).print(&anew);
            report.cases = replayed.cases;
            report.trouble = replayed.trouble;
            report.exit = runner::exit_of(&report.cases, report.trouble.is_some());
        }
        Err(trouble) => {
            report.trouble = Some(trouble);
            report.exit = Exit::Unreachable;
        }
    }
    report.planned = report.cases.len();
    report.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Console::new(talk(&args.output), channel(&args.output), Repro::Never).end(&report);
    files.write(&report)?;
    Ok(report.exit)
}

fn head(report: &Report, trace: &Trace) -> String {
    let mut page = Page::new();
    let steps = amount(trace);
    let Report { target, profile, profile_by, seed, .. } = report;
    page.line(&[
        (BOLD, target),
        (
            Style::new(),
            &format!("  profile {profile} ({profile_by}), trace {} of {steps}, seed {seed}", trace.name),
        ),
    ]);
    page.paragraph(2, &trace.story);
    page.into_text()
}

/// Steps that are told one by one where many are alike, and differences.
const TOLD_AT_MOST: usize = 24;

/// What was not sent as it stands in the trace, and what was answered otherwise than then.
fn anew(renewed: &BTreeSet<Renewed>, differences: &[Difference], talk: Talk) -> String {
    let mut page = Page::new();
    if talk != Talk::Quiet {
        let mut steps: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for Renewed { step, what } in renewed {
            steps.entry(what).or_default().push(*step);
        }
        // What is made anew together is told together.
        let mut together: BTreeMap<Vec<usize>, Vec<&str>> = BTreeMap::new();
        for (what, steps) in steps {
            together.entry(steps).or_default().push(what);
        }
        let anew: Vec<String> = together
            .into_iter()
            .map(|(steps, whats)| format!("{} (step {})", whats.join(", "), listed(&steps)))
            .collect();
        if !anew.is_empty() {
            page.term(2, "anew", &anew.join("; "));
        }
    }
    for Difference { step, then, now } in differences.iter().take(TOLD_AT_MOST) {
        page.term(2, &format!("step {step}"), &format!("the trace holds {then}; now it was {now}"));
    }
    if let Some(more) = differences.len().checked_sub(TOLD_AT_MOST).filter(|&more| more > 0) {
        page.paragraph(2, &format!("and {more} more answers that are not those of the trace"));
    }
    page.into_text()
}

fn listed(steps: &[usize]) -> String {
    let told: Vec<String> = steps.iter().take(TOLD_AT_MOST).map(usize::to_string).collect();
    match steps.len().checked_sub(TOLD_AT_MOST) {
        None | Some(0) => told.join(", "),
        Some(more) => format!("{} and {more} more", told.join(", ")),
    }
}

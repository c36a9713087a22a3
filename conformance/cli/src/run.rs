//! `mip6-conform run`: from arguments to a report.

use std::num::NonZeroUsize;
use std::time::Instant;

use suite::bench::Setup;
use suite::case::{Case, Role};
use suite::link::Parts;
use suite::report::{Report, SCHEMA, Trouble};
use suite::runner::{self, Plan, Readings};
use suite::sanity::{Profile, ProfileBy, find_profile, profile_name};
use suite::select::{SelectError, Selection, select};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::{OutputArgs, RunArgs, SelectArgs};
use crate::folder::PrivateFolder;
use crate::output::Channel;
use crate::report::console::{Console, Talk};
use crate::report::files::Files;
use crate::report::repro::Repro;
use crate::setup::{parts, setup};
use crate::usage::UsageError;

pub(crate) fn command(args: &RunArgs) -> Ended {
    Ok(judge(args, talk(&args.output), channel(&args.output))?.exit)
}

/// Judges what the arguments name and writes the reports that they ask for.
pub(crate) fn judge(args: &RunArgs, talk: Talk, channel: Channel) -> Result<Report, UsageError> {
    let cases = cases(args)?;
    let visits = PrivateFolder::new()?;
    let setup = setup(&args.subject, &args.conduct, &visits)?;
    // A file that cannot be written is told before the run, not after it.
    let files = Files::create(&args.output.report)?;
    let order = Order {
        target: args.subject.target.clone().or_else(|| args.subject.exec.clone()).unwrap_or_default(),
        cases,
        jobs: args.conduct.jobs,
        readings: args.conduct.readings,
        pinned: args.subject.profile,
        console: Console::new(talk, channel, Repro::of(args)),
    };
    let report = carry_out(setup, &order);
    files.write(&report)?;
    Ok(report)
}

/// What to run and how to tell of it.
pub(crate) struct Order<'a> {
    pub(crate) target: String,
    pub(crate) cases: Vec<&'a Case>,
    pub(crate) jobs: Option<NonZeroUsize>,
    pub(crate) readings: Readings,
    pub(crate) pinned: Option<Profile>,
    pub(crate) console: Console,
}

/// Finds the profile out, runs the cases, tells of it, and gives everything as data.
pub(crate) fn carry_out(mut setup: Setup, order: &Order<'_>) -> Report {
    let started = Instant::now();
    let mut report = blank(&setup, order.target.clone(), order.readings);
    report.planned = order.cases.len();
    let found = profile_of(&setup, order.pinned);
    let run = match found {
        Ok((profile, by)) => {
            setup.profile = profile;
            report.profile = profile_name(profile).to_owned();
            report.profile_by = by.as_str().to_owned();
            order.console.begin(&report, how_found(by, &setup));
            runner::run(&setup, &order.cases, plan(&setup, order), &order.console)
        }
        Err(trouble) => {
            order.console.begin(&report, "not found out");
            runner::not_run(&order.cases, trouble)
        }
    };
    report.cases = run.cases;
    report.trouble = run.trouble;
    report.exit = run.exit;
    report.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    order.console.end(&report);
    report
}

/// A report in which nothing has happened yet.
pub(crate) fn blank(setup: &Setup, target: String, readings: Readings) -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target,
        profile: profile_name(setup.profile).to_owned(),
        profile_by: ProfileBy::Assumed.as_str().to_owned(),
        readings: readings.as_str().to_owned(),
        seed: setup.seed,
        planned: 0,
        cases: Vec::new(),
        trouble: None,
        exit: Exit::Incomplete,
        duration_ms: 0,
    }
}

/// The profile that the caller pins, or that the target shows.
pub(crate) fn profile_of(setup: &Setup, pinned: Option<Profile>) -> Result<(Profile, ProfileBy), Trouble> {
    match (pinned, &setup.target) {
        (Some(profile), _) => Ok((profile, ProfileBy::Pinned)),
        // An MN is judged by the profile that it is told; there is nothing of a HAC's to look at.
        (None, None) => Ok((setup.profile, ProfileBy::Assumed)),
        // The profiles do not differ in what an HA does but for what the cases tell themselves.
        (None, Some(target)) if target.parts() == Parts::HaAlone => Ok((setup.profile, ProfileBy::Assumed)),
        (None, Some(_)) => find_profile(setup),
    }
}

fn how_found(by: ProfileBy, setup: &Setup) -> &'static str {
    match by {
        ProfileBy::Assumed if has_hac(setup) => "assumed, auth fits none",
        by => by.as_str(),
    }
}

fn has_hac(setup: &Setup) -> bool {
    setup.target.as_deref().is_some_and(|target| target.parts() == Parts::HacAndHa)
}

/// Cases about an MN or an HA alone at the same time: they are mostly waiting.
const VISITS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// More jobs than identities would only wait for each other.
fn plan(setup: &Setup, order: &Order<'_>) -> Plan {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let usual = || if has_hac(setup) { cores() } else { VISITS };
    let jobs = order.jobs.unwrap_or_else(usual).get().min(setup.identities.all().len());
    Plan { jobs, readings: order.readings }
}

/// The selection, of the roles that can be judged with what was given where none is named.
fn cases(args: &RunArgs) -> Result<Vec<&'static Case>, UsageError> {
    let (target, exec) = (args.subject.target.is_some(), args.subject.exec.is_some());
    if !target && !exec {
        return Err(UsageError::NoSubject);
    }
    let alone = parts(&args.subject) == Parts::HaAlone;
    for role in &args.select.role {
        let (given, needs) = match role {
            Role::Hac if alone => (false, "--identities and --ca: --sa alone judges an HA"),
            Role::Hac | Role::Ha => (target, "--target"),
            Role::Mn => (exec, "--exec"),
        };
        if !given {
            return Err(UsageError::RoleWithoutSubject { role: role.as_str(), needs });
        }
    }
    let mut selection = selection(&args.select);
    if selection.roles.is_empty() {
        selection.roles.extend([Role::Hac].into_iter().filter(|_| target && !alone));
        selection.roles.extend([Role::Ha].into_iter().filter(|_| target));
        selection.roles.extend([Role::Mn].into_iter().filter(|_| exec));
    }
    select(suite::cases::all(), &selection).map_err(|error| match (error, target, exec) {
        (SelectError::Nothing, true, false) => {
            UsageError::Select(SelectError::Nothing, "; those of an MN need --exec")
        }
        (SelectError::Nothing, false, true) => {
            UsageError::Select(SelectError::Nothing, "; those of a HAC or HA need --target")
        }
        (error, ..) => error.into(),
    })
}

/// The selection of the command line.
pub(crate) fn selection(args: &SelectArgs) -> Selection {
    Selection {
        ids: args.id.clone(),
        sections: args.section.clone(),
        levels: args.level.clone(),
        roles: args.role.clone(),
    }
}

pub(crate) fn talk(args: &OutputArgs) -> Talk {
    match (args.quiet, args.verbose) {
        (true, _) => Talk::Quiet,
        (_, true) => Talk::Verbose,
        _ => Talk::Normal,
    }
}

pub(crate) fn channel(args: &OutputArgs) -> Channel {
    let machine_reads = args.report.iter().any(|report| report.file.is_none());
    if machine_reads { Channel::Err } else { Channel::Out }
}

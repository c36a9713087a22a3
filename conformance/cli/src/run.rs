//! `mip6-conform run`: from arguments to a report.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crypto::auth::Profile;
use suite::bench::Setup;
use suite::case::{Case, Level, Role};
use suite::evidence::Recorder;
use suite::identity::Identities;
use suite::link::exec::ExecLauncher;
use suite::link::tls::TlsTarget;
use suite::link::{Launcher, LinkError, Target};
use suite::report::{Report, SCHEMA};
use suite::runner::{self, Plan};
use suite::sanity::{ProfileBy, find_profile, profile_name};
use suite::select::{Selection, select};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::{LevelWord, ProfileWord, RoleWord, RunArgs, SelectArgs};
use crate::report::console::{Console, Repro, Talk};
use crate::report::write_files;
use crate::usage::UsageError;

pub(crate) fn command(args: &RunArgs) -> Ended {
    if args.target.is_none() && args.exec.is_none() {
        return Err(UsageError::NoSubject);
    }
    let roles = roles(args);
    needs_met(args)?;
    let cases = select(suite::cases::all(), &selection(&args.select, &roles))?;
    let visits = VisitFolder::new()?;
    let setup = setup(args, &visits, None)?;
    let order = Order {
        target: args.target.clone().or_else(|| args.exec.clone()).unwrap_or_default(),
        cases,
        jobs: args.jobs.map(std::num::NonZeroUsize::get),
        pinned: args.profile.is_some(),
        talk: talk(args),
        repro: repro(args),
    };
    let report = carry_out(setup, &order);
    write_files(&report, &args.report)?;
    Ok(report.exit)
}

/// What to run and how to tell of it.
pub(crate) struct Order<'a> {
    pub(crate) target: String,
    pub(crate) cases: Vec<&'a Case>,
    pub(crate) jobs: Option<usize>,
    pub(crate) pinned: bool,
    pub(crate) talk: Talk,
    pub(crate) repro: Repro,
}

/// Finds the profile out, runs the cases, tells of it, and gives everything as data.
pub(crate) fn carry_out(mut setup: Setup, order: &Order<'_>) -> Report {
    let started = Instant::now();
    let console = Console::new(order.talk, order.cases.len());
    let found = match (order.pinned, &setup.target) {
        (true, _) => Ok((setup.profile, ProfileBy::Pinned)),
        // An MN is judged by the profile that it is told; nothing of the HAC's can be looked at.
        (false, None) => Ok((setup.profile, ProfileBy::Assumed)),
        (false, Some(_)) => find_profile(&setup),
    };
    let (profile_by, run) = match found {
        Ok((profile, by)) => {
            setup.profile = profile;
            console.head(&order.target, profile_name(profile), by.as_str(), setup.seed);
            (by, runner::run(&setup, &order.cases, plan(&setup, order), &console))
        }
        Err(trouble) => {
            console.head(&order.target, profile_name(setup.profile), ProfileBy::Assumed.as_str(), setup.seed);
            (ProfileBy::Assumed, runner::not_run(&order.cases, trouble))
        }
    };
    let report = Report {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: order.target.clone(),
        profile: profile_name(setup.profile).to_owned(),
        profile_by: profile_by.as_str().to_owned(),
        seed: setup.seed,
        planned: order.cases.len(),
        cases: run.cases,
        trouble: run.trouble,
        exit: run.exit,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    console.tell(&report, &order.repro);
    report
}

/// More jobs than identities would only wait for each other.
fn plan(setup: &Setup, order: &Order<'_>) -> Plan {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    Plan { jobs: order.jobs.unwrap_or(cores).min(setup.identities.all().len()) }
}

/// The roles that can be judged with what was given, where none is named.
fn roles(args: &RunArgs) -> Vec<Role> {
    if !args.select.role.is_empty() {
        return Vec::new();
    }
    let mut roles = Vec::new();
    if args.target.is_some() {
        roles.extend([Role::Hac, Role::Ha]);
    }
    if args.exec.is_some() {
        roles.push(Role::Mn);
    }
    roles
}

fn needs_met(args: &RunArgs) -> Result<(), UsageError> {
    for role in &args.select.role {
        let (met, role, needs) = match role {
            RoleWord::Hac => (args.target.is_some(), "hac", "--target"),
            RoleWord::Ha => (args.target.is_some(), "ha", "--target"),
            RoleWord::Mn => (args.exec.is_some(), "mn", "--exec"),
        };
        if !met {
            return Err(UsageError::RoleWithoutSubject { role, needs });
        }
    }
    if args.target.is_some() && args.identities.is_none() {
        return Err(UsageError::Needs { needs: "--identities FILE", with: "--target" });
    }
    if args.target.is_some() && args.ca.is_none() {
        return Err(UsageError::Needs { needs: "--ca FILE", with: "--target" });
    }
    Ok(())
}

/// The selection of the command line; `roles` where it names none.
pub(crate) fn selection(args: &SelectArgs, roles: &[Role]) -> Selection {
    let named = args.role.iter().map(|role| match role {
        RoleWord::Hac => Role::Hac,
        RoleWord::Ha => Role::Ha,
        RoleWord::Mn => Role::Mn,
    });
    let levels = args.level.iter().map(|level| match level {
        LevelWord::Must => Level::Must,
        LevelWord::Should => Level::Should,
        LevelWord::May => Level::May,
    });
    Selection {
        ids: args.id.clone(),
        sections: args.section.clone(),
        levels: levels.collect(),
        roles: named.chain(roles.iter().copied()).collect(),
    }
}

fn setup(args: &RunArgs, visits: &VisitFolder, recorder: Option<Arc<Recorder>>) -> Result<Setup, UsageError> {
    let wait = Duration::from_secs_f64(args.timeout.unwrap_or(2.0));
    let target = args.target.as_deref().map(|target| dialer(target, args, wait, recorder.clone())).transpose()?;
    let launcher = match &args.exec {
        None => None,
        Some(command) => {
            let launcher = ExecLauncher::new(command, visits.path().to_owned(), recorder.clone());
            Some(Box::new(launcher.map_err(UsageError::Link)?) as Box<dyn Launcher>)
        }
    };
    let identities = match &args.identities {
        Some(file) => read_identities(file)?,
        None => crate::provision::identities(8)?,
    };
    Ok(Setup {
        target,
        launcher,
        profile: match args.profile {
            Some(ProfileWord::Draft01) => Profile::Draft01,
            Some(ProfileWord::Rfc6618) | None => Profile::Rfc6618,
        },
        correspondent: args.cn,
        ha: args.ha,
        wait,
        seed: args.seed.map_or_else(fresh_seed, Ok)?,
        recorder,
        identities,
    })
}

fn dialer(
    target: &str,
    args: &RunArgs,
    wait: Duration,
    recorder: Option<Arc<Recorder>>,
) -> Result<Box<dyn Target>, UsageError> {
    let (host, _) = target.rsplit_once(':').ok_or_else(|| UsageError::Target(target.to_owned()))?;
    let peer = resolve(target)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = args.server_name.as_deref().unwrap_or(host);
    let ca = args.ca.as_deref().ok_or(UsageError::Needs { needs: "--ca FILE", with: "--target" })?;
    let ca_pem = std::fs::read_to_string(ca).map_err(|error| UsageError::file(ca, &error))?;
    let target = TlsTarget::new(peer, name, &ca_pem, wait, recorder).map_err(UsageError::Link)?;
    Ok(Box::new(target))
}

fn resolve(target: &str) -> Result<SocketAddr, UsageError> {
    let unresolved =
        |why: String| UsageError::Link(LinkError::Unresolved { host: target.to_owned(), why });
    if target.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
        return Err(UsageError::Target(target.to_owned()));
    }
    let mut addresses = target.to_socket_addrs().map_err(|error| unresolved(error.to_string()))?;
    addresses.next().ok_or_else(|| unresolved("the resolver knows none".to_owned()))
}

fn read_identities(file: &Path) -> Result<Identities, UsageError> {
    let text = std::fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    Identities::from_json(&text).map_err(|why| UsageError::Identities { file: file.to_owned(), why })
}

pub(crate) fn fresh_seed() -> Result<u64, UsageError> {
    let mut seed = [0; 4];
    getrandom::fill(&mut seed).map_err(|error| UsageError::Own(format!("no randomness: {error}")))?;
    Ok(u32::from_be_bytes(seed).into())
}

const fn talk(args: &RunArgs) -> Talk {
    match (args.quiet, args.verbose) {
        (true, _) => Talk::Summary,
        (_, true) => Talk::Everything,
        _ => Talk::Failures,
    }
}

/// The command line again, without what chooses cases and reports.
fn repro(args: &RunArgs) -> Repro {
    let mut words = vec!["mip6-conform run".to_owned()];
    let mut push = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("{flag} {}", quoted(&value)));
        }
    };
    push("--target", args.target.clone());
    push("--server-name", args.server_name.clone());
    push("--identities", args.identities.as_ref().map(|file| file.display().to_string()));
    push("--ca", args.ca.as_ref().map(|file| file.display().to_string()));
    push("--exec", args.exec.clone());
    push("--ha", args.ha.map(|ha| ha.to_string()));
    push("--cn", args.cn.map(|cn| cn.to_string()));
    Repro::Command(words.join(" "))
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@[]".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// A folder of ours for the files that MNs under test read; gone with the value.
pub(crate) struct VisitFolder(std::path::PathBuf);

impl VisitFolder {
    pub(crate) fn new() -> Result<Self, UsageError> {
        let mut unique = [0; 8];
        getrandom::fill(&mut unique).map_err(|error| UsageError::Own(error.to_string()))?;
        let path = std::env::temp_dir().join(format!("mip6-conform-{:016x}", u64::from_be_bytes(unique)));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| UsageError::file(&path, &error))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for VisitFolder {
    fn drop(&mut self) {
        // Keys of test identities: if the folder cannot be removed, nothing is lost but tidiness.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether a run came to the end that lets a command succeed.
pub(crate) const fn is_conformant(report: &Report) -> bool {
    matches!(report.exit, Exit::Conformant)
}

//! `mip6-conform demo`: the reference judged like a stranger, then the same with one lie.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use crypto::auth::Profile;
use crypto::keys::Psk;
use mutants::mutant::Mutant;
use node::cli::{Command as _, MnCommand};
use node::home::{CORRESPONDENT, Home, HomeConfig, Machines, RunningHome};
use suite::bench::Setup;
use suite::case::Role;
use suite::evidence::Recorder;
use suite::identity::Identities;
use suite::link::exec::ExecLauncher;
use suite::link::tls::TlsTarget;
use suite::report::Report;
use suite::select::{Selection, select};
use suite::verdict::{Exit, Verdict};
use wire::value::Nai;

use crate::Ended;
use crate::args::{DemoArgs, ReportFormat};
use crate::report::console::{Repro, Talk};
use crate::report::write;
use crate::run::{Order, VisitFolder, carry_out, fresh_seed, is_conformant};
use crate::usage::UsageError;

/// The lie of the demonstration: a misreading that everybody makes once.
const LIE: &str = "hac/signs-container-header";

/// The longest wait for one answer on loopback.
const WAIT: Duration = Duration::from_secs(2);

/// Identities of the reference; as many cases can run at the same time.
const IDENTITIES: usize = 8;

pub(crate) fn command(args: &DemoArgs) -> Ended {
    let lie = mutants::mutant::find(LIE).ok_or_else(|| UsageError::Own(format!("no mutant is called {LIE}")))?;
    let keep = args.keep.as_deref();
    if let Some(folder) = keep {
        std::fs::create_dir_all(folder).map_err(|error| UsageError::file(folder, &error))?;
    }

    anstream::println!("1. The reference HAC and HA on loopback, judged like strangers.\n");
    let honest = judge_home(&Cast::Honest, keep)?;
    if !is_conformant(&honest) {
        return Ok(honest.exit);
    }

    anstream::println!("\n2. The reference MN, started anew for each visit.\n");
    let mn = judge_mn(keep)?;
    if !is_conformant(&mn) {
        return Ok(mn.exit);
    }

    anstream::println!("\n3. The same HAC with one lie, {}: {}.\n", lie.id, lie.story);
    let lying = judge_home(&Cast::Lying(lie), keep)?;
    Ok(lie_is_caught(lie, &lying))
}

/// Succeeds when the cases that must notice the lie did.
fn lie_is_caught(lie: &Mutant, report: &Report) -> Exit {
    let caught = |id: &&str| report.cases.iter().any(|case| case.id == **id && case.verdict == Verdict::Fail);
    let (seen, missed): (Vec<&str>, Vec<&str>) = lie.caught_by.iter().copied().partition(|id| caught(&id));
    if missed.is_empty() && report.exit == Exit::Failed {
        anstream::println!("\nThe lie {} was caught, as it must be, by {}.", lie.id, seen.join(" and "));
        Exit::Conformant
    } else {
        anstream::println!("\nThe lie {} was not caught by {}: our own error.", lie.id, missed.join(" and "));
        Exit::Harness
    }
}

enum Cast {
    Honest,
    Lying(&'static Mutant),
}

impl Cast {
    const fn name(&self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Lying(_) => "lying",
        }
    }
}

fn judge_home(cast: &Cast, keep: Option<&Path>) -> Result<Report, UsageError> {
    let identities = crate::provision::identities(IDENTITIES)?;
    let home = start(cast, &identities)?;
    let recorder = keep.map(|_| Recorder::shared());
    let name = home.hac_addr().ip().to_string();
    let target = TlsTarget::new(home.hac_addr(), &name, home.ca_pem(), WAIT, recorder.clone())
        .map_err(UsageError::Link)?;
    if let Some(folder) = keep {
        save(&folder.join("ids.json"), identities.to_json().as_bytes())?;
        save(&folder.join("ca.pem"), home.ca_pem().as_bytes())?;
    }
    let setup = Setup {
        target: Some(Box::new(target)),
        launcher: None,
        profile: Profile::Rfc6618,
        correspondent: Some(CORRESPONDENT),
        ha: None,
        wait: WAIT,
        seed: fresh_seed()?,
        recorder: recorder.clone(),
        identities,
    };
    let report = carry_out(setup, &order(home.hac_addr().to_string(), &[Role::Hac, Role::Ha])?);
    keep_files(keep, cast.name(), &report, recorder.as_deref())?;
    Ok(report)
}

fn start(cast: &Cast, identities: &Identities) -> Result<RunningHome, UsageError> {
    let unusable = |what: String| UsageError::Own(format!("provisioned identity: {what}"));
    let mut known = Vec::new();
    for identity in identities.all() {
        let nai = Nai::parse(identity.mn_id.as_bytes()).map_err(|error| unusable(error.to_string()))?;
        let psk = Psk::new(identity.psk.clone()).map_err(|error| unusable(error.to_string()))?;
        known.push((nai, psk));
    }
    let home = match cast {
        Cast::Honest => Home::start(HomeConfig::loopback(), known, Machines::honest),
        Cast::Lying(mutant) => {
            let secrets = mutants::subject::Secrets {
                profile: Profile::Rfc6618,
                identities: identities.all().to_vec(),
            };
            Home::start(HomeConfig::loopback(), known, |hac, ha| Machines {
                hac: mutants::liar::hac_liar(mutant, Box::new(hac.honest()), secrets),
                ha: mutants::liar::ha_liar(mutant, Box::new(ha.honest())),
            })
        }
    };
    home.map_err(|error| UsageError::Own(error.to_string()))
}

fn judge_mn(keep: Option<&Path>) -> Result<Report, UsageError> {
    let own = |error: &dyn core::fmt::Display| UsageError::Own(error.to_string());
    let program = std::env::current_exe().map_err(|error| own(&error))?;
    let command = format!(
        "'{}' reference-mn --hac {{hac}} --mn-id {{mn_id}} --psk-file {{psk_file}} --ca {{ca}}",
        program.display()
    );
    let recorder: Option<Arc<Recorder>> = keep.map(|_| Recorder::shared());
    let visits = VisitFolder::new()?;
    let launcher = ExecLauncher::new(&command, visits.path().to_owned(), recorder.clone()).map_err(UsageError::Link)?;
    let setup = Setup {
        target: None,
        launcher: Some(Box::new(launcher)),
        profile: Profile::Rfc6618,
        correspondent: None,
        ha: None,
        wait: WAIT,
        seed: fresh_seed()?,
        recorder: recorder.clone(),
        identities: crate::provision::identities(IDENTITIES)?,
    };
    let report = carry_out(setup, &order("mip6-mn".to_owned(), &[Role::Mn])?);
    keep_files(keep, "mn", &report, recorder.as_deref())?;
    Ok(report)
}

fn order(target: String, roles: &[Role]) -> Result<Order<'static>, UsageError> {
    let selection = Selection { roles: roles.to_vec(), ..Selection::default() };
    Ok(Order {
        target,
        cases: select(suite::cases::all(), &selection)?,
        jobs: None,
        pinned: false,
        talk: Talk::Failures,
        repro: Repro::Never,
    })
}

/// Reports and the capture of one run.
fn keep_files(
    keep: Option<&Path>,
    name: &str,
    report: &Report,
    recorder: Option<&Recorder>,
) -> Result<(), UsageError> {
    let (Some(folder), Some(recorder)) = (keep, recorder) else { return Ok(()) };
    write(report, ReportFormat::Json, &folder.join(format!("{name}.json")))?;
    write(report, ReportFormat::Junit, &folder.join(format!("{name}.xml")))?;
    let tape = recorder.snapshot();
    let capture = folder.join(format!("{name}.pcapng"));
    let file = std::fs::File::create(&capture).map_err(|error| UsageError::file(&capture, &error))?;
    suite::capture::write_pcapng(&tape, std::io::BufWriter::new(file))
        .map_err(|error| UsageError::file(&capture, &error))?;
    save(&folder.join(format!("{name}.esp_sa")), (suite::capture::esp_sa(&tape).join("\n") + "\n").as_bytes())
}

fn save(file: &Path, octets: &[u8]) -> Result<(), UsageError> {
    std::fs::write(file, octets).map_err(|error| UsageError::file(file, &error))
}

/// The reference MN in a process of its own.
pub(crate) fn reference_mn(arguments: Vec<String>) -> ExitCode {
    let words = std::iter::once("mip6-mn".to_owned()).chain(arguments);
    ExitCode::from(MnCommand::parse_from(words).run() as u8)
}

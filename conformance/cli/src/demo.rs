//! `mip6-conform demo`: the reference judged like a stranger, then the same with one lie.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mutants::liar::{ha_liar, hac_liar};
use mutants::mutant::{self, Mutant};
use mutants::subject::Secrets;
use node::cli::{Command as _, MnCommand};
use node::config::read_identities;
use node::home::{CORRESPONDENT, CORRESPONDENT4, Home, HomeConfig, Machines, RunningHome};
use suite::bench::Setup;
use suite::case::Role;
use suite::evidence::Recorder;
use suite::identity::{Identities, SILENT_AAA};
use suite::link::exec::ExecLauncher;
use suite::link::tls::TlsTarget;
use suite::report::Report;
use suite::runner::Readings;
use suite::sa_file::SaPool;
use suite::sanity::Profile;
use suite::select::{Selection, select};
use suite::verdict::{Exit, Verdict};

use crate::args::{DemoArgs, Format};
use crate::folder::PrivateFolder;
use crate::output::{Channel, print};
use crate::report::console::{Console, Talk};
use crate::report::files;
use crate::report::page::{BOLD, Page};
use crate::report::repro::Repro;
use crate::run::{Order, carry_out};
use crate::setup::drawn_seed;
use crate::usage::UsageError;
use crate::{Ended, provision};

/// The lie of the demonstration: a misreading that everybody makes once.
const LIE: &str = "hac/signs-container-header";

/// The longest wait for one answer on loopback.
const WAIT: Duration = Duration::from_secs(2);

/// Identities of the reference; as many cases can run at the same time.
const IDENTITIES: usize = 8;

pub(crate) fn command(args: &DemoArgs) -> Ended {
    let lie = mutant::find(LIE).ok_or_else(|| UsageError::Own(format!("no mutant is called {LIE}")))?;
    let keep = args.keep.as_deref();
    // The same for all, so that the file of them opens every capture that is kept.
    let people = provision::identities(IDENTITIES)?.to_json();
    if let Some(folder) = keep {
        std::fs::create_dir_all(folder).map_err(|error| UsageError::file(folder, &error))?;
        save(&folder.join("ids.json"), &people)?;
    }

    say("1. The reference HAC and HA on loopback, judged like strangers: TLS over TCP, packets over UDP.");
    let honest = judge_home(&Cast::Honest, &people, keep)?;
    if honest.exit != Exit::Conformant {
        return Ok(honest.exit);
    }

    say("2. The reference MN, started anew for each visit to HAC and HA players of ours.");
    let mn = judge_mn(&people, keep)?;
    if mn.exit != Exit::Conformant {
        return Ok(mn.exit);
    }

    say(&format!("3. The same HAC with one lie, {}: it {}.", lie.id, lie.story));
    let lying = judge_home(&Cast::Lying(lie), &people, keep)?;
    Ok(is_caught(lie, &lying))
}

fn say(text: &str) {
    let mut page = Page::new();
    page.paragraph(0, text);
    // No part of a paragraph is styled, so the whole is.
    print(&format!("\n{BOLD}{}{BOLD:#}\n\n", page.into_text().trim_end()));
}

/// Succeeds when the cases that must notice the lie did.
fn is_caught(lie: &Mutant, report: &Report) -> Exit {
    let noticed = |id: &str| report.cases.iter().any(|case| case.id == id && case.verdict == Verdict::Fail);
    let (seen, missed): (Vec<&str>, Vec<&str>) = lie.caught_by.iter().copied().partition(|id| noticed(id));
    if missed.is_empty() && report.exit == Exit::Failed {
        say(&format!("The lie {} was caught, as it must be, by {}.", lie.id, seen.join(" and ")));
        Exit::Conformant
    } else {
        say(&format!("The lie {} was not caught by {}: our own error.", lie.id, missed.join(" and ")));
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

fn judge_home(cast: &Cast, people: &str, keep: Option<&Path>) -> Result<Report, UsageError> {
    let identities = known(people)?;
    let home = start(cast, &identities)?;
    if let Some(folder) = keep {
        save(&folder.join("ca.pem"), home.ca_pem())?;
    }
    let recorder = keep.map(|_| Recorder::shared());
    let name = home.hac_addr().ip().to_string();
    let target = TlsTarget::new(home.hac_addr(), &name, home.ca_pem(), WAIT, recorder.clone());
    let setup = Setup {
        target: Some(Box::new(target.map_err(UsageError::own)?)),
        launcher: None,
        profile: Profile::Rfc6618,
        correspondent: Some(CORRESPONDENT),
        correspondent4: Some(CORRESPONDENT4),
        associations: SaPool::default(),
        ha: None,
        wait: WAIT,
        seed: drawn_seed()?,
        recorder: recorder.clone(),
        identities,
    };
    let report = carry_out(setup, &order(home.hac_addr().to_string(), &[Role::Hac, Role::Ha])?);
    keep_files(keep, cast.name(), &report, recorder.as_deref())?;
    Ok(report)
}

fn known(people: &str) -> Result<Identities, UsageError> {
    Identities::from_json(people).map_err(UsageError::own)
}

/// The reference learns the identities as any target does, from a file.
fn start(cast: &Cast, identities: &Identities) -> Result<RunningHome, UsageError> {
    let folder = PrivateFolder::new()?;
    let file = folder.path().join("ids.json");
    save(&file, &identities.to_json())?;
    let known = read_identities(&file).map_err(UsageError::own)?;
    let mut config = HomeConfig::loopback().with_ip4();
    // All that the cases ask for: an EAP method without MSK too, and an AAA server that says nothing.
    config.hac.offer_every_eap_method();
    config.hac.ask_silent_aaa(SILENT_AAA.trim_start_matches('@'), WAIT / 2);
    let home = match cast {
        Cast::Honest => Home::start(config, known, Machines::honest),
        Cast::Lying(lie) => Home::start(config, known, |hac, ha| {
            let secrets = Secrets { profile: hac.policy.profile, identities: identities.all().to_vec() };
            Machines {
                hac: hac_liar(lie, Box::new(hac.honest()), secrets),
                ha: ha_liar(lie, Box::new(ha.honest())),
            }
        }),
    };
    home.map_err(UsageError::own)
}

fn judge_mn(people: &str, keep: Option<&Path>) -> Result<Report, UsageError> {
    let program = std::env::current_exe().map_err(UsageError::own)?;
    let program = program.to_str().ok_or_else(|| UsageError::Own("our own path is not UTF-8".to_owned()))?;
    let command = format!(
        "{} reference-mn --hac {{hac}} --mn-id {{mn_id}} --psk-file {{psk_file}} --ca {{ca}} --method {{method}}",
        shell_words::quote(program)
    );
    let recorder = keep.map(|_| Recorder::shared());
    let visits = PrivateFolder::new()?;
    let launcher = ExecLauncher::new(&command, visits.path().to_owned(), recorder.clone());
    let setup = Setup {
        target: None,
        launcher: Some(Box::new(launcher.map_err(UsageError::own)?)),
        profile: Profile::Rfc6618,
        correspondent: None,
        correspondent4: None,
        associations: SaPool::default(),
        ha: None,
        wait: WAIT,
        seed: drawn_seed()?,
        recorder: recorder.clone(),
        identities: known(people)?,
    };
    let order = order("mip6-mn".to_owned(), &[Role::Mn])?;
    // It speaks what it is told, and that is the default.
    let pinned = Some(Profile::Rfc6618);
    let report = carry_out(setup, &Order { pinned, ..order });
    keep_files(keep, "mn", &report, recorder.as_deref())?;
    Ok(report)
}

/// The reference MN in a process of its own.
pub(crate) fn reference_mn(arguments: Vec<String>) -> ExitCode {
    let words = std::iter::once("mip6-mn".to_owned()).chain(arguments);
    ExitCode::from(MnCommand::parse_from(words).run() as u8)
}

fn order(target: String, roles: &[Role]) -> Result<Order<'static>, UsageError> {
    let selection = Selection { roles: roles.to_vec(), ..Selection::default() };
    Ok(Order {
        target,
        cases: select(suite::cases::all(), &selection)?,
        jobs: None,
        readings: Readings::AsDecided,
        pinned: None,
        console: Console::new(Talk::Normal, Channel::Out, Repro::Never),
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
    files::write(report, Format::Json, &folder.join(format!("{name}.json")))?;
    files::write(report, Format::Junit, &folder.join(format!("{name}.xml")))?;
    let tape = recorder.snapshot();
    let capture = folder.join(format!("{name}.pcapng"));
    File::create(&capture)
        .and_then(|file| suite::capture::write_pcapng(&tape, BufWriter::new(file)))
        .map_err(|error| UsageError::file(&capture, &error))?;
    save(&folder.join(format!("{name}.esp_sa")), &(suite::capture::esp_sa(&tape).join("\n") + "\n"))
}

fn save(file: &Path, text: &str) -> Result<(), UsageError> {
    std::fs::write(file, text).map_err(|error| UsageError::file(file, &error))
}

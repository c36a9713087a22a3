//! The suite finds nothing wrong with the honest reference: every case, both profiles, alone and side by side.

use crypto::auth::Profile;
use libtest_mimic::{Arguments, Failed, Trial};
use mutants::subject;
use suite::case::Case;
use suite::report::CaseReport;
use suite::runner::{Observer, Plan, Readings, run};
use suite::sanity::{ProfileBy, find_profile, profile_name};
use suite::verdict::{Exit, Verdict};

/// Cases in which the reference only gets a warning, each with the reason.
const WARNINGS: &[(&str, &str)] = &[];

/// Sessions in memory have no TLS, so that its cases are UNSUPPORTED there.
const WITHOUT_TLS: &str = "rfc6618/9.2/";

const PROFILES: [Profile; 2] = [Profile::Rfc6618, Profile::Draft01];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for profile in PROFILES {
        let name = profile_name(profile);
        trials.push(Trial::test(format!("{name}/profile-is-found"), move || profile_is_found(profile)));
        for jobs in [1, 4] {
            trials.push(Trial::test(format!("{name}/all-by-{jobs}"), move || all(profile, jobs)));
        }
        for case in suite::cases::all() {
            trials.push(Trial::test(format!("{name}/{}", case.id), move || one(profile, case)));
        }
    }
    trials.push(Trial::test("warnings-are-of-cases", warnings_are_of_cases));
    libtest_mimic::run(&arguments, trials).exit();
}

struct Silent;

impl Observer for Silent {
    fn ended(&self, _: &CaseReport) {}
}

fn one(profile: Profile, case: &Case) -> Result<(), Failed> {
    judge(profile, &[case], 1)
}

fn all(profile: Profile, jobs: usize) -> Result<(), Failed> {
    judge(profile, &suite::cases::all().collect::<Vec<_>>(), jobs)
}

fn judge(profile: Profile, cases: &[&Case], jobs: usize) -> Result<(), Failed> {
    let result =
        run(&subject::honest(profile).setup(), cases, Plan { jobs, readings: Readings::AsDecided }, &Silent);
    if let Some(trouble) = result.trouble {
        return Err(format!("could not {}: {} {:?}", trouble.step, trouble.met, trouble.clues).into());
    }
    let bad: Vec<String> = result.cases.iter().filter(|report| !as_it_should(report)).map(told).collect();
    match (bad.is_empty(), result.exit) {
        (true, Exit::Conformant) => Ok(()),
        (true, exit) => Err(format!("all as it should be, but the exit is {exit:?}").into()),
        (false, _) => Err(bad.join("\n").into()),
    }
}

fn as_it_should(report: &CaseReport) -> bool {
    let warned = WARNINGS.iter().any(|(id, _)| *id == report.id);
    match report.verdict {
        Verdict::Pass | Verdict::PassLenient => !warned,
        Verdict::Warn => warned,
        Verdict::Unsupported => report.id.starts_with(WITHOUT_TLS),
        _ => false,
    }
}

fn told(report: &CaseReport) -> String {
    let why = report.why.clone().unwrap_or_default();
    let clues: Vec<&str> = why.clues.iter().map(|clue| clue.says.as_str()).collect();
    let exhibits: Vec<String> = why.exhibits.iter().map(|e| format!("{}: {}", e.label, e.hex)).collect();
    format!(
        "{} {}\n  expected {}\n  observed {}\n  clues {clues:?}\n  {}",
        report.verdict.as_str(),
        report.id,
        why.expected.as_deref().unwrap_or("-"),
        why.observed,
        exhibits.join("\n  ")
    )
}

fn profile_is_found(profile: Profile) -> Result<(), Failed> {
    let setup = subject::honest(profile).setup();
    match find_profile(&setup) {
        Ok((found, ProfileBy::Found)) if found == profile => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

fn warnings_are_of_cases() -> Result<(), Failed> {
    match WARNINGS.iter().find(|(id, _)| suite::cases::find(id).is_none()) {
        None => Ok(()),
        Some((id, _)) => Err(format!("{id} is no case").into()),
    }
}

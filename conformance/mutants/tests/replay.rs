//! The traces that we ship and those that a seed makes: the honest reference has nothing to fear from them, and they
//! catch lies.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crypto::auth::Profile;
use libtest_mimic::{Arguments, Failed, Trial};
use mutants::mutant::{self, Mutant};
use mutants::subject::{self, Subject};
use suite::trace::{Replayed, Trace, replay};
use suite::verdict::{Exit, Verdict};

/// A trace, a lie, and the rows of the replay that notice it. A row is named by its last part.
const CAUGHT: &[(&str, &str, &[&str])] = &[
    ("bootstrap-and-register", "hac/signs-without-label", &["step-1"]),
    ("bootstrap-and-register", "ha/no-data", &["step-8"]),
    ("replayed-and-forged-packets", "ha/no-replay-check", &["step-9"]),
    ("replayed-and-forged-packets", "ha/no-icv-check", &["step-10"]),
    ("replayed-and-forged-packets", "ha/any-spi-is-the-latest", &["step-11"]),
    ("replayed-and-forged-packets", "ha/plain-under-scope-1", &["step-12"]),
    ("replayed-and-forged-packets", "ha/no-checksum-check", &["step-13"]),
    ("auth-under-the-other-label", "hac/believes-any-auth", &["step-3"]),
    ("suites-without-one-of-ours", "hac/invents-common-suite", &["step-3"]),
    ("first-identifier-two", "hac/any-first-identifier", &["step-1"]),
    ("half-a-container", "hac/a-read-is-a-message", &["step-3"]),
    ("bootstrap-psk-and-register", "ha/no-data", &["step-7"]),
    ("bootstrap-draft-01", "hac/signs-without-label", &["step-1"]),
    ("bootstrap-eap-gpsk", "hac/eap-nothing-as-key", &["step-1"]),
    ("bootstrap-eap-md5", "hac/signs-without-label", &["step-1"]),
    ("suite-null-sha", "ha/no-data", &["step-7"]),
    ("suite-null-sha256", "ha/no-data", &["step-7"]),
    ("suite-3des-sha", "ha/no-data", &["step-7"]),
    ("suite-aes-sha", "ha/no-data", &["step-7"]),
    ("suite-aes-sha256", "ha/no-data", &["step-7"]),
    ("signaling-only", "ha/no-plain-data", &["step-7"]),
    ("ipv4-outside", "ha/no-data", &["step-7"]),
    ("handover", "ha/no-data", &["step-7"]),
    ("nat-rebinding", "ha/no-data", &["step-7"]),
    ("attack-replay", "ha/no-replay-check", &["step-9"]),
    ("attack-forged-packets", "ha/no-icv-check", &["step-9"]),
    ("attack-malformed-packets", "ha/no-icv-check", &["step-9"]),
    ("attack-flipped-ptype", "ha/no-icv-check", &["step-7"]),
    ("attack-reflected-auth", "hac/believes-itself", &["step-3"]),
    ("attack-man-in-the-middle", "hac/signs-without-binding", &["step-1", "step-2"]),
    ("refusal-no-common-suite", "hac/invents-common-suite", &["step-3"]),
    ("refusal-unknown-identity", "hac/grants-to-strangers", &["step-1"]),
    ("refusal-wrong-eap-secret", "hac/eap-any-proof", &["step-5"]),
    ("refusal-wrong-psk", "hac/signs-without-label", &["step-1"]),
    ("reinit-176", "ha/no-data", &["step-7", "step-17"]),
    ("rekey", "ha/no-data", &["step-7", "step-15"]),
    ("eap-ends-before-done", "hac/eap-one-for-ever", &["step-9"]),
    ("user-data", "ha/no-data", &["step-8"]),
    ("two-mns-at-once", "ha/no-data", &["step-13", "step-15", "step-19"]),
    ("user-data-of-any-kind", "ha/replies-in-the-clear", &["step-11"]),
    ("registration-near-the-last-number", "ha/gives-the-sa-up-with-176", &["step-9"]),
    ("refused-and-again", "hac/believes-any-auth", &["step-3"]),
    ("auth-with-another-key", "hac/believes-any-auth", &["step-3"]),
    ("auth-of-another-channel", "hac/believes-any-auth", &["step-3"]),
];

/// Answers that no text decides, so that the reference may give another one than a trace holds: whether an HA wants a new
/// SA before it has to is its own choice.
const DIFFERS: &[(&str, usize)] = &[("reinit-176", 10)];

/// A lie, and the fault that notices it, whatever the seed.
const CAUGHT_BY_SEED: &[(&str, &str)] = &[
    ("hac/any-first-identifier", "first-identifier"),
    ("hac/grants-to-strangers", "stranger"),
    ("hac/eap-any-proof", "eap-gpsk-secret"),
    ("hac/eap-any-last-proof", "eap-md5-secret"),
    ("hac/believes-any-auth", "any-auth"),
    ("hac/invents-common-suite", "foreign-suites"),
    ("ha/no-icv-check", "wrong-icv"),
    ("ha/no-replay-check", "number-again"),
    ("ha/any-spi-is-the-latest", "foreign-spi"),
    ("ha/plain-under-scope-1", "plain-data"),
    ("ha/no-checksum-check", "wrong-checksum"),
];

/// Seeds that are tried of each fault.
const SEEDS: core::ops::Range<u64> = 0..8;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for file in files() {
        for profile in [Profile::Rfc6618, Profile::Draft01] {
            let (name, file) = (name(&file), file.clone());
            let name = format!("honest/{}/{name}", suite::sanity::profile_name(profile));
            trials.push(Trial::test(name, move || honest(&file, profile)));
        }
        let name = name(&file);
        let is_caught = CAUGHT.iter().any(|(trace, ..)| *trace == name);
        trials.push(Trial::test(format!("catches-a-lie/{name}"), move || {
            if is_caught { Ok(()) } else { Err("no lie is known that it catches".into()) }
        }));
        trials.push(Trial::test(format!("written-back/{name}"), move || written_back(&file)));
    }
    for name in suite::trace::faults() {
        for profile in [Profile::Rfc6618, Profile::Draft01] {
            let name = name.to_owned();
            let told = format!("generated/{}/{name}", suite::sanity::profile_name(profile));
            trials.push(Trial::test(told, move || generated(&name, profile)));
        }
    }
    for trace in of_vectors() {
        trials.push(Trial::test(format!("from-a-vector/{}", trace.name), move || from_vector(&trace)));
    }
    for (lie, fault) in CAUGHT_BY_SEED {
        trials.push(Trial::test(format!("generated-catches/{fault}/{lie}"), move || by_seed(lie, fault)));
    }
    for (trace, lie, rows) in CAUGHT {
        trials.push(Trial::test(format!("caught/{trace}/{lie}"), move || caught(trace, lie, rows)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/traces")
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of traces");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ext| ext == "json"));
    files.sort();
    assert!(!files.is_empty(), "no traces in {}", folder().display());
    files
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn trace(file: &Path) -> Result<Trace, Failed> {
    let text = fs::read_to_string(file)?;
    let trace = Trace::from_json(&text)?;
    if trace.name != name(file) {
        Err(format!("{} calls itself {}", file.display(), trace.name).into())
    } else {
        Ok(trace)
    }
}

fn honest(file: &Path, profile: Profile) -> Result<(), Failed> {
    let replayed = replay(&subject::honest(profile).setup(), &trace(file)?);
    let expected: Vec<usize> =
        DIFFERS.iter().filter(|(trace, _)| *trace == name(file)).map(|(_, step)| *step).collect();
    let differing: Vec<usize> = replayed.differences.iter().map(|difference| difference.step).collect();
    if replayed.exit == Exit::Conformant && differing == expected && !replayed.cases.is_empty() {
        return Ok(());
    }
    Err(told(&replayed).into())
}

fn of_vectors() -> Vec<Trace> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/rfc6618/message.json");
    let text = fs::read_to_string(file).expect("the vectors are part of the checkout");
    let traces = suite::trace::from_vectors(&text).expect("a file of messages");
    assert!(traces.len() >= 15, "only {} requests of the vectors are invalid", traces.len());
    traces
}

/// The reference refuses it, and can say so in a file.
fn from_vector(trace: &Trace) -> Result<(), Failed> {
    if Trace::from_json(&trace.to_json())? != *trace {
        return Err("another trace comes back".into());
    }
    let replayed = replay(&subject::honest(Profile::Rfc6618).setup(), trace);
    let refuses = replayed.cases.iter().any(|row| row.story.starts_with("the request is refused"));
    if replayed.exit == Exit::Conformant && refuses { Ok(()) } else { Err(told(&replayed).into()) }
}

fn from_seed(seed: u64, fault: &str) -> Result<Trace, Failed> {
    suite::trace::generate(seed, Some(fault)).ok_or_else(|| "no such fault".into())
}

fn generated(fault: &str, profile: Profile) -> Result<(), Failed> {
    for seed in SEEDS {
        let replayed = replay(&subject::honest(profile).setup(), &from_seed(seed, fault)?);
        if replayed.exit != Exit::Conformant || replayed.cases.is_empty() {
            return Err(format!("seed {seed}: {}", told(&replayed)).into());
        }
    }
    Ok(())
}

fn by_seed(lie: &str, fault: &str) -> Result<(), Failed> {
    let mutant: &'static Mutant = mutant::find(lie).ok_or("no such lie")?;
    for seed in SEEDS {
        let setup = Subject::played_by(Arc::new(mutant), Profile::Rfc6618).setup();
        let replayed = replay(&setup, &from_seed(seed, fault)?);
        let is_red =
            |row: &suite::report::CaseReport| row.verdict == Verdict::Fail && row.id.starts_with("replay/");
        if !replayed.cases.iter().any(is_red) {
            return Err(format!("seed {seed} overlooks it: {}", told(&replayed)).into());
        }
    }
    Ok(())
}

fn written_back(file: &Path) -> Result<(), Failed> {
    let trace = trace(file)?;
    if Trace::from_json(&trace.to_json())? == trace { Ok(()) } else { Err("another trace comes back".into()) }
}

fn caught(name: &str, lie: &str, rows: &[&str]) -> Result<(), Failed> {
    let mutant: &'static Mutant = mutant::find(lie).ok_or("no such lie")?;
    let file = folder().join(format!("{name}.json"));
    let replayed = replay(&Subject::played_by(Arc::new(mutant), Profile::Rfc6618).setup(), &trace(&file)?);
    let red = |last: &&&str| {
        let is_red = |verdict| matches!(verdict, Verdict::Fail | Verdict::Hang | Verdict::Crash);
        replayed.cases.iter().any(|row| is_red(row.verdict) && row.id.rsplit('/').next() == Some(last))
    };
    match rows.iter().find(|row| !red(row)) {
        None => Ok(()),
        Some(missing) => Err(format!("{missing} is not red\n{}", told(&replayed)).into()),
    }
}

fn told(replayed: &Replayed) -> String {
    let row = |row: &suite::report::CaseReport| {
        let observed = row.why.as_ref().map_or("", |why| why.observed.as_str());
        format!("{} {}: {observed}", row.verdict, row.id)
    };
    let not_green = replayed.cases.iter().filter(|case| !case.verdict.is_green()).map(row);
    let trouble = replayed.trouble.as_ref().map(|trouble| format!("{}: {}", trouble.step, trouble.met));
    let lines: Vec<String> = not_green.chain(trouble).collect();
    format!("exit {:?}, {:?}\n{}", replayed.exit, replayed.differences, lines.join("\n"))
}

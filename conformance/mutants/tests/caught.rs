//! The kill matrix: every lie is caught by the cases that it names, and every MUST case catches a lie.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;

use crypto::auth::Profile;
use libtest_mimic::{Arguments, Failed, Trial};
use mutants::mutant::{self, Mutant, SANITY};
use mutants::subject::{Cast, Honest, Subject};
use mutants::unkilled::UNKILLED;
use suite::case::{Case, Level, Role};
use suite::report::CaseReport;
use suite::runner::{Observer, Plan, Readings, run};
use suite::verdict::Verdict;

fn main() {
    let arguments = Arguments::from_args();
    let matrix = if arguments.list { Matrix::default() } else { Matrix::fill() };
    if !arguments.quiet && !arguments.list {
        matrix.print();
    }
    let matrix = Arc::new(matrix);
    let mut trials = vec![
        Trial::test("mutants-are-named-once", mutants_are_named_once),
        Trial::test("cases-are-named-rightly", cases_are_named_rightly),
        Trial::test("every-must-case-catches-a-lie", every_must_case_catches_a_lie),
    ];
    for mutant in mutant::all() {
        let matrix = Arc::clone(&matrix);
        trials.push(Trial::test(mutant.id, move || is_caught(mutant, &matrix)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Who caught which mutant.
#[derive(Default)]
struct Matrix(BTreeMap<&'static str, Catch>);

/// What the suite says of one mutant.
#[derive(Default)]
struct Catch {
    /// Cases that are red, or warn where they can do no more; [`SANITY`] alone if that failed.
    caught: BTreeSet<String>,
    /// All others that are not green.
    other: Vec<(String, Verdict)>,
}

struct Silent;

impl Observer for Silent {
    fn ended(&self, _: &CaseReport) {}
}

impl Matrix {
    fn fill() -> Self {
        // What the honest reference is warned of, no lie can take credit for.
        let honest: BTreeSet<String> =
            Role::ALL.into_iter().flat_map(|role| judge(Arc::new(Honest), role).caught).collect();
        let waiting = Mutex::new(mutant::all());
        let done = Mutex::new(BTreeMap::new());
        let next = || waiting.lock().expect("no panic while it is held").next();
        let work = || {
            while let Some(mutant) = next() {
                let mut catch = judge(Arc::new(mutant), mutant.role);
                catch.caught.retain(|id| !honest.contains(id));
                done.lock().expect("no panic while it is held").insert(mutant.id, catch);
            }
        };
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(work);
            }
        });
        Self(done.into_inner().expect("no panic while it was held"))
    }

    fn print(&self) {
        for mutant in mutant::all() {
            let Some(catch) = self.0.get(mutant.id) else { continue };
            let short = |id: &String| id.trim_start_matches("rfc6618/").to_owned();
            let cases: Vec<String> = catch.caught.iter().map(short).collect();
            println!("{:<36} {:>3}: {}", mutant.id, cases.len(), cases.join(" "));
        }
    }
}

/// Runs all cases of one role: the other roles are played by machines that do not lie.
fn judge(cast: Arc<dyn Cast>, role: Role) -> Catch {
    let cases: Vec<&Case> = suite::cases::all().filter(|case| case.role == role).collect();
    let setup = Subject::played_by(cast, Profile::Rfc6618).setup();
    let result = run(&setup, &cases, Plan { jobs: 1, readings: Readings::AsDecided }, &Silent);
    let mut catch = Catch::default();
    if result.trouble.is_some() {
        catch.caught.insert(SANITY.to_owned());
        return catch;
    }
    for report in result.cases {
        match (report.verdict, report.level) {
            (Verdict::Pass | Verdict::PassLenient, _) => {}
            (Verdict::Fail | Verdict::Hang | Verdict::Crash, _)
            | (Verdict::Warn, Level::Should | Level::May) => {
                catch.caught.insert(report.id);
            }
            (verdict, _) => catch.other.push((report.id, verdict)),
        }
    }
    catch
}

fn is_caught(mutant: &Mutant, matrix: &Matrix) -> Result<(), Failed> {
    let catch = matrix.0.get(mutant.id).ok_or("was not judged")?;
    if catch.caught.is_empty() {
        return Err(format!("survives: {}; not green: {:?}", mutant.story, catch.other).into());
    }
    let missed: Vec<&str> =
        mutant.caught_by.iter().copied().filter(|&id| !catch.caught.contains(id)).collect();
    if missed.is_empty() {
        return Ok(());
    }
    let others: Vec<_> = catch.other.iter().filter(|(id, _)| missed.contains(&id.as_str())).collect();
    Err(format!("not caught by {missed:?}, of which not green {others:?}; caught by {:?}", catch.caught)
        .into())
}

fn mutants_are_named_once() -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    for mutant in mutant::all() {
        if !seen.insert(mutant.id) {
            return Err(format!("{} stands twice", mutant.id).into());
        }
        if mutant.caught_by.is_empty() {
            return Err(format!("{} names no case", mutant.id).into());
        }
        if !mutant.id.starts_with(mutant.role.as_str()) {
            return Err(format!("{} is of role {}", mutant.id, mutant.role).into());
        }
    }
    Ok(())
}

fn cases_are_named_rightly() -> Result<(), Failed> {
    let named = mutant::all().flat_map(|mutant| mutant.caught_by.iter().copied()).filter(|id| *id != SANITY);
    let wrong: Vec<&str> = named
        .chain(UNKILLED.iter().map(|(id, _)| *id))
        .filter(|id| suite::cases::find(id).is_none())
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("no cases: {wrong:?}").into()) }
}

fn every_must_case_catches_a_lie() -> Result<(), Failed> {
    let named: BTreeSet<&str> = mutant::all().flat_map(|mutant| mutant.caught_by.iter().copied()).collect();
    let excused: BTreeSet<&str> = UNKILLED.iter().map(|(id, _)| *id).collect();
    let is_named = |id: &str| named.contains(id);
    let idle: Vec<&str> = suite::cases::all()
        .filter(|case| case.level == Level::Must && !is_named(case.id) && !excused.contains(case.id))
        .map(|case| case.id)
        .collect();
    let needless: Vec<&&str> = excused.iter().filter(|id| is_named(id)).collect();
    if idle.is_empty() && needless.is_empty() {
        return Ok(());
    }
    Err(format!("no lie for {idle:#?}; excused and yet named: {needless:?}").into())
}

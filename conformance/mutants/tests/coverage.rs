//! A real run executes what the requirements call tested, as far as duties of a HAC go.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crypto::auth::Profile;
use mutants::subject;
use suite::case::{Case, Role};
use suite::coverage::{Coverage, Row, State};
use suite::report::{CaseReport, Report, SCHEMA};
use suite::requirement::{Requirement, Status};
use suite::runner::{Observer, Plan, Readings, run};
use suite::verdict::Exit;

/// Sections that have cases only where there is TLS under the sessions; in memory there is none.
const OVER_TLS: &[&str] = &["9.2"];

struct Silent;

impl Observer for Silent {
    fn ended(&self, _: &CaseReport) {}
}

/// Everything against the honest reference in memory, once for all tests.
fn coverage() -> &'static Coverage {
    static COVERAGE: OnceLock<Coverage> = OnceLock::new();
    COVERAGE.get_or_init(|| {
        let setup = subject::honest(Profile::Rfc6618).setup();
        let cases: Vec<&Case> = suite::cases::all().collect();
        let result = run(&setup, &cases, Plan { jobs: 4, readings: Readings::AsDecided }, &Silent);
        assert!(result.trouble.is_none(), "{:?}", result.trouble);
        Coverage::of(&Report {
            schema: SCHEMA.to_owned(),
            version: String::new(),
            target: "the reference in memory".to_owned(),
            profile: "rfc6618".to_owned(),
            profile_by: "pinned".to_owned(),
            readings: Readings::AsDecided.as_str().to_owned(),
            seed: setup.seed,
            planned: cases.len(),
            cases: result.cases,
            trouble: None,
            exit: result.exit,
            duration_ms: 0,
        })
    })
}

#[test]
fn every_tested_duty_of_a_hac_is_executed() {
    let idle: Vec<String> = coverage()
        .requirements
        .iter()
        .filter(|row| is_duty_of_a_hac(row) && row.status == Status::Tested)
        .filter(|row| !row.state.is_executed() && !needs_tls(row))
        .map(|row| format!("{} {}", row.id, row.reason.as_deref().unwrap_or_default()))
        .collect();
    assert!(idle.is_empty(), "called tested, and not executed:\n{}", idle.join("\n"));
}

/// Cases that judge TLS come to no verdict in memory; that they cite the duty is all that can be seen here.
fn needs_tls(row: &Row) -> bool {
    !row.cases.is_empty()
        && row.cases.iter().all(|executed| {
            suite::cases::find(&executed.id).is_some_and(|case| OVER_TLS.contains(&case.section()))
        })
}

fn is_duty_of_a_hac(row: &Row) -> bool {
    let chapter = row.section.split('.').next().unwrap_or_default();
    row.document == "rfc6618" && row.roles.contains(&Role::Hac) && ["4", "5", "8", "9"].contains(&chapter)
}

#[test]
fn the_reference_breaks_nothing() {
    let broken: Vec<&Row> = coverage().requirements.iter().filter(|row| row.state == State::Broken).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_requirement_has_a_row_and_every_case_stands_in_one() {
    let rows: BTreeSet<&str> = coverage().requirements.iter().map(|row| row.id.as_str()).collect();
    let known: Vec<&Requirement> = suite::requirement::all().iter().collect();
    assert_eq!(rows.len(), known.len());
    let cited: BTreeSet<&str> =
        coverage().requirements.iter().flat_map(|row| &row.cases).map(|case| case.id.as_str()).collect();
    let uncited: Vec<&str> =
        suite::cases::all().map(|case| case.id).filter(|id| !cited.contains(id)).collect();
    assert!(uncited.is_empty(), "{uncited:?}");
}

#[test]
fn whatever_is_not_executed_says_why() {
    for row in coverage().requirements.iter().filter(|row| !row.state.is_executed()) {
        assert!(row.reason.as_deref().is_some_and(|reason| !reason.is_empty()), "{}", row.id);
    }
}

#[test]
fn without_a_run_nothing_is_kept() {
    let empty = Report {
        schema: SCHEMA.to_owned(),
        version: String::new(),
        target: String::new(),
        profile: String::new(),
        profile_by: String::new(),
        readings: String::new(),
        seed: 0,
        planned: 0,
        cases: Vec::new(),
        trouble: None,
        exit: Exit::Incomplete,
        duration_ms: 0,
    };
    assert!(Coverage::of(&empty).requirements.iter().all(|row| !row.state.is_executed()));
}

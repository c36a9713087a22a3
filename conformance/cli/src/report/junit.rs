//! JUnit XML, for CI systems. What proved nothing is an error there, so that nobody reads it as fine.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestSuite};
use suite::report::{CaseReport, Report};
use suite::verdict::Verdict;

use crate::usage::UsageError;

/// The report as XML; a suite for each section.
pub(crate) fn render(report: &Report) -> Result<String, UsageError> {
    let mut junit = Junit::new("mip6-conform");
    junit.set_time(Duration::from_millis(report.duration_ms));
    let mut at = 0;
    while let Some(first) = report.cases.get(at) {
        let section = document_and_section(first);
        let mut suite = TestSuite::new(section.clone());
        while let Some(case) = report.cases.get(at).filter(|case| document_and_section(case) == section) {
            suite.add_test_case(test_case(case));
            at += 1;
        }
        junit.add_test_suite(suite);
    }
    if let Some(trouble) = &report.trouble {
        junit.add_test_suite(sanity(&trouble.step, &trouble.met));
    }
    junit.to_string().map_err(|error| UsageError::Own(error.to_string()))
}

fn document_and_section(case: &CaseReport) -> String {
    case.id.rsplit_once('/').map_or_else(|| case.id.clone(), |(front, _)| front.to_owned())
}

fn test_case(case: &CaseReport) -> TestCase {
    let mut status = match case.verdict {
        Verdict::Pass | Verdict::PassLenient | Verdict::Warn | Verdict::XFail => TestCaseStatus::success(),
        Verdict::Fail | Verdict::Hang | Verdict::Crash | Verdict::Flaky | Verdict::XPass => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::Inconclusive | Verdict::HarnessError => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skipped | Verdict::Unsupported => TestCaseStatus::skipped(),
    };
    if let Some(why) = &case.why {
        let expected = why.expected.as_ref().map(|expected| format!("expected: {expected}\n")).unwrap_or_default();
        let clues: String = why.clues.iter().map(|clue| format!("{}\nfix: {}\n", clue.says, clue.fix)).collect();
        status.set_type(case.verdict.as_str());
        status.set_message(why.observed.clone());
        status.set_description(format!("{}\n{expected}observed: {}\n{clues}", case.story, why.observed));
    }
    let mut test = TestCase::new(case.id.clone(), status);
    test.set_classname(document_and_section(case));
    test.set_time(Duration::from_millis(case.duration_ms));
    test.add_property(Property::new("level", case.level.as_str()));
    test.add_property(Property::new("verdict", case.verdict.as_str()));
    for id in &case.cites {
        test.add_property(Property::new("requirement", id.clone()));
    }
    test
}

/// A lost target is a test of its own, so that it cannot be overlooked.
fn sanity(step: &str, met: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(format!("could not {step}: {met}"));
    let mut suite = TestSuite::new("sanity");
    suite.add_test_case(TestCase::new("sanity", status));
    suite
}

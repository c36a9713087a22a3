//! JUnit XML, for CI systems. What proved nothing is an error there, so that nobody reads it as fine.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestSuite};
use suite::report::{CaseReport, Report, Trouble};
use suite::verdict::Verdict;

use crate::output::plain;
use crate::usage::UsageError;

/// The report as XML: first the sanity of the target, then a suite for each section.
pub(crate) fn rendered(report: &Report) -> Result<String, UsageError> {
    let mut junit = Junit::new("mip6-conform");
    junit.set_time(Duration::from_millis(report.duration_ms));
    junit.add_test_suite(sanity(report));
    let mut sections: Vec<(String, TestSuite)> = Vec::new();
    for case in &report.cases {
        let name = document_and_section(case);
        let at = sections.iter().position(|(section, _)| *section == name).unwrap_or_else(|| {
            sections.push((name.clone(), TestSuite::new(name)));
            sections.len() - 1
        });
        sections[at].1.add_test_case(test_case(case));
    }
    junit.add_test_suites(sections.into_iter().map(|(_, suite)| suite));
    junit.to_string().map_err(UsageError::own)
}

/// Whether the target could be judged at all is a test of its own, so that it cannot be overlooked.
fn sanity(report: &Report) -> TestSuite {
    let status = report.trouble.as_ref().map_or_else(TestCaseStatus::success, |trouble| {
        let Trouble { step, met, .. } = trouble;
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("UNREACHABLE");
        status.set_message(plain(&format!("could not {step}: {met}")));
        status
    });
    let mut suite = TestSuite::new("sanity");
    for (name, value) in [
        ("target", report.target.clone()),
        ("profile", report.profile.clone()),
        ("profile-by", report.profile_by.clone()),
        ("seed", report.seed.to_string()),
    ] {
        suite.add_property(Property::new(name, value));
    }
    let mut test = TestCase::new("sanity", status);
    test.set_classname("sanity");
    suite.add_test_case(test);
    suite
}

fn document_and_section(case: &CaseReport) -> String {
    case.id.rsplit_once('/').map_or_else(|| case.id.clone(), |(front, _)| front.to_owned())
}

fn test_case(case: &CaseReport) -> TestCase {
    let mut test = TestCase::new(case.id.clone(), status(case));
    test.set_classname(document_and_section(case));
    test.set_time(Duration::from_millis(case.duration_ms));
    test.add_property(Property::new("verdict", case.verdict.as_str()));
    test.add_property(Property::new("level", case.level.as_str()));
    test.add_property(Property::new("role", case.role.as_str()));
    for id in &case.cites {
        test.add_property(Property::new("cites", id.clone()));
    }
    if case.verdict == Verdict::Warn {
        // A success has no message of its own.
        test.set_system_out(description(case));
    }
    test
}

fn status(case: &CaseReport) -> TestCaseStatus {
    let mut status = match case.verdict {
        Verdict::Pass | Verdict::PassLenient | Verdict::Warn | Verdict::XFail => {
            return TestCaseStatus::success();
        }
        Verdict::Fail | Verdict::Hang | Verdict::Crash | Verdict::Flaky | Verdict::XPass => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::Inconclusive | Verdict::HarnessError => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skipped | Verdict::Unsupported => TestCaseStatus::skipped(),
    };
    status.set_type(case.verdict.as_str());
    if let Some(why) = &case.why {
        status.set_message(plain(&why.observed));
        status.set_description(description(case));
    }
    status
}

fn description(case: &CaseReport) -> String {
    let mut lines = vec![case.story.clone()];
    if let Some(why) = &case.why {
        lines.extend(why.expected.iter().map(|expected| format!("expected: {expected}")));
        lines.push(format!("observed: {}", why.observed));
        for clue in &why.clues {
            let reading =
                clue.reading.iter().map(|id| format!("known misreading {id}: ")).collect::<String>();
            lines.push(format!("clue: {reading}{}", clue.says));
            lines.push(format!("fix: {}", clue.fix));
        }
        lines.extend(why.exhibits.iter().map(|exhibit| format!("{}: {}", exhibit.label, exhibit.hex)));
    }
    // Peers have no say in how XML readers and terminals take it.
    lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::made_up;
    use super::*;

    #[test]
    fn what_proved_nothing_is_an_error() {
        let xml = rendered(&made_up::judged()).expect("XML");
        assert_eq!(xml.matches("<failure ").count(), 3, "{xml}");
        assert_eq!(xml.matches("<error ").count(), 3, "{xml}");
        insta::assert_snapshot!(xml);
    }

    #[test]
    fn a_target_that_is_not_there_is_an_error_of_its_own() {
        let xml = rendered(&made_up::not_judged()).expect("XML");
        assert!(xml.contains("could not connect to the HAC"), "{xml}");
    }

    #[test]
    fn no_character_that_xml_forbids() {
        let xml = rendered(&made_up::judged()).expect("XML");
        assert_eq!(xml.chars().find(|&c| c.is_control() && c != '\n'), None);
    }
}

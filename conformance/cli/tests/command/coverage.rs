//! `mip6-conform coverage`: the table of requirements, from a run and from the report of one.

use serde_json::Value;

use super::place::{Folder, Reference, say};

#[test]
fn a_run_and_its_report_give_the_same_table() {
    let reference = Reference::start("coverage");
    let (target, identities, ca) = reference.files();
    let (report, html) = (reference.folder.path("report.json"), reference.folder.path("coverage.html"));
    let as_report = format!("json={report}");
    let run = say(&[
        "coverage",
        "--target",
        &target,
        "--identities",
        &identities,
        "--ca",
        &ca,
        "--section",
        "5.1",
        "--report",
        &as_report,
        "--json",
    ]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let table: Value = serde_json::from_str(&run.out).expect("JSON and nothing else");
    assert_eq!(state(&table, "rfc6618#5.1/identifier-not-zero"), "kept");
    assert_eq!(state(&table, "rfc6618#6.1/one-port"), "not-executed");
    assert_eq!(state(&table, "rfc6618#4.2/ha-hac-trust"), "out-of-scope");

    let again = say(&["coverage", "--from", &report, "--json", "--html", &html]);
    assert_eq!((again.exit, again.out), (0, run.out));
    let page = reference.folder.read("coverage.html");
    assert!(page.contains("id=\"rfc6618#5.1/identifier-not-zero\""), "{page}");
}

/// Duties that no run of a HAC over sockets can leave undecided.
fn is_of_a_hac(row: &Value) -> bool {
    let chapter = row["section"].as_str().and_then(|section| section.split('.').next());
    row["document"] == "rfc6618"
        && matches!(chapter, Some("4" | "5" | "8" | "9"))
        && row["roles"].as_array().is_some_and(|roles| roles.contains(&"hac".into()))
}

#[test]
fn over_sockets_every_tested_duty_of_a_hac_is_executed_and_kept() {
    let reference = Reference::start("coverage_of_all");
    let said = reference.judge_by("coverage", &["--json", "--jobs", "4"]);
    assert_eq!(said.exit, 0, "{}", said.err);
    let table: Value = serde_json::from_str(&said.out).expect("JSON and nothing else");
    let rows = table["requirements"].as_array().expect("a list of requirements");
    let status = ["tested", "untestable", "out-of-scope", "ambiguous"];
    for row in rows {
        assert!(status.iter().any(|status| row["status"] == *status), "{row}");
        assert!(row["state"] == "kept" || !row["reason"].as_str().unwrap_or_default().is_empty(), "{row}");
    }
    let idle: Vec<String> = rows
        .iter()
        .filter(|row| is_of_a_hac(row) && row["status"] == "tested" && row["state"] != "kept")
        .map(|row| format!("{} {} {}", row["id"], row["state"], row["reason"]))
        .collect();
    assert!(idle.is_empty(), "called tested, and not kept:\n{}", idle.join("\n"));
}

fn state<'a>(table: &'a Value, id: &str) -> &'a Value {
    let rows = table["requirements"].as_array().expect("a list of requirements");
    &rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no row for {id}"))["state"]
}

#[test]
fn what_is_no_report_is_a_matter_of_usage() {
    let folder = Folder::new("coverage_of_nothing");
    for (name, text) in [("no.json", "{}"), ("other.json", "[1]")] {
        let file = folder.write(name, text);
        let said = say(&["coverage", "--from", &file]);
        assert_eq!((said.exit, said.out.as_str()), (2, ""), "{}", said.err);
        assert!(said.err.contains(name) && said.err.contains("no report of a run"), "{}", said.err);
    }
}

#[test]
fn a_run_needs_somebody_to_judge() {
    let said = say(&["coverage"]);
    assert_eq!(said.exit, 2, "{}", said.err);
    assert!(said.err.contains("nothing to judge"), "{}", said.err);
}

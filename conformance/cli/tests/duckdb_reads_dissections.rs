//! The queries in `pcaps/README.md`, word for word, run by DuckDB over a dissection of ours.

#[path = "tools/missing.rs"]
mod missing;
#[path = "tools/python.rs"]
mod python;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use missing::is_missing;
use serde_json::Value;

/// Runs the statements of its first argument in the folder it is in; writes the rows of the last one as JSON.
const RUN: &str = "
import duckdb, json, sys
connection = duckdb.connect()
for statement in sys.argv[1:]:
    rows = connection.execute(statement).fetchall()
print(json.dumps(rows))
";

const CREATES: &str = "CREATE TABLE";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Nothing where it has no DuckDB, which is said.
fn python_with_duckdb() -> Option<PathBuf> {
    let python = python::python();
    let is_missing = is_missing("Python with duckdb", Command::new(&python).args(["-c", "import duckdb"]));
    (!is_missing).then_some(python)
}

/// What stands between the fences of SQL.
fn statements() -> Vec<String> {
    let text = fs::read_to_string(root().join("pcaps/README.md")).expect("it is part of the checkout");
    let blocks = text.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next());
    let statements = blocks.flat_map(|block| block.split(';')).map(str::trim);
    statements.filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

/// A folder with `trace.ndjson`: our story, told with these keys of the MN; and its records.
fn told(name: &str, digit: &str) -> (PathBuf, Vec<Value>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("cargo's folder for tests is ours");
    let story = root().join("pcaps/captures/bootstrap-psk-and-register");
    let keys = fs::read_to_string(story.join("identities.json")).expect("the story's identities");
    fs::write(folder.join("ids.json"), keys.replacen("42", digit, 1)).expect("the folder is ours");
    let mut command = Command::new(cargo_bin!("mip6-conform"));
    command.arg("dissect").arg(story.join("capture.pcapng")).args(["--format", "ndjson"]);
    let output = command.arg("--psk").arg(folder.join("ids.json")).output().expect("the program starts");
    fs::write(folder.join("trace.ndjson"), &output.stdout).expect("the folder is ours");
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let records = text.lines().map(|line| serde_json::from_str(line).expect("a line is a record"));
    (folder, records.collect())
}

/// The rows of a query behind the statement that makes its table.
fn rows(python: &Path, folder: &Path, query: &str) -> Vec<Vec<Value>> {
    let create = statements().into_iter().find(|statement| statement.starts_with(CREATES));
    let create = create.expect("the README makes a table first");
    let output = Command::new(python).args(["-c", RUN, &create, query]).current_dir(folder).output();
    let output = output.expect("Python starts");
    assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("rows in JSON")
}

fn query(of: &str) -> String {
    let found = statements().into_iter().find(|statement| statement.contains(of));
    found.unwrap_or_else(|| panic!("no query of {of} in pcaps/README.md"))
}

fn of_type<'a>(records: &'a [Value], wanted: &'a str) -> impl Iterator<Item = &'a Value> {
    records.iter().filter(move |record| record["type"] == wanted)
}

#[test]
fn findings_are_counted_by_mn_and_requirement() {
    let Some(python) = python_with_duckdb() else { return };
    let (folder, records) = told("duckdb-findings", "43");
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for found in of_type(&records, "finding") {
        let key = format!("{} {} {}", found["mn_id"], found["requirement"], found["sender"]);
        *expected.entry(key).or_default() += 1;
    }
    assert!(expected.len() > 1, "every auth is wrong, and two ends send some");
    let found = rows(&python, &folder, &query("'finding'"));
    let counted: BTreeMap<String, u64> = found
        .iter()
        .map(|row| (format!("{} {} {}", row[0], row[1], row[2]), row[3].as_u64().expect("a count")))
        .collect();
    assert_eq!(counted, expected);
}

#[test]
fn packets_are_counted_by_sa_and_sender() {
    let Some(python) = python_with_duckdb() else { return };
    let (folder, records) = told("duckdb-packets", "42");
    let found = rows(&python, &folder, &query("'packet'"));
    let counted: BTreeSet<String> =
        found.iter().map(|row| format!("{} {} {} {}", row[0], row[1], row[2], row[3])).collect();
    let mut expected = BTreeSet::new();
    for flow in of_type(&records, "flow") {
        let row =
            |ptype: u8, count: &str| format!("{} {} {ptype} {}", flow["spi"], flow["sender"], flow[count]);
        expected.extend([row(1, "data"), row(8, "signalling")]);
    }
    assert_eq!(expected.len(), 4, "two directions, two kinds");
    assert_eq!(counted, expected);
}

#[test]
fn every_query_runs_where_nothing_is_wrong() {
    let Some(python) = python_with_duckdb() else { return };
    let (folder, records) = told("duckdb-clean", "42");
    assert_eq!(of_type(&records, "finding").count(), 0);
    let queries = || statements().into_iter().filter(|statement| !statement.starts_with(CREATES));
    assert!(queries().count() >= 3);
    for query in queries() {
        let found = rows(&python, &folder, &query);
        assert_eq!(found.is_empty(), query.contains("'finding'"), "{query}: {found:?}");
    }
}

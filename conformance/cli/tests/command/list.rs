//! `list`: every case with what a script needs to know of it.

use serde_json::Value;

use crate::place::say;

#[test]
fn json_has_every_case_with_id_section_level_role_and_cites() {
    let said = say(&["list", "--json"]);
    assert_eq!(said.exit, 0);
    let rows: Vec<Value> = serde_json::from_str(&said.out).expect("JSON");
    assert!(rows.len() >= 70, "only {} cases", rows.len());
    for row in &rows {
        let id = row["id"].as_str().expect("an id");
        let section = row["section"].as_str().expect("a section");
        assert!(id.contains(&format!("/{section}/")), "{id} of section {section}");
        assert!(["MUST", "SHOULD", "MAY"].contains(&row["level"].as_str().expect("a level")), "{id}");
        assert!(["hac", "ha", "mn"].contains(&row["role"].as_str().expect("a role")), "{id}");
        assert!(!row["cites"].as_array().expect("citations").is_empty(), "{id}");
    }
}

#[test]
fn a_selection_narrows_the_list() {
    let all = say(&["list"]);
    let few = say(&["list", "--section", "5.1", "--level", "must"]);
    assert!(all.out.lines().count() > few.out.lines().count());
    let (rows, count) = few.out.trim_end().rsplit_once('\n').expect("rows and a count");
    let rows: Vec<&str> = rows.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(rows.iter().all(|row| row.starts_with("rfc6618/5.1/") && row.ends_with("MUST")), "{rows:?}");
    assert_eq!(count, format!("{} cases", rows.len()));
}

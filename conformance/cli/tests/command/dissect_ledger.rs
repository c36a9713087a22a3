//! What `dissect` says at the end: exchanges of each MN, packets under each SA; for people and for machines.

use std::path::Path;

use serde_json::{Value, json};

use super::place::{Folder, say};

fn story() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../pcaps/captures/bootstrap-psk-and-register/capture.pcapng");
    file.into_os_string().into_string().expect("paths of the project are UTF-8")
}

fn identities() -> String {
    Path::new(&story()).with_file_name("identities.json").display().to_string()
}

/// The SPI that the story hands out.
fn spi() -> u64 {
    let file = Path::new(&story()).with_file_name("sa.json");
    let text = std::fs::read_to_string(file).expect("every story has its SAs");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    file["associations"][0]["spi"].as_u64().expect("an SPI")
}

fn of_type(wanted: &str, words: &[&str]) -> Vec<Value> {
    let said = say(&[&["dissect", &story(), "--psk", &identities(), "--format", "ndjson"], words].concat());
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let records = said.out.lines().map(|line| serde_json::from_str(line).expect("a line is a record"));
    records.filter(|record: &Value| record["type"] == wanted).collect()
}

#[test]
fn the_end_of_the_text_tells_exchanges_and_sas() {
    let said = say(&["dissect", &story()]);
    let row = said.out.lines().find(|line| line.trim_start().starts_with("mn1@conform.example"));
    let row = row.unwrap_or_else(|| panic!("no row for the MN: {}", said.out));
    for cell in ["psk", "200 OK", &spi().to_string()] {
        assert!(row.contains(cell), "{cell}: {row}");
    }
    let sa = said.out.lines().find(|line| line.starts_with(&format!("SA {} of mn1@conform.example", spi())));
    assert!(sa.is_some_and(|line| line.contains("AES_128_CBC_SHA, sas 1, until ")), "{}", said.out);
    assert!(said.out.contains("  Binding Updates: 2; accepted: 2\n"), "{}", said.out);
}

#[test]
fn the_records_of_the_end_are_flat() {
    let exchanges = of_type("exchange", &[]);
    assert_eq!(exchanges.len(), 1);
    assert_eq!(exchanges[0]["mn_id"], "mn1@conform.example");
    assert_eq!((&exchanges[0]["status"], &exchanges[0]["spi"]), (&json!(200), &json!(spi())));
    let flows = of_type("flow", &[]);
    let by: Vec<&Value> = flows.iter().map(|flow| &flow["sender"]).collect();
    assert_eq!(by, ["mn", "ha"]);
    for flow in &flows {
        let count = |field: &str| flow[field].as_u64();
        assert_eq!((count("signalling"), count("data"), count("icv_good")), (Some(2), Some(1), Some(3)));
        assert_eq!((count("icv_wrong"), count("missing"), count("repeats")), (Some(0), Some(0), Some(0)));
        assert!(flow.as_object().expect("a record").values().all(|value| !value.is_object()), "{flow}");
    }
}

#[test]
fn a_ladder_has_a_rung_for_each_message_and_packet() {
    let said = say(&["dissect", &story(), "--psk", &identities(), "--format", "ladder"]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let rungs: Vec<&str> = said.out.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(rungs.len(), of_type("message", &[]).len() + of_type("packet", &[]).len(), "{}", said.out);
    let head: Vec<&str> = said.out.lines().next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(head, ["MN", "HAC", "HA"]);
    assert!(rungs[0].contains("|-- init-request 1 -"), "{}", said.out);
    assert!(rungs.iter().all(|rung| rung.len() <= 79), "{}", said.out);
    assert!(said.out.contains(&format!("SA {} of mn1@conform.example", spi())), "the end is told, too");
}

#[test]
fn a_filter_narrows_the_end_too() {
    assert_eq!(of_type("sa", &["--filter", "mn-id=mn1@conform.example"]).len(), 1);
    assert_eq!(of_type("sa", &["--filter", "mn-id=nobody@conform.example"]).len(), 0);
    assert_eq!(of_type("exchange", &["--filter", &format!("spi={}", spi())]).len(), 1);
    assert_eq!(of_type("exchange", &["--filter", "spi=1"]).len(), 0);
}

#[test]
fn the_file_that_an_ha_was_loaded_with_is_taken() {
    let folder = Folder::new("ledger-associations");
    let made = say(&["associations", "--ha", "2001:db8::1"]);
    assert_eq!(made.exit, 0, "{}", made.err);
    let sa = folder.write("associations.json", &made.out);
    let said = say(&["dissect", &story(), "--psk", &identities(), "--sa", &sa]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
}

#[test]
fn keys_that_were_given_win_over_those_of_the_capture() {
    let folder = Folder::new("ledger-given");
    let keys = json!({"ikey": "01".repeat(20), "ekey": "02".repeat(16)});
    let entry = json!({"spi": spi(), "suite": "AES_128_CBC_SHA", "mn_to_ha": keys, "ha_to_mn": keys});
    let sa = folder.write("sa.json", &json!({"associations": [entry]}).to_string());
    let said = say(&["dissect", &story(), "--sa", &sa]);
    assert_eq!(said.exit, 1, "{}{}", said.out, said.err);
    let note = format!(": SPI {} is handed out with other keys than those given, which are used", spi());
    let told = said.out.lines().filter(|line| line.starts_with("* frame ") && line.ends_with(&note));
    assert_eq!(told.count(), 1, "{}", said.out);
    assert!(said.out.contains(&format!("SA {}, AES_128_CBC_SHA, keys given\n", spi())), "{}", said.out);
}

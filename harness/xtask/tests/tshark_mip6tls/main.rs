//! `pcaps/wireshark/mip6tls.lua`, as stock tshark runs it, over captures made octet by octet here.

mod capture;
mod containers;
mod packets;
mod tls_session;

use std::path::{Path, PathBuf};
use std::process::Command;

/// What tshark, with these arguments too, prints for these fields: a row for each frame, the occurrences of one field joined by commas.
/// `None`, with the reason printed, where there is no tshark; where CI=true that is a failure.
fn read(name: &str, capture: &[u8], arguments: &[String], fields: &[&str]) -> Option<Vec<Vec<String>>> {
    if Command::new("tshark").arg("--version").output().is_err() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI has to have tshark");
        println!("skipped: no tshark on the path");
        return None;
    }
    let file = scratch(&format!("{name}.pcap"));
    std::fs::write(&file, capture).unwrap();
    let dissector = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/wireshark/mip6tls.lua");
    let mut tshark = Command::new("tshark");
    tshark
        .arg("-X")
        .arg(format!("lua_script:{}", dissector.display()))
        .arg("-r")
        .arg(file)
        .args(["-T", "fields"]);
    tshark.args(arguments).args(fields.iter().flat_map(|field| ["-e", field]));
    let output = tshark.output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !complaints.contains("Lua"), "{complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// The arguments that set these preferences.
fn preferences(settings: &[&str]) -> Vec<String> {
    settings.iter().flat_map(|setting| ["-o".into(), setting.to_string()]).collect()
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

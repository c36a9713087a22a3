//! An HA without a HAC, as its implementer would judge it: `associations` into a file, `mip6-ha --sa`, `run --sa`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use crate::place::{Folder, Said, say};

const AGENT: &str = "2001:db8:ffff::1";

/// Where `mip6-ha` is; `None`, and a line about it, if it was not built. A check builds the whole workspace.
fn home_agent() -> Option<PathBuf> {
    let conform = assert_cmd::cargo::cargo_bin!("mip6-conform");
    let program = conform.with_file_name("mip6-ha");
    if program.is_file() {
        return Some(program);
    }
    assert!(std::env::var_os("CI").is_none(), "no {}", program.display());
    println!("skipped: no {}; `cargo build -p mip6-node` makes it", program.display());
    None
}

/// A running `mip6-ha`; it ends with this value.
struct HomeAgent {
    child: Child,
    address: String,
}

impl HomeAgent {
    fn start(program: &PathBuf, sa: &str) -> Self {
        let mut child = command(program, sa)
            .args(["--correspondents", "2001:db8:c0::1,192.0.2.99"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("mip6-ha starts");
        let mut line = String::new();
        let says = child.stdout.take().expect("piped");
        BufReader::new(says).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().strip_prefix("ha ").expect("ha ADDR:PORT").to_owned();
        Self { child, address }
    }
}

impl Drop for HomeAgent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(program: &PathBuf, sa: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--sa", sa, "--log", "warn"]);
    command
}

fn judge(agent: &HomeAgent, folder: &Folder, words: &[&str]) -> Said {
    let sa = folder.path("sa.json");
    let subject = ["run", "--target", &agent.address, "--sa", &sa];
    let correspondents = ["--cn", "2001:db8:c0::1", "--cn4", "192.0.2.99"];
    say(&[&subject[..], &correspondents, words].concat())
}

fn provisioned(name: &str) -> Folder {
    let folder = Folder::new(name);
    let made = say(&["associations", "--ha", AGENT]);
    assert_eq!(made.exit, 0, "{}", made.err);
    folder.write("sa.json", &made.out);
    folder
}

#[test]
fn the_reference_ha_alone_is_conformant() {
    let Some(program) = home_agent() else { return };
    let folder = provisioned("ha-alone");
    let agent = HomeAgent::start(&program, &folder.path("sa.json"));
    let report = folder.path("report.json");
    let said = judge(&agent, &folder, &["--report", &format!("json={report}")]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).expect("JSON");
    let cases = report["cases"].as_array().expect("a list of cases");
    let passed = cases.iter().filter(|case| case["verdict"] == "PASS").count();
    assert!(passed >= 150, "{passed} of {} passed", cases.len());
    for part in ["rfc6618/6.4/", "rfc6618/6.3/", "rfc6618/6.2/"] {
        let has = |case: &serde_json::Value| case["id"].as_str().is_some_and(|id| id.starts_with(part));
        assert!(cases.iter().any(has), "no case in {part}");
    }
}

#[test]
fn an_ha_with_other_keys_cannot_be_judged() {
    let Some(program) = home_agent() else { return };
    let folder = provisioned("ha-alone-strange");
    let strange = say(&["associations", "--ha", AGENT]);
    let loaded = folder.write("strange.json", &strange.out);
    let agent = HomeAgent::start(&program, &loaded);
    let said = judge(&agent, &folder, &["--timeout", "0.5", "--id", "rfc6618/6.3/ack-status"]);
    assert_eq!(said.exit, 3, "{}{}", said.out, said.err);
}

/// What is wrong with a file, and a word that `mip6-ha` has to say of it.
type Fault = (fn(&mut serde_json::Value), &'static str);

const FAULTS: [Fault; 7] = [
    (|sa| sa["spi"] = 0.into(), "1 to 268435455"),
    (|sa| sa["spi"] = (1_u32 << 28).into(), "1 to 268435455"),
    (|sa| sa["suite"] = "AES_256_GCM".into(), "5.6.5"),
    (|sa| sa["scope"] = "2".into(), "association"),
    (|sa| sa["mn_to_ha"]["ikey"] = "abcd".into(), "ikey: need 20 octets, have 2"),
    (|sa| sa["ha_to_mn"]["ikey"] = "no hex".into(), "association"),
    (|sa| sa["colour"] = "red".into(), "colour"),
];

#[test]
fn a_file_that_is_no_use_is_refused_with_its_fault() {
    let Some(program) = home_agent() else { return };
    let folder = provisioned("ha-alone-faults");
    let honest: serde_json::Value = serde_json::from_str(&folder.read("sa.json")).expect("JSON");
    let refused = |text: &str| -> Output {
        let file = folder.write("faulty.json", text);
        command(&program, &file).output().expect("mip6-ha runs")
    };
    for (at, (spoil, word)) in FAULTS.iter().enumerate() {
        let mut faulty = honest.clone();
        spoil(&mut faulty["associations"][0]);
        let output = refused(&faulty.to_string());
        let says = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "fault {at}: {says}");
        assert!(says.contains(word), "fault {at}: {says}");
    }
    assert_eq!(refused("not JSON").status.code(), Some(2));
    let absent = command(&program, &folder.path("absent.json")).output().expect("mip6-ha runs");
    assert_eq!(absent.status.code(), Some(2));
}

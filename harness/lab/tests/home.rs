//! The lab `home`: it stands, the reference meets itself in it, and nothing is left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use lab::{Lab, Plan, missing, reference_programs};

fn plan() -> Plan {
    Plan::parse(include_str!("../labs/home.toml")).expect("our own plan is legal")
}

/// Whether there is a reason to skip, which is said.
fn skips() -> bool {
    let reason = missing();
    if let Some(reason) = &reason {
        println!("skipped: {reason}");
    }
    reason.is_some()
}

fn namespaces() -> String {
    let output = Command::new("ip").args(["netns", "list"]).output().expect("ip was there a moment ago");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_lab_stands_until_it_is_dropped() {
    if skips() {
        return;
    }
    let lab = Lab::set_up(plan()).expect("the lab can be built");
    let names: Vec<_> = plan().nodes.iter().map(|node| lab.namespace(node)).collect();
    for (node, name) in plan().nodes.iter().zip(&names) {
        assert!(namespaces().contains(name), "{name}");
        let addresses = lab.command(node, "ip").arg("addr").output().expect("ip was there a moment ago");
        let addresses = String::from_utf8_lossy(&addresses.stdout).into_owned();
        let own = plan().address(node).expect("every node is on the link").to_owned();
        assert!(addresses.contains(&own) && addresses.contains("LOWER_UP"), "{addresses}");
    }
    drop(lab);
    for name in &names {
        assert!(!namespaces().contains(name), "{name} is still there");
    }
}

#[test]
fn a_lab_that_cannot_be_built_leaves_nothing_behind() {
    if skips() {
        return;
    }
    let mut plan = plan();
    "broken".clone_into(&mut plan.name);
    "nonsense".clone_into(&mut plan.links[0].ends[1].address);
    let error = Lab::set_up(plan).expect_err("that is no address");
    assert!(error.to_string().contains("nonsense"), "{error}");
    let own = format!("mip6-{}-", std::process::id());
    let left = namespaces();
    assert!(!left.lines().any(|line| line.starts_with(&own) && line.contains("broken")), "{left}");
}

#[test]
fn programs_end_with_the_lab() {
    if skips() {
        return;
    }
    let mut lab = Lab::set_up(plan()).expect("the lab can be built");
    let mut forever = lab.command("mn", "sleep");
    forever.arg("600");
    let id = lab.start(forever).expect("sleep is everywhere").id();
    let process = PathBuf::from(format!("/proc/{id}"));
    assert!(process.exists());
    drop(lab);
    assert!(!process.exists(), "process {id} is still there");
}

#[test]
fn the_reference_meets_itself() {
    if skips() {
        return;
    }
    let programs = match reference_programs() {
        Ok(folder) => folder,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let folder = std::env::temp_dir().join(format!("mip6-lab-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for keys");
    let key = "a5".repeat(32);
    let identities = format!(r#"{{"identities":[{{"mn_id":"mn1@example.com","psk":"{key}"}}]}}"#);
    fs::write(folder.join("ids.json"), identities).expect("the folder can be written");
    fs::write(folder.join("mn1.psk"), &key).expect("the folder can be written");

    let mut lab = Lab::set_up(plan()).expect("the lab can be built");
    let address = plan().address("hac_ha").expect("it is on the link").to_owned();
    let any_port = format!("[{address}]:0");
    let mut hac = lab.command("hac_ha", programs.join("mip6-hac"));
    hac.current_dir(&folder).stdout(Stdio::piped());
    hac.args(["--listen", &any_port, "--collocate-ha", &any_port]);
    hac.args(["--identities", "ids.json", "--write-ca", "ca.pem"]);
    let says = lab.start(hac).expect("the HAC starts").stdout.take().expect("it is piped");
    let mut lines = BufReader::new(says).lines().map(|line| line.expect("text"));
    let hac = lines.next().expect("the HAC serves");
    let hac = hac.strip_prefix("hac ").expect("where the HAC listens");
    assert!(lines.next().is_some_and(|line| line.starts_with("ha ")), "where the HA listens");

    let mut mn = lab.command("mn", programs.join("mip6-mn"));
    mn.current_dir(&folder).args(["--hac", hac, "--server-name", "localhost", "--mn-id", "mn1@example.com"]);
    mn.args(["--psk-file", "mn1.psk", "--ca", "ca.pem", "--ping", "2001:db8:c0::1", "--count", "3"]);
    let met = mn.output().expect("the MN starts");
    let (said, complained) = (String::from_utf8_lossy(&met.stdout), String::from_utf8_lossy(&met.stderr));
    assert!(met.status.success(), "{said}{complained}");
    for line in ["registered: ", "3 echo requests, 3 replies", "de-registered"] {
        assert!(said.contains(line), "{line:?} is missing in:\n{said}");
    }
    drop(lab);
    fs::remove_dir_all(&folder).expect("the folder was ours");
}

#[test]
fn plans_that_make_no_lab_are_refused() {
    let refusal = |text: &str| Plan::parse(text).expect_err("the plan must be refused").to_string();
    let link = |left: &str, right: &str| {
        format!(
            r#"link = [{{ ends = [{{ node = "{left}", address = "a" }}, {{ node = "{right}", address = "b" }}] }}]"#
        )
    };
    let lab = |rest: &str| format!("name = \"x\"\nnodes = [\"a\", \"b\"]\n{rest}");
    assert!(Plan::parse(&lab(&link("a", "b"))).is_ok());
    assert_eq!(refusal(&lab(&link("a", "c"))), "a link ends in c, which is no node of this lab");
    assert_eq!(refusal(&lab(&link("a", "a"))), "a and a: need two different nodes, once");
    assert_eq!(refusal("name = \"x\"\nnodes = [\"a\", \"a\"]"), "node a: stands twice");
    assert_eq!(refusal("name = \"x\"\nnodes = [\"a b\"]"), "\"a b\": need 1 to 12 of a-z, 0-9 and _");
    assert!(refusal("name = \"x\"\nnodes = []\ncolour = 1").contains("colour"));
}

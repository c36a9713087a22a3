//! `mip6-conform dissect --interface`, in a network namespace of its own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::missing::is_missing;
use super::place::{Folder, say};

/// Listens until a frame has passed, a packet of a type that there is not. The copy is made when the interface is
/// listened to, so whoever waits for it loses nothing.
const SCRIPT: &str = r#"
    ip link set lo up || exit 99
    "$CONFORM" dissect --interface lo --count 1 -w "$COPY" --format ndjson &
    while ! [ -e "$COPY" ]; do kill -0 $! || exit 98; done
    printf '\220\0\0\0\0\0\0\0' > /dev/udp/127.0.0.1/7872
    wait $!
"#;

fn in_a_namespace() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net"]);
    command
}

#[test]
fn what_passes_is_told_and_kept() {
    if is_missing("unshare with `ip`", in_a_namespace().args(["ip", "link", "set", "lo", "up"])) {
        return;
    }
    let folder = Folder::new("dissect-live");
    let copy = folder.path("live.pcap");
    let mut command = in_a_namespace();
    command.args(["timeout", "60", "bash", "-c", SCRIPT]).env("COPY", &copy);
    command.env("CONFORM", assert_cmd::cargo::cargo_bin!("mip6-conform"));
    let output = command.output().expect("it was there a moment ago");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.lines().filter(|line| line.contains(r#""type":"packet""#)).count(), 1, "{told}");
    assert!(told.contains("rfc6618#8.1/ptype-values"), "{told}");
    // The copy says the same; only the file has another name.
    let again = say(&["dissect", &copy, "--format", "ndjson"]);
    let records = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(records(&again.out), records(&told));
}

#[test]
fn an_interface_that_is_not_there_is_told_with_those_that_are() {
    let said = say(&["dissect", "--interface", "no-such-0"]);
    assert_eq!(said.exit, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("no such interface; there are "), "{}", said.err);
}

#[test]
fn what_a_filter_keeps_is_told_while_the_capture_goes_on() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures/handover/capture.pcapng");
    let capture = fs::read(story).expect("a story");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("mip6-conform"))
        .args(["dissect", "-", "--filter", "by=mn"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(&capture).expect("it reads");
    let (tell, told) = mpsc::channel();
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let reading = thread::spawn(move || lines.try_for_each(|line| tell.send(line)));
    let first = told.recv_timeout(Duration::from_secs(60));
    drop(pipe);
    let exit = child.wait().expect("it ends");
    let line = first.expect("a line before the end of the capture").expect("text");
    assert!(line.starts_with('#'), "{line}");
    assert!(exit.code().is_some());
    drop(told);
    drop(reading.join());
}

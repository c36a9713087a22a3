//! tshark and scapy, as they come.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use suite::capture::{esp_sa, write_pcapng};
use suite::evidence::Tape;

use crate::icv;
use crate::missing::is_missing;
use crate::python::python;

/// What tshark says of one packet.
#[derive(Debug)]
pub(crate) struct Seen {
    /// `1`, `0`, or empty where no key fits.
    pub(crate) icv_good: String,
    /// `MH` or `ICMPv6` and the type of the innermost message, or the name of the innermost protocol.
    pub(crate) inside: String,
    /// It could not dissect all of it.
    pub(crate) malformed: bool,
}

/// The fields of one packet by name, each with all its values.
pub(crate) type Fields = BTreeMap<String, Vec<String>>;

/// Whether there is no tshark, which is said; where CI=true that is a failure.
pub(crate) fn without_tshark() -> bool {
    is_missing("tshark", Command::new("tshark").arg("--version"))
}

/// The same of a Python with scapy and ciphers.
pub(crate) fn without_python() -> bool {
    is_missing("Python with scapy", Command::new(python()).args(["-c", "import scapy.all, cryptography"]))
}

/// Everything that tshark takes for ESP in UDP, in order.
pub(crate) fn tshark_packets(name: &str, tape: &Tape) -> Vec<Seen> {
    let fields = ["mip6.mhtype", "icmpv6.type", "_ws.col.Protocol", "_ws.malformed"];
    let mut command = tshark(&folder(name), tape);
    command.args(["-T", "fields"]).args(fields.iter().flat_map(|field| ["-e", *field]));
    let contents = text_of(command);
    let contents: Vec<Vec<&str>> = contents.lines().map(|line| line.split('\t').collect()).collect();
    let verdicts = icv::verdicts(&folder(name), tape);
    assert_eq!(verdicts.len(), contents.len());
    verdicts.into_iter().zip(&contents).map(|(verdict, contents)| seen(verdict, contents)).collect()
}

/// All fields of everything that tshark takes for ESP in UDP, in order.
pub(crate) fn tshark_fields(name: &str, tape: &Tape) -> Vec<Fields> {
    let mut command = tshark(&folder(name), tape);
    command.args(["-T", "json", "--no-duplicate-keys"]);
    let packets: Vec<Value> = serde_json::from_str(&text_of(command)).expect("tshark writes JSON");
    let verdicts = icv::verdicts(&folder(name), tape);
    assert_eq!(verdicts.len(), packets.len());
    let fields = |(packet, verdict): (&Value, String)| {
        let mut fields = Fields::new();
        gather("", &packet["_source"]["layers"], &mut fields);
        fields.insert("esp.icv_good".to_owned(), vec![verdict]);
        fields
    };
    packets.iter().zip(verdicts).map(fields).collect()
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tshark_ha_run").join(name)
}

/// Everything is written anew into `folder`: the capture, and the table of keys.
pub(crate) fn tshark(folder: &Path, tape: &Tape) -> Command {
    fs::create_dir_all(folder).expect("cargo's folder for tests can be written");
    let mut file = Vec::new();
    write_pcapng(tape, &mut file).expect("a Vec takes all");
    let capture = folder.join("run.pcapng");
    fs::write(&capture, file).expect("cargo's folder for tests can be written");
    fs::write(folder.join("esp_sa"), esp_sa(tape).join("\n") + "\n").expect("cargo's folder can be written");
    let mut command = Command::new("tshark");
    command.env("WIRESHARK_CONFIG_DIR", folder).arg("-n").arg("-r").arg(capture);
    command.args(["-d", "udp.port==1-65535,udpencap", "-Y", "esp"]);
    for preference in ["esp.enable_authentication_check:TRUE", "esp.enable_encryption_decode:TRUE"] {
        command.args(["-o", preference]);
    }
    command
}

pub(crate) fn text_of(mut command: Command) -> String {
    let output = command.output().expect("tshark was there a moment ago");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    assert!(!complaints.contains("esp_sa"), "tshark does not take our table: {complaints}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn seen(icv_good: String, contents: &[&str]) -> Seen {
    let field = |at: usize| contents.get(at).copied().unwrap_or_default();
    let inside = match (field(0), field(1)) {
        ("", "") => field(2).to_owned(),
        ("", icmp) => format!("ICMPv6 {icmp}"),
        (mobility, _) => format!("MH {mobility}"),
    };
    Seen { icv_good, inside, malformed: !field(3).is_empty() }
}

fn gather(name: &str, value: &Value, into: &mut Fields) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| gather(name, value, into)),
        Value::Array(members) => members.iter().for_each(|value| gather(name, value, into)),
        Value::String(text) => into.entry(name.to_owned()).or_default().push(text.clone()),
        other => into.entry(name.to_owned()).or_default().push(other.to_string()),
    }
}

/// Type and Sequence Number of each Binding Update or Acknowledgement, as scapy reads them.
pub(crate) fn scapy_mobility_headers(headers: &[String]) -> Vec<String> {
    const SCRIPT: &str = "
import sys
from scapy.layers.inet6 import MIP6MH_BU, MIP6MH_BA
for line in sys.stdin:
    octets = bytes.fromhex(line)
    read = {5: MIP6MH_BU, 6: MIP6MH_BA}[octets[2]](octets)
    assert read.len == (len(octets) - 8) // 8, (read.len, len(octets))
    print(read.mhtype, read.seq)
";
    answers_of(SCRIPT, headers)
}

/// Whether the ICV of each packet is the AES-XCBC-MAC-96 of what stands before it; a line is a key and a packet.
pub(crate) fn python_xcbc(lines: &[String]) -> Vec<String> {
    const SCRIPT: &str = "
import sys
sys.path.insert(0, sys.argv[1])
from verify.suites import xcbc
for line in sys.stdin:
    key, octets = map(bytes.fromhex, line.split())
    print(xcbc(key, octets[:-12])[:12] == octets[-12:])
";
    answers_of(SCRIPT, lines)
}

/// One line of answer to each line.
fn answers_of(script: &str, lines: &[String]) -> Vec<String> {
    let mut child = Command::new(python())
        .args(["-c", script, concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python was there a moment ago");
    let questions = lines.join("\n");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A thread, lest both ends wait for each other with full pipes.
    let writer = std::thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let output = child.wait_with_output().expect("it ends when its input does");
    writer.join().expect("writing does not panic").expect("it reads all");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), lines.len());
    answers
}

//! The three programs as processes: flags, files, signals, exit status.

use std::io::{BufRead, BufReader, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

const HAC: &str = env!("CARGO_BIN_EXE_mip6-hac");
const HA: &str = env!("CARGO_BIN_EXE_mip6-ha");
const MN: &str = env!("CARGO_BIN_EXE_mip6-mn");

/// A folder with an identity and its key; gone at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("mip6-programs-{}-{test}", std::process::id())));
        std::fs::create_dir_all(&folder.0).expect("a folder");
        let key = "a5".repeat(32);
        folder.write(
            "ids.json",
            &format!("{{\"identities\":[{{\"mn_id\":\"mn1@example.com\",\"psk\":\"{key}\"}}]}}"),
        );
        folder.write("mn1.psk", &format!("{key}\n"));
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a plain name").to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).expect("there")
    }

    /// Runs `mip6-mn` to its end.
    fn mn(&self, hac: &str, more: &[&str]) -> Output {
        let known = ["--hac", hac, "--mn-id", "mn1@example.com", "--server-name", "localhost"];
        let files = [("--psk-file", "mn1.psk"), ("--ca", "ca.pem")]
            .map(|(flag, name)| [flag.into(), self.path(name)]);
        Command::new(MN).args(known).args(files.as_flattened()).args(more).output().expect("mip6-mn runs")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A program that serves until it is told to stop.
struct Server {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Server {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .args(["--log", "warn"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let says = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, says }
    }

    /// Waits for the line `WHO ADDR:PORT`.
    fn address(&mut self, who: &str) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("a line");
        let address = line.strip_prefix(who).unwrap_or_else(|| panic!("{who}? {line:?}"));
        address.trim().to_owned()
    }

    fn terminate(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().expect("it ends")
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn told(output: &Output) -> (String, String) {
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn collocated_from_start_to_statistics() {
    let folder = Folder::new("collocated");
    let (ids, ca, stats) = (folder.path("ids.json"), folder.path("ca.pem"), folder.path("stats.json"));
    let listen = ["--listen", "127.0.0.1:0", "--collocate-ha", "127.0.0.1:0"];
    let files = ["--identities", &ids, "--write-ca", &ca, "--stats-json", &stats];
    let mut hac = Server::start(HAC, &[&listen[..], &files].concat());
    let at = hac.address("hac ");
    hac.address("ha ");

    let secrets = folder.path("secrets");
    let output = folder.mn(&at, &["--ping", "2001:db8:c0::1", "--count", "2", "--keylog", &secrets]);
    let (said, complained) = told(&output);
    assert_eq!(complained, "");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 6, "{said}");
    assert!(lines[0].starts_with("bootstrapped: HA "), "{said}");
    assert_eq!(lines[1], "registered: for 600 s");
    assert!(lines[3].starts_with("echo reply from 2001:db8:c0::1: seq 2, "), "{said}");
    assert_eq!(lines[4..], ["2 echo requests, 2 replies", "de-registered"]);

    assert!(folder.read("secrets").contains("CLIENT_TRAFFIC_SECRET_0 "));

    assert_eq!(hac.terminate().code(), Some(0));
    let statistics: serde_json::Value = serde_json::from_str(&folder.read("stats.json")).expect("JSON");
    assert_eq!(statistics["answered"], 2);
    assert_eq!(statistics["associations"], 1);
}

#[test]
fn statistics_are_written_when_sigusr1_asks_and_again_at_the_end() {
    let folder = Folder::new("asked");
    let (ids, ca, stats) = (folder.path("ids.json"), folder.path("ca.pem"), folder.path("stats.json"));
    let listen = ["--listen", "127.0.0.1:0", "--collocate-ha", "127.0.0.1:0"];
    let files = ["--identities", &ids, "--write-ca", &ca, "--stats-json", &stats];
    let mut hac = Server::start(HAC, &[&listen[..], &files].concat());
    let at = hac.address("hac ");
    let ping = folder.mn(&at, &["--ping", "2001:db8:c0::1", "--count", "2"]);
    assert!(ping.status.success());
    assert!(!PathBuf::from(&stats).exists(), "nobody asked yet");

    hac.signal("-USR1");
    // A server that still serves has taken the signal after some visit: there is nothing else to wait for.
    let written = (0..100).any(|_| {
        assert!(folder.mn(&at, &["--once"]).status.success());
        PathBuf::from(&stats).exists()
    });
    assert!(written);
    let asked: serde_json::Value = serde_json::from_str(&folder.read("stats.json")).expect("JSON");
    assert_eq!(asked["answered"], 2);

    assert!(folder.mn(&at, &["--ping", "2001:db8:c0::1", "--count", "1"]).status.success());
    assert_eq!(hac.terminate().code(), Some(0));
    let last: serde_json::Value = serde_json::from_str(&folder.read("stats.json")).expect("JSON");
    assert_eq!(last["answered"], 3);
}

/// A HAC that hangs up the first time, and is the one at `real` from then on.
fn moody(real: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        let mut visits = listener.incoming().filter_map(Result::ok);
        drop(visits.next());
        for visitor in visits {
            let hac = TcpStream::connect(&real).expect("the HAC listens");
            for (mut from, mut to) in [(&visitor, &hac), (&hac, &visitor)]
                .map(|(from, to)| (from.try_clone().expect("a handle"), to.try_clone().expect("a handle")))
            {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    address
}

#[test]
fn a_mobile_node_that_insists_tries_again_what_may_pass_and_nothing_else() {
    let folder = Folder::new("insists");
    let (ids, ca, psk) = (folder.path("ids.json"), folder.path("ca.pem"), folder.path("mn1.psk"));
    let listen = ["--listen", "127.0.0.1:0", "--collocate-ha", "127.0.0.1:0"];
    let mut hac = Server::start(HAC, &[&listen[..], &["--identities", &ids, "--write-ca", &ca]].concat());
    let real = hac.address("hac ");
    let at = moody(real.clone()).to_string();
    let who = ["--mn-id", "mn1@example.com", "--server-name", "localhost", "--ca", &ca, "--retry"];
    let mut mn = Server::start(MN, &[&["--hac", &at, "--psk-file", &psk][..], &who].concat());
    let mut said = Vec::new();
    while !said.last().is_some_and(|line: &String| line.starts_with("registered: ")) {
        let mut line = String::new();
        assert!(mn.says.read_line(&mut line).expect("a line") > 0, "it ended after {said:?}");
        said.push(line);
    }
    assert!(said[0].starts_with("trying again in 1 s: "), "{said:?}");
    assert_eq!(mn.terminate().code(), Some(0));

    folder.write("other.psk", "00112233445566778899aabbccddeeff");
    let other = folder.path("other.psk");
    let wrong = Command::new(MN).args(["--hac", &real, "--psk-file", &other]).args(who).output();
    let wrong = wrong.expect("mip6-mn runs");
    assert_eq!(wrong.status.code(), Some(1), "a wrong key does not pass by itself");
    assert_eq!(hac.terminate().code(), Some(0));
}

#[test]
fn apart_with_settings_from_a_file() {
    let folder = Folder::new("apart");
    let (feed, ca) = (folder.path("feed"), folder.path("ca.pem"));
    let mut ha = Server::start(HA, &["--listen", "127.0.0.1:0", "--feed", &feed]);
    let ha_at = ha.address("ha ");
    let port = ha_at.rsplit_once(':').expect("a port").1;
    folder.write(
        "hac.toml",
        &format!(
            "listen = \"127.0.0.1:1\"\nidentities = \"{}\"\nfeed = \"{feed}\"\nha-ip4 = \"127.0.0.1\"\nha-port = {port}\n\
             suites = [\"NULL_SHA\"]\nsas = \"0\"\nhome-prefixes = [\"2001:db8:77::/64\", \"192.0.2.0/24\"]\nwrite-ca = \"{ca}\"\n",
            folder.path("ids.json")
        ),
    );
    // The flag wins: port 1 would not do.
    let mut hac = Server::start(HAC, &["--config", &folder.path("hac.toml"), "--listen", "127.0.0.1:0"]);
    let at = hac.address("hac ");

    let output = folder.mn(&at, &["--once"]);
    let (said, complained) = told(&output);
    assert_eq!(output.status.code(), Some(0), "{complained}");
    assert!(said.contains("home 2001:db8:77::1, "), "{said}");
    assert!(said.contains("NULL_SHA, mip6-sas 0, "), "{said}");

    let mut staying = Server::start(
        MN,
        &[
            &["--hac", &at, "--mn-id", "mn1@example.com", "--psk-file", &folder.path("mn1.psk")][..],
            &["--ca", &ca],
        ]
        .concat(),
    );
    staying.address("bootstrapped: ");
    staying.address("registered: ");
    let mut rest = String::new();
    let pid = staying.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    staying.says.read_to_string(&mut rest).expect("its last words");
    assert_eq!(rest, "de-registered\n");
    assert_eq!(staying.child.wait().expect("it ends").code(), Some(0));

    assert_eq!(hac.terminate().code(), Some(0));
    assert_eq!(ha.terminate().code(), Some(0));
    assert!(!std::path::Path::new(&feed).exists(), "the socket goes with its HA");
}

#[test]
fn every_way_to_authenticate() {
    let folder = Folder::new("methods");
    let (ids, ca) = (folder.path("ids.json"), folder.path("ca.pem"));
    let listen = ["--listen", "127.0.0.1:0", "--collocate-ha", "127.0.0.1:0"];
    let files = ["--identities", &ids, "--write-ca", &ca];
    for (methods, works) in [
        ("psk,eap-gpsk,eap-md5", ["psk", "eap-gpsk", "eap-md5"].as_slice()),
        ("eap-md5,eap-gpsk", &["eap-gpsk", "eap-md5"]),
        ("psk", &["psk"]),
    ] {
        let mut hac = Server::start(HAC, &[&listen[..], &files, &["--methods", methods]].concat());
        let at = hac.address("hac ");
        for method in ["psk", "eap-gpsk", "eap-md5"] {
            let output = folder.mn(&at, &["--once", "--method", method]);
            let (said, complained) = told(&output);
            let status = if works.contains(&method) { 0 } else { 1 };
            assert_eq!(output.status.code(), Some(status), "{method} of {methods}: {said}{complained}");
            assert_eq!(said.contains("registered: "), status == 0, "{method} of {methods}: {said}");
        }
        assert_eq!(hac.terminate().code(), Some(0));
    }
}

#[test]
fn a_mobile_nodes_exit_status_says_what_is_wrong() {
    let folder = Folder::new("status");
    let (ids, ca) = (folder.path("ids.json"), folder.path("ca.pem"));
    let listen = ["--listen", "127.0.0.1:0", "--collocate-ha", "127.0.0.1:0"];
    let mut hac = Server::start(HAC, &[&listen[..], &["--identities", &ids, "--write-ca", &ca]].concat());
    let at = hac.address("hac ");
    folder.write("other.psk", "00112233445566778899aabbccddeeff");
    let other = folder.path("other.psk");
    let cases: [(&str, &[&str], i32, &str); 9] = [
        ("127.0.0.1:1", &[], 3, "cannot reach the HAC"),
        ("127.0.0.1:tcpmux", &[], 2, "need HOST:PORT"),
        (&at, &["--server-name", "elsewhere.example"], 1, "not valid for name"),
        (&at, &["--psk-file", &other], 1, "need "),
        (&at, &["--profile", "draft-01"], 1, "auth"),
        (&at, &["--ping", "2001:db8:dead::1", "--count", "1", "--timeout", "1"], 1, "1 of 1 echo requests"),
        (&at, &["--suites", "ROT13"], 2, "NULL_SHA256"),
        (&at, &["--psk-file", "/nonexistent"], 2, "/nonexistent"),
        (&at, &["--pnig", "2001:db8:c0::1"], 2, "--ping"),
    ];
    for (hac, more, status, words) in cases {
        let output = run_mn(&folder, hac, more);
        let (_, complained) = told(&output);
        assert_eq!(output.status.code(), Some(status), "{more:?}: {complained}");
        assert!(complained.contains(words), "{more:?}: {complained}");
    }
    assert_eq!(hac.terminate().code(), Some(0));
}

/// Runs `mip6-mn --once` with defaults for what `more` does not say: the same flag twice is an error.
fn run_mn(folder: &Folder, hac: &str, more: &[&str]) -> Output {
    let defaults = [("--server-name", "localhost".into()), ("--psk-file", folder.path("mn1.psk"))];
    let missing = defaults.iter().filter(|(flag, _)| !more.contains(flag));
    let arguments: Vec<&str> = missing.flat_map(|(flag, value)| [*flag, value.as_str()]).collect();
    let known = ["--hac", hac, "--mn-id", "mn1@example.com", "--ca", &folder.path("ca.pem"), "--once"];
    Command::new(MN).args(known).args(arguments).args(more).output().expect("mip6-mn runs")
}

#[test]
fn unusable_settings_are_named() {
    let folder = Folder::new("settings");
    folder.write("typo.toml", "lisen = \"[::1]:0\"\n");
    folder.write("bad.json", "{\"identities\":[{\"mn_id\":\"mn1@example.com\",\"psk\":\"0x\"}]}");
    folder.write("extra.json", "{\"identities\":[],\"more\":1}");
    let path = |name| folder.path(name);
    let (ids, typo, bad, extra) = (path("ids.json"), path("typo.toml"), path("bad.json"), path("extra.json"));
    let both = ["--listen", "127.0.0.1:0", "--identities"];
    let cases: [(&str, Vec<&str>, &str); 11] = [
        (HAC, vec!["--config", &typo], "unknown field `lisen`, expected one of `listen`"),
        (HAC, vec!["--identities", &ids, "--ha-ip6", "::1"], "need --listen"),
        (HAC, [&both[..], &[&ids]].concat(), "need --ha-ip6"),
        (HAC, [&both[..], &[&bad, "--ha-ip6", "::1"]].concat(), "psk of mn1@example.com"),
        (HAC, [&both[..], &[&extra, "--ha-ip6", "::1"]].concat(), "unknown field `more`"),
        (HAC, [&both[..], &[&ids, "--collocate-ha", "0.0.0.0:0"]].concat(), "need --ha-ip4"),
        (HAC, [&both[..], &[&ids, "--ha-ip6", "::1", "--key", &ids]].concat(), "--key needs --certificate"),
        (
            HAC,
            [&both[..], &[&ids, "--ha-ip6", "::1", "--stats-json", "x"]].concat(),
            "--stats-json needs --collocate-ha",
        ),
        (
            HAC,
            [&both[..], &[&ids, "--collocate-ha", "[::1]:0", "--feed", "x"]].concat(),
            "cannot be used together",
        ),
        (HA, vec!["--listen", "127.0.0.1:0"], "need --feed"),
        (HA, vec!["--listen", "127.0.0.1:0", "--feed", "x", "--log", "loud=?"], "--log"),
    ];
    for (program, arguments, words) in cases {
        let output = Command::new(program).args(&arguments).output().expect("the program runs");
        let (_, complained) = told(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complained}");
        assert!(complained.contains(words), "{arguments:?}: {complained}");
        assert!(!complained.contains("0x"), "no key is ever shown: {complained}");
    }
}

#[test]
fn help_has_examples_and_exit_status() {
    for program in [HAC, HA, MN] {
        let output = Command::new(program).arg("--help").output().expect("the program runs");
        let (said, _) = told(&output);
        assert!(said.contains("Example") && said.contains("Exit status: 0"), "{said}");
    }
}

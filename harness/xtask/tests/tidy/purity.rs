//! The pure crates know no socket, clock, global randomness, async runtime or cargo feature.

use toml::Table;

use crate::assert_none;
use crate::files::{File, ours, sample};
use crate::rust_text::code;

const PURE: &[&str] = &["reference/wire/", "reference/crypto/", "reference/proto/", "harness/sim/"];

/// Each stands for itself in code; addresses (`IpAddr`, `SocketAddr`) are values and welcome.
const IMPURE: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "UnixDatagram",
    "ToSocketAddrs",
    "Instant::now",
    "SystemTime::now",
    "thread::sleep",
    "thread_rng",
    "getrandom",
    "OsRng",
    "SysRng",
    "from_os_rng",
    "from_entropy",
    "rand::rng",
    "tokio",
    "async fn",
    "async move",
    "async {",
    ".await",
    "cfg(feature",
];

fn violations(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| PURE.iter().any(|krate| file.path.starts_with(krate))) {
        if file.is_manifest()
            && file.text.parse::<Table>().is_ok_and(|manifest| manifest.contains_key("features"))
        {
            found.push(format!("{}: a pure crate has no features", file.path));
        }
        if file.has_extension("rs") {
            found.extend(in_source(file));
        }
    }
    found
}

fn in_source(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let mut found = Vec::new();
    for (number, line) in (1..).zip(code.lines()) {
        found.extend(
            IMPURE
                .iter()
                .filter(|word| line.contains(**word))
                .map(|word| format!("{}:{number}: {word} in a pure crate", file.path)),
        );
    }
    found
}

#[test]
fn pure_crates_are_pure() {
    assert_none(&violations(&ours()));
}

#[test]
fn every_impurity_is_caught_and_addresses_are_not() {
    for word in IMPURE {
        let found = violations(&[sample("reference/proto/src/lib.rs", &format!("x {word} y"))]);
        assert!(!found.is_empty(), "{word} passed");
    }
    let features = sample("harness/sim/Cargo.toml", "[features]\nfast = []\n");
    assert_eq!(violations(&[features]).len(), 1);
    let clean =
        "//! No tokio here.\nuse std::net::{IpAddr, SocketAddr};\nconst TEXT: &str = \"TcpStream\";\n";
    assert_none(&violations(&[sample("reference/wire/src/lib.rs", clean)]));
    assert_none(&violations(&[sample("reference/node/src/lib.rs", "use tokio::net::TcpStream;")]));
}

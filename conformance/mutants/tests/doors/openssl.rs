//! A stock TLS server, with renegotiation and without: a real one takes our request for another handshake.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use suite::verdict::Verdict;

use super::authority::Authority;
use super::door::{Door, WAIT};

const ID: &str = "rfc6618/9.2/no-renegotiation";

/// Ends with the test.
struct Server(Child, Door);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `openssl s_server` of TLS 1.2 with these options; `None` after saying that it is not there.
fn server(name: &str, options: &[&str]) -> Option<Server> {
    let authority = Authority::default();
    let (certificate, key) = authority.issue().pem();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let files = [("crt", certificate), ("key", key)].map(|(ending, text)| {
        let file = folder.join(format!("openssl-{name}.{ending}"));
        std::fs::write(&file, text).expect("cargo's folder for tests is ours");
        file
    });
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-cert"]).arg(&files[0]);
    command.arg("-key").arg(&files[1]).args(options);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("skipped: openssl: {error}");
            return None;
        }
    };
    let said = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let address = said.filter_map(|line| line.strip_prefix("ACCEPT ")?.trim().parse().ok()).next();
    let Some(address) = address else {
        eprintln!("skipped: this openssl does not say where it listens");
        let _ = child.kill();
        return None;
    };
    Some(Server(child, Door { address, ca_pem: authority.pem(), wait: WAIT }))
}

#[test]
fn a_stock_server_that_renegotiates_fails_and_one_that_does_not_passes() {
    let Some(open) = server("open", &["-client_renegotiation"]) else { return };
    assert_eq!(open.1.verdict(ID), Verdict::Fail);
    let Some(shut) = server("shut", &["-no_renegotiation"]) else { return };
    assert_eq!(shut.1.verdict(ID), Verdict::Pass);
}

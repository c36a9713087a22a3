//! A capture at an interface of the home node, by dumpcap, and what stock tshark finds in it.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::run::{Trouble, is_there};

/// Packets after which a capture is large enough.
const PACKETS: &str = "4000";

/// A running capture; it ends with this value.
pub(crate) struct Capture {
    dumpcap: Child,
    file: PathBuf,
}

/// What a capture holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Packets in all.
    pub packets: usize,
    /// UDP datagrams of the port between MN and HA.
    pub tunnelled: usize,
    /// Octets that an attacker must not find: packets of the inner network outside the tunnel.
    pub naked: usize,
}

impl Capture {
    /// Begins, and returns when packets are being taken; otherwise tells what is missing.
    pub(crate) fn begin(mut dumpcap: Command, interface: &str, file: &Path) -> Result<Self, String> {
        for program in ["dumpcap", "tshark"] {
            if !is_there(program, "--version") {
                return Err(format!("{program} is missing"));
            }
        }
        dumpcap.args(["-q", "-i", interface, "-c", PACKETS, "-w"]).arg(file);
        let child = dumpcap.stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
        let mut capture =
            Self { dumpcap: child.map_err(|error| format!("dumpcap: {error}"))?, file: file.into() };
        let says = capture.dumpcap.stderr.take().ok_or("dumpcap says nothing")?;
        let mut lines = BufReader::new(says);
        let mut heard = String::new();
        // It names the file when it has opened the interface.
        while !heard.contains("File: ") {
            match lines.read_line(&mut heard) {
                Ok(0) | Err(_) => return Err(format!("dumpcap: {}", heard.trim())),
                Ok(_) => {}
            }
        }
        // Whoever does not read must not stop it.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Ok(capture)
    }

    /// Ends, and reads what there is.
    pub(crate) fn end(mut self) -> Result<Seen, Trouble> {
        let pid = self.dumpcap.id();
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {pid} 2>/dev/null")]).status();
        told.and_then(|_| self.dumpcap.wait()).map_err(|error| Trouble::new("dumpcap", "its end", error))?;
        let count = |filter: &str| self.count(filter);
        Ok(Seen {
            packets: count("frame")?,
            tunnelled: count("udp.port == 7872")?,
            naked: count("!udp && (ipv6.addr == 2001:db8:c0::/48 || ip.addr == 10.192.0.0/16)")?,
        })
    }

    fn count(&self, filter: &str) -> Result<usize, Trouble> {
        let mut tshark = Command::new("tshark");
        tshark.arg("-r").arg(&self.file).args(["-Y", filter, "-T", "fields", "-e", "frame.number"]);
        let output = tshark.output().map_err(|error| Trouble::new("tshark", "to read the capture", error))?;
        if !output.status.success() {
            let says = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Trouble::new("tshark", "to read the capture", says));
        }
        Ok(output.stdout.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()).count())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.dumpcap.kill();
        let _ = self.dumpcap.wait();
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packets, tunnelled, naked } = self;
        write!(f, "{packets} packets, {tunnelled} in the tunnel, {naked} of the inner network beside it")
    }
}

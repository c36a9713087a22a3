//! Hostile captures: each frame that tshark finds malformed in a layer that is read here has a finding of ours, and the
//! frames behind it are read.
//!
//! Checksums of IP, TCP and UDP are not asked for: where a card computes them, the tap sees wrong ones.

mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use dissect::{Options, Report, report};

use shared::{captures, manifest, tshark_is_missing};

/// Protocols that are read here, by the names under which tshark gives up on them.
const READ: [&str; 12] = [
    "Ethernet",
    "IPv4",
    "IPv6",
    "IPv6 Hop-by-Hop",
    "IPv6 Destination",
    "IPv6 Routing",
    "IPv6 Fragment",
    "TCP",
    "UDP",
    "ESP",
    "AH",
    "MIPv6",
];

/// What tshark sets where something in them is wrong and it goes on.
const WRONG: [&str; 24] = [
    "eth.len.past_end",
    "gre.checksum.incorrect",
    "ip.bogus_header_length",
    "ip.bogus_ip_length",
    "ip.bogus_ip_version",
    "ip.opt.len.invalid",
    "ipv6.bogus_ipv6_version",
    "ipv6.invalid_header",
    "ipv6.opt.invalid_len",
    "ipv6.opt.jumbo.fragment",
    "ipv6.opt.jumbo.missing",
    "ipv6.opt.jumbo.prohibited",
    "ipv6.opt.jumbo.truncated",
    "ipv6.plen_exceeds_framing",
    "ipv6.routing.invalid_length",
    "ipv6.routing.invalid_segleft",
    "mip6.bogus_header_length",
    "mip6.opt.len.invalid",
    "tcp.bogus_header_length",
    "tcp.option.len.invalid",
    "tcp.short_segment",
    "tls.record.length.invalid",
    "udp.length.bad",
    "udp.length.bad_zero",
];

/// Links and tunnels that are not looked into: whatever is in them is passed over.
const CARRIERS: [&str; 7] = ["cfp", "clip", "fr", "geneve", "icmp", "nflog", "pwethheuristic"];

/// Protocols that are not read, by the names that tshark has for them. Of TLS and IKE what is malformed here is in
/// handshakes of others, which are no matter of ours; of ICMPv6 in messages that are not about mobility; what is in no
/// protocol is a record whose frame was shorter than what was kept.
const NOT_READ: [&str; 44] = [
    "",
    "ARP/RARP",
    "ATMARP",
    "Auto-RP",
    "BGP",
    "DHCP/BOOTP",
    "DNS",
    "EAP",
    "EIGRP",
    "F5 Ethernet trailer",
    "HTTP",
    "ICMP",
    "ICMPv6",
    "IEEE 802.11",
    "IPX",
    "ISAKMP",
    "LDAP",
    "LISP Control",
    "MPTCP",
    "NTLMSSP",
    "OSPF",
    "PGSQL",
    "PIM",
    "PPP PAP",
    "RADIUS",
    "RIP",
    "SMB",
    "TLS",
    "aoe",
    "ax25",
    "bgp",
    "dhcpv6",
    "eap",
    "irc",
    "isis.hello",
    "isis.lsp",
    "ldp",
    "lldp",
    "radius",
    "rsvp",
    "sFlow",
    "slarp",
    "tls",
    "VRRP",
];

/// Frames with which we find nothing wrong, and why tshark does.
const RIGHTLY_SILENT: [(&str, u64, &str); 2] = [
    (
        "OISF--suricata-verify/firewall/tcp-session-decode-malformed-ipv4/input.pcap",
        8,
        "what an IPv4 option of its kind has to hold; the option has the room that it announces",
    ),
    (
        "the-tcpdump-group--tcpdump/ipv6-next-header-oobr-2.pcap",
        1,
        "what an IPv6 option of its kind has to hold; the capture ends inside it",
    ),
];

/// What tshark says of a frame.
struct Said {
    frame: u64,
    /// The protocols on which it gave up.
    gave_up: Vec<String>,
    /// Which of `WRONG` it set.
    wrong: Vec<&'static str>,
    /// From the outermost.
    protocols: Vec<String>,
    is_malformed: bool,
}

impl Said {
    fn read(line: &str) -> Self {
        let mut values = line.split('\t');
        let mut next = || values.next().unwrap_or_default();
        let frame = next().parse().unwrap_or_else(|error| panic!("{error}: {line}"));
        let malformed = next();
        let name = |mark: &str| Some(mark.strip_prefix("[Malformed Packet: ")?.strip_suffix(']')?.to_owned());
        let gave_up = malformed.split('|').filter_map(name).collect();
        let protocols = next().split(':').filter(|name| *name != "data").map(str::to_owned).collect();
        let set = WRONG.iter().zip(values).filter(|(_, value)| !value.is_empty());
        Self {
            frame,
            gave_up,
            wrong: set.map(|(name, _)| *name).collect(),
            protocols,
            is_malformed: !malformed.is_empty(),
        }
    }

    fn is_fine(&self) -> bool {
        !self.is_malformed && self.wrong.is_empty()
    }

    /// The protocol to blame, if it is none that is read here.
    fn foreign(&self) -> Option<&str> {
        if let Some(carrier) = self.protocols.iter().find(|name| CARRIERS.contains(&name.as_str())) {
            return Some(carrier);
        }
        if !self.wrong.is_empty() || self.gave_up.iter().any(|name| READ.contains(&name.as_str())) {
            return None;
        }
        let innermost = self.protocols.last().map_or("", String::as_str);
        Some(self.gave_up.first().map_or(innermost, String::as_str))
    }
}

fn tshark(capture: &Path) -> Vec<Said> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(capture);
    command.args(["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"]);
    let fields = ["frame.number", "_ws.malformed", "frame.protocols"];
    command.args(fields.iter().chain(&WRONG).flat_map(|field| ["-e", *field]));
    // It fails where a capture is cut, and tells the frames before that.
    let output = command.output().expect("tshark was there a moment ago");
    String::from_utf8_lossy(&output.stdout).lines().map(Said::read).collect()
}

/// What comes of a comparison.
#[derive(Default)]
struct Compared {
    /// Malformed for both.
    both: usize,
    /// Malformed in protocols that are not read here.
    foreign: BTreeMap<String, usize>,
    /// Frames that should have a finding and have none, and those that were not read.
    missing: Vec<String>,
    excused: BTreeSet<(String, u64)>,
}

impl Compared {
    fn file(&mut self, file: &str, ours: &Report, theirs: &[Said]) {
        let with_findings: BTreeSet<u64> = ours.findings().map(|finding| finding.frame).collect();
        // Link types that it does not know end tshark's reading.
        if ours.counts.frames < theirs.len() as u64 && ours.fault.is_none() {
            self.missing.push(format!("{file}: {} frames, tshark {}", ours.counts.frames, theirs.len()));
        }
        for said in theirs.iter().filter(|said| !said.is_fine()) {
            let frame = said.frame;
            if with_findings.contains(&frame) {
                self.both += 1;
            } else if let Some(protocol) = said.foreign() {
                *self.foreign.entry(protocol.to_owned()).or_default() += 1;
            } else if RIGHTLY_SILENT.iter().any(|row| (row.0, row.1) == (file, frame)) {
                self.excused.insert((file.to_owned(), frame));
            } else {
                let Said { gave_up, wrong, protocols, .. } = said;
                self.missing
                    .push(format!("{file} frame {frame}: {gave_up:?} {wrong:?} in {}", protocols.join(":")));
            }
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.both += other.both;
        for (protocol, frames) in other.foreign {
            *self.foreign.entry(protocol).or_default() += frames;
        }
        self.missing.extend(other.missing);
        self.excused.extend(other.excused);
        self
    }
}

fn compare(folder: &Path, files: &[&str]) -> Compared {
    let mut compared = Compared::default();
    for file in files {
        let capture = folder.join(file);
        let octets = fs::read(&capture).expect("a listed file can be read");
        compared.file(file, &report(&octets, &Options::default()), &tshark(&capture));
    }
    compared
}

#[test]
fn what_tshark_finds_malformed_has_a_finding() {
    let Some(folder) = captures() else { return };
    if tshark_is_missing() {
        return;
    }
    let manifest = manifest(&folder);
    let hostile: Vec<_> = manifest.keys().filter_map(|file| file.strip_prefix("crashers/")).collect();
    assert!(hostile.len() > 300, "only {} hostile captures", hostile.len());
    let folder = folder.join("crashers");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let compared = thread::scope(|scope| {
        let shares = hostile.chunks(hostile.len().div_ceil(cores));
        let workers: Vec<_> = shares.map(|files| scope.spawn(|| compare(&folder, files))).collect();
        workers.into_iter().map(|worker| worker.join().expect("it says why")).reduce(Compared::with)
    });
    let Compared { both, foreign, missing, excused } = compared.expect("at least one share");
    println!("{both} malformed frames with findings; of protocols that are not read: {foreign:?}");
    assert!(missing.is_empty(), "{} without a finding:\n{}", missing.len(), missing.join("\n"));
    let is_known = |name: &String| NOT_READ.contains(&name.as_str()) || CARRIERS.contains(&name.as_str());
    let unknown: Vec<_> = foreign.keys().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "neither read nor known as not read: {unknown:?}");
    assert_eq!(excused.len(), RIGHTLY_SILENT.len(), "some are silent no more: {excused:?}");
    assert!(both > 100, "only {both} malformed frames: did tshark tell?");
}

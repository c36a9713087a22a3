//! Plays a story with the programs of the reference, and judges it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::capture::{Capture, OpenedBy, Seen};
use crate::ip::ip;
use crate::lab::Lab;
use crate::plan::Plan;
use crate::story::{Path as KnownPath, Step, Story, Transfer};
use crate::stream::Stream;
use crate::voice::Voice;

/// The programs that a story takes.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The folder of `mip6-hac` and `mip6-mn`.
    pub reference: PathBuf,
    /// `mip6-lab`.
    pub lab: PathBuf,
    /// Where capture, keys and statistics stay, if anywhere.
    pub keep: Option<PathBuf>,
}

/// What was seen of a story that went well.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The lab.
    pub name: String,
    /// Octets that arrived intact, all streams together.
    pub octets: u64,
    /// How many packets came out of the tunnel of each neighbour.
    pub to_neighbours: Vec<u64>,
    /// How often the mobile node registered another care-of address.
    pub moves: u64,
    /// What the programs counted, by role.
    pub statistics: Vec<(&'static str, serde_json::Value)>,
    /// What the capture holds, or why there is none.
    pub capture: Result<Seen, String>,
}

/// What went wrong in a lab: at whom, what was needed, what was there instead.
#[derive(Debug, thiserror::Error)]
#[error("{at}: need {need}, have {have}")]
pub struct Trouble {
    at: String,
    need: String,
    have: String,
}

impl Trouble {
    pub(crate) fn new(at: &str, need: &str, have: impl fmt::Display) -> Self {
        Self { at: at.into(), need: need.into(), have: have.to_string() }
    }
}

/// Plays the story of a plan, and leaves nothing behind.
///
/// # Errors
/// The first thing that is not as the story has it.
pub fn play(plan: Plan, programs: &Programs) -> Result<Verdict, Trouble> {
    let name = plan.name.clone();
    let Some(story) = plan.story.clone() else {
        return Err(Trouble::new(&name, "a story", "none"));
    };
    let folder = Folder::make(&name, 1 + story.neighbours.len())?;
    let lab = Lab::set_up(plan).map_err(|error| Trouble::new(&name, "namespaces and links", error))?;
    let stage = Stage { lab, story, programs, folder: &folder.0 };
    stage.play()
}

/// A folder for keys and captures, which goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn make(name: &str, mobiles: usize) -> Result<Self, Trouble> {
        let path = std::env::temp_dir().join(format!("mip6-lab-{}-{name}", std::process::id()));
        let folder = Self(path);
        let write = |file: &str, text: String| fs::write(folder.0.join(file), text);
        let key = "a5".repeat(32);
        let one = |number| format!(r#"{{"mn_id":"{}","psk":"{key}"}}"#, mn_id(number));
        let all = (1..=mobiles).map(one).collect::<Vec<_>>().join(",");
        let identities = format!(r#"{{"identities":[{all}]}}"#);
        fs::create_dir_all(&folder.0)
            .and_then(|()| write("ids.json", identities))
            .and_then(|()| write("mn.psk", key.clone()))
            .map_err(|error| Trouble::new(&folder.0.display().to_string(), "a folder with keys", error))?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // In the temporary folder of the system nothing stays for ever.
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Stage<'a> {
    lab: Lab,
    story: Story,
    programs: &'a Programs,
    folder: &'a Path,
}

impl Stage<'_> {
    fn play(self) -> Result<Verdict, Trouble> {
        let capture = Capture::begin(
            self.lab.command(&self.story.home, "dumpcap"),
            &self.story.interface,
            &self.folder.join(TRACE),
        );
        let (mut hac, hac_at) = self.start_home()?;
        let _relay = self.start_relay()?;
        let rules = self.rules(&self.story.mobile)?;
        let (mut mn, device) = self.start_mobile(&self.story.mobile, 1, &hac_at)?;
        let mut neighbours = Vec::new();
        for (node, number) in self.story.neighbours.iter().zip(2..) {
            neighbours.push(self.start_mobile(node, number, &hac_at)?.0);
        }
        for node in [&self.story.mobile].into_iter().chain(&self.story.neighbours) {
            self.story.pings.iter().try_for_each(|destination| self.ping(node, destination))?;
        }
        for transfer in &self.story.transfers {
            self.transfer(transfer, &mut mn)?;
        }
        self.story.paths.iter().try_for_each(|path| self.learnt(path))?;
        for mn in [&mut mn].into_iter().chain(&mut neighbours) {
            mn.stop()?;
            if !mn.said("de-registered") {
                return Err(Trouble::new("mip6-mn", "a de-registration at its end", "none"));
            }
        }
        self.nothing_left(&self.story.mobile, &device)?;
        let rules_left = self.rules(&self.story.mobile)?;
        if rules_left != rules {
            return Err(Trouble::new(&self.story.mobile, &rules, rules_left));
        }
        hac.stop()?;
        self.nothing_left(&self.story.home, HOME_DEVICE)?;
        let statistics = vec![("mn", self.statistics("mn1.json")?), ("ha", self.statistics("ha.json")?)];
        let delivered = |number| Ok(self.statistics(&format!("mn{number}.json"))?["delivered"].clone());
        let to_neighbours: Result<Vec<_>, Trouble> = (2..).take(neighbours.len()).map(delivered).collect();
        Ok(Verdict {
            name: self.lab.plan().name.clone(),
            octets: self.story.transfers.iter().map(|transfer| transfer.octets).sum(),
            to_neighbours: to_neighbours?
                .iter()
                .map(|delivered| delivered["packets"].as_u64().unwrap_or(u64::MAX))
                .collect(),
            moves: statistics[0].1["moves"].as_u64().unwrap_or_default(),
            statistics,
            capture: match capture {
                Ok(capture) => Ok(self.examine(capture)?),
                Err(lack) => Err(lack),
            },
        })
    }

    /// The keys of the associations are in a file that the HAC was told to write.
    fn examine(&self, capture: Capture) -> Result<Seen, Trouble> {
        let sa = self.folder.join(ASSOCIATIONS);
        let keys = OpenedBy { sa: &sa, ha: &self.story.address, programs: &self.programs.reference };
        let seen = capture.end(&keys);
        if let Some(keep) = &self.programs.keep {
            let kept = fs::create_dir_all(keep).and_then(|()| {
                [TRACE, ASSOCIATIONS, "mn1.json", "ha.json"]
                    .iter()
                    .try_for_each(|file| fs::copy(self.folder.join(file), keep.join(file)).map(drop))
            });
            kept.map_err(|error| {
                Trouble::new(&keep.display().to_string(), "a folder to keep files in", error)
            })?;
        }
        seen
    }

    fn start_home(&self) -> Result<(Voice, String), Trouble> {
        let Story { home, address, listen, hac, .. } = &self.story;
        let at = bracketed(listen.as_ref().unwrap_or(address));
        let mut command = self.lab.command(home, self.programs.reference.join("mip6-hac"));
        command.current_dir(self.folder);
        command.args(["--listen", &format!("{at}:7873"), "--collocate-ha", &format!("{at}:7872")]);
        command.args([
            "--identities",
            "ids.json",
            "--write-ca",
            "ca.pem",
            "--make-certificate",
            "hac.example",
        ]);
        command
            .args([
                "--tun",
                HOME_DEVICE,
                "--stats-json",
                "ha.json",
                "--log",
                "warn",
                "--write-sa",
                ASSOCIATIONS,
            ])
            .args(hac);
        if let Some(relay) = &self.story.relay {
            let flag = if relay.address.contains(':') { "--ha-ip6" } else { "--ha-ip4" };
            command.args([flag, &relay.address]);
        }
        let mut voice = Voice::start("mip6-hac", command)?;
        voice.hear("hac ")?;
        voice.hear("ha ")?;
        Ok((voice, format!("{}:7873", bracketed(address))))
    }

    fn start_relay(&self) -> Result<Option<Voice>, Trouble> {
        let Some(relay) = &self.story.relay else { return Ok(None) };
        let mut command = self.lab.command(&relay.node, &self.programs.lab);
        command.args(["relay", "--from", &socket(&relay.address), "--to", &socket(&self.story.address)]);
        for (flag, value) in [
            ("--seed", relay.seed),
            ("--lost-of-1000", relay.lost_of_1000),
            ("--late-of-1000", relay.late_of_1000),
            ("--delay-ms", relay.delay_ms),
        ] {
            command.args([flag, &value.to_string()]);
        }
        let mut voice = Voice::start("relay", command)?;
        voice.hear("relaying")?;
        Ok(Some(voice))
    }

    /// Starts a mobile node, and returns when it is registered; with the name of its device.
    fn start_mobile(&self, node: &str, number: usize, hac_at: &str) -> Result<(Voice, String), Trouble> {
        let mut command = self.lab.command(node, self.programs.reference.join("mip6-mn"));
        command.current_dir(self.folder);
        command.args(["--hac", hac_at, "--server-name", "hac.example", "--mn-id", &mn_id(number)]);
        command.args(["--psk-file", "mn.psk", "--ca", "ca.pem", "--tun", "mip6"]);
        command.args(["--stats-json", &format!("mn{number}.json")]).args(&self.story.mn);
        let mut mn = Voice::start("mip6-mn", command)?;
        let attached = mn.hear("attached: ")?;
        mn.hear("registered: ")?;
        let device = attached.split(',').next().unwrap_or_default().to_owned();
        Ok((mn, device))
    }

    fn ping(&self, node: &str, destination: &str) -> Result<(), Trouble> {
        let mut command = self.lab.command(node, &self.programs.lab);
        command.args(["ping", destination, "--count", "5"]);
        let mut ping = Voice::start(&format!("echo from {destination}"), command)?;
        ping.hear("5 requests, 5 replies")?;
        ping.end()
    }

    fn transfer(&self, transfer: &Transfer, mn: &mut Voice) -> Result<(), Trouble> {
        let Transfer { from, to, at, octets, rate, steps } = transfer;
        let mut receiver = self.lab.command(to, &self.programs.lab);
        receiver.args(["receive", at]);
        let mut receiver = Voice::start(&format!("receiver at {at}"), receiver)?;
        receiver.hear("listening")?;
        let mut sender = self.lab.command(from, &self.programs.lab);
        sender.args(["send", at, "--octets", &octets.to_string(), "--seed", &SEED.to_string()]);
        if let Some(rate) = rate {
            sender.args(["--rate", &rate.to_string()]);
        }
        let mut sender = Voice::start(&format!("sender to {at}"), sender)?;
        for step in steps {
            self.step(step, &mut receiver, mn)?;
        }
        let arrived = receiver.hear("received ")?;
        receiver.end()?;
        sender.end()?;
        let expected = format!("{octets} octets, SHA-256 {}", digest(*octets));
        if arrived == expected { Ok(()) } else { Err(Trouble::new(at, &expected, arrived)) }
    }

    fn step(&self, step: &Step, receiver: &mut Voice, mn: &mut Voice) -> Result<(), Trouble> {
        loop {
            let progress = receiver.hear("octets ")?;
            if progress.parse::<u64>().is_ok_and(|octets| octets >= step.after) {
                break;
            }
        }
        let done = self.lab.ip(&step.node, &step.ip);
        done.map_err(|error| Trouble::new(&step.node, &step.ip.join("; "), error))?;
        step.says.iter().try_for_each(|beginning| mn.hear(beginning).map(drop))
    }

    fn learnt(&self, path: &KnownPath) -> Result<(), Trouble> {
        let shown = ip(&["-n", &self.lab.namespace(&path.from), "route", "get", &path.to]);
        let shown = shown.map_err(|error| Trouble::new(&path.from, "ip route get", error))?;
        let mut words = shown.split_whitespace().skip_while(|word| *word != "mtu").skip(1);
        let mtu = words.next().and_then(|word| word.parse::<u16>().ok());
        if mtu == path.mtu {
            return Ok(());
        }
        Err(Trouble::new(
            &format!("{} on the way to {}", path.from, path.to),
            &format!("MTU {:?}", path.mtu),
            shown,
        ))
    }

    /// The routing rules of a node, as `ip` shows them.
    fn rules(&self, node: &str) -> Result<String, Trouble> {
        let namespace = self.lab.namespace(node);
        let shown = |family| ip(&["-n", &namespace, family, "rule"]);
        let both = shown("-4").and_then(|four| Ok(four + &shown("-6")?));
        both.map_err(|error| Trouble::new(node, "ip rule", error))
    }

    /// The device has to be gone, and everything that led into it.
    fn nothing_left(&self, node: &str, device: &str) -> Result<(), Trouble> {
        let namespace = self.lab.namespace(node);
        for what in [&["-6", "route"][..], &["-4", "route"], &["address"], &["rule"]] {
            let shown = ip(&[&["-n", &namespace][..], what].concat());
            let shown = shown.map_err(|error| Trouble::new(node, "ip", error))?;
            if let Some(line) = shown.lines().find(|line| {
                line.split_whitespace().any(|word| word == device || word.trim_end_matches(':') == device)
            }) {
                return Err(Trouble::new(node, &format!("no trace of {device}"), line));
            }
        }
        Ok(())
    }

    fn statistics(&self, file: &str) -> Result<serde_json::Value, Trouble> {
        let text = fs::read_to_string(self.folder.join(file));
        let text = text.map_err(|error| Trouble::new(file, "statistics", error))?;
        serde_json::from_str(&text).map_err(|error| Trouble::new(file, "JSON", error))
    }
}

const TRACE: &str = "trace.pcapng";
const ASSOCIATIONS: &str = "sa.json";
const HOME_DEVICE: &str = "home0";
const SEED: u64 = 6618;

/// Who the mobile nodes are, counted from 1.
fn mn_id(number: usize) -> String {
    format!("mn{number}@example.com")
}

/// An address as it stands before a port.
fn bracketed(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.into() }
}

/// The HA's port, behind an address.
fn socket(address: &str) -> String {
    format!("{}:7872", bracketed(address))
}

fn digest(octets: u64) -> String {
    let mut digest = Sha256::new();
    Stream::new(SEED, octets).for_each(|part| digest.update(&part));
    crate::stream::hex(&digest.finalize())
}

/// Whether a program answers at all.
pub(crate) fn is_there(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} octets arrived intact, {} moves", self.name, self.octets, self.moves)?;
        match &self.capture {
            Ok(seen) => writeln!(f, "  capture: {seen}")?,
            Err(lack) => writeln!(f, "  no capture: {lack}")?,
        }
        self.statistics.iter().try_for_each(|(role, counted)| writeln!(f, "  {role}: {counted}"))
    }
}

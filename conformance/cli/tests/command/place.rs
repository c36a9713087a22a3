//! Where a test happens: a folder of its own, the program, and the reference as a target.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use node::config::read_identities;
use node::home::{Home, HomeConfig, Machines, RunningHome};

/// Far above what any run needs; a hang becomes a failure.
const DEADLINE: Duration = Duration::from_secs(120);

/// The program at a width of 80, without colours.
pub(crate) fn conform(words: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("mip6-conform"));
    command.args(words).env("NO_COLOR", "1").env("COLUMNS", "80").timeout(DEADLINE);
    command
}

/// What the program says on both outputs, and its exit status.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) exit: i32,
}

/// Runs it to its end.
pub(crate) fn say(words: &[&str]) -> Said {
    let output = conform(words).output().expect("the program starts and ends in time");
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("reports are UTF-8");
    Said {
        out: text(output.stdout),
        err: text(output.stderr),
        exit: output.status.code().expect("an exit status, no signal"),
    }
}

/// A folder of one test, empty at first.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path).expect("left by an earlier run of this test");
        }
        std::fs::create_dir_all(&path).expect("cargo's folder for tests is ours");
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).into_os_string().into_string().expect("paths of tests are UTF-8")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the folder is ours");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the program has written it")
    }
}

/// The honest reference on loopback, and the files that `run` needs to meet it.
pub(crate) struct Reference {
    home: RunningHome,
    pub(crate) folder: Folder,
}

impl Reference {
    pub(crate) fn start(name: &str) -> Self {
        Self::configured(name, HomeConfig::loopback())
    }

    /// With other settings than usual.
    pub(crate) fn configured(name: &str, config: HomeConfig) -> Self {
        let folder = Folder::new(name);
        let provisioned = say(&["provision", "--count", "8"]);
        assert_eq!(provisioned.exit, 0, "{}", provisioned.err);
        let identities = folder.write("ids.json", &provisioned.out);
        let identities = read_identities(Path::new(&identities)).expect("the reference reads what we make");
        let home = Home::start(config, identities, Machines::honest).expect("loopback");
        folder.write("ca.pem", home.ca_pem());
        Self { home, folder }
    }

    /// Its address, and the files of identities and authorities.
    pub(crate) fn files(&self) -> (String, String, String) {
        (self.home.hac_addr().to_string(), self.folder.path("ids.json"), self.folder.path("ca.pem"))
    }

    /// Where its HAC listens.
    pub(crate) fn hac(&self) -> SocketAddr {
        self.home.hac_addr()
    }

    /// Runs the program against it, with these words added.
    pub(crate) fn judge(&self, words: &[&str]) -> Said {
        self.judge_by("run", words)
    }

    /// The same by another command that judges.
    pub(crate) fn judge_by(&self, command: &str, words: &[&str]) -> Said {
        self.command_at(command, self.hac(), words)
    }

    /// Runs the program against the same HAC at another address.
    pub(crate) fn judge_at(&self, target: SocketAddr, words: &[&str]) -> Said {
        self.command_at("run", target, words)
    }

    fn command_at(&self, command: &str, target: SocketAddr, words: &[&str]) -> Said {
        let (target, (_, identities, ca)) = (target.to_string(), self.files());
        let subject = ["--target", &target, "--identities", &identities, "--ca", &ca];
        say(&[&[command], &subject[..], &["--cn", "2001:db8:c0::1"], words].concat())
    }
}

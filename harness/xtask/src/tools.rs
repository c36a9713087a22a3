//! Tools that a step needs and cargo does not bring: looked for, installed as root, otherwise reported as lacking.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::check::Outcome;
use crate::tree::Tree;

/// A tool that is not there, and why it could not be had.
#[derive(Debug)]
pub(crate) struct Lack {
    tool: String,
    why: String,
}

/// Sees to it that `tshark` is on the path.
pub(crate) fn tshark(tree: &Tree) -> Result<(), Lack> {
    if answers("tshark", &["--version"]) {
        return Ok(());
    }
    apt_install(tree, "tshark")
}

/// Sees to it that the labs have what they take: iproute2, a NAT, and somebody who captures.
pub(crate) fn for_labs(tree: &Tree) -> Result<(), Lack> {
    for (program, argument, package) in
        [("ip", "-V", "iproute2"), ("nft", "--version", "nftables"), ("dumpcap", "--version", "tshark")]
    {
        if !answers(program, &[argument]) {
            apt_install(tree, package)?;
        }
    }
    if is_root() { Ok(()) } else { Err(Lack::of("network namespaces", "only root can make them".into())) }
}

/// Sees to it that C programs can be built that read JSON and compute MACs.
pub(crate) fn c_with_json(tree: &Tree) -> Result<(), Lack> {
    if !answers("gcc", &["--version"]) {
        apt_install(tree, "gcc")?;
    }
    for (header, package) in [("jansson.h", "libjansson-dev"), ("openssl/hmac.h", "libssl-dev")] {
        if !answers("gcc", &["-E", "-include", header, "-x", "c", "/dev/null"]) {
            apt_install(tree, package)?;
        }
    }
    Ok(())
}

/// Whether there is a Go on the path; nobody installs one for a single program.
pub(crate) fn has_go() -> bool {
    answers("go", &["version"])
}

/// The Python of an environment below the target directory that has what `requirements` lists.
pub(crate) fn python(tree: &Tree, requirements: &Path) -> Result<PathBuf, Lack> {
    let lack = |why: String| Lack { tool: format!("Python with {}", requirements.display()), why };
    let listed = fs::read_to_string(requirements).map_err(|error| lack(error.to_string()))?;
    let environment = tree.scratch.join("python");
    let python = environment.join("bin/python");
    let done = environment.join("installed-requirements.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == listed)
        && answers(&python, &["--version"])
    {
        return Ok(python);
    }
    if !answers("python3", &["-c", "import ensurepip, venv"]) {
        apt_install(tree, "python3-venv")?;
    }
    let failed = |outcome| match outcome {
        Outcome::Passed => None,
        Outcome::Failed(why) | Outcome::Skipped(why) => Some(lack(why)),
    };
    let make = tree.show("python3", ["-m", "venv", "--clear", &environment.to_string_lossy()]);
    failed(make).map_or(Ok(()), Err)?;
    let pip = ["-m", "pip", "install", "--quiet", "--requirement", &requirements.to_string_lossy()];
    failed(tree.show(&python, pip)).map_or(Ok(()), Err)?;
    fs::write(&done, listed).map_err(|error| lack(error.to_string()))?;
    Ok(python)
}

impl Lack {
    /// A lack that somebody else found.
    pub(crate) fn of(tool: &str, why: String) -> Self {
        Self { tool: tool.into(), why }
    }
}

fn apt_install(tree: &Tree, package: &str) -> Result<(), Lack> {
    let lack = |why: &str| Lack { tool: package.into(), why: why.into() };
    if !is_root() {
        return Err(lack("not installed, and only root can install it"));
    }
    if !answers("apt-get", &["--version"]) {
        return Err(lack("not installed, and there is no apt-get to install it with"));
    }
    // Old package lists name files that are gone; that the update fails matters only if the install does.
    let _ = tree.show("apt-get", ["update", "--quiet=2"]);
    let install = [
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "--yes",
        "--quiet=2",
        "--no-install-recommends",
    ];
    match tree.show("env", [&install[..], &[package]].concat()) {
        Outcome::Passed => Ok(()),
        Outcome::Failed(why) | Outcome::Skipped(why) => Err(lack(&why)),
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn answers(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.tool, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_not_there_does_not_answer() {
        assert!(answers("true", &[]));
        assert!(!answers("false", &[]));
        assert!(!answers("no-such-tool-anywhere", &["--version"]));
    }

    #[test]
    fn a_missing_list_of_requirements_is_a_lack_that_names_it() {
        let tree = Tree::find().unwrap();
        let lack = python(&tree, Path::new("/nowhere/requirements.txt")).unwrap_err();
        assert!(lack.to_string().contains("/nowhere/requirements.txt"));
    }
}

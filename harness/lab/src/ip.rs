//! iproute2, and whether it can be used here.

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::plan::Plan;
use crate::run::is_there;

/// A call of `ip` that failed.
#[derive(Debug, thiserror::Error)]
pub enum IpError {
    /// It could not be started.
    #[error("ip cannot be started: {0}")]
    Start(#[from] io::Error),
    /// It refused.
    #[error("ip {arguments}: {says}")]
    Refused {
        /// What it was told.
        arguments: String,
        /// What it said.
        says: String,
    },
}

/// Why no lab can be set up here, if so: without `ip`, without root, or without the right to make namespaces.
#[must_use]
pub fn missing() -> Option<String> {
    // Asked by several stories at a time.
    static PROBES: AtomicU32 = AtomicU32::new(0);
    let probe = format!("mip6-probe-{}-{}", std::process::id(), PROBES.fetch_add(1, Ordering::Relaxed));
    if let Err(IpError::Start(error)) = ip(&["-V"]) {
        return Some(format!("iproute2 is missing: {error}"));
    }
    match ip(&["netns", "add", &probe]) {
        Ok(_) => ip(&["netns", "del", &probe]).err().map(|error| error.to_string()),
        Err(error) => Some(format!("network namespaces take root: {error}")),
    }
}

/// Runs `ip` and gives what it printed.
pub(crate) fn ip(arguments: &[&str]) -> Result<String, IpError> {
    let output = Command::new("ip").args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let says = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(IpError::Refused { arguments: arguments.join(" "), says })
}

/// The same for one lab, which may take more: `nft` for a NAT, a TUN device for a story.
#[must_use]
pub fn missing_for(plan: &Plan) -> Option<String> {
    let tun = std::path::Path::new("/dev/net/tun");
    missing().or_else(|| {
        if plan.story.is_some() && !tun.exists() {
            return Some(format!("{} is missing", tun.display()));
        }
        let nat = !plan.masquerades.is_empty() && !is_there("nft", "--version");
        nat.then(|| "nft is missing, which makes the NAT of this lab: apt-get install nftables".into())
    })
}

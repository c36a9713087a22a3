//! From arguments to what the suite needs: addresses found, files read, every mistake told.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use suite::bench::Setup;
use suite::identity::Identities;
use suite::link::exec::{ExecLauncher, PLACEHOLDERS};
use suite::link::tls::TlsTarget;
use suite::link::udp::UdpTarget;
use suite::link::{Datagrams, Launcher, LinkError, Parts, Session, Target};
use suite::sa_file::SaPool;
use suite::sanity::Profile;

use crate::args::{ConductArgs, SubjectArgs};
use crate::folder::PrivateFolder;
use crate::nearest::hint;
use crate::provision;
use crate::usage::UsageError;

/// Identities for an MN under test, which learns its own from the command that starts it.
const MN_IDENTITIES: usize = 8;

/// What the arguments say of the subject and the conduct. `visits` is for files that an MN under test reads.
pub(crate) fn setup(
    subject: &SubjectArgs,
    conduct: &ConductArgs,
    visits: &PrivateFolder,
) -> Result<Setup, UsageError> {
    let launcher = subject.exec.as_deref().map(|command| launcher(command, visits)).transpose()?;
    let associations = subject.sa.as_deref().map(read_associations).transpose()?.unwrap_or_default();
    let parts = parts(subject);
    let identities = match &subject.identities {
        Some(file) => read_identities(file)?,
        None if parts == Parts::HaAlone => provision::identities(MN_IDENTITIES)?,
        None if subject.target.is_some() => {
            let needs = "--identities FILE; `mip6-conform provision --count 8` makes one";
            return Err(UsageError::Needs { with: "--target", needs });
        }
        None => provision::identities(MN_IDENTITIES)?,
    };
    let (target, ha) = match (subject.target.as_deref(), parts) {
        (None, _) => (None, subject.ha),
        (Some(target), Parts::HaAlone) => {
            let at = subject.ha.map_or_else(|| resolved(target, conduct.timeout), Ok)?;
            (Some(Box::new(UdpTarget::new(None)) as Box<dyn Target>), Some(at))
        }
        (Some(target), Parts::HacAndHa) => (Some(dialer(target, subject, conduct.timeout)?), subject.ha),
    };
    Ok(Setup {
        target,
        launcher,
        profile: subject.profile.unwrap_or(Profile::Rfc6618),
        correspondent: subject.cn,
        correspondent4: subject.cn4,
        associations,
        ha,
        wait: conduct.timeout,
        seed: conduct.seed.map_or_else(drawn_seed, Ok)?,
        recorder: None,
        identities,
    })
}

/// Associations without identities are those of an HA alone.
pub(crate) fn parts(subject: &SubjectArgs) -> Parts {
    match (&subject.target, &subject.sa, &subject.identities) {
        (Some(_), Some(_), None) => Parts::HaAlone,
        _ => Parts::HacAndHa,
    }
}

fn read_associations(file: &Path) -> Result<SaPool, UsageError> {
    let text = std::fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    SaPool::from_json(&text).map_err(|why| UsageError::Associations { file: file.to_owned(), why })
}

/// Where an HA is. Nothing connects, so only its name can be wrong.
fn resolved(target: &str, wait: Duration) -> Result<SocketAddr, UsageError> {
    host_of(target).ok_or_else(|| UsageError::Target(target.to_owned()))?;
    let nowhere = |why: &str| {
        let why = LinkError::Unresolved { host: target.to_owned(), why: why.to_owned() };
        UsageError::Nowhere { target: target.to_owned(), why }
    };
    let found = addresses(target, Instant::now() + wait)
        .ok_or_else(|| nowhere("no answer from the resolver in time"))?
        .map_err(|error| nowhere(&error.to_string()))?;
    found.first().copied().ok_or_else(|| nowhere("the resolver knows none"))
}

/// A seed that is easily typed again.
pub(crate) fn drawn_seed() -> Result<u64, UsageError> {
    Ok(getrandom::u32().map_err(UsageError::own)?.into())
}

fn launcher(command: &str, visits: &PrivateFolder) -> Result<Box<dyn Launcher>, UsageError> {
    if let Some(word) = in_braces(command).find(|word| !PLACEHOLDERS.contains(word)) {
        let near = hint(word, PLACEHOLDERS.into_iter());
        return Err(UsageError::Exec(format!("--exec: {word} stands for nothing{near}")));
    }
    match ExecLauncher::new(command, visits.path().to_owned(), None) {
        Ok(launcher) => Ok(Box::new(launcher)),
        Err(LinkError::Own(why)) => Err(UsageError::Exec(why)),
        Err(other) => Err(UsageError::Exec(other.to_string())),
    }
}

/// The words of a command that stand in braces, braces included.
fn in_braces(command: &str) -> impl Iterator<Item = &str> {
    let word = |(at, _)| {
        let rest = command.get(at..)?;
        let word = rest.get(..=rest.find('}')?)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let inner = word.get(1..word.len() - 1)?;
        (!inner.is_empty() && inner.chars().all(is_name)).then_some(word)
    };
    command.match_indices('{').filter_map(word)
}

pub(crate) fn read_identities(file: &Path) -> Result<Identities, UsageError> {
    let text = std::fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    Identities::from_json(&text).map_err(|why| UsageError::Identities { file: file.to_owned(), why })
}

fn dialer(target: &str, subject: &SubjectArgs, wait: Duration) -> Result<Box<dyn Target>, UsageError> {
    let host = host_of(target).ok_or_else(|| UsageError::Target(target.to_owned()))?;
    let needs_ca =
        UsageError::Needs { with: "--target", needs: "--ca FILE, the authority of its certificate" };
    let ca = subject.ca.as_deref().ok_or(needs_ca)?;
    let ca_pem = std::fs::read_to_string(ca).map_err(|error| UsageError::file(ca, &error))?;
    let name = subject.server_name.as_deref().unwrap_or(host);
    // A connection that does not come about ends the run, in less than the longest wait for an answer.
    let patience = wait * 9 / 10;
    let dialer = |peer| {
        TlsTarget::new(peer, name, &ca_pem, patience, None).map_err(|error| {
            let why = match error {
                LinkError::Own(why) => why,
                other => other.to_string(),
            };
            UsageError::Trust { ca: ca.to_owned(), name: name.to_owned(), why }
        })
    };
    // What is wrong with the files is told before anybody is called.
    dialer(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    match reachable(target, wait) {
        Ok(peer) => Ok(Box::new(dialer(peer)?)),
        Err(error) => Ok(Box::new(Nowhere(error))),
    }
}

/// A target that is not there; the run tells why in its report.
struct Nowhere(LinkError);

impl Target for Nowhere {
    fn dial(&self) -> Result<Box<dyn Session>, LinkError> {
        Err(self.0.clone())
    }

    fn datagrams(&self, _: SocketAddr) -> Result<Box<dyn Datagrams>, LinkError> {
        Err(self.0.clone())
    }

    fn is_ip4(&self) -> bool {
        false
    }
}

/// The host of HOST:PORT, without the brackets of an IPv6 address.
fn host_of(target: &str) -> Option<&str> {
    let (host, port) = target.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some(host)
}

/// The first address of the target that accepts connections. Takes less than `wait`, whatever resolver and network do.
fn reachable(target: &str, wait: Duration) -> Result<SocketAddr, LinkError> {
    let deadline = Instant::now() + wait * 3 / 4;
    let unresolved = |why: &str| LinkError::Unresolved { host: target.to_owned(), why: why.to_owned() };
    let addresses = addresses(target, deadline)
        .ok_or_else(|| unresolved("no answer from the resolver in time"))?
        .map_err(|error| unresolved(&error.to_string()))?;
    let mut last = unresolved("the resolver knows none");
    for (at, peer) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let others = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        // No share of what is left may be zero: the system refuses to wait that long.
        match TcpStream::connect_timeout(peer, (left / others).max(Duration::from_millis(1))) {
            Ok(_) => return Ok(*peer),
            Err(error) => last = LinkError::Unreachable { peer: *peer, why: error.to_string() },
        }
    }
    Err(last)
}

/// None when `deadline` passes. The resolver has its own idea of patience, so it works on a thread of its own.
fn addresses(target: &str, deadline: Instant) -> Option<io::Result<Vec<SocketAddr>>> {
    let (sender, answer) = channel();
    let name = target.to_owned();
    thread::spawn(move || {
        let found = name.to_socket_addrs().map(Iterator::collect);
        // Nobody listens any more when it took too long.
        let _ = sender.send(found);
    });
    answer.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_targets() {
        for (target, host) in [
            ("hac.example:4433", Some("hac.example")),
            ("[2001:db8::1]:4433", Some("2001:db8::1")),
            ("127.0.0.1:4433", Some("127.0.0.1")),
            (":4433", None),
            ("hac.example", None),
            ("hac.example:https", None),
        ] {
            assert_eq!(host_of(target), host, "{target}");
        }
    }

    #[test]
    fn braces_that_name_something() {
        let words: Vec<&str> = in_braces("./mn {hac} --json '{}' --x={mn-id} '{ a }' {").collect();
        assert_eq!(words, ["{hac}", "{mn-id}"]);
    }
}

//! The key log that browsers, OpenSSL, rustls and others write (SSLKEYLOGFILE), also found in Decryption Secrets Blocks.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use wire::value::hex;
use zeroize::Zeroizing;

/// Octets of a file that are taken at a time.
const READ_AT_MOST: u64 = 1 << 24;

/// The random of a ClientHello, by which secrets are found.
pub(crate) type ClientRandom = [u8; 32];

/// A secret. It has no Debug output.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The secrets of sessions, by the client's random.
#[derive(Clone, Default)]
pub struct KeyLog {
    sessions: HashMap<ClientRandom, Secrets>,
    followed: Vec<Followed>,
}

/// A file that somebody writes while it is read.
#[derive(Clone)]
struct Followed {
    file: PathBuf,
    /// Octets that were taken: whole lines.
    taken: u64,
}

/// The secrets of a session, as far as the log has them.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// TLS 1.2: the master secret.
    pub(crate) master: Option<Secret>,
    pub(crate) client_early: Option<Secret>,
    pub(crate) client_handshake: Option<Secret>,
    pub(crate) server_handshake: Option<Secret>,
    pub(crate) client_application: Option<Secret>,
    pub(crate) server_application: Option<Secret>,
}

impl KeyLog {
    /// Adds the lines of a log. Comments, labels that are not needed and lines that are none are passed over, as every
    /// reader of such logs does. Returns how many secrets were taken.
    pub fn add(&mut self, text: &[u8]) -> usize {
        text.split(|&octet| octet == b'\n').filter_map(|line| self.add_line(line.trim_ascii())).count()
    }

    /// Adds a file, and later what is added to it: for those who listen while a session begins. It need not be there
    /// yet. Returns how many secrets were taken by now.
    pub fn follow(&mut self, file: PathBuf) -> usize {
        self.followed.push(Followed { file, taken: 0 });
        self.catch_up()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    pub(crate) fn find(&self, client_random: &ClientRandom) -> Option<&Secrets> {
        self.sessions.get(client_random)
    }

    /// Whether all is there that a session needs, or is by now.
    pub(crate) fn is_complete_for(&mut self, client_random: &ClientRandom) -> bool {
        let is_complete = |log: &Self| log.find(client_random).is_some_and(Secrets::are_complete);
        is_complete(self) || (self.catch_up() > 0 && is_complete(self))
    }

    /// Takes the lines that were added to the files that are followed.
    fn catch_up(&mut self) -> usize {
        let mut new = Vec::new();
        for followed in &mut self.followed {
            // What cannot be read now may be there later; whoever lacks a secret is told so.
            let _ = followed.lines(&mut new);
        }
        self.add(&new)
    }

    fn add_line(&mut self, line: &[u8]) -> Option<()> {
        let mut words = line.split(|&octet| octet == b' ');
        let (label, random, secret) = (words.next()?, words.next()?, words.next()?);
        let slot: fn(&mut Secrets) -> &mut Option<Secret> = match label {
            b"CLIENT_RANDOM" => |secrets| &mut secrets.master,
            b"CLIENT_EARLY_TRAFFIC_SECRET" => |secrets| &mut secrets.client_early,
            b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => |secrets| &mut secrets.client_handshake,
            b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => |secrets| &mut secrets.server_handshake,
            b"CLIENT_TRAFFIC_SECRET_0" => |secrets| &mut secrets.client_application,
            b"SERVER_TRAFFIC_SECRET_0" => |secrets| &mut secrets.server_application,
            _ => return None,
        };
        let random = ClientRandom::try_from(hex::decode(random).ok()?).ok()?;
        let secret = hex::decode(secret).ok()?;
        *slot(self.sessions.entry(random).or_default()) = Some(Zeroizing::new(secret));
        Some(())
    }
}

impl Secrets {
    /// Whether a session can be read with them to its end. Those of the handshake are made first: if they are not there
    /// by then, they never come.
    fn are_complete(&self) -> bool {
        self.master.is_some() || (self.client_application.is_some() && self.server_application.is_some())
    }
}

impl Followed {
    /// Appends the whole lines that were not taken yet.
    fn lines(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let mut file = File::open(&self.file)?;
        file.seek(SeekFrom::Start(self.taken))?;
        let before = into.len();
        file.take(READ_AT_MOST).read_to_end(into)?;
        let new = into.get(before..).unwrap_or_default();
        let whole = new.iter().rposition(|&octet| octet == b'\n').map_or(0, |at| at + 1);
        into.truncate(before + whole);
        self.taken += whole as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_followed_line_by_line() {
        let file = std::env::temp_dir().join(format!("mip6-dissect-follow-{}", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let mut log = KeyLog::default();
        assert_eq!(log.follow(file.clone()), 0, "it is not there yet");
        let random = "0a".repeat(32);
        let labels = ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"];
        let more = ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"];
        let mut text = labels.map(|label| format!("{label} {random} 0102\n")).concat();
        std::fs::write(&file, &text).unwrap();
        assert!(!log.is_complete_for(&[10; 32]));
        text += &more.map(|label| format!("{label} {random} 0304\n")).concat();
        std::fs::write(&file, &text[..text.len() - 3]).unwrap();
        assert!(!log.is_complete_for(&[10; 32]), "half a line is none");
        std::fs::write(&file, &text).unwrap();
        assert!(log.is_complete_for(&[10; 32]));
        assert_eq!(log.find(&[10; 32]).unwrap().server_application.as_deref(), Some(&vec![3, 4]));
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn lines_are_read_and_anything_else_is_passed_over() {
        let random = "0a".repeat(32);
        let text = format!(
            "# comment\r\nCLIENT_RANDOM {random} 0102\r\nEXPORTER_SECRET {random} 03\n\nRSA 00 11\n\
             CLIENT_RANDOM 0a 01\nSERVER_TRAFFIC_SECRET_0 {random} 0G\nCLIENT_TRAFFIC_SECRET_0 {random} 0B0C"
        );
        let mut log = KeyLog::default();
        assert_eq!(log.add(text.as_bytes()), 2);
        let secrets = log.find(&[10; 32]).unwrap();
        assert_eq!(secrets.master.as_deref(), Some(&vec![1, 2]));
        assert_eq!(secrets.client_application.as_deref(), Some(&vec![11, 12]));
        assert!(secrets.server_application.is_none());
        assert!(log.find(&[11; 32]).is_none());
    }
}

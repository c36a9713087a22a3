//! The key log that browsers, OpenSSL, rustls and others write (SSLKEYLOGFILE), also found in Decryption Secrets Blocks.

use std::collections::HashMap;

use wire::value::hex;
use zeroize::Zeroizing;

/// The random of a ClientHello, by which secrets are found.
pub(crate) type ClientRandom = [u8; 32];

/// A secret. It has no Debug output.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The secrets of sessions, by the client's random.
#[derive(Clone, Default)]
pub struct KeyLog(HashMap<ClientRandom, Secrets>);

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

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn find(&self, client_random: &ClientRandom) -> Option<&Secrets> {
        self.0.get(client_random)
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
        *slot(self.0.entry(random).or_default()) = Some(Zeroizing::new(secret));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

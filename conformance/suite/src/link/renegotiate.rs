//! RFC 5246 section 7.4.1.1 and RFC 5746 section 3.5: a client that asks for another handshake within a session.
//!
//! No careful TLS library asks. So one carries the first handshake out and hands its keys over, and from there on the
//! records are written and read here.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use rustls::client::Resumption;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundPlainMessage,
};
use rustls::version::TLS12;
use rustls::{
    ClientConfig, ClientConnection, ConnectionTrafficSecrets, ContentType, ExtractedSecrets, ProtocolVersion,
    RootCertStore, SupportedCipherSuite, Tls12CipherSuite,
};

use super::LinkError;
use super::tls::Tap;
use crate::finding::shown;

/// What became of the request for another handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renegotiation {
    /// The server began another handshake: the first octets of its message.
    Served(Vec<u8>),
    /// The server refused, by an alert or by ending the connection; in protocol words.
    Refused(String),
    /// The server let it be and answered the application data that came behind it.
    LetBe,
    /// Nothing within the time.
    Silence,
}

/// What a client says after its first handshake.
pub struct Another<'a> {
    /// Makes the ClientHello, a handshake message without record header, of the verify_data of our own Finished.
    pub hello: &'a dyn Fn(&[u8]) -> Vec<u8>,
    /// Application data that the server answers if it lets the ClientHello be.
    pub behind: &'a [u8],
}

/// Lengths of a record header, and of a Finished message without its own header.
const RECORD_HEADER: usize = 5;
const VERIFY_DATA: usize = 12;

/// Of TLS 1.2 alone, with suites whose keys have 32 octets: only those can be handed to a cipher a second time, to open
/// our own Finished.
pub(super) fn config(roots: Arc<RootCertStore>) -> Result<ClientConfig, rustls::Error> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| match suite {
        SupportedCipherSuite::Tls12(suite) => suite.aead_alg.key_block_shape().enc_key_len == 32,
        SupportedCipherSuite::Tls13(_) => false,
    });
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.enable_secret_extraction = true;
    Ok(config)
}

/// Carries the handshake out that `connection` begins, of TLS 1.2, asks for another one and sees what comes of it.
pub(super) fn ask(
    tap: Tap,
    mut connection: ClientConnection,
    another: &Another<'_>,
    deadline: Instant,
) -> Result<Renegotiation, LinkError> {
    let peer = tap.peer;
    let tls = |why: String| LinkError::Tls { peer, why: shown(why.as_bytes(), 200) };
    let mut wire = Witness { tap, deadline, written: Vec::new() };
    while connection.is_handshaking() {
        connection.complete_io(&mut wire).map_err(|error| tls(error.to_string()))?;
    }
    let Some(SupportedCipherSuite::Tls12(suite)) = connection.negotiated_cipher_suite() else {
        return Err(tls("no session of TLS 1.2".to_owned()));
    };
    let secrets = connection.dangerous_extract_secrets().map_err(|error| tls(error.to_string()))?;
    let own = |what: &str| LinkError::Own(what.to_owned());
    let finished = last_record(&wire.written).ok_or_else(|| own("no Finished was sent"))?;
    let verify_data =
        verify_data(suite, &secrets.tx.1, finished).ok_or_else(|| own("our own Finished does not open"))?;
    let mut records = Records::new(suite, secrets).ok_or_else(|| own("keys of an unknown kind"))?;
    let hello = records.seal(ContentType::Handshake, &(another.hello)(&verify_data));
    let behind = records.seal(ContentType::ApplicationData, another.behind);
    let octets = hello.and_then(|hello| Ok([hello, behind?].concat()));
    let octets = octets.map_err(|error| LinkError::Own(error.to_string()))?;
    // Who refuses by closing may be gone before it has read everything.
    let _ = wire.write_all(&octets);
    Ok(records.verdict(&mut wire))
}

/// Both directions of a session of TLS 1.2, from where a handshake has left them.
pub struct Records {
    encrypter: Box<dyn MessageEncrypter>,
    decrypter: Box<dyn MessageDecrypter>,
    sent: u64,
    received: u64,
}

impl Records {
    /// With the keys of a session; `None` for keys of a kind that is not known here.
    #[must_use]
    pub fn new(suite: &'static Tls12CipherSuite, secrets: ExtractedSecrets) -> Option<Self> {
        let (sent, ours) = secrets.tx;
        let (received, theirs) = secrets.rx;
        let (ours, nonce) = key_and_nonce(ours)?;
        let (theirs, their_nonce) = key_and_nonce(theirs)?;
        let fixed = suite.aead_alg.key_block_shape().fixed_iv_len;
        let (nonce, explicit) = nonce.as_ref().split_at_checked(fixed)?;
        Some(Self {
            encrypter: suite.aead_alg.encrypter(ours, nonce, explicit),
            decrypter: suite.aead_alg.decrypter(theirs, their_nonce.as_ref().get(..fixed)?),
            sent,
            received,
        })
    }

    /// One record.
    ///
    /// # Errors
    /// The cipher refuses.
    pub fn seal(&mut self, kind: ContentType, octets: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let plain = OutboundPlainMessage {
            typ: kind,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(octets),
        };
        let sealed = self.encrypter.encrypt(plain, self.sent)?;
        self.sent += 1;
        Ok(sealed.encode())
    }

    /// The next record of the peer: its type and its plaintext.
    ///
    /// # Errors
    /// The stream ends, or a record does not open.
    pub fn next(&mut self, stream: &mut impl Read) -> io::Result<(ContentType, Vec<u8>)> {
        let mut record = vec![0; RECORD_HEADER];
        stream.read_exact(&mut record)?;
        let length = u16::from_be_bytes([record[3], record[4]]);
        record.resize(RECORD_HEADER + usize::from(length), 0);
        stream.read_exact(&mut record[RECORD_HEADER..])?;
        let opened = open(self.decrypter.as_mut(), &record, self.received).map_err(io::Error::other)?;
        self.received += 1;
        Ok(opened)
    }

    /// What the server does with a request for another handshake.
    fn verdict(&mut self, stream: &mut impl Read) -> Renegotiation {
        const HELLO_REQUEST: u8 = 0;
        loop {
            let (kind, octets) = match self.next(stream) {
                Ok(record) => record,
                Err(error) if is_timeout(&error) => return Renegotiation::Silence,
                Err(_) => return Renegotiation::Refused("the connection ended".to_owned()),
            };
            match (kind, octets.as_slice()) {
                (ContentType::Handshake, [HELLO_REQUEST, ..]) => {}
                (ContentType::Handshake, _) => return Renegotiation::Served(octets),
                (ContentType::Alert, alert) => return Renegotiation::Refused(named(alert)),
                _ => return Renegotiation::LetBe,
            }
        }
    }
}

/// verify_data in the record that carried a Finished message, the first one under these secrets.
#[must_use]
pub fn verify_data(
    suite: &'static Tls12CipherSuite,
    secrets: &ConnectionTrafficSecrets,
    finished: &[u8],
) -> Option<Vec<u8>> {
    let (ConnectionTrafficSecrets::Aes256Gcm { key, iv }
    | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv }) = secrets
    else {
        return None;
    };
    let key = AeadKey::from(<[u8; 32]>::try_from(key.as_ref()).ok()?);
    let nonce = iv.as_ref().get(..suite.aead_alg.key_block_shape().fixed_iv_len)?;
    let (_, message) = open(suite.aead_alg.decrypter(key, nonce).as_mut(), finished, 0).ok()?;
    message.get(message.len().checked_sub(VERIFY_DATA)?..).map(<[u8]>::to_vec)
}

/// An alert of RFC 5246 section 7.2 in words.
fn named(alert: &[u8]) -> String {
    match alert {
        [_, 100] => "alert no_renegotiation".to_owned(),
        [_, 0] => "alert close_notify".to_owned(),
        [_, description] => format!("alert {description}"),
        _ => "an alert".to_owned(),
    }
}

fn key_and_nonce(secrets: ConnectionTrafficSecrets) -> Option<(AeadKey, Iv)> {
    match secrets {
        ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => Some((key, iv)),
        _ => None,
    }
}

fn open(
    decrypter: &mut dyn MessageDecrypter,
    record: &[u8],
    number: u64,
) -> Result<(ContentType, Vec<u8>), rustls::Error> {
    let (header, payload) = record.split_at_checked(RECORD_HEADER).ok_or(rustls::Error::DecryptError)?;
    let mut payload = payload.to_vec();
    let kind = ContentType::from(header[0]);
    let sealed = InboundOpaqueMessage::new(kind, ProtocolVersion::TLSv1_2, &mut payload);
    let plain = decrypter.decrypt(sealed, number)?;
    Ok((plain.typ, plain.payload.to_vec()))
}

/// The last whole record of some.
#[must_use]
pub fn last_record(mut records: &[u8]) -> Option<&[u8]> {
    let mut last = None;
    while let [_, _, _, high, low, ..] = records {
        let length = RECORD_HEADER + usize::from(u16::from_be_bytes([*high, *low]));
        let (record, rest) = records.split_at_checked(length)?;
        last = Some(record);
        records = rest;
    }
    last
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A stream with a deadline that keeps what was written.
struct Witness {
    tap: Tap,
    deadline: Instant,
    written: Vec<u8>,
}

impl Read for Witness {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.tap.wait_until(self.deadline)?;
        self.tap.read(octets)
    }
}

impl Write for Witness {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let n = self.tap.write(octets)?;
        self.written.extend_from_slice(&octets[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tap.flush()
    }
}

//! Handshake messages, as far as decryption and channel binding need them.

/// The most octets of one message that are put together; certificate chains are far smaller.
const MAX_MESSAGE: usize = 1 << 18;

/// Message types.
pub(super) mod kind {
    pub(crate) const HELLO_REQUEST: u8 = 0;
    pub(crate) const CLIENT_HELLO: u8 = 1;
    pub(crate) const SERVER_HELLO: u8 = 2;
    pub(crate) const END_OF_EARLY_DATA: u8 = 5;
    pub(crate) const CERTIFICATE: u8 = 11;
    pub(crate) const FINISHED: u8 = 20;
    pub(crate) const KEY_UPDATE: u8 = 24;
}

mod extension {
    pub(super) const ENCRYPT_THEN_MAC: u16 = 22;
    pub(super) const EARLY_DATA: u16 = 42;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
}

/// The random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, //
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Handshake messages of one direction, put together from records.
#[derive(Debug, Default)]
pub(super) struct Messages(Vec<u8>);

/// A message: its type and its body.
pub(super) type Message = (u8, Vec<u8>);

/// A message longer than any that makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Messages {
    /// Takes a fragment and gives the messages that it completes.
    pub(super) fn push(&mut self, fragment: &[u8]) -> Result<Vec<Message>, TooLong> {
        self.0.extend_from_slice(fragment);
        let mut complete = Vec::new();
        let mut at = 0;
        while let Some((&[kind, a, b, c], rest)) = self.0.get(at..).and_then(<[u8]>::split_first_chunk) {
            let len = usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
            if len > MAX_MESSAGE {
                return Err(TooLong);
            }
            let Some(body) = rest.get(..len) else { break };
            complete.push((kind, body.to_vec()));
            at += 4 + len;
        }
        self.0.drain(..at);
        Ok(complete)
    }

    /// Messages do not span a change of keys.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The random of the ClientHello with which a stream of records starts.
pub(crate) fn client_random(front: &[u8]) -> Option<[u8; 32]> {
    // Record header, type and length of the message, version.
    let hello = front.get(super::HEADER_LEN..)?.strip_prefix(&[kind::CLIENT_HELLO])?;
    hello.get(3 + 2..)?.first_chunk().copied()
}

/// What a ClientHello tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClientHello {
    pub(super) random: [u8; 32],
    pub(super) offers_early_data: bool,
}

impl ClientHello {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body);
        reader.take(2)?;
        let random = reader.take(32)?.try_into().ok()?;
        reader.counted_by_1()?;
        reader.counted_by_2()?;
        reader.counted_by_1()?;
        let offers_early_data = reader.extensions().any(|(kind, _)| kind == extension::EARLY_DATA);
        Some(Self { random, offers_early_data })
    }
}

/// What a ServerHello tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServerHello {
    /// The version that counts: of the extension where there is one.
    pub(super) version: u16,
    pub(super) random: [u8; 32],
    pub(super) suite: u16,
    pub(super) has_encrypt_then_mac: bool,
}

impl ServerHello {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let mut version = reader.number()?;
        let random = reader.take(32)?.try_into().ok()?;
        reader.counted_by_1()?;
        let suite = reader.number()?;
        reader.take(1)?;
        let mut has_encrypt_then_mac = false;
        for (kind, body) in reader.extensions() {
            match kind {
                extension::SUPPORTED_VERSIONS => version = Reader(body).number()?,
                extension::ENCRYPT_THEN_MAC => has_encrypt_then_mac = true,
                _ => {}
            }
        }
        Some(Self { version, random, suite, has_encrypt_then_mac })
    }

    /// Whether it only asks for another ClientHello.
    pub(super) fn is_retry(&self) -> bool {
        self.random == RETRY
    }
}

/// The first certificate of a Certificate message, DER as sent.
pub(super) fn first_certificate(body: &[u8], is_tls13: bool) -> Option<&[u8]> {
    let mut reader = Reader(body);
    if is_tls13 {
        reader.counted_by_1()?;
    }
    let mut list = Reader(reader.counted_by_3()?);
    list.counted_by_3()
}

/// What is left of a message.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn counted_by_1(&mut self) -> Option<&'a [u8]> {
        let &len = self.take(1)?.first()?;
        self.take(usize::from(len))
    }

    fn counted_by_2(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        self.take(usize::from(len))
    }

    fn counted_by_3(&mut self) -> Option<&'a [u8]> {
        let &[a, b, c] = self.take(3)?.first_chunk()?;
        self.take(usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?)
    }

    /// The extensions at the end of a hello; none where it has none.
    fn extensions(&mut self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut list = Reader(self.counted_by_2().unwrap_or_default());
        core::iter::from_fn(move || Some((list.number()?, list.counted_by_2()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_put_together_from_any_fragments() {
        let stream = b"\x14\0\0\x02ab\x0b\0\0\0\x01\0\0\x01c";
        for chunk in 1..stream.len() {
            let mut messages = Messages::default();
            let found: Vec<_> =
                stream.chunks(chunk).flat_map(|fragment| messages.push(fragment).unwrap()).collect();
            let right = [(20, b"ab".to_vec()), (11, Vec::new()), (1, b"c".to_vec())];
            assert_eq!(found, right, "in pieces of {chunk}");
        }
        assert_eq!(Messages::default().push(b"\x0b\xff\xff\xff"), Err(TooLong));
    }

    #[test]
    fn hellos_are_read_with_and_without_extensions() {
        let random = [7; 32];
        let front = [&[3, 3][..], &random, &[1, 9], &[0x13, 1], &[0]].concat();
        let old = ServerHello::parse(&front).unwrap();
        assert_eq!((old.version, old.suite, old.random), (0x0303, 0x1301, random));
        let extensions = b"\0\x0a\0\x2b\0\x02\x03\x04\0\x16\0\0";
        let new = ServerHello::parse(&[&front[..], extensions].concat()).unwrap();
        assert_eq!((new.version, new.has_encrypt_then_mac, new.is_retry()), (0x0304, true, false));
        assert!(ServerHello::parse(&front[..30]).is_none());
        let client = [&[3, 3][..], &random, &[0], &[0, 2, 0x13, 1], &[1, 0], b"\0\x04\0\x2a\0\0"].concat();
        let hello = ClientHello::parse(&client).unwrap();
        assert_eq!(hello, ClientHello { random, offers_early_data: true });
    }

    #[test]
    fn the_first_certificate_is_the_servers_own() {
        assert_eq!(first_certificate(b"\0\0\x09\0\0\x02ab\0\0\x01c", false), Some(&b"ab"[..]));
        assert_eq!(first_certificate(b"\0\0\0\x07\0\0\x02ab\0\0", true), Some(&b"ab"[..]));
        assert_eq!(first_certificate(b"\0\0\0\0", true), None);
    }
}

//! RFC 6618 section 5.1, as little of it as a canary needs: Ver and Rsrvd, Identifier, Length, Content.
//! Written apart from the reference codec on purpose, so that a canary cannot inherit its mistakes.

use std::io::{self, Read};

/// The greatest Content length in octets.
pub(crate) const LONGEST: u16 = u16::MAX;

/// One request as it came.
pub(crate) struct Request {
    pub(crate) identifier: u8,
}

/// Reads one container, whatever its content; `None` when the peer ends before the next one.
pub(crate) fn read_request(stream: &mut impl Read) -> io::Result<Option<Request>> {
    let mut header = [0; 4];
    if stream.read(&mut header[..1])? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut header[1..])?;
    let [_version, identifier, high, low] = header;
    let mut content = vec![0; usize::from(u16::from_be_bytes([high, low]))];
    stream.read_exact(&mut content)?;
    Ok(Some(Request { identifier }))
}

/// The octets of a container with this Identifier; Content past 65535 octets is cut off.
pub(crate) fn response(identifier: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(LONGEST);
    let mut octets = header(identifier, length).to_vec();
    octets.extend(content.iter().take(usize::from(length)));
    octets
}

/// The four octets before the Content.
pub(crate) fn header(identifier: u8, length: u16) -> [u8; 4] {
    let [high, low] = length.to_be_bytes();
    [0, identifier, high, low]
}

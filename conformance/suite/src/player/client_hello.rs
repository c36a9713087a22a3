//! RFC 5246 section 7.4.1.2: a ClientHello made by hand, for suites and versions that no careful TLS library offers.

/// What a client offers.
pub struct ClientHello<'a> {
    /// The largest version: 0x0303 is TLS 1.2.
    pub version: u16,
    /// Suites, by their numbers.
    pub suites: &'a [u16],
    /// The DNS name of the server, if there is one.
    pub name: Option<&'a str>,
    /// 32 random octets.
    pub random: [u8; 32],
    /// verify_data of the session within which another handshake is asked for; empty in a first one (RFC 5746).
    pub within: &'a [u8],
}

impl ClientHello<'_> {
    /// One record.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        [&[22, 3, 1][..], &counted16(&self.message())].concat()
    }

    /// The handshake message alone.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend_from_slice(&self.random);
        body.push(0); // no session to resume
        body.extend(counted16(&suites));
        body.extend_from_slice(&[1, 0]); // no compression
        body.extend(counted16(&self.extensions()));
        [&[1][..], &counted24(&body)].concat()
    }

    fn extensions(&self) -> Vec<u8> {
        const GROUPS: [u8; 6] = [0, 0x1d, 0, 0x17, 0, 0x18];
        const SIGNATURES: [u8; 20] = [4, 3, 5, 3, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 6, 1, 2, 1, 2, 3];
        let name = self.name.map(|name| {
            let entry = [&[0][..], &counted16(name.as_bytes())].concat();
            extension(0, &counted16(&entry))
        });
        [
            name.unwrap_or_default(),
            extension(10, &counted16(&GROUPS)),
            extension(11, &[1, 0]),
            extension(13, &counted16(&SIGNATURES)),
            extension(23, &[]),
            extension(0xff01, &[&[self.within.len() as u8][..], self.within].concat()),
        ]
        .concat()
    }
}

fn extension(number: u16, data: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes()[..], &counted16(data)].concat()
}

fn counted16(octets: &[u8]) -> Vec<u8> {
    // All that we count is far shorter than 65536 octets.
    [&(octets.len() as u16).to_be_bytes()[..], octets].concat()
}

fn counted24(octets: &[u8]) -> Vec<u8> {
    [&(octets.len() as u32).to_be_bytes()[1..], octets].concat()
}

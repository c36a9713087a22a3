//! RFC 5433 section 9: the Type-Data of EAP-GPSK.
//!
//! ```text
//!  OP-Code (1)  payload ..
//!
//!  GPSK-1   len ID_Server   RAND_Server (32)   len CSuite_List
//!  GPSK-2   len ID_Peer   len ID_Server   RAND_Peer   RAND_Server   len CSuite_List   CSuite_Sel (6)   len PD   MAC
//!  GPSK-3   RAND_Peer   RAND_Server   len ID_Server   CSuite_Sel   len PD   MAC
//!  GPSK-4   len PD   MAC
//!  Fail     Failure-Code (4)
//!  Protected-Fail   Failure-Code (4)   MAC
//! ```
//!
//! Every message has one form only: what was read is written with the same octets, so a MAC is taken over what
//! `unsigned` gives. How long a MAC is, the ciphersuite says; here it is all that is left.

use crate::error::{DecodeError, Have, Need};

const RAND_LEN: usize = 32;
const SUITE_LEN: usize = 6;

/// Section 9.2: the code of a GPSK ciphersuite, vendor first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CSuite(pub [u8; SUITE_LEN]);

impl CSuite {
    /// AES-CBC-128 and AES-CMAC-128; every implementation has it.
    pub const AES_CMAC: Self = Self([0, 0, 0, 0, 0, 1]);
    /// No encryption, HMAC-SHA256.
    pub const HMAC_SHA256: Self = Self([0, 0, 0, 0, 0, 2]);
}

/// Section 9.3: why GPSK failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FailureCode(pub u32);

impl FailureCode {
    /// No key for this peer.
    pub const PSK_NOT_FOUND: Self = Self(1);
    /// A MAC is wrong.
    pub const AUTHENTICATION_FAILURE: Self = Self(2);
    /// The right key, but no permission.
    pub const AUTHORIZATION_FAILURE: Self = Self(3);
}

/// A legal EAP-GPSK message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gpsk {
    /// Server: who it is, and what it offers.
    One(Gpsk1),
    /// Peer: who it is, and proof of the key.
    Two(Gpsk2),
    /// Server: proof of the key.
    Three(Gpsk3),
    /// Peer: the end.
    Four(Gpsk4),
    /// Server, and the peer's echo of it: no.
    Fail(GpskFail),
    /// The same, with a MAC.
    ProtectedFail(GpskProtectedFail),
}

/// GPSK-1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpsk1 {
    /// ID_Server, an opaque name.
    pub id_server: Vec<u8>,
    /// RAND_Server.
    pub rand_server: [u8; RAND_LEN],
    /// CSuite_List.
    pub suites: Vec<CSuite>,
}

/// GPSK-2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpsk2 {
    /// ID_Peer, a NAI.
    pub id_peer: Vec<u8>,
    /// As in GPSK-1.
    pub id_server: Vec<u8>,
    /// RAND_Peer.
    pub rand_peer: [u8; RAND_LEN],
    /// As in GPSK-1.
    pub rand_server: [u8; RAND_LEN],
    /// As in GPSK-1.
    pub suites: Vec<CSuite>,
    /// CSuite_Sel, one of them.
    pub selected: CSuite,
    /// PD_Payload_Block; empty if there is none.
    pub protected: Vec<u8>,
    /// Over all octets of the payload before it.
    pub mac: Vec<u8>,
}

/// GPSK-3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpsk3 {
    /// As in GPSK-2.
    pub rand_peer: [u8; RAND_LEN],
    /// As in GPSK-1.
    pub rand_server: [u8; RAND_LEN],
    /// As in GPSK-1.
    pub id_server: Vec<u8>,
    /// As in GPSK-2.
    pub selected: CSuite,
    /// PD_Payload_Block; empty if there is none.
    pub protected: Vec<u8>,
    /// Over all octets of the payload before it.
    pub mac: Vec<u8>,
}

/// GPSK-4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpsk4 {
    /// PD_Payload_Block; empty if there is none.
    pub protected: Vec<u8>,
    /// Over all octets of the payload before it.
    pub mac: Vec<u8>,
}

/// GPSK-Fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpskFail(pub FailureCode);

/// GPSK-Protected-Fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpskProtectedFail {
    /// Why.
    pub code: FailureCode,
    /// Over the code.
    pub mac: Vec<u8>,
}

impl Gpsk {
    /// Reads Type-Data.
    ///
    /// # Errors
    /// An unassigned OP-Code, lengths beyond the end, a list that is no multiple of 6 octets, octets that are left over.
    pub fn parse(data: &[u8]) -> Result<Self, DecodeError> {
        let Some((&op_code, payload)) = data.split_first() else {
            return Err(DecodeError::new("GPSK OP-Code", Need::Present, Have::Nothing));
        };
        let mut rest = Rest { octets: payload, at: 1 };
        Ok(match op_code {
            1 => Self::One(rest.gpsk1()?),
            2 => Self::Two(rest.gpsk2()?),
            3 => Self::Three(rest.gpsk3()?),
            4 => Self::Four(Gpsk4 { protected: rest.counted("GPSK PD_Payload_Block")?, mac: rest.mac() }),
            5 => {
                let code = rest.failure_code()?;
                rest.end()?;
                Self::Fail(GpskFail(code))
            }
            6 => Self::ProtectedFail(GpskProtectedFail { code: rest.failure_code()?, mac: rest.mac() }),
            _ => {
                let need = Need::Range { min: 1, max: 6 };
                return Err(DecodeError::new("GPSK OP-Code", need, Have::Value(u64::from(op_code))));
            }
        })
    }

    /// The Type-Data.
    ///
    /// # Errors
    /// A part longer than its count can tell.
    pub fn to_vec(&self) -> Result<Vec<u8>, DecodeError> {
        let (op_code, unsigned, mac) = match self {
            Self::One(one) => (1, one.octets()?, [].as_slice()),
            Self::Two(two) => (2, two.unsigned()?, two.mac.as_slice()),
            Self::Three(three) => (3, three.unsigned()?, three.mac.as_slice()),
            Self::Four(four) => (4, four.unsigned()?, four.mac.as_slice()),
            Self::Fail(GpskFail(code)) => (5, code.0.to_be_bytes().to_vec(), [].as_slice()),
            Self::ProtectedFail(fail) => (6, fail.unsigned(), fail.mac.as_slice()),
        };
        Ok([&[op_code], unsigned.as_slice(), mac].concat())
    }

    /// As in the RFC.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::One(_) => "GPSK-1",
            Self::Two(_) => "GPSK-2",
            Self::Three(_) => "GPSK-3",
            Self::Four(_) => "GPSK-4",
            Self::Fail(_) => "GPSK-Fail",
            Self::ProtectedFail(_) => "GPSK-Protected-Fail",
        }
    }
}

impl Gpsk1 {
    fn octets(&self) -> Result<Vec<u8>, DecodeError> {
        let mut octets = Vec::new();
        push_counted(&mut octets, &self.id_server)?;
        octets.extend(self.rand_server);
        push_counted(&mut octets, &list(&self.suites))?;
        Ok(octets)
    }
}

impl Gpsk2 {
    /// What the MAC is over.
    ///
    /// # Errors
    /// A part longer than its count can tell.
    pub fn unsigned(&self) -> Result<Vec<u8>, DecodeError> {
        let mut octets = Vec::new();
        push_counted(&mut octets, &self.id_peer)?;
        push_counted(&mut octets, &self.id_server)?;
        octets.extend(self.rand_peer);
        octets.extend(self.rand_server);
        push_counted(&mut octets, &list(&self.suites))?;
        octets.extend(self.selected.0);
        push_counted(&mut octets, &self.protected)?;
        Ok(octets)
    }
}

impl Gpsk3 {
    /// What the MAC is over.
    ///
    /// # Errors
    /// A part longer than its count can tell.
    pub fn unsigned(&self) -> Result<Vec<u8>, DecodeError> {
        let mut octets = Vec::new();
        octets.extend(self.rand_peer);
        octets.extend(self.rand_server);
        push_counted(&mut octets, &self.id_server)?;
        octets.extend(self.selected.0);
        push_counted(&mut octets, &self.protected)?;
        Ok(octets)
    }
}

impl Gpsk4 {
    /// What the MAC is over.
    ///
    /// # Errors
    /// A part longer than its count can tell.
    pub fn unsigned(&self) -> Result<Vec<u8>, DecodeError> {
        let mut octets = Vec::new();
        push_counted(&mut octets, &self.protected)?;
        Ok(octets)
    }
}

impl GpskProtectedFail {
    /// What the MAC is over.
    #[must_use]
    pub fn unsigned(&self) -> Vec<u8> {
        self.code.0.to_be_bytes().to_vec()
    }
}

fn list(suites: &[CSuite]) -> Vec<u8> {
    suites.iter().flat_map(|suite| suite.0).collect()
}

fn push_counted(octets: &mut Vec<u8>, part: &[u8]) -> Result<(), DecodeError> {
    let count = u16::try_from(part.len()).map_err(|_| {
        DecodeError::new("GPSK length", Need::AtMost(usize::from(u16::MAX)), Have::Octets(part.len()))
    })?;
    octets.extend(count.to_be_bytes());
    octets.extend_from_slice(part);
    Ok(())
}

/// The octets that are not read yet.
struct Rest<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn gpsk1(&mut self) -> Result<Gpsk1, DecodeError> {
        let read = Gpsk1 {
            id_server: self.counted("GPSK ID_Server")?,
            rand_server: self.exactly("GPSK RAND_Server")?,
            suites: self.suites()?,
        };
        self.end()?;
        Ok(read)
    }

    fn gpsk2(&mut self) -> Result<Gpsk2, DecodeError> {
        Ok(Gpsk2 {
            id_peer: self.counted("GPSK ID_Peer")?,
            id_server: self.counted("GPSK ID_Server")?,
            rand_peer: self.exactly("GPSK RAND_Peer")?,
            rand_server: self.exactly("GPSK RAND_Server")?,
            suites: self.suites()?,
            selected: CSuite(self.exactly("GPSK CSuite_Sel")?),
            protected: self.counted("GPSK PD_Payload_Block")?,
            mac: self.mac(),
        })
    }

    fn gpsk3(&mut self) -> Result<Gpsk3, DecodeError> {
        Ok(Gpsk3 {
            rand_peer: self.exactly("GPSK RAND_Peer")?,
            rand_server: self.exactly("GPSK RAND_Server")?,
            id_server: self.counted("GPSK ID_Server")?,
            selected: CSuite(self.exactly("GPSK CSuite_Sel")?),
            protected: self.counted("GPSK PD_Payload_Block")?,
            mac: self.mac(),
        })
    }

    fn suites(&mut self) -> Result<Vec<CSuite>, DecodeError> {
        let at = self.at;
        let list = self.counted("GPSK CSuite_List")?;
        let (suites, rest) = list.as_chunks::<SUITE_LEN>();
        if !rest.is_empty() {
            let (need, have) = (Need::MultipleOf(SUITE_LEN), Have::Octets(list.len()));
            return Err(DecodeError::new("GPSK CSuite_List", need, have).shifted(at));
        }
        Ok(suites.iter().map(|suite| CSuite(*suite)).collect())
    }

    fn failure_code(&mut self) -> Result<FailureCode, DecodeError> {
        self.exactly("GPSK Failure-Code").map(|code| FailureCode(u32::from_be_bytes(code)))
    }

    fn counted(&mut self, field: &'static str) -> Result<Vec<u8>, DecodeError> {
        let count = u16::from_be_bytes(self.exactly(field)?);
        self.take(field, usize::from(count)).map(<[u8]>::to_vec)
    }

    fn exactly<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let mut octets = [0; N];
        octets.copy_from_slice(self.take(field, N)?);
        Ok(octets)
    }

    fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.octets.split_at_checked(count) else {
            let have = Have::Octets(self.octets.len());
            return Err(DecodeError::new(field, Need::Octets(count), have).shifted(self.at));
        };
        self.octets = rest;
        self.at += count;
        Ok(taken)
    }

    fn mac(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.octets).to_vec()
    }

    fn end(&self) -> Result<(), DecodeError> {
        match self.octets.len() {
            0 => Ok(()),
            more => Err(DecodeError::new("GPSK payload", Need::Absent, Have::Octets(more)).shifted(self.at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> [Gpsk; 6] {
        let (rand_peer, rand_server) = ([0xbb; 32], [0xaa; 32]);
        let suites = vec![CSuite::AES_CMAC, CSuite::HMAC_SHA256];
        let (id_server, selected) = (b"server".to_vec(), CSuite::AES_CMAC);
        let one = Gpsk1 { id_server: id_server.clone(), rand_server, suites: suites.clone() };
        let two = Gpsk2 {
            id_peer: b"peer@example.com".to_vec(),
            id_server: id_server.clone(),
            rand_peer,
            rand_server,
            suites,
            selected,
            protected: vec![1, 2, 3],
            mac: vec![4; 16],
        };
        let (protected, mac) = (Vec::new(), vec![5; 32]);
        let three =
            Gpsk3 { rand_peer, rand_server, id_server, selected, protected: Vec::new(), mac: mac.clone() };
        let code = FailureCode::AUTHENTICATION_FAILURE;
        [
            Gpsk::One(one),
            Gpsk::Two(two),
            Gpsk::Three(three),
            Gpsk::Four(Gpsk4 { protected, mac: mac.clone() }),
            Gpsk::Fail(GpskFail(code)),
            Gpsk::ProtectedFail(GpskProtectedFail { code, mac }),
        ]
    }

    #[test]
    fn messages_are_read_and_written_alike() {
        for message in samples() {
            let octets = message.to_vec().expect("short");
            assert_eq!(Gpsk::parse(&octets), Ok(message));
        }
    }

    #[test]
    fn a_message_cut_anywhere_before_its_mac_is_refused() {
        for message in samples() {
            let octets = message.to_vec().expect("short");
            let mac = match &message {
                Gpsk::Two(two) => two.mac.len(),
                Gpsk::Three(three) => three.mac.len(),
                Gpsk::Four(four) => four.mac.len(),
                Gpsk::ProtectedFail(fail) => fail.mac.len(),
                Gpsk::One(_) | Gpsk::Fail(_) => 0,
            };
            for end in 0..octets.len() - mac {
                assert!(Gpsk::parse(&octets[..end]).is_err(), "{} cut to {end}", message.name());
            }
        }
    }

    #[test]
    fn what_is_left_over_is_refused() {
        for message in samples() {
            let mut octets = message.to_vec().expect("short");
            octets.push(0);
            let signed = !matches!(message, Gpsk::One(_) | Gpsk::Fail(_));
            assert_eq!(Gpsk::parse(&octets).is_ok(), signed, "{}: a MAC takes it all", message.name());
        }
    }

    #[test]
    fn suites_come_whole_and_op_codes_are_assigned() {
        let error = Gpsk::parse(&[&[1, 0, 0], [0; 32].as_slice(), &[0, 5, 0, 0, 0, 0, 0]].concat());
        assert_eq!(error.map_err(|error| error.need), Err(Need::MultipleOf(6)));
        assert!(Gpsk::parse(&[0]).is_err() && Gpsk::parse(&[7]).is_err() && Gpsk::parse(&[]).is_err());
    }
}

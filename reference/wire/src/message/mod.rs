//! RFC 6618 sections 5.3, 5.8 and 5.9: the messages MHAuth-Init, -Mid and -Done.
//!
//! Their names are not on the wire; what a message is follows from its Identifier and headers (MS-01).

mod fields;
mod grant;
mod request;
mod response;

pub use grant::{BOOTSTRAPPING, Bootstrap, Grant, KeyOctets, SA_DATA, SaData};
pub use request::{DoneRequest, InitRequest, MidRequest, Request};
pub use response::{FinalResponse, InitResponse, MidResponse, Response};

use crate::value::Mac;

/// A received `auth` and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The peer's MAC, not verified yet.
    pub mac: Mac,
    /// The msg-octets are this many octets from the start of the content.
    pub covered: usize,
}

//! Traces: what MNs said to a HAC and its HA, written so that it can be said again to any other.
//!
//! A [`Trace`] is a list of steps in JSON, short enough to be written by hand: requests as lines of TV-headers, packets
//! as what they carry. Each step belongs to one conversation of one MN, and the steps of all of them stand in the order
//! in which they happened. What has to be new each time (nonces, `auth`, the SA, addresses, ICVs) stands as a word in angle
//! brackets or is left out, and [`replay()`] makes it anew and says so. The answers are judged by the rules of the suite;
//! what was answered when the trace was taken is kept beside them, to be compared.

mod bindings;
mod datagram;
mod demand;
mod eap;
mod flow;
mod generate;
mod inner_packet;
mod lint;
mod replay;
mod request;
mod session;
mod step;
mod text;
mod user_data;
mod vectors;
mod walk;

use std::collections::BTreeSet;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use generate::{faults, generate};
pub use lint::{Complaint, lint};
pub use replay::{Difference, Renewed, Replayed, replay};
pub use step::{Act, Step, Whose};
pub use text::{TextError, literal};
pub use vectors::from_vectors;

/// Names the format; changes with every incompatible change of it.
pub const SCHEMA: &str = "mip6-conform/trace/1";

/// What MNs did, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Always `mip6-conform/trace/1`.
    pub schema: String,
    /// A short name of lower-case letters, digits and hyphens; results are told under it.
    pub name: String,
    /// What happens, in one line.
    pub story: String,
    /// Where it was taken from, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// What is said and heard, in order; each object holds one of `request`, `octets`, `response`, `closed`, `packet` and
    /// `answer`.
    pub steps: Vec<Step>,
}

/// An end of the TLS session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The MN, by close_notify.
    Mn,
    /// The HAC.
    Hac,
}

/// A container to the HAC (RFC 6618 sections 5.1 and 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Ver, 0 to 7; 0 where it is left out.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub version: u8,
    /// Rsrvd, 0 to 31; 0 where it is left out.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub reserved: u8,
    /// Identifier.
    pub identifier: u8,
    /// Length, where it is not the length of the Content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub length: Option<u16>,
    /// The lines of the Content without their CRLF. Octets that are not printable, backslashes and `<` are escaped
    /// (`\xNN`, `\\`, `\<`); words in angle brackets are filled in: `<mn-id>`, `<mn-rand>`, `<hac-rand>`, `<auth>`,
    /// `<eap-gpsk>` or `<eap-md5>` for what a peer of that method says to the last EAP request, and those for what MN
    /// and HAC shall not share (`pcaps/README.md` lists them).
    pub headers: Vec<String>,
    /// What stands behind the lines, escaped in the same way; two empty lines where it is left out.
    #[serde(skip_serializing_if = "is_usual_end", default = "usual_end")]
    pub end: String,
}

/// What the HAC once answered: kept to be compared, never demanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Identifier.
    pub identifier: u8,
    /// `status-code`, as written; nothing before the last response.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// Whether SA data was in it.
    #[serde(skip_serializing_if = "is_false", default)]
    pub sa_data: bool,
}

/// A datagram to the HA (RFC 6618 sections 6.1 to 6.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Packet {
    /// PType, 0 to 15.
    pub ptype: u8,
    /// SPI, where it is not that of the SA (or 0 below PType 0).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spi: Option<u32>,
    /// Sequence Number; the SA is a new one, so its numbers begin again.
    pub sequence: u32,
    /// What it carries.
    pub carries: Carried,
    /// Next Header, where it does not fit what is carried.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_header: Option<u8>,
    /// Padding in hex, where it is not the shortest right one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub padding: Option<String>,
    /// Whether the ICV fits.
    #[serde(skip_serializing_if = "is_usual", default)]
    pub icv: Fit,
}

/// Whether a check value fits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// It does.
    #[default]
    Right,
    /// It does not.
    Wrong,
}

/// What a packet carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Carried {
    /// A Binding Update behind a Home Address option (RFC 6275 sections 6.1.7 and 6.3).
    BindingUpdate(BindingUpdate),
    /// An ICMPv6 echo request to the correspondent of the run.
    EchoRequest {
        /// ICMPv6 sequence number.
        sequence: u16,
    },
    /// Any other IP packet, to the correspondent of the run.
    IpPacket {
        /// In hex, from the IP header on. Its addresses are of no account: home address and correspondent stand in their
        /// place, and checksums over them are changed by as much, so that wrong ones stay wrong.
        octets: String,
        /// Its source, where that is not the home address.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        source: Option<IpAddr>,
    },
    /// Octets in hex; Next Header has to be said. Addresses in them stay as they were.
    Octets(String),
}

/// A Binding Update to the HA (RFC 6275 section 6.1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BindingUpdate {
    /// Its Sequence #.
    pub sequence: u16,
    /// In units of 4 seconds; 0 de-registers.
    pub lifetime: u16,
    /// The flags that are set, of A, H, L, K.
    #[serde(skip_serializing_if = "is_registration", default = "registration")]
    pub flags: String,
    /// The home address in the option and in the checksum, where it is not that of the bootstrap.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<core::net::Ipv6Addr>,
    /// The checksum.
    #[serde(skip_serializing_if = "is_usual", default)]
    pub checksum: Fit,
}

/// What the HA once answered: kept to be compared, never demanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// A Binding Acknowledgement.
    BindingAck {
        /// Its status (RFC 6275 section 6.1.8).
        status: u8,
    },
    /// A Binding Error.
    BindingError {
        /// Its status (RFC 6275 section 6.1.9).
        status: u8,
    },
    /// An ICMPv6 echo reply.
    EchoReply {
        /// ICMPv6 sequence number.
        sequence: u16,
    },
    /// An IP packet of another kind.
    IpPacket {
        /// What it carries: a protocol number.
        protocol: u8,
    },
    /// Something else, in words.
    Other(String),
}

/// Why a file is no trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// Not the JSON that we read.
    #[error("not a trace: {0}")]
    Json(String),
    /// Another format, or one to come.
    #[error("a trace of the format {have}; this tool reads {SCHEMA}")]
    Schema {
        /// As written, escaped.
        have: String,
    },
    /// It cannot be played as it is.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Complaints(Vec<Complaint>),
}

impl Trace {
    /// Reads a trace and lints it.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub fn from_json(text: &str) -> Result<Self, TraceError> {
        let trace: Self = serde_json::from_str(text).map_err(|error| TraceError::Json(error.to_string()))?;
        if trace.schema != SCHEMA {
            return Err(TraceError::Schema { have: literal(trace.schema.as_bytes()) });
        }
        let complaints = lint(&trace);
        if complaints.is_empty() { Ok(trace) } else { Err(TraceError::Complaints(complaints)) }
    }

    /// Readable JSON with a newline at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A tree of strings and numbers always has a JSON form.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// The JSON schema of this format.
    #[must_use]
    pub fn json_schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

impl Trace {
    /// The conversations in it, in the order of their first steps.
    #[must_use]
    pub fn conversations(&self) -> Vec<&Whose> {
        first_of_each(self.steps.iter().map(|step| &step.whose))
    }

    /// The MNs in it, in the order of their first steps.
    #[must_use]
    pub fn mns(&self) -> Vec<Option<&str>> {
        first_of_each(self.steps.iter().map(|step| step.whose.mn.as_deref()))
    }
}

fn first_of_each<T: Ord + Clone>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    all.filter(|one| seen.insert(one.clone())).collect()
}

impl Request {
    /// A request whose container is as it should be.
    #[must_use]
    pub fn new(identifier: u8, headers: Vec<String>) -> Self {
        Self { version: 0, reserved: 0, identifier, length: None, headers, end: usual_end() }
    }
}

const USUAL_END: &str = r"\r\n\r\n";

fn usual_end() -> String {
    USUAL_END.to_owned()
}

fn is_usual_end(end: &str) -> bool {
    end == USUAL_END
}

const REGISTRATION: &str = "AH";

fn registration() -> String {
    REGISTRATION.to_owned()
}

fn is_registration(flags: &str) -> bool {
    flags == REGISTRATION
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_usual(fit: &Fit) -> bool {
    *fit == Fit::Right
}

//! A step of a trace: what happens, and in whose conversation.

use core::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Packet, Party, Request, Response};

/// What happens, and in whose conversation. In JSON one object: `mn`, `connection`, and what happens by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Form", into = "Form")]
#[schemars(with = "Form")]
pub struct Step {
    /// Who says or hears it, and on which of its connections.
    pub whose: Whose,
    /// What happens.
    pub act: Act,
}

/// One conversation of one MN: a TLS session with the HAC, and the SA that is granted on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whose {
    /// The MN, by a name that means nothing outside the trace; nothing where there is one only.
    pub mn: Option<String>,
    /// Its connections are counted from 1.
    pub connection: u16,
}

/// What happens. `Request`, `Octets` and `Packet` are sent; `Response`, `Closed` and `Answer` are waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A container to the HAC.
    Request(Request),
    /// Octets into the TLS session that are no container, in hex.
    Octets(String),
    /// A container of the HAC.
    Response(Response),
    /// One end of the TLS session ends.
    Closed(Party),
    /// A datagram to the HA.
    Packet(Packet),
    /// A datagram of the HA.
    Answer(Answer),
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mn {
            Some(mn) => write!(f, "{mn}, connection {}", self.connection),
            None => write!(f, "connection {}", self.connection),
        }
    }
}

impl Default for Whose {
    fn default() -> Self {
        Self { mn: None, connection: 1 }
    }
}

/// In a trace of one MN with one connection there is no need to say whose a step is.
impl From<Act> for Step {
    fn from(act: Act) -> Self {
        Self { whose: Whose::default(), act }
    }
}

impl Act {
    /// Whether it goes to the HAC.
    pub(super) const fn asks_hac(&self) -> bool {
        matches!(self, Self::Request(_) | Self::Octets(_))
    }

    /// Whether it passes between MN and HA.
    pub(super) const fn is_of_ha(&self) -> bool {
        matches!(self, Self::Packet(_) | Self::Answer(_))
    }
}

/// A step as it is written: of all that can happen, one thing.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Step", extend("oneOf" = [
    {"required": ["request"]}, {"required": ["octets"]}, {"required": ["response"]},
    {"required": ["closed"]}, {"required": ["packet"]}, {"required": ["answer"]},
]))]
struct Form {
    /// Which MN, by a name that means nothing outside the trace; left out where there is one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    mn: Option<String>,
    /// Which connection of that MN to the HAC, and for packets: the SA that was granted on it. 1 where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u16>,
    /// A container to the HAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
    /// Octets into the TLS session that are no container, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    octets: Option<String>,
    /// A container of the HAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response>,
    /// One end of the TLS session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<Party>,
    /// A datagram to the HA.
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<Packet>,
    /// A datagram of the HA.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

impl TryFrom<Form> for Step {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        let Form { mn, connection, request, octets, response, closed, packet, answer } = form;
        let acts = [
            request.map(Act::Request),
            octets.map(Act::Octets),
            response.map(Act::Response),
            closed.map(Act::Closed),
            packet.map(Act::Packet),
            answer.map(Act::Answer),
        ];
        let mut acts = acts.into_iter().flatten();
        match (acts.next(), acts.next()) {
            (Some(act), None) => Ok(Self { whose: Whose { mn, connection: connection.unwrap_or(1) }, act }),
            _ => Err("a step is one of request, octets, response, closed, packet and answer"),
        }
    }
}

impl From<Step> for Form {
    fn from(Step { whose: Whose { mn, connection }, act }: Step) -> Self {
        let form = Self { mn, connection: Some(connection).filter(|&number| number != 1), ..Self::default() };
        match act {
            Act::Request(request) => Self { request: Some(request), ..form },
            Act::Octets(octets) => Self { octets: Some(octets), ..form },
            Act::Response(response) => Self { response: Some(response), ..form },
            Act::Closed(closed) => Self { closed: Some(closed), ..form },
            Act::Packet(packet) => Self { packet: Some(packet), ..form },
            Act::Answer(answer) => Self { answer: Some(answer), ..form },
        }
    }
}

//! RFC 6618 sections 5.3, 5.8 and 5.9: why a HAC refuses a request, and the one table from reason to status code (5.5.4).
//!
//! The specification names codes but no reasons; the table is the project's reading (readings, section 8).

use std::fmt;

use wire::error::{DecodeError, Have, Need};
use wire::value::Status;

/// Why a request is refused. All but [`Refusal::Internal`], [`Refusal::Exhausted`], [`Refusal::AaaSilent`] and
/// [`Refusal::TooManyRounds`] are the mobile node's doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The octets of the container or of its content are not a request.
    Malformed(DecodeError),
    /// A container of another protocol version (CT-01).
    Version {
        /// The version that came, 1 to 7.
        have: u8,
    },
    /// An Identifier that is 0, not 1 at first, or not above the one before (EX-01 to EX-03).
    Identifier {
        /// What fits: exactly 1 at first, later anything from here on.
        need: Need,
        /// The Identifier that came.
        have: u8,
    },
    /// A message that is legal elsewhere, such as Mid in an exchange by PSK (MS-08).
    OutOfOrder {
        /// The message that fits here.
        need: &'static str,
        /// The message that came.
        have: &'static str,
    },
    /// A header that this step needs is absent (MS-02).
    Missing {
        /// The wire name of the header.
        header: &'static str,
    },
    /// No offered authentication method can be used (VA-22).
    NoCommonMethod,
    /// No offered ciphersuite is allowed by policy (MS-12).
    NoCommonSuite,
    /// Nobody of this name is known, so that there is no key to sign the answer with (AU-06).
    UnknownIdentity,
    /// The EAP method did not end well: wrong secret, unknown identity, or no method in common (EA-05).
    EapFailure,
    /// The AAA server that knows the mobile node did not answer in time.
    AaaSilent,
    /// EAP was not over when the Identifiers were (EX-05).
    TooManyRounds,
    /// `auth` does not verify: wrong key, wrong label, other octets, or another TLS connection (AU-09).
    WrongAuth,
    /// An echoed random value is not the one of this exchange (MS-10).
    WrongEcho {
        /// The wire name of the header.
        header: &'static str,
    },
    /// `mn-id` names somebody else than the request Init did (MS-07).
    IdentityChanged,
    /// No home address, or no SPI, is left to give.
    Exhausted {
        /// What ran out.
        what: &'static str,
    },
    /// The HAC itself failed.
    Internal {
        /// What failed.
        what: &'static str,
    },
}

impl Refusal {
    /// What goes on the wire.
    pub fn status(&self) -> Status {
        match self {
            Self::Malformed(_)
            | Self::Identifier { .. }
            | Self::OutOfOrder { .. }
            | Self::Missing { .. }
            | Self::IdentityChanged => Status::BAD_REQUEST,
            Self::UnknownIdentity | Self::EapFailure | Self::WrongAuth | Self::WrongEcho { .. } => {
                Status::UNAUTHORIZED
            }
            Self::Version { .. } | Self::NoCommonMethod | Self::NoCommonSuite => Status::NOT_IMPLEMENTED,
            Self::TooManyRounds | Self::Internal { .. } => Status::INTERNAL_SERVER_ERROR,
            Self::Exhausted { .. } => Status::SERVICE_UNAVAILABLE,
            Self::AaaSilent => Status::GATEWAY_TIMEOUT,
        }
    }

    /// What failed.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.field,
            Self::Version { .. } => "Ver",
            Self::Identifier { .. } => "Identifier",
            Self::OutOfOrder { .. } => "message",
            Self::Missing { header } | Self::WrongEcho { header } => header,
            Self::NoCommonMethod => "auth-method",
            Self::NoCommonSuite => "mip6-suitelist",
            Self::UnknownIdentity | Self::IdentityChanged => "mn-id",
            Self::EapFailure => "eap-payload",
            Self::AaaSilent => "AAA server",
            Self::TooManyRounds => "Identifier",
            Self::WrongAuth => "auth",
            Self::Exhausted { what } | Self::Internal { what } => what,
        }
    }

    /// What would have been right.
    pub fn need(&self) -> Need {
        match self {
            Self::Malformed(error) => error.need.clone(),
            Self::Version { .. } => Need::Value(0),
            Self::Identifier { need, .. } => need.clone(),
            Self::OutOfOrder { need, .. } => Need::OneOf(need),
            Self::Missing { .. } => Need::Present,
            Self::NoCommonMethod => Need::OneOf("a method of the policy"),
            Self::NoCommonSuite => Need::OneOf("a suite of the policy"),
            Self::UnknownIdentity => Need::OneOf("a provisioned identity"),
            Self::IdentityChanged => Need::OneOf("the mn-id of the request Init"),
            Self::EapFailure => Need::OneOf("a proof that an EAP method of the policy takes"),
            Self::AaaSilent => Need::OneOf("an answer in time"),
            Self::TooManyRounds => Need::OneOf("the end of EAP before request 255"),
            Self::WrongAuth => Need::OneOf("the MAC of this message on this connection"),
            Self::WrongEcho { .. } => Need::OneOf("the value of this exchange"),
            Self::Exhausted { .. } | Self::Internal { .. } => Need::Present,
        }
    }

    /// What was there, where it can be shown.
    pub fn have(&self) -> Have {
        match self {
            Self::Malformed(error) => error.have.clone(),
            Self::Version { have } | Self::Identifier { have, .. } => Have::Value(u64::from(*have)),
            Self::OutOfOrder { have, .. } => Have::Text(have.as_bytes().to_vec()),
            _ => Have::Nothing,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: need {}, have {}", self.field(), self.need(), self.have())
    }
}

impl std::error::Error for Refusal {}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

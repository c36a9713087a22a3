//! RFC 6618 sections 5.3, 5.8 and 5.9: what a HAC sends.

use super::Signature;
use super::fields::Fields;
use super::grant::{Grant, SA_DATA};
use super::request::{methods, push_optional};
use crate::error::{DecodeError, Have, Need};
use crate::header::Draft;
use crate::param::Name;
use crate::value::{Date, Method, Random, Status, eap, hex};

/// A response of any kind.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// Response/MHAuth-Init without a status.
    Init(InitResponse),
    /// Response/MHAuth-Mid.
    Mid(MidResponse),
    /// The response that ends the exchange, at whatever step.
    Final(FinalResponse),
}

impl Response {
    /// Reads content: `status-code` makes it final (MS-04), else `auth-method` makes it Init, anything else is Mid.
    ///
    /// # Errors
    /// Bad lines, repeated headers, a header behind `auth`, missing headers, bad values; SA data beside a status other
    /// than 200.
    pub fn parse(content: &[u8]) -> Result<Self, DecodeError> {
        let fields = Fields::with_auth_last(content)?;
        if fields.has(Name::StatusCode) {
            return FinalResponse::read(&fields).map(Self::Final);
        }
        if fields.has(Name::AuthMethod) {
            return InitResponse::read(&fields).map(Self::Init);
        }
        MidResponse::read(&fields).map(Self::Mid)
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        match self {
            Self::Init(init) => init.draft(),
            Self::Mid(mid) => mid.draft(),
            Self::Final(last) => last.draft(),
        }
    }
}

/// The response that selects a method (MS-03).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitResponse {
    /// The one method selected (MS-09).
    pub method: Method,
    /// The MN's random as received; always there with PSK.
    pub mn_rand: Option<Random>,
    /// The HAC's random; always there with PSK.
    pub hac_rand: Option<Random>,
    /// An EAP packet; always there with EAP.
    pub eap: Option<Vec<u8>>,
    /// The HAC's `auth`.
    pub auth: Signature,
}

impl InitResponse {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        let methods = methods(fields)?;
        let method = methods.only().ok_or_else(|| {
            let count = methods.known.len() + methods.unknown;
            let need = Need::Grammar("psk or eap, and only one of them");
            DecodeError::new(Name::AuthMethod.as_str(), need, Have::Value(count as u64))
        })?;
        let read = Self {
            method,
            mn_rand: fields.optional(Name::MnRand, Random::parse)?,
            hac_rand: fields.optional(Name::HacRand, Random::parse)?,
            eap: fields.optional(Name::EapPayload, eap::parse)?,
            auth: fields.required_signature()?,
        };
        let needed: &[Name] = match method {
            Method::Psk => &[Name::MnRand, Name::HacRand],
            Method::Eap => &[Name::EapPayload],
        };
        for &name in needed {
            fields.present(name)?;
        }
        Ok(read)
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        push_optional(&mut draft, Name::MnRand, self.mn_rand.as_ref());
        push_optional(&mut draft, Name::HacRand, self.hac_rand.as_ref());
        draft.push(Name::AuthMethod, self.method);
        push_eap(&mut draft, self.eap.as_deref());
        draft
    }
}

/// A response in the middle of an EAP conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MidResponse {
    /// An EAP packet; none where the method ended and the HAC waits for Done.
    pub eap: Option<Vec<u8>>,
    /// The HAC's `auth`.
    pub auth: Signature,
}

impl MidResponse {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self { eap: fields.optional(Name::EapPayload, eap::parse)?, auth: fields.required_signature()? })
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        push_eap(&mut draft, self.eap.as_deref());
        draft
    }
}

/// The response that ends the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalResponse {
    /// How it ended; never [`Status::CONTINUE`] (VA-07).
    pub status: Status,
    /// The MN's random as received, if there was one.
    pub mn_rand: Option<Random>,
    /// The HAC's random, if one was sent.
    pub hac_rand: Option<Random>,
    /// With EAP: an EAP packet.
    pub eap: Option<Vec<u8>>,
    /// When to try again.
    pub retry_after: Option<Date>,
    /// The SA and what to use it with: there with status 200, and with no other.
    pub grant: Option<Grant>,
    /// The HAC's `auth`; only an error may lack it, where no key is known (AU-06).
    pub auth: Option<Signature>,
}

impl FinalResponse {
    /// An error that carries nothing else yet.
    #[must_use]
    pub const fn error(status: Status) -> Self {
        Self { status, mn_rand: None, hac_rand: None, eap: None, retry_after: None, grant: None, auth: None }
    }

    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        let status = fields.required(Name::StatusCode, final_status)?;
        let granted = status == Status::OK;
        if !granted {
            for name in SA_DATA {
                fields.absent(name)?;
            }
        }
        let auth = fields.signature()?;
        if granted && auth.is_none() {
            fields.present(Name::Auth)?;
        }
        Ok(Self {
            status,
            mn_rand: fields.optional(Name::MnRand, Random::parse)?,
            hac_rand: fields.optional(Name::HacRand, Random::parse)?,
            eap: fields.optional(Name::EapPayload, eap::parse)?,
            retry_after: fields.optional(Name::RetryAfter, Date::parse)?,
            grant: granted.then(|| Grant::read(fields)).transpose()?,
            auth,
        })
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        if let Some(grant) = &self.grant {
            grant.push(&mut draft);
        }
        push_optional(&mut draft, Name::MnRand, self.mn_rand.as_ref());
        push_optional(&mut draft, Name::HacRand, self.hac_rand.as_ref());
        push_eap(&mut draft, self.eap.as_deref());
        draft.push(Name::StatusCode, self.status);
        push_optional(&mut draft, Name::RetryAfter, self.retry_after.as_ref());
        draft
    }
}

fn final_status(value: &[u8]) -> Result<Status, DecodeError> {
    let status = Status::parse(value)?;
    if status == Status::CONTINUE {
        let need = Need::Grammar("a status that can end the exchange");
        return Err(DecodeError::new("status", need, Have::Value(100)));
    }
    Ok(status)
}

fn push_eap(draft: &mut Draft, packet: Option<&[u8]>) {
    let packet = packet.map(hex::encode);
    push_optional(draft, Name::EapPayload, packet.as_ref());
}

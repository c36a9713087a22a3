//! RFC 6618 sections 5.3, 5.8 and 5.9: what an MN sends.

use super::Signature;
use super::fields::Fields;
use crate::container::Identifier;
use crate::error::DecodeError;
use crate::header::Draft;
use crate::param::Name;
use crate::value::{Methods, Nai, Random, Scope, SuiteList, eap, hex};

/// A request of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Request/MHAuth-Init.
    Init(InitRequest),
    /// Request/MHAuth-Mid.
    Mid(MidRequest),
    /// Request/MHAuth-Done.
    Done(DoneRequest),
}

impl Request {
    /// Reads content: Identifier 1 makes it Init, `mip6-sas` or `mip6-suitelist` Done, anything else Mid (MS-01).
    ///
    /// Headers that are unknown or have no place in the message are passed over (TV-07, TV-16).
    ///
    /// # Errors
    /// Bad lines, repeated headers, a header behind `auth` (but for Init, which has no `auth`: there it and its place
    /// are ignored), missing headers, bad values.
    pub fn parse(identifier: Identifier, content: &[u8]) -> Result<Self, DecodeError> {
        if identifier == Identifier::FIRST {
            let fields = Fields::of_any_order(content)?;
            return InitRequest::read(&fields).map(Self::Init);
        }
        let fields = Fields::with_auth_last(content)?;
        if fields.has(Name::Sas) || fields.has(Name::Suitelist) {
            return DoneRequest::read(&fields).map(Self::Done);
        }
        MidRequest::read(&fields).map(Self::Mid)
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        match self {
            Self::Init(init) => init.draft(),
            Self::Mid(mid) => mid.draft(),
            Self::Done(done) => done.draft(),
        }
    }
}

/// The first request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitRequest {
    /// Who the MN says it is; no MAC covers it (MS-07).
    pub mn_id: Nai,
    /// What it proposes.
    pub methods: Methods,
    /// Its random; without one PSK cannot be selected (MS-02).
    pub mn_rand: Option<Random>,
}

impl InitRequest {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            mn_id: fields.required(Name::MnId, Nai::parse)?,
            methods: methods(fields)?,
            mn_rand: fields.optional(Name::MnRand, Random::parse)?,
        })
    }

    /// All lines; this message has no `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        draft.push(Name::MnId, &self.mn_id);
        push_optional(&mut draft, Name::MnRand, self.mn_rand.as_ref());
        draft.push(Name::AuthMethod, &self.methods);
        draft
    }
}

/// A request in the middle of an EAP conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MidRequest {
    /// An EAP packet.
    pub eap: Vec<u8>,
    /// The MN's `auth`.
    pub auth: Signature,
}

impl MidRequest {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self { eap: fields.required(Name::EapPayload, eap::parse)?, auth: fields.required_signature()? })
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        draft.push(Name::EapPayload, hex::encode(&self.eap));
        draft
    }
}

/// The request that asks for an SA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneRequest {
    /// A repeated identity; it has no place here but may be compared (MS-07).
    pub mn_id: Option<Nai>,
    /// With PSK: the MN's random again.
    pub mn_rand: Option<Random>,
    /// With PSK: the HAC's random as received.
    pub hac_rand: Option<Random>,
    /// What the SA shall protect.
    pub scope: Scope,
    /// The suites to choose from.
    pub suites: SuiteList,
    /// With EAP: an EAP packet.
    pub eap: Option<Vec<u8>>,
    /// The MN's `auth`.
    pub auth: Signature,
}

impl DoneRequest {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        let lists = fields.joined(Name::Suitelist, SuiteList::parse)?;
        Ok(Self {
            mn_id: fields.optional(Name::MnId, Nai::parse)?,
            mn_rand: fields.optional(Name::MnRand, Random::parse)?,
            hac_rand: fields.optional(Name::HacRand, Random::parse)?,
            scope: fields.required(Name::Sas, Scope::parse)?,
            suites: SuiteList(lists.into_iter().flat_map(|list| list.0).collect()),
            eap: fields.optional(Name::EapPayload, eap::parse)?,
            auth: fields.required_signature()?,
        })
    }

    /// All lines but `auth`.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new();
        push_optional(&mut draft, Name::MnId, self.mn_id.as_ref());
        push_optional(&mut draft, Name::MnRand, self.mn_rand.as_ref());
        push_optional(&mut draft, Name::HacRand, self.hac_rand.as_ref());
        draft.push(Name::Sas, self.scope);
        draft.push(Name::Suitelist, &self.suites);
        let packet = self.eap.as_deref().map(hex::encode);
        push_optional(&mut draft, Name::EapPayload, packet.as_ref());
        draft
    }
}

/// The methods of all `auth-method` headers as one list.
pub(super) fn methods(fields: &Fields<'_>) -> Result<Methods, DecodeError> {
    let lists = fields.joined(Name::AuthMethod, Methods::parse)?;
    let unknown = lists.iter().map(|list| list.unknown).sum();
    let known = lists.into_iter().flat_map(|list| list.known).collect();
    Ok(Methods { known, unknown })
}

pub(super) fn push_optional<T: std::fmt::Display>(draft: &mut Draft, name: Name, value: Option<&T>) {
    if let Some(value) = value {
        draft.push(name, value);
    }
}

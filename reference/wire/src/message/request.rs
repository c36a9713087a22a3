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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Need;
    use crate::value::{Mac, Method};

    const RAND: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const FIRST: Identifier = Identifier::FIRST;

    fn later() -> Identifier {
        FIRST.next().unwrap()
    }

    fn refusal(identifier: Identifier, content: &str) -> DecodeError {
        Request::parse(identifier, content.as_bytes()).expect_err(content)
    }

    #[test]
    fn identifier_1_makes_it_init() {
        let content = format!("mn-id:mn@example.com\r\nmn-rand:{RAND}\r\nauth-method:psk\r\n\r\n\r\n");
        let request = Request::parse(FIRST, content.as_bytes()).unwrap();
        assert_eq!(request.draft().octets(), content.as_bytes());
        let Request::Init(init) = request else { panic!("{request:?}") };
        assert_eq!(init.mn_id.as_str(), "mn@example.com");
        assert_eq!(init.methods, Method::Psk.into());
        assert!(init.mn_rand.is_some());
    }

    #[test]
    fn init_ignores_auth_and_its_place_and_strange_headers() {
        let content = "auth:zz\r\nmip6-spi:0\r\nX:y\r\nmn-id:a\r\nauth-method:eap\r\n";
        assert!(Request::parse(FIRST, content.as_bytes()).is_ok());
    }

    #[test]
    fn repeated_methods_join() {
        let content = "mn-id:a\r\nauth-method:psk\r\nauth-method:x,eap\r\n";
        let Ok(Request::Init(init)) = Request::parse(FIRST, content.as_bytes()) else { panic!("an Init") };
        assert_eq!(init.methods.known, [Method::Psk, Method::Eap]);
        assert_eq!(init.methods.unknown, 1);
    }

    #[test]
    fn init_needs_identity_and_method() {
        let error = refusal(FIRST, "auth-method:psk\r\n\r\n");
        assert_eq!((error.field, error.need, error.offset), ("mn-id", Need::Present, 17));
        let error = refusal(FIRST, "mn-id:a\r\n");
        assert_eq!((error.field, error.need), ("auth-method", Need::Present));
    }

    #[test]
    fn scope_or_suites_make_it_done() {
        let signed =
            format!("mn-rand:{RAND}\r\nhac-rand:{RAND}\r\nmip6-sas:1\r\nmip6-suitelist:{{00,2F}}\r\n");
        let content = format!("{signed}auth:{RAND}\r\n\r\n\r\n");
        let request = Request::parse(later(), content.as_bytes()).unwrap();
        let mut draft = request.draft();
        assert_eq!(draft.unsigned_octets(), signed.as_bytes());
        let Request::Done(done) = request else { panic!("{request:?}") };
        assert_eq!((done.scope, done.auth.covered), (Scope::AllTraffic, signed.len()));
        draft.sign(done.auth.mac);
        assert_eq!(draft.octets(), content.as_bytes());
        let error = refusal(later(), &format!("mip6-sas:1\r\nauth:{RAND}\r\n"));
        assert_eq!((error.field, error.need), ("mip6-suitelist", Need::Present));
        let error = refusal(later(), &format!("mip6-suitelist:{{00,2F}}\r\nauth:{RAND}\r\n"));
        assert_eq!((error.field, error.need), ("mip6-sas", Need::Present));
    }

    #[test]
    fn repeated_suite_lists_join() {
        let content =
            format!("mip6-sas:1\r\nmip6-suitelist:{{00,2F}}\r\nmip6-suitelist:{{00,02}}\r\nauth:{RAND}\r\n");
        let Ok(Request::Done(done)) = Request::parse(later(), content.as_bytes()) else { panic!("a Done") };
        assert_eq!(done.suites.to_string(), "{00,2F},{00,02}");
    }

    #[test]
    fn anything_else_is_mid() {
        let content = format!("eap-payload:0201000501\r\nauth:{RAND}\r\n");
        let request = Request::parse(later(), content.as_bytes()).unwrap();
        assert!(matches!(&request, Request::Mid(mid) if mid.eap == [2, 1, 0, 5, 1]));
        let error = refusal(later(), &format!("mn-id:a\r\nauth:{RAND}\r\n"));
        assert_eq!((error.field, error.need), ("eap-payload", Need::Present));
    }

    #[test]
    fn a_header_behind_auth_is_refused() {
        let content = format!("mip6-sas:1\r\nauth:{RAND}\r\nmip6-suitelist:{{00,2F}}\r\n");
        let error = refusal(later(), &content);
        assert_eq!((error.field, error.need, error.offset), ("auth", Need::Last, 12));
        let error = refusal(later(), &format!("auth:{RAND}\r\nX:y\r\n"));
        assert_eq!(error.need, Need::Last);
    }

    #[test]
    fn what_must_stand_once_is_refused_twice() {
        for name in Name::ALL {
            let content = format!("mn-id:a\r\nauth-method:psk\r\n{name}:0\r\n{name}:0\r\n");
            let error = Request::parse(FIRST, content.as_bytes()).err();
            let repeated = error.is_some_and(|error| error.need == Need::Once);
            let many = [Name::AuthMethod, Name::Suitelist, Name::DnsIp4, Name::DnsIp6];
            assert_eq!(repeated, !many.contains(&name), "{name}");
        }
    }

    #[test]
    fn octets_behind_the_end_are_refused() {
        let error = refusal(FIRST, "mn-id:a\r\nauth-method:psk\r\n\r\n\r\nx");
        assert_eq!((error.need, error.offset), (Need::Absent, 30));
    }

    #[test]
    fn a_bad_value_is_named_by_header_and_place() {
        let error = refusal(FIRST, "mn-id: a..b\r\nauth-method:psk\r\n");
        assert_eq!((error.field, error.offset), ("mn-id", 9));
        let error = refusal(later(), "mip6-sas:O\r\nmip6-suitelist:{00,2F}\r\n");
        assert_eq!((error.field, error.offset), ("mip6-sas", 9));
    }

    #[test]
    fn auth_covers_what_stands_before_it() {
        let content = format!("eap-payload:03010004\r\nAuth: {RAND}\r\n");
        let Ok(Request::Mid(mid)) = Request::parse(later(), content.as_bytes()) else { panic!("a Mid") };
        assert_eq!(mid.auth.covered, 22);
        assert_eq!(mid.auth.mac, Mac::parse(RAND.as_bytes()).unwrap());
        let error = refusal(later(), "eap-payload:03010004\r\nauth:00\r\n");
        assert_eq!((error.field, error.offset), ("auth", 27));
    }
}

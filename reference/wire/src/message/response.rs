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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Ciphersuite, Scope};

    const RAND: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const GRANT: &str = "mip6-sas:1\r\nmip6-spi:7\r\nmip6-mn-to-ha-ikey:01\r\nmip6-ha-to-mn-ikey:02\r\n\
        mip6-mn-to-ha-ekey:03\r\nmip6-ha-to-mn-ekey:04\r\n\
        mip6-sa-validity-end:Sun, 06 Nov 1994 08:49:37 GMT\r\nmip6-ciphersuite:{00,2F}\r\n";

    fn refusal(content: &str) -> DecodeError {
        Response::parse(content.as_bytes()).expect_err(content)
    }

    fn granted(lines: &str) -> String {
        format!("{lines}status-code:200\r\nauth:{RAND}\r\n\r\n\r\n")
    }

    fn grant(content: &str) -> Grant {
        match Response::parse(content.as_bytes()) {
            Ok(Response::Final(FinalResponse { grant: Some(grant), .. })) => grant,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_method_makes_it_init() {
        let signed = format!("mn-rand:{RAND}\r\nhac-rand:{RAND}\r\nauth-method:psk\r\n");
        let content = format!("{signed}auth:{RAND}\r\n\r\n\r\n");
        let response = Response::parse(content.as_bytes()).unwrap();
        assert_eq!(response.draft().unsigned_octets(), signed.as_bytes());
        let Response::Init(init) = response else { panic!("{response:?}") };
        assert_eq!((init.method, init.auth.covered), (Method::Psk, signed.len()));
    }

    #[test]
    fn init_selects_one_method_and_brings_what_it_needs() {
        for methods in ["psk,eap", "x", "psk,x", "psk\r\nauth-method:psk"] {
            let content = format!("auth-method:{methods}\r\nauth:{RAND}\r\n");
            assert_eq!(refusal(&content).field, "auth-method", "{methods}");
        }
        let error = refusal(&format!("mn-rand:{RAND}\r\nauth-method:psk\r\nauth:{RAND}\r\n"));
        assert_eq!((error.field, error.need), ("hac-rand", Need::Present));
        let error = refusal(&format!("auth-method:eap\r\nauth:{RAND}\r\n"));
        assert_eq!((error.field, error.need), ("eap-payload", Need::Present));
        let error = refusal(&format!("mn-rand:{RAND}\r\nhac-rand:{RAND}\r\nauth-method:psk\r\n"));
        assert_eq!((error.field, error.need), ("auth", Need::Present));
    }

    #[test]
    fn an_eap_packet_alone_is_mid() {
        let content = format!("eap-payload:01010004\r\nauth:{RAND}\r\n");
        let response = Response::parse(content.as_bytes()).unwrap();
        assert!(matches!(response, Response::Mid(mid) if mid.eap.is_some()));
    }

    #[test]
    fn a_grant_is_read_and_written_alike() {
        let bootstrap = "mip6-haa-ip6:2001:db8:0:0:0:0:0:2\r\nmip6-haa-ip4:192.0.2.2\r\nmip6-port:7872\r\n\
            mip6-ip6-hoa:2001:db8:0:0:0:0:0:1\r\nmip6-ip4-hoa:192.0.2.1\r\n\
            mip6-ip6-hnp:2001:db8:0:0:0:0:0:0/64\r\nmip6-ip4-hnp:192.0.2.0/24\r\n\
            dns-ip6:2001:db8:0:0:0:0:0:53\r\ndns-ip4:192.0.2.53\r\ndns-ip6:2001:db8:0:0:0:0:0:54\r\n";
        let content = granted(&format!("{GRANT}{bootstrap}mn-rand:{RAND}\r\nhac-rand:{RAND}\r\n"));
        let response = Response::parse(content.as_bytes()).unwrap();
        let mut draft = response.draft();
        draft.push(Name::Auth, RAND);
        assert_eq!(draft.octets(), content.as_bytes());
        let Grant { sa, bootstrap } = grant(&content);
        assert_eq!((sa.suite, sa.scope, sa.spi.get()), (Ciphersuite::Aes128Sha, Scope::AllTraffic, 7));
        assert_eq!((sa.ha_to_mn.ikey, sa.ha_to_mn.ekey), (vec![2], Some(vec![4])));
        assert_eq!(bootstrap.dns.len(), 3);
    }

    #[test]
    fn a_grant_needs_each_part_of_the_sa() {
        for line in GRANT.split_inclusive("\r\n") {
            let error = refusal(&granted(&GRANT.replace(line, "")));
            assert!(line.starts_with(error.field), "{line}: {error}");
            assert_eq!(error.need, Need::Present);
        }
    }

    #[test]
    fn a_suite_that_does_not_encrypt_has_no_encryption_keys() {
        let null = GRANT.replace("2F", "02");
        assert_eq!(grant(&granted(&null)).sa.mn_to_ha.ekey, None);
        let without = null.replace("mip6-mn-to-ha-ekey:03\r\nmip6-ha-to-mn-ekey:04\r\n", "");
        assert_eq!(grant(&granted(&without)), grant(&granted(&null)));
    }

    #[test]
    fn a_reserved_suite_cannot_be_selected() {
        let error = refusal(&granted(&GRANT.replace("{00,2F}", "{13,01}")));
        assert_eq!(error.field, "mip6-ciphersuite");
    }

    #[test]
    fn a_grant_is_signed() {
        let error = refusal(&format!("{GRANT}status-code:200\r\n"));
        assert_eq!((error.field, error.need), ("auth", Need::Present));
    }

    #[test]
    fn an_error_may_be_unsigned_and_brings_no_sa_data() {
        let content = "status-code:401\r\n\r\n\r\n";
        let expected = Response::Final(FinalResponse::error(Status::UNAUTHORIZED));
        assert_eq!(expected.draft().octets(), content.as_bytes());
        assert_eq!(Response::parse(content.as_bytes()), Ok(expected));
        for line in GRANT.split_inclusive("\r\n") {
            let error = refusal(&format!("{line}{content}"));
            assert_eq!((error.need, error.offset), (Need::Absent, 0));
        }
    }

    #[test]
    fn an_overloaded_hac_may_say_when_to_come_back() {
        let content = "status-code:503\r\nretry-after:Sun, 06 Nov 1994 08:49:37 GMT\r\n";
        let Ok(Response::Final(last)) = Response::parse(content.as_bytes()) else {
            panic!("a final response")
        };
        assert_eq!(last.retry_after.map(Date::unix_seconds), Some(784_111_777));
        assert_eq!(refusal("status-code:503\r\nretry-after:120\r\n").field, "retry-after");
    }

    #[test]
    fn continue_and_unlisted_codes_are_refused() {
        for code in ["100", "201", "404", "20"] {
            let error = refusal(&format!("status-code:{code}\r\n"));
            assert_eq!((error.field, error.offset), ("status-code", 12));
        }
    }

    #[test]
    fn keys_are_not_shown() {
        let shown = format!("{:?}", grant(&granted(&GRANT.replace(":03", ":c0ffee"))));
        assert!(shown.contains("ekey of 3 octets"), "{shown}");
        assert!(!shown.contains("192, 255"), "{shown}");
    }
}

//! Strategies for everything that is legal: values, messages, binding messages.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::container::Identifier;
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime};
use wire::{
    Bootstrap, Ciphersuite, Date, DoneRequest, FinalResponse, Grant, InitRequest, InitResponse, KeyOctets,
    Mac, Method, Methods, MidRequest, MidResponse, Nai, Port, Prefix4, Prefix6, Random, Request, Response,
    SaData, Scope, Signature, Spi, Status, SuiteCode, SuiteList,
};

/// A request and the MAC that signs it; `covered` is what its own draft says.
pub(crate) fn any_request() -> impl Strategy<Value = (Request, Mac)> {
    let request = prop_oneof![
        init_request().prop_map(Request::Init),
        mid_request().prop_map(Request::Mid),
        done_request().prop_map(Request::Done),
    ];
    (request, mac()).prop_map(|(mut request, mac)| {
        let signature = signature(&request.draft(), mac);
        match &mut request {
            Request::Init(_) => {}
            Request::Mid(mid) => mid.auth = signature,
            Request::Done(done) => done.auth = signature,
        }
        (request, mac)
    })
}

/// A response and the MAC that signs it, if its `auth` is there.
pub(crate) fn any_response() -> impl Strategy<Value = (Response, Mac)> {
    let response = prop_oneof![
        init_response().prop_map(Response::Init),
        mid_response().prop_map(Response::Mid),
        final_response().prop_map(Response::Final),
    ];
    (response, mac()).prop_map(|(mut response, mac)| {
        let signature = signature(&response.draft(), mac);
        match &mut response {
            Response::Init(init) => init.auth = signature,
            Response::Mid(mid) => mid.auth = signature,
            Response::Final(last) => last.auth = last.auth.map(|_| signature),
        }
        (response, mac)
    })
}

/// The Identifier that makes a request what it is.
pub(crate) fn request_kind(request: &Request) -> Identifier {
    match request {
        Request::Init(_) => Identifier::FIRST,
        Request::Mid(_) | Request::Done(_) => Identifier::new(2).unwrap(),
    }
}

pub(crate) fn binding_update() -> impl Strategy<Value = BindingUpdate> {
    let flags =
        any::<[bool; 4]>().prop_map(|[acknowledge, home_registration, link_local, key_management]| Flags {
            acknowledge,
            home_registration,
            link_local,
            key_management,
        });
    let fields = (any::<u16>(), flags, any::<u16>(), option::of(ip6()));
    fields.prop_map(|(sequence, flags, units, alternate_coa)| BindingUpdate {
        sequence,
        flags,
        lifetime: Lifetime(units),
        alternate_coa,
    })
}

pub(crate) fn binding_ack() -> impl Strategy<Value = BindingAck> {
    let fields = any::<(u8, bool, u16, u16, Option<u16>)>();
    fields.prop_map(|(status, key_management, sequence, units, refresh_advice)| BindingAck {
        status: BindingStatus(status),
        key_management,
        sequence,
        lifetime: Lifetime(units),
        refresh_advice,
    })
}

fn signature(draft: &wire::Draft, mac: Mac) -> Signature {
    let covered = draft.unsigned_octets().len();
    Signature { mac, covered }
}

fn unsigned() -> Signature {
    let (mac, covered) = (Mac([0; 32]), 0);
    Signature { mac, covered }
}

fn init_request() -> impl Strategy<Value = InitRequest> {
    let known = vec(prop::sample::select(Method::ALL.to_vec()), 1..3);
    let methods = known.prop_map(|known| Methods { known, unknown: 0 });
    (nai(), methods, option::of(random())).prop_map(|(mn_id, methods, mn_rand)| InitRequest {
        mn_id,
        methods,
        mn_rand,
    })
}

fn mid_request() -> impl Strategy<Value = MidRequest> {
    eap().prop_map(|eap| MidRequest { eap, auth: unsigned() })
}

fn done_request() -> impl Strategy<Value = DoneRequest> {
    let codes = vec(any::<[u8; 2]>().prop_map(SuiteCode), 1..6);
    let randoms = (option::of(random()), option::of(random()));
    (option::of(nai()), randoms, scope(), codes, option::of(eap())).prop_map(
        |(mn_id, (mn_rand, hac_rand), scope, codes, eap)| DoneRequest {
            mn_id,
            mn_rand,
            hac_rand,
            scope,
            suites: SuiteList(codes),
            eap,
            auth: unsigned(),
        },
    )
}

fn init_response() -> impl Strategy<Value = InitResponse> {
    let psk = (random(), random()).prop_map(|(mn_rand, hac_rand)| InitResponse {
        method: Method::Psk,
        mn_rand: Some(mn_rand),
        hac_rand: Some(hac_rand),
        eap: None,
        auth: unsigned(),
    });
    let with_eap = (option::of(random()), eap()).prop_map(|(mn_rand, eap)| InitResponse {
        method: Method::Eap,
        mn_rand,
        hac_rand: None,
        eap: Some(eap),
        auth: unsigned(),
    });
    prop_oneof![psk, with_eap]
}

fn mid_response() -> impl Strategy<Value = MidResponse> {
    option::of(eap()).prop_map(|eap| MidResponse { eap, auth: unsigned() })
}

fn final_response() -> impl Strategy<Value = FinalResponse> {
    let errors: Vec<Status> = Status::ALL.into_iter().filter(|status| status.code() > 200).collect();
    let outcome = prop_oneof![
        (sa_data(), bootstrap())
            .prop_map(|(sa, bootstrap)| { (Status::OK, Some(Grant { sa, bootstrap }), Some(unsigned())) }),
        (prop::sample::select(errors), any::<bool>()).prop_map(|(status, signed)| (
            status,
            None,
            signed.then(unsigned)
        )),
    ];
    let randoms = (option::of(random()), option::of(random()));
    (outcome, randoms, option::of(eap()), option::of(date())).prop_map(
        |((status, grant, auth), (mn_rand, hac_rand), eap, retry_after)| FinalResponse {
            status,
            mn_rand,
            hac_rand,
            eap,
            retry_after,
            grant,
            auth,
        },
    )
}

fn sa_data() -> impl Strategy<Value = SaData> {
    let suite = prop::sample::select(Ciphersuite::ALL.to_vec());
    let spi = (1..=Spi::MAX).prop_map(|spi| Spi::new(spi).unwrap());
    (suite, scope(), spi, key_octets(), key_octets(), date()).prop_map(
        |(suite, scope, spi, mn_to_ha, ha_to_mn, validity_end)| SaData {
            suite,
            scope,
            spi,
            mn_to_ha: keys_of(suite, mn_to_ha),
            ha_to_mn: keys_of(suite, ha_to_mn),
            validity_end,
        },
    )
}

fn key_octets() -> impl Strategy<Value = [Vec<u8>; 2]> {
    [vec(any::<u8>(), 1..32), vec(any::<u8>(), 1..32)]
}

fn keys_of(suite: Ciphersuite, [ikey, ekey]: [Vec<u8>; 2]) -> KeyOctets {
    let ekey = suite.encrypts().then_some(ekey);
    KeyOctets { ikey, ekey }
}

fn bootstrap() -> impl Strategy<Value = Bootstrap> {
    let agent = (option::of(ip6()), option::of(ip4()), option::of(port()));
    let homes = (option::of(ip6()), option::of(ip4()));
    let prefix6 = (ip6(), 0..=128_u8).prop_map(|(addr, len)| Prefix6::new(addr, len).unwrap());
    let prefix4 = (ip4(), 0..=32_u8).prop_map(|(addr, len)| Prefix4::new(addr, len).unwrap());
    let prefixes = (option::of(prefix6), option::of(prefix4));
    let server = prop_oneof![ip6().prop_map(IpAddr::V6), ip4().prop_map(IpAddr::V4)];
    (agent, homes, prefixes, vec(server, 0..4)).prop_map(
        |((haa_ip6, haa_ip4, port), (ip6_hoa, ip4_hoa), (ip6_hnp, ip4_hnp), dns)| Bootstrap {
            haa_ip6,
            haa_ip4,
            port,
            ip6_hoa,
            ip4_hoa,
            ip6_hnp,
            ip4_hnp,
            dns,
        },
    )
}

fn nai() -> impl Strategy<Value = Nai> {
    let user = r"([a-z0-9=_é]|\\[@. ]){1,8}[a-z](\.[a-z+]{1,4}){0,2}";
    let realm = "[a-zA-Z0-9]([a-z0-9-]{0,6}[a-z0-9])?(\\.[a-z]{1,4}){1,3}";
    let text = prop_oneof![
        user.prop_map(String::from),
        (user, realm).prop_map(|(user, realm)| format!("{user}@{realm}")),
        realm.prop_map(|realm| format!("@{realm}")),
    ];
    text.prop_map(|text| Nai::parse(text.as_bytes()).unwrap())
}

fn eap() -> impl Strategy<Value = Vec<u8>> {
    (any::<[u8; 2]>(), vec(any::<u8>(), 0..40)).prop_map(|([code, identifier], data)| {
        let [high, low] = u16::try_from(4 + data.len()).unwrap().to_be_bytes();
        [vec![code, identifier, high, low], data].concat()
    })
}

fn date() -> impl Strategy<Value = Date> {
    (0..=Date::MAX.unix_seconds()).prop_map(Date::from_unix_seconds)
}

fn mac() -> impl Strategy<Value = Mac> {
    any::<[u8; 32]>().prop_map(Mac)
}

fn random() -> impl Strategy<Value = Random> {
    any::<[u8; 32]>().prop_map(Random)
}

fn scope() -> impl Strategy<Value = Scope> {
    prop::sample::select(Scope::ALL.to_vec())
}

fn port() -> impl Strategy<Value = Port> {
    (1_u16..).prop_map(|port| Port::new(port).unwrap())
}

fn ip6() -> impl Strategy<Value = Ipv6Addr> {
    any::<u128>().prop_map(Ipv6Addr::from)
}

fn ip4() -> impl Strategy<Value = Ipv4Addr> {
    any::<u32>().prop_map(Ipv4Addr::from)
}

//! RFC 6618 section 5.7: the bootstrapping data that a HAC hands out.

use suite::player::{AuthForge, MessageForge};
use wire::param::Name;

use super::headers::is_grant;
use super::sa::alter;
use crate::mutant::Lie::HacResponse;
use crate::mutant::Mutant;

/// Lies about bootstrapping data.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/haa-ip6-abbreviated",
        "abbreviates the home agent's address",
        HacResponse(|response, _| say(response, Name::HaaIp6, "2001:db8:6618::1")),
        &["rfc6618/5.7.1/haa-ip6-form"],
    ),
    Mutant::hac(
        "hac/haa-ip4-too-large",
        "sends a number above 255 in an IPv4 address",
        HacResponse(|response, _| say(response, Name::HaaIp4, "192.0.2.256")),
        &["rfc6618/5.7.1/haa-ip4-form"],
    ),
    Mutant::hac(
        "hac/no-ha-address",
        "hands out no address of the home agent",
        HacResponse(|response, _| {
            response.remove(Name::HaaIp6);
            response.remove(Name::HaaIp4);
        }),
        &["rfc6618/5.7.1/ha-address-sent"],
    ),
    Mutant::hac(
        "hac/ha-is-a-group",
        "hands out a multicast address for the home agent",
        HacResponse(|response, _| say(response, Name::HaaIp6, "ff02:0:0:0:0:0:0:1")),
        &["rfc6618/5.7.1/ha-address-of-one-host"],
    ),
    Mutant::hac(
        "hac/port-zero",
        "hands out port 0",
        HacResponse(|response, _| say(response, Name::Port, "0")),
        &["rfc6618/5.7.2/port-form"],
    ),
    Mutant::hac(
        "hac/no-port",
        "hands out no port",
        HacResponse(|response, _| response.remove(Name::Port)),
        &["rfc6618/5.7.2/port-sent"],
    ),
    Mutant::hac(
        "hac/ip6-hoa-abbreviated",
        "abbreviates the home address",
        HacResponse(|response, _| say(response, Name::Ip6Hoa, "2001:db8:6618::2")),
        &["rfc6618/5.7.3/ip6-hoa-form"],
    ),
    Mutant::hac(
        "hac/ip4-hoa-of-three-numbers",
        "sends an IPv4 home address of three numbers",
        HacResponse(|response, _| say(response, Name::Ip4Hoa, "192.0.2")),
        &["rfc6618/5.7.3/ip4-hoa-form"],
    ),
    Mutant::hac(
        "hac/ip6-hnp-of-129-bits",
        "sends a home prefix of 129 bits",
        HacResponse(|response, _| say(response, Name::Ip6Hnp, "2001:db8:6618:0:0:0:0:0/129")),
        &["rfc6618/5.7.3/ip6-hnp-form"],
    ),
    Mutant::hac(
        "hac/ip4-hnp-of-33-bits",
        "sends an IPv4 home prefix of 33 bits",
        HacResponse(|response, _| say(response, Name::Ip4Hnp, "192.0.2.0/33")),
        &["rfc6618/5.7.3/ip4-hnp-form"],
    ),
    Mutant::hac(
        "hac/hnp-of-three-digits",
        "sends the length of the home prefix with a leading zero",
        HacResponse(|response, _| say(response, Name::Ip6Hnp, "2001:db8:6618:0:0:0:0:0/064")),
        &["rfc6618/5.7.3/ip6-hnp-two-digits"],
    ),
    Mutant::hac(
        "hac/hnp-with-host-bits",
        "sends a home prefix with bits beyond its length",
        HacResponse(|response, _| say(response, Name::Ip6Hnp, "2001:db8:6618:0:0:0:0:7/64")),
        &["rfc6618/5.7.3/prefix-without-host-bits"],
    ),
    Mutant::hac(
        "hac/home-outside-prefix",
        "hands out a home prefix that is not the home address's",
        HacResponse(|response, _| say(response, Name::Ip6Hnp, "2001:db8:7777:0:0:0:0:0/64")),
        &["rfc6618/5.7.3/home-inside-prefix"],
    ),
    Mutant::hac(
        "hac/home-is-a-group",
        "hands out a multicast home address",
        HacResponse(|response, _| say(response, Name::Ip6Hoa, "ff02:0:0:0:0:0:0:1")),
        &["rfc6618/5.7.3/home-of-one-host"],
    ),
    Mutant::hac(
        "hac/home-is-the-ha",
        "hands out the home agent's address as home address",
        HacResponse(|response, _| {
            if let Some(agent) = response.draft.value(Name::HaaIp6).map(<[u8]>::to_vec) {
                alter(response, Name::Ip6Hoa, |_| agent);
            }
        }),
        &["rfc6618/5.7.3/home-is-not-the-ha"],
    ),
    Mutant::hac(
        "hac/no-home",
        "hands out neither home address nor home prefix",
        HacResponse(|response, _| {
            for name in [Name::Ip6Hoa, Name::Ip4Hoa, Name::Ip6Hnp, Name::Ip4Hnp] {
                response.remove(name);
            }
        }),
        &["rfc6618/5.7.3/home-sent"],
    ),
    Mutant::hac(
        "hac/dns-ip6-abbreviated",
        "abbreviates the address of a name server",
        HacResponse(|response, _| say(response, Name::DnsIp6, "2001:db8::53")),
        &["rfc6618/5.7.4/dns-ip6-form"],
    ),
    Mutant::hac(
        "hac/dns-ip4-with-spaces",
        "sends an IPv4 name server that is none",
        HacResponse(|response, _| say(response, Name::DnsIp4, "192 0 2 53")),
        &["rfc6618/5.7.4/dns-ip4-form"],
    ),
    Mutant::hac(
        "hac/home-behind-auth",
        "sends the port behind auth, where nothing signs it",
        HacResponse(|response, _| {
            if is_grant(response) && matches!(response.auth, AuthForge::Right) {
                response.remove(Name::Port);
                response.after_auth = b"mip6-port:7872\r\n".to_vec();
            }
        }),
        &["rfc6618/5.7/data-in-final-response"],
    ),
];

/// Gives a grant this value of a header.
fn say(response: &mut MessageForge, name: Name, value: &str) {
    if is_grant(response) {
        response.set(name, value);
    }
}

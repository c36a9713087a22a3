//! RFC 6618 sections 5.5 to 5.7: the registry of the 26 TV-headers.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::DecodeError;
use crate::value::{
    Date, Mac, Methods, Nai, Port, Prefix4, Prefix6, Random, Scope, Spi, Status, SuiteCode, SuiteList, eap,
    hex, ip4, ip6,
};

/// Reads a value and gives it its type.
///
/// # Errors
/// A value that the header's grammar does not allow; the error names the header, offsets count from the value's start.
pub fn check(name: Name, value: &[u8]) -> Result<Value, DecodeError> {
    (name.row().check)(value).map_err(|error| error.of(name.as_str()))
}

/// What a second header of the same name means (TV-06); the reference refuses both kinds of `Never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Refused; another implementation that takes it is wrong.
    Never,
    /// Refused; another implementation that takes it is merely lax.
    NeverSoft,
    /// The lists join.
    Joins,
    /// Each one counts.
    Many,
}

/// The typed value of a TV-header.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `mn-id`.
    Nai(Nai),
    /// `auth-method`.
    Methods(Methods),
    /// `eap-payload` and the four keys.
    Octets(Vec<u8>),
    /// `status-code`.
    Status(Status),
    /// `auth`.
    Mac(Mac),
    /// `retry-after`, `mip6-sa-validity-end`.
    Date(Date),
    /// `mn-rand`, `hac-rand`.
    Random(Random),
    /// `mip6-spi`.
    Spi(Spi),
    /// `mip6-sas`.
    Scope(Scope),
    /// `mip6-ciphersuite`; it may be one that RFC 6618 reserves.
    Ciphersuite(SuiteCode),
    /// `mip6-suitelist`.
    Suites(SuiteList),
    /// `mip6-port`.
    Port(Port),
    /// An IPv6 address.
    Ip6(Ipv6Addr),
    /// An IPv4 address.
    Ip4(Ipv4Addr),
    /// `mip6-ip6-hnp`.
    Prefix6(Prefix6),
    /// `mip6-ip4-hnp`.
    Prefix4(Prefix4),
}

/// One row of the registry.
struct Row {
    wire: &'static str,
    section: &'static str,
    repeat: Repeat,
    grammar: &'static str,
    check: fn(&[u8]) -> Result<Value, DecodeError>,
}

macro_rules! registry {
    ($( $name:ident = $wire:literal, $section:literal, $repeat:ident, $grammar:literal, $parse:path => $value:ident; )*) => {
        /// The name of a TV-header that RFC 6618 defines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name {
            $( #[doc = concat!("`", $wire, "`, section ", $section, ".")] $name, )*
        }

        impl Name {
            /// All of them, in the order of the sections.
            pub const ALL: [Self; 26] = [ $( Self::$name, )* ];

            const fn row(self) -> &'static Row {
                match self {
                    $( Self::$name => &Row {
                        wire: $wire,
                        section: $section,
                        repeat: Repeat::$repeat,
                        grammar: $grammar,
                        check: |value| $parse(value).map(Value::$value),
                    }, )*
                }
            }
        }
    };
}

registry! {
    MnId          = "mn-id",                "5.5.1", Never,     "RFC4282-NAI",                    Nai::parse       => Nai;
    AuthMethod    = "auth-method",          "5.5.2", Joins,     "a-method *(\",\" a-method)",     Methods::parse   => Methods;
    EapPayload    = "eap-payload",          "5.5.3", NeverSoft, "1*(HEX HEX)",                    eap::parse       => Octets;
    StatusCode    = "status-code",          "5.5.4", Never,     "status-value",                   Status::parse    => Status;
    Auth          = "auth",                 "5.5.5", Never,     "1*(HEX HEX)",                    Mac::parse       => Mac;
    RetryAfter    = "retry-after",          "5.5.6", NeverSoft, "rfc1123-date",                   Date::parse      => Date;
    MnRand        = "mn-rand",              "5.5.8", Never,     "32(HEX HEX)",                    Random::parse    => Random;
    HacRand       = "hac-rand",             "5.5.8", Never,     "32(HEX HEX)",                    Random::parse    => Random;
    Spi           = "mip6-spi",             "5.6.1", Never,     "1*DIGIT",                        Spi::parse       => Spi;
    MnToHaIkey    = "mip6-mn-to-ha-ikey",   "5.6.2", Never,     "1*(HEX HEX)",                    hex::decode      => Octets;
    HaToMnIkey    = "mip6-ha-to-mn-ikey",   "5.6.2", Never,     "1*(HEX HEX)",                    hex::decode      => Octets;
    MnToHaEkey    = "mip6-mn-to-ha-ekey",   "5.6.2", Never,     "1*(HEX HEX)",                    hex::decode      => Octets;
    HaToMnEkey    = "mip6-ha-to-mn-ekey",   "5.6.2", Never,     "1*(HEX HEX)",                    hex::decode      => Octets;
    SaValidityEnd = "mip6-sa-validity-end", "5.6.3", NeverSoft, "rfc1123-date",                   Date::parse      => Date;
    Sas           = "mip6-sas",             "5.6.4", NeverSoft, "1DIGIT",                         Scope::parse     => Scope;
    Ciphersuite   = "mip6-ciphersuite",     "5.6.5", Never,     "\"{\" suite \"}\"",              SuiteCode::parse => Ciphersuite;
    Suitelist     = "mip6-suitelist",       "5.6.5", Joins,     "csuite *(\",\" csuite)",         SuiteList::parse => Suites;
    HaaIp6        = "mip6-haa-ip6",         "5.7.1", NeverSoft, "7(word \":\") word",             ip6::parse       => Ip6;
    HaaIp4        = "mip6-haa-ip4",         "5.7.1", NeverSoft, "4 x 1*3DIGIT with dots",         ip4::parse       => Ip4;
    Port          = "mip6-port",            "5.7.2", NeverSoft, "1*5DIGIT",                       Port::parse      => Port;
    Ip6Hoa        = "mip6-ip6-hoa",         "5.7.3", NeverSoft, "7(word \":\") word",             ip6::parse       => Ip6;
    Ip4Hoa        = "mip6-ip4-hoa",         "5.7.3", NeverSoft, "4 x 1*3DIGIT with dots",         ip4::parse       => Ip4;
    Ip6Hnp        = "mip6-ip6-hnp",         "5.7.3", NeverSoft, "ip6-addr \"/\" 1*2DIGIT",        Prefix6::parse   => Prefix6;
    Ip4Hnp        = "mip6-ip4-hnp",         "5.7.3", NeverSoft, "ip4-addr \"/\" 1*2DIGIT",        Prefix4::parse   => Prefix4;
    DnsIp6        = "dns-ip6",              "5.7.4", Many,      "7(word \":\") word",             ip6::parse       => Ip6;
    DnsIp4        = "dns-ip4",              "5.7.4", Many,      "4 x 1*3DIGIT with dots",         ip4::parse       => Ip4;
}

impl Name {
    /// The name with this spelling in any letter case (TV-05).
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str().as_bytes().eq_ignore_ascii_case(octets))
    }

    /// The spelling that is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().wire
    }

    /// The section of RFC 6618 that defines it.
    #[must_use]
    pub const fn section(self) -> &'static str {
        self.row().section
    }

    /// The shape of its value, shortened from the section's rule.
    #[must_use]
    pub const fn grammar(self) -> &'static str {
        self.row().grammar
    }

    /// What a second one means.
    #[must_use]
    pub const fn repeat(self) -> Repeat {
        self.row().repeat
    }

    /// Whether its value is a key, to be kept out of logs and reports.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::MnToHaIkey | Self::HaToMnIkey | Self::MnToHaEkey | Self::HaToMnEkey)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // They may be a key.
            Self::Octets(octets) => write!(f, "{} octets", octets.len()),
            Self::Nai(nai) => write!(f, "{:?}", nai.as_str()),
            Self::Methods(methods) => write!(f, "{methods:?}"),
            Self::Status(status) => write!(f, "{status:?}"),
            Self::Mac(mac) => write!(f, "{mac}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Random(random) => write!(f, "{random}"),
            Self::Spi(spi) => write!(f, "{spi}"),
            Self::Scope(scope) => write!(f, "{scope:?}"),
            Self::Ciphersuite(code) => write!(f, "{code}"),
            Self::Suites(suites) => write!(f, "{suites}"),
            Self::Port(port) => write!(f, "{port}"),
            Self::Ip6(addr) => write!(f, "{addr}"),
            Self::Ip4(addr) => write!(f, "{addr}"),
            Self::Prefix6(prefix) => write!(f, "{prefix}"),
            Self::Prefix4(prefix) => write!(f, "{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_never_in_part() {
        for name in Name::ALL {
            let spelling = name.as_str();
            assert_eq!(Name::from_octets(spelling.as_bytes()), Some(name));
            let upper = spelling.to_ascii_uppercase();
            assert_eq!(Name::from_octets(upper.as_bytes()), Some(name));
            assert_eq!(Name::from_octets(format!("{spelling}x").as_bytes()), None);
        }
        // The names in the message lists of sections 5.8 and 5.9 are not on the wire (TV-17).
        for abstract_name in ["eap", "status", "sa-scope", "sa-data", "ciphersuite-list", "msg-auth"] {
            assert_eq!(Name::from_octets(abstract_name.as_bytes()), None);
        }
    }

    #[test]
    fn spellings_are_unique_and_rows_stand_in_the_order_of_the_sections() {
        let spellings: HashSet<_> = Name::ALL.map(Name::as_str).into();
        assert_eq!(spellings.len(), Name::ALL.len());
        assert!(Name::ALL.map(Name::section).is_sorted());
    }

    #[test]
    fn lists_join_dns_servers_add_up_and_all_else_stands_once() {
        let of = |kind| Name::ALL.into_iter().filter(move |name| name.repeat() == kind);
        assert!(of(Repeat::Joins).eq([Name::AuthMethod, Name::Suitelist]));
        assert!(of(Repeat::Many).eq([Name::DnsIp6, Name::DnsIp4]));
        assert_eq!(of(Repeat::Never).count() + of(Repeat::NeverSoft).count(), 22);
    }

    #[test]
    fn every_row_takes_its_example() {
        let random = "00".repeat(32);
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let address = "2001:db8:0:0:0:0:0:1";
        let examples = [
            ("mn-id", "mn@example.com"),
            ("auth-method", "psk"),
            ("eap-payload", "03010004"),
            ("status-code", "200"),
            ("auth", &random),
            ("retry-after", date),
            ("mn-rand", &random),
            ("hac-rand", &random),
            ("mip6-spi", "1"),
            ("mip6-mn-to-ha-ikey", "00"),
            ("mip6-ha-to-mn-ikey", "00"),
            ("mip6-mn-to-ha-ekey", "00"),
            ("mip6-ha-to-mn-ekey", "00"),
            ("mip6-sa-validity-end", date),
            ("mip6-sas", "0"),
            ("mip6-ciphersuite", "{00,2F}"),
            ("mip6-suitelist", "{00,2F},{00,02}"),
            ("mip6-haa-ip6", address),
            ("mip6-haa-ip4", "192.0.2.1"),
            ("mip6-port", "7872"),
            ("mip6-ip6-hoa", address),
            ("mip6-ip4-hoa", "192.0.2.1"),
            ("mip6-ip6-hnp", "2001:db8:0:0:0:0:0:0/64"),
            ("mip6-ip4-hnp", "192.0.2.0/24"),
            ("dns-ip6", address),
            ("dns-ip4", "192.0.2.1"),
        ];
        for (name, (spelling, value)) in Name::ALL.into_iter().zip(examples) {
            assert_eq!(name.as_str(), spelling);
            assert!(check(name, value.as_bytes()).is_ok(), "{spelling}: {value}");
            let error = check(name, b"@@").expect_err(spelling);
            assert_eq!(error.field, spelling);
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        let value = check(Name::MnToHaIkey, b"c0ffee").unwrap();
        assert_eq!(format!("{value:?}"), "3 octets");
    }
}

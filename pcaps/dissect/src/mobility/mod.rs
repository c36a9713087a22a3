//! RFC 6275 section 6.1: Mobility Headers, in PType 8 packets (RFC 6618 section 6.3) and outside of any.

mod message;
mod option;

use core::fmt;
use std::net::Ipv6Addr;

use wire::ext_header::Chain;
use wire::mobility::{self, BindingUpdate, Lifetime, MobilityHeader};
use wire::trailer::{MOBILITY, NO_NEXT};

pub use message::Message;
pub use option::{MobilityOption, OptionValue};

use crate::finding::Fault;
use crate::inner::Inner;
use crate::ip::Headers;

/// A Mobility Header and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mobility {
    /// The home address in the packet.
    pub home: Option<Ipv6Addr>,
    /// What it says.
    pub message: Message,
    /// Its options but padding, as far as they can be read.
    pub options: Vec<MobilityOption>,
    /// Whether its checksum is right.
    pub checksum: Checksum,
}

/// What became of the check of a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It is right.
    Good,
    /// It is wrong.
    Wrong,
    /// Nobody told the addresses of its pseudo-header, or the header has not all its octets.
    NotChecked,
}

/// The addresses that a Mobility Header has its checksum over, as far as they are known from elsewhere.
#[derive(Clone, Copy, Default)]
pub(crate) struct Addresses {
    /// The MN's home address.
    pub(crate) home: Option<Ipv6Addr>,
    /// The HA.
    pub(crate) ha: Option<Ipv6Addr>,
    /// Whether the outer header is IPv6.
    pub(crate) is_over_ip6: bool,
}

/// Reads what follows the trailer's Next Header in a PType 8 packet.
pub(crate) fn protected(next_header: u8, payload: &[u8], known: Addresses, faults: &mut Vec<Fault>) -> Inner {
    if next_header == NO_NEXT {
        return Inner::Dummy;
    }
    let chain = match Chain::parse(next_header, payload) {
        Ok(chain) => chain,
        Err(error) => {
            faults.push(Fault::ExtensionHeaders(error));
            return Inner::Unknown(payload.len());
        }
    };
    if chain.protocol != MOBILITY {
        faults.push(Fault::NoMobilityHeader { protocol: chain.protocol });
        return Inner::Unknown(payload.len());
    }
    let home = chain.home_address.or(chain.routing_home);
    let known = Addresses { home: home.or(known.home), ..known };
    let read = read(home, chain.upper, known, faults);
    if let Message::Update(update) = &read.message {
        registration(update, chain.home_address, known.is_over_ip6, faults);
    }
    Inner::Mobility(Box::new(read))
}

/// Reads a Mobility Header in an IPv6 packet of its own. A home address in the extension headers stands for the source
/// or destination in its checksum.
pub(crate) fn plain(headers: &Headers, octets: &[u8], faults: &mut Vec<Fault>) -> Mobility {
    let known =
        Addresses { home: headers.pseudo_source(), ha: headers.pseudo_destination(), is_over_ip6: true };
    read(headers.home_address.or(headers.routing_home), octets, known, faults)
}

fn read(home: Option<Ipv6Addr>, octets: &[u8], known: Addresses, faults: &mut Vec<Fault>) -> Mobility {
    let message = Message::read(octets, faults);
    let options = option::read(&message, octets, faults);
    Mobility { home, message, options, checksum: checksum(octets, known, faults) }
}

/// RFC 6275 section 11.7.1. A de-registration may be sent from home, without either option (C10).
fn registration(
    update: &BindingUpdate,
    home_address_option: Option<Ipv6Addr>,
    is_over_ip6: bool,
    faults: &mut Vec<Fault>,
) {
    if !update.flags.home_registration || update.lifetime == Lifetime::ZERO {
        return;
    }
    if home_address_option.is_none() {
        faults.push(Fault::NoHomeAddress);
    }
    // Over IPv4 the option has no IPv6 address to give (C14).
    if is_over_ip6 && update.alternate_coa.is_none() {
        faults.push(Fault::NoAlternateCareOf);
    }
}

/// The sum is the same in both directions, since it does not see which address comes first.
fn checksum(header: &[u8], known: Addresses, faults: &mut Vec<Fault>) -> Checksum {
    let (Some(home), Some(ha), Ok(view)) = (known.home, known.ha, MobilityHeader::new_checked(header)) else {
        return Checksum::NotChecked;
    };
    let need = mobility::checksum(home, ha, view.header());
    let have = view.checksum();
    if need == have {
        return Checksum::Good;
    }
    faults.push(Fault::Checksum { mh_type: view.mh_type(), need, have });
    Checksum::Wrong
}

impl fmt::Display for Mobility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)?;
        for option in &self.options {
            // The message shows it itself.
            if !matches!(option.value, OptionValue::AlternateCareOf(_)) {
                write!(f, ", {option}")?;
            }
        }
        if let Some(home) = self.home {
            write!(f, ", home {home}")?;
        }
        f.write_str(match self.checksum {
            Checksum::Good => ", checksum good",
            Checksum::Wrong => ", checksum wrong",
            Checksum::NotChecked => ", checksum not checked",
        })
    }
}

//! IP traffic of this host through the tunnel (RFC 6618 section 6.4): a TUN device, the routes that lead into it, and
//! what fits through it.
//!
//! Device and UDP socket give and take batches: one turn of a loop moves up to [`AT_ONCE`] packets through one call of
//! a machine. Segmentation offload would change [`Device::receive`] and [`Device::send`] and nothing around them.

mod device;
mod fit;
mod kernel;
mod rule;
mod too_big;
mod watch;

use std::fmt;
use std::net::IpAddr;

pub use device::Device;
pub use fit::{Outside, SMALLEST, largest_for_all, largest_inner};
pub use kernel::{Kernel, KernelError};
pub use rule::{Family, Rule};
pub use too_big::too_big;
pub use watch::Watch;

/// The most packets that are taken from a device or a socket before the machine gets them.
pub const AT_ONCE: usize = 64;

/// Makes room for a burst while the machine is busy with the last one, as far as the system lets us.
pub fn make_room(socket: &std::net::UdpSocket) {
    // The default holds less than two hundred packets; less than wanted is no fault.
    let _ = socket2::SockRef::from(socket).set_recv_buffer_size(BURST);
}

/// Octets.
const BURST: usize = 4 << 20;

/// A TUN device that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TunSettings {
    /// Its name, as `ip link` shows it; the system numbers a `tun` if there is none.
    pub name: Option<String>,
    /// What is reached through it.
    pub routes: Vec<Prefix>,
    /// Octets of the largest outer packet, IP header included; the route to the peer tells if nobody else does.
    pub outer_mtu: Option<u16>,
}

/// An IP prefix as routes have it; one address is a prefix, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Its first address.
    pub address: IpAddr,
    /// How many bits count, at most 32 or 128.
    pub bits: u8,
}

impl Prefix {
    /// One address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self { address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether everything is in it.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.bits == 0
    }

    /// Whether `address` is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |one: u128, other: u128, width: u32| {
            one.checked_shr(width.saturating_sub(self.bits.into())).unwrap_or(0)
                == other.checked_shr(width.saturating_sub(self.bits.into())).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(address)) => {
                same(own.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(address)) => same(own.to_bits(), address.to_bits(), 128),
            _ => false,
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(address: &str, bits: u8) -> Prefix {
        Prefix { address: address.parse().expect("an address"), bits }
    }

    #[test]
    fn a_prefix_holds_what_shares_its_bits() {
        for (prefix, address, inside) in [
            (prefix("2001:db8:c0::", 64), "2001:db8:c0::1", true),
            (prefix("2001:db8:c0::", 64), "2001:db8:c0:1::1", false),
            (prefix("::", 0), "2001:db8::1", true),
            (prefix("::", 0), "192.0.2.1", false),
            (prefix("192.0.2.0", 24), "192.0.2.255", true),
            (prefix("192.0.2.0", 24), "192.0.3.0", false),
            (prefix("0.0.0.0", 0), "192.0.3.0", true),
            (Prefix::of("::1".parse().unwrap()), "::1", true),
            (Prefix::of("::1".parse().unwrap()), "::2", false),
        ] {
            assert_eq!(prefix.contains(address.parse().unwrap()), inside, "{prefix} {address}");
        }
    }
}

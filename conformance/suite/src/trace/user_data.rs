//! RFC 6618 section 6.4: user data that the HA sends, judged by the rules of the tunnel and not by what is in it.

use wire::packet::{HEADER_LEN, PType};
use wire::trailer;
use wire::value::Scope;

use super::inner_packet;
use crate::player::{Heard, Tunnel};

/// What has to be true of user data that comes back.
pub(super) const FORWARDED: &str = "user data for the MN, protected as its SA wants";

/// User data of the HA, as it came out of a datagram.
pub(super) struct Inside<'a> {
    ptype: PType,
    /// Nothing in the clear.
    next_header: Option<u8>,
    packet: &'a [u8],
}

/// The user data in a datagram, unless it answers an echo request of ours.
pub(super) fn user_data(heard: &Heard) -> Option<Inside<'_>> {
    let inside = match heard.opened() {
        None => Inside { ptype: PType::PLAIN, next_header: None, packet: heard.octets().get(HEADER_LEN..)? },
        Some(opened) => Inside {
            ptype: opened.ptype,
            next_header: Some(opened.next_header),
            packet: opened.payload.as_slice(),
        },
    };
    let is_data = inside.next_header.is_none_or(|next| [trailer::IPV4, trailer::IPV6].contains(&next));
    (is_data && heard.echo_reply().is_none()).then_some(inside)
}

/// In the words of a report.
pub(super) fn of_protocol(protocol: Option<u8>) -> String {
    match protocol {
        Some(protocol) => format!("an IP packet of protocol {protocol}"),
        None => "a fragment of an IP packet".to_owned(),
    }
}

impl Inside<'_> {
    /// In the words of a report.
    pub(super) fn describe(&self) -> String {
        of_protocol(inner_packet::protocol(self.packet))
    }

    /// What is wrong with it, if anything.
    pub(super) fn fault(&self, tunnel: &Tunnel) -> Option<String> {
        let right = match tunnel.grant.sa.scope {
            Scope::AllTraffic => PType::PROTECTED,
            Scope::SignalingOnly => PType::PLAIN,
        };
        if self.ptype != right {
            return Some(format!("{} where {right} belongs", self.ptype));
        }
        let fits = inner_packet::next_header(self.packet);
        if fits.is_none() || self.next_header.is_some_and(|said| fits != Some(said)) {
            return Some("an inner packet that is not of the version of its Next Header".to_owned());
        }
        let to = inner_packet::addresses(self.packet)?.destination;
        let is_ours = to == tunnel.home || tunnel.home_ip4.is_some_and(|home| to == home);
        (!is_ours).then(|| format!("an inner packet to {to}, which is no home address of the MN"))
    }
}

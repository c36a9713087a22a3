"""The IP packets that travel inside: as small as they can be and well formed."""

import ipaddress

from . import seed
from .mobility import HOME

CORRESPONDENT = "2001:db8:ffff::80"
HOME4, CORRESPONDENT4 = "192.0.2.10", "198.51.100.80"
# RFC 3692: a protocol number for experiments, so that nobody looks for a checksum.
EXPERIMENT = 253


def ip6_packet(count: int, source=HOME, destination=CORRESPONDENT) -> bytes:
    """An IPv6 header and `count` octets."""
    header = bytes([0x60, 0, 0, 0]) + count.to_bytes(2, "big") + bytes([EXPERIMENT, 64])
    addresses = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed
    return header + addresses + seed.octets(f"inner ip6 {count}", count)


def ip4_packet(count: int) -> bytes:
    """An IPv4 header with its checksum and `count` octets."""
    before = bytes([0x45, 0]) + (20 + count).to_bytes(2, "big") + bytes([0, 0, 0x40, 0, 64, EXPERIMENT])
    addresses = ipaddress.IPv4Address(HOME4).packed + ipaddress.IPv4Address(CORRESPONDENT4).packed
    total = sum(int.from_bytes(part[i : i + 2], "big") for part in (before, addresses) for i in range(0, len(part), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return before + (total ^ 0xFFFF).to_bytes(2, "big") + addresses + seed.octets(f"inner ip4 {count}", count)

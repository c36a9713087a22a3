"""RFC 6618 sections 6.2 to 6.4: packets between MN and HA, in five suites and in the clear."""

from dataclasses import replace

from . import inner, mobility, packet_clear, packet_faults
from .esp import Packet
from .group import Group
from .suites import SUITES, Suite

NOTES = (
    packet_faults.NOTES
    | packet_clear.NOTES
    | {
        "LongPadding": ("padding beyond the alignment is refused", "peers that hide lengths are locked out", "PK-17", "6.3"),
        "CountsUnderNull": ("sequence number 0 is expected under a NULL cipher", "no protection from replay", "SQ-02", "6.1"),
        "FirstSequence": ("the first number has to be 1, or has to be 0", "the first packet is lost", "SQ-01", "6.1"),
        "SpiBounds": ("the SPI is kept in fewer than 28 bits, or takes the bits of PType", "no SA is found", "", "6.2"),
    }
)

SPI = 0x0123456
IP6, IP4 = 41, 4


def group() -> Group:
    g = Group("rfc6618", "packet", "rfc6618", NOTES)
    for suite in SUITES:
        _data(g, suite)
        _signalling(g, suite)
        _numbers(g, suite)
        _matrix(g, suite)
        packet_faults.rows(g, suite, data_packet(suite, 21))
        packet_faults.contents(g, suite, data_packet(suite, 21), binding_packet(suite))
    packet_clear.rows(g)
    return g


def data_packet(suite: Suite, count: int) -> Packet:
    """PType 1 with an inner IPv6 packet of 40 + `count` octets."""
    return Packet(suite, 1, SPI, 7, inner.ip6_packet(count), IP6, suite.iv(f"data {count}"), suite.ikey(), suite.ekey())


def binding_packet(suite: Suite) -> Packet:
    """PType 8 with a whole registration."""
    return Packet(suite, 8, SPI, 0, mobility.registration(1, 900), mobility.DSTOPTS, suite.iv("registration"), suite.ikey(), suite.ekey())


def _valid(g: Group, suite: Suite, slug: str, comment: str, section: str, packet: Packet, flags=()):
    canonical = packet.extra_blocks == 0
    g.valid(
        f"{_name(suite)}/{slug}",
        comment,
        section,
        flags,
        suite=suite.name,
        **packet.keys(),
        octets=packet.octets(),
        value=packet.meaning(),
        canonical=canonical,
    )


def _name(suite: Suite) -> str:
    return suite.name.lower().replace("_", "-")


def _data(g: Group, suite: Suite):
    for count in (*range(17), 100, 576, 1240, 1360):
        _valid(g, suite, f"ip6-{40 + count}", f"an inner IPv6 packet of {40 + count} octets", "6.4", data_packet(suite, count))
    for count in (0, 1, 64):
        packet = replace(data_packet(suite, count), payload=inner.ip4_packet(count), next_header=IP4, iv=suite.iv(f"ip4 {count}"))
        _valid(g, suite, f"ip4-{20 + count}", f"an inner IPv4 packet of {20 + count} octets", "6.4", packet)
    most = (255 - 15) // suite.align
    for blocks in (1, 2, most):
        packet = replace(data_packet(suite, 21), extra_blocks=blocks, iv=suite.iv(f"long {blocks}"))
        _valid(
            g,
            suite,
            f"padding-of-{len(packet.pad())}",
            f"{blocks * suite.align} octets of padding more than needed",
            "6.3",
            packet,
            ["LongPadding"],
        )
    full = inner.ip6_packet((-257 - 40) % suite.align)
    packet = replace(data_packet(suite, 21), payload=full, padding=bytes(range(1, 256)), iv=suite.iv("255"), extra_blocks=1)
    _valid(g, suite, "padding-of-255", "as much padding as one octet can say", "6.3", packet, ["LongPadding"])


def _signalling(g: Group, suite: Suite):
    to_agent = binding_packet(suite)
    messages = {
        "registration": to_agent,
        "de-registration": replace(to_agent, sequence=3, payload=mobility.registration(2, 0, care_of=mobility.HOME), iv=suite.iv("bye")),
        "acknowledgement": replace(
            to_agent,
            payload=mobility.accepted(1, 900),
            next_header=mobility.MH,
            iv=suite.iv("ack"),
            ikey=suite.ikey("ha-to-mn"),
            ekey=suite.ekey("ha-to-mn"),
        ),
    }
    for slug, packet in messages.items():
        _valid(g, suite, slug, "extension headers without an IP header before them", "6.3", packet)
    _valid(
        g,
        suite,
        "registration-long-padding",
        "a registration with a block of padding more than needed",
        "6.3",
        replace(to_agent, extra_blocks=1, iv=suite.iv("long registration")),
        ["LongPadding"],
    )


def _matrix(g: Group, suite: Suite):
    """Every legal pair of PType and Next Header with short, long and longest padding."""
    bind, data = binding_packet(suite), data_packet(suite, 8)
    to_mn = mobility.routed(mobility.accepted(3, 900))
    kinds = {
        "ptype-1-next-41": data,
        "ptype-1-next-4": replace(data, payload=inner.ip4_packet(9), next_header=IP4),
        "ptype-8-next-60": bind,
        "ptype-8-next-135": replace(bind, payload=mobility.accepted(2, 900), next_header=mobility.MH),
        "ptype-8-next-43": replace(bind, payload=to_mn, next_header=mobility.ROUTING),
    }
    most = (255 - suite.align + 1) // suite.align
    for slug, kind in kinds.items():
        for blocks in sorted({0, 1, 2, 3, 5, 7, most}):
            packet = replace(kind, extra_blocks=blocks, sequence=40 + blocks, iv=suite.iv(f"matrix {slug} {blocks}"))
            _valid(
                g,
                suite,
                f"matrix/{slug}-blocks-{blocks}",
                f"{len(packet.pad())} octets of padding",
                "6.3",
                packet,
                ["LongPadding"] if blocks else [],
            )


def _numbers(g: Group, suite: Suite):
    for sequence in (0, 1, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF):
        flags = ["FirstSequence"] if sequence < 2 else ["CountsUnderNull"] if suite.cipher == "NULL" else []
        packet = replace(data_packet(suite, 0), sequence=sequence, iv=suite.iv(f"sequence {sequence}"))
        _valid(g, suite, f"sequence-{sequence:08x}", f"sequence number {sequence}", "6.1", packet, flags)
    for spi in (1, 0x0FFFFFFF, 0x08000000):
        for ptype in (1, 8):
            base = data_packet(suite, 0) if ptype == 1 else binding_packet(suite)
            packet = replace(base, spi=spi, iv=suite.iv(f"spi {spi} {ptype}"))
            _valid(g, suite, f"ptype-{ptype}-spi-{spi:07x}", f"SPI {spi} under PType {ptype}", "6.2", packet, ["SpiBounds"])

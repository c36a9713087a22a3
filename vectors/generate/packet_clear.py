"""RFC 6618 Figure 9: PType 0, user data in the clear."""

from . import inner
from .group import Group

NOTES = {
    "ClearSpi": ("PType 0 with an SPI is taken", "clear packets pass for protected ones", "PK-02", "6.4"),
    "ClearSequence": ("PType 0 with a sequence number is taken", "a sender that counts goes unseen", "PK-02", "6.4"),
    "ClearShort": ("a packet without an inner packet is delivered", "reading beyond the packet", "PK-10", "6.4"),
    "ClearVersion": ("the inner packet is neither IPv4 nor IPv6", "octets of any kind reach the stack", "PK-07", "6.4"),
    "Keepalive": ("the keepalive of RFC 3948 is taken for a packet", "errors where nothing is wrong", "PK-11", "6.1"),
}


def rows(g: Group):
    for count in (0, 1, 64, 1240):
        _valid(g, f"ip6-{40 + count}", inner.ip6_packet(count))
        _valid(g, f"ip4-{20 + count}", inner.ip4_packet(count))
    payload = inner.ip6_packet(8)
    for spi in (1, 0x0FFFFFFF):
        _invalid(g, f"spi-{spi:07x}", "PType 0 has SPI 0", "spi", "ClearSpi", payload, spi=spi)
    for sequence in (1, 0xFFFFFFFF):
        _invalid(
            g, f"sequence-{sequence:08x}", "PType 0 has sequence number 0", "sequence_number", "ClearSequence", payload, sequence=sequence
        )
    _invalid(g, "no-payload", "eight octets of zero", "payload", "ClearShort", b"")
    for version in (0, 5, 15):
        _invalid(
            g,
            f"inner-version-{version}",
            "neither IPv4 nor IPv6",
            "payload",
            "ClearVersion",
            bytes([version << 4 | 5]) + payload[1:],
            stage="content",
        )
    zeros = {"ptype_spi": "00000000"}
    for slug, octets in (
        ("nothing", {}),
        ("half-a-word", {"ptype_spi": "0000"}),
        ("word-only", zeros),
        ("seven-octets", zeros | {"sequence_number": "000000"}),
    ):
        fault = "sequence_number" if len(octets.get("ptype_spi", "")) == 8 else "ptype_spi"
        g.invalid(f"clear/{slug}", "too short for the two words", "6.4", fault, ["ClearShort"], octets=octets, stage="frame")
    g.invalid(
        "clear/keepalive",
        "one octet ff is passed over in silence",
        "6.1",
        "ptype_spi",
        ["Keepalive"],
        octets={"ptype_spi": "ff"},
        stage="frame",
    )


def _octets(payload: bytes, spi=0, sequence=0) -> dict:
    return {"ptype_spi": f"{spi:08x}", "sequence_number": f"{sequence:08x}", "payload": payload.hex()}


def _valid(g: Group, slug: str, payload: bytes):
    g.valid(
        f"clear/{slug}",
        "two words of zero, then the inner packet as it is",
        "6.4",
        octets=_octets(payload),
        value={"ptype": 0, "spi": 0, "sequence_number": 0, "payload": payload.hex()},
        canonical=True,
    )


def _invalid(g: Group, slug: str, comment: str, fault: str, flag: str, payload: bytes, stage="frame", **words):
    g.invalid(f"clear/{slug}", comment, "6.4", fault, [flag], octets=_octets(payload, **words), stage=stage)

"""RFC 6275 section 6.1.1: the checksum of a Mobility Header, by itself.

A row is a message with some checksum in it, the two addresses of the pseudo-header, and the
checksum that belongs there. The message need not mean anything.
"""

from . import seed
from .group import Group
from .mobility import AGENT, CARE_OF, HOME, OTHER, accepted, checksum, registration

NOTES = {
    "Carry": ("a carry out of 16 bits is lost", "one message in some thousands is refused", "", "6.3"),
    "AllOnes": ("a sum of all ones is sent as ffff, as UDP does", "one message in 65536 is refused", "", "6.3"),
    "FieldCounts": ("the checksum field is not taken as zero", "every message is refused", "", "6.3"),
    "Addresses": ("the home address is not the one in the pseudo-header", "every NAT breaks it", "PK-26", "6.3"),
    "LengthCounts": ("the length in the pseudo-header is in units of eight octets, or left out", "every message is refused", "", "6.3"),
    "Wrong": ("part of the message is not summed up", "damaged registrations have an effect", "PK-26", "6.3"),
}


def group() -> Group:
    g = Group("rfc6618", "checksum", "rfc6618", NOTES)
    for count in (8, 16, 24, 32, 40, 64, 128, 256, 1024, 2048):
        _right(g, f"length-{count}", f"{count} octets", _message(f"checksum {count}", count), ["LengthCounts"])
    for n in range(8):
        _right(g, f"random-{n}", "carries here and there", _message(f"carry {n}", 40 + 8 * n), ["Carry"])
    _right(g, "all-ff", "as many carries as there can be", b"\xff" * 4 + b"\0\0" + b"\xff" * 34, ["Carry"])
    _right(g, "all-zero", "nothing but the pseudo-header", bytes(40), ["Carry"])
    for n in range(4):
        _right(g, f"sum-of-ones-{n}", "the sum is all ones, the checksum 0000", _summing_to_ones(n), ["AllOnes"])
    for slug, pair in (
        ("home-to-agent", (HOME, AGENT)),
        ("agent-to-home", (AGENT, HOME)),
        ("care-of", (CARE_OF, AGENT)),
        ("other", (OTHER, AGENT)),
        ("unspecified", ("::", "::")),
        ("ones", ("ff" * 2 + ":ffff" * 7, "::1")),
    ):
        _right(g, f"addresses/{slug}", "the same message between other addresses", _message("addresses", 24), ["Addresses"], pair)
    _whole(g)
    return g


def _message(label: str, count: int) -> bytes:
    octets = seed.octets(label, count)
    return octets[:4] + b"\0\0" + octets[6:]


def _summing_to_ones(n: int) -> bytes:
    """A message whose last word brings the sum to ffff."""
    octets = _message(f"ones {n}", 32)[:-2]
    rest = checksum(octets + b"\0\0", HOME, AGENT)
    return octets + rest


def _row(message: bytes, pair, value: bytes) -> dict:
    return {"source": pair[0], "destination": pair[1], "message": message.hex(), "checksum": value.hex()}


def _right(g: Group, slug: str, comment: str, message: bytes, flags, pair=(HOME, AGENT)):
    value = checksum(message, *pair)
    whole = message[:4] + value + message[6:]
    g.valid(slug, comment, "6.3", flags, **_row(whole, pair, value))


def _whole(g: Group):
    for name, octets, pair in (("update", registration(1, 900)[24:], (HOME, AGENT)), ("acknowledgement", accepted(1, 900), (AGENT, HOME))):
        zeroed = octets[:4] + b"\0\0" + octets[6:]
        right = checksum(zeroed, *pair)
        g.valid(f"{name}/right", f"a whole {name}", "6.3", ["FieldCounts"], **_row(octets, pair, right))
        for at in range(len(octets)):
            if at in (4, 5):
                continue
            wrong = octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]
            needed = checksum(wrong[:4] + b"\0\0" + wrong[6:], *pair)
            g.invalid(
                f"{name}/octet-{at}",
                f"one bit of octet {at} was changed on the way",
                "6.3",
                "checksum",
                ["Wrong"],
                **_row(wrong, pair, needed),
            )

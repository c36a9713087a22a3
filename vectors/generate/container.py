"""RFC 6618 section 5.1: the request-response container.

Four octets of header: three bits of version, five reserved bits, the Identifier,
and the Length of what follows in network order.
"""

from . import seed
from .group import Group

NOTES = {
    "VersionNotZero": ("a version other than 0 is taken for version 0", "a future protocol is half parsed", "CT-01", "5.1"),
    "ReservedNotZero": ("the sender sets reserved bits", "no room is left for extensions", "CT-02", "5.1"),
    "IdentifierZero": ("Identifier 0 is used", "a response cannot be matched to its request", "EX-01", "5.1"),
    "LengthZero": ("a container without content is accepted", "an empty message reaches the parser", "CT-03", "5.1"),
    "LengthCoversHeader": ("Length counts the four header octets too", "the next container is read four octets late", "CT-06", "5.1"),
    "LittleEndianLength": ("Length is written in host order", "the content is cut or the reader waits for ever", "CT-06", "5.1"),
    "Truncated": ("the stream ends inside a container and the part is used", "a cut message has an effect", "CT-05", "5.1"),
    "OctetsFollow": ("octets after the container are joined to it", "the next message is lost", "CT-07", "5.1"),
    "LengthMaximum": ("lengths above 32767 are taken as negative or refused", "long EAP messages fail", "CT-04", "5.1"),
}

MN_ID = b"mn-id:a@example.org\r\n\r\n\r\n"


def group() -> Group:
    g = Group("rfc6618", "container", "rfc6618", NOTES)
    _legal(g)
    _lengths(g)
    _first_octet(g)
    _identifier(g)
    _truncated(g)
    return g


def octets(content: bytes, first=0, identifier=1, length=None, trailing=b"") -> dict:
    """The container field by field, in wire order; `length` overrides the honest one."""
    declared = len(content) if length is None else length
    fields = {"ver_rsrvd": f"{first:02x}", "identifier": f"{identifier:02x}", "length": f"{declared:04x}", "content": content.hex()}
    return fields | ({"trailing": trailing.hex()} if trailing else {})


def meaning(first: int, identifier: int, length: int) -> dict:
    """What the four header octets say."""
    return {"version": first >> 5, "reserved": first & 0x1F, "identifier": identifier, "length": length}


def _legal(g: Group):
    g.valid("first-identifier", "the first request of a connection", "5.1", octets=octets(MN_ID), value=meaning(0, 1, len(MN_ID)))
    for identifier in (2, 127, 128, 254, 255):
        g.valid(
            f"identifier-{identifier}",
            f"Identifier {identifier} is inside 1 to 255",
            "5.1",
            octets=octets(MN_ID, identifier=identifier),
            value=meaning(0, identifier, len(MN_ID)),
        )
    opaque = seed.octets("container opaque", 48)
    g.valid("content-is-opaque", "framing does not look into the content", "5.1", octets=octets(opaque), value=meaning(0, 1, len(opaque)))
    g.valid(
        "next-container-follows",
        "a second container in the same read belongs to the next message",
        "5.1",
        ["OctetsFollow"],
        octets=octets(MN_ID, trailing=bytes.fromhex("0002000161")),
        value=meaning(0, 1, len(MN_ID)),
    )
    g.valid(
        "next-container-begins",
        "one octet of the next container has arrived already",
        "5.1",
        ["OctetsFollow"],
        octets=octets(MN_ID, trailing=b"\0"),
        value=meaning(0, 1, len(MN_ID)),
    )


def _lengths(g: Group):
    for length in (1, 2, 255, 256, 257, 1024, 4096):
        content = seed.octets(f"container length {length}", length)
        g.valid(f"length-{length}", f"{length} octets of content", "5.1", octets=octets(content), value=meaning(0, 1, length))
    g.valid(
        "length-65535",
        "the largest content there is",
        "5.1",
        ["LengthMaximum"],
        octets=octets(b"a", length=65535) | {"content_repeat": 65535},
        value=meaning(0, 1, 65535),
    )
    g.invalid(
        "length-65535-cut",
        "one octet of the largest content is missing",
        "5.1",
        "content",
        ["LengthMaximum"],
        octets=octets(b"a", length=65535) | {"content_repeat": 65534},
    )
    g.valid(
        "length-32768",
        "a length with its highest bit set",
        "5.1",
        ["LengthMaximum"],
        octets=octets(b"a", length=32768) | {"content_repeat": 32768},
        value=meaning(0, 1, 32768),
    )
    g.invalid("length-zero", "the content has at least one octet", "5.1", "length", ["LengthZero"], octets=octets(b""))
    g.invalid(
        "length-zero-with-octets",
        "Length 0 stays an error when octets follow",
        "5.1",
        "length",
        ["LengthZero"],
        octets=octets(b"", trailing=MN_ID),
    )
    g.invalid(
        "length-covers-header",
        "Length is four too large and the stream ends with the content",
        "5.1",
        "content",
        ["LengthCoversHeader"],
        octets=octets(MN_ID, length=len(MN_ID) + 4),
    )
    g.invalid(
        "length-little-endian",
        "the two octets of Length are swapped and the stream ends",
        "5.1",
        "content",
        ["LittleEndianLength"],
        octets=octets(MN_ID, length=len(MN_ID) << 8),
    )


def _first_octet(g: Group):
    for version in range(1, 8):
        g.invalid(
            f"version-{version}",
            f"version {version} does not exist",
            "5.1",
            "version",
            ["VersionNotZero"],
            octets=octets(MN_ID, first=version << 5),
        )
    g.invalid(
        "version-and-reserved",
        "version 7 and every reserved bit set",
        "5.1",
        "version",
        ["VersionNotZero"],
        octets=octets(MN_ID, first=0xFF),
    )
    for bit in range(5):
        g.lenient(
            f"reserved-bit-{bit}",
            "a sender must not set it, a receiver looks past it",
            "5.1",
            "reserved",
            "valid",
            ["ReservedNotZero"],
            octets=octets(MN_ID, first=1 << bit),
            value=meaning(1 << bit, 1, len(MN_ID)),
        )
    g.lenient(
        "reserved-all",
        "all five reserved bits set",
        "5.1",
        "reserved",
        "valid",
        ["ReservedNotZero"],
        octets=octets(MN_ID, first=0x1F),
        value=meaning(0x1F, 1, len(MN_ID)),
    )


def _identifier(g: Group):
    g.invalid("identifier-zero", "0 is not an Identifier", "5.1", "identifier", ["IdentifierZero"], octets=octets(MN_ID, identifier=0))
    g.invalid(
        "identifier-zero-one-octet",
        "0 is not an Identifier, however short the content",
        "5.1",
        "identifier",
        ["IdentifierZero"],
        octets=octets(b"a", identifier=0),
    )


def _truncated(g: Group):
    whole = octets(MN_ID)
    g.invalid("empty-stream", "nothing arrived before the end of the stream", "5.1", "version", ["Truncated"], octets={})
    g.invalid(
        "ends-after-first-octet", "one header octet of four", "5.1", "identifier", ["Truncated"], octets={"ver_rsrvd": whole["ver_rsrvd"]}
    )
    g.invalid(
        "ends-after-identifier",
        "two header octets of four",
        "5.1",
        "length",
        ["Truncated"],
        octets={k: whole[k] for k in ("ver_rsrvd", "identifier")},
    )
    g.invalid(
        "ends-inside-length",
        "three header octets of four",
        "5.1",
        "length",
        ["Truncated"],
        octets={"ver_rsrvd": "00", "identifier": "01", "length": "00"},
    )
    g.invalid(
        "ends-after-header",
        "the header promises content and the stream ends",
        "5.1",
        "content",
        ["Truncated"],
        octets=whole | {"content": ""},
    )
    g.invalid(
        "ends-one-octet-early",
        "the last octet of the content is missing",
        "5.1",
        "content",
        ["Truncated"],
        octets=octets(MN_ID[:-1], length=len(MN_ID)),
    )
    g.invalid(
        "promises-65535", "Length 65535 with one octet of content", "5.1", "content", ["Truncated"], octets=octets(b"a", length=65535)
    )

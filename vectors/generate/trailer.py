"""RFC 6618 section 6.3 with RFC 4303 sections 2.4 to 2.6: what is under the cipher.

A row is plaintext behind a good ICV, field by field, without alignment: that depends on the
suite and is in `packet.json`.
"""

from . import seed
from .group import Group

NOTES = {
    "LongPadding": ("padding beyond the alignment is refused", "peers that hide lengths are locked out", "PK-17", "6.3"),
    "PaddingOctets": ("padding octets are not 1, 2, 3 and so on", "a damaged decryption goes unseen", "PK-15", "6.3"),
    "PadLengthTooLarge": ("Pad Length points before the payload", "reading beyond the packet", "PK-18", "6.3"),
    "TooShort": ("plaintext too short for its two last octets is read", "reading beyond the packet", "PK-10", "6.3"),
    "EmptyPayload": ("nothing but a trailer is taken for an error of the trailer", "the wrong reason is counted", "", "6.3"),
    "NextHeaderOpaque": (
        "the trailer is refused for a Next Header that only the contents decide on",
        "the wrong reason is counted",
        "",
        "6.3",
    ),
}


def group() -> Group:
    g = Group("rfc6618", "trailer", "rfc6618", NOTES)
    payload = seed.octets("trailer", 21)
    for count in (*range(33), 47, 48, 63, 64, 65, 127, 128, 129, 191, 254, 255):
        flags = ["LongPadding"] if count > 15 else []
        g.valid(f"padding-{count}", f"{count} octets of padding", "6.3", flags, **_row(payload, _pad(count), 41))
    for next_header in (0, 4, 6, 17, 43, 50, 58, 59, 60, 135, 253, 255):
        g.valid(
            f"next-header-{next_header}",
            "which Next Header is legal depends on PType",
            "6.3",
            ["NextHeaderOpaque"],
            **_row(payload, _pad(3), next_header),
        )
    for count in (0, 1, 2, 14, 255):
        g.valid(f"only-padding-{count}", "no payload at all", "6.3", ["EmptyPayload"], **_row(b"", _pad(count), 59))
    for length in (1, 2, 7, 64, 255, 256, 1400):
        g.valid(f"payload-{length}", f"{length} octets of payload", "6.3", **_row(seed.octets(f"trailer {length}", length), _pad(2), 41))
    _too_large(g)
    _wrong_octets(g, payload)
    for slug, octets in (("nothing", {}), ("one-octet", {"next_header": "29"})):
        g.invalid(f"short/{slug}", "no room for Pad Length and Next Header", "6.3", "pad_length", ["TooShort"], octets=octets)
    return g


def _pad(count: int) -> bytes:
    return bytes(range(1, count + 1))


def _octets(payload: bytes, padding: bytes, next_header: int, pad_length=None) -> dict:
    count = len(padding) if pad_length is None else pad_length
    return {"payload": payload.hex(), "padding": padding.hex(), "pad_length": f"{count:02x}", "next_header": f"{next_header:02x}"}


def _row(payload: bytes, padding: bytes, next_header: int) -> dict:
    value = {"payload_len": len(payload), "pad_length": len(padding), "next_header": next_header}
    return {"octets": _octets(payload, padding, next_header), "value": value}


def _too_large(g: Group):
    for size in (0, 1, 2, 7, 14, 15, 16, 30, 100, 254):
        data = seed.octets(f"trailer short {size}", size)
        for over in sorted({1, 2, 255 - size}):
            if size + over <= 255:
                g.invalid(
                    f"pad-length-too-large/{size}-by-{over}",
                    f"Pad Length {size + over} of {size} octets",
                    "6.3",
                    "pad_length",
                    ["PadLengthTooLarge"],
                    octets=_octets(data, b"", 41, size + over),
                )


def _wrong_octets(g: Group, payload: bytes):
    good = _pad(16)
    for at in range(16):
        wrong = good[:at] + bytes([good[at] ^ 0x80]) + good[at + 1 :]
        _lenient(g, payload, f"octet-{at + 1}", f"octet {at + 1} of 16 is wrong", wrong)
    forms = {
        "zeros": bytes(7),
        "from-zero": bytes(range(7)),
        "pad-length-repeated": b"\x07" * 7,
        "backwards": _pad(7)[::-1],
        "as-in-ssl": b"\x06" * 7,
        "ones": b"\x01" * 7,
        "random": seed.octets("padding", 7),
        "one-zero": b"\0",
        "one-two": b"\x02",
    }
    for slug, padding in forms.items():
        _lenient(g, payload, slug, "not 1, 2, 3 and so on", padding)


def _lenient(g: Group, payload: bytes, slug: str, comment: str, padding: bytes):
    facts = _row(payload, padding, 41)
    g.lenient(f"padding-octets/{slug}", comment, "6.3", "padding", "invalid", ["PaddingOctets"], **facts)

"""RFC 6275 sections 6.1 and 6.3 as RFC 6618 section 6.3 carries them.

A row begins with the first header inside PType 8: a Mobility Header, or a Destination
Options header with the Home Address option and then a Mobility Header. The checksum
runs over `source` and `destination`, where the home address stands for the mobile node.
"""

import ipaddress

from . import mobility_chain
from .group import Group, Mistake

NOTES = mobility_chain.NOTES | {
    "ChecksumOverCareOf": ("the checksum runs over the care-of address instead of the home address", "every NAT breaks it", "PK-26", "6.3"),
    "ChecksumWrong": ("the checksum is not checked", "damaged registrations have an effect", "PK-26", "6.3"),
    "PayloadProto": ("a header behind the Mobility Header is accepted", "octets that nobody looks at", "", "6.3"),
    "HeaderLength": ("Header Len and the octets at hand disagree", "reading beyond the message", "", "6.3"),
    "UnknownMessage": ("an unknown Mobility Header type is processed", "undefined behaviour", "", "6.3"),
    "OptionLength": ("an option that disagrees with its own length is read", "reading beyond the message", "", "6.3"),
    "UnknownOption": ("an unknown mobility option spoils the message", "no extension is possible", "", "6.3"),
    "PaddingForm": ("another form of option padding is refused", "two correct peers cannot talk", "", "6.3"),
    "ReservedIgnored": ("reserved bits are looked at on receipt", "no extension is possible", "", "6.3"),
    "ReinitStatus": ("176 is taken for an accepted registration", "the binding is believed to exist", "PK-31", "8.2"),
    "NoAlternateCareOf": ("a registration without the Alternate Care-of Address option is refused on the wire level", "IPv4 access fails", "PK-27", "6.3"),
    "NotUnicast": ("a home address that no node can have is accepted", "bindings for other nodes", "", "6.3"),
    "DestinationOption": ("unknown destination options are treated alike whatever their two highest bits say", "no extension is possible", "", "6.3"),
}

HOME = "2001:db8:0:1::2"
AGENT = "2001:db8::1"
CARE_OF = "2001:db8:c0de::99"
OTHER = "2001:db8:0:1::3"
FLAGS = {"A": 0x8000, "H": 0x4000, "L": 0x2000, "K": 0x1000}
MH, DSTOPTS, ROUTING, NONE = 135, 60, 43, 59


def group() -> Group:
    g = Group("rfc6618", "mobility", "rfc6618", NOTES)
    _updates(g)
    _acknowledgements(g)
    _padding_forms(g)
    _broken_headers(g)
    _broken_options(g)
    _home_address(g)
    mobility_chain.rows(g)
    return g


def ip6(address: str) -> bytes:
    return ipaddress.IPv6Address(address).packed


def checksum(message: bytes, source: str, destination: str) -> bytes:
    """The Internet checksum over the pseudo-header of RFC 6275 section 6.1.1 and the message."""
    data = ip6(source) + ip6(destination) + len(message).to_bytes(4, "big") + bytes([0, 0, 0, MH]) + message
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (total ^ 0xFFFF).to_bytes(2, "big")


def message(kind: int, body: bytes, source: str, destination: str, proto=NONE, header_len=None) -> bytes:
    """A Mobility Header around `body`, which fills up to eight octets together with the first six."""
    if (6 + len(body)) % 8:
        raise Mistake(f"a body of {len(body)} octets does not fill up eight octets")
    units = (6 + len(body)) // 8 - 1 if header_len is None else header_len
    before = bytes([proto, units, kind, 0])
    return before + checksum(before + b"\0\0" + body, source, destination) + body


def update(sequence: int, flags: str, lifetime: int, options=b"", reserved=0) -> bytes:
    """The body of a Binding Update; `lifetime` in units of four seconds."""
    bits = sum(FLAGS[flag] for flag in flags) | reserved
    return sequence.to_bytes(2, "big") + bits.to_bytes(2, "big") + lifetime.to_bytes(2, "big") + options


def acknowledgement(status: int, sequence: int, lifetime: int, key=False, options=b"", reserved=0) -> bytes:
    """The body of a Binding Acknowledgement."""
    return bytes([status, (0x80 if key else 0) | reserved]) + sequence.to_bytes(2, "big") + lifetime.to_bytes(2, "big") + options


def pad_n(count: int) -> bytes:
    """PadN that takes `count` octets in all, two or more."""
    return bytes([1, count - 2]) + bytes(count - 2)


def alternate_care_of(address: str) -> bytes:
    return bytes([3, 16]) + ip6(address)


def refresh_advice(interval: int) -> bytes:
    return bytes([2, 2]) + interval.to_bytes(2, "big")


def home_address_header(home: str) -> bytes:
    """Destination Options: PadN(4), then the Home Address option on its 8n+6 boundary."""
    return bytes([MH, 2]) + pad_n(4) + bytes([0xC9, 16]) + ip6(home)


def registration(sequence: int, lifetime: int, home=HOME, agent=AGENT, care_of=CARE_OF) -> bytes:
    """What an MN sends to register: Home Address option, Binding Update, Alternate Care-of Address."""
    body = update(sequence, "AH", lifetime, pad_n(2) + alternate_care_of(care_of))
    return home_address_header(home) + message(5, body, home, agent)


def accepted(sequence: int, lifetime: int, home=HOME, agent=AGENT) -> bytes:
    """The acknowledgement of that."""
    return message(6, acknowledgement(0, sequence, lifetime, options=pad_n(4)), agent, home)


def routed(following: bytes, home=HOME) -> bytes:
    """A type 2 Routing header that names the home address, before a Mobility Header."""
    return bytes([MH, 2, 2, 1, 0, 0, 0, 0]) + ip6(home) + following


def _facts(octets: bytes, source=HOME, destination=AGENT, first=MH) -> dict:
    return {"first_header": first, "source": source, "destination": destination, "input": octets.hex()}


def _update_value(sequence, flags, lifetime, options=()) -> dict:
    return {"message": "binding-update", "sequence": sequence, "flags": list(flags), "lifetime": lifetime, "options": list(options)}


def _ack_value(status, sequence, lifetime, flags="", options=()) -> dict:
    return {"message": "binding-acknowledgement", "status": status, "sequence": sequence, "flags": list(flags),
            "lifetime": lifetime, "options": list(options)}


def _care_of_value(address: str) -> dict:
    return {"option": "alternate-care-of-address", "address": address}


def _advice_value(interval: int) -> dict:
    return {"option": "binding-refresh-advice", "interval": interval}


def _updates(g: Group):
    for sequence, flags, lifetime in ((0, "AH", 900), (1, "AHLK", 1), (32768, "A", 65535), (65535, "H", 0), (7, "", 10), (8, "AHK", 300)):
        body = update(sequence, flags, lifetime, pad_n(4))
        g.valid(f"update/plain-{sequence}", f"flags {flags or 'none'}, lifetime {lifetime * 4} s", "6.3", ["NoAlternateCareOf"],
                **_facts(message(5, body, HOME, AGENT)), value=_update_value(sequence, flags, lifetime), canonical=True)
    body = update(1, "AH", 900, pad_n(2) + alternate_care_of(CARE_OF))
    g.valid("update/alternate-care-of", "the option begins at 8n+6", "6.3",
            **_facts(message(5, body, HOME, AGENT)), value=_update_value(1, "AH", 900, [_care_of_value(CARE_OF)]), canonical=True)
    body = update(2, "AH", 900, b"\xc8\x04abcd" + pad_n(6))
    g.valid("update/unknown-option", "an option that nobody knows is passed over", "6.3", ["UnknownOption"],
            **_facts(message(5, body, HOME, AGENT)),
            value=_update_value(2, "AH", 900, [{"option": "unknown", "type": 200, "data": b"abcd".hex()}]), canonical=False)
    for bit in (0x0800, 0x0001, 0x0FFF):
        body = update(3, "AH", 900, pad_n(4), reserved=bit)
        g.valid(f"update/reserved-{bit:04x}", "reserved bits are ignored on receipt", "6.3", ["ReservedIgnored"],
                **_facts(message(5, body, HOME, AGENT)), value=_update_value(3, "AH", 900), canonical=False)


def _acknowledgements(g: Group):
    ack = {"source": AGENT, "destination": HOME}
    for status in (0, 1, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 174, 176, 255):
        flags = ["ReinitStatus"] if status == 176 else []
        body = acknowledgement(status, 9, 0 if status >= 128 else 900, options=pad_n(4))
        g.valid(f"acknowledgement/status-{status}", "128 and above refuse the registration", "6.3", flags,
                **_facts(message(6, body, AGENT, HOME), **ack), value=_ack_value(status, 9, 0 if status >= 128 else 900), canonical=True)
    body = acknowledgement(0, 65535, 900, key=True, options=pad_n(4))
    g.valid("acknowledgement/key-management", "the K bit", "6.3", **_facts(message(6, body, AGENT, HOME), **ack),
            value=_ack_value(0, 65535, 900, "K"), canonical=True)
    for interval in (1, 600, 65535):
        body = acknowledgement(0, 9, 900, options=refresh_advice(interval))
        g.valid(f"acknowledgement/refresh-advice-{interval}", "the option begins at 2n", "6.3", **_facts(message(6, body, AGENT, HOME), **ack),
                value=_ack_value(0, 9, 900, options=[_advice_value(interval)]), canonical=True)
    body = acknowledgement(0, 9, 900, options=pad_n(4), reserved=0x7F)
    g.valid("acknowledgement/reserved-7f", "reserved bits are ignored on receipt", "6.3", ["ReservedIgnored"],
            **_facts(message(6, body, AGENT, HOME), **ack), value=_ack_value(0, 9, 900), canonical=False)


def _padding_forms(g: Group):
    forms = {
        "four-pad1": bytes(4),
        "pad1-then-padn": b"\0" + pad_n(3),
        "padn-then-pad1": pad_n(3) + b"\0",
        "two-padn": pad_n(2) * 2,
        "padn-not-zero": b"\x01\x02\xff\xff",
        "padn-of-twelve": pad_n(12),
        "pad1-then-long-padn": b"\0" + pad_n(11),
    }
    for slug, padding in forms.items():
        g.valid(f"padding/{slug}", "a receiver passes over padding in any form", "6.3", ["PaddingForm"],
                **_facts(message(5, update(4, "AH", 900, padding), HOME, AGENT)), value=_update_value(4, "AH", 900), canonical=False)
    unaligned = refresh_advice(600) + pad_n(8)
    g.valid("padding/more-than-needed", "eight octets more than the boundary asks for", "6.3", ["PaddingForm"],
            **_facts(message(6, acknowledgement(0, 4, 900, options=unaligned), AGENT, HOME), AGENT, HOME),
            value=_ack_value(0, 4, 900, options=[_advice_value(600)]), canonical=False)


def _broken_headers(g: Group):
    body = update(5, "AH", 900, pad_n(4))
    good = message(5, body, HOME, AGENT)
    g.invalid("checksum/one-bit", "one bit of the checksum is wrong", "6.3", "checksum", ["ChecksumWrong"],
              **_facts(good[:4] + bytes([good[4] ^ 1]) + good[5:]))
    g.invalid("checksum/zero", "zero does not mean that there is none", "6.3", "checksum", ["ChecksumWrong"],
              **_facts(good[:4] + b"\0\0" + good[6:]))
    g.invalid("checksum/damaged-body", "one bit of the sequence number is wrong", "6.3", "checksum", ["ChecksumWrong"],
              **_facts(good[:7] + bytes([good[7] ^ 1]) + good[8:]))
    g.invalid("checksum/over-care-of", "computed over the outer source address", "6.3", "checksum", ["ChecksumOverCareOf"],
              **_facts(message(5, body, CARE_OF, AGENT)))
    reply = message(6, acknowledgement(0, 5, 900, options=pad_n(4)), AGENT, CARE_OF)
    g.invalid("checksum/acknowledgement-over-care-of", "computed over the outer destination address", "6.3", "checksum",
              ["ChecksumOverCareOf"], **_facts(reply, AGENT, HOME))
    for proto in (0, 6, 17, 41, 58, 135):
        g.invalid(f"payload-proto-{proto}", "Payload Proto is 59", "6.3", "payload_proto", ["PayloadProto"],
                  **_facts(message(5, body, HOME, AGENT, proto=proto)))
    for kind in (17, 200, 255):
        g.invalid(f"type-{kind}", "no such message between MN and HA", "6.3", "mh_type", ["UnknownMessage"],
                  **_facts(message(kind, body, HOME, AGENT)))
    g.invalid("header-len-too-large", "Header Len promises eight octets more", "6.3", "header_len", ["HeaderLength"],
              **_facts(message(5, body, HOME, AGENT, header_len=2)))
    g.invalid("header-len-too-small", "eight octets cannot hold a Binding Update", "6.3", "header_len", ["HeaderLength"],
              **_facts(message(5, update(5, "AH", 900)[:2], HOME, AGENT)))
    for count in (0, 1, 5, 7, 8, 11, 15):
        g.invalid(f"cut-to-{count}", f"the first {count} octets of a good message", "6.3", "header_len", ["HeaderLength"],
                  **_facts(good[:count]))


def _broken_options(g: Group):
    overruns = {
        "overruns-by-one": b"\xc8\x03\0\0",
        "overruns-by-far": b"\xc8\xff\0\0",
        "type-without-length": pad_n(3) + b"\xc8",
        "padn-overruns": b"\x01\x03\0\0",
    }
    for slug, options in overruns.items():
        g.invalid(f"option/{slug}", "the option reaches beyond the message", "6.3", "options", ["OptionLength"],
                  **_facts(message(5, update(6, "AH", 900, options), HOME, AGENT)))
    care_of = {
        "care-of-of-15": pad_n(2) + b"\x03\x0f" + ip6(CARE_OF)[:15] + b"\0",
        "care-of-of-17": pad_n(2) + b"\x03\x11" + ip6(CARE_OF) + bytes(1) + pad_n(7),
        "care-of-of-0": pad_n(2) + b"\x03\0",
    }
    advice = {"advice-of-1": b"\x02\x01\x09\0", "advice-of-3": b"\x02\x03\0\x09\0" + pad_n(7)}
    facts = {slug: _facts(message(5, update(6, "AH", 900, options), HOME, AGENT)) for slug, options in care_of.items()}
    for slug, options in advice.items():
        facts[slug] = _facts(message(6, acknowledgement(0, 6, 900, options=options), AGENT, HOME), AGENT, HOME)
    for slug, fact in facts.items():
        g.lenient(f"option/{slug}", "no such length: a receiver passes over the option or refuses the message", "6.3", "options",
                  "invalid", ["OptionLength"], **fact)


def _home_address(g: Group):
    value = _update_value(1, "AH", 900, [_care_of_value(CARE_OF)]) | {"home_address": HOME}
    whole = registration(1, 900)
    header, inner = whole[:24], whole[24:]
    g.valid("home-address/registration", "Destination Options with the Home Address option, then the Binding Update", "6.3",
            **_facts(whole, first=DSTOPTS), value=value, canonical=True)
    bye = home_address_header(HOME) + message(5, update(2, "AH", 0, pad_n(2) + alternate_care_of(HOME)), HOME, AGENT)
    g.valid("home-address/de-registration", "lifetime 0, the care-of address is the home address", "6.3", **_facts(bye, first=DSTOPTS),
            value=_update_value(2, "AH", 0, [_care_of_value(HOME)]) | {"home_address": HOME}, canonical=True)
    skip = bytes([MH, 3]) + b"\x1e\x08" + bytes(8) + pad_n(2) + bytes([0xC9, 16]) + ip6(HOME)
    g.valid("home-address/unknown-option-skipped", "an unknown option whose two highest bits are 00 is passed over", "6.3",
            ["DestinationOption"], **_facts(skip + inner, first=DSTOPTS), value=value, canonical=False)
    for high in (0x40, 0x80, 0xC0):
        drop = bytes([MH, 3]) + bytes([high | 0x1E, 8]) + bytes(8) + pad_n(2) + bytes([0xC9, 16]) + ip6(HOME)
        g.invalid(f"home-address/unknown-option-{high | 0x1e:02x}", "an unknown option whose two highest bits ask to drop the packet", "6.3",
                  "destination_options", ["DestinationOption"], **_facts(drop + inner, first=DSTOPTS))
    for count in (15, 17):
        short = header[:7] + bytes([count]) + header[8:]
        g.invalid(f"home-address/option-of-{count}", "the Home Address option has 16 octets", "6.3", "home_address", ["OptionLength"],
                  **_facts(short + inner, first=DSTOPTS))
    for slug, address in (("multicast", "ff02::1"), ("unspecified", "::"), ("loopback", "::1"), ("link-local", "fe80::1")):
        g.invalid(f"home-address/{slug}", "the home address is a routable unicast address", "6.3", "home_address", ["NotUnicast"],
                  **_facts(home_address_header(address) + message(5, update(1, "AH", 900, pad_n(4)), address, AGENT), source=address, first=DSTOPTS))
    g.invalid("home-address/header-cut", "the Destination Options header ends early", "6.3", "destination_options", ["HeaderLength"],
              **_facts(header[:20], first=DSTOPTS))
    g.invalid("home-address/nothing-follows", "the chain ends before the Mobility Header", "6.3", "header_len", ["HeaderLength"],
              **_facts(header, first=DSTOPTS))
    g.invalid("home-address/of-another-node", "the checksum runs over another home address than the option names", "6.3", "checksum",
              ["ChecksumWrong"], **_facts(home_address_header(OTHER) + inner, source=OTHER, first=DSTOPTS))

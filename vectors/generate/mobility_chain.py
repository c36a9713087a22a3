"""RFC 6275 sections 6.1.2, 6.1.9, 6.3 and 6.4, and RFC 5555 section 3: what else travels in PType 8.

Binding Refresh Request and Binding Error, chains of extension headers before a Mobility Header,
options of Dual-Stack Mobile IPv6, and whole messages with one octet changed or the end cut off.
"""

from . import mobility as mh
from . import seed
from .group import Group

NOTES = {
    "RefreshRequest": ("a Binding Refresh Request is taken for an unknown message", "bindings end unnoticed", "PK-24", "6.3"),
    "BindingError": ("a Binding Error is taken for an unknown message", "a lost binding goes unnoticed", "PK-24", "6.3"),
    "RoutingHeader": (
        "a type 2 Routing header before an acknowledgement is refused",
        "agents that follow RFC 6275 are not understood",
        "PK-21",
        "6.3",
    ),
    "RoutingHeaderWrong": (
        "a Routing header that is not one of type 2 with one segment left is processed",
        "packets are forwarded for strangers",
        "PK-21",
        "6.3",
    ),
    "ChainOrder": ("extension headers are expected once, in one order", "two correct peers cannot talk", "PK-21", "6.3"),
    "HomeAddressTwice": ("of two home addresses one is taken", "two parsers see two nodes", "PK-25", "6.3"),
    "DualStackOption": ("options of RFC 5555 spoil the message", "Dual-Stack nodes cannot register", "PK-33", "6.3"),
    "Damaged": ("damage anywhere in the message goes unseen", "damaged registrations have an effect", "PK-26", "6.3"),
}


def rows(g: Group):
    _refresh(g)
    _errors(g)
    _routing(g)
    _chains(g)
    _dual_stack(g)
    _damage(g)


def _facts(octets: bytes, source=None, destination=None, first=135) -> dict:
    return {"first_header": first, "source": source or mh.HOME, "destination": destination or mh.AGENT, "input": octets.hex()}


def _from_agent(octets: bytes, first=135) -> dict:
    return _facts(octets, mh.AGENT, mh.HOME, first)


def _refresh(g: Group):
    for slug, options, seen in (
        ("plain", b"", []),
        ("padded", mh.pad_n(8), []),
        ("unknown-option", b"\xc8\x06abcdef", [_unknown(200, b"abcdef")]),
    ):
        octets = mh.message(0, b"\0\0" + options, mh.AGENT, mh.HOME)
        g.valid(
            f"refresh-request/{slug}",
            "the home agent asks for a new Binding Update",
            "6.3",
            ["RefreshRequest"],
            **_from_agent(octets),
            value={"message": "binding-refresh-request", "options": seen},
            canonical=not options,
        )
    reserved = mh.message(0, b"\xff\xff", mh.AGENT, mh.HOME)
    g.valid(
        "refresh-request/reserved",
        "reserved bits are ignored on receipt",
        "6.3",
        ["ReservedIgnored"],
        **_from_agent(reserved),
        value={"message": "binding-refresh-request", "options": []},
        canonical=False,
    )


def _errors(g: Group):
    for status in (1, 2, 255):
        for slug, home in (("home", mh.HOME), ("unspecified", "::")):
            octets = mh.message(7, bytes([status, 0]) + mh.ip6(home), mh.AGENT, mh.HOME)
            g.valid(
                f"error/status-{status}-{slug}",
                "1: no binding for the Home Address option; 2: unknown Mobility Header",
                "6.3",
                ["BindingError"],
                **_from_agent(octets),
                value={"message": "binding-error", "status": status, "about": home, "options": []},
                canonical=True,
            )
    short = mh.message(7, b"\x01\0", mh.AGENT, mh.HOME)
    g.invalid(
        "error/without-address", "eight octets cannot hold a Binding Error", "6.3", "header_len", ["HeaderLength"], **_from_agent(short)
    )


def _unknown(kind: int, data: bytes) -> dict:
    return {"option": "unknown", "type": kind, "data": data.hex()}


def _ack_value(**more) -> dict:
    return {"message": "binding-acknowledgement", "status": 0, "sequence": 1, "flags": [], "lifetime": 900, "options": []} | more


def _update_value(options=(), **more) -> dict:
    return {"message": "binding-update", "sequence": 1, "flags": ["A", "H"], "lifetime": 900, "options": list(options)} | more


def _care_of() -> dict:
    return {"option": "alternate-care-of-address", "address": mh.CARE_OF}


def _routing(g: Group):
    whole = mh.routed(mh.accepted(1, 900))
    g.valid(
        "routing/acknowledgement",
        "a type 2 Routing header names the home address",
        "6.3",
        ["RoutingHeader"],
        **_from_agent(whole, mh.ROUTING),
        value=_ack_value(routing_home_address=mh.HOME),
        canonical=True,
    )
    wrong = {
        "type-0": whole[:2] + b"\0" + whole[3:],
        "type-3": whole[:2] + b"\x03" + whole[3:],
        "no-segment-left": whole[:3] + b"\0" + whole[4:],
        "two-segments-left": whole[:3] + b"\x02" + whole[4:],
        "length-1": whole[:1] + b"\x01" + whole[2:],
        "length-3": whole[:1] + b"\x03" + whole[2:],
    }
    for slug, octets in wrong.items():
        g.invalid(
            f"routing/{slug}",
            "not type 2 with one segment left and one address",
            "6.3",
            "routing",
            ["RoutingHeaderWrong"],
            **_from_agent(octets, mh.ROUTING),
        )
    for count in (0, 1, 2, 8, 23, 24, 25, 30):
        g.invalid(
            f"routing/cut-to-{count}",
            f"the first {count} octets",
            "6.3",
            "routing" if count < 24 else "header_len",
            ["HeaderLength"],
            **_from_agent(whole[:count], mh.ROUTING),
        )


def _chains(g: Group):
    body = mh.update(1, "AH", 900, mh.pad_n(2) + mh.alternate_care_of(mh.CARE_OF))
    update = mh.message(5, body, mh.HOME, mh.AGENT)
    option = mh.home_address_header(mh.HOME)
    empty = bytes([mh.DSTOPTS, 0]) + mh.pad_n(6)
    value = _update_value([_care_of()], home_address=mh.HOME)
    g.valid(
        "chain/empty-options-first",
        "a Destination Options header with nothing but padding, then one with the option",
        "6.3",
        ["ChainOrder"],
        **_facts(empty + option + update, first=mh.DSTOPTS),
        value=value,
        canonical=False,
    )
    after = option[:1].replace(b"\x87", b"\x3c") + option[1:] + bytes([mh.MH, 0]) + mh.pad_n(6)
    g.valid(
        "chain/empty-options-behind",
        "the option, then a Destination Options header with nothing but padding",
        "6.3",
        ["ChainOrder"],
        **_facts(after + update, first=mh.DSTOPTS),
        value=value,
        canonical=False,
    )
    g.invalid(
        "chain/home-address-twice",
        "the same home address in two headers",
        "6.3",
        "home_address",
        ["HomeAddressTwice"],
        **_facts(bytes([mh.DSTOPTS]) + option[1:] + option + update, first=mh.DSTOPTS),
    )
    both = bytes([mh.MH, 4]) + mh.pad_n(4) + (b"\xc9\x10" + mh.ip6(mh.HOME)) + b"\xc9\x10" + mh.ip6(mh.OTHER)[:14]
    g.invalid(
        "chain/two-options",
        "two Home Address options in one header, the second cut",
        "6.3",
        "home_address",
        ["HomeAddressTwice"],
        **_facts(both + update, first=mh.DSTOPTS),
    )
    for proto in (6, 17, 41, 58, 59, 44):
        g.invalid(
            f"chain/leads-to-{proto}",
            "the chain does not end in a Mobility Header",
            "6.3",
            "next_header",
            ["ChainOrder"],
            **_facts(bytes([proto]) + option[1:] + update, first=mh.DSTOPTS),
        )
    padded = {"pad1-four-times": b"\0\0\0\0", "pad1-padn": b"\0" + mh.pad_n(3), "padn-not-zero": b"\x01\x02\xaa\xbb"}
    for slug, padding in padded.items():
        g.valid(
            f"chain/{slug}",
            "padding before the option in any form",
            "6.3",
            ["PaddingForm"],
            **_facts(bytes([mh.MH, 2]) + padding + option[6:] + update, first=mh.DSTOPTS),
            value=value,
            canonical=False,
        )
    whole = option + update
    for count in range(len(whole)):
        fault = "destination_options" if count < 24 else "header_len"
        g.invalid(
            f"chain/cut-to-{count}",
            f"the first {count} octets of a registration",
            "6.3",
            fault,
            ["HeaderLength"],
            **_facts(whole[:count], first=mh.DSTOPTS),
        )


def _dual_stack(g: Group):
    home4, care4 = bytes([192, 0, 2, 10]), bytes([198, 51, 100, 7])
    options = {
        "ip4-home-address": (29, bytes([32 << 2, 0]) + home4),
        "nat-detection": (31, bytes(6)),
        "ip4-care-of": (32, bytes(2) + care4),
    }
    for slug, (kind, data) in options.items():
        for flags in ("AH", "AHK"):
            body = mh.update(1, flags, 900, bytes([kind, len(data)]) + data + mh.pad_n(4))
            octets = mh.message(5, body, mh.HOME, mh.AGENT)
            value = _update_value([_unknown(kind, data)]) | {"flags": list(flags)}
            g.valid(
                f"dual-stack/{slug}-{flags.lower()}",
                f"option {kind} of RFC 5555 is passed over by those who do not know it",
                "6.3",
                ["DualStackOption"],
                **_facts(octets),
                value=value,
                canonical=False,
            )
    for status in (0, 129, 130, 132, 133):
        data = bytes([status, 32 << 2]) + home4
        body = mh.acknowledgement(0, 1, 900, options=bytes([30, len(data)]) + data + mh.pad_n(4))
        g.valid(
            f"dual-stack/ip4-acknowledgement-{status}",
            "option 30 of RFC 5555",
            "6.3",
            ["DualStackOption"],
            **_from_agent(mh.message(6, body, mh.AGENT, mh.HOME)),
            value=_ack_value(options=[_unknown(30, data)]),
            canonical=False,
        )
    every = b"".join(bytes([kind, len(data)]) + data for kind, data in options.values())
    for kind in (4, 5, 6, 8, 12, 22, 100, 127, 128, 254, 255):
        data = seed.octets(f"option {kind}", 8)
        octets = mh.message(5, mh.update(1, "AH", 900, bytes([kind, 8]) + data + mh.pad_n(2)), mh.HOME, mh.AGENT)
        g.valid(
            f"option/unknown-{kind}",
            f"option {kind} is passed over",
            "6.3",
            ["UnknownOption"],
            **_facts(octets),
            value=_update_value([_unknown(kind, data)]),
            canonical=False,
        )
    octets = mh.message(5, mh.update(1, "AH", 900, every + mh.pad_n(-(12 + len(every)) % 8 or 8)), mh.HOME, mh.AGENT)
    g.valid(
        "dual-stack/all",
        "three options in one update",
        "6.3",
        ["DualStackOption"],
        **_facts(octets),
        value=_update_value([_unknown(kind, data) for kind, data in options.values()]),
        canonical=False,
    )


def _damage(g: Group):
    update, acknowledgement = mh.registration(1, 900)[24:], mh.accepted(1, 900)
    for slug, octets, facts in (("update", update, _facts), ("acknowledgement", acknowledgement, _from_agent)):
        for at in range(4, len(octets)):
            wrong = octets[:at] + bytes([octets[at] ^ 0x10]) + octets[at + 1 :]
            g.invalid(
                f"damaged/{slug}-octet-{at}", f"bit 4 of octet {at} was changed on the way", "6.3", "checksum", ["Damaged"], **facts(wrong)
            )

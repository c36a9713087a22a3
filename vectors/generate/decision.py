"""RFC 6618 sections 5.6.4, 6.1, 6.2, 6.4 and 8.1: what the first two words of a packet lead to.

A row is the two words and what the receiver knows: whether the SPI leads to an SA (`sa`: none,
live, ended), the scope (`scope`: of that SA; for PType 0 of the SA of the sender whose binding
the outer source address leads to), and the numbers that were taken before (`taken`, under this
SPI and direction, in a window of 64). `verdict` is `plain` (deliver what follows as it is, if the
inner addresses are right), `open` (check the ICV), or `discard`, in silence.
"""

from .group import Group

NOTES = {
    "UnknownPtype": ("an unassigned PType is processed", "undefined behaviour", "PK-04", "8.1"),
    "SpiZero": ("SPI 0 is taken for an SA", "an SA that nobody agreed on", "PK-01", "6.2"),
    "PlainWithSpi": ("PType 0 with an SPI is taken", "clear packets pass for protected ones", "PK-02", "6.4"),
    "PlainWithSequence": ("PType 0 with a sequence number is taken", "a sender that counts goes unseen", "PK-02", "6.4"),
    "PlainUnderScope1": (
        "user data in the clear is taken although all data has to be protected",
        "protection can be stripped",
        "PK-05",
        "6.4",
    ),
    "PlainScope": ("PType 0 has no SPI and no scope is looked for", "protection can be stripped", "PK-07", "6.4"),
    "SignallingUnderScope1": ("PType 8 is dropped because scope 1 is read as PType 1 only", "no binding can be renewed", "PK-05", "5.6.4"),
    "DataUnderScope0": (
        "protected data is taken under an SA that protects signalling only",
        "policy is not what was agreed",
        "PK-06",
        "5.6.4",
    ),
    "SpiUnknown": ("a packet whose SPI nobody knows is answered or processed", "errors for strangers", "PK-09", "4.3"),
    "Ended": ("an SA is used after its end", "keys live longer than agreed", "SA-10", "5.6.3"),
    "Replay": ("a number is taken twice", "packets can be replayed", "SQ-03", "9.3"),
    "OneWindow": ("PType 1 and PType 8 have a window each", "a number can be used twice", "SQ-06", "4.3"),
    "SpiTakesPtype": ("the four bits of PType are taken into the SPI, or the other way round", "no SA is found", "", "6.2"),
}

LIVE = 0x0123456
TAKEN = [5, 100]
NUMBERS = {"zero": 0, "taken": 100, "left": 36, "edge": 37, "next": 101}


def group() -> Group:
    g = Group("rfc6618", "decision", "rfc6618", NOTES)
    for ptype in range(16):
        for scope in (0, 1):
            for sa in ("zero", "none", "live", "ended"):
                for number in NUMBERS if ptype in (1, 8) and sa == "live" else ("zero", "next"):
                    _row(g, ptype, scope, sa, number)
    _bits(g)
    return g


def _facts(ptype: int, spi: int, sequence: int, sa: str, scope: int, taken) -> dict:
    octets = {"ptype_spi": f"{ptype << 28 | spi:08x}", "sequence_number": f"{sequence:08x}"}
    return {"octets": octets, "sa": sa, "scope": scope, "taken": list(taken)}


def _row(g: Group, ptype: int, scope: int, sa: str, number: str):
    spi = {"zero": 0, "none": 0x7654321}.get(sa, LIVE)
    taken = TAKEN if sa in ("live", "ended") else []
    facts = _facts(ptype, spi, NUMBERS[number], "none" if sa == "zero" else sa, scope, taken)
    slug = f"ptype-{ptype}/scope-{scope}/spi-{sa}/number-{number}"
    verdict, fault, flag, comment = decide(ptype, spi, NUMBERS[number], sa, scope, taken)
    section = {"UnknownPtype": "8.1", "Replay": "9.3", "Ended": "5.6.3", "SpiUnknown": "4.3"}.get(flag, "6.2" if ptype else "6.4")
    if verdict == "either":
        g.lenient(slug, comment, "5.6.4", fault, "invalid", [flag], **facts, verdict="discard")
    elif verdict == "discard":
        g.invalid(slug, comment, section, fault, [flag], **facts, verdict=verdict)
    else:
        g.valid(slug, comment, section, [flag] if flag else [], **facts, verdict=verdict)


def decide(ptype, spi, sequence, sa, scope, taken):
    """The table: verdict, field at fault, flag, comment."""
    if ptype not in (0, 1, 8):
        return "discard", "ptype", "UnknownPtype", "nobody assigned this PType"
    if ptype == 0:
        return _plain(spi, sequence, scope)
    if spi == 0:
        return "discard", "spi", "SpiZero", "SPI 0 goes with PType 0 only"
    if sa == "none":
        return "discard", "spi", "SpiUnknown", "no SA has this SPI"
    if sa == "ended":
        return "discard", "spi", "Ended", "the SA is past its end"
    fresh = sequence not in taken and sequence > max(taken) - 64
    if not fresh:
        return "discard", "sequence_number", "Replay", "taken before, or left of the window"
    if ptype == 1 and scope == 0:
        return "either", "ptype", "DataUnderScope0", "this SA protects signalling only: dropping it is better"
    flag = "SignallingUnderScope1" if ptype == 8 and scope == 1 else "OneWindow" if ptype == 8 else ""
    return "open", "", flag, "the ICV decides"


def _plain(spi, sequence, scope):
    if spi:
        return "discard", "spi", "PlainWithSpi", "PType 0 has SPI 0"
    if sequence:
        return "discard", "sequence_number", "PlainWithSequence", "PType 0 has sequence number 0"
    if scope == 1:
        return "discard", "ptype", "PlainUnderScope1", "all data of this node has to be protected"
    return "plain", "", "PlainScope", "data of this node may travel in the clear"


def _bits(g: Group):
    for bit in range(28):
        g.valid(
            f"bit/spi-{bit}",
            f"only bit {bit} of the SPI is set",
            "6.2",
            ["SpiTakesPtype"],
            **_facts(8, 1 << bit, 0, "live", 1, []),
            verdict="open",
        )
    for bit in range(32):
        g.invalid(
            f"bit/plain-sequence-{bit}",
            f"only bit {bit} of the sequence number is set",
            "6.4",
            "sequence_number",
            ["PlainWithSequence"],
            **_facts(0, 0, 1 << bit, "none", 0, []),
            verdict="discard",
        )
        if bit < 28:
            g.invalid(
                f"bit/plain-spi-{bit}",
                f"only bit {bit} of the SPI is set",
                "6.4",
                "spi",
                ["PlainWithSpi"],
                **_facts(0, 1 << bit, 0, "live", 0, []),
                verdict="discard",
            )

"""Protected packets with one fault each, and packets sealed by readers of another mind.

`stage` says how far a receiver gets: it cannot split the packet (`frame`), it cannot use
the key (`key`), the ICV is wrong (`integrity`), the trailer is wrong behind a good ICV
(`padding`), or what was protected must not be delivered (`content`).
"""

import hashlib
import hmac
from dataclasses import replace

from . import inner, mobility
from .esp import ICV_LEN, Packet
from .group import Group
from .suites import Suite

NOTES = {
    "IcvFlipped": ("part of the ICV is not compared", "forgery becomes cheaper", "PK-14", "6.3"),
    "Tampered": ("part of the packet is not under the ICV", "packets can be changed on the way", "PK-13", "6.3"),
    "IcvTooLong": ("the whole MAC is sent instead of its first 96 bits", "the peers do not understand each other", "PK-14", "6.3"),
    "IcvLastOctets": (
        "the last 96 bits of the MAC are sent instead of the first",
        "the peers do not understand each other",
        "PK-14",
        "6.3",
    ),
    "IcvWithoutWord": ("the ICV begins after the PType|SPI word", "packets can be given another SPI", "PK-13", "6.2"),
    "IcvSpiOnly": ("the four bits of PType are zero under the ICV", "data can be turned into signalling", "PK-13", "6.2"),
    "IcvWithoutSequence": ("the sequence number is not under the ICV", "packets can be replayed", "PK-13", "6.3"),
    "IcvWithoutIv": ("the IV is not under the ICV", "the first block can be changed", "PK-13", "6.3"),
    "IcvOverPlaintext": ("the ICV is made before encryption", "decryption of forged packets", "PK-13", "6.3"),
    "IcvWithoutTrailer": ("the ICV ends before Pad Length and Next Header", "the trailer can be changed", "PK-13", "6.3"),
    "IcvHmacSha256": ("HMAC-SHA-256 is used because the suite says SHA256", "the peers do not understand each other", "", "5.6.5"),
    "IcvAbsent": ("a packet without ICV is taken", "forgery is free", "PK-10", "6.3"),
    "IcvZero": ("twelve zero octets are taken for an ICV", "forgery is free", "PK-14", "6.3"),
    "OtherDirectionsKey": ("the key of the other direction is used", "packets can be sent back to their author", "SA-05", "4.3"),
    "TooShort": ("a packet too short for its fields is read", "reading beyond the packet", "PK-10", "6.3"),
    "NotABlock": ("encrypted data that is no multiple of the block is read", "reading beyond the packet", "PK-10", "6.3"),
    "NullMisaligned": (
        "under the NULL cipher the trailer does not end on four octets",
        "senders that break RFC 4303 go unseen",
        "PK-16",
        "6.3",
    ),
    "PadLengthTooLarge": ("Pad Length points before the payload", "reading beyond the packet", "PK-18", "6.3"),
    "PaddingOctets": ("padding octets are not 1, 2, 3 and so on", "a damaged decryption goes unseen", "PK-15", "6.3"),
    "NextHeaderVersion": ("Next Header and the version of the inner packet disagree", "packets reach the wrong stack", "PK-20", "6.4"),
    "NextHeaderData": ("PType 1 carries something that is no IP packet", "signalling comes in as data", "PK-20", "6.4"),
    "NextHeaderSignalling": ("PType 8 carries an IP packet", "data comes in as signalling", "PK-21", "6.3"),
    "Dummy": ("Next Header 59 is delivered", "dummy packets reach the stack", "PK-22", "6.3"),
    "HiddenLength": ("octets behind the inner packet reach the stack", "the inner length is believed to be wrong", "PK-23", "6.4"),
    "DegenerateKey": ("two of three neighbouring DES keys are equal", "3DES is only DES", "SA-04", "5.6.2"),
    "KeyLength": ("a key of a length that the suite does not have is used", "less protection than agreed", "SA-03", "5.6.2"),
    "SpiZero": ("SPI 0 is used in a protected packet", "an SA that nobody agreed on", "PK-01", "6.2"),
    "UnknownPtype": ("an unassigned PType is processed", "undefined behaviour", "PK-04", "8.1"),
}


class Faults:
    """Rows about one suite; every one says where the receiver has to stop."""

    def __init__(self, g: Group, suite: Suite):
        self.g = g
        self.suite = suite
        self.name = suite.name.lower().replace("_", "-")

    def add(self, slug, comment, stage, fault, flag, packet: Packet, octets: dict, section="6.3"):
        self.g.invalid(
            f"{self.name}/{slug}", comment, section, fault, [flag], suite=self.suite.name, **packet.keys(), octets=octets, stage=stage
        )

    def may(self, slug, comment, stage, fault, ours, flag, packet: Packet, octets: dict, section="6.3"):
        self.g.lenient(
            f"{self.name}/{slug}", comment, section, fault, ours, [flag], suite=self.suite.name, **packet.keys(), octets=octets, stage=stage
        )


def rows(g: Group, suite: Suite, packet: Packet):
    f = Faults(g, suite)
    _flips(f, packet)
    _misreadings(f, packet)
    _lengths(f, packet)
    _padding(f, packet)
    _keys(f, packet)
    for spi, ptype in ((0, 1), (0, 8)):
        wrong = replace(packet, spi=spi, ptype=ptype)
        f.add(f"spi-0-ptype-{ptype}", "SPI 0 belongs to PType 0", "frame", "spi", "SpiZero", wrong, wrong.octets(), "6.2")
    for ptype in (2, 7, 9, 15):
        wrong = replace(packet, ptype=ptype)
        f.add(f"ptype-{ptype}", "no such packet type", "frame", "ptype", "UnknownPtype", wrong, wrong.octets(), "8.1")


def _flips(f: Faults, packet: Packet):
    good = packet.octets()
    for slug, at in (("first", 0), ("middle", 6), ("last", ICV_LEN - 1)):
        f.add(
            f"icv-{slug}-octet",
            f"one bit of the {slug} octet of the ICV",
            "integrity",
            "icv",
            "IcvFlipped",
            packet,
            good | {"icv": _flip(good["icv"], at)},
        )
    for field in ("sequence_number", "iv", "data"):
        if field in good:
            last = len(good[field]) // 2 - 1
            f.add(
                f"{field.replace('_', '-')}-tampered",
                "one bit was changed on the way",
                "integrity",
                "icv",
                "Tampered",
                packet,
                good | {field: _flip(good[field], last)},
            )
    f.add(
        "ptype-tampered",
        "PType 1 was changed into 8 on the way",
        "integrity",
        "icv",
        "Tampered",
        packet,
        good | {"ptype_spi": "8" + good["ptype_spi"][1:]},
        "6.2",
    )


def _misreadings(f: Faults, p: Packet):
    mac = p.suite.full_mac
    word, number, iv, data = p.word(), p.number(), p.iv, p.data()
    spi_only = p.spi.to_bytes(4, "big")
    wrong = {
        "icv-last-octets": ("IcvLastOctets", p.mac()[-ICV_LEN:]),
        "icv-without-word": ("IcvWithoutWord", mac(p.ikey, number + iv + data)),
        "icv-spi-only": ("IcvSpiOnly", mac(p.ikey, spi_only + number + iv + data)),
        "icv-without-sequence": ("IcvWithoutSequence", mac(p.ikey, word + iv + data)),
        "icv-zero": ("IcvZero", bytes(ICV_LEN)),
        "icv-other-direction": ("OtherDirectionsKey", mac(p.suite.ikey("ha-to-mn"), p.covered())),
    }
    if iv:
        wrong["icv-without-iv"] = ("IcvWithoutIv", mac(p.ikey, word + number + data))
        wrong["icv-over-plaintext"] = ("IcvOverPlaintext", mac(p.ikey, word + number + iv + p.plain()))
    else:
        wrong["icv-without-trailer"] = ("IcvWithoutTrailer", mac(p.ikey, word + number + data[:-2]))
    if p.suite.integrity == "AES-XCBC-MAC-96":
        wrong["icv-hmac-sha256"] = ("IcvHmacSha256", hmac.new(p.ikey, p.covered(), hashlib.sha256).digest())
    for slug, (flag, icv) in wrong.items():
        f.add(slug, NOTES[flag][0], "integrity", "icv", flag, p, p.octets(icv=icv[:ICV_LEN]))
    f.add("icv-too-long", NOTES["IcvTooLong"][0], "integrity", "icv", "IcvTooLong", p, p.octets(icv=p.mac()))


def _lengths(f: Faults, p: Packet):
    good = p.octets()
    head = {"ptype_spi": good["ptype_spi"]}
    f.add("no-icv", "the packet ends with Next Header", "integrity", "icv", "IcvAbsent", p, {k: v for k, v in good.items() if k != "icv"})
    f.add("icv-cut", "the last octet is missing", "integrity", "icv", "TooShort", p, good | {"icv": good["icv"][:-2]})
    f.add("ends-after-word", "four octets", "frame", "sequence_number", "TooShort", p, head)
    f.add(
        "ends-inside-sequence",
        "seven octets",
        "frame",
        "sequence_number",
        "TooShort",
        p,
        head | {"sequence_number": good["sequence_number"][:-2]},
    )
    f.add("header-only", "eight octets", "frame", "icv", "TooShort", p, head | {"sequence_number": good["sequence_number"]})
    icv_only = p.suite.full_mac(p.ikey, p.word() + p.number())[:ICV_LEN].hex()
    f.add(
        "no-data",
        "a good ICV over nothing",
        "frame",
        "data",
        "TooShort",
        p,
        head | {"sequence_number": good["sequence_number"], "icv": icv_only},
    )
    if p.iv:
        covered = p.word() + p.number() + p.iv
        f.add(
            "iv-only",
            "an IV and a good ICV, no data",
            "frame",
            "data",
            "TooShort",
            p,
            {k: v for k, v in good.items() if k != "data"} | {"icv": p.suite.full_mac(p.ikey, covered)[:ICV_LEN].hex()},
        )
        for cut in (1, p.suite.align - 1):
            data = p.data()[:-cut]
            icv = p.suite.full_mac(p.ikey, covered + data)[:ICV_LEN]
            f.add(
                f"data-cut-by-{cut}",
                "a good ICV over data that is no whole number of blocks",
                "frame",
                "data",
                "NotABlock",
                p,
                p.octets(icv=icv, data=data),
            )


def _padding(f: Faults, p: Packet):
    space = len(p.plain()) - 2
    for slug, count in (("by-one", space + 1), ("by-far", 255)):
        wrong = replace(p, pad_length=count)
        f.add(
            f"pad-length-too-large-{slug}",
            f"Pad Length {count} of {space} octets",
            "padding",
            "pad_length",
            "PadLengthTooLarge",
            wrong,
            wrong.octets(),
        )
    long = replace(p, extra_blocks=1)
    count = len(long.pad())
    forms = {
        "zeros": bytes(count),
        "from-zero": bytes(range(count)),
        "pad-length-repeated": bytes([count]) * count,
        "last-octet": long.pad()[:-1] + b"\xff",
        "first-octet": b"\xff" + long.pad()[1:],
    }
    for slug, padding in forms.items():
        wrong = replace(p, padding=padding)
        f.may(
            f"padding-{slug}",
            "the ICV is good, the padding octets are not 1, 2, 3",
            "padding",
            "padding",
            "invalid",
            "PaddingOctets",
            wrong,
            wrong.octets(),
        )
    if p.suite.cipher == "NULL":
        for count in (len(p.pad()) + 1, len(p.pad()) + 2):
            wrong = replace(p, padding=bytes(range(1, count + 1)))
            f.may(
                f"misaligned-{count}",
                "the ICV is good, the trailer ends beside a boundary of four",
                "frame",
                "padding",
                None,
                "NullMisaligned",
                wrong,
                wrong.octets(),
            )


def _keys(f: Faults, p: Packet):
    for count in (p.suite.ikey_len - 1, p.suite.ikey_len + 1):
        wrong = replace(p, ikey=(p.ikey + b"\0")[:count])
        f.add(f"ikey-of-{count}", f"the suite has {p.suite.ikey_len} octets", "key", "ikey", "KeyLength", wrong, p.octets(), "5.6.2")
    if not p.ekey:
        return
    for count in (p.suite.ekey_len - 8, p.suite.ekey_len + 8):
        wrong = replace(p, ekey=(p.ekey + bytes(8))[:count])
        f.add(f"ekey-of-{count}", f"the suite has {p.suite.ekey_len} octets", "key", "ekey", "KeyLength", wrong, p.octets(), "5.6.2")
    if p.suite.cipher == "TripleDES-CBC":
        one, two, three = p.ekey[:8], p.ekey[8:16], p.ekey[16:]
        for slug, key in (("k1-k2", one + one + three), ("k2-k3", one + two + two), ("all-equal", one * 3)):
            wrong = replace(p, ekey=key)
            f.add(f"degenerate-{slug}", "RFC 2451 has such keys refused", "key", "ekey", "DegenerateKey", wrong, wrong.octets(), "5.6.2")
        parity = replace(p, ekey=one + bytes(octet ^ 1 for octet in one) + three)
        f.may(
            "degenerate-k1-k2-but-parity",
            "equal but for the parity bits, which carry no key",
            "key",
            "ekey",
            "invalid",
            "DegenerateKey",
            parity,
            parity.octets(),
            "5.6.2",
        )


def contents(g: Group, suite: Suite, data: Packet, binding: Packet):
    """Good ICV, good padding, and still not to be delivered."""
    f = Faults(g, suite)
    wrong = {
        "ip6-as-ip4": ("NextHeaderVersion", replace(data, next_header=4), "6.4"),
        "ip4-as-ip6": ("NextHeaderVersion", replace(data, payload=inner.ip4_packet(8)), "6.4"),
        "signalling-as-data": ("NextHeaderData", replace(binding, ptype=1, next_header=mobility.DSTOPTS), "6.4"),
        "mobility-header-as-data": ("NextHeaderData", replace(data, payload=mobility.accepted(1, 900), next_header=mobility.MH), "6.4"),
        "data-as-signalling": ("NextHeaderSignalling", replace(data, ptype=8), "6.3"),
        "ip4-as-signalling": ("NextHeaderSignalling", replace(data, ptype=8, payload=inner.ip4_packet(8), next_header=4), "6.3"),
        "dummy": ("Dummy", replace(data, next_header=59), "6.3"),
        **_next_headers(data, binding),
        "dummy-signalling": ("Dummy", replace(binding, next_header=59), "6.3"),
    }
    hidden = replace(data, payload=data.payload + bytes(40))
    f.may(
        "hidden-length",
        "the inner packet ends before the payload does: trimming it is better than dropping it",
        "content",
        "payload",
        "valid",
        "HiddenLength",
        hidden,
        hidden.octets(),
        "6.4",
    )
    for slug, (flag, packet, section) in wrong.items():
        f.add(slug, NOTES[flag][0], "content", "next_header", flag, packet, packet.octets(), section)


def _next_headers(data: Packet, binding: Packet) -> dict:
    """Every Next Header that some protocol has and this PType has not."""
    rows = {}
    for number in (0, 1, 6, 17, 43, 44, 50, 51, 58, 97, 253, 255):
        rows[f"ptype-1-next-{number}"] = ("NextHeaderData", replace(data, next_header=number), "6.4")
        if number != mobility.ROUTING:
            rows[f"ptype-8-next-{number}"] = ("NextHeaderSignalling", replace(binding, next_header=number), "6.3")
    return rows


def _flip(octets: str, at: int) -> str:
    raw = bytearray.fromhex(octets)
    raw[at] ^= 1
    return raw.hex()

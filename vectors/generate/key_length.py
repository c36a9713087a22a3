"""RFC 6618 section 5.6.2: which keys a suite takes, as RFCs 2404, 3566, 2451, 3602 and 2410 fix it.

A row is the pair of keys of one direction. Absent means that there is no such header.
"""

from . import seed
from .group import Group
from .suites import SUITES, Suite

NOTES = {
    "KeyLength": (
        "a key of a length that the suite does not have is used, cut or filled up",
        "less protection than agreed",
        "SA-03",
        "5.6.2",
    ),
    "KeyAbsent": ("a missing key is taken for an empty one", "no protection at all", "SA-01", "5.6.2"),
    "KeyOfNull": ("an encryption key beside a NULL cipher is used, or spoils the SA", "mandatory suites do not work", "SA-02", "5.6.2"),
    "DegenerateKey": ("a TripleDES key with equal neighbours is used", "three times DES is one time DES", "SA-04", "5.6.2"),
    "Parity": ("the parity bits of a TripleDES key are looked at", "good keys are refused", "SA-04", "5.6.2"),
    "WholeMac": ("the length of the key is taken from the name of a hash", "the peers do not understand each other", "SA-03", "5.6.2"),
}

LENGTHS = [1, 5, 7, 8, 10, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 31, 32, 33, 40, 48, 56, 64, 65, 128, 255, 256]


def group() -> Group:
    g = Group("rfc6618", "key_length", "rfc6618", NOTES)
    for suite in SUITES:
        name = suite.name.lower().replace("_", "-")
        _integrity(g, suite, name)
        _encryption(g, suite, name)
    triple = next(suite for suite in SUITES if suite.cipher == "TripleDES-CBC")
    _triple_des(g, triple)
    return g


def _keys(suite: Suite, ikey: bytes, ekey: bytes | None) -> dict:
    return {"suite": suite.name, "ikey": ikey.hex(), "ekey": None if ekey is None else ekey.hex()}


def _right(suite: Suite) -> bytes | None:
    return suite.ekey() if suite.ekey_len else None


def _integrity(g: Group, suite: Suite, name: str):
    for count in [0] + LENGTHS:
        key = seed.octets(f"{suite.name} mn-to-ha ikey" if count == suite.ikey_len else f"key {count}", count)
        facts = _keys(suite, key, _right(suite))
        slug, comment = f"{name}/ikey-{count}", f"an integrity key of {count} octets"
        if count == suite.ikey_len:
            g.valid(slug, comment, "5.6.2", **facts)
        else:
            flags = ["WholeMac"] if count == 32 else ["KeyAbsent"] if count == 0 else ["KeyLength"]
            g.invalid(slug, f"{comment} instead of {suite.ikey_len}", "5.6.2", "ikey", flags, **facts)


def _encryption(g: Group, suite: Suite, name: str):
    if not suite.ekey_len:
        for count in (16, 24):
            facts = _keys(suite, suite.ikey(), seed.octets(f"superfluous {count}", count))
            g.lenient(
                f"{name}/ekey-{count}",
                "the NULL cipher has no key: passing over and refusing it both conform",
                "5.6.2",
                "ekey",
                None,
                ["KeyOfNull"],
                **facts,
            )
        return
    g.invalid(
        f"{name}/no-ekey", "this suite encrypts and has no key to do so", "5.6.2", "ekey", ["KeyAbsent"], **_keys(suite, suite.ikey(), None)
    )
    for count in LENGTHS:
        key = suite.ekey() if count == suite.ekey_len else seed.octets(f"key {count}", count)
        slug, comment = f"{name}/ekey-{count}", f"an encryption key of {count} octets"
        if count == suite.ekey_len:
            g.valid(slug, comment, "5.6.2", **_keys(suite, suite.ikey(), key))
        else:
            g.invalid(slug, f"{comment} instead of {suite.ekey_len}", "5.6.2", "ekey", ["KeyLength"], **_keys(suite, suite.ikey(), key))


def _triple_des(g: Group, suite: Suite):
    one, two, three = (seed.octets(f"des part {n}", 8) for n in (1, 2, 3))
    forms = {"k1-k2-equal": one + one + three, "k2-k3-equal": one + two + two, "all-equal": one * 3, "all-zero": bytes(24)}
    for slug, key in forms.items():
        g.invalid(f"3des/{slug}", "neighbouring parts are equal", "5.6.2", "ekey", ["DegenerateKey"], **_keys(suite, suite.ikey(), key))
    g.valid(
        "3des/k1-k3-equal",
        "two-key TripleDES has different neighbours",
        "5.6.2",
        ["DegenerateKey"],
        **_keys(suite, suite.ikey(), one + two + one),
    )
    for slug, parity in (("odd", 1), ("even", 0)):
        key = bytes(octet & 0xFE | (octet.bit_count() - (octet & 1) + parity) % 2 for octet in one + two + three)
        g.valid(
            f"3des/{slug}-parity",
            f"every octet has {slug} parity; receivers do not look",
            "5.6.2",
            ["Parity"],
            **_keys(suite, suite.ikey(), key),
        )

"""What stands under RFC 6618: HMAC, AES-XCBC-MAC-96, AES-CBC and TripleDES-CBC with published values."""

import hashlib
import hmac

from . import published, xcbc
from .group import Group, Mistake
from .suites import SUITES

FOLDER = "primitives"
NOTES = {
    "Truncated": ("the tag is compared as a prefix of any length", "forgery becomes cheaper", "PK-14", "6.3"),
    "LongKey": ("keys longer than a block of the hash are cut instead of hashed", "the peers do not understand each other", "", "5.8"),
    "TagFlipped": ("part of the tag is not compared", "forgery becomes cheaper", "", "6.3"),
}


def groups() -> list[Group]:
    """One group an algorithm, in the order of RFC 6618 section 5.6.5."""
    sha1 = lambda key, message: hmac.new(key, message, hashlib.sha1).digest()
    sha256 = lambda key, message: hmac.new(key, message, hashlib.sha256).digest()
    return [
        _mac("hmac_sha1_96", "rfc2404", "5.6.5", published.HMAC_SHA1, sha1, 12),
        _mac("hmac_sha256", "rfc4231", "5.8", published.HMAC_SHA256, sha256, 32),
        _mac("aes_xcbc_mac_96", "rfc3566", "5.6.5", published.XCBC, xcbc.mac, 12),
        _cipher("aes_cbc", "rfc3602", "AES-CBC", published.AES_CBC),
        _cipher("tdes_cbc", "rfc2451", "TripleDES-CBC", published.TDES_CBC),
    ]


def _mac(name: str, spec: str, section: str, values, compute, tag_len: int) -> Group:
    g = Group(FOLDER, name, spec, schema="mac")
    g.notes = {flag: note for flag, note in NOTES.items() if flag != "LongKey" or "hmac" in name}
    for slug, source, key, message, printed in values:
        mac = compute(bytes.fromhex(key), bytes.fromhex(message)).hex()
        if not mac.startswith(printed):
            raise Mistake(f"{name}/{slug}: retyped {printed}, computed {mac}")
        facts = {"source": source, "key": key, "message": message}
        flags = ["LongKey"] if len(key) > 128 else []
        tag = mac[: 2 * tag_len]
        g.valid(slug, "as published", section, flags, **facts, mac=printed, tag=tag)
        flipped = tag[:-1] + f"{int(tag[-1], 16) ^ 1:x}"
        g.invalid(f"{slug}-last-bit", "the last bit of the tag is wrong", section, "tag", ["TagFlipped"], **facts, tag=flipped)
        g.invalid(f"{slug}-cut", "the last octet of the tag is missing", section, "tag", ["Truncated"], **facts, tag=tag[:-2])
    return g


def _cipher(name: str, spec: str, cipher: str, values) -> Group:
    g = Group(FOLDER, name, spec, schema="cbc")
    suite = next(suite for suite in SUITES if suite.cipher == cipher)
    for slug, source, key, iv, plaintext, ciphertext in values:
        computed = suite.encrypt(*(bytes.fromhex(octets) for octets in (key, iv, plaintext))).hex()
        if computed != ciphertext:
            raise Mistake(f"{name}/{slug}: retyped {ciphertext}, computed {computed}")
        g.valid(slug, "as published", "5.6.5", source=source, key=key, iv=iv, plaintext=plaintext, ciphertext=ciphertext)
    return g

"""RFC 6618 section 5.6.5: what each code point stands for, and that all others are reserved.

A row is one code point, as it stands in `mip6-ciphersuite`. The lengths are in octets; they
are not in RFC 6618 but fixed by the RFCs that it names for the algorithms.
"""

from .group import Group
from .suites import SUITES, Suite

NOTES = {
    "Reserved": (
        "a code point of TLS is taken although this table does not have it",
        "less protection than agreed, or none",
        "VA-21",
        "5.6.5",
    ),
    "NullCipher": ("a suite without encryption is refused, or given a key", "mandatory suites do not work", "MS-13", "5.6.5"),
    "Sha256MeansXcbc": ("the suites named SHA256 are taken for HMAC-SHA-256", "the peers do not understand each other", "", "5.6.5"),
    "TlsMeaning": ("the ciphersuite is taken with all that TLS means by it", "the peers do not understand each other", "MS-14", "5.6.5"),
}

ICV_LEN = 12
BLOCK = {"NULL": 1, "TripleDES-CBC": 8, "AES-CBC": 16}
# Code points of TLS that look as if they could serve; none of them may.
TLS_OTHERS = ["00ff", "1301", "1302", "1303", "c009", "c013", "c023", "c027", "c02b", "c02f", "cca8", "ffff", "5600"]


def group() -> Group:
    g = Group("rfc6618", "ciphersuite", "rfc6618", NOTES)
    known = {suite.code: suite for suite in SUITES}
    codes = [f"{value:04x}" for value in range(256)] + [code for code in TLS_OTHERS if not code.startswith("00")]
    for code in codes:
        text = f"{{{code[:2]},{code[2:]}}}".upper()
        if text in known:
            g.valid(code, known[text].name, "5.6.5", _flags(known[text]), csuite=text, code=code, value=meaning(known[text]))
        else:
            g.invalid(code, "reserved: never selected", "5.6.5", "csuite", ["Reserved"], csuite=text, code=code)
    return g


def meaning(suite: Suite) -> dict:
    """The suite as a table row."""
    return {
        "name": suite.name,
        "integrity": suite.integrity,
        "ikey_len": suite.ikey_len,
        "icv_len": ICV_LEN,
        "cipher": suite.cipher,
        "ekey_len": suite.ekey_len,
        "block_len": BLOCK[suite.cipher],
        "iv_len": suite.iv_len,
        "align": suite.align,
    }


def _flags(suite: Suite) -> list:
    flags = ["TlsMeaning"]
    if suite.cipher == "NULL":
        flags.append("NullCipher")
    if suite.integrity == "AES-XCBC-MAC-96":
        flags.append("Sha256MeansXcbc")
    return flags

"""RFC 6618 section 5.6.5: the five suites as integrity, cipher and lengths."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from . import seed, xcbc


@dataclass(frozen=True)
class Suite:
    """Lengths in octets; `align` is what payload, padding and two octets of trailer fill up."""

    name: str
    code: str
    integrity: str
    ikey_len: int
    cipher: str
    ekey_len: int
    iv_len: int
    align: int

    def ikey(self, label="mn-to-ha") -> bytes:
        return seed.octets(f"{self.name} {label} ikey", self.ikey_len)

    def ekey(self, label="mn-to-ha") -> bytes:
        return seed.octets(f"{self.name} {label} ekey", self.ekey_len)

    def iv(self, label: str) -> bytes:
        return seed.octets(f"{self.name} {label} iv", self.iv_len)

    def full_mac(self, ikey: bytes, covered: bytes) -> bytes:
        """Before it is cut to 12 octets."""
        if self.integrity == "AES-XCBC-MAC-96":
            return xcbc.mac(ikey, covered)
        return hmac.new(ikey, covered, hashlib.sha1).digest()

    def encrypt(self, ekey: bytes, iv: bytes, plain: bytes) -> bytes:
        if self.cipher == "NULL":
            return plain
        algorithm = algorithms.AES(ekey) if self.cipher == "AES-CBC" else TripleDES(ekey)
        encryptor = Cipher(algorithm, modes.CBC(iv)).encryptor()
        return encryptor.update(plain) + encryptor.finalize()


SUITES = [
    Suite("NULL_SHA", "{00,02}", "HMAC-SHA1-96", 20, "NULL", 0, 0, 4),
    Suite("NULL_SHA256", "{00,3B}", "AES-XCBC-MAC-96", 16, "NULL", 0, 0, 4),
    Suite("3DES_EDE_CBC_SHA", "{00,0A}", "HMAC-SHA1-96", 20, "TripleDES-CBC", 24, 8, 8),
    Suite("AES_128_CBC_SHA", "{00,2F}", "HMAC-SHA1-96", 20, "AES-CBC", 16, 16, 16),
    Suite("AES_128_CBC_SHA256", "{00,3C}", "AES-XCBC-MAC-96", 16, "AES-CBC", 16, 16, 16),
]

"""RFC 5280 certificates that are really signed, octet for octet the same each time.

Keys come from seeds: RSA from primes found beyond seeded numbers, the others from seeded secrets.
RSA PKCS#1 v1.5, Ed25519 and Ed448 are deterministic; ECDSA follows RFC 6979; the salt of RSASSA-PSS
is seeded and the encoding (RFC 8017 section 9.1.1) written out. ML-DSA is signed with fresh randomness
by every library at hand, so its one signature is kept in a file. `verified` verifies every signature with
the verifier of the `cryptography` package.
"""

import hashlib
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from . import der, seed
from .group import Mistake

RSA_BITS = 2048
EXPONENT = 65537
KEPT = Path(__file__).resolve().parent / "ml_dsa_65.signature"


def build(slug: str, algorithm: bytes, key, sign) -> bytes:
    """Version 3, one common name, self-signed: `sign` turns the body into a signature."""
    name = der.sequence(der.tlv(0x31, der.sequence(der.oid("2.5.4.3"), der.utf8(f"{slug}.hac.example"))))
    validity = der.sequence(der.utc_time("200101000000Z"), der.utc_time("491231235959Z"))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    serial = der.integer(int.from_bytes(seed.octets(f"serial {slug}", 8), "big"))
    body = der.sequence(der.explicit(0, der.integer(2)), serial, algorithm, name, validity, name, public)
    return der.sequence(body, algorithm, der.bit_string(sign(body)))


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    p, q = (_prime(f"rsa {name}", RSA_BITS // 2) for name in "pq")
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(seed.octets("ec", 31), "big"), ec.SECP256R1())


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed.octets("ed25519", 32))


@cache
def ed448_key() -> ed448.Ed448PrivateKey:
    return ed448.Ed448PrivateKey.from_private_bytes(seed.octets("ed448", 57))


@cache
def ml_dsa_key() -> mldsa.MLDSA65PrivateKey:
    return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed.octets("ml-dsa-65", 32))


def ml_dsa(body: bytes) -> bytes:
    """ML-DSA-65: the signature that was made once."""
    if not KEPT.exists():
        KEPT.write_text(ml_dsa_key().sign(body).hex() + "\n")
    kept = bytes.fromhex(KEPT.read_text())
    try:
        ml_dsa_key().public_key().verify(kept, body)
    except InvalidSignature:
        raise Mistake(f"{KEPT.name} is of other octets: delete it, and a new one is made") from None
    return kept


def _prime(label: str, bits: int) -> int:
    """The first probable prime beyond a seeded number with its two highest bits set."""
    number = int.from_bytes(seed.octets(label, bits // 8), "big") | 3 << (bits - 2) | 1
    while not (number % EXPONENT != 1 and all(number % small for small in (3, 5, 7, 11, 13, 17, 19, 23)) and _passes(number)):
        number += 2
    return number


def _passes(number: int) -> bool:
    """Miller and Rabin with the first bases; nobody chose this number to deceive them."""
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19):
        x = pow(base, (number - 1) >> twos, number)
        if x in (1, number - 1):
            continue
        if not any((x := x * x % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True


def pkcs1(name: str):
    """RSASSA-PKCS1-v1_5 over this hash."""
    return lambda body: rsa_key().sign(body, padding.PKCS1v15(), getattr(hashes, name.upper())())


def ecdsa(name: str):
    """ECDSA on P-256 over this hash."""
    return lambda body: ec_key().sign(body, ec.ECDSA(getattr(hashes, name.upper())(), deterministic_signing=True))


def pss(name: str, mask: str, salt_len: int):
    """RSASSA-PSS over this hash, with this hash in its mask."""

    def sign(body: bytes) -> bytes:
        salt = seed.octets(f"pss {name} {mask}", salt_len)
        hashed = hashlib.new(name, bytes(8) + hashlib.new(name, body).digest() + salt).digest()
        room = RSA_BITS // 8 - len(hashed) - 1
        block = bytes(room - salt_len - 1) + b"\x01" + salt
        masked = bytes(a ^ b for a, b in zip(block, _mgf1(mask, hashed, room)))
        encoded = bytes([masked[0] & 0x7F]) + masked[1:] + hashed + b"\xbc"
        numbers = rsa_key().private_numbers()
        return pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(RSA_BITS // 8, "big")

    return sign


def _mgf1(name: str, secret: bytes, count: int) -> bytes:
    blocks = (hashlib.new(name, secret + n.to_bytes(4, "big")).digest() for n in range(count))
    out = b""
    while len(out) < count:
        out += next(blocks)
    return out[:count]


def verified(certificate: bytes, scheme: tuple) -> bool:
    """Whether the signature is right: the parser and the verifier are not ours. `scheme` says what it should be."""
    parsed = load_der_x509_certificate(certificate)
    kind, *names = scheme
    chosen = [getattr(hashes, name.upper())() for name in names if isinstance(name, str)]
    arguments = {
        "pkcs1": lambda: (padding.PKCS1v15(), chosen[0]),
        "pss": lambda: (padding.PSS(padding.MGF1(chosen[1]), names[2]), chosen[0]),
        "ecdsa": lambda: (ec.ECDSA(chosen[0]),),
        "eddsa": lambda: (),
    }[kind]()
    try:
        parsed.public_key().verify(parsed.signature, parsed.tbs_certificate_bytes, *arguments)
    except InvalidSignature:
        return False
    return True

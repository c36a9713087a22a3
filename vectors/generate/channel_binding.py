"""RFC 5929 section 4.1: tls-server-end-point, the CB-octets of RFC 6618 section 5.8.

The hash is the one of the certificate's signatureAlgorithm, but SHA-256 where that is MD5
or SHA-1; an algorithm that names no hash leaves the binding undefined. The certificates
are well formed and carry a signature that was never made: nobody here checks it.
"""

import hashlib

from . import der, seed
from .group import Group

NOTES = {
    "WeakHashReplaced": ("MD5 or SHA-1 is used because the certificate uses it", "the peers do not understand each other", "CB-03", "5.8"),
    "AlwaysSha256": ("SHA-256 is used whatever the certificate uses", "the peers do not understand each other", "CB-03", "5.8"),
    "PssParameters": ("the hash in the parameters of RSASSA-PSS is not looked at", "the peers do not understand each other", "CB-03", "5.8"),
    "NoHashNamed": ("a hash is guessed where the algorithm names none", "each side guesses another", "CB-03", "5.8"),
    "NotACertificate": ("octets that are no certificate are hashed", "the binding binds to nothing", "CB-04", "5.8"),
}

RSA = "1.2.840.113549.1.1"
ECDSA = "1.2.840.10045.4"
NIST_HASH = "2.16.840.1.101.3.4.2"
SHA1 = "1.3.14.3.2.26"

# slug, OID of the signature algorithm, parameters, hash of the binding, flags
PLAIN = [
    ("rsa-md5", f"{RSA}.4", der.null(), "sha256", ["WeakHashReplaced"]),
    ("rsa-sha1", f"{RSA}.5", der.null(), "sha256", ["WeakHashReplaced"]),
    ("rsa-sha224", f"{RSA}.14", der.null(), "sha224", ["AlwaysSha256"]),
    ("rsa-sha256", f"{RSA}.11", der.null(), "sha256", []),
    ("rsa-sha384", f"{RSA}.12", der.null(), "sha384", ["AlwaysSha256"]),
    ("rsa-sha512", f"{RSA}.13", der.null(), "sha512", ["AlwaysSha256"]),
    ("ecdsa-sha1", f"{ECDSA}.1", b"", "sha256", ["WeakHashReplaced"]),
    ("ecdsa-sha224", f"{ECDSA}.3.1", b"", "sha224", ["AlwaysSha256"]),
    ("ecdsa-sha256", f"{ECDSA}.3.2", b"", "sha256", []),
    ("ecdsa-sha384", f"{ECDSA}.3.3", b"", "sha384", ["AlwaysSha256"]),
    ("ecdsa-sha512", f"{ECDSA}.3.4", b"", "sha512", ["AlwaysSha256"]),
]
NO_HASH = [("ed25519", "1.3.101.112"), ("ed448", "1.3.101.113"), ("ml-dsa-65", "2.16.840.1.101.3.4.3.18"),
           ("unknown-algorithm", "1.3.6.1.4.1.32473.1")]
PSS = [("sha1-by-default", "", "sha256", ["PssParameters", "WeakHashReplaced"]), ("sha256", f"{NIST_HASH}.1", "sha256", ["PssParameters"]),
       ("sha384", f"{NIST_HASH}.2", "sha384", ["PssParameters"]), ("sha512", f"{NIST_HASH}.3", "sha512", ["PssParameters"]),
       ("sha1", SHA1, "sha256", ["PssParameters", "WeakHashReplaced"])]


def group() -> Group:
    g = Group("rfc6618", "channel_binding", "rfc6618", NOTES)
    for slug, algorithm, parameters, name, flags in PLAIN:
        _bound(g, slug, der.sequence(der.oid(algorithm), parameters), name, flags)
    for slug, algorithm, name, flags in PSS:
        parameters = _pss(algorithm) if algorithm else der.sequence()
        _bound(g, f"rsa-pss-{slug}", der.sequence(der.oid(f"{RSA}.10"), parameters), name, flags)
    for slug, algorithm in NO_HASH:
        g.invalid(slug, "the algorithm names no hash: there is no binding", "5.8", "certificate", ["NoHashNamed"],
                  certificate=_certificate(slug, der.sequence(der.oid(algorithm))).hex())
    whole = _certificate("cut", der.sequence(der.oid(f"{ECDSA}.3.2")))
    for slug, octets in (("empty", b""), ("cut", whole[:-1]), ("not-der", b"-----BEGIN CERTIFICATE-----"), ("empty-sequence", der.sequence())):
        g.invalid(f"certificate-{slug}", "not a certificate: there is no binding", "5.8", "certificate", ["NotACertificate"],
                  certificate=octets.hex())
    return g


def _bound(g: Group, slug: str, algorithm: bytes, name: str, flags):
    certificate = _certificate(slug, algorithm)
    g.valid(slug, f"the binding is the {name.upper()} of all octets of the certificate", "5.8", flags,
            certificate=certificate.hex(), hash=name, binding=hashlib.new(name, certificate).hexdigest())


def _pss(hash_oid: str) -> bytes:
    algorithm = der.sequence(der.oid(hash_oid), der.null())
    mask = der.sequence(der.oid(f"{RSA}.8"), algorithm)
    size = hashlib.new({SHA1: "sha1", f"{NIST_HASH}.1": "sha256", f"{NIST_HASH}.2": "sha384", f"{NIST_HASH}.3": "sha512"}[hash_oid]).digest_size
    return der.sequence(der.explicit(0, algorithm), der.explicit(1, mask), der.explicit(2, der.integer(size)))


def _certificate(slug: str, algorithm: bytes) -> bytes:
    """Version 3, one common name, a P-256 key that is the base point, a signature of seeded octets."""
    name = der.sequence(der.tlv(0x31, der.sequence(der.oid("2.5.4.3"), der.utf8(f"{slug}.hac.example"))))
    validity = der.sequence(der.utc_time("200101000000Z"), der.utc_time("491231235959Z"))
    point = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
    key = der.sequence(der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")), der.bit_string(point))
    serial = der.integer(int.from_bytes(seed.octets(f"serial {slug}", 8), "big"))
    body = der.sequence(der.explicit(0, der.integer(2)), serial, algorithm, name, validity, name, key)
    return der.sequence(body, algorithm, der.bit_string(seed.octets(f"signature {slug}", 64)))

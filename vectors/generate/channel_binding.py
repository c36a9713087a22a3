"""RFC 5929 section 4.1: tls-server-end-point, the CB-octets of RFC 6618 section 5.8.

The hash is the one of the certificate's signatureAlgorithm, but SHA-256 where that is MD5
or SHA-1; an algorithm that names no hash leaves the binding undefined. The certificates are
self-signed and the signatures are right.
"""

import hashlib

from . import certificate, der
from .group import Group, Mistake

NOTES = {
    "WeakHashReplaced": ("MD5 or SHA-1 is used because the certificate uses it", "the peers do not understand each other", "CB-03", "5.8"),
    "AlwaysSha256": ("SHA-256 is used whatever the certificate uses", "the peers do not understand each other", "CB-03", "5.8"),
    "PssParameters": (
        "the hash in the parameters of RSASSA-PSS is not looked at",
        "the peers do not understand each other",
        "CB-03",
        "5.8",
    ),
    "PssMask": ("the hash of the mask is taken for the hash of the signature", "the peers do not understand each other", "CB-03", "5.8"),
    "NoHashNamed": ("a hash is guessed where the algorithm names none", "each side guesses another", "CB-03", "5.8"),
    "NotACertificate": ("octets that are no certificate are hashed", "the binding binds to nothing", "CB-04", "5.8"),
    "NameNotHashed": ("the name of the binding type is hashed too", "the peers do not understand each other", "CB-02", "5.8"),
}

RSA = "1.2.840.113549.1.1"
ECDSA = "1.2.840.10045.4"
NIST_HASH = "2.16.840.1.101.3.4.2"
OIDS = {
    "sha1": "1.3.14.3.2.26",
    "sha224": f"{NIST_HASH}.4",
    "sha256": f"{NIST_HASH}.1",
    "sha384": f"{NIST_HASH}.2",
    "sha512": f"{NIST_HASH}.3",
}

# The last arc of the algorithm by hash.
PKCS1 = {"md5": "4", "sha1": "5", "sha224": "14", "sha256": "11", "sha384": "12", "sha512": "13"}
ECDSA_ARCS = {"sha1": "1", "sha224": "3.1", "sha256": "3.2", "sha384": "3.3", "sha512": "3.4"}
# slug, hash, hash of the mask, length of the salt
PSS = [
    ("sha1-by-default", "sha1", "sha1", 20),
    ("sha1", "sha1", "sha1", 32),
    ("sha224", "sha224", "sha224", 28),
    ("sha256", "sha256", "sha256", 32),
    ("sha384", "sha384", "sha384", 48),
    ("sha512", "sha512", "sha512", 64),
    ("sha256-no-salt", "sha256", "sha256", 0),
    ("sha256-mask-sha1", "sha256", "sha1", 20),
    ("sha384-mask-sha256", "sha384", "sha256", 48),
    ("sha512-mask-sha384", "sha512", "sha384", 64),
]


def group() -> Group:
    g = Group("rfc6618", "channel_binding", "rfc6618", NOTES)
    for name, arc in PKCS1.items():
        octets = certificate.build(
            f"rsa-{name}", der.sequence(der.oid(f"{RSA}.{arc}"), der.null()), certificate.rsa_key(), certificate.pkcs1(name)
        )
        _bound(g, f"rsa-{name}", octets, name, ("pkcs1", name), _flags(name) + (["NameNotHashed"] if name == "sha256" else []))
    for name, arc in ECDSA_ARCS.items():
        octets = certificate.build(f"ecdsa-{name}", der.sequence(der.oid(f"{ECDSA}.{arc}")), certificate.ec_key(), certificate.ecdsa(name))
        _bound(g, f"ecdsa-{name}", octets, name, ("ecdsa", name), _flags(name))
    for slug, name, mask, salt_len in PSS:
        algorithm = der.sequence(der.oid(f"{RSA}.10"), _pss(name, mask, salt_len))
        octets = certificate.build(f"rsa-pss-{slug}", algorithm, certificate.rsa_key(), certificate.pss(name, mask, salt_len))
        flags = ["PssParameters"] + (["WeakHashReplaced"] if name == "sha1" else []) + (["PssMask"] if name != mask else [])
        _bound(g, f"rsa-pss-{slug}", octets, name, ("pss", name, mask, salt_len), flags)
    _unbound(g)
    return g


def _flags(name: str) -> list:
    return ["WeakHashReplaced"] if name in ("md5", "sha1") else ["AlwaysSha256"] if name != "sha256" else []


def _unbound(g: Group):
    for slug, oid, key in (("ed25519", "1.3.101.112", certificate.ed25519_key()), ("ed448", "1.3.101.113", certificate.ed448_key())):
        octets = certificate.build(slug, der.sequence(der.oid(oid)), key, key.sign)
        _verify(slug, octets, ("eddsa",))
        g.invalid(slug, "the algorithm names no hash: there is no binding", "5.8", "certificate", ["NoHashNamed"], certificate=octets.hex())
    octets = certificate.build("ml-dsa-65", der.sequence(der.oid("2.16.840.1.101.3.4.3.18")), certificate.ml_dsa_key(), certificate.ml_dsa)
    _verify("ml-dsa-65", octets, ("eddsa",))
    g.invalid(
        "ml-dsa-65", "the algorithm names no hash: there is no binding", "5.8", "certificate", ["NoHashNamed"], certificate=octets.hex()
    )
    _unknown(g)
    whole = certificate.build("cut", der.sequence(der.oid(f"{ECDSA}.3.2")), certificate.ec_key(), certificate.ecdsa("sha256"))
    for slug, octets in (
        ("empty", b""),
        ("cut", whole[:-1]),
        ("not-der", b"-----BEGIN CERTIFICATE-----"),
        ("empty-sequence", der.sequence()),
    ):
        g.invalid(
            f"certificate-{slug}",
            "not a certificate: there is no binding",
            "5.8",
            "certificate",
            ["NotACertificate"],
            certificate=octets.hex(),
        )


def _unknown(g: Group):
    """What is signed names the unknown algorithm; how it was signed is known to nobody who reads the certificate."""
    slug = "unknown-algorithm"
    sign = certificate.ecdsa("sha256")
    octets = certificate.build(slug, der.sequence(der.oid("1.3.6.1.4.1.32473.1")), certificate.ec_key(), sign)
    comment = "nobody knows this algorithm, which is ECDSA with SHA-256 under a private name: there is no binding"
    g.invalid(slug, comment, "5.8", "certificate", ["NoHashNamed"], certificate=octets.hex())


def _bound(g: Group, slug: str, octets: bytes, signed_with: str, scheme: tuple, flags):
    _verify(slug, octets, scheme)
    name = "sha256" if signed_with in ("md5", "sha1") else signed_with
    g.valid(
        slug,
        f"signed with {signed_with.upper()}: the binding is the {name.upper()} of all octets of the certificate",
        "5.8",
        flags,
        certificate=octets.hex(),
        hash=name,
        binding=hashlib.new(name, octets).hexdigest(),
    )


def _verify(slug: str, octets: bytes, scheme: tuple):
    if not certificate.verified(octets, scheme):
        raise Mistake(f"channel_binding/{slug}: the signature is not right")


def _pss(name: str, mask: str, salt_len: int) -> bytes:
    """RSASSA-PSS-params: DER leaves out what is the default, SHA-1 with 20 octets of salt."""
    members = []
    if name != "sha1":
        members.append(der.explicit(0, der.sequence(der.oid(OIDS[name]), der.null())))
    if mask != "sha1":
        members.append(der.explicit(1, der.sequence(der.oid(f"{RSA}.8"), der.sequence(der.oid(OIDS[mask]), der.null()))))
    if salt_len != 20:
        members.append(der.explicit(2, der.integer(salt_len)))
    return der.sequence(*members)

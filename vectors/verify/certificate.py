"""RFC 5929 section 4.1, with the parser and the hashes of `cryptography`."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.x509 import load_der_x509_certificate


def check(row: dict) -> bool:
    octets = bytes.fromhex(row["certificate"])
    try:
        named = load_der_x509_certificate(octets).signature_hash_algorithm
    except UnsupportedAlgorithm:
        named = None
    except ValueError:
        return _refused(row, "NotACertificate")
    if named is None:
        return _refused(row, "NoHashNamed")
    algorithm = SHA256() if named.name in ("md5", "sha1") else named
    context = Hash(algorithm)
    context.update(octets)
    return (row["result"], row.get("hash"), row.get("binding")) == (
        "valid",
        algorithm.name,
        context.finalize().hex(),
    ) and "field" not in row


def _refused(row: dict, flag: str) -> bool:
    return (row["result"], row["field"], row["flags"], "hash" in row or "binding" in row) == ("invalid", "certificate", [flag], False)

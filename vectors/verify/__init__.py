"""Reads every row again from its file and says whether its members agree with each other.

Written apart from `generate`: nothing is imported from there, and where the generator builds, this takes apart. What the
two have in common is the texts of the RFCs, the readings, and the ciphers and hashes of OpenSSL.

    python3 -m verify            # every row of every file
"""

from . import certificate, content, eap, exchange, mobility, packet, signed, suites

CHECKS = {
    "container": packet.check_container,
    "lexing": content.check_lexing,
    "headers": content.check_header,
    "ciphersuite": suites.check_code_point,
    "key_length": suites.check_key_length,
    "message": content.check_message,
    "auth_psk": signed.check,
    "auth_eap": signed.check,
    "exchange": exchange.check,
    "channel_binding": certificate.check,
    "decision": packet.check_decision,
    "packet": packet.check,
    "trailer": packet.check_trailer,
    "mobility": mobility.check,
    "checksum": mobility.check_checksum,
    "sequence": packet.check_sequence,
    "hmac_sha1_96": lambda row: suites.check_tag(row, suites.MACS["HMAC-SHA1-96"], 12),
    "hmac_sha256": lambda row: suites.check_tag(row, suites.MACS["HMAC-SHA256"], 32),
    "aes_xcbc_mac_96": lambda row: suites.check_tag(row, suites.xcbc, 12),
    "aes_cbc": lambda row: suites.check_cipher(row, "AES-CBC"),
    "tdes_cbc": lambda row: suites.check_cipher(row, "TripleDES-CBC"),
}


def holds(group: str, row: dict) -> bool:
    """Whether the members of a row agree with each other, and with what a careful receiver says of the octets."""
    octets = row.get("input", row.get("content"))
    if "text" in row and octets is not None and row["text"].encode("latin-1").hex() != octets:
        return False
    try:
        return CHECKS[group](row)
    except (ValueError, IndexError, KeyError, TypeError, OSError, content.Fault, eap.Contradiction):
        return False

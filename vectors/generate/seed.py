"""Octets that look random and never change: SHA-256 in counter mode over a label."""

import hashlib

EDITION = b"mip6-vectors edition 1"


def octets(label: str, count: int) -> bytes:
    """`count` octets that depend on the label and on nothing else."""
    out = b""
    block = 0
    while len(out) < count:
        out += hashlib.sha256(EDITION + b"|" + label.encode() + b"|" + block.to_bytes(4, "big")).digest()
        block += 1
    return out[:count]

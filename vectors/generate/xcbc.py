"""RFC 3566: AES-XCBC-MAC-96, written over single AES blocks."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


def mac96(key: bytes, message: bytes) -> bytes:
    """The first 96 bits of the MAC; the key has 128 bits."""
    return mac(key, message)[:12]


def mac(key: bytes, message: bytes) -> bytes:
    """All 128 bits, steps 1 to 5 of section 4."""
    k1, k2, k3 = (_block(key, bytes([n]) * BLOCK) for n in (1, 2, 3))
    blocks = [message[i : i + BLOCK] for i in range(0, len(message), BLOCK)] or [b""]
    chain = bytes(BLOCK)
    for block in blocks[:-1]:
        chain = _block(k1, _xor(block, chain))
    last = blocks[-1]
    if len(last) == BLOCK:
        return _block(k1, _xor(_xor(last, chain), k2))
    filled = last + b"\x80" + bytes(BLOCK - 1 - len(last))
    return _block(k1, _xor(_xor(filled, chain), k3))


def _block(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b))

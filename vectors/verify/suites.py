"""RFC 6618 section 5.6.5: the five suites, and their algorithms: each MAC as one CBC or HMAC, ciphers undone instead of done."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.hmac import HMAC

# name, code, MAC, octets of its key, cipher, octets of its key, of its block, what the trailer aligns to
TABLE = (
    ("NULL_SHA", "0002", "HMAC-SHA1-96", 20, "NULL", 0, 1, 4),
    ("NULL_SHA256", "003b", "AES-XCBC-MAC-96", 16, "NULL", 0, 1, 4),
    ("3DES_EDE_CBC_SHA", "000a", "HMAC-SHA1-96", 20, "TripleDES-CBC", 24, 8, 8),
    ("AES_128_CBC_SHA", "002f", "HMAC-SHA1-96", 20, "AES-CBC", 16, 16, 16),
    ("AES_128_CBC_SHA256", "003c", "AES-XCBC-MAC-96", 16, "AES-CBC", 16, 16, 16),
)
BY_NAME = {row[0]: row for row in TABLE}
BY_CODE = {row[1]: row for row in TABLE}


def hmac_of(hash_of):
    def mac(key: bytes, message: bytes) -> bytes:
        context = HMAC(key, hash_of())
        context.update(message)
        return context.finalize()

    return mac


def xcbc(key: bytes, message: bytes) -> bytes:
    """RFC 3566 as one CBC encryption of a message whose last block was prepared."""
    whole = len(message) % 16 == 0 and message != b""
    filled = message if whole else message + b"\x80" + bytes(-(len(message) + 1) % 16)
    subkeys = [_cbc(key, bytes([number]) * 16) for number in (1, 2, 3)]
    last = int.from_bytes(filled[-16:], "big") ^ int.from_bytes(subkeys[1 if whole else 2], "big")
    return _cbc(subkeys[0], filled[:-16] + last.to_bytes(16, "big"))[-16:]


MACS = {"HMAC-SHA1-96": hmac_of(SHA1), "AES-XCBC-MAC-96": xcbc, "HMAC-SHA256": hmac_of(SHA256)}


def decrypted(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    if cipher == "NULL":
        return data
    decryptor = Cipher({"AES-CBC": algorithms.AES, "TripleDES-CBC": TripleDES}[cipher](key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def key_fault(name: str, ikey: bytes, ekey: bytes | None) -> tuple[str, str | None]:
    """(result, field): lengths exactly; RFC 2451 refuses 3DES keys that are only DES, parity aside or not."""
    _, _, _, ikey_len, cipher, ekey_len, _, _ = BY_NAME[name]
    if len(ikey) != ikey_len:
        return "invalid", "ikey"
    if cipher == "NULL":
        return ("lenient", "ekey") if ekey is not None else ("valid", None)
    if ekey is None or len(ekey) != ekey_len:
        return "invalid", "ekey"
    if cipher == "TripleDES-CBC":
        parts = [ekey[0:8], ekey[8:16], ekey[16:24]]
        if parts[1] in (parts[0], parts[2]):
            return "invalid", "ekey"
        bare = [bytes(octet & 0xFE for octet in part) for part in parts]
        if bare[1] in (bare[0], bare[2]):
            return "lenient", "ekey"
    return "valid", None


def _cbc(key: bytes, blocks: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def check_code_point(row: dict) -> bool:
    digits = "".join(octet for octet in row["csuite"].lower() if octet in "0123456789abcdef")
    known = BY_CODE.get(row["code"])
    if digits != row["code"] or row["csuite"] != f"{{{digits[:2]},{digits[2:]}}}".upper():
        return False
    if known is None:
        return row["result"] == "invalid" and "value" not in row and row["field"] == "csuite"
    name, _, integrity, ikey_len, cipher, ekey_len, block, align = known
    iv = 0 if cipher == "NULL" else block
    value = {"name": name, "integrity": integrity, "ikey_len": ikey_len, "icv_len": 12, "cipher": cipher, "ekey_len": ekey_len}
    return row["result"] == "valid" and row["value"] == value | {"block_len": block, "iv_len": iv, "align": align}


def check_key_length(row: dict) -> bool:
    ekey = bytes.fromhex(row["ekey"]) if "ekey" in row else None
    result, field = key_fault(row["suite"], bytes.fromhex(row["ikey"]), ekey)
    ours = {"KeyOfNull": None, "DegenerateKey": "invalid"}.get(row["flags"][0] if row["flags"] else "")
    return (result, field) == (row["result"], row.get("field")) and (result != "lenient" or row.get("ours") == ours)


def check_tag(row: dict, mac, size: int) -> bool:
    """A wrong tag is wrong as its flag says: one bit, or cut short."""
    right = mac(bytes.fromhex(row["key"]), bytes.fromhex(row["message"]))
    tag = bytes.fromhex(row["tag"])
    # RFC 4231 cuts its fifth to 16 octets.
    if row.get("mac", right.hex()) not in (right.hex(), right[:16].hex()):
        return False
    if row["result"] == "valid":
        return len(tag) in (size, 16) and right.startswith(tag)
    if row["field"] != "tag":
        return False
    if "TagFlipped" in row["flags"]:
        return len(tag) == size and (int.from_bytes(tag, "big") ^ int.from_bytes(right[:size], "big")).bit_count() == 1
    return len(tag) < size and right.startswith(tag)


def check_cipher(row: dict, cipher: str) -> bool:
    key, iv, data = (bytes.fromhex(row[member]) for member in ("key", "iv", "ciphertext"))
    return decrypted(cipher, key, iv, data).hex() == row["plaintext"]

"""Every row once more, from what stands in its file: do its members agree with each other?

Ciphers, checksums, the suite table and the decision table are the generator's own: a wrong table is not found here but
by the Rust readers, scapy, tshark and the published values. `decision.json` has no other reader yet.
"""

import hashlib
import hmac
import importlib.util
from pathlib import Path

from verify import eap

from .ciphersuite import meaning
from .decision import decide
from .header_meaning import judge, written
from .mobility import checksum
from .suites import SUITES
from .xcbc import mac

SUITE = {suite.name: suite for suite in SUITES}


def _consumer():
    path = Path(__file__).resolve().parent.parent / "consumers" / "consumer.py"
    spec = importlib.util.spec_from_file_location("consumer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def holds(group: str, row: dict) -> bool:
    """Whether the members of a row agree with each other."""
    octets = row.get("input", row.get("content"))
    if "text" in row and octets is not None and row["text"].encode("latin-1").hex() != octets:
        return False
    return CHECKS[group](row) if group in CHECKS else True


def _header(row: dict) -> bool:
    name, colon, text = row["text"].removesuffix("\r\n").partition(":")
    kind = "eap" if row["name"] == "eap-payload" else row["kind"]
    result, _, value, _ = judge(kind, text.strip(" \t"))
    if name.lower() != row["name"] or not colon or row["kind"] != KINDS.get(row["name"]):
        return False
    if row["result"] == "valid":
        canonical = row["text"] == f"{row['name']}:{written(row['kind'], row['value'])}\r\n"
        return (result, value) == ("valid", row["value"]) and canonical == row["canonical"]
    return result != "valid" or row["result"] == "lenient"


def _lines(row: dict) -> bool:
    if row["result"] != "valid":
        return True
    seen = []
    for line in row["text"].split("\r\n"):
        if not line:
            break
        name, _, value = line.partition(":")
        seen.append({"name": name.lower(), "value": value.strip(" \t")})
    printed = "".join(f"{line['name']}:{line['value']}\r\n" for line in seen) + "\r\n\r\n"
    return seen == row["headers"] and row["canonical"] == (printed == row["text"])


def _code_point(row: dict) -> bool:
    code = row["csuite"].strip("{}").replace(",", "").lower()
    table = {suite.code: suite for suite in SUITES}
    known = table.get(row["csuite"])
    return code == row["code"] and row.get("value") == (meaning(known) if known else None)


def _keys(row: dict) -> bool:
    suite, ekey = SUITE[row["suite"]], row.get("ekey")
    parts = {ekey[i : i + 16] for i in (0, 16)} if ekey else set()
    right = len(row["ikey"]) == 2 * suite.ikey_len and (len(ekey) if ekey else 0) == 2 * suite.ekey_len
    if suite.ekey_len == 24 and right:
        right = len(parts) == 2 and ekey[16:32] != ekey[32:]
    return right == (row["result"] == "valid")


def _decision(row: dict) -> bool:
    word, number = int(row["octets"]["ptype_spi"], 16), int(row["octets"]["sequence_number"], 16)
    verdict, fault, _, _ = decide(word >> 28, word & 0x0FFFFFFF, number, row["sa"], row["scope"], row["taken"] or [-1])
    lenient = verdict == "either"
    return (
        ("discard" if lenient else verdict) == row["verdict"] and fault == row.get("field", "") and lenient == (row["result"] == "lenient")
    )


def _packet(row: dict) -> bool:
    value, members = row.get("value"), row["octets"]
    if row["result"] == "invalid" and row["stage"] != "content":
        return True
    if "suite" not in row:
        head = members["ptype_spi"] + members["sequence_number"]
        return value is None or (head == "0" * 16 and value == {"ptype": 0, "spi": 0, "sequence_number": 0, "payload": members["payload"]})
    suite = SUITE[row["suite"]]
    covered = bytes.fromhex("".join(members.get(name, "") for name in ("ptype_spi", "sequence_number", "iv", "data")))
    if suite.full_mac(bytes.fromhex(row["ikey"]), covered)[:12].hex() != members["icv"]:
        return False
    if value is None:
        return True
    plain = bytes.fromhex(value["payload"]) + bytes(range(1, value["pad_length"] + 1)) + bytes([value["pad_length"], value["next_header"]])
    data = suite.encrypt(bytes.fromhex(row.get("ekey", "")), bytes.fromhex(members.get("iv", "")), plain).hex()
    word = f"{value['ptype'] << 28 | value['spi']:08x}{value['sequence_number']:08x}"
    least = -(len(value["payload"]) // 2 + 2) % suite.align
    return (data, word, row["canonical"]) == (
        members["data"],
        members["ptype_spi"] + members["sequence_number"],
        value["pad_length"] == least,
    )


def _mobility(row: dict) -> bool:
    if row["result"] != "valid":
        return True
    octets, value, first = bytes.fromhex(row["input"]), row["value"], row["first_header"]
    homes = {}
    while first in (60, 43):
        size = 8 * (octets[1] + 1)
        at = octets[:size].rfind(b"\xc9\x10") + 2 if first == 60 else 8
        if at >= 8:
            homes["home_address" if first == 60 else "routing_home_address"] = octets[at : at + 16]
        first, octets = octets[0], octets[size:]
    expected = {name: _ip6(value[name]) for name in ("home_address", "routing_home_address") if name in value}
    right = checksum(octets[:4] + b"\0\0" + octets[6:], row["source"], row["destination"]) == octets[4:6]
    return first == 135 and right and homes == expected and _message(octets, value)


def _message(octets: bytes, value: dict) -> bool:
    kind = ("binding-refresh-request", "", "", "", "", "binding-update", "binding-acknowledgement", "binding-error")[octets[2]]
    bits = int.from_bytes(octets[8:10], "big")
    seen = {
        "binding-refresh-request": {},
        "binding-error": {"status": octets[6], "about": octets[8:24]},
        "binding-update": {
            "sequence": int.from_bytes(octets[6:8], "big"),
            "lifetime": int.from_bytes(octets[10:12], "big"),
            "flags": [flag for flag, bit in (("A", 0x8000), ("H", 0x4000), ("L", 0x2000), ("K", 0x1000)) if bits & bit],
        },
        "binding-acknowledgement": {
            "status": octets[6],
            "flags": ["K"] if octets[7] & 0x80 else [],
            "sequence": bits,
            "lifetime": int.from_bytes(octets[10:12], "big"),
        },
    }[kind]
    fixed = {"binding-refresh-request": 8, "binding-error": 24}.get(kind, 12)
    said = {name: _ip6(value[name]) if name == "about" else value[name] for name in seen if name in value}
    return kind == value["message"] and said == seen and list(_options(octets[fixed:])) == value["options"]


def _options(octets: bytes):
    import ipaddress

    while octets:
        if octets[0] == 0:
            octets = octets[1:]
            continue
        kind, data, octets = octets[0], octets[2 : 2 + octets[1]], octets[2 + octets[1] :]
        if kind == 3:
            yield {"option": "alternate-care-of-address", "address": str(ipaddress.IPv6Address(data))}
        elif kind == 2:
            yield {"option": "binding-refresh-advice", "interval": int.from_bytes(data, "big")}
        elif kind != 1:
            yield {"option": "unknown", "type": kind, "data": data.hex()}


def _ip6(address: str) -> bytes:
    import ipaddress

    return ipaddress.IPv6Address(address).packed


def _checksum(row: dict) -> bool:
    message = bytes.fromhex(row["message"])
    right = checksum(message[:4] + b"\0\0" + message[6:], row["source"], row["destination"])
    return right.hex() == row["checksum"] and (message[4:6] == right) == (row["result"] == "valid")


def _exchange(row: dict) -> bool:
    keys = {"psk": row.get("psk", ""), "msk": row.get("msk", ""), "one": "31"}
    labels = {"mn-to-hac": b"MN", "hac-to-mn": b"HAC"}
    for number, message in enumerate(row["messages"], 1):
        octets = bytes.fromhex(message["octets"])
        content, covered = octets[4:], message["covered"]
        if int.from_bytes(octets[2:4], "big") != len(content) or content != message["text"].encode("latin-1"):
            return False
        if message["key"] == "none":
            if b"auth:" in content.split(b"\r\n") or content[covered:] != b"\r\n\r\n":
                return False
            continue
        label = labels[message["direction"]] if row["profile"] == "rfc6618" else b""
        right = hmac.new(
            bytes.fromhex(keys[message["key"]]), label + content[:covered] + bytes.fromhex(row["certificate_hash"]), hashlib.sha256
        )
        wrong = number == row.get("at") and row["field"] == "auth"
        if (content[covered : covered + 69] == b"auth:" + right.hexdigest().encode()) == wrong:
            return False
    if row["method"] == "eap" and not _eap(row):
        return False
    last = [line for line in row["messages"][-1]["text"].split("\r\n") if line.startswith("status-code:")]
    outcome = row.get("outcome")
    return row.get("at", len(row["messages"])) == len(row["messages"]) and (outcome is None or last == [f"status-code:{outcome}"])


def _eap(row: dict) -> bool:
    whole = row["messages"][:-1] if row.get("field") in ("eap-payload", "auth-method") else row["messages"]
    lines = [line for message in whole for line in message["text"].split("\r\n")]
    packets = [bytes.fromhex(line[12:]) for line in lines if line.startswith("eap-payload:")]
    try:
        eap.check(packets, row["eap_method"], bytes.fromhex(row["eap_secret"]), bytes.fromhex(row.get("msk", "")), [packet[0] for packet in packets[-1:]] == [3])
    except eap.Contradiction:
        return False
    return True


def _binding(row: dict) -> bool:
    octets = bytes.fromhex(row["certificate"])
    return row["result"] != "valid" or hashlib.new(row["hash"], octets).hexdigest() == row["binding"]


def _tag(compute):
    def check(row: dict) -> bool:
        whole = compute(bytes.fromhex(row["key"]), bytes.fromhex(row["message"]))
        size = 24 if row["id"].startswith(("hmac_sha1", "aes")) else 64
        return whole.hex().startswith(row.get("mac", "")) and (whole.hex()[:size] == row["tag"]) == (row["result"] == "valid")

    return check


def _cipher(name: str):
    suite = next(suite for suite in SUITES if suite.cipher == name)

    def check(row: dict) -> bool:
        key, iv, plain = (bytes.fromhex(row[member]) for member in ("key", "iv", "plaintext"))
        return suite.encrypt(key, iv, plain).hex() == row["ciphertext"]

    return check


def _kinds() -> dict:
    from .header import HEADERS

    return {header.name: header.kind for header in HEADERS}


KINDS = _kinds()
CONSUMER = _consumer()
CHECKS = {
    "container": CONSUMER.container,
    "trailer": CONSUMER.trailer,
    "sequence": CONSUMER.sequence,
    "auth_psk": CONSUMER.auth,
    "auth_eap": CONSUMER.auth,
    "lexing": _lines,
    "headers": _header,
    "ciphersuite": _code_point,
    "key_length": _keys,
    "decision": _decision,
    "packet": _packet,
    "mobility": _mobility,
    "checksum": _checksum,
    "exchange": _exchange,
    "channel_binding": _binding,
    "hmac_sha1_96": _tag(lambda key, message: hmac.new(key, message, hashlib.sha1).digest()),
    "hmac_sha256": _tag(lambda key, message: hmac.new(key, message, hashlib.sha256).digest()),
    "aes_xcbc_mac_96": _tag(mac),
    "aes_cbc": _cipher("AES-CBC"),
    "tdes_cbc": _cipher("TripleDES-CBC"),
}

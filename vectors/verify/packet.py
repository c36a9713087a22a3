"""RFC 6618 sections 6.1 to 6.4 and 8.1: packets and their parts as a careful receiver meets them."""

from cryptography.hazmat.primitives.hashes import SHA256

from .suites import BY_NAME, MACS, decrypted, hmac_of, key_fault

MEMBERS = ("ptype_spi", "sequence_number", "iv", "data", "icv", "payload")
# What may stand in a packet by PType.
FIRST_HEADERS = {1: (4, 41), 8: (43, 60, 135)}


class Stop(Exception):
    """(stage, result, field, ours): where a careful receiver stops."""


def check(row: dict) -> bool:
    octets = {name: bytes.fromhex(row["octets"].get(name, "")) for name in MEMBERS}
    try:
        value = _clear(octets, row) if "suite" not in row else _protected(octets, row)
    except Stop as stop:
        stage, result, field, ours = stop.args
        verdict = (row.get("stage"), row["result"], row.get("field"), row.get("ours"))
        return "value" not in row and verdict == (stage, result, field, ours) and _wrong_as_flagged(row, octets, stage)
    return row["result"] == "valid" and "stage" not in row and "field" not in row and row["value"] == value


def _clear(octets: dict, row: dict) -> dict:
    _words(octets)
    if octets["ptype_spi"] != bytes(4):
        raise Stop("frame", "invalid", "spi", None)
    if octets["sequence_number"] != bytes(4):
        raise Stop("frame", "invalid", "sequence_number", None)
    if not octets["payload"]:
        raise Stop("frame", "invalid", "payload", None)
    if octets["payload"][0] >> 4 not in (4, 6):
        raise Stop("content", "invalid", "payload", None)
    if not row.get("canonical"):
        raise ValueError("canonical")
    return {"ptype": 0, "spi": 0, "sequence_number": 0, "payload": octets["payload"].hex()}


def _words(octets: dict):
    for name in ("ptype_spi", "sequence_number"):
        if len(octets[name]) != 4:
            raise Stop("frame", "invalid", name, None)


def _protected(octets: dict, row: dict) -> dict:
    _words(octets)
    word, number = (int.from_bytes(octets[name], "big") for name in ("ptype_spi", "sequence_number"))
    ptype, spi = word >> 28, word & 0xFFFFFFF
    if ptype not in FIRST_HEADERS:
        raise Stop("frame", "invalid", "ptype", None)
    if spi == 0:
        raise Stop("frame", "invalid", "spi", None)
    _, _, integrity, _, cipher, _, block, align = BY_NAME[row["suite"]]
    ikey, ekey = bytes.fromhex(row["ikey"]), bytes.fromhex(row["ekey"]) if "ekey" in row else None
    result, field = key_fault(row["suite"], ikey, ekey)
    if result != "valid":
        raise Stop("key", result, field, "invalid" if result == "lenient" else None)
    if not octets["data"]:
        raise Stop("frame", "invalid", "data" if octets["icv"] else "icv", None)
    if len(octets["data"]) % block or (cipher != "NULL" and len(octets["iv"]) != block):
        raise Stop("frame", "invalid", "data", None)
    covered = b"".join(octets[name] for name in MEMBERS[:4])
    if octets["icv"] != MACS[integrity](ikey, covered)[:12]:
        raise Stop("integrity", "invalid", "icv", None)
    plain = decrypted(cipher, ekey, octets["iv"], octets["data"])
    if len(plain) % align:
        raise Stop("frame", "lenient", "padding", None)
    return _opened(ptype, spi, number, plain, row, align)


def _opened(ptype: int, spi: int, number: int, plain: bytes, row: dict, align: int) -> dict:
    count, next_header = plain[-2:]
    if count > len(plain) - 2:
        raise Stop("padding", "invalid", "pad_length", None)
    payload, padding = plain[: len(plain) - 2 - count], plain[len(plain) - 2 - count : -2]
    if padding != bytes(n + 1 for n in range(count)):
        raise Stop("padding", "lenient", "padding", "invalid")
    if next_header not in FIRST_HEADERS[ptype]:
        raise Stop("content", "invalid", "next_header", None)
    if ptype == 1:
        _inner(payload, next_header)
    if row["result"] == "valid" and row["canonical"] != (count < align):
        raise ValueError("canonical")
    value = {"ptype": ptype, "spi": spi, "sequence_number": number, "payload": payload.hex()}
    return value | {"pad_length": count, "next_header": next_header}


def _inner(payload: bytes, next_header: int):
    if payload[0] >> 4 != {4: 4, 41: 6}[next_header]:
        raise Stop("content", "invalid", "next_header", None)
    total = int.from_bytes(payload[2:4], "big") if next_header == 4 else 40 + int.from_bytes(payload[4:6], "big")
    if total < len(payload):
        raise Stop("content", "lenient", "payload", "valid")


def _wrong_as_flagged(row: dict, octets: dict, stage: str) -> bool:
    """A wrong ICV comes about as its flag says."""
    if stage != "integrity":
        return True
    _, _, integrity, _, cipher, _, _, _ = BY_NAME[row["suite"]]
    word, number, iv, data, icv, _ = (octets[name] for name in MEMBERS)
    mac, ikey = MACS[integrity], bytes.fromhex(row["ikey"])
    right = mac(ikey, word + number + iv + data)
    plain = decrypted(cipher, bytes.fromhex(row.get("ekey", "")), iv, data)
    made = {
        "IcvFlipped": lambda: _distance(icv, right[:12]) == 1,
        "Tampered": lambda: any(mac(ikey, changed)[:12] == icv for changed in _one_change(word + number + iv + data)),
        "IcvTooLong": lambda: icv == right,
        "IcvLastOctets": lambda: icv == right[-12:],
        "IcvWithoutWord": lambda: icv == mac(ikey, number + iv + data)[:12],
        "IcvSpiOnly": lambda: icv == mac(ikey, bytes([word[0] & 15]) + word[1:] + number + iv + data)[:12],
        "IcvWithoutSequence": lambda: icv == mac(ikey, word + iv + data)[:12],
        "IcvWithoutIv": lambda: icv == mac(ikey, word + number + data)[:12],
        "IcvOverPlaintext": lambda: icv == mac(ikey, word + number + iv + plain)[:12],
        "IcvWithoutTrailer": lambda: icv == mac(ikey, word + number + iv + data[:-2])[:12],
        "IcvHmacSha256": lambda: icv == hmac_of(SHA256)(ikey, word + number + iv + data)[:12],
        "IcvAbsent": lambda: icv == b"",
        "IcvZero": lambda: icv == bytes(12),
        "TooShort": lambda: icv == right[:11],
        "OtherDirectionsKey": lambda: len(icv) == 12,
    }
    return made[row["flags"][0]]()


def _distance(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


def _one_change(octets: bytes):
    """One bit turned, or PType 8 turned back into 1."""
    yield bytes([octets[0] ^ 0x90]) + octets[1:]
    for bit in range(8 * len(octets)):
        yield (int.from_bytes(octets, "big") ^ 1 << bit).to_bytes(len(octets), "big")


def check_trailer(row: dict) -> bool:
    octets = bytes.fromhex("".join(row["octets"].values()))
    verdict = (row["result"], row.get("field"), row.get("ours"))
    if len(octets) < 2 or octets[-2] > len(octets) - 2:
        return verdict == ("invalid", "pad_length", None) and "value" not in row
    count = octets[-2]
    value = {"payload_len": len(octets) - 2 - count, "pad_length": count, "next_header": octets[-1]}
    counting = octets[len(octets) - 2 - count : -2] == bytes(n + 1 for n in range(count))
    return row["value"] == value and verdict == (("valid", None, None) if counting else ("lenient", "padding", "invalid"))


def check_decision(row: dict) -> bool:
    """Row by row: what stops the packet first; the ICV decides if nothing does."""
    word, number = (int(row["octets"][name], 16) for name in ("ptype_spi", "sequence_number"))
    ptype, spi, taken = word >> 28, word & 0xFFFFFFF, row["taken"]
    known = {"none": "spi", "ended": "spi", "live": None}[row["sa"]]
    old = "sequence_number" if any(number == other or number + 64 <= other for other in taken) else None
    if ptype == 0:
        fault = ("spi" if spi else None) or ("sequence_number" if number else None) or ("ptype" if row["scope"] else None)
    elif ptype in (1, 8):
        fault = (None if spi else "spi") or known or old or ("ptype" if (ptype, row["scope"]) == (1, 0) else None)
    else:
        fault = "ptype"
    # PK-06: dropping protected data under scope 0 is better, taking it conforms.
    either = (ptype, row["scope"], fault) == (1, 0, "ptype")
    verdict = "discard" if fault else "plain" if ptype == 0 else "open"
    result = "lenient" if either else "invalid" if fault else "valid"
    says = (row["verdict"], row["result"], row.get("field"), row.get("ours"))
    # Nothing was taken under an SA that there is not.
    whole = row["taken"] == [] if row["sa"] == "none" else row["taken"] in ([5, 100], [])
    return whole and says == (verdict, result, fault, "invalid" if either else None)


def check_container(row: dict) -> bool:
    members = row["octets"]
    octets = bytes.fromhex("".join(members.get(name, "") for name in ("ver_rsrvd", "identifier", "length")))
    content = bytes.fromhex(members.get("content", "")) * members.get("content_repeat", 1)
    verdict = (row["result"], row.get("field"), row.get("ours"), row.get("value"))
    fault = _container_fault(octets, len(content))
    if fault:
        return verdict == ("invalid", fault, None, None)
    value = {"version": 0, "reserved": octets[0] & 31, "identifier": octets[1], "length": len(content)}
    return verdict == (("lenient", "reserved", "valid", value) if octets[0] else ("valid", None, None, value))


def _container_fault(octets: bytes, content: int) -> str | None:
    for count, name in ((1, "version"), (2, "identifier"), (4, "length")):
        if len(octets) < count:
            return name
    if octets[0] >> 5:
        return "version"
    if octets[1] == 0:
        return "identifier"
    length = int.from_bytes(octets[2:], "big")
    return "length" if length == 0 else None if length == content else "content"


def check_sequence(row: dict) -> bool:
    """A number is old once it is a whole window behind. After the top, a receiver may begin again (SQ-05)."""
    newest, seen, begins_again = None, set(), False
    for step in row["steps"]:
        number = step["sequence_number"]
        inside = newest is None or number > newest or newest - number < row["window"]
        take = inside and number not in seen
        if take != (step["verdict"] == "accept"):
            return False
        begins_again = begins_again or (newest is not None and newest - number > 0xFFFFFF00 and newest > 0xFFFFFFF0)
        seen.add(number)
        newest = number if newest is None else max(newest, number)
    verdict = ("lenient", "sequence_number", "valid") if begins_again and "Wrap" in row["flags"] else ("valid", None, None)
    return verdict == (row["result"], row.get("field"), row.get("ours"))

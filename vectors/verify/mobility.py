"""RFC 6275 section 6 inside PType 8: extension headers, Mobility Headers, options, checksums."""

import socket

MESSAGES = {0: ("binding-refresh-request", 2), 5: ("binding-update", 6), 6: ("binding-acknowledgement", 6), 7: ("binding-error", 18)}
FLAGS = (("A", 15), ("H", 14), ("L", 13), ("K", 12))


class Fault(Exception):
    """(result, field, ours)"""


def _refuse(field: str, unless: bool):
    if not unless:
        raise Fault("invalid", field, None)


def check(row: dict) -> bool:
    octets, found = bytes.fromhex(row["input"]), {}
    try:
        message = _chain(row["first_header"], octets, found)
        value = _message(message, row)
    except Fault as fault:
        return "value" not in row and fault.args == (row["result"], row.get("field"), row.get("ours")) and _damage(row, octets)
    names = {name: socket.inet_ntop(socket.AF_INET6, address) for name, address in found.items()}
    whole = {"message": value.pop("message")} | value | names
    if row["result"] != "valid" or "field" in row or whole != row["value"]:
        return False
    return row["canonical"] == (_built(row, whole) == octets)


def check_checksum(row: dict) -> bool:
    message = bytes.fromhex(row["message"])
    right = checksum(message, row["source"], row["destination"])
    verdict = ("valid", None) if message[4:6] == right else ("invalid", "checksum")
    return (
        right.hex() == row["checksum"]
        and verdict == (row["result"], row.get("field"))
        and (verdict[0] == "valid" or _one_bit_off(message, row))
    )


def checksum(message: bytes, source: str, destination: str) -> bytes:
    """The same sum as remainder by 65535; the field itself counts as zero."""
    ends = b"".join(socket.inet_pton(socket.AF_INET6, address) for address in (source, destination))
    whole = ends + bytes([0, 0, len(message) >> 8, len(message) & 255, 0, 0, 0, 135]) + message[:4] + bytes(2) + message[6:]
    remainder = int.from_bytes(whole + bytes(len(whole) % 2), "big") % 0xFFFF
    # The pseudo-header is never all zero, so a remainder of 0 is a sum of ffff.
    return (0xFFFF - (remainder or 0xFFFF)).to_bytes(2, "big")


def _one_bit_off(message: bytes, row: dict) -> bool:
    """Turning one bit back makes the checksum right."""
    for bit in range(8 * len(message)):
        other = (int.from_bytes(message, "big") ^ 1 << bit).to_bytes(len(message), "big")
        if checksum(other, row["source"], row["destination"]) == other[4:6]:
            return True
    return False


def _damage(row: dict, octets: bytes) -> bool:
    return "Damaged" not in row["flags"] or _one_bit_off(octets, row)


def _chain(first: int, octets: bytes, found: dict) -> bytes:
    while first != 135:
        if first == 60:
            octets, first = _destination_options(octets, found), octets[0]
        elif first == 43:
            _refuse("routing", len(octets) >= 24 and octets[1:4] == b"\x02\x02\x01")
            found["routing_home_address"] = octets[8:24]
            octets, first = octets[24:], octets[0]
        else:
            raise Fault("invalid", "next_header", None)
    return octets


def _destination_options(octets: bytes, found: dict) -> bytes:
    size = 8 * (octets[1] + 1) if len(octets) > 1 else 8
    _refuse("destination_options", len(octets) >= size)
    at = 2
    while at < size:
        kind = octets[at]
        if kind == 0:
            at += 1
            continue
        _refuse("destination_options", at + 1 < size)
        count = octets[at + 1]
        if kind == 0xC9:
            _refuse("home_address", count == 16 and at + 18 <= size and "home_address" not in found)
            address = octets[at + 2 : at + 18]
            _refuse("home_address", address[0] != 0xFF and address[:2] != b"\xfe\x80" and int.from_bytes(address, "big") > 1)
            found["home_address"] = address
        else:
            _refuse("destination_options", kind >> 6 == 0)
        at += 2 + count
    _refuse("destination_options", at == size)
    return octets[size:]


def _message(octets: bytes, row: dict) -> dict:
    _refuse("header_len", len(octets) >= 8 and len(octets) == 8 * (octets[1] + 1))
    _refuse("payload_proto", octets[0] == 59)
    _refuse("checksum", checksum(octets, row["source"], row["destination"]) == octets[4:6])
    _refuse("mh_type", octets[2] in MESSAGES)
    name, fixed = MESSAGES[octets[2]]
    body = octets[6:]
    _refuse("header_len", len(body) >= fixed)
    words = [int.from_bytes(body[at : at + 2], "big") for at in (0, 2, 4)]
    value = {"message": name}
    if name == "binding-update":
        value |= {"sequence": words[0], "flags": [flag for flag, bit in FLAGS if words[1] >> bit & 1], "lifetime": words[2]}
    elif name == "binding-acknowledgement":
        value |= {"status": body[0], "sequence": words[1], "flags": ["K"] if body[1] >> 7 else [], "lifetime": words[2]}
    elif name == "binding-error":
        value |= {"status": body[0], "about": socket.inet_ntop(socket.AF_INET6, body[2:18])}
    return value | {"options": _options(body[fixed:])}


def _options(octets: bytes) -> list:
    options, at = [], 0
    while at < len(octets):
        kind = octets[at]
        if kind == 0:
            at += 1
            continue
        _refuse("options", at + 1 < len(octets) and at + 2 + octets[at + 1] <= len(octets))
        data = octets[at + 2 : at + 2 + octets[at + 1]]
        at += 2 + len(data)
        if {3: 16, 2: 2}.get(kind, len(data)) != len(data):
            raise Fault("lenient", "options", "invalid")
        if kind == 3:
            options.append({"option": "alternate-care-of-address", "address": socket.inet_ntop(socket.AF_INET6, data)})
        elif kind == 2:
            options.append({"option": "binding-refresh-advice", "interval": int.from_bytes(data, "big")})
        elif kind != 1:
            options.append({"option": "unknown", "type": kind, "data": data.hex()})
    return options


def _built(row: dict, value: dict) -> bytes:
    """What a sender writes who means this: each option where it has to begin, as little padding as that takes."""
    kind = next(number for number, (name, _) in MESSAGES.items() if name == value["message"])
    if kind == 5:
        body = value["sequence"].to_bytes(2, "big") + sum(1 << bit for flag, bit in FLAGS if flag in value["flags"]).to_bytes(2, "big")
        body += value["lifetime"].to_bytes(2, "big")
    elif kind == 6:
        body = bytes([value["status"], 0x80 if value["flags"] else 0]) + value["sequence"].to_bytes(2, "big")
        body += value["lifetime"].to_bytes(2, "big")
    else:
        body = bytes([value["status"], 0]) + socket.inet_pton(socket.AF_INET6, value["about"]) if kind == 7 else bytes(2)
    for option in value["options"]:
        if option["option"] == "alternate-care-of-address":
            body += _padding(-len(body) % 8) + b"\x03\x10" + socket.inet_pton(socket.AF_INET6, option["address"])
        elif option["option"] == "binding-refresh-advice":
            body += _padding(len(body) % 2) + b"\x02\x02" + option["interval"].to_bytes(2, "big")
        else:
            return b""
    body += _padding(-(6 + len(body)) % 8)
    message = bytes([59, (6 + len(body)) // 8 - 1, kind, 0, 0, 0]) + body
    message = message[:4] + checksum(message, row["source"], row["destination"]) + message[6:]
    if "home_address" in value:
        message = b"\x87\x02\x01\x02\0\0\xc9\x10" + socket.inet_pton(socket.AF_INET6, value["home_address"]) + message
    if "routing_home_address" in value:
        message = b"\x87\x02\x02\x01\0\0\0\0" + socket.inet_pton(socket.AF_INET6, value["routing_home_address"]) + message
    return message


def _padding(count: int) -> bytes:
    return bytes(count) if count < 2 else bytes([1, count - 2]) + bytes(count - 2)

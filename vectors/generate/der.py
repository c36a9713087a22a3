"""Just enough DER to build a certificate whose signature nobody checks."""


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: tag, length, the parts joined."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    body = bytes([first * 40 + second])
    for arc in rest:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, arc & 0x7F | 0x80)
        body += bytes(septets)
    return tlv(0x06, body)


def bit_string(octets: bytes) -> bytes:
    return tlv(0x03, b"\0", octets)


def null() -> bytes:
    return tlv(0x05)


def utc_time(text: str) -> bytes:
    return tlv(0x17, text.encode())


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def explicit(number: int, *parts: bytes) -> bytes:
    return tlv(0xA0 | number, *parts)

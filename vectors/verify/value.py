"""RFC 6618 sections 5.5 to 5.7: the value of one header line, read step by step instead of by one pattern.

`read` gives (result, ours, value). Where both verdicts conform, `ours` is the one of the readings.
"""

import calendar
import socket
import time

DIGITS = set("0123456789")
HEX = DIGITS | set("abcdefABCDEF")
ALNUM = DIGITS | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
ATOM = ALNUM | set("!#$%&'*+-/=?^_`{|}~") | {chr(n) for n in range(0x80, 0x100)}
SPACE = " \t"
STATUS = (100, 200, 400, 401, 500, 501, 503, 504)
SUITES = ("{00,02}", "{00,3B}", "{00,0A}", "{00,2F}", "{00,3C}")


class Refused(Exception):
    """No receiver takes it."""


class Either(Exception):
    """(ours, value)"""


def need(holds):
    if not holds:
        raise Refused


def read(kind: str, text: str):
    try:
        need(text)
        return "valid", None, KINDS[kind](text)
    except Refused:
        pass
    except Either as either:
        return "lenient", *either.args
    # White space inside one word: dropping it is what some receivers of RFC 2616 do.
    joined = "".join(octet for octet in text if octet not in SPACE)
    if kind in SPACED and joined != text and read(kind, joined)[0] == "valid":
        return "lenient", "invalid", read(kind, joined)[2]
    return "invalid", None, None


def _nai(text: str):
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise Refused from None
    name, at = [""], 0
    while at < len(text) and text[at] != "@":
        if text[at] == ".":
            name.append("")
        elif text[at] == "\\":
            at += 1
            need(at < len(text) and text[at] not in "\r\n\0")
            name[-1] += "x"
        else:
            need(text[at] in ATOM)
            name[-1] += "x"
        at += 1
    need(all(name) or (name == [""] and at < len(text)))
    if at < len(text):
        labels = text[at + 1 :].split(".")
        need(all(label and set(label) <= ALNUM | {"-"} and label[0] != "-" != label[-1] for label in labels))
        if len(labels) == 1:
            raise Either("invalid", text)
    if len(text) > 253:
        raise Either(None, text)
    return text


def _methods(text: str):
    items = [item.strip(SPACE).lower() for item in text.split(",")]
    need(any(items) and all(set(item) <= ALNUM for item in items))
    if "" in items:
        raise Either("invalid", None)
    if set(items) - {"psk", "eap"}:
        known = [item for item in items if item in ("psk", "eap")]
        need(known)
        raise Either("valid", known)
    return items


def _hex(text: str):
    need(set(text) <= HEX and len(text) % 2 == 0)
    return text.lower()


def _eap(text: str):
    digits = _hex(text)
    need(len(digits) >= 8)
    if int(digits[4:8], 16) * 2 != len(digits):
        raise Either("invalid", digits)
    return digits


def _of_32(text: str):
    need(len(text) == 64)
    return _hex(text)


def _status(text: str):
    need(len(text) == 3 and set(text) <= DIGITS)
    if int(text) not in STATUS:
        raise Either("invalid", None)
    return int(text)


def _date(text: str):
    if set(text) <= DIGITS:
        raise Either("invalid", None)
    need(len(text) == 29 and all(octet in DIGITS for at in ((5, 7), (12, 16), (17, 19), (20, 22), (23, 25)) for octet in text[slice(*at)]))
    need(text[3:5] == ", " and text[7] + text[11] + text[16] == "   " and text[19] + text[22] == "::" and text[25:] == " GMT")
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    days = "Mon Tue Wed Thu Fri Sat Sun".split()
    need(text[8:11] in months and text[:3] in days)
    parts = (int(text[12:16]), months.index(text[8:11]) + 1, int(text[5:7]), int(text[17:19]), int(text[20:22]), int(text[23:25]))
    year, month, day, hour, minute, second = parts
    need(year > 0 and 1 <= day <= calendar.monthrange(year, month)[1] and hour < 24 and minute < 60 and second < 60)
    if year < 1970:
        raise Either(None, None)
    seconds = calendar.timegm((*parts, 0, 0, 0))
    if days[time.gmtime(seconds).tm_wday] != text[:3]:
        raise Either("invalid", seconds)
    return seconds


def _number(least: int, most: int, digits: int, zeros: str):
    def of(text: str):
        need(set(text) <= DIGITS and len(text) <= digits and least <= int(text) <= most)
        if text[0] == "0" and zeros == "either":
            raise Either("valid", int(text))
        return int(text)

    return of


def _scope(text: str):
    need(text in ("0", "1"))
    return ord(text) - ord("0")


def _suites(text: str):
    pieces = text.replace(" ", "").replace("\t", "").split("},")
    need(len(pieces) == text.count("{"))
    inner = [piece.removeprefix("{") for piece in pieces]
    need(inner[-1].endswith("}"))
    inner[-1] = inner[-1][:-1]
    need(all(len(code) == 5 and code[2] == "," and set(code[:2] + code[3:]) <= HEX for code in inner))
    need(len("".join(text.split())) == sum(map(len, inner)) + 3 * len(inner) - 1)
    return [f"{{{code.upper()}}}" for code in inner]


def _suite_list(text: str):
    parts = [part.strip(SPACE) for part in text.split(",")]
    if "" in parts and any(parts):
        kept = ",".join(part for part in text.split(",") if part.strip(SPACE))
        _suites(kept)
        raise Either("invalid", None)
    return _suites(text)


def _suite(text: str):
    [suite] = _suites(text)[:1] if text.count("{") == 1 else [""]
    need(suite in SUITES)
    return suite


def _ip6(text: str):
    address, zone, _ = text.partition("%")
    if zone or "::" in text or "." in text:
        raise Either("invalid", None if zone else _shortest(address))
    words = text.split(":")
    need(len(words) == 8 and all(word and len(word) <= 4 and set(word) <= HEX for word in words))
    return _shortest(text)


def _shortest(text: str):
    try:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, text))
    except OSError:
        raise Refused from None


def _ip4(text: str):
    parts = text.split(".")
    need(len(parts) == 4 and all(part and len(part) <= 3 and set(part) <= DIGITS and int(part) < 256 for part in parts))
    return ".".join(str(int(part)) for part in parts)


def _prefix(address_of, family: int, bits: int):
    def of(text: str):
        address, slash, length = text.partition("/")
        need(slash and length and len(length) <= 3 and set(length) <= DIGITS and int(length) <= bits)
        try:
            value, either = address_of(address), ""
        except Either as compressed:
            value, either = compressed.args[1], "invalid"
        number = int.from_bytes(socket.inet_pton(family, value), "big")
        kept = number >> (bits - int(length)) << (bits - int(length))
        network = f"{socket.inet_ntop(family, kept.to_bytes(bits // 8, 'big'))}/{int(length)}"
        if either or len(length) == 3 or kept != number:
            raise Either(either or "valid", network)
        return network

    return of


SPACED = ("hex", "eap", "status", "mac", "random", "spi", "ip6", "ip4", "port")
KINDS = {
    "nai": _nai,
    "methods": _methods,
    "hex": _hex,
    "eap": _eap,
    "status": _status,
    "mac": _of_32,
    "date": _date,
    "random": _of_32,
    "spi": _number(1, (1 << 28) - 1, 99, "either"),
    "scope": _scope,
    "suite": _suite,
    "suites": _suite_list,
    "ip6": _ip6,
    "ip4": _ip4,
    "port": _number(1, 65535, 5, "same"),
    "prefix6": _prefix(_ip6, socket.AF_INET6, 128),
    "prefix4": _prefix(_ip4, socket.AF_INET, 32),
}

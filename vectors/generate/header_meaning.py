"""What the text of one header means, by kind: the reader beside the writers of `header_*`.

`judge` answers with a verdict of the readings: (result, ours, value, flag). It is used for texts
that nobody chose by hand (the produced ones), and to check every other row from its octets.
"""

import ipaddress
import re
from datetime import datetime, timezone

from .header_date import DAYS, MONTHS, rfc1123

SUITES = ["{00,02}", "{00,3B}", "{00,0A}", "{00,2F}", "{00,3C}"]
STATUS = [100, 200, 400, 401, 500, 501, 503, 504]
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)
ATOM = r"(?:[!#-'*+\-/0-9=?A-Z^-~\x80-\xff]|\\[^\0\r\n])+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
NAI = re.compile(rf"(?:{ATOM}(?:\.{ATOM})*)?(?:@{LABEL}(?:\.{LABEL})+)?")
IP4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
IP6 = re.compile(r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){7}")
CSUITE = re.compile(r"\{[ \t]*([0-9A-Fa-f]{2})[ \t]*,[ \t]*([0-9A-Fa-f]{2})[ \t]*\}")


class Refused(Exception):
    """The text means nothing; the argument is the flag that says why, perhaps empty."""


class Doubtful(Exception):
    """Both conform: the arguments are what is preferred, the value, and the flag."""


def judge(kind: str, text: str):
    """(result, ours, value, flag) of a value of this kind, white space around it left out."""
    try:
        return "valid", None, READERS[kind](text), ""
    except Refused as refusal:
        return "invalid", None, None, refusal.args[0]
    except Doubtful as doubt:
        ours, value, flag = doubt.args
        return "lenient", ours, value, flag


def written(kind: str, value) -> str:
    """The one text that a sender writes for a value."""
    if kind in ("methods", "suites"):
        return ",".join(value)
    if kind == "date":
        return rfc1123(value)
    if kind == "ip6":
        return words(value)
    if kind == "prefix6":
        address, length = value.split("/")
        return f"{words(address)}/{length}"
    return str(value)


def words(address: str) -> str:
    """Eight words without leading zeros."""
    packed = ipaddress.IPv6Address(address).packed
    return ":".join(f"{packed[i] << 8 | packed[i + 1]:x}" for i in range(0, 16, 2))


def _nai(text: str):
    if not text or not NAI.fullmatch(text):
        raise Refused("NaiGrammar")
    try:
        text.encode("latin-1").decode()
    except UnicodeDecodeError:
        raise Refused("NaiGrammar") from None
    if len(text) > 253:
        raise Doubtful(None, text, "NaiLength")
    return text


def _methods(text: str):
    items = [item.strip(" \t").lower() for item in text.split(",")]
    if not all(item in ("psk", "eap") for item in items):
        raise Refused("")
    return items


def _hex(text: str):
    if not re.fullmatch(r"[0-9A-Fa-f]+", text):
        raise Refused("NotHex")
    if len(text) % 2:
        raise Refused("OddHex")
    return text.lower()


def _eap(text: str):
    digits = _hex(text)
    if len(digits) < 8:
        raise Refused("EapLength")
    if int(digits[4:8], 16) != len(digits) // 2:
        raise Doubtful("invalid", digits, "EapLength")
    return digits


def _status(text: str):
    if not re.fullmatch(r"\d{3}", text, re.ASCII):
        raise Refused("")
    if int(text) not in STATUS:
        raise Doubtful("invalid", None, "StatusUnlisted")
    return int(text)


def _of_32(flag: str):
    def read(text: str):
        digits = _hex(text)
        if len(digits) != 64:
            raise Refused(flag)
        return digits

    return read


def _date(text: str):
    match = DATE.fullmatch(text)
    if not match or match[3] not in MONTHS:
        raise Refused("DateForm")
    day, year, hour, minute, second = (int(match[n]) for n in (2, 4, 5, 6, 7))
    try:
        moment = datetime(year, MONTHS.index(match[3]) + 1, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        raise Refused("DateImpossible") from None
    if moment.year < 1970:
        raise Doubtful(None, None, "DateForm")
    if DAYS[moment.weekday()] != match[1]:
        raise Doubtful("invalid", int(moment.timestamp()), "DateWeekday")
    return int(moment.timestamp())


def _spi(text: str):
    if not re.fullmatch(r"\d+", text, re.ASCII):
        raise Refused("")
    if not 1 <= int(text) < 1 << 28:
        raise Refused("SpiRange")
    if text[0] == "0":
        raise Doubtful("valid", int(text), "LeadingZeros")
    return int(text)


def _scope(text: str):
    if text not in ("0", "1"):
        raise Refused("ScopeUndefined" if re.fullmatch(r"\d", text, re.ASCII) else "")
    return int(text)


def _suite(text: str):
    [suite] = _suites(text) if text.count("{") == 1 else [""]
    if suite not in SUITES:
        raise Refused("SuiteUnknown")
    return suite


def _suites(text: str):
    parts = re.split(r"(?<=\})[ \t]*,[ \t]*(?=\{)", text)
    matches = [CSUITE.fullmatch(part) for part in parts]
    if not all(matches):
        raise Refused("")
    return [f"{{{match[1].upper()},{match[2].upper()}}}" for match in matches]


def _ip6(text: str):
    if not IP6.fullmatch(text):
        raise Refused("Ip6Grammar")
    return str(ipaddress.IPv6Address(text))


def _ip4(text: str):
    if not IP4.fullmatch(text) or any(int(part) > 255 for part in text.split(".")):
        raise Refused("Ip4Grammar")
    return ".".join(str(int(part)) for part in text.split("."))


def _port(text: str):
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or not 1 <= int(text) <= 65535:
        raise Refused("PortRange")
    return int(text)


def _prefix(read, network, bits: int):
    def of(text: str):
        address, slash, length = text.partition("/")
        value = read(address)
        if not slash or not re.fullmatch(r"\d{1,3}", length, re.ASCII) or int(length) > bits:
            raise Refused("PrefixRange")
        whole = network((value, int(length)), strict=False)
        if len(length) > 2:
            raise Doubtful("valid", str(whole), "Prefix100To128")
        if str(whole.network_address) != value:
            raise Doubtful("valid", str(whole), "PrefixHostBits")
        return str(whole)

    return of


READERS = {
    "nai": _nai,
    "methods": _methods,
    "hex": _hex,
    "eap": _eap,
    "status": _status,
    "mac": _of_32("MacLength"),
    "date": _date,
    "random": _of_32("RandomLength"),
    "spi": _spi,
    "scope": _scope,
    "suite": _suite,
    "suites": _suites,
    "ip6": _ip6,
    "ip4": _ip4,
    "port": _port,
    "prefix6": _prefix(_ip6, ipaddress.IPv6Network, 128),
    "prefix4": _prefix(_ip4, ipaddress.IPv4Network, 32),
}

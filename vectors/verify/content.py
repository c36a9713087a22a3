"""RFC 6618 sections 5.2, 5.3, 5.5.7, 5.8 and 5.9: the Content of a message, line by line, and what has to be in it."""

import time

from . import value
from .suites import MACS

KINDS = {
    "mn-id": "nai",
    "auth-method": "methods",
    "eap-payload": "eap",
    "status-code": "status",
    "auth": "mac",
    "retry-after": "date",
    "mn-rand": "random",
    "hac-rand": "random",
    "mip6-spi": "spi",
    "mip6-mn-to-ha-ikey": "hex",
    "mip6-ha-to-mn-ikey": "hex",
    "mip6-mn-to-ha-ekey": "hex",
    "mip6-ha-to-mn-ekey": "hex",
    "mip6-sa-validity-end": "date",
    "mip6-sas": "scope",
    "mip6-ciphersuite": "suite",
    "mip6-suitelist": "suites",
    "mip6-haa-ip6": "ip6",
    "mip6-haa-ip4": "ip4",
    "mip6-port": "port",
    "mip6-ip6-hoa": "ip6",
    "mip6-ip4-hoa": "ip4",
    "mip6-ip6-hnp": "prefix6",
    "mip6-ip4-hnp": "prefix4",
    "dns-ip6": "ip6",
    "dns-ip4": "ip4",
}
MANY = ("auth-method", "mip6-suitelist", "dns-ip6", "dns-ip4")
ONCE = ("mn-id", "mn-rand", "hac-rand", "status-code", "mip6-spi", "mip6-ciphersuite", "auth")
KEYS = ("mip6-mn-to-ha-ikey", "mip6-ha-to-mn-ikey", "mip6-mn-to-ha-ekey", "mip6-ha-to-mn-ekey")
GRANTED = ("mip6-sas", "mip6-spi", *KEYS, "mip6-sa-validity-end", "mip6-ciphersuite")
PROVISIONED = tuple(name for name in KINDS if name.startswith(("mip6-", "dns-")) and name not in ("mip6-sas", "mip6-suitelist"))
FINE = ("valid", None, None)
# 2020: an SA that ended before was never one of these vectors' time.
LONG_AGO = 1577836800


class Fault(Exception):
    """(result, field, ours)"""


def check_header(row: dict) -> bool:
    name, colon, text = row["text"].removesuffix("\r\n").partition(":")
    kind = KINDS[row["name"]]
    result, ours, meaning = value.read(kind, text.strip(" \t"))
    if name.lower() != row["name"] or not colon or row["kind"] != kind:
        return False
    if (result, ours, meaning) != (row["result"], row.get("ours"), row.get("value")) or row.get("field") != (
        None if result == "valid" else row["name"]
    ):
        return False
    return result != "valid" or row["canonical"] == (row["text"] == f"{row['name']}:{_printed(kind, meaning)}\r\n")


def _printed(kind: str, meaning) -> str:
    if kind == "date":
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(meaning))
    if kind in ("ip6", "prefix6"):
        address, slash, length = meaning.partition("/")
        before, compressed, after = address.partition("::")
        words = [word for word in before.split(":") if word]
        tail = [word for word in after.split(":") if word]
        if tail and "." in tail[-1]:
            numbers = [int(number) for number in tail.pop().split(".")]
            tail += [f"{numbers[0] << 8 | numbers[1]:x}", f"{numbers[2] << 8 | numbers[3]:x}"]
        return ":".join(words + ["0"] * (8 - len(words) - len(tail)) * bool(compressed) + tail) + slash + length
    return ",".join(meaning) if isinstance(meaning, list) else str(meaning)


def lines(text: str) -> tuple[list[tuple[str, str]], list[tuple]]:
    """The headers in order, and what is tolerable but not right; stops at what is not tolerable."""
    tolerated = []
    bare = text.replace("\r\n", "")
    if "\n" in bare or "\r" in bare:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
        if "\r\n\r\n" not in text:
            raise Fault("invalid", "content", None)
        tolerated.append(("lenient", "content", "invalid"))
    before, end, after = text.partition("\r\n\r\n")
    if end:
        before += "\r\n"
        after = after.removeprefix("\r\n")
        if after and not tolerated:
            tolerated.append(("lenient", "content", "invalid"))
    elif not text.endswith("\r\n"):
        raise Fault("invalid", "content", None)
    else:
        tolerated.append(("lenient", "content", None))
    headers = []
    for line in before.split("\r\n")[:-1]:
        if line[:1] in (" ", "\t"):
            if not headers:
                raise Fault("invalid", "content", None)
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}".strip())
            tolerated.append(("lenient", headers[-1][0], None))
            continue
        headers.append(_line(line, tolerated))
    return headers, tolerated


def _line(line: str, tolerated: list) -> tuple[str, str]:
    name, colon, text = line.partition(":")
    high = "" if name.lower() == "mn-id" else text
    controls = any(ord(octet) < 0x20 and octet != "\t" or ord(octet) == 0x7F for octet in line)
    if not colon or not name or controls or any(ord(octet) > 0x7F for octet in name + high):
        raise Fault("invalid", "content", None)
    if name.rstrip(" \t") != name:
        name = name.rstrip(" \t")
        tolerated.append(("lenient", name.lower(), "invalid"))
    return name.lower(), text.strip(" \t")


def repeats(headers: list) -> list[tuple]:
    found = []
    for name in {name: None for name, _ in headers}:
        if [other for other, _ in headers].count(name) > 1 and name in KINDS and name not in MANY:
            if name in ONCE + KEYS:
                raise Fault("invalid", name, None)
            found.append(("lenient", name, None))
    return found


def check_lexing(row: dict) -> bool:
    try:
        headers, found = lines(row["text"])
        names = [name for name, _ in headers]
        if "auth" in names and row["side"] != "request-init" and names[-1] != "auth":
            raise Fault("invalid", "auth", None)
        found += repeats(headers)
        if row["side"] == "request-init" and "auth" in names:
            found.append(("lenient", "auth", "valid"))
        if row["side"] == "request":
            found += [("lenient", name, None) for name in names if name in PROVISIONED]
        verdict = found[0] if found else FINE
    except Fault as fault:
        headers, verdict = None, fault.args
    if verdict != (row["result"], row.get("field"), row.get("ours")):
        return False
    seen = [{"name": name, "value": text} for name, text in headers or []]
    printed = "".join(f"{line['name']}:{line['value']}\r\n" for line in seen) + "\r\n\r\n"
    if row["result"] == "valid":
        return seen == row["headers"] and row["canonical"] == (printed == row["text"])
    return row.get("headers", seen) == seen and (row["result"] == "lenient" or "headers" not in row)


def check_message(row: dict) -> bool:
    try:
        headers, found = lines(row["text"])
        found += repeats(headers)
        found += values(headers, row["kind"])
        found += RULES[row["kind"]](row, headers)
        verdict = found[0] if found else FINE
    except Fault as fault:
        verdict = fault.args
    if (row["identifier"] == 1) != row["kind"].endswith("init") and row["kind"] != "response-final":
        return False
    if ("\r\nauth:" in "\r\n" + row["text"]) != ("key" in row) or ("key" in row and not _signed(row)):
        return False
    return verdict == (row["result"], row.get("field"), row.get("ours"))


def _signed(row: dict) -> bool:
    """What is asked in these rows is never the MAC: it is right."""
    covered, _, auth = row["text"].rpartition("auth:")
    label = "MN" if row["kind"].startswith("request") else "HAC"
    octets = (label + covered).encode("latin-1") + bytes.fromhex(row["certificate_hash"])
    return MACS["HMAC-SHA256"](bytes.fromhex(row["key"]), octets).hex() == auth.strip()


def values(headers: list, kind: str) -> list[tuple]:
    found = []
    for name, text in headers:
        if name in KINDS:
            result, ours, meaning = value.read(KINDS[name], text)
            one_of_many = name == "auth-method" and kind == "response-init"
            if result == "invalid" or meaning is None or (name == "status-code" and meaning == 100) or (one_of_many and result != "valid"):
                raise Fault("invalid", name, None)
            if result == "lenient":
                found.append(("lenient", name, ours))
    return found


def _demand(headers: list, *needed: str):
    names = [name for name, _ in headers]
    for name in needed:
        if name not in names:
            raise Fault("invalid", name, None)


def _wish(headers: list, name: str, ours) -> list[tuple]:
    return [] if name in [name for name, _ in headers] else [("lenient", name, ours)]


def _init_request(row: dict, headers: list) -> list[tuple]:
    _demand(headers, "mn-id", "auth-method")
    if row["method"] == "psk":
        _demand(headers, "mn-rand")
    return _wish(headers, "mn-rand", "valid")


def _init_response(row: dict, headers: list) -> list[tuple]:
    methods = [method for name, text in headers if name == "auth-method" for method in text.split(",")]
    if "status-code" in [name for name, _ in headers]:
        raise Fault("invalid", "status-code", None)
    if len(methods) != 1:
        raise Fault("invalid", "auth-method", None)
    _demand(headers, *(("mn-rand", "hac-rand") if row["method"] == "psk" else ("eap-payload",)), "auth")
    return []


def _mid_request(row: dict, headers: list) -> list[tuple]:
    _demand(headers, "eap-payload", "auth")
    return [("lenient", "content", "invalid")] if row["method"] == "psk" else []


def _mid_response(row: dict, headers: list) -> list[tuple]:
    _demand(headers, "auth")
    if dict(headers).get("eap-payload", "").startswith("03"):
        raise Fault("invalid", "eap-payload", None)
    return _wish(headers, "eap-payload", None)


def _done_request(row: dict, headers: list) -> list[tuple]:
    _demand(headers, "mip6-sas", "mip6-suitelist", "auth")
    given = [("lenient", name, None) for name, _ in headers if name in PROVISIONED]
    again = [("lenient", "mn-id", "valid") for name, _ in headers if name == "mn-id"]
    if row["method"] == "psk":
        _demand(headers, "mn-rand", "hac-rand")
        return given + again
    return given + again + _wish(headers, "eap-payload", None)


def _final_response(row: dict, headers: list) -> list[tuple]:
    _demand(headers, "status-code")
    fields = dict(headers)
    names = [name for name, _ in headers]
    if fields["status-code"] != "200":
        for name in names:
            if name in GRANTED:
                raise Fault("invalid", name, None)
        return _refusal(row, headers, names)
    if row["method"] == "eap":
        _demand(headers, "eap-payload")
        if fields["eap-payload"].startswith("04"):
            raise Fault("invalid", "eap-payload", None)
    else:
        _demand(headers, "mn-rand", "hac-rand")
    # Under a NULL cipher there are no encryption keys.
    null = fields.get("mip6-ciphersuite", "").upper() in ("{00,02}", "{00,3B}")
    _demand(headers, *(name for name in GRANTED if not (null and name.endswith("ekey"))), "auth")
    pairs = (("mip6-mn-to-ha-ikey", "mip6-ha-to-mn-ikey"), ("mip6-mn-to-ha-ekey", "mip6-ha-to-mn-ekey"))
    equal = [("lenient", second, None) for first, second in pairs if first in fields and fields[first] == fields.get(second)]
    past = value.read("date", fields["mip6-sa-validity-end"])[2] < LONG_AGO
    return equal + [("lenient", "mip6-sa-validity-end", None)] * past


def _refusal(row: dict, headers: list, names: list) -> list[tuple]:
    """At once there may be nothing but the status: nothing was drawn yet, and perhaps there is no key."""
    if row["method"] == "eap":
        return _wish(headers, "eap-payload", "valid") + _wish(headers, "auth", "valid")
    if row["identifier"] == 1:
        return []
    return _wish(headers, "mn-rand", "valid") + _wish(headers, "hac-rand", "valid") + _wish(headers, "auth", "valid")


RULES = {
    "request-init": _init_request,
    "response-init": _init_response,
    "request-mid": _mid_request,
    "response-mid": _mid_response,
    "request-done": _done_request,
    "response-final": _final_response,
}

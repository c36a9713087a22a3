"""RFC 6618 sections 5.3, 5.8 and 5.9: a conversation as an onlooker follows it who knows every secret."""

from . import eap
from .content import lines, value
from .suites import MACS

MAC = MACS["HMAC-SHA256"]
LABELS = {"mn-to-hac": b"MN", "hac-to-mn": b"HAC"}


class Wrong(Exception):
    """The field for which a receiver of this message has to refuse it."""


def check(row: dict) -> bool:
    seen = {"number": 0, "method": row["method"]}
    used = set()
    for position, message in enumerate(row["messages"], 1):
        last = position == len(row["messages"])
        try:
            _one(row, message, seen, used)
        except Wrong as wrong:
            told = last and row.get("at") == position and row["result"] == "invalid" and wrong.args[0] == row["field"]
            return told and _as_flagged(row, message) and (row["method"] == "psk" or _eap(row, row["messages"][:-1]))
    return "at" not in row and _ending(row, seen, used) and (row["method"] == "psk" or _eap(row, row["messages"]))


def _one(row: dict, message: dict, seen: dict, used: set):
    octets = bytes.fromhex(message["octets"])
    content = octets[4:]
    whole = octets[0] == 0 and int.from_bytes(octets[2:4], "big") == len(content) and content == message["text"].encode("latin-1")
    headers, tolerated = lines(message["text"])
    fields = dict(headers)
    kind = _kind(message["direction"], fields, seen)
    if not whole or tolerated or message["name"] != kind:
        raise ValueError("not a message of this place")
    covered = content.find(b"\r\nauth:") + 2 if "auth" in fields else len(content) - 4
    if message["covered"] != covered or (message["key"] == "none") != ("auth" not in fields):
        raise ValueError("covered")
    _identifier(row, message["direction"], octets[1], seen)
    _auth(row, message, content, fields, seen, used)
    _values(message["direction"], fields, seen)


def _kind(direction: str, fields: dict, seen: dict) -> str:
    if direction == "mn-to-hac":
        return "init-request" if seen["number"] == 0 else "done-request" if "mip6-suitelist" in fields else "mid-request"
    if "status-code" in fields:
        return "done-response" if fields["status-code"] == "200" else "refusal"
    return "init-response" if "auth-method" in fields else "mid-response"


def _identifier(row: dict, direction: str, identifier: int, seen: dict):
    if direction == "mn-to-hac":
        right = identifier == 1 if seen["number"] == 0 else identifier > seen["number"]
        seen["gap"] = seen.get("gap") or identifier > seen["number"] + 1
    else:
        right = identifier == seen["number"]
    if not right:
        raise Wrong("identifier")
    seen["number"] = identifier


def _auth(row: dict, message: dict, content: bytes, fields: dict, seen: dict, used: set):
    if message["key"] == "none":
        return
    covered = message["covered"]
    secret = {"psk": row.get("psk"), "one": b"1".hex(), "msk": row.get("msk")}[message["key"]]
    if _due(row, message, seen) != message["key"]:
        raise ValueError("another key is due")
    used.add(message["key"])
    label = LABELS[message["direction"]] if row["profile"] == "rfc6618" else b""
    right = MAC(bytes.fromhex(secret), label + content[:covered] + bytes.fromhex(row["certificate_hash"]))
    seen["right"] = (right, content[:covered])
    if fields["auth"] != right.hex():
        raise Wrong("auth")


def _due(row: dict, message: dict, seen: dict) -> str:
    """With EAP the MSK, once the method has ended: its last response travels in Done, and so does the answer."""
    if row["method"] == "psk":
        return "psk"
    if message["name"] == "done-request":
        seen["done"] = message["key"]
        return message["key"] if "RoundAfterDone" in row["flags"] or "msk" not in row else "msk"
    if message["name"] in ("done-response", "refusal"):
        return seen.get("done", "one")
    return "one"


def _values(direction: str, fields: dict, seen: dict):
    for name in ("mn-rand", "hac-rand"):
        if name in fields and seen.setdefault(name, fields[name]) != fields[name]:
            raise Wrong(name)
    if direction == "mn-to-hac":
        seen["offered"] = seen.get("offered", fields.get("auth-method", "").split(","))
        seen["suites"] = value.read("suites", fields["mip6-suitelist"])[2] if "mip6-suitelist" in fields else []
        seen["scope"] = fields.get("mip6-sas")
        return
    if "auth-method" in fields and fields["auth-method"] not in seen["offered"]:
        raise Wrong("auth-method")
    if "mip6-ciphersuite" in fields and fields["mip6-ciphersuite"] not in seen["suites"]:
        raise Wrong("mip6-ciphersuite")
    if fields.get("eap-payload", "").startswith("03") and "status-code" not in fields:
        raise Wrong("eap-payload")
    seen["status"], seen["granted"] = fields.get("status-code"), fields.get("mip6-sas")
    seen["rounds"] = seen.get("rounds", 0) + ("mip6-suitelist" in fields)


def _ending(row: dict, seen: dict, used: set) -> bool:
    """Both sides know how it ended, and no secret stands there for nothing."""
    given = {"psk"} & row.keys() | ({"msk"} if "msk" in row else set())
    if seen["status"] is None or int(seen["status"]) != row["outcome"] or not given <= used:
        return False
    if ("certificate_hash" in row) != bool(used):
        return False
    if "RoundAfterDone" in row["flags"]:
        return _verdict(row) == ("lenient", "status-code", "valid")
    if seen["gap"]:
        return _verdict(row) == ("lenient", "identifier", "valid")
    return _verdict(row) == ("valid", None, None)


def _verdict(row: dict) -> tuple:
    return row["result"], row.get("field"), row.get("ours")


def _as_flagged(row: dict, message: dict) -> bool:
    """A wrong MAC: one bit, the other profile, the other key, or something that does not stand in the row."""
    if row["field"] != "auth":
        return True
    content = bytes.fromhex(message["octets"])[4:]
    sent = bytes.fromhex(content[message["covered"] + 5 :][:64].decode())
    signed, binding = content[: message["covered"]], bytes.fromhex(row["certificate_hash"])
    labels = {"rfc6618": LABELS[message["direction"]], "draft-01": b""}
    label = labels.pop(row["profile"])
    keys = {"psk": row.get("psk", ""), "one": b"1".hex(), "msk": row.get("msk", "")}
    key = bytes.fromhex(keys[message["key"]])
    right, flag = MAC(key, label + signed + binding), row["flags"][0]
    if flag == "OtherProfile":
        return sent == MAC(key, *[other + signed + binding for other in labels.values()])
    if flag in ("KeyOne", "MskNotUsed"):
        return sent == MAC(bytes.fromhex(keys["msk" if message["key"] == "one" else "one"]), label + signed + binding)
    near = (int.from_bytes(sent, "big") ^ int.from_bytes(right, "big")).bit_count() == 1
    return flag == "OtherBinding" or near == row["id"].endswith("/mac-wrong")


def _eap(row: dict, messages: list) -> bool:
    packets = [bytes.fromhex(text) for message in messages for name, text in lines(message["text"])[0] if name == "eap-payload"]
    succeeds = bool(packets) and packets[-1][0] == 3
    try:
        eap.check(packets, row["eap_method"], bytes.fromhex(row["eap_secret"]), bytes.fromhex(row.get("msk", "")), succeeds)
    except eap.Contradiction:
        return False
    return True

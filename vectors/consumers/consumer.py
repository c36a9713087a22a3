"""Reads the vectors as an implementer would. What it counts, all four consumers count: five files, and their rows."""

import hashlib
import hmac
import json
import sys
from pathlib import Path

FILES = ["container", "trailer", "sequence", "auth_psk", "auth_eap"]


def container(row: dict) -> bool:
    members = row["octets"]
    content = members.get("content", "") * members.get("content_repeat", 1)
    octets = bytes.fromhex("".join(members.get(name, "") for name in ("ver_rsrvd", "identifier", "length")) + content)
    length = int.from_bytes(octets[2:4], "big")
    right = len(octets) >= 4 and octets[0] >> 5 == 0 and octets[1] > 0 and 0 < length == len(octets) - 4
    meaning = {"version": octets[0] >> 5, "reserved": octets[0] & 31, "identifier": octets[1], "length": length} if right else None
    return meaning == row.get("value")


def trailer(row: dict) -> bool:
    octets = bytes.fromhex("".join(row["octets"].values()))
    if len(octets) < 2 or octets[-2] > len(octets) - 2:
        return row["result"] == "invalid"
    count = octets[-2]
    legal = octets[len(octets) - 2 - count : -2] == bytes(range(1, count + 1))
    meaning = {"payload_len": len(octets) - 2 - count, "pad_length": count, "next_header": octets[-1]}
    return meaning == row["value"] and (row["result"] == "valid") == legal


def sequence(row: dict, newest=-1) -> bool:
    seen = set()
    for step in row["steps"]:
        number = step["sequence_number"]
        if ("accept" if number not in seen and number > newest - row["window"] else "drop") != step["verdict"]:
            return False
        seen, newest = seen | {number}, max(newest, number)
    return True


def auth(row: dict) -> bool:
    content = bytes.fromhex(row["content"])
    label = b"" if row["profile"] == "draft-01" else b"MN" if row["direction"] == "mn-to-hac" else b"HAC"
    key = bytes.fromhex(row.get("psk", row.get("key")))
    mac = hmac.new(key, label + content[: row["covered"]] + bytes.fromhex(row["certificate_hash"]), hashlib.sha256).hexdigest()
    sent = content[row["covered"] + 5 :].split(b"\r\n")[0].decode()
    return mac == row["auth"] and (sent == mac and key != b"") == (row["result"] != "invalid")


def count(documents: dict[str, dict]) -> int:
    """How many rows were right; stops at the first that is not."""
    asserted = 0
    for name, check in zip(FILES, (container, trailer, sequence, auth, auth)):
        rows = documents[name]["tests"]
        assert rows and len(rows) == documents[name]["count"], name
        for row in rows:
            assert check(row), row["id"]
        asserted += 1 + len(rows)
    return asserted


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "rfc6618"
    asserted = count({name: json.loads((folder / f"{name}.json").read_text()) for name in FILES})
    print(f"{asserted} asserted")
    sys.exit(asserted == 0)

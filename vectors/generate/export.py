"""The same octets for tools that read no JSON: packets as pcapng, everything as single files."""

import ipaddress
from pathlib import Path

from .group import Group

PORT = 7872
LINKTYPE_RAW = 101
MN, HA = "192.0.2.1", "192.0.2.2"


def write(folder: Path, groups: list[Group]) -> int:
    """Writes everything below `folder`; answers with the number of files and packets."""
    by_name = {group.name: group.rows for group in groups}
    folder.mkdir(parents=True, exist_ok=True)
    captured = packets(next(group for group in groups if group.name == "packet"))
    (folder / "packets.pcapng").write_bytes(pcapng(captured))
    singles = [(row["id"], joined(row["octets"])) for name in ("container", "trailer") for row in by_name[name]]
    singles += [
        (f"{row['id']}/{n}", bytes.fromhex(message["octets"]))
        for row in by_name["exchange"]
        for n, message in enumerate(row["messages"], 1)
    ]
    singles += [(row["id"], bytes.fromhex(row["content"])) for name in ("message", "auth_psk", "auth_eap") for row in by_name[name]]
    singles += [(row["id"], bytes.fromhex(row["certificate"])) for row in by_name["channel_binding"]]
    singles += [(row["id"], bytes.fromhex(row["input"])) for name in ("lexing", "headers", "mobility") for row in by_name[name]]
    singles += captured
    for ident, octets in singles:
        path = folder / ident.split("/")[0] / (ident.split("/", 1)[1].replace("/", "__") + ".bin")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(octets)
    return len(singles) + len(captured)


def packets(group: Group) -> list[tuple[str, bytes]]:
    """UDP payloads by id."""
    return [(row["id"], joined(row["octets"])) for row in group.rows]


def joined(members: dict) -> bytes:
    content = members.get("content", "") * members.get("content_repeat", 1)
    before = [members[name] for name in ("ver_rsrvd", "identifier", "length") if name in members]
    others = [value for name, value in members.items() if name not in ("ver_rsrvd", "identifier", "length", "content", "content_repeat")]
    return bytes.fromhex("".join([*before, content, *others]))


def pcapng(named: list[tuple[str, bytes]]) -> bytes:
    """Section header, one interface without link layer, one packet block with its id as comment."""
    section = _block(0x0A0D0D0A, (0x1A2B3C4D).to_bytes(4, "little") + bytes([1, 0, 0, 0]) + b"\xff" * 8)
    interface = _block(1, LINKTYPE_RAW.to_bytes(2, "little") + bytes(2) + bytes(4))
    return section + interface + b"".join(_packet(ident, _datagram(octets)) for ident, octets in named)


def _block(kind: int, body: bytes) -> bytes:
    length = (12 + len(body)).to_bytes(4, "little")
    return kind.to_bytes(4, "little") + length + body + length


def _packet(ident: str, octets: bytes) -> bytes:
    size = len(octets).to_bytes(4, "little")
    comment = b"\x01\0" + len(ident).to_bytes(2, "little") + _aligned(ident.encode()) + bytes(4)
    return _block(6, bytes(12) + size + size + _aligned(octets) + comment)


def _aligned(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)


def _datagram(payload: bytes) -> bytes:
    """IPv4 and UDP around it; UDP without checksum, as RFC 3948 has it."""
    length = 28 + len(payload)
    addresses = b"".join(ipaddress.IPv4Address(address).packed for address in (MN, HA))
    header = bytes([0x45, 0]) + length.to_bytes(2, "big") + bytes([0, 0, 0, 0, 64, 17])
    words = header + addresses
    total = sum(int.from_bytes(words[i : i + 2], "big") for i in range(0, len(words), 2))
    total = (total & 0xFFFF) + (total >> 16)
    udp = (50000).to_bytes(2, "big") + PORT.to_bytes(2, "big") + (8 + len(payload)).to_bytes(2, "big") + bytes(2)
    return header + (total ^ 0xFFFF).to_bytes(2, "big") + addresses + udp + payload

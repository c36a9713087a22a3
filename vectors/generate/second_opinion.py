"""Mobility Headers as scapy reads them, fields and checksum; and the exported packets."""

import io
import warnings

from . import export
from .group import Group, Mistake

warnings.filterwarnings("ignore")
from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrRouting,
    MIP6MH_BA,
    MIP6MH_BE,
    MIP6MH_BRR,
    MIP6MH_BU,
    in6_chksum,
)

from scapy.utils import RawPcapNgReader  # noqa: E402

LAYERS = {
    "binding-refresh-request": MIP6MH_BRR,
    "binding-update": MIP6MH_BU,
    "binding-acknowledgement": MIP6MH_BA,
    "binding-error": MIP6MH_BE,
}
MOBILITY = 135


def check_mobility(mobility: Group, checksum: Group) -> int:
    """How many rows scapy confirmed; stops at the first that it does not."""
    confirmed = sum(_confirm(row) for row in mobility.rows if row["result"] == "valid")
    for row in checksum.rows:
        message = bytes.fromhex(row["message"])
        addresses = IPv6(src=row["source"], dst=row["destination"], nh=MOBILITY)
        computed = in6_chksum(MOBILITY, addresses, message[:4] + b"\0\0" + message[6:])
        if computed not in (int(row["checksum"], 16), int(row["checksum"], 16) or 0xFFFF):
            raise Mistake(f"{row['id']}: scapy computes {computed:04x}")
        confirmed += 1
    return confirmed


def check_export(packet: Group) -> int:
    """How many packets scapy reads out of the pcapng, each with the octets of its row, and its id as comment."""
    seen = RawPcapNgReader(io.BytesIO(export.pcapng(export.packets(packet))))
    for row, (octets, metadata) in zip(packet.rows, seen, strict=True):
        if bytes(IP(octets)[UDP])[8:] != export.joined(row["octets"]) or metadata.comments != [row["id"].encode()]:
            raise Mistake(f"{row['id']}: scapy reads something else out of the pcapng")
    return len(packet.rows)


def _confirm(row: dict) -> int:
    octets, value = bytes.fromhex(row["input"]), row["value"]
    first = {60: IPv6ExtHdrDestOpt, 43: IPv6ExtHdrRouting, MOBILITY: LAYERS[value["message"]]}[row["first_header"]]
    layer = first(octets).getlayer(LAYERS[value["message"]])
    if layer is None:
        raise Mistake(f"{row['id']}: scapy sees no {value['message']}")
    seen = {"sequence": getattr(layer, "seq", None), "lifetime": getattr(layer, "mhtime", None), "status": getattr(layer, "status", None)}
    for name, read in seen.items():
        if name in value and read != value[name]:
            raise Mistake(f"{row['id']}: scapy reads {name} {read}")
    start = len(octets) - 8 * (layer.len + 1)
    message = octets[start:]
    addresses = IPv6(src=row["source"], dst=row["destination"], nh=MOBILITY)
    computed = in6_chksum(MOBILITY, addresses, message[:4] + b"\0\0" + message[6:])
    if computed not in (layer.cksum, layer.cksum or 0xFFFF):
        raise Mistake(f"{row['id']}: scapy computes {computed:04x}, the row has {layer.cksum:04x}")
    return 1

"""RFC 6618 sections 5.8 and 5.9: each `auth` again, and each wrong one as its flag says that it came about."""

from .suites import MACS

MAC = MACS["HMAC-SHA256"]
LABELS = {"mn-to-hac": b"MN", "hac-to-mn": b"HAC"}
OTHER = {"mn-to-hac": b"HAC", "hac-to-mn": b"MN"}


def check(row: dict) -> bool:
    content, covered = bytes.fromhex(row["content"]), row["covered"]
    key = bytes.fromhex(row.get("psk", row.get("key", "")))
    binding = bytes.fromhex(row["certificate_hash"])
    label = LABELS[row["direction"]] if row["profile"] == "rfc6618" else b""
    signed, rest = content[:covered], content[covered:]
    right = MAC(key, label + signed + binding)
    name, _, sent = rest.partition(b":")
    sent, end = sent[:-6], sent[-6:]
    if name != b"auth" or end != b"\r\n\r\n\r\n" or right.hex() != row["auth"] or not _place(row, content) or not _shared_key(row, key):
        return False
    if row["result"] == "valid":
        return sent == row["auth"].encode() and "field" not in row
    if row["field"] == "psk":
        return sent == row["auth"].encode() and (row["result"], row.get("ours")) == (
            ("invalid", None) if key == b"" else ("lenient", "valid")
        )
    parts = {"label": label, "signed": signed, "binding": binding, "key": key, "right": right, "row": row, "content": content}
    return row["field"] == "auth" and bytes.fromhex(sent.decode()) != right and FAULTS[row["flags"][0]](parts, bytes.fromhex(sent.decode()))


def _place(row: dict, content: bytes) -> bool:
    """The first request and response have Identifier 1; nothing else has. `covered` ends where the last line begins."""
    first = content.startswith(b"auth-method:") or b"\r\nauth-method:" in content
    return (row["identifier"] == 1) == first and content[: row["covered"]].endswith(b"\r\n")


def _shared_key(row: dict, key: bytes) -> bool:
    return "shared_key" not in row or (key == b"1") == (row["shared_key"] == "one")


def _over(*order, **replaced):
    """The MAC over these parts in this order, some of them something else."""

    def is_so(parts: dict, sent: bytes) -> bool:
        actual = parts | {name: make(parts) for name, make in replaced.items()}
        return sent == MAC(actual["key"], b"".join(actual[name] for name in order))

    return is_so


def _header(parts: dict) -> bytes:
    """Of a container whose `auth` is whole."""
    length = len(parts["signed"]) + len(b"auth:\r\n\r\n\r\n") + 64
    return bytes([0, parts["row"]["identifier"]]) + length.to_bytes(2, "big")


def _plainly(parts: dict) -> bytes:
    lines = [line.partition(b":") for line in parts["signed"].split(b"\r\n")[:-1]]
    return b"".join(name.lower() + b":" + value.strip(b" \t") + b"\r\n" for name, _, value in lines)


def _key_one(parts: dict, sent: bytes) -> bool:
    keys = (b"\x01", b"\0\0\0\x01", b"1" + bytes(64), b'"1"')
    return any(_over("label", "signed", "binding", key=lambda _, key=key: key)(parts, sent) for key in keys)


def _cut_key(parts: dict, sent: bytes) -> bool:
    keys = (parts["key"][:32], parts["key"][32:64], parts["key"][:64])
    return any(_over("label", "signed", "binding", key=lambda _, key=key: key)(parts, sent) for key in keys)


def _one_bit(parts: dict, sent: bytes) -> bool:
    return len(sent) == 32 and (int.from_bytes(sent, "big") ^ int.from_bytes(parts["right"], "big")).bit_count() == 1


def _unlike(parts: dict, sent: bytes) -> bool:
    """Made with something that does not stand in the row."""
    return len(sent) == 32


USUAL = ("label", "signed", "binding")
FAULTS = {
    "NoLabel": _over("signed", "binding"),
    "LabelInDraft": _over(*USUAL, label=lambda parts: LABELS[parts["row"]["direction"]]),
    "OtherSidesLabel": _over(*USUAL, label=lambda parts: OTHER[parts["row"]["direction"]]),
    "LabelWithNul": _over(*USUAL, label=lambda parts: LABELS[parts["row"]["direction"]] + b"\0"),
    "ContainerHeaderIncluded": _over("label", "header", "signed", "binding", header=_header),
    "AuthNameIncluded": _over("label", "signed", "name", "binding", name=lambda _: b"auth:"),
    "EndOfMessageIncluded": _over("label", "signed", "end", "binding", end=lambda _: b"\r\n\r\n"),
    "BindingPrefixed": _over("label", "signed", "type", "binding", type=lambda _: b"tls-server-end-point:"),
    "BindingHex": _over(*USUAL, binding=lambda parts: parts["binding"].hex().encode()),
    "BindingAbsent": _over("label", "signed"),
    "BindingFirst": _over("label", "binding", "signed"),
    "NormalisedHeaders": _over(*USUAL, signed=_plainly),
    "KeyHex": _over(*USUAL, key=lambda parts: parts["key"].hex().encode()),
    "MskHex": _over(*USUAL, key=lambda parts: parts["key"].hex().encode()),
    "MskNotUsed": _over(*USUAL, key=lambda _: b"1"),
    "NoMsk": _over(*USUAL, key=lambda _: b""),
    "KeyOne": _key_one,
    "MskCut": _cut_key,
    "BitFlipped": _one_bit,
    "MacTruncated": lambda parts, sent: len(sent) < 32 and parts["right"].startswith(sent),
    "OtherCertificate": _unlike,
    "WrongKey": _unlike,
    "MskTooEarly": _unlike,
}

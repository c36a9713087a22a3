"""The tables of README.md: written from the groups, so that they cannot be wrong."""

import re

from .group import Group

ROWS_OF = {
    "container": ("one container, field by field", "5.1"),
    "lexing": ("the whole Content of a message, and the headers in it", "5.2, 5.5.7"),
    "headers": ("one TV-header line, and its meaning; some produced from the printed grammar", "5.5 to 5.7"),
    "ciphersuite": ("one code point, and the algorithms and lengths that it stands for", "5.6.5"),
    "key_length": ("the keys of one direction, and whether their suite takes them", "5.6.2"),
    "message": ("the whole Content of a message whose place is known: which headers it needs", "5.3, 5.8, 5.9"),
    "auth_psk": ("a message with `auth`, its key and certificate hash; every known misreading", "5.8"),
    "auth_eap": ("the same with the shared key of EAP", "5.9"),
    "exchange": ("a whole conversation, container by container, up to its end or to the message to refuse", "5.8, 5.9"),
    "channel_binding": ("a certificate, really signed, and the hash that binds to it", "5.8, RFC 5929"),
    "decision": ("PType, SPI and sequence number, and what a receiver does with them", "5.6.4, 6, 8.1"),
    "packet": ("one UDP payload between MN and HA, with its keys", "6.2 to 6.4"),
    "trailer": ("what is under the cipher", "6.3"),
    "mobility": ("headers inside PType 8, with their checksum", "6.3, RFC 6275"),
    "checksum": ("addresses, a message, and its checksum", "6.3, RFC 6275"),
    "sequence": ("sequence numbers in the order of arrival, taken or dropped", "4.3, 9.3"),
    "hmac_sha1_96": ("published values of RFC 2202", "5.6.5"),
    "hmac_sha256": ("published values of RFC 4231", "5.8"),
    "aes_xcbc_mac_96": ("published values of RFC 3566", "5.6.5"),
    "aes_cbc": ("published values of RFC 3602 and NIST CAVP", "5.6.5"),
    "tdes_cbc": ("published values of NIST CAVP", "5.6.5"),
}


def with_tables(text: str, groups: list[Group]) -> str:
    """The README with its two tables as they have to be."""
    return _between(_between(text, "groups", _groups(groups)), "flags", _flags(groups))


def _between(text: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{table}\n{end}", text, flags=re.DOTALL)


def _groups(groups: list[Group]) -> str:
    lines = [
        "| File | What a row is | Section | Valid | Lenient | Invalid | Rows | Flags |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    total = [0, 0, 0]
    for group in groups:
        what, section = ROWS_OF[group.name]
        counts = [sum(row["result"] == result for row in group.rows) for result in ("valid", "lenient", "invalid")]
        total = [a + b for a, b in zip(total, counts)]
        cells = [f"`{group.path()}`", what, section, *counts, len(group.rows), len(group.notes)]
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    flags = sum(len(group.notes) for group in groups)
    lines.append(f"| all | | | {' | '.join(str(count) for count in total)} | {sum(total)} | {flags} |")
    return "\n".join(lines)


def _flags(groups: list[Group]) -> str:
    lines = ["| Flag | Group | Rows | Reading | What the rows find |", "| --- | --- | --- | --- | --- |"]
    for group in groups:
        for flag, (bug, _, reading, _) in sorted(group.notes.items()):
            count = sum(flag in row["flags"] for row in group.rows)
            lines.append(f"| {flag} | {group.name} | {count} | {reading} | {bug} |")
    return "\n".join(lines)

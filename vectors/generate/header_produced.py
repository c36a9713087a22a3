"""Header lines that no one thought of: produced from the printed grammar, then judged by the readings.

`grammar/produced.json` has them, by wire name. `tests/abnf.rs` writes that file with the crate
`abnf-oracle` from `grammar/rfc6618.abnf` and asserts that it is still what the grammar produces;
what a line means is computed here. A character beyond ASCII is UTF-8, as RFC 4282 says.
"""

import json
from pathlib import Path

from .group import Group
from .header_meaning import judge, written

PRODUCED = Path(__file__).resolve().parent.parent / "grammar" / "produced.json"
COMMENT = "produced from the printed grammar"


def rows(g: Group, headers: dict):
    lines = json.loads(PRODUCED.read_text())
    for name, header in headers.items():
        for number, line in enumerate(lines[name], 1):
            _row(g, header, f"{name}/produced-{number}", line.encode().decode("latin-1"))


def _row(g: Group, header, slug: str, line: str):
    value = line.removesuffix("\r\n").partition(":")[2]
    result, ours, meaning, flag = judge(header.kind, value)
    facts = {"name": header.name, "kind": header.kind, "text": line, "input": line.encode("latin-1").hex()}
    flags = ["Produced"] + ([flag] if flag else [])
    if result == "valid":
        canonical = line == f"{header.name}:{written(header.kind, meaning)}\r\n"
        g.valid(slug, COMMENT, header.section, flags, **facts, value=meaning, canonical=canonical)
    elif result == "invalid":
        g.invalid(slug, f"{COMMENT}, which knows no ranges", header.section, header.name, flags, **facts)
    else:
        g.lenient(slug, f"{COMMENT}: refusing and taking it both conform", header.section, header.name, ours, flags, **facts, value=meaning)

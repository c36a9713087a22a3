"""`grammar/rfc6618.abnf` as regular expressions: RFC 5234, as far as this grammar uses it, and no recursion.

It says of a header line whether the printed grammar alone allows it. `tests/abnf.rs` asks `abnf-oracle` the same.
"""

import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "grammar" / "rfc6618.abnf"
CORE = {
    "ALPHA": "[A-Za-z]",
    "CRLF": "\r\n",
    "DIGIT": "[0-9]",
    "HEXDIG": "[0-9A-Fa-f]",
    "SP": " ",
}
TOKEN = re.compile(
    r'(?P<string>(?:%s)?"[^"]*")|(?P<range>%x[0-9A-F]+(?:-[0-9A-F]+)?)|(?P<times>\d*\*\d*|\d+)|(?P<name>[A-Za-z][A-Za-z0-9-]*)|(?P<mark>[()/])'
)


def allows(header: str, line: bytes) -> bool:
    """Whether the rule of this header produces the line. The grammar is about characters: UTF-8 beyond ASCII."""
    try:
        return _rule("msg-auth" if header == "auth" else header).fullmatch(line.decode()) is not None
    except UnicodeDecodeError:
        return False


@cache
def _rule(name: str) -> re.Pattern:
    return re.compile(_expanded(name))


@cache
def _expanded(name: str) -> str:
    if name in CORE:
        return CORE[name]
    alternatives = []
    for line in SOURCE.read_text().splitlines():
        rule, equals, right = line.partition(" =/ " if " =/ " in line else " = ")
        if equals and rule == name:
            alternatives.append(_translated(right))
    return f"(?:{'|'.join(alternatives)})"


def _translated(right: str) -> str:
    out, times = "", ""
    for match in TOKEN.finditer(right):
        kind, text = match.lastgroup, match[0]
        if kind == "times":
            times = _repetition(text)
            continue
        if text == "(":
            out += f"(?:\0{times}\0"
        elif text == ")":
            start = out.rindex("(?:\0")
            inner = out[start + 4 :]
            quantifier, _, body = inner.partition("\0")
            out = f"{out[:start]}(?:{body}){quantifier}"
        elif text == "/":
            out += "|"
        else:
            out += f"(?:{_element(kind, text)}){times}"
        times = ""
    return out


def _repetition(text: str) -> str:
    least, star, most = text.partition("*")
    return f"{{{least or 0},{most}}}" if star else f"{{{text}}}"


def _element(kind: str, text: str) -> str:
    if kind == "name":
        return _expanded(text)
    if kind == "range":
        first, _, last = text[2:].partition("-")
        return f"[\\u{int(first, 16):04x}-\\u{int(last or first, 16):04x}]"
    sensitive = text.startswith("%s")
    literal = re.escape(text.removeprefix("%s").strip('"'))
    return literal if sensitive else f"(?i:{literal})"

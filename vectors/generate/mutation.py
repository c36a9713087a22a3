"""Would anybody notice? Of one row of every kind each field is changed, one at a time.

Noticed by the schema, by the lists of ids, flags and requirements, or by `verify`, which reads what the row means. What
means nothing, such as a comment, only `SHA256SUMS` notices; those fields are listed here. The comparison with what the
generator writes notices every change, so it does not count.
"""

import copy
import json
from collections import Counter

import verify

from .group import Group, Mistake

# A conversation of more messages is left out: it takes minutes and is like the shorter ones.
MOST_MESSAGES = 20
FOR_PEOPLE = ("comment", "source")
# (group, member) where another value would be as good; `None` is any group. The reason stands beside it.
AS_GOOD = {
    (None, "ikey"): "of a packet that is refused before its ICV is looked at, or a key whose length is the point",
    (None, "ekey"): "likewise, or a key that is not needed to see the fault",
    ("container", "content"): "framing does not look into the content",
    ("container", "trailing"): "what follows belongs to the next container",
    ("container", "identifier"): "of a container that is refused for something before it",
    ("container", "length"): "of a container that is refused for something before it",
    ("container", "ver_rsrvd"): "another reserved bit, or another version that is refused",
    ("trailer", "payload"): "the trailer does not look into the payload",
    ("trailer", "padding"): "padding that is wrong stays wrong",
    ("trailer", "pad_length"): "a Pad Length that is too large stays too large",
    ("trailer", "next_header"): "of a trailer that is refused for something before it",
    ("decision", "ptype_spi"): "another SPI may lead to the same SA",
    ("decision", "sequence_number"): "another number may be as new, or as old",
    ("decision", "scope"): "of a packet that is dropped whatever the scope is",
    ("sequence", "sequence_number"): "another number may have the same verdict",
    ("sequence", "window"): "another size may give the same verdicts",
    ("packet", "ptype_spi"): "of a packet that is refused for something else, whatever its SPI is",
    ("packet", "sequence_number"): "of a packet that is refused before its ICV is looked at",
    ("packet", "iv"): "of a packet that is refused before its ICV is looked at",
    ("packet", "data"): "of a packet that is refused before its ICV is looked at",
    ("packet", "icv"): "of a packet that is refused before its ICV is looked at, or an ICV made with a key that is not there",
    ("packet", "payload"): "of a packet that is refused before its payload is looked at",
    ("auth_psk", "identifier"): "any Identifier but 1 may follow the first exchange",
    ("auth_eap", "identifier"): "any Identifier but 1 may follow the first exchange",
    ("message", "identifier"): "any Identifier but 1 may follow the first exchange",
    ("mobility", "input"): "octets behind those that are refused",
    ("mobility", "destination"): "of a message that is refused before its checksum is looked at",
    ("channel_binding", "certificate"): "what is no certificate stays none, and what names no hash has none to disagree",
    ("exchange", "eap_secret"): "of a conversation that is refused before EAP asks for the secret",
    ("exchange", "msk"): "of a conversation that is refused before there is an MSK",
    ("exchange", "psk"): "of a conversation that is refused before the first MAC",
    ("exchange", "certificate_hash"): "of a conversation that is refused before the first MAC",
}


def check(groups: list[Group], validators: dict) -> str:
    """Stops when a change stays unseen that should not; otherwise a line with the counts."""
    by, unseen, needed = Counter(), [], set()
    for group in groups:
        document = json.loads(group.text())
        notes = set(document["notes"])
        validator = validators[document["schema"]]
        rows = validator.evolve(schema={"$ref": f"{document['schema']}#/$defs/row"})
        for row in _one_of_each(document["tests"]):
            for path, changed in _changes(row):
                who = _noticed(group.name, changed, rows, notes, row)
                by[who] += 1
                if who == SUMS and not _excused(group.name, path, needed):
                    unseen.append(f"{row['id']} {'/'.join(str(step) for step in path)}")
    if unseen:
        raise Mistake(f"{len(unseen)} changes that nobody notices: {', '.join(unseen[:40])}")
    if AS_GOOD.keys() - needed:
        raise Mistake(f"mutation.py excuses what is noticed: {sorted(map(str, AS_GOOD.keys() - needed))}")
    return f"{sum(by.values())} changes: " + ", ".join(f"{count} seen by {who}" for who, count in by.most_common())


SUMS = "SHA256SUMS alone (other text, or a value as good)"


def _one_of_each(rows: list[dict]) -> list[dict]:
    """By verdict, fault, flags and members."""
    kinds = {}
    for row in rows:
        kind = (row["result"], row.get("field"), row.get("stage"), row.get("kind"), *row["flags"], *row)
        if len(row.get("messages", ())) <= MOST_MESSAGES:
            kinds.setdefault(kind, row)
    return list(kinds.values())


def _noticed(group: str, changed: dict, rows, notes: set, row: dict) -> str:
    if not set(changed["flags"]) <= notes or changed["id"] != row["id"] or changed.get("requirements") != row.get("requirements"):
        return "the lists of ids, flags and requirements"
    if not verify.holds(group, changed):
        return "the verifier"
    return SUMS if rows.is_valid(changed) else "the schema"


def _excused(group: str, path: tuple, needed: set) -> bool:
    names = [step for step in path if isinstance(step, str)]
    if names[0] in FOR_PEOPLE:
        return True
    for key in ((group, names[-1]), (None, names[-1])):
        if key in AS_GOOD:
            needed.add(key)
            return True
    return False


def _changes(value):
    """Every leaf once: (path, the whole row with that leaf changed)."""
    for step, leaf in list(_leaves(value)):
        changed = copy.deepcopy(value)
        at = changed
        for part in step[:-1]:
            at = at[part]
        at[step[-1]] = _other(leaf)
        yield step, changed


def _leaves(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for step, member in pairs:
        if isinstance(member, (dict, list)) and member:
            yield from _leaves(member, (*path, step))
        elif not isinstance(member, (dict, list)):
            yield (*path, step), member


def _other(leaf):
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, int):
        return leaf + 1
    if leaf in ("valid", "invalid"):
        return "invalid" if leaf == "valid" else "valid"
    if leaf and all(digit in "0123456789abcdef" for digit in leaf):
        return leaf[:-1] + f"{int(leaf[-1], 16) ^ 2:x}"
    return leaf + "x"

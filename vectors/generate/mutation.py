"""Would anybody notice? Every field of a sample of rows is changed, one at a time.

Noticed by the schema, the notes, `coverage.toml`, or `verify`, of which the consumer is a part. The comparison with
what the generator writes notices every change, so it does not count here.
"""

import copy
import json
from collections import Counter

from . import verify
from .group import Group, Mistake

SAMPLE = 12
# Members that one row alone cannot contradict.
FREE = {
    "comment": "it is for people",
    "section": "a section that exists may be the wrong one",
    "field": "only a receiver has an opinion which field is at fault",
    "ours": "a preference",
    "stage": "only a receiver knows where it stops",
    "side": "who sends these headers",
    "source": "where a value was published",
    "shared_key": "the name of a key that stands beside it",
    "sa": "a fact about the receiver; it matters only for some packets",
    "name": "a name in an exchange",
    "method": "a fact about the exchange",
    "kind": "a fact about the exchange, in message.json",
    "identifier": "a fact about the container of a message",
}
FREE_IN = {
    ("container", "content"): "framing does not look into the content",
    ("trailer", "payload"): "the trailer does not look into the payload",
    ("key_length", "ikey"): "any other key of this length is as good",
    ("key_length", "ekey"): "any other key of this length is as good",
    ("decision", "octets"): "another SPI may lead to the same SA, another number be as new",
    ("mobility", "canonical"): "only a writer of Mobility Headers can tell, and the Rust codec is one",
    ("sequence", "steps"): "another number may have the same verdict",
    ("sequence", "window"): "another size may give the same verdicts",
}


def check(groups: list[Group], validators: dict) -> str:
    """Stops when a change stays unseen that should not; otherwise a line with the counts."""
    by, unseen = Counter(), []
    for group in groups:
        document = json.loads(group.text())
        notes = set(document["notes"])
        validator = validators[document["schema"]]
        rows = validator.evolve(schema={"$ref": f"{document['schema']}#/$defs/row"})
        for row in document["tests"][:: max(1, len(document["tests"]) // SAMPLE)]:
            if not verify.holds(group.name, row):
                raise Mistake(f"{row['id']}: its members contradict each other")
            for path, changed in _changes(row):
                who = _noticed(group.name, changed, rows, notes, row)
                by[who] += 1
                if who.startswith("nobody") and not _excused(group.name, row, path):
                    unseen.append(f"{row['id']} {'/'.join(str(step) for step in path)}")
    if unseen:
        raise Mistake(f"{len(unseen)} changes that nobody notices: {', '.join(unseen[:40])}")
    return f"{sum(by.values())} changes: " + ", ".join(f"{count} seen by {who}" for who, count in by.most_common())


def _noticed(group: str, changed: dict, rows, notes: set, row: dict) -> str:
    if not rows.is_valid(changed):
        return "the schema"
    if not set(changed["flags"]) <= notes or changed["id"] != row["id"] or changed.get("requirements") != row.get("requirements"):
        return "the lists of ids, flags and requirements"
    try:
        return "nobody, with a reason" if verify.holds(group, changed) else "the consumer or the verifier"
    except (ValueError, IndexError, KeyError, TypeError, AssertionError):
        return "the consumer or the verifier"


def _excused(group: str, row: dict, path: tuple) -> bool:
    """What a receiver refuses has octets that mean nothing: there the result alone can be contradicted."""
    if not FREE.keys().isdisjoint(path) or {(group, path[0]), (group, path[-1])} & FREE_IN.keys():
        return True
    return row["result"] != "valid" and path[0] not in ("id", "flags", "result")


def _changes(value, path=()):
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

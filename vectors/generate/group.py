"""One file of vectors: rows, and the notes that explain their flags."""

import json
import re
from dataclasses import dataclass, field

SLUG = re.compile(r"^[a-z0-9]+(?:[-_/][a-z0-9]+)*$")


class Mistake(Exception):
    """The generator contradicts itself; nothing is written."""


@dataclass
class Group:
    """`folder`/`name`.json. `notes` maps a flag to (bug, effect, reading, section)."""

    folder: str
    name: str
    spec: str
    notes: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    rows: list[dict] = field(default_factory=list)
    schema: str = ""

    def valid(self, slug, comment, section, flags=(), **facts):
        """Every receiver has to accept this row."""
        self._add(slug, comment, section, flags, facts, {"result": "valid"})

    def invalid(self, slug, comment, section, fault, flags=(), **facts):
        """Every receiver has to refuse this row; `fault` names the field that is wrong."""
        self._add(slug, comment, section, flags, facts, {"result": "invalid", "field": fault})

    def lenient(self, slug, comment, section, fault, ours, flags=(), **facts):
        """Accepting and refusing both conform; `ours` is what the readings prefer, or None."""
        verdict = {"result": "lenient", "field": fault}
        if ours:
            verdict["ours"] = ours
        self._add(slug, comment, section, flags, facts, verdict)

    def _add(self, slug, comment, section, flags, facts, verdict):
        ident = f"{self.name}/{slug}"
        if not SLUG.match(ident):
            raise Mistake(f"{ident}: not a slug")
        if any(row["id"] == ident for row in self.rows):
            raise Mistake(f"{ident}: used twice")
        head = {"id": ident, "comment": comment, "flags": list(flags), "section": section}
        self.rows.append(head | {k: v for k, v in facts.items() if v is not None} | verdict)

    def path(self) -> str:
        """Where the file lives, seen from `vectors/`."""
        return f"{self.folder}/{self.name}.json"

    def text(self) -> str:
        """The file in its one canonical form."""
        for row in self.rows:
            if row["result"] != "valid" and not row["flags"]:
                raise Mistake(f"{row['id']}: it needs a flag that says why it is not simply valid")
        used = {flag for row in self.rows for flag in row["flags"]}
        if used != set(self.notes):
            raise Mistake(f"{self.path()}: flags used but not noted, or noted but not used: {used ^ set(self.notes)}")
        document = {
            "schema": f"{self.schema or self.name}.schema.json",
            "group": self.name,
            "spec": self.spec,
            "version": 1,
            "count": len(self.rows),
            "notes": {flag: _note(*note) for flag, note in self.notes.items()},
            "tests": self.rows,
        }
        return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _note(bug: str, effect: str, reading: str, section: str) -> dict:
    note = {"bug": bug, "effect": effect}
    if reading:
        note["reading"] = reading
    return note | {"section": section}

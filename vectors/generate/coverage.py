"""`coverage.toml`: which rows are about which requirement and reading, and what has no rows, and why."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from .group import Group, Mistake

FOLDER = Path(__file__).resolve().parent.parent
CONFORMANCE = FOLDER.parent / "conformance"
DOCUMENT = "rfc6618"


def name_requirements(groups: list[Group]):
    """Writes into every row which requirements it is about."""
    table = _table()["requirements"]
    for group in groups:
        for row in group.rows:
            names = [f"{DOCUMENT}#{name}" for name, patterns in table.items() if _any(row["id"], patterns)]
            if names:
                _insert(row, names)


def check(groups: list[Group]):
    """Stops at patterns without rows, and at requirements and readings that are forgotten or do not exist."""
    table, ids = _table(), [row["id"] for group in groups for row in group.rows]
    for section in ("requirements", "readings"):
        for name, patterns in table[section].items():
            for pattern in patterns:
                if not any(fnmatchcase(ident, pattern) for ident in ids):
                    raise Mistake(f"coverage.toml: {name}: no row is called {pattern}")
    noted = {reading for group in groups for _, _, reading, _ in group.notes.values() if reading}
    _same("requirement", _requirements(), set(table["requirements"]), table["requirements-without-rows"])
    _same("reading", _readings(), noted | set(table["readings"]), table["readings-without-rows"])


def _same(what: str, all_of_them: dict[str, bool], named: set, excused: dict):
    """`all_of_them` says of each whether it has to stand here."""
    without = [name for names in excused.values() for name in names]
    for name in sorted({name for name, due in all_of_them.items() if due} - named - set(without)):
        raise Mistake(f"coverage.toml: {what} {name} has neither rows nor a reason")
    for name in sorted((named | set(without)) - set(all_of_them)):
        raise Mistake(f"coverage.toml: there is no {what} {name}")
    for name in without:
        if name in named or without.count(name) > 1:
            raise Mistake(f"coverage.toml: {what} {name} is excused, but stands elsewhere too")


def _table() -> dict:
    return tomllib.loads((FOLDER / "coverage.toml").read_text())


def _requirements() -> dict[str, bool]:
    """Every requirement, and whether it is tested: only then it needs rows or a reason."""
    document = tomllib.loads((CONFORMANCE / "requirements" / f"{DOCUMENT}.toml").read_text())
    return {row["id"].partition("#")[2]: row["status"] == "tested" for row in document["requirement"]}


def _readings() -> dict[str, bool]:
    files = sorted((CONFORMANCE / "readings").glob("*.toml"))
    return {row["id"]: True for path in files for row in tomllib.loads(path.read_text())["reading"]}


def _any(ident: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(ident, pattern) for pattern in patterns)


def _insert(row: dict, names: list[str]):
    """Behind the section, where a reader looks for it."""
    members = list(row.items())
    row.clear()
    for key, value in members:
        row[key] = value
        if key == "section":
            row["requirements"] = names

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
    """Stops at patterns without rows or without measure, and at what is forgotten or does not exist."""
    table, rows = _table(), {row["id"]: row for group in groups for row in group.rows}
    for section in ("requirements", "readings", "alternatives"):
        for name, patterns in table[section].items():
            for pattern in patterns:
                if not any(fnmatchcase(ident, pattern) for ident in rows):
                    raise Mistake(f"coverage.toml: {name}: no row is called {pattern}")
    noted = {reading for group in groups for _, _, reading, _ in group.notes.values() if reading}
    _same("requirement", _requirements(), set(table["requirements"]), table["requirements-without-rows"])
    _same("reading", _readings(), noted | set(table["readings"]), table["readings-without-rows"])
    _same("alternative", _alternatives(), set(table["alternatives"]), table["alternatives-without-rows"])
    _whole_groups(table, {group.name for group in groups})
    _faults(table, rows)
    _tolerated(table, rows)


def _whole_groups(table: dict, groups: set):
    """A pattern that names a whole group says little, so it needs a place in the table."""
    whole = {name for name, patterns in table["requirements"].items() if {f"{group}/*" for group in groups} & set(patterns)}
    _exactly("whole-groups", whole, table["whole-groups"])


def _faults(table: dict, rows: dict):
    """A requirement can be broken: among its rows is one that not every receiver takes."""
    without = {
        name
        for name, patterns in table["requirements"].items()
        if not any(_refuses(row) for ident, row in rows.items() if _any(ident, patterns))
    }
    _exactly("requirements-without-a-fault", without, table["requirements-without-a-fault"])


def _refuses(row: dict) -> bool:
    return row["result"] != "valid" or any(step["verdict"] == "drop" for step in row.get("steps", ()))


def _tolerated(table: dict, rows: dict):
    """What a reading accepts beside our own way, no row of it refuses for that."""
    for name, patterns in table["alternatives"].items():
        if all(row["result"] == "invalid" for ident, row in rows.items() if _any(ident, patterns)):
            raise Mistake(f"coverage.toml: alternative {name} is accepted, but its rows are all invalid")


def _exactly(section: str, found: set, excused: dict):
    listed = [name for names in excused.values() for name in names]
    if set(listed) != found or len(listed) != len(found):
        raise Mistake(f"coverage.toml: {section} should be, or should not: {sorted(set(listed) ^ found)}")


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


def _alternatives() -> dict[str, bool]:
    files = sorted((CONFORMANCE / "readings").glob("*.toml"))
    rows = [row for path in files for row in tomllib.loads(path.read_text())["reading"]]
    return {f"{row['id']}/{number}": True for row in rows for number in range(len(row.get("accepted", ())))}


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

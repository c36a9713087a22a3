"""The checks that need no second computation: schemas, and texts that repeat their octets."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from .group import Group, Mistake


def schemas(folder: Path) -> dict[str, Draft202012Validator]:
    """A validator for every file of `folder`, by file name."""
    documents = {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.schema.json"))}
    registry = Registry().with_resources((name, Resource.from_contents(document)) for name, document in documents.items())
    for document in documents.values():
        Draft202012Validator.check_schema(document)
    return {name: Draft202012Validator(document, registry=registry) for name, document in documents.items()}


def against_schema(group: Group, text: str, validators: dict[str, Draft202012Validator]):
    """Stops at the first row that its schema refuses."""
    document = json.loads(text)
    for error in validators[document["schema"]].iter_errors(document):
        where = "/".join(str(part) for part in error.absolute_path)
        raise Mistake(f"{group.path()}: {where}: {error.message[:300]}")


def text_repeats_octets(group: Group):
    """`text` is only there to be read; it must not say anything else than the octets."""
    for row in group.rows:
        if "text" in row and row["text"].encode("latin-1").hex() != row.get("input", row.get("content")):
            raise Mistake(f"{row['id']}: text and octets disagree")

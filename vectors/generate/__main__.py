"""`python3 -m generate` writes all vectors; `--check` writes nothing and compares."""

import argparse
import hashlib
import sys
from pathlib import Path

import verify

from . import (
    auth,
    auth_eap,
    channel_binding,
    check,
    checksum,
    ciphersuite,
    container,
    coverage,
    decision,
    exchange,
    export,
    header,
    key_length,
    lexing,
    message,
    mobility,
    mutation,
    packet,
    primitives,
    readme,
    sequence,
    trailer,
)
from .group import Group, Mistake

HERE = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="generate", description="Writes the vectors of RFC 6618 as JSON.")
    parser.add_argument("--check", action="store_true", help="compare with the files at hand and validate them; write nothing")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write packets as pcapng and every octet string as a file")
    arguments = parser.parse_args()
    validators = check.schemas(HERE / "schemas")
    try:
        every = groups()
        coverage.name_requirements(every)
        coverage.check(every)
        texts = {group.path(): checked(group, validators) for group in every}
        texts["SHA256SUMS"] = sums(texts)
        texts["README.md"] = readme.with_tables((HERE / "README.md").read_text(), every)
        if arguments.check:
            confirm(every, validators)
    except Mistake as mistake:
        print(f"generate: {mistake}", file=sys.stderr)
        return 1
    if arguments.export:
        print(f"{export.write(arguments.export, every)} octet strings exported to {arguments.export}")
        return 0
    return compare(texts) if arguments.check else write(texts)


def confirm(every: list[Group], validators):
    """What others say of the rows, and whether a changed row would be seen."""
    from . import second_opinion

    for group in every:
        for row in group.rows:
            if not verify.holds(group.name, row):
                raise Mistake(f"{row['id']}: its members contradict each other")
    by_name = {group.name: group for group in every}
    print(f"{second_opinion.check_mobility(by_name['mobility'], by_name['checksum'])} rows confirmed by scapy")
    print(f"{second_opinion.check_export(by_name['packet'])} packets exported and read again by scapy")
    print(mutation.check(every, validators))


def groups() -> list[Group]:
    """All files, in the order of the RFC; the primitives last."""
    topics = [
        container,
        lexing,
        header,
        ciphersuite,
        key_length,
        message,
        auth,
        auth_eap,
        exchange,
        channel_binding,
        decision,
        packet,
        trailer,
        mobility,
        checksum,
        sequence,
    ]
    return [topic.group() for topic in topics] + primitives.groups()


def checked(group: Group, validators) -> str:
    """The text of the file, once it has passed every check."""
    text = group.text()
    check.text_repeats_octets(group)
    check.against_schema(group, text, validators)
    return text


def sums(texts: dict[str, str]) -> str:
    """For `sha256sum -c`."""
    return "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {path}\n" for path, text in sorted(texts.items()))


def write(texts: dict[str, str]) -> int:
    for path, text in texts.items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_text(text)
    print(f"{len(texts)} files written")
    return 0


def compare(texts: dict[str, str]) -> int:
    at_hand = {"README.md"} | ({"SHA256SUMS"} if (HERE / "SHA256SUMS").exists() else set())
    at_hand |= {f"{path.parent.name}/{path.name}" for folder in ("rfc6618", "primitives") for path in (HERE / folder).glob("*.json")}
    differing = [path for path, text in texts.items() if path in at_hand and (HERE / path).read_text() != text]
    for path in differing:
        print(f"{path}: not what the generator writes", file=sys.stderr)
    for path in sorted(at_hand ^ set(texts)):
        print(f"{path}: at hand or generated, but not both", file=sys.stderr)
    if differing or at_hand != set(texts):
        return 1
    print(f"{len(texts)} files are what the generator writes, and valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How one header line becomes a row, whatever its kind."""

from dataclasses import dataclass

from .group import Group


@dataclass(frozen=True)
class Header:
    """A row of the header registry: wire name, kind of value, section of its rule."""

    name: str
    kind: str
    section: str

    def print(self, g: Group, slug: str, text: str, value, comment: str, flags=()):
        """Legal, and what a sender writes that means `value`."""
        g.valid(self._slug(slug), comment, self.section, flags, **self._line(text), value=value, canonical=True)

    def accept(self, g: Group, slug: str, text: str, value, comment: str, flags=()):
        """Legal, although a sender would write `value` in another way."""
        g.valid(self._slug(slug), comment, self.section, flags, **self._line(text), value=value, canonical=False)

    def refuse(self, g: Group, slug: str, text: str, comment: str, flags=()):
        """Against the grammar or a reading that every receiver has to follow."""
        g.invalid(self._slug(slug), comment, self.section, self.name, flags, **self._line(text))

    def discourage(self, g: Group, slug: str, text: str, comment: str, flags, value=None):
        """May be refused, and the readings say that it better is; `value` if it is taken."""
        g.lenient(self._slug(slug), comment, self.section, self.name, "invalid", flags, **self._line(text), value=value)

    def tolerate(self, g: Group, slug: str, text: str, value, comment: str, flags):
        """May be refused, and the readings say that it better is not."""
        g.lenient(self._slug(slug), comment, self.section, self.name, "valid", flags, **self._line(text), value=value)

    def _slug(self, slug: str) -> str:
        return f"{self.name}/{slug}"

    def _line(self, text: str) -> dict:
        line = f"{self.name}:{text}\r\n"
        return {"name": self.name, "kind": self.kind, "text": line, "input": line.encode("latin-1").hex()}

"""RFC 6618 sections 4.3, 6.1 and 9.3: the replay window, as sequences of decisions.

Every step is a packet with a good ICV; `verdict` is what the receiver does with it.
The window has 64 numbers, as RFC 4303 has it by default.
"""

from .group import Group

NOTES = {
    "FirstNumber": ("nothing received is not told apart from 0 received", "the first packet is lost, or taken twice", "SQ-01", "4.3"),
    "Replay": ("a number is taken twice", "packets can be replayed", "SQ-03", "9.3"),
    "InOrderOnly": ("only the next number is taken", "reordered packets are lost", "SQ-03", "9.3"),
    "WindowEdge": ("the window is one number too wide or too narrow", "old packets pass, or late ones are lost", "SQ-04", "9.3"),
    "Gap": ("a gap is refused, or leaves old marks in the window", "packets are lost after a loss", "SQ-08", "4.3"),
    "Wrap": ("a wrapped number moves the window", "the whole history can be replayed", "SQ-05", "4.3"),
}

WINDOW = 64
TOP = 0xFFFFFFFF


def group() -> Group:
    g = Group("rfc6618", "sequence", "rfc6618", NOTES)
    _case(g, "counts-from-zero", "the initial value is 0", ["FirstNumber"], [(0, True), (1, True), (2, True)])
    _case(g, "counts-from-one", "ESP begins with 1", ["FirstNumber"], [(1, True), (2, True)])
    _case(g, "zero-after-one", "0 is a number like any other", ["FirstNumber"], [(1, True), (0, True), (0, False)])
    _case(g, "zero-twice", "the first packet again", ["FirstNumber", "Replay"], [(0, True), (0, False), (1, True), (0, False)])
    _case(g, "constant-zero", "a sender that never counts", ["Replay"], [(0, True)] + [(0, False)] * 4)
    _case(g, "newest-twice", "the newest packet again", ["Replay"], [(0, True), (1, True), (1, False), (2, True), (2, False)])
    _case(g, "backwards", "a burst in reverse order", ["InOrderOnly"], [(n, True) for n in range(9, -1, -1)])
    _case(g, "swapped-pairs", "neighbours change places", ["InOrderOnly"], [(n ^ 1, True) for n in range(12)])
    _case(g, "all-twice", "every packet of a burst comes twice", ["Replay"], [(n, True) for n in range(8)] + [(n, False) for n in range(8)])
    _case(g, "far-ahead", "a jump by far more than the window", ["Gap"], [(0, True), (1000000, True), (999999, True), (0, False), (1, False)])
    _case(g, "to-the-top", "the largest jump there is", ["Gap"], [(0, True), (TOP, True), (TOP, False), (TOP - 1, True), (0, False)])
    for newest in (63, 64, 65, 127, 128, 1000):
        oldest = newest - WINDOW + 1
        steps = [(newest, True), (oldest, True), (oldest, False)]
        steps += [(oldest - 1, False)] if oldest > 0 else []
        _case(g, f"edge-at-{newest}", f"{oldest} is the oldest number inside the window", ["WindowEdge"], steps)
    for jump in (31, 32, 33, 63, 64, 65, 127, 128):
        start = 500
        late = start + 1
        inside = late > start + jump - WINDOW
        _case(g, f"jump-by-{jump}", "marks move with the window", ["Gap"],
              [(start, True), (start + jump, True), (start + jump, False), (start, False), (late, inside)])
    _case(g, "wraps", "what comes after the largest number is old", ["Wrap"], [(TOP - 1, True), (TOP, True), (TOP, False), (TOP - 1, False)])
    return g


def _case(g: Group, slug: str, comment: str, flags, steps):
    _check(slug, steps)
    g.valid(slug, comment, "9.3", flags, window=WINDOW,
            steps=[{"sequence_number": n, "verdict": "accept" if taken else "drop"} for n, taken in steps])


def _check(slug: str, steps):
    """A set and a maximum say the same in another way."""
    seen, newest = set(), -1
    for number, taken in steps:
        expected = number not in seen and number > newest - WINDOW
        if expected != taken:
            raise AssertionError(f"{slug}: {number}")
        if taken:
            seen.add(number)
            newest = max(newest, number)

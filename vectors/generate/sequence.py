"""RFC 6618 sections 4.3, 6.1 and 9.3: the replay window, as sequences of decisions.

Every step is a packet with a good ICV; `verdict` is what the receiver does with it.
The window has 64 numbers, as RFC 4303 has it by default, or as many as `window` says; 32 is the
least. `ptype` stands where one window for both packet types is the point.
"""

from .group import Group

NOTES = {
    "FirstNumber": ("nothing received is not told apart from 0 received", "the first packet is lost, or taken twice", "SQ-01", "4.3"),
    "Replay": ("a number is taken twice", "packets can be replayed", "SQ-03", "9.3"),
    "InOrderOnly": ("only the next number is taken", "reordered packets are lost", "SQ-03", "9.3"),
    "WindowEdge": ("the window is one number too wide or too narrow", "old packets pass, or late ones are lost", "SQ-04", "9.3"),
    "Gap": ("a gap is refused, or leaves old marks in the window", "packets are lost after a loss", "SQ-08", "4.3"),
    "OneWindow": ("PType 1 and PType 8 have a window each", "a number can be used twice", "SQ-06", "4.3"),
    "SameNumberAgain": ("a repeated Binding Update keeps its number", "the second one is lost", "SQ-07", "6.1"),
    "Extended": ("numbers have 64 bits, the upper half unseen", "the peers do not understand each other after a wrap", "SQ-09", "4.3"),
    "NewAssociation": ("the window of the old SA is kept for the new one", "the first packets are lost", "SQ-10", "4.3"),
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
    _case(
        g, "far-ahead", "a jump by far more than the window", ["Gap"], [(0, True), (1000000, True), (999999, True), (0, False), (1, False)]
    )
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
        _case(
            g,
            f"jump-by-{jump}",
            "marks move with the window",
            ["Gap"],
            [(start, True), (start + jump, True), (start + jump, False), (start, False), (late, inside)],
        )
    _case(
        g, "wraps", "what comes after the largest number is old", ["Wrap"], [(TOP - 1, True), (TOP, True), (TOP, False), (TOP - 1, False)]
    )
    _windows(g)
    _both_types(g)
    _wraps(g)
    _case(
        g,
        "after-renewal",
        "a new SA begins with an empty window, whatever the old one had",
        ["NewAssociation"],
        [(0, True), (0, False), (1, True)],
    )
    _case(
        g,
        "update-again",
        "a Binding Update that is sent again has a new number; its copy has not",
        ["SameNumberAgain"],
        [(4, True), (4, False), (5, True)],
    )
    return g


def _windows(g: Group):
    for window in (32, 33, 63, 64, 65, 96, 128, 256, 512, 1024):
        for newest in (window - 1, window, window + 1, 2 * window, 1 << 31, TOP):
            oldest = newest - window + 1
            steps = [(newest, True), (oldest, True), (oldest, False)] + ([(oldest - 1, False)] if oldest > 0 else [])
            _case(
                g,
                f"window-{window}/edge-at-{newest}",
                f"{oldest} is the oldest number inside a window of {window}",
                ["WindowEdge"],
                steps,
                window,
            )
        start = 5000
        for jump in (1, window - 1, window, window + 1):
            steps = [(start, True), (start + jump, True), (start, False), (start + jump - 1, jump > 1), (start + jump, False)]
            steps = [step for step in steps if step[0] != start + jump - 1 or jump > 1]
            _case(g, f"window-{window}/jump-by-{jump}", "marks move with the window", ["Gap"], steps, window)
        burst = [(n, True) for n in range(window - 1, -1, -1)] if window <= 128 else [(n, True) for n in range(window - 1, -1, -37)]
        _case(g, f"window-{window}/backwards", "a window full in reverse order", ["InOrderOnly"], burst, window)


def _both_types(g: Group):
    steps = [(0, True, 8), (1, True, 1), (2, True, 8), (1, False, 8), (2, False, 1), (0, False, 1), (3, True, 1)]
    _case(g, "both-types", "signalling and data count together", ["OneWindow"], steps)
    _case(
        g,
        "both-types-same-number",
        "a number used for signalling is used for data too",
        ["OneWindow"],
        [(7, True, 8), (7, False, 1), (7, False, 8)],
    )
    _case(
        g,
        "both-types-far-ahead",
        "signalling falls behind data",
        ["OneWindow"],
        [(0, True, 8), (500, True, 1), (1, False, 8), (437, True, 8)],
    )


def _wraps(g: Group):
    for slug, before in (("at-the-top", [TOP]), ("near-the-top", [TOP - 2]), ("after-a-burst", [TOP - 3, TOP - 2, TOP - 1, TOP])):
        for after in (0, 1, 63):
            _case(
                g,
                f"wrap/{slug}-then-{after}",
                "4.3 lets numbers begin again, ESP does not: dropping and taking both conform",
                ["Wrap"],
                [(number, True) for number in before] + [(after, False)],
                lenient=True,
            )
    _case(
        g,
        "extended",
        "there is no upper half that could tell a wrapped number from an old one",
        ["Extended"],
        [(TOP, True), (TOP - 63, True), (TOP - 64, False)],
    )


def _case(g: Group, slug: str, comment: str, flags, steps, window=WINDOW, lenient=False):
    """A step is a number, whether it is taken, and perhaps its PType."""
    _check(slug, steps, window)
    facts = {"window": window, "steps": [_step(*step) for step in steps]}
    if lenient:
        g.lenient(slug, comment, "4.3", "sequence_number", "valid", flags, **facts)
    else:
        g.valid(slug, comment, "9.3", flags, **facts)


def _step(number: int, taken: bool, ptype=None) -> dict:
    step = {"sequence_number": number, "verdict": "accept" if taken else "drop"}
    return step if ptype is None else {"ptype": ptype} | step


def _check(slug: str, steps, window: int):
    """A set and a maximum say the same in another way."""
    seen, newest = set(), -1
    for number, taken, *_ in steps:
        expected = number not in seen and number > newest - window
        if expected != taken:
            raise AssertionError(f"{slug}: {number}")
        if taken:
            seen.add(number)
            newest = max(newest, number)

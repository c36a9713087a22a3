"""RFC 6618 section 5.9: `auth` in the EAP exchange, both profiles, both directions.

As in `auth_psk`, but keyed with the shared key: the one octet "1" in Init and Mid messages and
for methods without an MSK, otherwise the whole MSK.
"""

from dataclasses import replace

from . import auth, eap, seed
from .conversation import KEY_ONE, MSK, PROFILES, SUCCESS, Message, eap_messages, eap_refusal
from .group import Group

NOTES = {
    flag: note
    for flag, note in auth.NOTES.items()
    if flag not in ("NormalisedHeaders", "ShortKey", "LongKey", "EmptyKey", "WrongKey", "KeyHex")
} | {
    "KeyOne": ('the key "1" is taken for the number, or filled up', "the peers do not understand each other", "EA-01", "5.9"),
    "MskTooEarly": ("the MSK is used before the Done messages", "the peers do not understand each other", "EA-01", "5.9"),
    "MskNotUsed": (
        'Done messages are keyed with "1" although there is an MSK',
        "anybody in the middle can finish the exchange",
        "EA-02",
        "5.9",
    ),
    "MskCut": ("part of the MSK is used as the key", "the peers do not understand each other", "EA-02", "5.9"),
    "MskHex": ("the MSK is used as hex text", "the peers do not understand each other", "EA-02", "5.9"),
    "NoMsk": ('a method without MSK is keyed with anything but "1"', "the peers do not understand each other", "EA-08", "5.9"),
    "LongMsk": ("an MSK longer than 64 octets is cut instead of hashed", "the peers do not understand each other", "EA-02", "5.9"),
    "FailureKey": (
        'a refusal before there is an MSK is keyed with something else than "1"',
        "the refusal is not understood",
        "EA-05",
        "5.9",
    ),
}


def group() -> Group:
    g = Group("rfc6618", "auth_eap", "rfc6618", NOTES)
    for profile in PROFILES:
        for slug, message in _messages():
            _one(g, profile, slug, message)
    _long_keys(g)
    return g


def _messages() -> list[tuple[str, Message]]:
    init, mid_request, mid_response, done_request, done_response = eap_messages()[1:]
    no_msk = eap_messages(eap.md5())[-2:]
    return [
        ("init-response", init),
        ("mid-request", mid_request),
        ("mid-response", mid_response),
        ("done-request", done_request),
        ("done-response", done_response),
        ("done-request-without-msk", no_msk[0]),
        ("done-response-without-msk", no_msk[1]),
        ("failure", eap_refusal()),
        ("refusal-with-msk", eap_refusal(3, "msk", SUCCESS, "503")),
    ]


def _signing(profile: str, message: Message, key: bytes) -> auth.Signing:
    plain = auth.Message(message.name, message.direction, message.identifier, message.covered())
    return auth.Signing(profile, plain, key, seed.octets("certificate hash", 32))


def _facts(signing: auth.Signing, mac: bytes, kind: str) -> dict:
    row = signing.row(mac)
    return {("key" if name == "psk" else name): value for name, value in row.items()} | {"shared_key": kind}


def _one(g: Group, profile: str, slug: str, message: Message):
    key, kind = (MSK, "msk") if message.key == "msk" else (KEY_ONE, "one")
    s = _signing(profile, message, key)
    where = f"{profile}/{slug}"
    flags = ["FailureKey"] if slug == "failure" else ["NoMsk"] if "without-msk" in slug else []
    g.valid(
        f"{where}/right",
        f"{message.direction}, Identifier {message.identifier}, keyed with {kind}",
        "5.9",
        flags,
        **_facts(s, s.mac(), kind),
    )
    for name, (flag, mac, comment) in auth.misreadings(s).items():
        if name not in ("wrong-key", "key-hex"):
            g.invalid(f"{where}/{name}", comment, "5.9", "auth", [flag], **_facts(s, mac, kind))
    for name, (flag, other, comment) in _other_keys(kind, "done" in slug).items():
        g.invalid(f"{where}/{name}", comment, "5.9", "auth", [flag], **_facts(s, replace(s, psk=other).mac(), kind))
    flipped = s.mac()[:-1] + bytes([s.mac()[-1] ^ 1])
    g.invalid(f"{where}/last-octet-wrong", "one bit of the last octet is wrong", "5.9", "auth", ["BitFlipped"], **_facts(s, flipped, kind))
    for count in (12, 16, 31):
        g.invalid(
            f"{where}/cut-to-{count}",
            f"the first {count} octets of the right MAC",
            "5.9",
            "auth",
            ["MacTruncated"],
            **_facts(s, s.mac()[:count], kind),
        )


def _other_keys(kind: str, done: bool) -> dict:
    """Keys that an honest signer takes who reads the text in another way."""
    if kind == "msk":
        return {
            "key-one": ("MskNotUsed", KEY_ONE, 'keyed with "1" although there is an MSK'),
            "msk-first-half": ("MskCut", MSK[:32], "keyed with the first 32 octets of the MSK"),
            "msk-second-half": ("MskCut", MSK[32:], "keyed with the last 32 octets of the MSK"),
            "msk-hex": ("MskHex", MSK.hex().encode(), "keyed with the hex text of the MSK"),
        }
    wrong = {
        "key-octet-01": ("KeyOne", b"\x01", "keyed with one octet of value 1"),
        "key-word-1": ("KeyOne", b"\0\0\0\x01", "keyed with the number 1 in four octets"),
        "key-padded": ("KeyOne", KEY_ONE + bytes(64), 'keyed with "1" and a row of zeros, longer than a block'),
        "key-with-quotes": ("KeyOne", b'"1"', "keyed with the quotes too"),
    }
    if done:
        return wrong | {"key-empty": ("NoMsk", b"", "keyed with nothing because there is no MSK")}
    return wrong | {"key-msk": ("MskTooEarly", MSK, "keyed with the MSK before its time")}


def _long_keys(g: Group):
    request, response = eap_messages()[-2:]
    for count in (64, 65, 128):
        for message in (request, response):
            s = _signing("rfc6618", message, seed.octets(f"msk {count}", count))
            flags = ["LongMsk"] if count > 64 else []
            g.valid(
                f"msk-of-{count}/{message.name}",
                f"an MSK of {count} octets, all of which are the key",
                "5.9",
                flags,
                **_facts(s, s.mac(), "msk"),
            )
            if count > 64:
                cut = replace(s, psk=s.psk[:64]).mac()
                g.invalid(
                    f"msk-of-{count}-cut/{message.name}",
                    "only 64 octets of the MSK are the key",
                    "5.9",
                    "auth",
                    ["MskCut"],
                    **_facts(s, cut, "msk"),
                )

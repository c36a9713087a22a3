"""RFC 6618 section 5.8: `auth` in the pre-shared-key exchange, both profiles, both directions.

auth = HMAC-SHA256(PSK, label | msg-octets | CB-octets). The label is "MN" or "HAC" in the
RFC and absent in draft-01; msg-octets are the Content octets up to the first octet of the
name `auth`; CB-octets are the hash of the server certificate.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace

from . import seed
from .group import Group

NOTES = {
    "NoLabel": ("the direction label is left out, as in draft-01", "a message can be sent back to its author", "AU-01", "5.8"),
    "LabelInDraft": ("the label of the RFC is used under draft-01", "the peers do not understand each other", "AU-01", "5.8"),
    "OtherSidesLabel": ("the label of the other direction is used", "a message can be sent back to its author", "AU-01", "5.8"),
    "LabelWithNul": ("the label is hashed with its terminator", "the peers do not understand each other", "AU-01", "5.8"),
    "ContainerHeaderIncluded": ("the four octets of the container are covered", "the peers do not understand each other", "AU-02", "5.8"),
    "AuthNameIncluded": (
        "the covered octets end before the value of auth instead of before its name",
        "the peers do not understand each other",
        "AU-03",
        "5.5.5",
    ),
    "EndOfMessageIncluded": ("the empty lines behind auth are covered too", "the peers do not understand each other", "AU-03", "5.5.5"),
    "NormalisedHeaders": (
        "the headers are printed anew before they are hashed",
        "an intermediary can change what was sent",
        "AU-04",
        "5.8",
    ),
    "MacTruncated": ("the MAC is cut", "forgery becomes cheaper", "AU-05", "5.5.5"),
    "BindingPrefixed": (
        "the name of the channel binding and a colon stand before the hash",
        "the peers do not understand each other",
        "CB-01",
        "5.8",
    ),
    "BindingHex": ("the hash is used as hex text", "the peers do not understand each other", "CB-01", "5.8"),
    "BindingAbsent": ("the channel binding is left out", "a man in the middle stays unseen", "CB-01", "5.8"),
    "BindingFirst": ("the channel binding stands before the message", "the peers do not understand each other", "CB-01", "5.8"),
    "OtherCertificate": (
        "the hash is of a certificate that was not sent on this connection",
        "a man in the middle stays unseen",
        "CB-04",
        "5.8",
    ),
    "WrongKey": ("the key is not the one of this identity", "anybody can be anybody", "AU-09", "5.8"),
    "KeyHex": ("the key is used as hex text", "the peers do not understand each other", "AU-10", "5.8"),
    "BitFlipped": ("one bit is wrong", "the MAC is not checked to its end", "AU-09", "5.8"),
    "ShortKey": ("the key is shorter than 16 octets", "the key can be guessed", "AU-10", "5.8"),
    "LongKey": (
        "keys longer than the block of the hash are cut instead of hashed",
        "the peers do not understand each other",
        "AU-10",
        "5.8",
    ),
    "EmptyKey": ("an empty key is used", "anybody can be anybody", "AU-10", "5.8"),
}

END = b"\r\n\r\n"
BINDING_NAME = b"tls-server-end-point:"
LABELS = {"mn-to-hac": b"MN", "hac-to-mn": b"HAC"}
PROFILES = ("rfc6618", "draft-01")


@dataclass(frozen=True)
class Message:
    """One message of Figure 4, without its auth."""

    name: str
    direction: str
    identifier: int
    covered: bytes


@dataclass(frozen=True)
class Signing:
    """Everything that goes into one row."""

    profile: str
    message: Message
    psk: bytes
    certificate_hash: bytes

    def label(self) -> bytes:
        return LABELS[self.message.direction] if self.profile == "rfc6618" else b""

    def mac(self) -> bytes:
        return self.mac_over(self.label(), self.message.covered, self.certificate_hash)

    def mac_over(self, *parts: bytes) -> bytes:
        return hmac.new(self.psk, b"".join(parts), hashlib.sha256).digest()

    def content(self, mac: bytes) -> bytes:
        return self.message.covered + b"auth:" + mac.hex().encode() + b"\r\n" + END

    def row(self, mac: bytes) -> dict:
        """`content` carries `mac`; `auth` is what the MAC has to be."""
        content = self.content(mac)
        return {
            "profile": self.profile,
            "direction": self.message.direction,
            "identifier": self.message.identifier,
            "psk": self.psk.hex(),
            "certificate_hash": self.certificate_hash.hex(),
            "text": content.decode("latin-1"),
            "content": content.hex(),
            "covered": len(self.message.covered),
            "auth": self.mac().hex(),
        }


def group() -> Group:
    g = Group("rfc6618", "auth_psk", "rfc6618", NOTES)
    for profile in PROFILES:
        for message in messages():
            _one_message(g, Signing(profile, message, seed.octets("psk", 32), seed.octets("certificate hash", 32)))
    _keys(g)
    _hashes(g)
    _styles(g)
    return g


def messages() -> list[Message]:
    """The three authenticated messages of Figure 4, and a refusal."""
    mn_rand = f"mn-rand:{seed.octets('auth mn-rand', 32).hex()}\r\n"
    hac_rand = f"hac-rand:{seed.octets('auth hac-rand', 32).hex()}\r\n"
    init = f"{mn_rand}{hac_rand}auth-method:psk\r\n"
    done = f"{mn_rand}{hac_rand}mip6-sas:1\r\nmip6-suitelist:{{00,2F}},{{00,3C}}\r\n"
    final = f"mip6-sas:1\r\n{_sa_data()}mip6-ciphersuite:{{00,2F}}\r\n{_bootstrap()}{mn_rand}{hac_rand}status-code:200\r\n"
    refusal = f"{mn_rand}{hac_rand}status-code:401\r\n"
    return [
        Message("init-response", "hac-to-mn", 1, init.encode()),
        Message("done-request", "mn-to-hac", 2, done.encode()),
        Message("done-response", "hac-to-mn", 2, final.encode()),
        Message("refusal", "hac-to-mn", 2, refusal.encode()),
    ]


def _sa_data() -> str:
    keys = {"mip6-mn-to-ha-ikey": 20, "mip6-ha-to-mn-ikey": 20, "mip6-mn-to-ha-ekey": 16, "mip6-ha-to-mn-ekey": 16}
    lines = "".join(f"{name}:{seed.octets(f'auth {name}', count).hex()}\r\n" for name, count in keys.items())
    return f"mip6-spi:1193046\r\n{lines}mip6-sa-validity-end:Fri, 01 Jan 2038 00:00:00 GMT\r\n"


def _bootstrap() -> str:
    return "mip6-haa-ip6:2001:db8:0:0:0:0:0:1\r\nmip6-port:7872\r\nmip6-ip6-hoa:2001:db8:0:1:0:0:0:2\r\n"


def _one_message(g: Group, s: Signing):
    where = f"{s.profile}/{s.message.name}"
    section = "5.8"
    good = s.mac()
    g.valid(f"{where}/right", f"{s.message.direction}, Identifier {s.message.identifier}", section, **s.row(good))
    for slug, (flag, mac, comment) in misreadings(s).items():
        g.invalid(f"{where}/{slug}", comment, section, "auth", [flag], **s.row(mac))
    for slug, position in (("first", 0), ("last", 31)):
        flipped = bytes(octet ^ (1 if i == position else 0) for i, octet in enumerate(good))
        g.invalid(f"{where}/{slug}-octet-wrong", f"one bit of the {slug} octet is wrong", section, "auth", ["BitFlipped"], **s.row(flipped))
    for count in (12, 16, 31):
        g.invalid(
            f"{where}/cut-to-{count}",
            f"the first {count} octets of the right MAC",
            section,
            "auth",
            ["MacTruncated"],
            **s.row(good[:count]),
        )


def misreadings(s: Signing) -> dict:
    """What an honest signer sends who reads the text in another way: slug to (flag, mac, comment)."""
    label, covered, cb = s.label(), s.message.covered, s.certificate_hash
    right = LABELS[s.message.direction]
    other = LABELS["hac-to-mn" if s.message.direction == "mn-to-hac" else "mn-to-hac"]
    length = len(s.content(bytes(32)))
    container = bytes([0, s.message.identifier]) + length.to_bytes(2, "big")
    wrong = {
        "other-label": ("OtherSidesLabel", s.mac_over(other, covered, cb), "signed with the label of the other side"),
        "label-with-nul": ("LabelWithNul", s.mac_over(right + b"\0", covered, cb), "the label ends in a zero octet"),
        "container-header": ("ContainerHeaderIncluded", s.mac_over(label, container, covered, cb), "the container header is covered too"),
        "through-auth-name": ("AuthNameIncluded", s.mac_over(label, covered, b"auth:", cb), "the name auth and its colon are covered too"),
        "end-of-message": ("EndOfMessageIncluded", s.mac_over(label, covered, END, cb), "the empty lines at the end are covered too"),
        "binding-prefix": (
            "BindingPrefixed",
            s.mac_over(label, covered, BINDING_NAME, cb),
            "the name of the binding stands before the hash",
        ),
        "binding-hex": ("BindingHex", s.mac_over(label, covered, cb.hex().encode()), "the hash as hex text"),
        "no-binding": ("BindingAbsent", s.mac_over(label, covered), "nothing binds the message to the connection"),
        "binding-first": ("BindingFirst", s.mac_over(label, cb, covered), "the hash stands before the message"),
        "other-certificate": (
            "OtherCertificate",
            s.mac_over(label, covered, seed.octets("other certificate", 32)),
            "the hash of another certificate",
        ),
        "wrong-key": ("WrongKey", replace(s, psk=seed.octets("other psk", 32)).mac(), "signed with another key"),
        "key-hex": ("KeyHex", replace(s, psk=s.psk.hex().encode()).mac(), "signed with the hex text of the key"),
    }
    if s.profile == "rfc6618":
        return {"no-label": ("NoLabel", s.mac_over(covered, cb), "signed as draft-01 says")} | wrong
    return {"right-label": ("LabelInDraft", s.mac_over(right, covered, cb), "signed as the RFC says")} | wrong


def _keys(g: Group):
    request = messages()[1]
    cb = seed.octets("certificate hash", 32)
    for count in (1, 15):
        s = Signing("rfc6618", request, seed.octets(f"psk {count}", count), cb)
        g.lenient(
            f"key-of-{count}", f"a key of {count} octets; RFC 5433 asks for 16", "5.8", "psk", "valid", ["ShortKey"], **s.row(s.mac())
        )
    for count in (16, 64, 65, 200):
        flags = ["LongKey"] if count > 64 else []
        s = Signing("rfc6618", request, seed.octets(f"psk {count}", count), cb)
        g.valid(f"key-of-{count}", f"a key of {count} octets", "5.8", flags, **s.row(s.mac()))
    s = Signing("rfc6618", request, b"", cb)
    g.invalid("key-of-0", "an empty key is refused whatever the MAC", "5.8", "psk", ["EmptyKey"], **s.row(s.mac()))


def _hashes(g: Group):
    for count, name in ((28, "SHA-224"), (48, "SHA-384"), (64, "SHA-512")):
        for message in messages()[:3]:
            s = Signing("rfc6618", message, seed.octets("psk", 32), seed.octets(f"hash {name}", count))
            g.valid(
                f"{name.lower()}-certificate/{message.name}",
                f"the certificate is signed with {name}: {count} octets of binding",
                "5.8",
                **s.row(s.mac()),
            )


def _styles(g: Group):
    """Legal ways to write the same headers: the MAC is over what was sent."""
    plain = messages()[1]
    styles = {
        "spaces-after-colons": plain.covered.replace(b":", b": "),
        "upper-case-names": b"\r\n".join(_upper_name(line) for line in plain.covered.split(b"\r\n")),
        "unknown-header-inside": b"x-experiment:1\r\n" + plain.covered,
        "trailing-spaces": plain.covered.replace(b"\r\n", b" \t\r\n"),
        "value-named-auth": b"x-note:auth:00\r\n" + plain.covered,
        "header-begins-like-auth": b"authx:1\r\nx-auth:1\r\n" + plain.covered,
    }
    for slug, covered in styles.items():
        s = Signing("rfc6618", replace(plain, covered=covered), seed.octets("psk", 32), seed.octets("certificate hash", 32))
        g.valid(f"style/{slug}", "the octets are covered as they were sent", "5.8", **s.row(s.mac()))
        if slug in ("spaces-after-colons", "upper-case-names", "trailing-spaces"):
            mac = s.mac_over(b"MN", plain.covered, s.certificate_hash)
            g.invalid(
                f"style/{slug}-normalised",
                "signed as if the headers had been written plainly",
                "5.8",
                "auth",
                ["NormalisedHeaders"],
                **s.row(mac),
            )


def _upper_name(line: bytes) -> bytes:
    name, colon, value = line.partition(b":")
    return name.upper() + colon + value

"""RFC 6618 sections 5.8 and 5.9: the messages of Figures 4 and 5, header by header.

What is printed in the lists is what stands here; `sa-data` and `bootstrapping-data` are the
headers of sections 5.6 and 5.7. The EAP conversations inside are those of `eap` and `gpsk`.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace

from . import eap, gpsk, seed
from .suites import SUITES, Suite

END = b"\r\n\r\n"
LABELS = {"mn-to-hac": b"MN", "hac-to-mn": b"HAC"}
PROFILES = ("rfc6618", "draft-01")
KEY_ONE = b"1"
VALIDITY_END = "Fri, 01 Jan 2038 00:00:00 GMT"
MN_RAND = seed.octets("conversation mn-rand", 32).hex()
HAC_RAND = seed.octets("conversation hac-rand", 32).hex()
PSK = seed.octets("conversation psk", 32)
GPSK = gpsk.method()
MSK = GPSK.msk
CERTIFICATE_HASH = seed.octets("conversation certificate hash", 32)
AES = next(suite for suite in SUITES if suite.name == "AES_128_CBC_SHA")
SUCCESS, FAILURE = GPSK.result(eap.SUCCESS), GPSK.result(eap.FAILURE)


@dataclass(frozen=True)
class Message:
    """One message without its auth; `key` is none, psk, one or msk."""

    name: str
    direction: str
    identifier: int
    headers: tuple
    key: str

    def covered(self) -> bytes:
        return lines(self.headers)


@dataclass(frozen=True)
class Setting:
    """What both ends know."""

    profile: str = "rfc6618"
    psk: bytes = PSK
    msk: bytes = MSK
    certificate_hash: bytes = CERTIFICATE_HASH

    def key(self, kind: str) -> bytes:
        return {"psk": self.psk, "one": KEY_ONE, "msk": self.msk}[kind]

    def label(self, direction: str) -> bytes:
        return LABELS[direction] if self.profile == "rfc6618" else b""

    def mac(self, message: Message) -> bytes:
        covered = self.label(message.direction) + message.covered() + self.certificate_hash
        return hmac.new(self.key(message.key), covered, hashlib.sha256).digest()

    def content(self, message: Message, mac: bytes | None = None) -> bytes:
        """The Content; without `mac` the right one, and none where the message has no key."""
        if message.key == "none":
            return message.covered() + END
        return message.covered() + b"auth:" + (mac or self.mac(message)).hex().encode() + b"\r\n" + END


def lines(headers) -> bytes:
    return b"".join(f"{name}:{value}\r\n".encode("latin-1") for name, value in headers)


def container(identifier: int, content: bytes) -> bytes:
    return bytes([0, identifier]) + len(content).to_bytes(2, "big") + content


def psk_messages(suite: Suite = AES, offered=None, scope="1") -> list[Message]:
    """Figure 4."""
    rands = (("mn-rand", MN_RAND), ("hac-rand", HAC_RAND))
    offer = ",".join(offered or ["{00,2F}", "{00,3C}", suite.code] if suite is not AES else ["{00,2F}", "{00,3C}"])
    return [
        Message("init-request", "mn-to-hac", 1, (("mn-id", "mn@example.org"), ("mn-rand", MN_RAND), ("auth-method", "psk")), "none"),
        Message("init-response", "hac-to-mn", 1, rands + (("auth-method", "psk"),), "psk"),
        Message("done-request", "mn-to-hac", 2, rands + (("mip6-sas", scope), ("mip6-suitelist", offer)), "psk"),
        Message("done-response", "hac-to-mn", 2, sa_data(suite, scope) + bootstrap() + rands + (("status-code", "200"),), "psk"),
    ]


def psk_refusal(status="401") -> Message:
    """The response that ends a failed exchange."""
    return Message("refusal", "hac-to-mn", 2, (("mn-rand", MN_RAND), ("hac-rand", HAC_RAND), ("status-code", status)), "psk")


def eap_method(rounds: int) -> eap.Method:
    """A conversation that takes so many Mid exchanges: fewer without the identity, more with a NAK and notifications."""
    if rounds == 0:
        return eap.md5()
    if rounds == 1:
        return gpsk.method()
    before = (eap.WANTS_GPSK,) if rounds in (3, 5) else ()
    notified = (eap.NOTIFY,) * (rounds - 2 - len(before))
    return gpsk.method().after(eap.IDENTIFY, *notified, *before)


def eap_messages(method: eap.Method = GPSK, suite: Suite = AES, scope="1") -> list[Message]:
    """Figure 5: the first request of EAP comes with Init, its last response goes with Done."""
    done = "msk" if method.msk else "one"
    first, *others = method.packets()
    init = (("mn-id", "mn@example.org"), ("mn-rand", MN_RAND), ("auth-method", "eap"))
    messages = [
        Message("init-request", "mn-to-hac", 1, init, "none"),
        Message("init-response", "hac-to-mn", 1, (("auth-method", "eap"), ("eap-payload", first[0])), "one"),
    ]
    answer, number = first[1], 2
    for request, response in others:
        messages.append(Message("mid-request", "mn-to-hac", number, (("eap-payload", answer),), "one"))
        messages.append(Message("mid-response", "hac-to-mn", number, (("eap-payload", request),), "one"))
        answer, number = response, number + 1
    last = (("mip6-sas", scope), ("mip6-suitelist", "{00,2F},{00,3C}"), ("eap-payload", answer))
    success = sa_data(suite, scope) + bootstrap() + (("eap-payload", method.result(eap.SUCCESS)), ("status-code", "200"))
    return messages + [
        Message("done-request", "mn-to-hac", number, last, done),
        Message("done-response", "hac-to-mn", number, success, done),
    ]


def eap_refusal(identifier=3, key="one", packet=FAILURE, status="401") -> Message:
    """EAP failed, or something else did."""
    return Message("refusal", "hac-to-mn", identifier, (("eap-payload", packet), ("status-code", status)), key)


def sa_data(suite: Suite, scope: str) -> tuple:
    """Sections 5.6.1 to 5.6.5; no encryption keys under a NULL cipher."""
    keys = (("mip6-mn-to-ha-ikey", suite.ikey().hex()), ("mip6-ha-to-mn-ikey", suite.ikey("ha-to-mn").hex()))
    if suite.ekey_len:
        keys += (("mip6-mn-to-ha-ekey", suite.ekey().hex()), ("mip6-ha-to-mn-ekey", suite.ekey("ha-to-mn").hex()))
    return (
        (("mip6-sas", scope), ("mip6-spi", "1193046")) + keys + (("mip6-sa-validity-end", VALIDITY_END), ("mip6-ciphersuite", suite.code))
    )


def bootstrap() -> tuple:
    """Section 5.7, one header of each kind."""
    return (
        ("mip6-haa-ip6", "2001:db8:0:0:0:0:0:1"),
        ("mip6-haa-ip4", "192.0.2.1"),
        ("mip6-port", "7872"),
        ("mip6-ip6-hoa", "2001:db8:0:1:0:0:0:2"),
        ("mip6-ip4-hoa", "192.0.2.3"),
        ("mip6-ip6-hnp", "2001:db8:0:1:0:0:0:0/64"),
        ("mip6-ip4-hnp", "192.0.2.0/24"),
        ("dns-ip6", "2001:db8:0:0:0:0:0:35"),
        ("dns-ip4", "192.0.2.53"),
    )


def without(message: Message, *names: str) -> Message:
    return replace(message, headers=tuple(header for header in message.headers if header[0] not in names))


def with_value(message: Message, name: str, value: str) -> Message:
    return replace(message, headers=tuple((n, value if n == name else v) for n, v in message.headers))

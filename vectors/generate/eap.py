"""RFC 3748: EAP packets, MD5-Challenge, and whole conversations as pairs of a request and its response.

The Identifiers of a conversation count up from 1; a NAK or a Notification costs a pair like any other.
"""

import hashlib
from dataclasses import dataclass

from . import seed

REQUEST, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
IDENTITY, NOTIFICATION, NAK, MD5_CHALLENGE, GPSK = 1, 2, 3, 4, 51
NAME = b"mn@example.org"
SECRET = seed.octets("eap secret", 32)
CHALLENGE = seed.octets("eap md5 challenge", 16)


@dataclass(frozen=True)
class Method:
    """`pairs` are (type, data of the request, type, data of the response); `msk` is None where there is none."""

    name: str
    pairs: tuple
    msk: bytes | None
    secret: bytes = SECRET

    def after(self, *pairs) -> "Method":
        """The same method, with other pairs before it."""
        return Method(self.name, pairs + self.pairs, self.msk, self.secret)

    def packets(self) -> list[tuple[str, str]]:
        """Request and response in hex, pair by pair."""
        return [
            (packet(REQUEST, number, asked, request), packet(RESPONSE, number, answered, response))
            for number, (asked, request, answered, response) in enumerate(self._whole(), 1)
        ]

    def result(self, code: int) -> str:
        """EAP-Success or EAP-Failure, with the Identifier of the last pair."""
        return f"{code:02x}{len(self.pairs) % 256:02x}0004"

    def _whole(self):
        """MD5-Challenge hashes the Identifier, so its response is made when that is known."""
        for number, (asked, request, answered, response) in enumerate(self.pairs, 1):
            if answered == MD5_CHALLENGE:
                response = md5_response(number % 256, response, request[1:])
            yield asked, request, answered, response


def packet(code: int, identifier: int, kind: int, data: bytes) -> str:
    return (bytes([code, identifier % 256]) + (5 + len(data)).to_bytes(2, "big") + bytes([kind]) + data).hex()


def md5_response(identifier: int, secret: bytes, challenge: bytes) -> bytes:
    """Section 5.4, which is the hash of CHAP: Identifier, secret, challenge."""
    return b"\x10" + hashlib.md5(bytes([identifier]) + secret + challenge).digest()


IDENTIFY = (IDENTITY, b"", IDENTITY, NAME)
WANTS_GPSK = (MD5_CHALLENGE, b"\x10" + CHALLENGE, NAK, bytes([GPSK]))
NOTIFY = (NOTIFICATION, b"one moment, please", NOTIFICATION, b"")


def md5(secret: bytes = SECRET) -> Method:
    """One challenge. In the pair stands the secret of the peer; what it becomes depends on the Identifier."""
    return Method("md5-challenge", ((MD5_CHALLENGE, b"\x10" + CHALLENGE, MD5_CHALLENGE, secret),), None)

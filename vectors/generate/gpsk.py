"""RFC 5433: EAP-GPSK from its text, both ciphersuites, without protected data."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from . import eap, seed

ID_SERVER = b"hac"
RAND_PEER = seed.octets("gpsk rand peer", 32)
RAND_SERVER = seed.octets("gpsk rand server", 32)
AES_CMAC, HMAC_SHA256 = b"\0\0\0\0\0\x01", b"\0\0\0\0\0\x02"
KEY_LEN = {AES_CMAC: 16, HMAC_SHA256: 32}
NO_DATA = b"\0\0"


@dataclass(frozen=True)
class Session:
    """Section 4; `offered` is CSuite_List, `selected` CSuite_Sel."""

    offered: bytes
    selected: bytes
    psk: bytes = eap.SECRET

    def mac(self, key: bytes, message: bytes) -> bytes:
        if self.selected == HMAC_SHA256:
            return hmac.new(key, message, hashlib.sha256).digest()
        cmac = CMAC(AES(key))
        cmac.update(message)
        return cmac.finalize()

    def gkdf(self, key: bytes, seed_octets: bytes, count: int) -> bytes:
        """Section 7."""
        blocks = -(-count // KEY_LEN[self.selected])
        return b"".join(self.mac(key, n.to_bytes(2, "big") + seed_octets) for n in range(1, blocks + 1))[:count]

    def keys(self) -> tuple[bytes, bytes]:
        """MSK and SK."""
        size = KEY_LEN[self.selected]
        both = RAND_PEER + eap.NAME + RAND_SERVER + ID_SERVER
        mk = self.gkdf(self.psk[:size], len(self.psk).to_bytes(2, "big") + self.psk + self.selected + both, size)
        whole = self.gkdf(mk, both, 128 + 2 * size)
        return whole[:64], whole[128 : 128 + size]

    def signed(self, op_code: int, payload: bytes) -> bytes:
        return bytes([op_code]) + payload + self.mac(self.keys()[1], payload)

    def messages(self) -> tuple[bytes, bytes, bytes, bytes]:
        """GPSK-1 to GPSK-4 of section 9.3."""
        server = _counted(ID_SERVER)
        two = _counted(eap.NAME) + server + RAND_PEER + RAND_SERVER + _counted(self.offered) + self.selected + NO_DATA
        three = RAND_PEER + RAND_SERVER + server + self.selected + NO_DATA
        one = server + RAND_SERVER + _counted(self.offered)
        return b"\x01" + one, self.signed(2, two), self.signed(3, three), self.signed(4, NO_DATA)


def method(offered: bytes = AES_CMAC + HMAC_SHA256) -> eap.Method:
    """Two pairs. The peer takes the first of the offered suites."""
    session = Session(offered, offered[:6])
    one, two, three, four = session.messages()
    pairs = ((eap.GPSK, one, eap.GPSK, two), (eap.GPSK, three, eap.GPSK, four))
    return eap.Method("gpsk", pairs, session.keys()[0])


def _counted(octets: bytes) -> bytes:
    return len(octets).to_bytes(2, "big") + octets

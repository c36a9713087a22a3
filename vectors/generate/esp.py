"""RFC 6618 Figures 7 to 9: one packet between MN and HA, field by field.

Everything a sender decides is a field of `Packet`; a wrong packet is a right one with
one field replaced. The IV leads the payload, the ICV is the first 12 octets of the MAC
from the PType|SPI word through Next Header.
"""

from dataclasses import dataclass

from .suites import Suite

ICV_LEN = 12


@dataclass(frozen=True)
class Packet:
    """A protected packet that is about to be sealed; `None` means: what a careful sender does."""

    suite: Suite
    ptype: int
    spi: int
    sequence: int
    payload: bytes
    next_header: int
    iv: bytes
    ikey: bytes
    ekey: bytes
    extra_blocks: int = 0
    padding: bytes | None = None
    pad_length: int | None = None

    def word(self) -> bytes:
        return (self.ptype << 28 | self.spi).to_bytes(4, "big")

    def number(self) -> bytes:
        return self.sequence.to_bytes(4, "big")

    def pad(self) -> bytes:
        """1, 2, 3 and so on, up to the alignment of the suite."""
        if self.padding is not None:
            return self.padding
        count = -(len(self.payload) + 2) % self.suite.align + self.extra_blocks * self.suite.align
        return bytes(range(1, count + 1))

    def plain(self) -> bytes:
        """Payload, padding and the two octets of the trailer."""
        count = len(self.pad()) if self.pad_length is None else self.pad_length
        return self.payload + self.pad() + bytes([count, self.next_header])

    def data(self) -> bytes:
        return self.suite.encrypt(self.ekey, self.iv, self.plain())

    def covered(self) -> bytes:
        return self.word() + self.number() + self.iv + self.data()

    def mac(self) -> bytes:
        return self.suite.full_mac(self.ikey, self.covered())

    def octets(self, icv: bytes | None = None, data: bytes | None = None) -> dict:
        """The fields in wire order; the IV only where the suite has one."""
        fields = {"ptype_spi": self.word().hex(), "sequence_number": self.number().hex()}
        if self.iv:
            fields["iv"] = self.iv.hex()
        fields["data"] = (self.data() if data is None else data).hex()
        fields["icv"] = (self.mac()[:ICV_LEN] if icv is None else icv).hex()
        return fields

    def keys(self) -> dict:
        keys = {"ikey": self.ikey.hex()}
        return keys | ({"ekey": self.ekey.hex()} if self.ekey else {})

    def meaning(self) -> dict:
        return {
            "ptype": self.ptype,
            "spi": self.spi,
            "sequence_number": self.sequence,
            "payload": self.payload.hex(),
            "pad_length": len(self.pad()),
            "next_header": self.next_header,
        }

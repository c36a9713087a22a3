"""RFC 3748 and RFC 5433 as an onlooker reads them who knows the secret: packets are taken apart, proofs computed again."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class Contradiction(Exception):
    """A packet says something else than the secret or the packets before it."""


def need(holds: bool, what: str):
    if not holds:
        raise Contradiction(what)


def check(packets: list[bytes], method: str, secret: bytes, msk: bytes | None, succeeds: bool):
    """Stops unless the packets are one conversation by this method; proofs may be wrong only where it does not succeed."""
    state = {"asked": None, "types": []}
    for packet in packets:
        code, identifier, length = packet[0], packet[1], int.from_bytes(packet[2:4], "big")
        need(length == len(packet), "Length")
        if code in (3, 4):
            need(identifier == state["asked"][1] and length == 4, "the result has the Identifier of the last request")
            continue
        kind, data = packet[4], packet[5:]
        if code == 1:
            state["asked"] = packet
            state["types"].append(kind)
            if kind == 51:
                _gpsk_request(state, data)
        else:
            need(code == 2 and state["asked"] is not None and identifier == state["asked"][1], "Identifier of the request")
            need(kind == state["asked"][4] or kind == 3, "Type of the request")
            if kind == 4:
                challenge = state["asked"][6 : 6 + state["asked"][5]]
                right = hashlib.md5(bytes([identifier]) + secret + challenge).digest()
                need((data == bytes([16]) + right) == succeeds, "MD5 response")
            elif kind == 51:
                _gpsk_response(state, data, secret, msk)
    need(not succeeds or state["types"][-1:] == [{"gpsk": 51, "md5-challenge": 4}[method]], "another method was carried out")
    need(not succeeds or method != "gpsk" or "done" in state, "GPSK has not ended")


def _gpsk_request(state: dict, data: bytes):
    if data[0] == 1:
        suites, rest = _counted(_counted(data[1:])[1][32:])
        need(rest == b"" and len(suites) % 6 == 0, "GPSK-1 has other octets")
        state["one"] = data[1:]
    else:
        need(data[0] == 3 and data[1:] == state["three"], "GPSK-3")


def _gpsk_response(state: dict, data: bytes, secret: bytes, msk: bytes):
    if data[0] == 4:
        need(data[1:] == state["four"], "GPSK-4")
        state["done"] = True
        return
    need(data[0] == 2, "GPSK-2")
    id_peer, rest = _counted(data[1:])
    id_server, rest = _counted(rest)
    rand_peer, rand_server, rest = rest[:32], rest[32:64], rest[64:]
    suites, rest = _counted(rest)
    selected, size = rest[:6], {1: 16, 2: 32}[int.from_bytes(rest[:6], "big")]
    again = len(id_server).to_bytes(2, "big") + id_server + rand_server + len(suites).to_bytes(2, "big") + suites
    need(again == state["one"] and selected in [suites[i : i + 6] for i in range(0, len(suites), 6)], "what GPSK-1 says")
    seed = rand_peer + id_peer + rand_server + id_server
    mac = _cmac if size == 16 else lambda key, message: hmac.digest(key, message, "sha256")
    mk = _stretch(mac, secret[:size], len(secret).to_bytes(2, "big") + secret + selected + seed, size)
    exported = _stretch(mac, mk, seed, 128 + 2 * size)
    sk = exported[128 : 128 + size]
    need(exported[:64] == msk, "MSK")
    need(rest[6:8] == b"\0\0" and data[-size:] == mac(sk, data[1:-size]), "MAC of GPSK-2")
    three = rand_peer + rand_server + len(id_server).to_bytes(2, "big") + id_server + selected + b"\0\0"
    state["three"], state["four"] = three + mac(sk, three), b"\0\0" + mac(sk, b"\0\0")


def _stretch(mac, key: bytes, seed: bytes, count: int) -> bytes:
    out, number = b"", 0
    while len(out) < count:
        number += 1
        out += mac(key, bytes([number >> 8, number & 255]) + seed)
    return out[:count]


def _cmac(key: bytes, message: bytes) -> bytes:
    """RFC 4493 as CBC over a message whose last block was prepared."""
    zero = int.from_bytes(_cbc(key, bytes(16)), "big")
    once = (zero << 1 ^ (0x87 if zero >> 127 else 0)) & (1 << 128) - 1
    twice = (once << 1 ^ (0x87 if once >> 127 else 0)) & (1 << 128) - 1
    whole = message and len(message) % 16 == 0
    filled = message if whole else message + b"\x80" + bytes(-(len(message) + 1) % 16)
    last = int.from_bytes(filled[-16:], "big") ^ (once if whole else twice)
    return _cbc(key, filled[:-16] + last.to_bytes(16, "big"))[-16:]


def _cbc(key: bytes, blocks: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def _counted(octets: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(octets[:2], "big")
    need(2 + size <= len(octets), "a length beyond the end")
    return octets[2 : 2 + size], octets[2 + size :]

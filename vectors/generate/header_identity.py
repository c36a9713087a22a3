"""RFC 6618 section 5.5: who, how, and with what result."""

from . import seed
from .group import Group
from .header_date import good_dates, wrong_dates

METHODS = [("psk", ["psk"]), ("eap", ["eap"]), ("psk,eap", ["psk", "eap"]), ("eap,psk", ["eap", "psk"])]
STATUS = [
    (100, "Continue"),
    (200, "OK"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (503, "Service Unavailable"),
    (504, "Gateway Time-out"),
]


def rows(g: Group, headers: dict):
    _mn_id(g, headers["mn-id"])
    _mn_id_wrong(g, headers["mn-id"])
    _auth_method(g, headers["auth-method"])
    _eap_payload(g, headers["eap-payload"])
    _status_code(g, headers["status-code"])
    _auth(g, headers["auth"])
    good_dates(g, headers["retry-after"])
    wrong_dates(g, headers["retry-after"])
    headers["retry-after"].discourage(g, "delta-seconds", "120", "HTTP allows seconds here, this grammar does not", ["DateDelta"])
    for name in ("mn-rand", "hac-rand"):
        _random(g, headers[name])


def _mn_id(g: Group, h):
    good = {
        "plain": "mn@example.org",
        "no-realm": "joe",
        "realm-only": "@example.org",
        "digits-and-dots": "fred.2@3com.example",
        "specials": "eng.example!joe%x@example.net",
        "all-specials": "a!#$%&'*+-/=?^_`{|}~b@example.org",
        "subdomains": "mn.7@a.b.c.d-e.example.org",
        "realm-begins-with-digit": "mn@1and1.example",
        "quoted-at": "a\\@b@example.org",
        "quoted-at-last": "joe\\@",
        "quoted-space": "a\\ b@example.org",
        "upper-case-kept": "Joe@Example.ORG",
    }
    for slug, nai in good.items():
        h.print(g, slug, nai, nai, "a NAI of RFC 4282 section 2.1")
    utf8 = "m\u00fcller@example.org".encode().decode("latin-1")
    h.print(g, "utf8-user", utf8, utf8, "octets from 80 up are legal in this header, and in this one only")
    for length in (72, 253):
        nai = "u" * (length - 12) + "@example.org"
        h.print(g, f"length-{length}", nai, nai, f"{length} octets", ["NaiLength"])
    long = "u" * 242 + "@example.org"
    g.lenient(
        "mn-id/length-254",
        "longer than RFC 4282 recommends to support",
        h.section,
        h.name,
        None,
        ["NaiLength"],
        **h._line(long),
        value=long,
    )


def _mn_id_wrong(g: Group, h):
    wrong = {
        "two-at": "a@b@example.org",
        "at-only": "@",
        "empty-realm": "joe@",
        "dot-first": ".joe@example.org",
        "dot-last": "joe.@example.org",
        "two-dots": "jo..e@example.org",
        "space": "jo e@example.org",
        "tab": "jo\te@example.org",
        "parentheses": "joe(x)@example.org",
        "comma": "joe,x@example.org",
        "colon": "joe:x@example.org",
        "realm-hyphen-first": "joe@-example.org",
        "realm-hyphen-last": "joe@example-.org",
        "realm-two-dots": "joe@example..org",
        "realm-dot-last": "joe@example.org.",
        "realm-underscore": "joe@exam_ple.org",
        "backslash-last": "joe\\",
        "not-utf8": "m\u00fcller@example.org",
        "backslash-in-realm": "joe@exa\\mple.org",
    }
    for slug, text in wrong.items():
        h.refuse(g, slug, text, "not a NAI of RFC 4282 section 2.1", ["NaiGrammar"])
    for slug, control in (("nul", "\0"), ("lf", "\n"), ("cr", "\r")):
        h.refuse(g, f"escaped-{slug}", f"a\\{control}b@example.org", "an escape does not make a control octet legal", ["NaiEscape"])
    h.discourage(g, "one-label-realm", "user@localhost", "RFC 4282 asks for two labels", ["NaiOneLabelRealm"], "user@localhost")


def _auth_method(g: Group, h):
    for text, value in METHODS:
        h.print(g, text.replace(",", "-then-"), text, value, "methods as the grammar has them")
    h.accept(g, "upper-case", "PSK", ["psk"], "literals of RFC 2616 ignore case", [])
    h.accept(g, "space-after-comma", "psk, eap", ["psk", "eap"], "implied white space between words", ["ImpliedSpace"])
    h.accept(g, "space-around-comma", "psk\t ,\t eap", ["psk", "eap"], "implied white space between words", ["ImpliedSpace"])
    for slug, text in (("middle", "psk,,eap"), ("first", ",psk"), ("last", "psk,")):
        h.discourage(g, f"empty-element-{slug}", text, "the grammar has no empty element", ["EmptyListElement"])
    h.refuse(g, "empty-element-alone", ",", "whoever drops empty elements has no method left", ["EmptyListElement"])
    h.tolerate(g, "unknown-beside-psk", "psk,sim", ["psk"], "the known method remains", ["UnknownMethod"])
    h.refuse(g, "semicolon", "psk;eap", "not the separator of the grammar")
    h.refuse(g, "space-separated", "psk eap", "not the separator of the grammar")


def _eap_payload(g: Group, h):
    identity = "0101000501"
    h.print(g, "request-identity", identity, identity, "an EAP-Request/Identity")
    h.print(g, "success", "03010004", "03010004", "an EAP-Success, the shortest packet there is")
    long = (b"\x02\x07\x04\x00\x0d" + seed.octets("eap long", 1019)).hex()
    h.print(g, "kilobyte", long, long, "an EAP-Response of 1024 octets")
    h.accept(g, "upper-case", "0201000A016D6E406162", "0201000a016d6e406162", "both cases of hex digits", ["HexCase"])
    h.refuse(g, "odd", "01010005010", "eleven digits", ["OddHex"])
    h.refuse(g, "one-digit", "0", "half an octet", ["OddHex"])
    h.refuse(g, "not-hex", "0101000g01", "g is no hex digit", ["NotHex"])
    h.refuse(g, "prefix-0x", "0x0101000501", "no prefix in this grammar", ["NotHex"])
    h.discourage(g, "inner-space", "0101 000501", "white space inside one word", ["InnerSpace"], identity)
    for octets in ("01", "0101", "010100"):
        h.refuse(g, f"eap-of-{len(octets) // 2}", octets, "shorter than an EAP header", ["EapLength"])
    h.discourage(g, "eap-length-larger", "0101000601", "the EAP Length is one more than there is", ["EapLength"], "0101000601")
    h.discourage(g, "eap-length-smaller", "0101000401", "the EAP Length is one less than there is", ["EapLength"], "0101000401")


def _status_code(g: Group, h):
    for code, phrase in STATUS:
        flags = ["StatusContinue"] if code == 100 else []
        h.print(g, str(code), str(code), code, f"{phrase}; the value alone is legal", flags)
    for code in ("201", "299", "301", "404", "505", "600"):
        h.discourage(g, code, code, "not in the list; an MN treats it as a failure", ["StatusUnlisted"])
    for slug, text in (
        ("two-digits", "20"),
        ("four-digits", "2000"),
        ("leading-zero", "0200"),
        ("phrase", "200 OK"),
        ("word", "OK"),
        ("signed", "+200"),
    ):
        h.refuse(g, slug, text, "not one of the values")
    h.discourage(g, "inner-space", "2 00", "white space inside one word", ["InnerSpace"], 200)


def _auth(g: Group, h):
    mac = seed.octets("header auth", 32).hex()
    h.print(g, "hmac-sha256", mac, mac, "32 octets")
    h.accept(g, "upper-case", mac.upper(), mac, "both cases of hex digits", ["HexCase"])
    for count in (1, 12, 16, 31, 33, 64):
        h.refuse(g, f"of-{count}-octets", seed.octets(f"auth {count}", count).hex(), f"{count} octets instead of 32", ["MacLength"])
    h.refuse(g, "odd", mac[:-1], "63 digits", ["OddHex"])
    h.refuse(g, "not-hex", "z" + mac[1:], "z is no hex digit", ["NotHex"])


def _random(g: Group, h):
    value = seed.octets(h.name, 32).hex()
    h.print(g, "of-32-octets", value, value, "32 octets")
    h.print(g, "all-zero", "00" * 32, "00" * 32, "the grammar does not look at the quality")
    h.accept(g, "upper-case", value.upper(), value, "both cases of hex digits", ["HexCase"])
    for count in (1, 31, 33, 64):
        h.refuse(g, f"of-{count}-octets", seed.octets(f"{h.name} {count}", count).hex(), f"{count} octets instead of 32", ["RandomLength"])
    h.refuse(g, "odd", value[:-1], "63 digits", ["OddHex"])
    h.refuse(g, "not-hex", value[:-1] + "x", "x is no hex digit", ["NotHex"])
    h.discourage(g, "inner-space", value[:32] + " " + value[32:], "white space inside one word", ["InnerSpace"], value)

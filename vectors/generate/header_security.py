"""RFC 6618 section 5.6: the parameters of the security association."""

from . import seed
from .group import Group
from .header_date import good_dates, wrong_dates

SUITES = ["{00,02}", "{00,3B}", "{00,0A}", "{00,2F}", "{00,3C}"]
NAMES = ["NULL_SHA", "NULL_SHA256", "3DES_EDE_CBC_SHA", "AES_128_CBC_SHA", "AES_128_CBC_SHA256"]
KEYS = ["mip6-mn-to-ha-ikey", "mip6-ha-to-mn-ikey", "mip6-mn-to-ha-ekey", "mip6-ha-to-mn-ekey"]


def rows(g: Group, headers: dict):
    _spi(g, headers["mip6-spi"])
    for name in KEYS:
        _key(g, headers[name])
    good_dates(g, headers["mip6-sa-validity-end"])
    wrong_dates(g, headers["mip6-sa-validity-end"])
    _scope(g, headers["mip6-sas"])
    _suite(g, headers["mip6-ciphersuite"])
    _suitelist(g, headers["mip6-suitelist"])


def _spi(g: Group, h):
    for spi in (1, 2, 255, 65536, 1193046, 268435454, 268435455):
        h.print(g, str(spi), str(spi), spi, "inside 1 to 268435455")
    h.tolerate(g, "leading-zeros", "0000000001", 1, "1*DIGIT has no limit of digits", ["LeadingZeros"])
    h.tolerate(g, "forty-leading-zeros", "0" * 40 + "7", 7, "1*DIGIT has no limit of digits", ["LeadingZeros"])
    for slug, text in (
        ("zero", "0"),
        ("zeros", "000"),
        ("two-to-the-28", "268435456"),
        ("with-ptype-8", "2147483649"),
        ("two-to-the-32", "4294967296"),
        ("two-to-the-32-plus-1", "4294967297"),
        ("two-to-the-64-plus-1", "18446744073709551617"),
        ("fifty-nines", "9" * 50),
    ):
        h.refuse(g, slug, text, "outside 1 to 268435455", ["SpiRange"])
    for slug, text in (("hex", "0x10"), ("letters", "ten"), ("minus", "-1"), ("plus", "+1"), ("fraction", "1.0")):
        h.refuse(g, slug, text, "not a row of digits")
    h.discourage(g, "inner-space", "12 34", "white space inside one word", ["InnerSpace"], 1234)


def _key(g: Group, h):
    lengths = (16, 20) if h.name.endswith("ikey") else (16, 24)
    for count in lengths:
        key = seed.octets(f"{h.name} {count}", count).hex()
        h.print(g, f"of-{count}-octets", key, key, f"{count} octets, as one of the suites needs")
    key = seed.octets(f"{h.name} 16", 16).hex()
    h.accept(g, "upper-case", key.upper(), key, "both cases of hex digits", ["HexCase"])
    h.print(g, "of-1-octet", "a5", "a5", "the grammar alone has no length; the suite has, where it is used")
    h.refuse(g, "odd", key[:-1], "31 digits", ["OddHex"])
    h.refuse(g, "not-hex", "g" + key[1:], "g is no hex digit", ["NotHex"])
    h.refuse(g, "base64", "oK2sAQ==", "not the encoding of this grammar", ["NotHex"])
    h.discourage(g, "inner-space", key[:16] + " " + key[16:], "white space inside one word", ["InnerSpace"], key)


def _scope(g: Group, h):
    h.print(g, "signalling", "0", 0, "the SA protects signalling only")
    h.print(g, "everything", "1", 1, "the SA protects signalling and data")
    for digit in range(2, 10):
        h.refuse(g, f"digit-{digit}", str(digit), "a digit without a meaning", ["ScopeUndefined"])
    h.refuse(g, "letter-o", "O", "the letter that the RFC prints where the digit is meant", ["ScopeLetterO"])
    h.refuse(g, "small-letter-o", "o", "the letter, in lower case", ["ScopeLetterO"])
    for slug, text in (("two-digits", "01"), ("ten", "10"), ("true", "true"), ("minus", "-1")):
        h.refuse(g, slug, text, "1DIGIT is exactly one digit")


def _suite(g: Group, h):
    for suite, name in zip(SUITES, NAMES):
        h.print(g, _slug(suite), suite, suite, name)
    h.accept(g, "lower-case", "{00,3c}", "{00,3C}", "literals of RFC 2616 ignore case", ["HexCase"])
    h.accept(g, "spaces-inside", "{ 00 , 2F }", "{00,2F}", "implied white space between words", ["ImpliedSpace"])
    _suite_forms(g, h, SUITES[3])
    for suite in ("{00,00}", "{00,35}", "{00,9C}", "{13,01}", "{FF,FF}"):
        h.refuse(g, f"reserved-{_slug(suite)}", suite, "reserved values are never selected", ["SuiteUnknown"])
    h.refuse(g, "two", "{00,2F},{00,3C}", "exactly one suite is selected")


def _suitelist(g: Group, h):
    for suite, name in zip(SUITES, NAMES):
        h.print(g, _slug(suite), suite, [suite], f"{name} alone")
    h.print(g, "two", "{00,2F},{00,3C}", ["{00,2F}", "{00,3C}"], "the comma also separates suites")
    h.print(g, "all-five", ",".join(SUITES), SUITES, "all suites of the section, in its order")
    h.print(g, "all-five-backwards", ",".join(SUITES[::-1]), SUITES[::-1], "the order of the list is kept")
    h.accept(g, "space-after-comma", "{00,2F}, {00,3C}", ["{00,2F}", "{00,3C}"], "implied white space between words", ["ImpliedSpace"])
    h.accept(g, "lower-case", "{00,2f},{00,3b}", ["{00,2F}", "{00,3B}"], "literals of RFC 2616 ignore case", ["HexCase"])
    for suite in ("{00,35}", "{13,01}", "{C0,2F}"):
        h.print(
            g,
            f"with-{_slug(suite)}",
            f"{suite},{{00,2F}}",
            [suite, "{00,2F}"],
            "an unknown suite is passed over; the value keeps it",
            ["SuiteUnknown"],
        )
    _suite_forms(g, h, SUITES[3])
    h.refuse(g, "space-between-suites", "{00,2F} {00,3C}", "a space instead of the comma", ["SuiteSpace"])
    for slug, text in (("middle", "{00,2F},,{00,3C}"), ("first", ",{00,2F}"), ("last", "{00,2F},")):
        h.discourage(g, f"empty-element-{slug}", text, "the grammar has no empty element", ["EmptyListElement"])


def _suite_forms(g: Group, h, suite: str):
    high, low = suite[1:3], suite[4:6]
    h.refuse(g, "space-form", f"{{{high} {low}}}", "a space instead of the comma", ["SuiteSpace"])
    for slug, text in (
        ("no-braces", f"{high},{low}"),
        ("no-closing-brace", f"{{{high},{low}"),
        ("no-opening-brace", f"{high},{low}}}"),
        ("no-comma", f"{{{high}{low}}}"),
        ("three-parts", f"{{{high},{low},00}}"),
        ("one-digit", f"{{0,{low}}}"),
        ("prefix-0x", f"{{0x{high},0x{low}}}"),
        ("by-name", "AES_128_CBC_SHA"),
        ("parentheses", f"({high},{low})"),
    ):
        h.refuse(g, slug, text, "not csuite")


def _slug(suite: str) -> str:
    return suite.strip("{}").replace(",", "-").lower()

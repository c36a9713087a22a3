"""RFC 6618 section 5.7: addresses, prefixes and the service port."""

import ipaddress

from .group import Group

IP6 = ["mip6-haa-ip6", "mip6-ip6-hoa", "dns-ip6"]
IP4 = ["mip6-haa-ip4", "mip6-ip4-hoa", "dns-ip4"]


def rows(g: Group, headers: dict):
    for name in IP6:
        _ip6(g, headers[name])
    for name in IP4:
        _ip4(g, headers[name])
    _port(g, headers["mip6-port"])
    _prefix6(g, headers["mip6-ip6-hnp"])
    _prefix4(g, headers["mip6-ip4-hnp"])


def eight_words(address: str) -> str:
    """Every word, none compressed, no leading zeros: what the grammar has."""
    packed = ipaddress.IPv6Address(address).packed
    return ":".join(f"{int.from_bytes(packed[i : i + 2], 'big'):x}" for i in range(0, 16, 2))


def _ip6(g: Group, h):
    for slug, address in (
        ("documentation", "2001:db8:1:2:3:4:5:6"),
        ("with-zeros", "2001:db8::1"),
        ("all-zero", "::"),
        ("all-ones", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ):
        h.print(g, slug, eight_words(address), address, "eight words of one to four digits")
    h.accept(g, "four-digits", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1", "leading zeros inside a word")
    h.accept(g, "upper-case", "2001:DB8:0:0:0:0:0:AF", "2001:db8::af", "both cases of hex digits", ["HexCase"])
    for slug, text, value in (
        ("compressed", "2001:db8::1", "2001:db8::1"),
        ("loopback", "::1", "::1"),
        ("ipv4-tail", "0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ):
        h.discourage(g, slug, text, "a form that the grammar lacks", ["Ip6Compressed"], value)
    h.discourage(g, "zone", "fe80:0:0:0:0:0:0:1%eth0", "a form that the grammar lacks", ["Ip6Compressed"])
    for slug, text in (
        ("seven-words", "2001:db8:0:0:0:0:1"),
        ("nine-words", "2001:db8:0:0:0:0:0:0:1"),
        ("five-digits", "2001:0db80:0:0:0:0:0:1"),
        ("not-hex", "2001:db8:0:0:0:0:0:g"),
        ("empty-word", "2001:db8:0:0:0:0:1:"),
        ("brackets", "[2001:db8:0:0:0:0:0:1]"),
        ("prefix", "2001:db8:0:0:0:0:0:1/64"),
        ("ipv4", "192.0.2.1"),
    ):
        h.refuse(g, slug, text, "not eight words of one to four digits", ["Ip6Grammar"])
    h.discourage(g, "inner-space", "2001:db8: 0:0:0:0:0:1", "white space inside one word", ["InnerSpace"], "2001:db8::1")


def _ip4(g: Group, h):
    for address in ("192.0.2.1", "0.0.0.0", "255.255.255.255", "198.51.100.200"):
        h.print(g, address.replace(".", "-"), address, address, "four decimal octets")
    h.accept(g, "leading-zeros", "192.000.002.001", "192.0.2.1", "decimal with leading zeros", ["Ip4LeadingZeros"])
    h.accept(g, "not-octal", "010.0.0.1", "10.0.0.1", "010 is ten, not eight", ["Ip4LeadingZeros"])
    for slug, text in (
        ("octet-256", "192.0.2.256"),
        ("octet-999", "999.0.2.1"),
        ("three-octets", "192.0.2"),
        ("five-octets", "192.0.2.1.1"),
        ("four-digits", "192.0.2.0001"),
        ("hex", "0xc0.0.2.1"),
        ("empty-octet", "192..2.1"),
        ("integer", "3221225985"),
        ("minus", "192.0.2.-1"),
        ("ipv6", "2001:db8:0:0:0:0:0:1"),
        ("prefix", "192.0.2.1/24"),
    ):
        h.refuse(g, slug, text, "not four decimal octets", ["Ip4Grammar"])
    h.discourage(g, "inner-space", "192.0.2. 1", "white space inside one word", ["InnerSpace"], "192.0.2.1")


def _port(g: Group, h):
    for port in (1, 1024, 4191, 7872, 49152, 65535):
        h.print(g, str(port), str(port), port, "inside 1 to 65535")
    h.accept(g, "leading-zeros", "07872", 7872, "decimal with leading zeros, five digits at most", ["LeadingZeros"])
    for slug, text in (("zero", "0"), ("zeros", "00000"), ("65536", "65536"), ("99999", "99999")):
        h.refuse(g, slug, text, "no such port", ["PortRange"])
    h.refuse(g, "six-digits", "073408", "more than five digits", ["PortRange"])
    h.refuse(g, "wraps", "73408", "65536 more than the service port", ["PortRange"])
    h.refuse(g, "by-name", "mipv6tls", "not digits")
    h.refuse(g, "minus", "-1", "not digits")
    h.discourage(g, "inner-space", "78 72", "white space inside one word", ["InnerSpace"], 7872)


def _prefix6(g: Group, h):
    for network in ("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::/1"):
        net = ipaddress.IPv6Network(network, strict=False)
        h.print(g, f"slash-{net.prefixlen}", f"{eight_words(str(net.network_address))}/{net.prefixlen}", str(net), "inside 0 to 99")
    h.print(g, "slash-0", f"{eight_words('::')}/0", "::/0", "the whole space")
    for length in (99, 100, 127, 128):
        net = ipaddress.IPv6Network(f"2001:db8::/{length}")
        text = f"{eight_words('2001:db8::')}/{length}"
        if length <= 99:
            h.print(g, f"slash-{length}", text, str(net), "the longest that two digits can say")
        else:
            h.tolerate(g, f"slash-{length}", text, str(net), "addresses have 128 bits, the grammar has two digits", ["Prefix100To128"])
    for length in (129, 255, 999):
        h.refuse(g, f"slash-{length}", f"{eight_words('2001:db8::')}/{length}", "longer than the address", ["PrefixRange"])
    h.tolerate(
        g,
        "host-bits",
        f"{eight_words('2001:db8:1:2::ff')}/64",
        "2001:db8:1:2::/64",
        "bits behind the prefix are masked",
        ["PrefixHostBits"],
    )
    h.discourage(g, "compressed", "2001:db8::/32", "a form that the grammar lacks", ["Ip6Compressed"], "2001:db8::/32")
    h.refuse(
        g,
        "inner-line-break",
        f"{eight_words('2001:db8::')}\r\n/32",
        "the line break that the RFC prints inside the address rule",
        ["Ip6LineBreak"],
    )
    _prefix_forms(g, h, eight_words("2001:db8::"), "32")


def _prefix4(g: Group, h):
    for network in ("0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24", "198.51.100.128/25", "192.0.2.77/32"):
        h.print(g, f"slash-{network.split('/')[1]}", network, network, "inside 0 to 32")
    for length in (33, 64, 99, 128):
        h.refuse(g, f"slash-{length}", f"192.0.2.0/{length}", "longer than the address", ["PrefixRange"])
    h.tolerate(g, "host-bits", "192.0.2.77/24", "192.0.2.0/24", "bits behind the prefix are masked", ["PrefixHostBits"])
    h.refuse(g, "netmask", "192.0.2.0/255.255.255.0", "not a prefix length", ["PrefixRange"])
    h.refuse(g, "octet-256", "192.0.256.0/24", "an octet above 255", ["Ip4Grammar"])
    _prefix_forms(g, h, "192.0.2.0", "24")


def _prefix_forms(g: Group, h, address: str, length: str):
    for slug, text in (
        ("no-length", address),
        ("empty-length", f"{address}/"),
        ("two-slashes", f"{address}//{length}"),
        ("minus", f"{address}/-{length}"),
        ("letters", f"{address}/x"),
        ("no-address", f"/{length}"),
    ):
        h.refuse(g, slug, text, "not an address, a slash and a length")

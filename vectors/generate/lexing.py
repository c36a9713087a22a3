"""RFC 6618 sections 5.2 and 5.5.7: how Content falls into headers.

A row is the whole Content of a message. `headers` lists what a receiver sees, names in
lower case and values without the white space around them, up to the end of the message.
Whether a message has all the headers it needs is not asked here.
"""

from . import seed
from .group import Group

NOTES = {
    "HeaderCase": ("header names are compared with case", "two correct peers cannot talk", "TV-05", "5.2"),
    "SpaceAroundValue": ("white space around a value becomes part of it", "two correct peers cannot talk", "TV-01", "5.2"),
    "SpaceBeforeColon": ("white space between name and colon is accepted", "two parsers see two headers", "TV-02", "5.2"),
    "Folding": ("a line that begins with white space continues the header", "two parsers see two values", "TV-03", "5.2"),
    "BareLineEnd": ("LF or CR alone ends a line", "msg-octets are not the same for both ends", "TV-04", "5.2"),
    "NoColon": ("a line without a colon is passed over", "octets without meaning travel along", "TV-13", "5.2"),
    "EmptyName": ("a header without a name is accepted", "octets without meaning travel along", "TV-13", "5.2"),
    "ControlOctet": ("control octets inside a line are accepted", "terminals and logs are painted", "TV-13", "5.2"),
    "HighOctet": ("octets from 80 up are accepted outside mn-id", "two parsers see two texts", "TV-13", "5.2"),
    "NoLineEnd": ("the last header has no CRLF and is accepted", "a cut message has an effect", "TV-04", "5.2"),
    "EndOfMessage": ("only one of the readings of 2CRLF is understood", "two correct peers cannot talk", "TV-09", "5.5.7"),
    "AfterEndOfMessage": ("octets after the end of the message are read", "unsigned data has an effect", "CT-09", "5.5.7"),
    "Repeated": ("a header that may come once comes twice", "two parsers see two values", "TV-06", "5.2"),
    "RepeatedTolerable": ("a header that should come once comes twice", "two parsers see two values", "TV-06", "5.2"),
    "RepeatedList": ("lists in two headers are not joined", "an offer is lost", "TV-06", "5.2"),
    "UnknownHeader": ("an unknown header ends the exchange", "no extension is possible", "TV-07", "5.2"),
    "Order": ("headers are expected in the order of the RFC", "two correct peers cannot talk", "TV-08", "5.2"),
    "AfterAuth": ("a header after auth is read", "unsigned data has an effect", "TV-08", "5.5.5"),
    "AuthInInit": ("an auth in the first request has an effect", "an exchange fails without need", "AU-08", "5.8"),
    "SaInRequest": ("SA parameters in a request have an effect", "the MN chooses its own keys", "TV-16", "5.6"),
    "AbstractName": ("the names of the message lists are sent instead of the wire names", "headers are not recognised", "TV-17", "5.8"),
    "Ip6LineBreak": ("the CRLF printed inside ip6-addr is sent", "an empty line ends the message early", "VA-15", "5.7"),
}

END = "\r\n\r\n"
RAND = seed.octets("lexing rand", 32).hex()
MAC = seed.octets("lexing auth", 32).hex()
KEY = seed.octets("lexing key", 16).hex()
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"

# Singletons that must not come twice, with a value each.
ONCE = {
    "mn-id": "mn@example.org", "mn-rand": RAND, "hac-rand": RAND, "status-code": "200", "mip6-spi": "1",
    "mip6-mn-to-ha-ikey": KEY, "mip6-ha-to-mn-ikey": KEY, "mip6-mn-to-ha-ekey": KEY, "mip6-ha-to-mn-ekey": KEY,
    "mip6-ciphersuite": "{00,2F}",
}
# Singletons where a repetition is only worth a warning.
ONCE_RATHER = {
    "eap-payload": "03010004", "retry-after": DATE, "mip6-sa-validity-end": DATE, "mip6-sas": "1",
    "mip6-haa-ip6": "2001:db8:0:0:0:0:0:1", "mip6-haa-ip4": "192.0.2.1", "mip6-port": "7872",
    "mip6-ip6-hoa": "2001:db8:0:0:0:0:0:2", "mip6-ip4-hoa": "192.0.2.2",
    "mip6-ip6-hnp": "2001:db8:0:0:0:0:0:0/64", "mip6-ip4-hnp": "192.0.2.0/24",
}
REQUEST_ONLY = {"mn-id"}


def group() -> Group:
    g = Group("rfc6618", "lexing", "rfc6618", NOTES)
    _plain(g)
    _white_space(g)
    _line_ends(g)
    _names(g)
    _octets(g)
    _end_of_message(g)
    _repeated(g)
    _auth_last(g)
    _who_sends(g)
    for row in g.rows:
        _say_whether_canonical(row)
    return g


def content(text: str, side="response") -> dict:
    """The Content as text and as octets; `side` is request-init, request or response."""
    return {"side": side, "text": text, "input": text.encode("latin-1").hex()}


def _seen(*pairs) -> list:
    return [{"name": name, "value": value} for name, value in pairs]


def _say_whether_canonical(row: dict):
    """A sender writes names in lower case, no white space, and 2CRLF after the last header."""
    if row["result"] == "valid":
        printed = "".join(f"{header['name']}:{header['value']}\r\n" for header in row["headers"]) + END
        result = row.pop("result")
        row |= {"canonical": printed == row["text"], "result": result}


def _line(name: str) -> str:
    return f"{name}:{(ONCE | ONCE_RATHER)[name]}\r\n"


def _plain(g: Group):
    g.valid("one-header", "the smallest message that means something", "5.2",
            **content(f"mn-id:a@example.org\r\n{END}", "request-init"), headers=_seen(("mn-id", "a@example.org")))
    g.valid("two-headers", "one line each", "5.2", **content(f"mn-id:a@example.org\r\nauth-method:psk\r\n{END}", "request-init"),
            headers=_seen(("mn-id", "a@example.org"), ("auth-method", "psk")))
    g.valid("colon-in-value", "only the first colon separates", "5.2",
            **content(f"dns-ip6:2001:db8:0:0:0:0:0:1\r\n{END}"), headers=_seen(("dns-ip6", "2001:db8:0:0:0:0:0:1")))
    swapped = f"auth-method:psk\r\nmn-rand:{RAND}\r\nmn-id:a@example.org\r\n{END}"
    g.valid("any-order", "the order of the headers says nothing", "5.2", ["Order"], **content(swapped, "request-init"),
            headers=_seen(("auth-method", "psk"), ("mn-rand", RAND), ("mn-id", "a@example.org")))
    g.valid("unknown-header", "an unknown header is passed over", "5.2", ["UnknownHeader"],
            **content(f"x-experiment:1\r\nmip6-port:7872\r\n{END}"), headers=_seen(("x-experiment", "1"), ("mip6-port", "7872")))
    g.valid("unknown-mip6-header", "an unknown header is passed over, whatever it begins with", "5.2", ["UnknownHeader"],
            **content(f"mip6-colour:blue\r\nmip6-port:7872\r\n{END}"), headers=_seen(("mip6-colour", "blue"), ("mip6-port", "7872")))
    for name in ("eap", "sa-scope", "status", "ciphersuite-list", "msg-auth"):
        g.valid(f"abstract-name-{name}", "a name of the message lists is an unknown header on the wire", "5.8", ["AbstractName"],
                **content(f"{name}:200\r\nmip6-port:7872\r\n{END}"), headers=_seen((name, "200"), ("mip6-port", "7872")))


def _white_space(g: Group):
    seen = _seen(("mip6-port", "7872"))
    for slug, line in (("space-after-colon", "mip6-port: 7872"), ("tab-after-colon", "mip6-port:\t7872"),
                       ("spaces-after-colon", "mip6-port: \t  7872"), ("space-after-value", "mip6-port:7872 "),
                       ("tab-after-value", "mip6-port:7872\t"), ("space-on-both-sides", "mip6-port:  7872  ")):
        g.valid(slug, "white space around a value is not part of it", "5.2", ["SpaceAroundValue"],
                **content(f"{line}\r\n{END}"), headers=seen)
    for slug, line in (("space-before-colon", "mip6-port :7872"), ("tab-before-colon", "mip6-port\t:7872")):
        g.lenient(slug, "a known way to smuggle headers", "5.2", "mip6-port", "invalid", ["SpaceBeforeColon"],
                  **content(f"{line}\r\n{END}"), headers=seen)
    for slug, text in (("folded-before-value", "mip6-port:\r\n 7872\r\n"), ("folded-with-tab", "mip6-port:\r\n\t7872\r\n"),
                       ("folded-after-value", "mip6-port:7872\r\n \r\n")):
        g.lenient(slug, "unfolding and refusing both conform", "5.2", "mip6-port", None, ["Folding"],
                  **content(f"{text}{END}"), headers=seen)
    g.lenient("folded-list", "unfolding and refusing both conform", "5.2", "mip6-suitelist", None, ["Folding"],
              **content(f"mip6-suitelist:{{00,2F}},\r\n {{00,3C}}\r\n{END}", "request"))
    g.invalid("folded-first-line", "there is nothing that the first line could continue", "5.2", "content", ["Folding"],
              **content(f" mip6-port:7872\r\n{END}"))


def _line_ends(g: Group):
    seen = _seen(("mip6-port", "7872"), ("mip6-sas", "1"))
    for slug, text in (("lf-ends-header", f"mip6-port:7872\nmip6-sas:1\r\n{END}"),
                       ("lf-ends-everything", "mip6-port:7872\nmip6-sas:1\n\n\n"),
                       ("lf-ends-last-header", f"mip6-port:7872\r\nmip6-sas:1\n{END}")):
        g.lenient(slug, "LF alone is no line end of the grammar", "5.2", "content", "invalid", ["BareLineEnd"],
                  **content(text), headers=seen)
    for slug, text in (("cr-ends-header", f"mip6-port:7872\rmip6-sas:1\r\n{END}"),
                       ("cr-ends-everything", "mip6-port:7872\rmip6-sas:1\r\r\r")):
        g.lenient(slug, "CR alone is no line end of the grammar", "5.2", "content", "invalid", ["BareLineEnd"], **content(text))
    g.lenient("cr-cr-lf", "the first CR ends nothing", "5.2", "content", "invalid", ["BareLineEnd"], **content(f"mip6-port:7872\r\r\n{END}"))
    g.invalid("no-line-end", "the only header is cut before its CRLF", "5.2", "content", ["NoLineEnd"], **content("mip6-port:7872"))
    g.invalid("cr-without-lf-at-end", "the only header is cut between CR and LF", "5.2", "content", ["NoLineEnd"],
              **content("mip6-port:7872\r"))
    g.invalid("last-header-cut", "the second header is cut before its CRLF", "5.2", "content", ["NoLineEnd"],
              **content("mip6-port:7872\r\nmip6-sas:1"))


def _names(g: Group):
    for slug, name in (("upper-case-name", "MIP6-PORT"), ("mixed-case-name", "Mip6-Port")):
        g.valid(slug, "names ignore case", "5.2", ["HeaderCase"], **content(f"{name}:7872\r\n{END}"), headers=_seen(("mip6-port", "7872")))
    g.valid("upper-case-auth", "names ignore case; auth ends the covered octets in any case", "5.2", ["HeaderCase"],
            **content(f"mip6-port:7872\r\nAUTH:{MAC}\r\n{END}"), headers=_seen(("mip6-port", "7872"), ("auth", MAC)))
    for slug, line in (("no-colon", "mip6-port 7872"), ("name-alone", "mip6-port"), ("http-request-line", "GET / HTTP/1.1")):
        g.invalid(slug, "a line without a colon is not a header", "5.2", "content", ["NoColon"], **content(f"{line}\r\n{END}"))
    g.invalid("no-colon-second-line", "a line without a colon after a good one", "5.2", "content", ["NoColon"],
              **content(f"mip6-port:7872\r\nmip6-sas\r\n{END}"))
    g.invalid("empty-name", "a colon without a name", "5.2", "content", ["EmptyName"], **content(f":7872\r\n{END}"))
    g.invalid("colon-alone", "neither name nor value", "5.2", "content", ["EmptyName"], **content(f":\r\n{END}"))


def _octets(g: Group):
    for octet in (0x00, 0x01, 0x07, 0x08, 0x1B, 0x7F):
        for where, line in (("value", f"mip6-port:78{chr(octet)}72"), ("name", f"mip6{chr(octet)}port:7872"),
                            ("unknown-value", f"x-note:a{chr(octet)}b")):
            g.invalid(f"control-{octet:02x}-in-{where}", f"octet {octet:02x} inside a line", "5.2", "content", ["ControlOctet"],
                      **content(f"{line}\r\nmip6-sas:1\r\n{END}"))
    for octet in (0x80, 0xC3, 0xFF):
        for where, line in (("value", f"mip6-port:78{chr(octet)}72"), ("name", f"mip6{chr(octet)}port:7872"),
                            ("unknown-value", f"x-note:a{chr(octet)}b")):
            g.invalid(f"high-{octet:02x}-in-{where}", f"octet {octet:02x} outside mn-id", "5.2", "content", ["HighOctet"],
                      **content(f"{line}\r\nmip6-sas:1\r\n{END}"))


def _end_of_message(g: Group):
    line, seen = "mip6-port:7872\r\n", _seen(("mip6-port", "7872"))
    g.valid("two-empty-lines", "what a sender writes: the CRLF of the header, then 2CRLF", "5.5.7", ["EndOfMessage"],
            **content(line + "\r\n\r\n"), headers=seen)
    g.valid("one-empty-line", "the reading that follows HTTP", "5.5.7", ["EndOfMessage"], **content(line + "\r\n"), headers=seen)
    g.lenient("no-empty-line", "Length alone ends the message", "5.5.7", "content", None, ["EndOfMessage"], **content(line), headers=seen)
    for slug, tail in (("three-empty-lines", "\r\n\r\n\r\n"), ("spaces-after-end", "\r\n\r\n  "), ("octet-after-end", "\r\n\r\nx"),
                       ("nul-after-end", "\r\n\r\n\0"), ("header-after-end", "\r\n\r\nmip6-sas:1\r\n")):
        g.lenient(slug, "octets after the end are better refused, and never read", "5.5.7", "content", "invalid", ["AfterEndOfMessage"],
                  **content(line + tail), headers=seen)
    g.lenient("header-after-one-empty-line", "as the end is read, the second header follows it", "5.5.7", "content", "invalid",
              ["AfterEndOfMessage"], **content(f"{line}\r\nmip6-sas:1\r\n{END}"), headers=seen)
    g.lenient("line-break-of-ip6-addr", "the line break of the address rule ends the message early", "5.7", "content", "invalid",
              ["Ip6LineBreak"], **content(f"mip6-haa-ip6:2001:db8:0:0:0:0:0:1\r\n\r\nmip6-port:7872\r\n{END}"),
              headers=_seen(("mip6-haa-ip6", "2001:db8:0:0:0:0:0:1")))


def _repeated(g: Group):
    for name in ONCE:
        side = "request-init" if name in REQUEST_ONLY else "response"
        g.invalid(f"twice-{name}", "the same value twice is still a repetition", "5.2", name, ["Repeated"],
                  **content(_line(name) * 2 + END, side))
    g.invalid("twice-auth", "two auth headers, the first of them not the last header", "5.5.5", "auth", ["Repeated"],
              **content(f"mip6-port:7872\r\nauth:{MAC}\r\nauth:{MAC}\r\n{END}"))
    g.invalid("twice-mixed-case", "a repetition hides behind case", "5.2", "mip6-spi", ["Repeated"],
              **content(f"mip6-spi:1\r\nMIP6-SPI:2\r\n{END}"))
    for name in ONCE_RATHER:
        g.lenient(f"twice-{name}", "refusing and taking one of them both conform", "5.2", name, None, ["RepeatedTolerable"],
                  **content(_line(name) * 2 + END))
    for name, one, two in (("auth-method", "psk", "eap"), ("mip6-suitelist", "{00,2F}", "{00,3C}")):
        side = "request-init" if name == "auth-method" else "request"
        g.valid(f"joined-{name}", "two headers are one longer list", "5.2", ["RepeatedList"],
                **content(f"{name}:{one}\r\n{name}:{two}\r\n{END}", side), headers=_seen((name, one), (name, two)))
    for name, one, two in (("dns-ip6", "2001:db8:0:0:0:0:0:35", "2001:db8:0:0:0:0:1:35"), ("dns-ip4", "192.0.2.53", "198.51.100.53")):
        g.valid(f"several-{name}", "the text speaks of servers", "5.7.4", ["RepeatedList"],
                **content(f"{name}:{one}\r\n{name}:{two}\r\n{END}"), headers=_seen((name, one), (name, two)))


def _auth_last(g: Group):
    auth = f"auth:{MAC}\r\n"
    g.valid("auth-last", "auth is the last header", "5.5.5", **content(f"mip6-port:7872\r\n{auth}{END}"),
            headers=_seen(("mip6-port", "7872"), ("auth", MAC)))
    g.invalid("header-after-auth", "the second header is not covered by the MAC", "5.5.5", "auth", ["AfterAuth"],
              **content(f"{auth}mip6-port:7872\r\n{END}"))
    g.invalid("unknown-header-after-auth", "an unknown header is not covered either", "5.5.5", "auth", ["AfterAuth"],
              **content(f"mip6-port:7872\r\n{auth}x-experiment:1\r\n{END}"))
    g.invalid("header-after-auth-in-request", "the same in a request that carries auth", "5.5.5", "auth", ["AfterAuth"],
              **content(f"{auth}mip6-sas:1\r\n{END}", "request"))
    for slug, text in (("auth-in-init", f"mn-id:a@example.org\r\n{auth}{END}"), ("auth-first-in-init", f"{auth}mn-id:a@example.org\r\n{END}")):
        g.lenient(slug, "auth is not expected in the first request: it and its place are passed over", "5.8", "auth", "valid",
                  ["AuthInInit"], **content(text, "request-init"))


def _who_sends(g: Group):
    for name in ("mip6-spi", "mip6-mn-to-ha-ikey", "mip6-ciphersuite", "mip6-haa-ip6"):
        g.lenient(f"request-with-{name}", "passing over and refusing both conform; it never has an effect", "5.6", name, None,
                  ["SaInRequest"], **content(f"mip6-sas:1\r\n{_line(name)}{END}", "request"))

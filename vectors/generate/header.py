"""RFC 6618 sections 5.5 to 5.7: the values of the 26 TV-headers, one header line a row.

A row is one header with its CRLF. `value` is what it means in plain JSON; `canonical`
says that a sender who means `value` writes exactly these octets.
"""

from . import grammar, header_address, header_identity, header_produced, header_security
from .group import Group
from .header_row import Header

# name, kind of value, section: the registry in the order of the sections.
HEADERS = [
    Header("mn-id", "nai", "5.5.1"),
    Header("auth-method", "methods", "5.5.2"),
    Header("eap-payload", "eap", "5.5.3"),
    Header("status-code", "status", "5.5.4"),
    Header("auth", "mac", "5.5.5"),
    Header("retry-after", "date", "5.5.6"),
    Header("mn-rand", "random", "5.5.8"),
    Header("hac-rand", "random", "5.5.8"),
    Header("mip6-spi", "spi", "5.6.1"),
    Header("mip6-mn-to-ha-ikey", "hex", "5.6.2"),
    Header("mip6-ha-to-mn-ikey", "hex", "5.6.2"),
    Header("mip6-mn-to-ha-ekey", "hex", "5.6.2"),
    Header("mip6-ha-to-mn-ekey", "hex", "5.6.2"),
    Header("mip6-sa-validity-end", "date", "5.6.3"),
    Header("mip6-sas", "scope", "5.6.4"),
    Header("mip6-ciphersuite", "suite", "5.6.5"),
    Header("mip6-suitelist", "suites", "5.6.5"),
    Header("mip6-haa-ip6", "ip6", "5.7.1"),
    Header("mip6-haa-ip4", "ip4", "5.7.1"),
    Header("mip6-port", "port", "5.7.2"),
    Header("mip6-ip6-hoa", "ip6", "5.7.3"),
    Header("mip6-ip4-hoa", "ip4", "5.7.3"),
    Header("mip6-ip6-hnp", "prefix6", "5.7.3"),
    Header("mip6-ip4-hnp", "prefix4", "5.7.3"),
    Header("dns-ip6", "ip6", "5.7.4"),
    Header("dns-ip4", "ip4", "5.7.4"),
]

NOTES = {
    "NaiGrammar": ("the identity is not checked against the NAI grammar", "identities that no AAA server knows", "VA-01", "5.5.1"),
    "NaiOneLabelRealm": ("a realm of one label is taken", "identities outside RFC 4282", "VA-02", "5.5.1"),
    "NaiEscape": ("a backslash brings CR, LF or NUL into the identity", "header injection", "VA-03", "5.5.1"),
    "NaiLength": ("long identities are cut or refused too early", "users cannot log in", "VA-04", "5.5.1"),
    "EmptyListElement": ("an empty element in a list is taken", "two parsers see two lists", "TV-14", "5.5.2"),
    "UnknownMethod": ("an unknown method spoils the whole list", "no extension is possible", "VA-22", "5.5.2"),
    "OddHex": ("half an octet is accepted", "keys and messages of the wrong length", "TV-12", "5.5.3"),
    "HexCase": ("one case of hex digits is refused", "two correct peers cannot talk", "TV-10", "5.5.3"),
    "NotHex": ("letters beyond F are taken as digits", "arbitrary octets in keys", "TV-13", "5.5.3"),
    "InnerSpace": ("white space inside one word is dropped", "two parsers see two values", "TV-11", "5.2"),
    "EmptyValue": ("a header without a value is accepted", "missing data is taken for data", "TV-13", "5.5"),
    "EapLength": ("an EAP packet that disagrees with its own length passes", "the EAP layer reads beyond the packet", "VA-20", "5.5.3"),
    "StatusUnlisted": ("a status code outside the list is used", "the peer has to guess what it means", "VA-06", "5.5.4"),
    "StatusContinue": (
        "100 is used although status-code only comes with the final response",
        "an exchange that never ends",
        "VA-07",
        "5.5.4",
    ),
    "MacLength": ("a shortened or longer MAC is compared", "forgery becomes cheaper", "AU-05", "5.5.5"),
    "RandomLength": ("a random of another length is accepted", "less freshness than the exchange relies on", "VA-11", "5.5.8"),
    "DateForm": ("another date format is read", "the end of an SA is read two ways", "VA-09", "5.6.3"),
    "DateDelta": ("seconds instead of a date", "the waiting time is read two ways", "VA-08", "5.5.6"),
    "DateWeekday": ("the weekday does not belong to the date", "a sender with a broken calendar goes unseen", "VA-09", "5.6.3"),
    "DateImpossible": ("a day or time that no calendar has", "the end of an SA is undefined", "VA-09", "5.6.3"),
    "SpiRange": (
        "an SPI of 0 or above 28 bits, or one that wraps into range",
        "the packet type is overwritten, or no SA is found",
        "VA-12",
        "5.6.1",
    ),
    "LeadingZeros": ("leading zeros are refused or change the base", "the number is read two ways", "VA-12", "5.6.1"),
    "ScopeUndefined": ("a scope other than 0 and 1 is taken for one of them", "data travels in the clear unnoticed", "VA-13", "5.6.4"),
    "ScopeLetterO": ("the letter O printed in the RFC is used for the digit 0", "strict peers refuse", "VA-13", "5.6.4"),
    "SuiteSpace": ("a space instead of the comma, as in damaged copies of the draft", "no common suite", "TV-15", "5.6.5"),
    "SuiteUnknown": ("an unknown suite in the list spoils the list, or is selected", "no extension, or no protection", "VA-21", "5.6.5"),
    "ImpliedSpace": ("white space between words is refused", "peers that follow RFC 2616 are locked out", "TV-01", "5.2"),
    "Ip6Compressed": ("the compressed form is sent, which the grammar lacks", "strict peers refuse", "VA-14", "5.7"),
    "Ip6LineBreak": ("the CRLF printed inside ip6-addr is sent", "an empty line ends the message early", "VA-15", "5.7"),
    "Ip6Grammar": ("an address without eight words of one to four digits is taken", "traffic goes elsewhere", "", "5.7"),
    "Ip4Grammar": ("an octet above 255 or a missing one is taken", "traffic goes elsewhere", "VA-16", "5.7"),
    "Ip4LeadingZeros": ("leading zeros are read as octal", "traffic goes elsewhere", "VA-16", "5.7"),
    "PrefixRange": ("a prefix longer than the address is taken", "routing tables break", "VA-17", "5.7"),
    "Prefix100To128": ("three digits of prefix length, which the grammar lacks", "strict peers refuse", "VA-17", "5.7"),
    "PrefixHostBits": ("bits behind the prefix are kept", "the prefix matches nothing", "VA-18", "5.7"),
    "Produced": ("a parser was only tried with lines that its authors thought of", "rare but legal lines are refused", "", "5.5"),
    "AgainstGrammar": ("a line that the printed grammar does not produce is taken", "two parsers see two values", "", "5.5"),
    "BeyondGrammar": ("the grammar is all that is checked: no ranges, lengths or calendars", "values that mean nothing are used", "", "5.5"),
    "NotInGrammar": ("the grammar is all that is allowed: no implied white space, no code points to come", "two correct peers cannot talk", "TV-01", "5.5"),
    "PortRange": ("port 0 or a port above 65535, or one that wraps into range", "packets go to another service", "VA-19", "5.7.2"),
}


def group() -> Group:
    g = Group("rfc6618", "headers", "rfc6618", NOTES)
    by_name = {header.name: header for header in HEADERS}
    header_identity.rows(g, by_name)
    header_security.rows(g, by_name)
    header_address.rows(g, by_name)
    header_produced.rows(g, by_name)
    _empty_values(g)
    _compare_with_grammar(g)
    return g


def _compare_with_grammar(g: Group):
    """Where the printed grammar and the text around it disagree, a flag says so; a row that is refused has one anyway."""
    for row in g.rows:
        allowed = grammar.allows(row["name"], bytes.fromhex(row["input"]))
        if row["result"] == "invalid" and allowed:
            row["flags"].append("BeyondGrammar")
        elif row["result"] == "valid" and not allowed:
            row["flags"].append("NotInGrammar")
        elif row["result"] == "invalid" and not row["flags"]:
            row["flags"].append("AgainstGrammar")


def _empty_values(g: Group):
    for h in HEADERS:
        h.refuse(g, "empty", "", "no value at all", ["EmptyValue"])
        h.refuse(g, "only-spaces", "  \t ", "white space is not a value", ["EmptyValue"])

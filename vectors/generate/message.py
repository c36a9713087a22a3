"""RFC 6618 sections 5.3, 5.8 and 5.9: which message has which headers.

A row is the whole Content of one message whose place in the exchange is known: `method`, `kind`
and Identifier. The MAC, if there is one, is right; what is asked is whether the headers are all
there, once, and legal in this place.
"""

from dataclasses import replace

from .conversation import (
    END,
    FAILURE,
    SUCCESS,
    Message,
    Setting,
    bootstrap,
    eap_messages,
    eap_refusal,
    psk_messages,
    psk_refusal,
    sa_data,
    with_value,
    without,
)
from .group import Group
from .suites import SUITES

NOTES = {
    "Missing": ("a message without a header that it needs is processed", "an end acts on what it was never told", "MS-03", "5.3"),
    "MissingSaData": ("a success without all SA data is taken", "an SA without keys or end", "SA-01", "5.3"),
    "MissingRand": ("psk goes on without both random values", "old exchanges can be replayed", "MS-02", "5.8"),
    "RandOfEap": ("the first request in eap is refused for want of mn-rand", "two correct peers cannot talk", "MS-02", "5.9"),
    "NotNeeded": ("a header that may be absent is demanded", "two correct peers cannot talk", "SA-07", "5.7"),
    "RefusalBare": ("a refusal without random values or auth is not taken for one", "an exchange that never ends", "MS-05", "5.8"),
    "RefusalWithoutAuth": ("a refusal without auth is not taken for one", "an exchange that never ends", "AU-06", "5.8"),
    "RefusalWithSaData": ("SA data beside a refusal is taken", "keys for those who were refused", "MS-05", "5.3"),
    "StatusTooEarly": ("200 outside the last response is taken", "a success that proves nothing", "MS-04", "5.5.4"),
    "MidInPsk": ("a middle message is taken in psk", "an exchange that never ends", "MS-08", "5.8"),
    "TwoMethods": (
        "a response that selects two methods, or one that nobody knows, is taken",
        "each end acts on another method",
        "MS-09",
        "5.5.2",
    ),
    "EapMissing": ("a message of the EAP exchange without EAP packet is processed", "success without authentication", "EA-06", "5.9"),
    "EapMissingTolerable": ("a method that ends with the HAC's packet cannot finish", "two correct peers cannot talk", "EA-03", "5.9"),
    "EapResult": ("status and EAP result disagree and one of them is believed", "success without authentication", "EA-06", "5.5.4"),
    "SuccessTooEarly": ("EAP-Success in a middle response is taken for the end", "success without an SA", "EA-04", "5.9"),
    "IdentityAgain": ("a second identity in the last request replaces the first", "keys for somebody else", "MS-07", "5.8"),
    "HacRandInEap": ("hac-rand is demanded or refused in eap", "two correct peers cannot talk", "EA-12", "5.9"),
    "AnyOrder": ("headers are expected in the order of the lists", "two correct peers cannot talk", "TV-08", "5.2"),
    "BadValue": ("a header with an illegal value is passed over", "an end acts on what it did not understand", "TV-13", "5.5"),
    "Repeated": ("a header that may come once comes twice", "two parsers see two values", "TV-06", "5.2"),
    "RepeatedTolerable": ("a header that should come once comes twice", "two parsers see two values", "TV-06", "5.2"),
    "RepeatedList": ("lists in two headers are not joined", "an offer is lost", "TV-06", "5.2"),
    "SaInRequest": ("SA parameters in a request have an effect", "the MN chooses its own keys", "TV-16", "5.6"),
    "EqualKeys": ("both directions get one key", "packets can be sent back to their author", "SA-05", "4.3"),
    "PastEnd": ("an SA that has ended already is used", "keys live longer than agreed", "VA-10", "5.6.3"),
    "MethodAfterInit": ("auth-method in a later response changes the message", "two parsers see two messages", "MS-01", "5.3"),
}

LISTS = ("auth-method", "mip6-suitelist", "dns-ip6", "dns-ip4")
SOFT = (
    "eap-payload",
    "mip6-sa-validity-end",
    "mip6-sas",
    "mip6-haa-ip6",
    "mip6-haa-ip4",
    "mip6-port",
    "mip6-ip6-hoa",
    "mip6-ip4-hoa",
    "mip6-ip6-hnp",
    "mip6-ip4-hnp",
)
KINDS = {
    "init-request": "request-init",
    "mid-request": "request-mid",
    "done-request": "request-done",
    "init-response": "response-init",
    "mid-response": "response-mid",
    "done-response": "response-final",
    "refusal": "response-final",
}


def group() -> Group:
    g = Group("rfc6618", "message", "rfc6618", NOTES)
    for method, message in _all():
        _one(g, method, message)
    _suites(g)
    _results(g)
    _strange(g)
    return g


def _all() -> list[tuple[str, Message]]:
    eap = eap_messages()
    return [("psk", message) for message in psk_messages() + [psk_refusal()]] + [("eap", message) for message in eap + [eap_refusal()]]


def _facts(method: str, message: Message, content: bytes | None = None) -> dict:
    octets = Setting().content(message) if content is None else content
    signed = message.key != "none" and b"auth:" in octets
    return {
        "method": method,
        "kind": KINDS[message.name],
        "identifier": message.identifier,
        "key": Setting().key(message.key).hex() if signed else None,
        "certificate_hash": Setting().certificate_hash.hex() if signed else None,
        "text": octets.decode("latin-1"),
        "content": octets.hex(),
    }


def _one(g: Group, method: str, message: Message):
    where = f"{method}/{message.name}"
    section = "5.8" if method == "psk" else "5.9"
    g.valid(f"{where}/whole", "as the list has it", section, **_facts(method, message))
    backwards = replace(message, headers=message.headers[::-1])
    g.valid(f"{where}/backwards", "the same headers in reverse order, auth last", section, ["AnyOrder"], **_facts(method, backwards))
    for name, _ in message.headers:
        _missing(g, method, message, name, section)
        _bad_value(g, method, message, name, section)
        _repeated(g, method, message, name, section)
    if message.key != "none":
        _missing_auth(g, method, message, section)


def _missing(g: Group, method: str, message: Message, name: str, section: str):
    facts = _facts(method, without(message, name))
    slug, comment = f"{method}/{message.name}/no-{name}", f"{name} is missing"
    if name in dict(bootstrap()):
        g.valid(slug, f"{comment}: nothing has to be bootstrapped", "5.7", ["NotNeeded"], **facts)
    elif message.name == "refusal" and name != "status-code":
        g.lenient(slug, f"{comment}: a refusal is one all the same", section, name, "valid", ["RefusalBare"], **facts)
    elif (method, message.name, name) == ("eap", "init-request", "mn-rand"):
        g.lenient(slug, f"{comment}: good form, but nothing needs it", section, name, "valid", ["RandOfEap"], **facts)
    elif method == "eap" and name == "eap-payload" and message.name in ("mid-response", "done-request"):
        g.lenient(slug, f"{comment}: a method may have ended with the packet before", section, name, None, ["EapMissingTolerable"], **facts)
    else:
        g.invalid(slug, comment, section, name, [_flag_of_missing(message, name)], **facts)


def _flag_of_missing(message: Message, name: str) -> str:
    if name in ("mn-rand", "hac-rand"):
        return "MissingRand"
    if name == "eap-payload":
        return "EapMissing"
    return "MissingSaData" if message.name == "done-response" and name != "status-code" else "Missing"


def _missing_auth(g: Group, method: str, message: Message, section: str):
    facts = _facts(method, message, message.covered() + END)
    slug = f"{method}/{message.name}/no-auth"
    if message.name == "refusal":
        g.lenient(slug, "auth is missing: there may have been no key", section, "auth", "valid", ["RefusalWithoutAuth"], **facts)
    else:
        g.invalid(slug, "auth is missing", section, "auth", ["Missing"], **facts)


def _bad_value(g: Group, method: str, message: Message, name: str, section: str):
    wrong = with_value(message, name, {"mn-id": "@", "auth-method": "psk;eap"}.get(name, "!"))
    g.invalid(
        f"{method}/{message.name}/bad-{name}", f"the value of {name} is illegal", section, name, ["BadValue"], **_facts(method, wrong)
    )


def _repeated(g: Group, method: str, message: Message, name: str, section: str):
    at = next(i for i, header in enumerate(message.headers) if header[0] == name)
    twice = replace(message, headers=message.headers[:at] + message.headers[at : at + 1] + message.headers[at:])
    facts, slug = _facts(method, twice), f"{method}/{message.name}/twice-{name}"
    if name == "auth-method" and message.name == "init-response":
        g.invalid(slug, "exactly one method is selected", section, name, ["TwoMethods"], **facts)
    elif name in LISTS:
        g.valid(slug, "two headers are one longer list", section, ["RepeatedList"], **facts)
    elif name in SOFT:
        g.lenient(slug, f"{name} comes twice: refusing and taking one conform", section, name, None, ["RepeatedTolerable"], **facts)
    else:
        g.invalid(slug, f"{name} comes twice", section, name, ["Repeated"], **facts)


def _suites(g: Group):
    """The SA data of every suite, and of suites with keys that are not theirs."""
    for suite in SUITES:
        name = suite.name.lower().replace("_", "-")
        for scope in ("0", "1"):
            last = psk_messages(suite, scope=scope)[-1]
            g.valid(f"suite/{name}/scope-{scope}", "a success with the keys of this suite", "5.6", **_facts("psk", last))
        same = with_value(psk_messages(suite)[-1], "mip6-ha-to-mn-ikey", suite.ikey().hex())
        g.lenient(
            f"suite/{name}/equal-ikeys",
            "no HAC may send it, an MN may take it",
            "4.3",
            "mip6-ha-to-mn-ikey",
            None,
            ["EqualKeys"],
            **_facts("psk", same),
        )
        if suite.ekey_len:
            for direction in ("mn-to-ha", "ha-to-mn"):
                header = f"mip6-{direction}-ekey"
                g.invalid(
                    f"suite/{name}/no-{direction}-ekey",
                    "this suite encrypts",
                    "5.6.2",
                    header,
                    ["MissingSaData"],
                    **_facts("psk", without(psk_messages(suite)[-1], header)),
                )
            same = with_value(psk_messages(suite)[-1], "mip6-ha-to-mn-ekey", suite.ekey().hex())
            g.lenient(
                f"suite/{name}/equal-ekeys",
                "no HAC may send it, an MN may take it",
                "4.3",
                "mip6-ha-to-mn-ekey",
                None,
                ["EqualKeys"],
                **_facts("psk", same),
            )


def _results(g: Group):
    for name, value in sa_data(SUITES[3], "1"):
        for method, refusal in (("psk", psk_refusal()), ("eap", eap_refusal())):
            wrong = replace(refusal, headers=((name, value),) + refusal.headers)
            g.invalid(
                f"{method}/refusal/with-{name}", "a refusal has no SA data", "5.3", name, ["RefusalWithSaData"], **_facts(method, wrong)
            )
    for status in ("400", "401", "500", "501", "503", "504"):
        g.valid(f"psk/refusal/status-{status}", "one of the listed codes", "5.5.4", **_facts("psk", psk_refusal(status)))
        early = replace(psk_refusal(status), identifier=1, headers=(("mn-rand", psk_refusal().headers[0][1]), ("status-code", status)))
        g.valid(
            f"psk/refusal/status-{status}-at-once", "the first response may refuse; hac-rand was never sent", "5.8", **_facts("psk", early)
        )
        bare = replace(psk_refusal(status), identifier=1, key="none", headers=(("status-code", status),))
        g.valid(
            f"psk/refusal/status-{status}-bare",
            "nobody knows this identity: there is no key",
            "5.8",
            ["RefusalWithoutAuth"],
            **_facts("psk", bare),
        )
    for status in ("100", "201", "299", "301", "404", "505"):
        g.invalid(
            f"psk/refusal/status-{status}",
            "no code that ends an exchange",
            "5.5.4",
            "status-code",
            ["BadValue"],
            **_facts("psk", psk_refusal(status)),
        )
    late = replace(psk_refusal("503"), headers=psk_refusal("503").headers + (("retry-after", "Fri, 01 Jan 2038 00:00:00 GMT"),))
    g.valid("psk/refusal/retry-after", "503 may say when to come back", "5.5.6", **_facts("psk", late))
    past = with_value(psk_messages()[-1], "mip6-sa-validity-end", "Sun, 06 Nov 1994 08:49:37 GMT")
    g.lenient(
        "psk/done-response/past-end",
        "the message is whole, its SA ended long ago: it is not used",
        "5.6.3",
        "mip6-sa-validity-end",
        None,
        ["PastEnd"],
        **_facts("psk", past),
    )


def _strange(g: Group):
    for method, first in (("psk", psk_messages()[1]), ("eap", eap_messages()[1])):
        early = replace(first, headers=first.headers + (("status-code", "200"),))
        g.invalid(
            f"{method}/init-response/with-status-200",
            "200 comes with the last response only",
            "5.5.4",
            "status-code",
            ["StatusTooEarly"],
            **_facts(method, early),
        )
        for slug, value in (("two", "psk,eap"), ("unknown", "sim")):
            g.invalid(
                f"{method}/init-response/{slug}-methods",
                "exactly one of the two methods is selected",
                "5.5.2",
                "auth-method",
                ["TwoMethods"],
                **_facts(method, with_value(first, "auth-method", value)),
            )
    done = psk_messages()[2]
    again = replace(done, headers=(("mn-id", "mn@example.org"),) + done.headers)
    g.lenient(
        "psk/done-request/with-mn-id", "the same identity once more", "5.8", "mn-id", "valid", ["IdentityAgain"], **_facts("psk", again)
    )
    mid = replace(eap_messages()[2], key="psk")
    g.lenient("psk/mid-request", "psk has no middle exchange", "5.8", "content", "invalid", ["MidInPsk"], **_facts("psk", mid))
    success = with_value(eap_messages()[3], "eap-payload", SUCCESS)
    g.invalid(
        "eap/mid-response/success",
        "EAP-Success comes with the last response only",
        "5.9",
        "eap-payload",
        ["SuccessTooEarly"],
        **_facts("eap", success),
    )
    for slug, message in (
        ("success-with-401", eap_refusal(3, "one", SUCCESS)),
        ("failure-with-200", with_value(eap_messages()[-1], "eap-payload", FAILURE)),
    ):
        if slug == "success-with-401":
            g.valid(
                f"eap/refusal/{slug}", "EAP succeeded, the HAC refuses: that is a refusal", "5.5.4", ["EapResult"], **_facts("eap", message)
            )
        else:
            g.invalid(
                f"eap/done-response/{slug}",
                "EAP failed: there is no success",
                "5.5.4",
                "eap-payload",
                ["EapResult"],
                **_facts("eap", message),
            )
    first = eap_messages()[1]
    g.valid(
        "eap/init-response/with-hac-rand",
        "nobody needs it: it is passed over",
        "5.9",
        ["HacRandInEap"],
        **_facts("eap", replace(first, headers=psk_messages()[1].headers[:2] + first.headers)),
    )
    last = eap_messages()[-1]
    g.valid(
        "eap/done-response/with-auth-method",
        "the status makes it the last response",
        "5.3",
        ["MethodAfterInit"],
        **_facts("eap", replace(last, headers=(("auth-method", "eap"),) + last.headers)),
    )
    for name, value in sa_data(SUITES[3], "1")[1:] + bootstrap():
        if name == "mip6-sas":
            continue
        wrong = replace(done, headers=((name, value),) + done.headers)
        g.lenient(
            f"psk/done-request/with-{name}",
            "passing over and refusing both conform; it never has an effect",
            "5.6",
            name,
            None,
            ["SaInRequest"],
            **_facts("psk", wrong),
        )

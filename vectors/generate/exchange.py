"""RFC 6618 sections 5.8 and 5.9: whole exchanges, every octet inside TLS, container by container.

A row begins with nothing and ends with the last message that counts. A valid row is a conversation
of two ends that conform, successful or not (`outcome`: the last status). In an invalid row everything
is right up to message `at` (counted from 1), which its receiver has to refuse.
"""

from dataclasses import replace

from . import eap, gpsk, seed
from .conversation import (
    PROFILES,
    Message,
    Setting,
    container,
    eap_messages,
    eap_method,
    eap_refusal,
    psk_messages,
    psk_refusal,
    with_value,
)
from .group import Group
from .suites import SUITES

NOTES = {
    "OtherProfile": ("the labels of the other profile are used", "the peers do not understand each other", "AU-01", "5.8"),
    "MacWrong": ("auth is not checked in this message", "anybody can be anybody", "AU-09", "5.8"),
    "OtherBinding": ("auth is made over the certificate of another connection", "a man in the middle stays unseen", "CB-04", "5.8"),
    "IdentifierNotOne": ("the first Identifier is not 1", "exchanges cannot be told apart", "EX-02", "5.3"),
    "IdentifierNotCopied": (
        "the response has another Identifier than its request",
        "a response is taken for another request",
        "EX-04",
        "5.3",
    ),
    "IdentifierNotNew": ("a request has the Identifier of the one before", "an old request is answered again", "EX-03", "5.3"),
    "IdentifierGap": ("a gap in the Identifiers is refused", "two correct peers cannot talk", "EX-03", "5.3"),
    "MnRandChanged": ("mn-rand comes back changed and nobody looks", "old exchanges can be replayed", "MS-10", "5.8"),
    "HacRandChanged": ("hac-rand comes back changed and nobody looks", "old exchanges can be replayed", "MS-10", "5.8"),
    "NotOffered": ("a suite that was not offered is selected", "less protection than wanted", "VA-21", "5.6.5"),
    "MethodNotOffered": ("a method that was not offered is selected", "the exchange is steered by the other end", "MS-09", "5.5.2"),
    "OtherScope": ("a scope other than the proposed one is refused as an error", "the HAC cannot mandate its policy", "MS-11", "5.6.4"),
    "Refused": ("a refusal is not understood as one", "an exchange that never ends", "MS-05", "5.8"),
    "NoCommonSuite": ("a HAC that knows none of the suites selects one", "the exchange fails later", "MS-12", "5.6.5"),
    "KeyOne": ('Init and Mid messages are not keyed with "1"', "the peers do not understand each other", "EA-01", "5.9"),
    "NoMsk": ("a method without MSK cannot finish, or finishes with another key", "the peers do not understand each other", "EA-08", "5.9"),
    "MskNotUsed": (
        'Done messages are keyed with "1" although there is an MSK',
        "anybody in the middle can finish the exchange",
        "EA-02",
        "5.9",
    ),
    "EapFailure": ("EAP-Failure is not taken for the end", "an exchange that never ends", "EA-05", "5.9"),
    "SuccessTooEarly": ("EAP-Success before the last response is taken for the end", "success without an SA", "EA-04", "5.9"),
    "RoundAfterDone": ("a middle response to the last request ends the exchange", "methods with more rounds fail", "EA-03", "5.9"),
    "FirstPacketNotIdentity": (
        "a first EAP packet that does not ask for the identity is refused",
        "methods that know it already fail",
        "EA-09",
        "5.9",
    ),
    "IdentifierLast": ("Identifier 255 is never reached, or followed by 0 or 1", "long EAP methods fail", "EX-05", "5.3"),
    "UnknownIdentity": ("a refusal without auth is demanded to have one", "the MN waits for ever", "AU-06", "5.8"),
}


def group() -> Group:
    g = Group("rfc6618", "exchange", "rfc6618", NOTES)
    for profile in PROFILES:
        _psk(g, profile, Setting(profile))
        _psk_faults(g, profile, Setting(profile))
        _eap(g, profile, Setting(profile))
        _eap_faults(g, profile, Setting(profile))
    return g


def _message(setting: Setting, message: Message, mac=None, identifier=None) -> dict:
    content = setting.content(message, mac)
    whole = container(message.identifier if identifier is None else identifier, content)
    return {
        "name": message.name,
        "direction": message.direction,
        "key": message.key,
        "covered": len(message.covered()),
        "text": content.decode("latin-1"),
        "octets": whole.hex(),
    }


def _secrets(setting: Setting, method: eap.Method | None) -> dict:
    """What the two ends share, and what the EAP method makes of it."""
    if method is None:
        return {"method": "psk", "psk": setting.psk.hex()}
    made = {"msk": method.msk.hex()} if method.msk else {}
    return {"method": "eap", "eap_method": method.name, "eap_secret": method.secret.hex()} | made


def _facts(setting: Setting, method: eap.Method | None, messages: list[dict], at=None) -> dict:
    """`outcome` is the status of the last message, if the last message has one."""
    last = [line[12:] for line in messages[-1]["text"].split("\r\n") if line.startswith("status-code:")]
    outcome = int(last[0]) if last and at is None else None
    return {
        "profile": setting.profile,
        **_secrets(setting, method),
        "certificate_hash": setting.certificate_hash.hex(),
        "messages": messages,
        "outcome": outcome,
        "at": at,
    }


def _where(setting: Setting, method: eap.Method | None, slug: str) -> tuple[str, str]:
    """The slug of the row, and its section."""
    kind, section = ("eap", "5.9") if method else ("psk", "5.8")
    return f"{setting.profile}/{kind}/{slug}", section


def _whole(g: Group, setting: Setting, method, slug: str, comment: str, messages: list[Message], flags=()):
    where, section = _where(setting, method, slug)
    if method and method.msk:
        setting = replace(setting, msk=method.msk)
    facts = _facts(setting, method, [_message(setting, message) for message in messages])
    g.valid(where, comment, section, flags, **facts)


def _broken(g: Group, setting: Setting, method, slug: str, comment: str, fault: str, flag: str, good: list[Message], wrong: dict):
    where, section = _where(setting, method, slug)
    messages = [_message(setting, message) for message in good] + [wrong]
    g.invalid(where, comment, section, fault, [flag], **_facts(setting, method, messages, len(messages)))


def _psk(g: Group, profile: str, s: Setting):
    _whole(g, s, None, "success", "Figure 4", psk_messages())
    for suite in SUITES:
        for scope in ("0", "1"):
            name = suite.name.lower().replace("_", "-")
            _whole(g, s, None, f"success-{name}-scope-{scope}", f"{suite.name} is selected", psk_messages(suite, scope=scope))
    good = psk_messages()
    _whole(
        g, s, None, "scope-mandated", "the MN proposes scope 1, the HAC mandates 0", good[:3] + psk_messages(scope="0")[3:], ["OtherScope"]
    )
    for status in ("401", "500", "503"):
        _whole(g, s, None, f"refused-{status}", "the HAC refuses the last request", good[:3] + [psk_refusal(status)], ["Refused"])
    none = with_value(good[2], "mip6-suitelist", "{00,35}")
    _whole(g, s, None, "no-common-suite", "the HAC knows none of the suites", good[:2] + [none, psk_refusal("501")], ["NoCommonSuite"])
    unknown = Message("refusal", "hac-to-mn", 1, (("mn-rand", good[0].headers[1][1]), ("status-code", "401")), "none")
    where, section = _where(s, None, "unknown-identity")
    facts = _facts(s, None, [_message(s, message) for message in (good[0], unknown)]) | {"psk": None, "certificate_hash": None}
    g.valid(where, "the HAC has no key for this identity", section, ["UnknownIdentity"], **facts)
    both = with_value(good[0], "auth-method", "eap,psk")
    _whole(g, s, None, "both-methods-offered", "the MN offers both methods, the HAC selects psk", [both] + good[1:])
    gap = [good[0], good[1]] + [replace(message, identifier=9) for message in good[2:]]
    facts = _facts(s, None, [_message(s, message) for message in gap])
    g.lenient(
        f"{profile}/psk/identifier-gap", "1, then 9: larger, though not by one", "5.3", "identifier", "valid", ["IdentifierGap"], **facts
    )


def _psk_faults(g: Group, profile: str, s: Setting):
    good = psk_messages()
    other = Setting("draft-01" if profile == "rfc6618" else "rfc6618")
    binding = replace(s, certificate_hash=seed.octets("other connection", 32))
    for number, message in enumerate(good):
        before, name = good[:number], message.name
        for identifier in (2, 255) if number == 0 else ():
            _broken(
                g,
                s,
                None,
                f"{name}/identifier-{identifier}",
                "the first Identifier is 1",
                "identifier",
                "IdentifierNotOne",
                before,
                _message(s, message, identifier=identifier),
            )
        if number == 0:
            continue
        if message.direction == "hac-to-mn":
            _broken(
                g,
                s,
                None,
                f"{name}/identifier-not-copied",
                "not the Identifier of the request",
                "identifier",
                "IdentifierNotCopied",
                before,
                _message(s, message, identifier=message.identifier + 1),
            )
        else:
            _broken(
                g,
                s,
                None,
                f"{name}/identifier-not-new",
                "the Identifier of the request before",
                "identifier",
                "IdentifierNotNew",
                before,
                _message(s, message, identifier=1),
            )
        flipped = s.mac(message)[:-1] + bytes([s.mac(message)[-1] ^ 1])
        for slug, flag, mac in (
            ("mac-wrong", "MacWrong", flipped),
            ("other-profile", "OtherProfile", other.mac(message)),
            ("other-binding", "OtherBinding", binding.mac(message)),
            ("other-key", "MacWrong", replace(s, psk=seed.octets("wrong psk", 32)).mac(message)),
        ):
            _broken(g, s, None, f"{name}/{slug}", NOTES[flag][0], "auth", flag, before, _message(s, message, mac))
        for header, flag in (("mn-rand", "MnRandChanged"), ("hac-rand", "HacRandChanged")):
            if header == "mn-rand" or number > 1:
                changed = with_value(message, header, seed.octets(f"changed {header}", 32).hex())
                _broken(
                    g,
                    s,
                    None,
                    f"{name}/{header}-changed",
                    "signed rightly, but not the value of this session",
                    header,
                    flag,
                    before,
                    _message(s, changed),
                )
    _broken(
        g,
        s,
        None,
        "done-response/not-offered",
        "a suite that the MN did not list",
        "mip6-ciphersuite",
        "NotOffered",
        good[:3],
        _message(s, psk_messages(SUITES[0])[3]),
    )
    wrong = replace(eap_messages()[1], key="psk")
    _broken(
        g,
        s,
        None,
        "init-response/method-not-offered",
        "eap was not offered",
        "auth-method",
        "MethodNotOffered",
        good[:1],
        _message(s, wrong),
    )


def _eap(g: Group, profile: str, s: Setting):
    for rounds in (1, 2, 3, 5):
        method = eap_method(rounds)
        _whole(g, s, method, f"success-{rounds}-rounds", f"Figure 5 with {rounds} middle exchanges", eap_messages(method), ["KeyOne"])
    direct = eap_method(0)
    _whole(
        g,
        s,
        direct,
        "success-no-mid",
        "the first EAP request is answered by Done",
        eap_messages(direct),
        ["FirstPacketNotIdentity", "NoMsk"],
    )
    usual, challenge = eap_method(2), eap.md5().after(eap.IDENTIFY)
    _whole(g, s, challenge, "success-without-msk", "MD5-Challenge makes no MSK", eap_messages(challenge), ["NoMsk"])
    second = gpsk.method(gpsk.HMAC_SHA256).after(eap.IDENTIFY)
    _whole(g, s, second, "success-gpsk-hmac-sha256", "the second ciphersuite of EAP-GPSK", eap_messages(second), ["KeyOne"])
    for suite in SUITES:
        name = suite.name.lower().replace("_", "-")
        first = eap_messages(usual, suite=suite)
        first[-2] = with_value(first[-2], "mip6-suitelist", f"{suite.code},{{00,2F}}" if suite.code != "{00,2F}" else suite.code)
        _whole(g, s, usual, f"success-{name}", f"{suite.name} is selected", first)
    _most(g, profile, s)
    _eap_refused(g, s, challenge)
    good = eap_messages(usual)
    _whole(
        g,
        s,
        usual,
        "refused-after-success",
        "EAP succeeds, the HAC refuses with 503",
        good[:7] + [eap_refusal(4, "msk", usual.result(eap.SUCCESS), "503")],
        ["Refused"],
    )
    _whole(
        g,
        s,
        usual,
        "both-methods-offered",
        "the MN offers both methods, the HAC selects eap",
        [with_value(good[0], "auth-method", "psk,eap")] + good[1:],
    )
    sa = tuple(header for header in good[6].headers if header[0] != "eap-payload")
    early = [replace(good[4], name="done-request", headers=sa + good[4].headers), good[5]]
    facts = _facts(s, usual, [_message(s, message) for message in good[:4] + early + good[6:]])
    g.lenient(
        f"{profile}/eap/round-after-done",
        "the HAC needs one more round and answers Done without a status",
        "5.9",
        "status-code",
        "valid",
        ["RoundAfterDone"],
        **facts,
    )


def _most(g: Group, profile: str, s: Setting):
    """Under draft-01 nothing else would be learned from half a megabyte."""
    if profile == "rfc6618":
        method = eap_method(253)
        _whole(g, s, method, "success-253-rounds", "255 exchanges, the most there can be", eap_messages(method), ["IdentifierLast"])


def _eap_refused(g: Group, s: Setting, challenge: eap.Method):
    unwilling = eap.Method("md5-challenge", (eap.IDENTIFY, eap.WANTS_GPSK), None)
    failed = eap_refusal(3, packet=unwilling.result(eap.FAILURE))
    story = eap_messages(unwilling)[:4]
    nak = Message("mid-request", "mn-to-hac", 3, (("eap-payload", unwilling.packets()[1][1]),), "one")
    _whole(
        g,
        s,
        unwilling,
        "failure-in-mid",
        "the two have no EAP method in common; the MN says so in the middle",
        story + [nak, failed],
        ["EapFailure"],
    )
    wrong = eap.md5(seed.octets("wrong eap secret", 32)).after(eap.IDENTIFY)
    refused = eap_refusal(3, packet=challenge.result(eap.FAILURE))
    _whole(
        g,
        s,
        wrong,
        "failure-at-done",
        "the last response of EAP is of another secret",
        eap_messages(wrong)[:-1] + [refused],
        ["EapFailure"],
    )


def _eap_faults(g: Group, profile: str, s: Setting):
    usual = eap_method(2)
    good, seen = eap_messages(usual), []
    other = Setting("draft-01" if profile == "rfc6618" else "rfc6618")
    binding = replace(s, certificate_hash=seed.octets("other connection", 32))
    for number, message in enumerate(good):
        if number == 0:
            continue
        before, name = good[:number], message.name + ("-2" if message.name in seen else "")
        seen.append(message.name)
        if message.direction == "hac-to-mn":
            _broken(
                g,
                s,
                usual,
                f"{name}/identifier-not-copied",
                "not the Identifier of the request",
                "identifier",
                "IdentifierNotCopied",
                before,
                _message(s, message, identifier=message.identifier + 1),
            )
        else:
            _broken(
                g,
                s,
                usual,
                f"{name}/identifier-not-new",
                "the Identifier of the request before",
                "identifier",
                "IdentifierNotNew",
                before,
                _message(s, message, identifier=message.identifier - 1),
            )
        flipped = s.mac(message)[:-1] + bytes([s.mac(message)[-1] ^ 1])
        for slug, flag, mac in (
            ("mac-wrong", "MacWrong", flipped),
            ("other-profile", "OtherProfile", other.mac(message)),
            ("other-binding", "OtherBinding", binding.mac(message)),
        ):
            _broken(g, s, usual, f"{name}/{slug}", NOTES[flag][0], "auth", flag, before, _message(s, message, mac))
        if message.key == "msk":
            wrong = s.mac(replace(message, key="one"))
            _broken(g, s, usual, f"{name}/key-one", NOTES["MskNotUsed"][0], "auth", "MskNotUsed", before, _message(s, message, wrong))
        else:
            wrong = s.mac(replace(message, key="msk"))
            _broken(g, s, usual, f"{name}/key-msk", NOTES["KeyOne"][0], "auth", "KeyOne", before, _message(s, message, wrong))
    early = with_value(good[3], "eap-payload", "03010004")
    _broken(
        g, s, usual, "mid-response/success", "EAP-Success without a status", "eap-payload", "SuccessTooEarly", good[:3], _message(s, early)
    )
    _broken(
        g,
        s,
        usual,
        "done-response/not-offered",
        "a suite that the MN did not list",
        "mip6-ciphersuite",
        "NotOffered",
        good[:-1],
        _message(s, eap_messages(usual, suite=SUITES[0])[-1]),
    )
    _broken(
        g,
        s,
        usual,
        "init-response/method-not-offered",
        "psk was not offered",
        "auth-method",
        "MethodNotOffered",
        good[:1],
        _message(s, replace(psk_messages()[1], key="one")),
    )

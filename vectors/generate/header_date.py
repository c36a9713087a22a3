"""RFC 2616 section 3.3.1: rfc1123-date, the only date of RFC 6618."""

from datetime import datetime, timezone

from .group import Group

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def rfc1123(unix: int) -> str:
    """The date of a Unix time; strftime would follow the locale."""
    t = datetime.fromtimestamp(unix, timezone.utc)
    return f"{DAYS[t.weekday()]}, {t.day:02} {MONTHS[t.month - 1]} {t.year:04} {t.hour:02}:{t.minute:02}:{t.second:02} GMT"


def good_dates(g: Group, h):
    good = {
        "of-the-http-rfc": 784111777,
        "epoch": 0,
        "leap-day-2000": 951782400,
        "leap-day-2028": 1835395200,
        "end-of-year": 1924991999,
        "after-2038": 2208988800,
        "year-9999": 253402300799,
    }
    for slug, unix in good.items():
        h.print(g, slug, rfc1123(unix), unix, "29 octets, GMT; the value is Unix time in seconds")


def wrong_dates(g: Group, h):
    forms = {
        "rfc850": "Sunday, 06-Nov-94 08:49:37 GMT",
        "asctime": "Sun Nov  6 08:49:37 1994",
        "lower-case": "sun, 06 nov 1994 08:49:37 gmt",
        "utc": "Sun, 06 Nov 1994 08:49:37 UTC",
        "offset": "Sun, 06 Nov 1994 08:49:37 +0000",
        "one-digit-day": "Sun, 6 Nov 1994 08:49:37 GMT",
        "two-digit-year": "Sun, 06 Nov 94 08:49:37 GMT",
        "two-spaces": "Sun,  06 Nov 1994 08:49:37 GMT",
        "no-comma": "Sun 06 Nov 1994 08:49:37 GMT",
        "no-weekday": "06 Nov 1994 08:49:37 GMT",
        "no-seconds": "Sun, 06 Nov 1994 08:49 GMT",
        "iso-8601": "1994-11-06T08:49:37Z",
        "unknown-month": "Sun, 06 Nev 1994 08:49:37 GMT",
        "unknown-weekday": "Son, 06 Nov 1994 08:49:37 GMT",
    }
    for slug, text in forms.items():
        h.refuse(g, slug, text, "not rfc1123-date", ["DateForm"])
    impossible = {
        "day-0": "Sun, 00 Nov 1994 08:49:37 GMT",
        "day-32": "Sun, 32 Nov 1994 08:49:37 GMT",
        "thirty-february": "Fri, 30 Feb 2024 00:00:00 GMT",
        "no-leap-day": "Sun, 29 Feb 2026 00:00:00 GMT",
        "no-leap-day-2100": "Mon, 29 Feb 2100 00:00:00 GMT",
        "hour-24": "Sun, 06 Nov 1994 24:00:00 GMT",
        "minute-60": "Sun, 06 Nov 1994 08:60:00 GMT",
        "second-60": "Sun, 06 Nov 1994 08:49:60 GMT",
    }
    for slug, text in impossible.items():
        h.refuse(g, slug, text, "the form is right, the calendar has no such time", ["DateImpossible"])
    h.discourage(g, "wrong-weekday", "Mon, 06 Nov 1994 08:49:37 GMT", "that day was a Sunday", ["DateWeekday"], 784111777)

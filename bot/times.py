"""Times as a reader sees them: weekday, date, 24 hours (12 for en-US), the zone's city.

Pure. The words are English whatever the machine's locale. Zones are IANA names.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
_TWELVE_HOURS = {"en-us"}


def spoken(at: datetime, zone: str, locale: str = "en-GB", *, city: bool = True) -> str:
    """Day and time of an instant in the reader's zone: "Tue 16 June, 15:00 (Berlin)"."""
    text = f"{spoken_date(at, zone)}, {spoken_time(at, zone, locale)}"
    return f"{text} ({_city(zone)})" if city else text


def spoken_date(day: date | datetime, zone: str = "UTC") -> str:
    """A day, "Tue 16 June": an instant is taken in `zone`, a plain date as it is."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(zone)).date()
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def spoken_time(at: datetime, zone: str, locale: str = "en-GB") -> str:
    """A time in words: "15:00", or "3:00 pm" for a reader with the locale en-US."""
    shown = at.astimezone(ZoneInfo(zone))
    if locale.replace("_", "-").lower() not in _TWELVE_HOURS:
        return f"{shown.hour:02}:{shown.minute:02}"
    half = "am" if shown.hour < 12 else "pm"
    return f"{shown.hour % 12 or 12}:{shown.minute:02} {half}"


def city(zone: str) -> str:
    """The city an IANA zone is named after: "America/New_York" is "New York".

    Zones that are an offset read as one: "Etc/GMT+5", whose sign is turned round, is "UTC-5".
    """
    if zone.startswith("Etc/GMT") and len(zone) > len("Etc/GMT"):
        offset = zone.removeprefix("Etc/GMT")
        return "UTC" + offset.translate(str.maketrans("+-", "-+"))
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def offset_words(zone_a: str, zone_b: str, at: datetime) -> str:
    """How the clocks of `zone_b` stand to those of `zone_a` at that instant.

    From Berlin, Lisbon is "one hour earlier"; equal clocks are "the same time".
    """
    difference = _offset(zone_b, at) - _offset(zone_a, at)
    if not difference:
        return "the same time"
    return f"{_length(abs(difference))} {'later' if difference > timedelta() else 'earlier'}"


def slack_date(at: datetime, zone: str) -> str:
    """A date Slack shows in each reader's own zone; the text names `zone` for all else.

    Works in mrkdwn only. Slack counts whole seconds since 1970.
    """
    fallback = f"{spoken(at, zone, city=False)} {city(zone)}"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def _offset(zone: str, at: datetime) -> timedelta:
    # An aware time always has an offset; the default is for the type checker.
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _length(difference: timedelta) -> str:
    hours, minutes = divmod(difference // timedelta(minutes=1), 60)
    parts = []
    if hours:
        number = _NUMBERS[hours] if hours < len(_NUMBERS) else str(hours)
        parts.append(f"{number} hour{'s' if hours > 1 else ''}")
    if minutes:
        parts.append(f"{minutes} minute{'s' if minutes > 1 else ''}")
    return " ".join(parts)


# Inside spoken() the name `city` is the keyword that asks for it.
_city = city

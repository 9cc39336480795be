"""Times in a reader's words."""

from datetime import UTC, date, datetime
from zoneinfo import available_timezones

import pytest

from bot import times

AT = datetime(2026, 6, 16, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "locale", "words"),
    [
        ("Europe/Berlin", "en-GB", "Tue 16 June, 15:00 (Berlin)"),
        ("America/New_York", "en-US", "Tue 16 June, 9:00 am (New York)"),
        ("Europe/Berlin", "en_US", "Tue 16 June, 3:00 pm (Berlin)"),
        ("Asia/Tokyo", "de-DE", "Tue 16 June, 22:00 (Tokyo)"),
        ("Pacific/Kiritimati", "en-GB", "Wed 17 June, 03:00 (Kiritimati)"),
    ],
)
def test_an_instant_is_spoken_in_the_readers_zone(zone: str, locale: str, words: str):
    assert times.spoken(AT, zone, locale) == words


def test_the_city_can_be_left_out():
    assert times.spoken(AT, "Europe/Berlin", city=False) == "Tue 16 June, 15:00"


@pytest.mark.parametrize(
    ("hour", "words"), [(0, "12:05 am"), (11, "11:05 am"), (12, "12:05 pm"), (23, "11:05 pm")]
)
def test_twelve_hours_around_noon_and_midnight(hour: int, words: str):
    at = datetime(2026, 6, 16, hour, 5, tzinfo=UTC)
    assert times.spoken_time(at, "UTC", "en-US") == words


def test_a_plain_date_is_not_moved_and_an_instant_is():
    assert times.spoken_date(date(2026, 6, 16), "Pacific/Kiritimati") == "Tue 16 June"
    assert times.spoken_date(AT, "Pacific/Kiritimati") == "Wed 17 June"
    assert times.spoken_date(date(2026, 12, 6)) == "Sun 6 December"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/New_York", "New York"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("America/Port-au-Prince", "Port-au-Prince"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT+5", "UTC-5"),
        ("Etc/GMT-14", "UTC+14"),
        ("Etc/GMT", "GMT"),
    ],
)
def test_a_zone_is_named_by_its_city(zone: str, name: str):
    assert times.city(zone) == name


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("Europe/Berlin", "Europe/Lisbon", "one hour earlier"),
        ("Europe/Lisbon", "Europe/Berlin", "one hour later"),
        ("Europe/Berlin", "Europe/Paris", "the same time"),
        ("Europe/Berlin", "Asia/Kathmandu", "three hours 45 minutes later"),
        ("UTC", "Australia/Lord_Howe", "ten hours 30 minutes later"),
        ("Pacific/Kiritimati", "Pacific/Pago_Pago", "25 hours earlier"),
    ],
)
def test_how_two_zones_stand_to_each_other(a: str, b: str, words: str):
    assert times.offset_words(a, b, AT) == words


def test_the_difference_is_the_one_of_that_day():
    march = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)  # only New York has changed its clocks
    assert times.offset_words("Europe/Berlin", "America/New_York", march) == "five hours earlier"
    assert times.offset_words("Europe/Berlin", "America/New_York", AT) == "six hours earlier"


def test_slack_gets_the_instant_and_a_text_that_names_the_zone():
    assert times.slack_date(AT, "Europe/Berlin") == (
        "<!date^1781614800^{date_short_pretty} at {time}|Tue 16 June, 15:00 Berlin>"
    )


def test_every_zone_can_be_spoken():
    for zone in available_timezones():
        words = times.slack_date(AT, zone)
        assert words.count("|") == words.count(">") == 1
        assert times.city(zone) in words

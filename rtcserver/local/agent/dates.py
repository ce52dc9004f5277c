"""Say the time and the date."""

from datetime import datetime

from rtcserver.local.agent.numerals import cardinal, ordinal, year


def time_of_day(now: datetime) -> str:
    """15:45 -> "three forty-five in the afternoon"."""
    if now.hour in {0, 12} and now.minute == 0:
        return "midnight" if now.hour == 0 else "noon"
    hour = cardinal((now.hour - 1) % 12 + 1)
    match now.minute:
        case 0:
            spoken = f"{hour} o'clock"
        case minute if minute < 10:
            spoken = f"{hour} oh {cardinal(minute)}"
        case minute:
            spoken = f"{hour} {cardinal(minute)}"
    return f"{spoken} {_part_of_day(now.hour)}"


def date(now: datetime) -> str:
    """ "Tuesday, the third of March, twenty twenty-six"."""
    return f"{now:%A}, the {ordinal(now.day)} of {now:%B}, {year(now.year)}"


def _part_of_day(hour: int) -> str:
    if hour < 12:
        return "in the morning"
    return "in the afternoon" if hour < 18 else "in the evening"

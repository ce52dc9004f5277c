"""Log lines: whose call they belong to, and what they must not hold."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from rtcserver import config, log


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    log.setup(config.Log(level="info", format="json"), stream)
    return stream


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_names_event_level_logger_and_time(out: io.StringIO) -> None:
    structlog.get_logger("rtcserver.x").info("> response.created", response_id="resp_7")
    (line,) = lines(out)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {
        "event": "> response.created",
        "level": "info",
        "logger": "rtcserver.x",
        "response_id": "resp_7",
    }


def test_lines_of_a_call_carry_its_id_those_of_libraries_too(out: io.StringIO) -> None:
    with log.during_call("rtc_1"):
        structlog.get_logger().info("ours")
        logging.getLogger("aiortc").warning("theirs %d", 5)
    structlog.get_logger().info("after")
    assert [(line["event"], line.get("call_id")) for line in lines(out)] == [
        ("ours", "rtc_1"),
        ("theirs 5", "rtc_1"),
        ("after", None),
    ]


def test_what_was_said_is_replaced_by_its_size(out: io.StringIO) -> None:
    structlog.get_logger().info("heard", transcript="my name is alice", words=("my", "name"))
    (line,) = lines(out)
    assert (line["transcript"], line["words"]) == ("<16>", "<2>")


def test_less_severe_lines_are_left_out(out: io.StringIO) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("aioice").debug("quiet too")
    assert out.getvalue() == ""


def test_an_exception_comes_with_its_traceback(out: io.StringIO) -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger().exception("broke")
    (line,) = lines(out)
    assert "ValueError" in json.dumps(line["exception"])


def test_people_read_plain_lines_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    log.setup(config.Log(level="info", format="console"), out)
    structlog.get_logger().warning("late", by_ms=12)
    assert "[warning" in out.getvalue()
    assert "by_ms=12" in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_traceback_does_not_show_what_variables_hold(
    format_: Literal["json", "console"],
) -> None:
    out = io.StringIO()
    log.setup(config.Log(format=format_), out)
    words = "my name is alice"
    try:
        raise ValueError(len(words))
    except ValueError:
        structlog.get_logger().exception("broke")
    assert "ValueError" in out.getvalue()
    assert f"'{words}'" not in out.getvalue()  # the line of source itself may be shown

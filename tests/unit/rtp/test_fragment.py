import pytest

from rtcserver.errors import ProtocolError
from rtcserver.rtp.fragment import Fragment, read_candidate, read_fragment
from rtcserver.rtp.offer import clean_offer
from tests import offers

PASSWORD = "P2uYro0UCOQ4zxjKXaWCBui1"
HOST = "1387637174 1 udp 2122260223 192.0.2.1 61764 typ host"
OFFER = Fragment("EsAw", PASSWORD)


def test_credentials_and_candidates_are_read_as_rfc_9725_writes_them() -> None:
    text = (
        "a=group:BUNDLE 0 1\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
        "a=mid:0\r\n"
        "a=ice-ufrag:EsAw\r\n"
        f"a=ice-pwd:{PASSWORD}\r\n"
        f"a=candidate:{HOST} generation 0 ufrag EsAw network-id 1\r\n"
        "a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n"
        "a=end-of-candidates\r\n"
    )
    assert read_fragment(text.encode()) == Fragment("EsAw", PASSWORD, (HOST,))


def test_the_same_candidate_for_each_m_line_is_one() -> None:
    part = f"m=audio 9 RTP/AVP 0\r\na=candidate:{HOST}\r\n"
    assert read_fragment(part * 3).candidates == (HOST,)


def test_an_offer_can_be_read_for_what_it_says_about_ice() -> None:
    fragment = read_fragment(clean_offer(offers.load("chromium")))
    assert fragment.ufrag
    assert fragment.password


@pytest.mark.parametrize(
    ("fragment", "restarts"),
    [
        (Fragment(), False),
        (Fragment("EsAw", PASSWORD), False),
        (Fragment("EsAw"), False),
        (Fragment("ysXw", "vw5LmwG4y/e6dPP/zAP9Gp5k"), True),
        (Fragment("EsAw", "vw5LmwG4y/e6dPP/zAP9Gp5k"), True),
    ],
)
def test_new_credentials_ask_for_a_restart(fragment: Fragment, restarts: bool) -> None:
    assert fragment.restarts(OFFER) is restarts


@pytest.mark.parametrize(
    "candidate",
    [
        "",
        "garbage",
        "1 1 udp 2122260223 4d5c7b1e.local 61764 typ host",
        "1 1 udp 2122260223 127.0.0.1 61764 typ host",
        "1 1 udp 2122260223 224.0.0.1 61764 typ host",
        "1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
        "1 2 udp 2122260223 192.0.2.1 61764 typ host",
    ],
)
def test_a_candidate_that_does_no_good_is_passed_over(candidate: str) -> None:
    assert read_candidate(candidate) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff\xfe", "UTF-8"),
        ("garbage", "Line 1"),
        ("a=ice-ufrag:EsAw\r\n{}", "Line 2"),
        ("a=ice-pwd:short", "ice-pwd"),
        ("a=x\r\n" * 20_000, "larger"),
    ],
)
def test_what_is_no_fragment_is_refused(text: bytes | str, why: str) -> None:
    with pytest.raises(ProtocolError, match=why) as caught:
        read_fragment(text)
    assert caught.value.code == "invalid_fragment"

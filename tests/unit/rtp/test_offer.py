import gc
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcserver.errors import ProtocolError
from rtcserver.rtp.offer import clean_offer
from tests import offers
from tests.offers.mutations import mutated_offers

CHROMIUM = offers.load("chromium")
VIDEO = offers.load("chromium_video")


def refusal(sdp: str | bytes, max_bytes: int = 65_536) -> str:
    with pytest.raises(ProtocolError) as caught:
        clean_offer(sdp, max_bytes)
    assert (caught.value.code, caught.value.param) == ("invalid_offer", "sdp")
    return str(caught.value)


def without(sdp: str, *starts: str) -> str:
    lines = [line for line in sdp.split("\r\n") if not line.startswith(starts)]
    return "\r\n".join(lines)


def lines_of(sdp: str, start: str) -> list[str]:
    return [line for line in sdp.split("\r\n") if line.startswith(start)]


@pytest.mark.parametrize("name", offers.NAMES)
def test_real_offers_pass_and_cleaning_twice_changes_nothing(name: str) -> None:
    once = clean_offer(offers.load(name))
    assert clean_offer(once) == once
    assert clean_offer(offers.load(name).replace("\r\n", "\n").encode()) == once


def test_only_opus_of_the_audio_codecs_is_passed_on() -> None:
    cleaned = clean_offer(CHROMIUM)
    assert lines_of(cleaned, "m=audio") == ["m=audio 9 UDP/TLS/RTP/SAVPF 111"]
    assert lines_of(cleaned, "a=rtpmap") == ["a=rtpmap:111 opus/48000/2"]
    assert not lines_of(cleaned, "a=fmtp") + lines_of(cleaned, "a=extmap")


def test_only_numeric_udp_candidates_are_passed_on_without_an_end() -> None:
    assert lines_of(clean_offer(CHROMIUM), "a=candidate") == [
        "a=candidate:1467250027 1 udp 2122260223 192.0.2.7 54400 typ host",
        "a=candidate:842163049 1 udp 1686052607 198.51.100.24 54400 typ srflx",
    ]
    assert not lines_of(clean_offer(offers.load("firefox")), "a=end-of-candidates")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "224.0.0.1", "0.0.0.0", "169.254.1.1", "::1", "a", "1.2.3"]
)
def test_candidates_that_no_browser_has_are_dropped(address: str) -> None:
    assert not lines_of(
        clean_offer(CHROMIUM.replace("192.0.2.7 54400 typ host", f"{address} 54400 typ host")),
        "a=candidate:1467250027",
    )


def test_at_most_sixteen_candidates_are_passed_on() -> None:
    many = "".join(
        f"a=candidate:{n} 1 udp 1 192.0.2.{n % 250} 999 typ host\r\n" for n in range(500)
    )
    cleaned = clean_offer(CHROMIUM.replace("a=mid:0\r\n", f"a=mid:0\r\n{many}"))
    assert len(lines_of(cleaned, "a=candidate")) <= 16


def test_video_is_made_inactive_and_audio_keeps_its_direction() -> None:
    def direction(sdp: str) -> list[str]:
        return re.findall(r"^a=(sendrecv|sendonly|recvonly|inactive)\r$", sdp, re.MULTILINE)

    assert direction(clean_offer(VIDEO)) == ["sendrecv", "inactive"]
    assert direction(clean_offer(CHROMIUM.replace("a=sendrecv", "a=sendonly"))) == ["sendonly"]
    assert direction(clean_offer(CHROMIUM.replace("a=sendrecv", "a=recvonly"))) == ["recvonly"]
    assert direction(clean_offer(without(CHROMIUM, "a=sendrecv"))) == ["sendrecv"]


def test_a_lone_audio_line_needs_neither_mid_nor_bundle() -> None:
    assert lines_of(clean_offer(offers.load("lone_audio")), "a=mid") == ["a=mid:0"]


def test_a_weak_fingerprint_beside_a_good_one_is_dropped() -> None:
    weak = "a=fingerprint:md5 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\r\n"
    good = offers.load("lone_audio")
    assert clean_offer(good.replace("a=setup", f"{weak}a=setup")) == clean_offer(good)


@pytest.mark.parametrize(
    ("sdp", "words"),
    [
        ("", "does not begin with v=0"),
        ("garbage", "does not begin with v=0"),
        (b"v=0\r\n\xff\xfe", "not text in UTF-8"),
        ("v=0\r\nhello", "Line 2 of the offer is not SDP"),
        ("v=0\r\nm=audio -1 RTP/AVP 0", "Line 2 of the offer is not an m-line"),
        ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "no audio m-line"),
        (without(CHROMIUM, "a=fingerprint"), "audio m-line has no a=fingerprint"),
        (CHROMIUM.replace("sha-256", "sha-1"), "audio m-line has no a=fingerprint"),
        (without(CHROMIUM, "a=ice-ufrag"), "audio m-line has no a=ice-ufrag"),
        (without(CHROMIUM, "a=ice-pwd"), "audio m-line has no a=ice-pwd"),
        (without(CHROMIUM, "a=setup"), "audio m-line has no a=setup"),
        (without(CHROMIUM, "a=rtcp-mux"), "audio m-line has no a=rtcp-mux"),
        (without(CHROMIUM, "a=rtpmap:111"), "audio m-line does not offer Opus"),
        (without(VIDEO, "a=rtpmap:96"), "video m-line does not offer VP8"),
        (without(CHROMIUM, "a=mid"), "a=mid of its own"),
        (CHROMIUM.replace("a=mid:1", "a=mid:0"), "a=mid of its own"),
        (without(CHROMIUM, "a=group"), "in one BUNDLE group"),
        (CHROMIUM.replace("BUNDLE 0 1", "BUNDLE 0 2"), "in one BUNDLE group"),
        (without(CHROMIUM, "a=sctp-port"), "no valid a=sctp-port"),
        (CHROMIUM.replace("a=sctp-port:5000", "a=sctp-port:70000"), "no valid a=sctp-port"),
        (CHROMIUM.replace("a=setup:actpass", "a=setup:holdconn"), "malformed a=setup"),
        (CHROMIUM.replace("Qx7P", "Qx", 1), "malformed a=ice-ufrag"),
        (CHROMIUM.replace("Qx7P", "Qx7Q", 1), "differ in ICE or DTLS"),
        (CHROMIUM.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "not UDP/TLS/RTP/SAVPF"),
        (CHROMIUM.replace("webrtc-datachannel", "5000"), "not UDP/DTLS/SCTP"),
    ],
)
def test_a_bad_offer_is_refused_saying_why(sdp: str | bytes, words: str) -> None:
    assert words in refusal(sdp)


def test_an_offer_without_audio_is_refused() -> None:
    start, end = VIDEO.index("m=audio"), VIDEO.index("m=video")
    assert "no audio m-line" in refusal(VIDEO[:start] + VIDEO[end:])


def test_an_offer_over_the_limit_is_refused_before_it_is_read() -> None:
    assert "larger than 65536 bytes" in refusal("v=0\r\n" + "a" * 1_000_000)


@contextmanager
def no_collection() -> Iterator[None]:
    """Going through all that the other tests have left takes 0.1 s: not the offer's fault."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "padding",
    [
        "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
        "a=rtpmap:111 opus/48000/2\r\n",
        "a=ssrc:1 cname:x\r\n",
        "a=fingerprint:sha-256 " + ":".join(["AA"] * 32) + "\r\n",
        "a=" + "x" * 1_000 + "\r\n",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "a=group:BUNDLE" + " 0" * 400 + "\r\n",
        "\r\n",
        "a=",
    ],
)
def test_the_worst_offers_cost_little(padding: str) -> None:
    room = 65_536 - len(CHROMIUM)
    worst = CHROMIUM.replace("a=mid:0\r\n", "a=mid:0\r\n" + padding * (room // len(padding)))
    with no_collection():
        began = time.thread_time()
        try:
            cleaned = clean_offer(worst)
            assert len(cleaned) < 8_000
        except ProtocolError:
            pass
        took_s = time.thread_time() - began
    assert took_s < 0.1


def test_two_thousand_mutations_pass_or_are_refused() -> None:
    passed = 0
    for sdp in mutated_offers(2_000):
        with suppress(ProtocolError):
            clean_offer(sdp)
            passed += 1
    assert 400 < passed < 1_900


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_no_text_at_all_raises_anything_else(text: str) -> None:
    for sdp in (text, f"v=0\r\n{text}", f"{CHROMIUM}{text}"):
        with suppress(ProtocolError):
            clean_offer(sdp)

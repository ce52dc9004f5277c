import asyncio
import json
import re

import pytest
from aiohttp import FormData
from pydantic import SecretStr

from rtcserver.config import Server, Settings
from tests import offers
from tests.loopback.caller import LIMIT_S, Caller
from tests.loopback.door import CALLS, SDP, error_of, open_door, until_calls
from tests.loopback.leaks import nothing_left
from tests.offers.mutations import mutated_offers

SESSION = json.dumps({"type": "realtime", "instructions": "Be a pirate."})


def raw(offer: str) -> tuple[object, dict[str, str]]:
    return offer, SDP


def as_json(offer: str) -> tuple[object, dict[str, str]]:
    body = {"sdp": offer, "session": json.loads(SESSION)}
    return json.dumps(body), {"Content-Type": "application/json"}


def as_form(offer: str) -> tuple[object, dict[str, str]]:
    """As openai-python sends it: no file names."""
    form = FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("sdp", offer, content_type="application/sdp")
    form.add_field("session", SESSION, content_type="application/json")
    return form, {}


def as_files(offer: str) -> tuple[object, dict[str, str]]:
    """As curl -F sdp=@offer.sdp sends it."""
    form = FormData(quote_fields=False)
    form.add_field("sdp", offer.encode(), filename="offer.sdp", content_type="application/sdp")
    form.add_field("session", SESSION, content_type="application/json")
    return form, {}


@pytest.mark.parametrize(
    ("body", "instructions"),
    [(raw, None), (as_json, "Be a pirate."), (as_form, "Be a pirate."), (as_files, "Be a pirate.")],
)
async def test_a_call_begins_by_each_kind_of_body(body, instructions: str | None) -> None:  # type: ignore[no-untyped-def]
    async with open_door() as door, Caller() as caller:
        data, headers = body(await caller.offer())
        async with door.http.post(f"{CALLS}?model=mine", data=data, headers=headers) as response:
            assert response.status == 201, await response.text()
            assert response.content_type == "application/sdp"
            assert re.fullmatch(CALLS + r"/rtc_\w{16,}", response.headers["Location"])
            await caller.connect(await response.text())
        session = (await caller.event("session.created"))["session"]
        assert session["model"] == "mine"
        assert session["instructions"] == (instructions or Settings().session.instructions)


async def test_a_text_is_answered_by_voice_and_the_voice_is_heard() -> None:
    async with open_door() as door, Caller() as caller:
        await door.call(caller)
        content = [{"type": "input_text", "text": "Hello."}]
        item = {"type": "message", "role": "user", "content": content}
        caller.say({"type": "conversation.item.create", "item": item})
        caller.say({"type": "response.create"})
        await caller.event("output_audio_buffer.started")
        done = await caller.event("response.done")
        assert done["response"]["status"] == "completed"
        await caller.event("output_audio_buffer.stopped")
        assert caller.sound().any()


async def test_the_caller_is_heard_by_the_transcriber() -> None:
    async with open_door() as door, Caller() as caller:
        await door.call(caller)
        await caller.event("session.created")
        await caller.until_heard(0.5)
        assert door.transcribers.opened[0].heard_s > 0.1


async def test_hanging_up_ends_the_call_once() -> None:
    async with open_door() as door, Caller() as caller:
        location = await door.call(caller)
        assert door.lobby.active == 1
        async with door.http.post(f"{location}/hangup") as response:
            assert response.status == 200
        await asyncio.wait_for(caller.channel_closed.wait(), LIMIT_S)
        await until_calls(door, 0)
        async with door.http.post(f"{location}/hangup") as response:
            assert response.status == 404
            assert (await error_of(response))["code"] == "not_found"


BAD = offers.load("chromium").replace("a=fingerprint", "a=x-fingerprint")
VIDEO_ONLY = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("data", "headers", "code", "param"),
    [
        ("garbage", SDP, "invalid_offer", "sdp"),
        ("", SDP, "invalid_offer", "sdp"),
        (b"v=0\r\n\xff\xfe", SDP, "invalid_offer", "sdp"),
        (VIDEO_ONLY, SDP, "invalid_offer", "sdp"),
        (BAD, SDP, "invalid_offer", "sdp"),
        ("v=0\r\n" + "a" * 2**20, SDP, "invalid_offer", "sdp"),
        ("{", JSON, "invalid_json", None),
        ("{}", JSON, "missing_required_parameter", "sdp"),
        ('{"sdp": 1}', JSON, "invalid_value", "sdp"),
        ('{"sdp": "garbage"}', JSON, "invalid_offer", "sdp"),
        ('{"sdp": "", "session": {"type": "realtime", "tools": 1}}', JSON, None, "session.tools"),
        (
            '--x\r\nContent-Disposition: form-data; name="y"\r\n\r\n1\r\n--x--\r\n',
            {"Content-Type": "multipart/form-data; boundary=x"},
            "missing_required_parameter",
            "sdp",
        ),
        ("", {"Content-Type": "multipart/form-data"}, "invalid_form", None),
        ("a=b", {"Content-Type": "text/html"}, "unsupported_content_type", "Content-Type"),
        (
            offers.load("chromium"),
            SDP | {"OpenAI-Beta": "realtime=v1"},
            "beta_not_supported",
            "OpenAI-Beta",
        ),
    ],
)
async def test_bad_input_is_refused_saying_what_is_wrong(
    data: str | bytes, headers: dict[str, str], code: str | None, param: str | None
) -> None:
    async with open_door() as door, door.http.post(CALLS, data=data, headers=headers) as response:
        assert response.status == 400
        error = await error_of(response)
        assert error["type"] == "invalid_request_error"
        assert error["code"] == (code or error["code"])
        assert error["param"] == param
        assert error["message"]
        assert door.lobby.active == 0


async def test_a_full_house_refuses_in_time_and_says_when_to_come_back() -> None:
    async with open_door(Settings(server=Server(max_calls=1))) as door, Caller() as caller:
        await door.call(caller)
        offer = offers.load("chromium")
        async with door.http.post(CALLS, data=offer, headers=SDP) as response:
            assert response.status == 503
            assert int(response.headers["Retry-After"]) > 0
            assert (await error_of(response))["code"] == "no_capacity"


async def test_of_many_at_once_no_more_come_in_than_there_is_room_for() -> None:
    async with nothing_left(), open_door(Settings(server=Server(max_calls=3))) as door:

        async def ask() -> int:
            offer = offers.load("chromium")
            async with door.http.post(CALLS, data=offer, headers=SDP) as response:
                return response.status

        statuses = await asyncio.gather(*(ask() for _ in range(12)))
        assert sorted(statuses) == [201] * 3 + [503] * 9


async def test_a_wrong_key_is_refused_and_a_right_one_let_in() -> None:
    settings = Settings(server=Server(api_keys=(SecretStr("one"), SecretStr("two"))))
    async with open_door(settings) as door:
        for headers, status in [
            ({}, 401),
            ({"Authorization": "Bearer three"}, 401),
            ({"Authorization": "Basic two"}, 401),
            ({"Authorization": "Bearer two"}, 400),
        ]:
            async with door.http.post(CALLS, data="x", headers=SDP | headers) as response:
                assert response.status == status
                await error_of(response)
        async with door.http.post(f"{CALLS}/rtc_1/hangup") as response:
            assert response.status == 401


async def test_two_hundred_broken_offers_get_201_or_400_and_leave_nothing() -> None:
    async with nothing_left(), open_door(Settings(server=Server(max_calls=200))) as door:
        statuses: list[int] = []
        for offer in mutated_offers(200, seed=7):
            async with door.http.post(CALLS, data=offer.encode(), headers=SDP) as response:
                statuses.append(response.status)
                if response.status != 201:
                    await error_of(response)
    assert set(statuses) == {201, 400}
    assert statuses.count(201) > 30


async def test_twenty_calls_one_after_another_leave_nothing() -> None:
    async with open_door() as door:
        async with Caller() as caller:
            await door.call(caller)  # what a first call loads once stays
        await until_calls(door, 0)
        async with nothing_left():
            for _ in range(20):
                async with Caller() as caller:
                    location = await door.call(caller)
                    await caller.event("session.created")
                    async with door.http.post(f"{location}/hangup") as response:
                        assert response.status == 200
                await until_calls(door, 0)


async def test_ten_calls_at_once_leave_nothing() -> None:
    async with open_door() as door:

        async def one() -> None:
            async with Caller() as caller:
                await door.call(caller)
                await caller.event("session.created")
                await caller.until_heard(0.5)

        await one()
        await until_calls(door, 0)
        async with nothing_left():
            async with asyncio.TaskGroup() as tasks:
                for _ in range(10):
                    tasks.create_task(one())
            await until_calls(door, 0)

"""openai-python makes WebRTC calls for an aiortc peer, ends them, and gives away client secrets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import APIStatusError, AsyncOpenAI

from tests.clients.openai_talk import asynchronous
from tests.loopback.caller import LIMIT_S, Caller
from tests.loopback.door import KEYED, Door, open_door

PIRATE: dict[str, Any] = {"type": "realtime", "instructions": "Be a pirate."}


@asynccontextmanager
async def client_of(door: Door, api_key: str = "secret") -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{door.url.origin()}/v1", api_key=api_key) as client:
        yield client


def without_candidates(offer: str) -> str:
    """As browsers post it, before they have gathered any."""
    lines = offer.splitlines(keepends=True)
    return "".join(line for line in lines if "candidate" not in line)


@pytest.mark.parametrize("session", [None, PIRATE], ids=["raw", "multipart"])
@pytest.mark.parametrize("shape", [str, without_candidates], ids=["candidates", "none"])
async def test_a_call_is_made_and_hung_up(session: Any, shape: Any) -> None:
    async with open_door(KEYED) as door, client_of(door) as client, Caller() as caller:
        offer = shape(await caller.offer())
        given = {} if session is None else {"session": session}
        answer = await client.realtime.calls.create(sdp=offer, **given)
        assert answer.response.status_code == 201
        await caller.connect(answer.text)
        created = await caller.event("session.created")
        assert (created["session"]["instructions"] == "Be a pirate.") is (session is not None)

        caller.say({"type": "response.create"})
        await caller.event("output_audio_buffer.stopped")
        await caller.until_quiet()
        assert caller.sound().any()

        call_id = answer.response.headers["Location"].rpartition("/")[2]
        await client.realtime.calls.hangup(call_id)
        await asyncio.wait_for(caller.channel_closed.wait(), LIMIT_S)


async def test_a_client_secret_makes_calls() -> None:
    async with open_door(KEYED) as door, client_of(door) as client:
        made = await client.realtime.client_secrets.create(session=PIRATE)  # type: ignore[arg-type]
        assert made.value.startswith("ek_")
        async with asynchronous(str(door.url.origin()), made.value) as talk:
            (created,) = await talk.until("session.created")
        assert created.session.instructions == "Be a pirate."
        async with client_of(door, made.value) as browser, Caller() as caller:
            answer = await browser.realtime.calls.create(sdp=await caller.offer())
            await caller.connect(answer.text)
            created = await caller.event("session.created")
            assert created["session"]["instructions"] == "Be a pirate."


async def test_a_broken_offer_is_refused_with_a_reason() -> None:
    async with open_door() as door, client_of(door) as client:
        with pytest.raises(APIStatusError) as refused:
            await client.realtime.calls.create(sdp="v=0\r\n")
    assert refused.value.status_code == 400
    assert refused.value.code == "invalid_offer"

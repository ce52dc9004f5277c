"""A built-in service that crashes is started again, and the call goes on."""

import asyncio
import os
import signal

import pytest

from tests.conversation.processes import until
from tests.conversation.real_server import RealServer
from tests.conversation.websocket_caller import websocket_call
from tests.speech import utterance

RESTARTED_S = 30.0


@pytest.mark.parametrize("service", ["stt_server", "agent_server", "tts_server"])
async def test_the_next_turn_works_and_remembers(server: RealServer, service: str) -> None:
    module = f"rtcserver.local.{service}"
    async with websocket_call(server.url) as caller:
        caller.say(utterance("my name is martin"))
        await caller.answer()
        (crashed,) = server.pids(module)
        os.kill(crashed, signal.SIGKILL)

        def back() -> bool:
            return (
                server.pids(module) not in ([], [crashed])
                and server.healthy()
                and server.metric("rtc_service_active", service="stt") > 0
            )

        await asyncio.to_thread(until, back, RESTARTED_S, f"{service} is back")
        caller.say(utterance("what is my name"))
        assert (await caller.answer()).transcript == "Your name is Martin."

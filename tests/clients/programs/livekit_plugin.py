"""livekit_plugin.py URL: a turn, a tool and an interruption by livekit-plugins-openai."""

import asyncio
import json
import sys
from typing import Any

from livekit.agents import llm
from livekit.plugins import openai

HEARD_SAMPLES = 48_000  # 2 s


@llm.function_tool
async def open_door() -> str:
    """Open the door"""
    return "it is open"


class Talk:
    def __init__(self, session: Any) -> None:
        self.session = session
        self.errors: list[str] = []
        session.on("error", lambda event: self.errors.append(str(event.error)))

    async def add(self, item: Any) -> None:
        chat = self.session.chat_ctx.copy()
        chat.items.append(item)
        await self.session.update_chat_ctx(chat)

    async def answer(self) -> tuple[list[str], list[Any]]:
        """What is said, and which functions are called."""
        made = await self.session.generate_reply()
        said = []
        async for message in made.message_stream:
            said.append("".join([text async for text in message.text_stream]))
            assert sum([frame.samples_per_channel async for frame in message.audio_stream]) > 24_000
        return said, [call async for call in made.function_stream]

    async def interrupted_answer(self) -> int:
        """How many milliseconds were heard of it."""
        made = await self.session.generate_reply()
        message = await anext(aiter(made.message_stream))
        heard = 0
        async for frame in message.audio_stream:
            if heard > HEARD_SAMPLES:
                break
            heard += frame.samples_per_channel
        self.session.interrupt()
        heard_ms = heard // 24
        self.session.truncate(
            message_id=message.message_id, modalities=["audio"], audio_end_ms=heard_ms
        )
        async for _ in message.text_stream:
            pass
        return heard_ms


def user(text: str) -> Any:
    return llm.ChatMessage(role="user", content=[text])


async def main(url: str) -> None:
    session = openai.realtime.RealtimeModel(base_url=f"{url}/v1", api_key="unused").session()
    truncated = asyncio.Event()
    session.on(
        "openai_server_event_received",
        lambda event: truncated.set() if event["type"] == "conversation.item.truncated" else None,
    )
    talk = Talk(session)
    await session.update_instructions("Be brief.")
    await session.update_tools([open_door])
    await talk.add(user("what is two plus three"))
    said, _ = await talk.answer()
    await talk.add(user("please open door"))
    opening, (call,) = await talk.answer()
    result = {"call_id": call.call_id, "name": call.name, "output": "it is open"}
    await talk.add(llm.FunctionCallOutput(**result, is_error=False))
    opened, _ = await talk.answer()
    await talk.add(user("count from one to one hundred"))
    heard_ms = await talk.interrupted_answer()
    await asyncio.wait_for(truncated.wait(), 10)
    await session.aclose()
    found = {"said": said + opening + opened, "tool": call.name, "heard_ms": heard_ms}
    print(json.dumps({**found, "errors": talk.errors}))  # noqa: T201


asyncio.run(main(sys.argv[1]))

"""Our share of every turn on the real clock, with services that take no time: `make turn-latency`.

What silence is left before an answer is what `turn.silence_duration_ms` asks for, and ours.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from loadtests.bot import Call
from loadtests.figures import Summary, summarize
from loadtests.own_server import own_server
from loadtests.speech import scripts
from loadtests.turn import Mark
from loadtests.workers import hold_calls
from rtcserver.config import Turn
from tests.adapters.stubs.faults import Stub
from tests.adapters.stubs.kyutai_stt import KyutaiSttStub
from tests.adapters.stubs.kyutai_tts import KyutaiTtsStub
from tests.adapters.stubs.openai_chat import OpenAiChatStub

SHARE_S = 0.060
_SILENCE_S = Turn().silence_duration_ms / 1000


def main() -> int:
    """0 if the server kept its share, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.turn_latency", description=__doc__)
    parser.add_argument("--calls", type=int, default=2, help="calls at once")
    parser.add_argument("--turns", type=int, default=20, help="turns of each call")
    args = parser.parse_args()
    calls = asyncio.run(measure(args.calls, args.turns))
    told, felt = shares(calls)
    problems = [call.problem for call in calls if call.problem]
    kept = told.p95 <= SHARE_S and not problems
    sys.stdout.write(
        f"silence before the answer beyond {_SILENCE_S:g} s, of {told.count} turns\n"
        f"  {_row('from the last window of speech to the first sample', told)}\n"
        f"  {_row('from the last sound to the answer at the caller', felt)}\n"
        f"  budget of the first {SHARE_S * 1000:g} ms: {'kept' if kept else 'NOT kept'}\n"
        + "".join(f"  call failed: {problem}\n" for problem in problems)
    )
    return 0 if kept else 1


async def measure(calls: int, turns: int) -> list[Call]:
    stubs: dict[str, Stub] = {
        "stt": KyutaiSttStub(word_for_sound="hello", slots=calls),
        "llm": OpenAiChatStub(),
        "tts": KyutaiTtsStub(slots=4 * calls),
    }
    async with AsyncExitStack() as stack:
        command = ["-m", "rtcserver", "serve", "--port", "0"]
        for service, stub in stubs.items():
            url = await stack.enter_async_context(stub.running())
            command += [f"--{service}.url", url]
        server = await stack.enter_async_context(own_server(tuple(command)))
        return await hold_calls(server, scripts(calls, turns), workers=1)


def shares(calls: Sequence[Call]) -> tuple[Summary, Summary]:
    """As the server tells it, and as the caller hears it, whose speech may fade before it ends."""
    turns = [turn for call in calls for turn in call.turns]
    told = summarize(turn.silence_s - _SILENCE_S for turn in turns if turn.silence_s is not None)
    felt = summarize(
        turn.marks[Mark.FIRST_AUDIO] - turn.marks[Mark.USER_AUDIO_END] - _SILENCE_S
        for turn in turns
        if Mark.FIRST_AUDIO in turn.marks
    )
    return told, felt


def _row(name: str, summary: Summary) -> str:
    figures = [summary.mean, summary.median, summary.p90, summary.p95]
    shown = [f"{figure * 1000:7.1f}" for figure in figures]
    return f"{name:52} mean {shown[0]}  median {shown[1]}  p90 {shown[2]}  p95 {shown[3]} ms"


if __name__ == "__main__":
    sys.exit(main())

"""What the built-in engines promise, measured: `make embedded`.

The bots share the machine with the server, so a machine that is busy breaks promises of its own.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from statistics import fmean

import aiohttp

from loadtests.bot import Call
from loadtests.figures import Summary, summarize
from loadtests.histogram import Histogram, read_histogram
from loadtests.own_server import own_server
from loadtests.speech import scripts
from loadtests.workers import hold_calls
from rtcserver.timer import now
from tests.adapters.local_service import Service, connected, running
from tests.adapters.word_errors import MOST_ERRORS, VOICES, word_error_rate

_FIRST_AUDIO_S = 0.05
_STEP_LAG_S = 0.1
_LOOP_HELD_S = 0.02
_SERVE = ("-m", "rtcserver", "serve", "--port", "0")
_ENGINES = ("--stt.url", "pocketsphinx:", "--llm.url", "agent:", "--tts.url", "flite:slt")
_SPEAK = "/api/tts_streaming?format=PcmMessagePack"
_CLAUSES = (
    "Hello there.",
    "I have found three restaurants near you,",
    "It will probably rain tomorrow afternoon,",
    "Seven plus four is eleven.",
)

Line = tuple[str, bool]
"""A figure in words, and whether it keeps its promise."""


def main() -> int:
    """0 if every promise was kept, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.embedded", description=__doc__)
    parser.add_argument("--calls", type=int, default=8, help="calls at once")
    parser.add_argument("--turns", type=int, default=4, help="turns of each call")
    parser.add_argument("--responses", type=int, default=100, help="spoken one after another")
    args = parser.parse_args()
    lines = asyncio.run(_measure(args.calls, args.turns, args.responses))
    for text, kept in lines:
        sys.stdout.write(f"{'kept' if kept else 'NOT kept':9} {text}\n")
    return 0 if all(kept for _, kept in lines) else 1


async def _measure(calls: int, turns: int, responses: int) -> list[Line]:
    with running("rtcserver.local.tts_server", "--engine", "flite") as service:
        first_audio = summarize([await first_audio_s(service, n) for n in range(responses)])
    with running("rtcserver.local.stt_server", "--engine", "pocketsphinx") as service:
        rates = {voice: await word_error_rate(service, voice) for voice in VOICES}
    held, page = await _under_load(calls, turns)
    return [_spoken(first_audio), _heard(rates), *_loaded(page), *_calls(held)]


async def first_audio_s(service: Service, number: int) -> float:
    """From the first word to the first frame, of a response that is one clause. It ends there: of
    two words alone the service would wait 250 ms for more, which is no work of the engine's."""
    async with connected(service.url + _SPEAK) as client:
        await client.receive()  # Ready
        began = now()
        for word in _CLAUSES[number % len(_CLAUSES)].split():
            await client.send({"type": "Text", "text": word})
        await client.send({"type": "Eos"})
        await client.until("Audio")
        return now() - began


async def _under_load(calls: int, turns: int) -> tuple[list[Call], str]:
    async with own_server((*_SERVE, *_ENGINES)) as url, aiohttp.ClientSession() as http:
        held = await hold_calls(url, scripts(calls, turns), workers=4)
        async with http.get(f"{url}/metrics") as answer:
            return held, await answer.text()


def _spoken(first_audio: Summary) -> Line:
    text = f"Flite: first clause to first audio p95 {first_audio.p95 * 1000:.0f} ms, median "
    text += f"{first_audio.median * 1000:.0f} ms, of {first_audio.count}"
    return f"{text} (≤ {_FIRST_AUDIO_S * 1000:.0f} ms p95)", first_audio.p95 <= _FIRST_AUDIO_S


def _heard(rates: dict[str, float]) -> Line:
    mean = fmean(rates.values())
    each = ", ".join(f"{voice} {rate:.1%}" for voice, rate in rates.items())
    return (
        f"PocketSphinx: word errors {mean:.1%}: {each} (≤ {MOST_ERRORS:.0%})",
        mean <= MOST_ERRORS,
    )


def _loaded(page: str) -> Iterator[Line]:
    lag = read_histogram(page, "rtc_stt_step_lag_seconds")
    text = f"PocketSphinx: a frame is taken in within {lag.quantile(0.95) * 1000:.0f} ms p95"
    kept = lag.total > 0 and lag.at_most(_STEP_LAG_S) >= 0.95 * lag.total
    yield f"{text} of {lag.total:.0f} (≤ {_STEP_LAG_S * 1000:.0f} ms)", kept
    work, loop = (read_histogram(page, f"rtc_loop_{what}_seconds") for what in ("work", "lag"))
    late = loop.total - loop.at_most(_LOOP_HELD_S)
    text = f"server: its loop was late by up to {worst(loop) * 1000:.0f} ms, {late:.0f} of"
    text += f" {loop.total:.0f} times by more than {_LOOP_HELD_S * 1000:.0f} ms (never);"
    text += f" up to {worst(work) * 1000:.0f} ms of it were its own work"
    yield text, loop.total > 0 and not late


def worst(seen: Histogram) -> float:
    """The edge of the highest bucket that holds anything; 0 if none does."""
    reached = [edge for edge in sorted(seen.counts) if seen.counts[edge] == seen.total]
    return reached[0] if seen.total else 0.0


def _calls(held: list[Call]) -> Iterator[Line]:
    problems = [call.problem for call in held if call.problem]
    yield f"{len(held)} calls at once, {len(problems)} with a problem", not problems
    yield from ((problem, False) for problem in problems)


if __name__ == "__main__":
    sys.exit(main())

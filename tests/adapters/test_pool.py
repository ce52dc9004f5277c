"""Leases over several instances, with the shipped fakes as their adapters."""

import asyncio
from contextlib import aclosing

import pytest

from rtcserver.config import Tts
from rtcserver.conversation.context import ChatRequest
from rtcserver.errors import (
    ServiceBroken,
    ServiceBusy,
    ServiceError,
    ServiceFailed,
    ServiceUnavailable,
)
from rtcserver.services.llm.base import ChatEvent, ChatModel, Finish, TextDelta
from rtcserver.services.llm.pooled import PooledChat
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.pool import Instance, Pool
from rtcserver.services.probing import keep_asking
from rtcserver.services.standing import Load
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.tts.elevenlabs import ElevenLabsSynthesizer
from rtcserver.services.tts.pooled import PooledSynthesizer
from rtcserver.services.tts.scripted import ScriptedSynthesizer, ScriptedVoice
from tests import virtual_time
from tests.adapters.stubs.leaks import counted, until
from tests.adapters.stubs.serving import client

KINDS_OF_MISS = ("misses", "hard_misses")
BUSY, DOWN = ServiceBusy("tts", "no free channels"), ServiceUnavailable("tts", "not there")


class Slow(ScriptedSynthesizer):
    """Takes 10 ms to open."""

    async def probe(self) -> float:
        await asyncio.sleep(0.01)
        return await super().probe()


class Telling(ScriptedSynthesizer):
    """Tells how full it is."""

    tells = Load(0, 8)

    async def load(self) -> Load | None:
        await self.probe()
        return self.tells


def instances(*adapters: ScriptedSynthesizer) -> list[Instance[Synthesizer]]:
    return [Instance(f"tts-{number}", adapter) for number, adapter in enumerate(adapters)]


def pool_of(*kinds: list[Instance[Synthesizer]], patience_s: float = 2.0) -> Pool[Synthesizer]:
    return Pool("tts", lambda: kinds, patience_s)


def synthesizer(*kinds: list[Instance[Synthesizer]], patience_s: float = 2.0) -> PooledSynthesizer:
    return PooledSynthesizer(pool_of(*kinds, patience_s=patience_s))


async def test_calls_are_spread_over_instances_of_one_kind_and_come_back() -> None:
    a, b, other = ScriptedSynthesizer(), ScriptedSynthesizer(), ScriptedSynthesizer()
    voices = synthesizer(instances(a, b), instances(other))
    opened = [await voices.open("v") for _ in range(4)]
    assert [len(one.voices) for one in (a, b, other)] == [2, 2, 0]
    for voice in opened:
        await voice.close()
        await voice.close()
    assert [voice.closed for voice in (*a.voices, *b.voices)] == [True] * 4
    assert counted("rtc_service_leases", service="tts", instance="tts-0") == 0


async def test_those_who_come_at_once_are_spread_too() -> None:
    slow = [Slow(), Slow(), Slow()]
    voices = synthesizer(instances(*slow))
    opened = await asyncio.gather(*(voices.open("v") for _ in range(6)))
    assert [len(one.voices) for one in slow] == [2, 2, 2]
    for voice in opened:
        await voice.close()


@pytest.mark.parametrize("refusal", [BUSY, DOWN])
async def test_the_next_instance_and_then_the_next_kind_step_in(refusal: ServiceError) -> None:
    a, b, last = (ScriptedSynthesizer(refuse=refusal) for _ in range(3))
    last.refuse = None
    before = [counted(f"rtc_service_{name}_total", service="tts") for name in KINDS_OF_MISS]
    await (await synthesizer(instances(a, b), instances(last)).open("v")).close()
    after = [counted(f"rtc_service_{name}_total", service="tts") for name in KINDS_OF_MISS]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 0]
    assert len(last.voices) == 1


async def test_when_all_refuse_the_best_ones_reason_is_told() -> None:
    a, b = ScriptedSynthesizer(refuse=BUSY), ScriptedSynthesizer(refuse=DOWN)
    before = [counted(f"rtc_service_{name}_total", service="tts") for name in KINDS_OF_MISS]
    with pytest.raises(ServiceBusy):
        await synthesizer(instances(a), instances(b)).open("v")
    after = [counted(f"rtc_service_{name}_total", service="tts") for name in KINDS_OF_MISS]
    assert [now - then for now, then in zip(after, before, strict=True)] == [6, 1]


async def test_a_slot_that_comes_free_is_found_in_a_later_round() -> None:
    only = ScriptedSynthesizer(refuse=BUSY)
    before = counted("rtc_service_misses_total", service="tts")
    opening = asyncio.create_task(synthesizer(instances(only)).open("v"))
    await until(lambda: counted("rtc_service_misses_total", service="tts") > before)
    only.refuse = None
    await (await opening).close()


async def test_no_new_round_begins_once_patience_is_over() -> None:
    before = counted("rtc_service_misses_total", service="tts")
    only = instances(Slow(refuse=BUSY))
    with pytest.raises(ServiceBusy):
        await synthesizer(only, patience_s=0.005).open("v")
    assert counted("rtc_service_misses_total", service="tts") == before + 1


async def test_what_would_fail_anywhere_is_not_tried_elsewhere() -> None:
    broken, good = ScriptedSynthesizer(refuse=ServiceFailed("tts", "x")), ScriptedSynthesizer()
    with pytest.raises(ServiceFailed):
        await synthesizer(instances(broken, good)).open("v")
    assert good.voices == []


async def test_a_voice_that_cannot_be_says_nothing_against_the_server() -> None:
    async with client() as http:
        eleven = ElevenLabsSynthesizer(http, "elevenlabs+ws://127.0.0.1:9", Tts())
        instance = Instance[Synthesizer]("elevenlabs", eleven)
        with pytest.raises(ServiceFailed, match=r"session\.voice"):
            await synthesizer([instance]).open("my voice!")
        assert not instance.standing.down


async def test_one_found_down_is_passed_over_until_it_answers_again() -> None:
    a, b = ScriptedSynthesizer(refuse=DOWN), ScriptedSynthesizer()
    pool = pool_of(instances(a), instances(b))
    voices = PooledSynthesizer(pool)
    await (await voices.open("v")).close()
    before = counted("rtc_service_misses_total", service="tts")
    await (await voices.open("v")).close()
    assert counted("rtc_service_misses_total", service="tts") == before
    a.refuse = None
    asking = asyncio.create_task(keep_asking(pool, every_s=0.01))
    [[first], _] = pool.instances()
    await until(lambda: not first.standing.down)
    asking.cancel()
    await (await voices.open("v")).close()
    assert len(a.voices) == 1


class Hollow(Telling):
    """Tells its load and opens nothing."""

    async def open(self, voice: str) -> ScriptedVoice:
        raise DOWN


def test_one_that_answers_questions_but_never_opens_costs_ever_less() -> None:
    """In two minutes of a lease each second it is tried six times, not sixty."""

    async def main() -> float:
        pool = pool_of(instances(Hollow()), instances(ScriptedSynthesizer()))
        voices = PooledSynthesizer(pool)
        before = counted("rtc_service_misses_total", service="tts")
        asking = asyncio.create_task(keep_asking(pool))
        for _ in range(120):
            await (await voices.open("v")).close()
            await asyncio.sleep(1)
        asking.cancel()
        return counted("rtc_service_misses_total", service="tts") - before

    assert 1 < virtual_time.run(main()) <= 7


def test_one_that_never_will_work_is_not_even_tried() -> None:
    async def main() -> None:
        never = Instance[Synthesizer]("flite:nosuch", broken, broken=lambda: "no voice nosuch")
        with pytest.raises(ServiceBroken, match="no voice nosuch"):
            await synthesizer([never], patience_s=0.1).open("v")
        voice = await synthesizer([never], instances(ScriptedSynthesizer())).open("v")
        await voice.close()

    broken = ScriptedSynthesizer()
    virtual_time.run(main())
    assert broken.voices == []


async def test_the_load_that_instances_tell_is_kept_fresh() -> None:
    a, b = Telling(), Telling()
    a.tells = Load(used=7, total=8)
    pool = pool_of(instances(a, b))
    voices = PooledSynthesizer(pool)
    asking = asyncio.create_task(keep_asking(pool, every_s=0.01))
    [[first, _]] = pool.instances()
    await until(lambda: first.standing.rank(0.0)[2] == 7 / 8)
    opened = [await voices.open("v") for _ in range(3)]
    assert (len(a.voices), len(b.voices)) == (0, 3)
    b.refuse = DOWN
    await until(lambda: pool.instances()[0][1].standing.down)
    opened.append(await voices.open("v"))
    assert (len(a.voices), len(b.voices)) == (1, 3)
    asking.cancel()
    for voice in opened:
        await voice.close()


async def test_health_is_that_of_the_first_instance_that_answers() -> None:
    a, b = ScriptedSynthesizer(refuse=DOWN), ScriptedSynthesizer()
    voices = synthesizer(instances(a, b))
    assert await voices.probe() == 0.0
    b.refuse = BUSY
    with pytest.raises(ServiceUnavailable, match="not there"):
        await voices.probe()


async def test_a_name_without_addresses_is_told() -> None:
    with pytest.raises(ServiceUnavailable, match="no address"):
        await synthesizer().open("v")


def chat(*models: ScriptedChat) -> PooledChat:
    kinds = [[Instance[ChatModel](f"llm-{n}", model)] for n, model in enumerate(models)]
    return PooledChat(Pool("llm", lambda: kinds, 0.5))


async def ask(model: PooledChat, heard: list[ChatEvent]) -> None:
    """`heard` gets what was said even if it raises."""
    async for event in model.stream(ChatRequest(messages=())):
        heard.append(event)  # noqa: PERF401


async def test_another_model_answers_where_the_first_cannot_begin() -> None:
    first = ScriptedChat([[ServiceUnavailable("llm", "not there")]], first_token_s=0)
    heard: list[ChatEvent] = []
    await ask(chat(first, ScriptedChat(["Two."], first_token_s=0)), heard)
    assert heard == [TextDelta("Two."), Finish("stop")]


async def test_a_reply_that_has_begun_is_not_begun_again_elsewhere() -> None:
    first = ScriptedChat([[TextDelta("One"), ServiceUnavailable("llm", "gone")]], first_token_s=0)
    second = ScriptedChat(["Two."])
    heard: list[ChatEvent] = []
    with pytest.raises(ServiceUnavailable):
        await ask(chat(first, second), heard)
    assert heard == [TextDelta("One")]
    assert second.requests == []


async def test_a_reply_that_is_not_listened_to_any_more_is_stopped() -> None:
    model = ScriptedChat(["One two three."], first_token_s=0)
    async with aclosing(chat(model).stream(ChatRequest(messages=()))) as events:
        assert await anext(events) == TextDelta("One")
    assert model.aborted == 1
    assert counted("rtc_service_leases", service="llm", instance="llm-0") == 0

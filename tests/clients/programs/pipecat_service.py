"""pipecat_service.py URL SPEECH: in a pipeline, speech (a file of PCM) interrupts an answer."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import WorkerRunner
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService

CHUNK_BYTES, CHUNK_S = 960, 0.02
HEARD_BYTES = 96_000  # 2 s


class Listener(FrameProcessor):
    """Keeps what comes out of the service, on either side of it."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []
        self.changed = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        self.changed.set()
        await self.push_frame(frame, direction)

    def all(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


async def speak(worker: PipelineWorker, pcm: bytes) -> None:
    """In real time, and then silence until cancelled."""
    while True:
        chunk, pcm = pcm[:CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0"), pcm[CHUNK_BYTES:]
        await worker.queue_frame(InputAudioRawFrame(chunk, sample_rate=24_000, num_channels=1))
        await asyncio.sleep(CHUNK_S)


async def converse(worker: PipelineWorker, before: Listener, after: Listener, pcm: bytes) -> None:
    await after.until(
        lambda: sum(len(frame.audio) for frame in after.all(TTSAudioRawFrame)) > HEARD_BYTES
    )
    speaking = asyncio.create_task(speak(worker, pcm))
    await after.until(lambda: after.all(InterruptionFrame))
    mark = len(after.frames)
    await after.until(
        lambda: (
            [f for f in after.frames[mark:] if isinstance(f, LLMFullResponseEndFrame)]
            and [f for f in after.frames[mark:] if isinstance(f, TTSTextFrame)]
        )
    )
    speaking.cancel()
    await worker.queue_frame(EndFrame())
    found = {
        "counted": " ".join(
            frame.text for frame in after.frames[:mark] if isinstance(frame, TTSTextFrame)
        ),
        "answered": " ".join(
            frame.text for frame in after.frames[mark:] if isinstance(frame, TTSTextFrame)
        ),
        "heard": [frame.text for frame in before.all(TranscriptionFrame)],
        "errors": [frame.error for frame in before.all(ErrorFrame) + after.all(ErrorFrame)],
    }
    print(json.dumps(found))  # noqa: T201


async def main(url: str, speech: bytes) -> None:
    address = url.replace("http", "ws", 1) + "/v1/realtime"
    service = OpenAIRealtimeLLMService(api_key="unused", base_url=address)
    before, after = Listener(), Listener()
    context = LLMContext([{"role": "user", "content": "count from one to one hundred"}])
    aggregators = LLMContextAggregatorPair(context)
    stages = [aggregators.user(), before, service, after, aggregators.assistant()]
    worker = PipelineWorker(Pipeline(stages), cancel_on_idle_timeout=False)
    started = asyncio.Event()
    worker.add_event_handler("on_pipeline_started", lambda *_: started.set())
    runner = WorkerRunner()
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await asyncio.wait_for(started.wait(), 10)
    await worker.queue_frame(LLMContextFrame(context))
    await converse(worker, before, after, speech)
    await running


asyncio.run(main(sys.argv[1], Path(sys.argv[2]).read_bytes()))

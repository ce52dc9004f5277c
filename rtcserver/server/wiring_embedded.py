"""Start the services that are children of ours, each by the address that names it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from rtcserver.backends import Service, backend_of
from rtcserver.config import Settings
from rtcserver.local.supervisor import Child, Supervisor
from rtcserver.services.pool import Broken, fine

_BUILT_IN: Mapping[Service, str] = {"stt": "auto:", "llm": "agent:", "tts": "auto:"}
"""What is started where no address is given; auto: the best that works here."""


@dataclass(frozen=True, slots=True)
class Reached:
    """An address as it was configured, the URL it stands for, its kind of backend, and why it can
    never work, once that is known."""

    address: str
    url: str
    kind: str
    embedded: bool
    broken: Broken = fine

    @property
    def scheme(self) -> str:
        """That of the URL."""
        return self.url.partition("://")[0]


async def reachable(
    service: Service, addresses: tuple[str, ...], settings: Settings, supervisor: Supervisor
) -> list[Reached]:
    """What `addresses` stand for, in their order. Raises OSError if a child gets no socket."""
    found = []
    for number, address in enumerate(addresses or (_BUILT_IN[service],)):
        backend = backend_of(service, address)
        embedded, url, broken = backend is None or backend.embedded, address, fine
        if embedded:
            name = f"{service}-{number + 1}" if number else service
            scheme, _, rest = address.partition(":")
            module, arguments = _PROGRAMS[service](scheme, rest, settings)
            url = await supervisor.start(Child(name, module, arguments))
            broken = partial(_failure, supervisor, name, f"{service}.url = {address}")
            url = f"{url}/v1" if service == "llm" else url.replace("http:", "ws:", 1)
        found.append(Reached(address, url, backend.name if backend else address, embedded, broken))
    return found


def _failure(supervisor: Supervisor, child: str, setting: str) -> str:
    why = supervisor.failure(child)
    return f"{setting}: {why}" if why else ""


Program = tuple[str, tuple[str, ...]]
"""A module and its arguments."""


def _stt(engine: str, model: str, settings: Settings) -> Program:
    slots = ("--slots", str(settings.local.stt_slots))
    chosen = ("--model", model or settings.local.whisper_model)
    language = ("--language", settings.stt.language)
    return "rtcserver.local.stt_server", ("--engine", engine, *chosen, *language, *slots)


def _tts(engine: str, which: str, settings: Settings) -> Program:
    # Of each call one voice may speak while another one is kept ready.
    slots = ("--slots", str(2 * settings.server.max_calls))
    return "rtcserver.local.tts_server", ("--engine", engine, "--which", which, *slots)


def _agent(_engine: str, _model: str, settings: Settings) -> Program:
    pace = ("--first-token-ms", str(settings.local.first_token_ms))
    speed = ("--tokens-per-s", str(settings.local.tokens_per_s))
    return "rtcserver.local.agent_server", pace + speed


_PROGRAMS: Mapping[Service, Callable[[str, str, Settings], Program]] = {
    "stt": _stt,
    "llm": _agent,
    "tts": _tts,
}

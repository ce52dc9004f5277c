"""Write what the documents take from the code: `make docs`, checked by tests/test_docs.py."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from docs import contract
from rtcserver.backends import BACKENDS, Backend, Service
from rtcserver.config import Settings
from rtcserver.settings import variable
from rtcserver.turns import floor

ROOT = Path(__file__).parents[1]
_BEGIN, _END = "<!-- begin: rtcserver/turns/floor.py -->", "<!-- end -->"
_NOTE = "<!-- Written by `make docs`; change the code instead. -->"

_SETTINGS = f"""# Settings

{_NOTE}

Who comes first wins: flag `--section.key value`, environment variable, the same variable in
`./.env`, TOML file (`--config FILE`, `$RTCSERVER_CONFIG`, else `./rtcserver.toml`), default.
A name that is not in this list is an error. Lists are written with commas where only text
fits. `rtcserver config` prints every value with its source."""

_METRICS = f"""# Metrics

{_NOTE}

`GET /metrics` gives these in Prometheus' text format. Latencies are observed at the edge of
the service they belong to; their buckets reach past the budget.

| series | type | labels | meaning |
|---|---|---|---|"""

_SERVICES = f"""# Services

{_NOTE}

Each kind of service has a setting with its addresses, and the scheme of an address picks the
backend: `RTCSERVER_TTS__URL=flite:rms`. Several addresses, the best first, are separated by commas.
Neighbours of one backend share the load, and so do the addresses (A records) of one name: the
next call goes where the smallest share of slots is in use. Where an instance has no slot or is not
there when a stream is opened, the next one is tried, and then the next backend. One that breaks
later breaks its response, and another one makes the apology. Key and model of a service are those
of all its addresses.

What is embedded runs as a child process of the server, which it starts and keeps running. Sound is
mono at 24 kHz inside the server, whatever a backend takes or gives; times are seconds.
`rtcserver doctor` talks to what is set and says how it goes."""

_KINDS: dict[Service, str] = {"stt": "Speech to text", "llm": "Chat model", "tts": "Text to speech"}


def pages() -> dict[Path, str]:
    """What each file should hold."""
    architecture = ROOT / "ARCHITECTURE.md"
    return {
        ROOT / "docs" / "settings.md": "\n".join(_settings()),
        ROOT / "docs" / "metrics.md": "\n".join(_metrics()),
        ROOT / "docs" / "services.md": "\n".join(_services()),
        ROOT / "docs" / "contract.md": "\n".join(contract.page()),
        architecture: _with_diagram(architecture.read_text()),
    }


def _settings() -> Iterator[str]:
    yield _SETTINGS
    for section, tree in Settings():
        yield f"\n## [{section}]\n"
        yield f"{type(tree).__doc__}\n"
        yield "| key | default | variable | meaning |"
        yield "|---|---|---|---|"
        for key, field in type(tree).model_fields.items():
            name = f"{section}.{key}"
            default = _default(getattr(tree, key))
            yield f"| `{key}` | {default} | `{variable(name)}` | {field.description} |"
    yield ""


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()  # what the code says to everyone is no secret
    return "–" if value is None or value in ("", (), {}) else f"`{value}`"


def _metrics() -> Iterator[str]:
    yield _METRICS
    tree = ast.parse((ROOT / "rtcserver" / "metrics.py").read_text())
    for node in ast.walk(tree):
        match node:
            case ast.Assign(value=ast.Call(func=ast.Name(id=kind), args=[name, meaning, *labels])):
                names = [text for label in labels for text in ast.literal_eval(label)]
                shown = ", ".join(f"`{text}`" for text in names) or "–"
                yield (
                    f"| `{ast.literal_eval(name)}` | {kind.lower()} | {shown} "
                    f"| {ast.literal_eval(meaning)} |"
                )
    yield ""


def _services() -> Iterator[str]:
    yield _SERVICES
    for service, title in _KINDS.items():
        yield f"\n## {title}: `{service}.url`\n"
        yield "| address | backend | protocol | takes | word times | latency | limits |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_service(row) for row in BACKENDS if row.service == service)
    yield ""


def _service(row: Backend) -> str:
    name = f"{row.name} (embedded)" if row.embedded else row.name
    cells = (f"`{row.example}`", name, row.protocol, row.takes, row.word_times, row.latency)
    return f"| {' | '.join(cells)} | {row.limits} |"


def _with_diagram(text: str) -> str:
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    return f"{head}{_BEGIN}\n```mermaid\n{floor.mermaid()}\n```\n{_END}{tail}"


def main() -> None:
    for path, text in pages().items():
        path.write_text(text)


if __name__ == "__main__":
    main()

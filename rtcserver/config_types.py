"""How settings are written that are more than a number or a text: lists, addresses, pairs."""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError
from yarl import URL

from rtcserver.backends import Service, backend_of, spellings

T = TypeVar("T")


def _split(value: Any) -> Any:
    """Lists are written with commas where only text fits: in a flag or a variable."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _address(*schemes: str) -> AfterValidator:
    """Refuse a URL without a scheme here: else it would show only once somebody calls."""

    def check(url: str) -> str:
        if url and not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            wish = f"an address that begins with {schemes[0]}:// or {schemes[1]}://"
            raise PydanticCustomError("address", "{wish}", {"wish": wish})
        return url

    return AfterValidator(check)


HttpUrl = Annotated[str, _address("http", "https")]


def _pairs(value: Any) -> Any:
    """`name=model` with commas between, or a TOML table."""
    if isinstance(value, dict):
        return value
    pairs = [pair.partition("=") for pair in _split(value)]
    if not all(name.strip() and sign and model.strip() for name, sign, model in pairs):
        raise PydanticCustomError("pairs", "name=model,name=model…")
    return {name.strip(): model.strip() for name, _, model in pairs}


Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]

Pairs = Annotated[dict[str, str], BeforeValidator(_pairs)]


def _written(pattern: str, wish: str) -> AfterValidator:
    """Refuse a text that is not written as `wish` says."""

    def check(value: T) -> T:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("written", "{wish}", {"wish": f"written as {wish}"})
        return value

    return AfterValidator(check)


_LABEL = "[A-Za-z0-9_-]{1,64}"
_Named = _written(f"{_LABEL}=.+", "label=… with a label of letters, digits, _ and -")
Labelled = Annotated[tuple[Annotated[str, _Named], ...], BeforeValidator(_split)]
LabelledSecrets = Annotated[tuple[Annotated[SecretStr, _Named], ...], BeforeValidator(_split)]
HttpUrls = Annotated[tuple[HttpUrl, ...], BeforeValidator(_split)]


def _leads_somewhere(address: str) -> bool:
    try:
        return bool(URL(address).host) and not re.search(r"\s", address)
    except ValueError:  # of a port, say
        return False


def _backend(service: Service) -> AfterValidator:
    """Refuse an address that no backend of `service` answers to."""

    def check(address: str) -> str:
        backend = backend_of(service, address)
        if backend is None:
            wish = f"addresses that begin with {', '.join(spellings(service))}"
            raise PydanticCustomError("backend", "{wish}", {"wish": wish})
        if not backend.embedded and not _leads_somewhere(address):
            wish = f"an address with a host, and a port if any, such as {backend.example}"
            raise PydanticCustomError("address", "{wish}", {"wish": wish})
        return address

    return AfterValidator(check)


SttUrls = Annotated[tuple[Annotated[str, _backend("stt")], ...], BeforeValidator(_split)]
LlmUrls = Annotated[tuple[Annotated[str, _backend("llm")], ...], BeforeValidator(_split)]
TtsUrls = Annotated[tuple[Annotated[str, _backend("tts")], ...], BeforeValidator(_split)]
_POLICY = "cancel|finish_silently|finish_and_speak"
_Policy = _written(
    rf"{_LABEL}(\..+)?=({_POLICY})", f"label=policy or label.tool=policy ({_POLICY})"
)
Policies = Annotated[tuple[Annotated[str, _Policy], ...], BeforeValidator(_split)]

"""What a Kyutai speech server tells of its modules: their type, and how many slots are taken."""

import aiohttp
import msgspec
from pydantic import SecretStr

from rtcserver.errors import ServiceUnavailable
from rtcserver.services.http_body import read_at_most
from rtcserver.services.kyutai_socket import auth, over_http
from rtcserver.services.openai_refusals import UNREADABLE
from rtcserver.services.standing import Load

_MOST_BYTES = 2**16
_MOST_SLOTS = 10**6


class Module(msgspec.Struct, frozen=True):
    """A row of /api/modules_info; its numbers are written as text. Only an embedded service names
    its engine."""

    type: str = ""
    path: str = ""
    used_slots: str | int = ""
    total_slots: str | int = ""
    engine: str = ""

    def load(self, backlog_s: float = 0.0) -> Load | None:
        """None if it has no slots to count."""
        try:
            used, total = int(self.used_slots), int(self.total_slots)
        except ValueError:
            return None
        sane = 0 <= used <= _MOST_SLOTS and 0 <= total <= _MOST_SLOTS
        return Load(used, total, backlog_s, self.engine) if sane else None


async def module_at(
    http: aiohttp.ClientSession, service: str, url: str, path: str, api_key: SecretStr
) -> Module | None:
    """The module that serves `path`; None if the server does not tell. Raises ServiceUnavailable.

    Has no time limit of its own."""
    try:
        async with http.get(over_http(url, "/api/modules_info"), headers=auth(api_key)) as answer:
            if answer.status != 200:
                return None
            page = await read_at_most(answer, _MOST_BYTES)
            modules = msgspec.json.decode(page, type=list[Module])
    except UNREADABLE:
        return None
    except (aiohttp.ClientError, OSError) as exc:
        raise ServiceUnavailable(service, f"cannot connect: {exc}") from exc
    return next((module for module in modules if module.path in ("", path)), None)

"""Which instances there are: each address is one, and a name with several addresses is several."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from rtcserver import metrics
from rtcserver.services.pool import Broken, Instance, Kinds, fine

A = TypeVar("A")
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""IPv4 addresses of a name. Raises OSError."""

_EVERY_S = 30.0
_LIMIT_S = 5.0


@dataclass(frozen=True)
class Site(Generic[A]):
    """An address as it was configured. `host` is empty where there is nothing to look up."""

    name: str
    make: Callable[[aiohttp.ClientSession], A]
    host: str = ""
    port: int = 0
    broken: Broken = fine


@dataclass(eq=False)
class _Pinned(Generic[A]):
    """An instance reached at one address of its name, through a session of its own."""

    instance: Instance[A]
    http: aiohttp.ClientSession
    idle: bool = False
    """It was so at the last look, too."""


@dataclass(eq=False)
class _Entry(Generic[A]):
    site: Site[A]
    by_name: Instance[A]
    by_address: dict[str, _Pinned[A]] = field(default_factory=dict)

    def instances(self) -> list[Instance[A]]:
        return [pinned.instance for pinned in self.by_address.values()] or [self.by_name]


async def ipv4_addresses(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, family=socket.AF_INET, type=socket.SOCK_STREAM
    )
    return sorted({str(info[4][0]) for info in found})


class Directory(Generic[A]):
    """Until a name has been looked up, and while it has one address, it is one instance."""

    def __init__(
        self,
        service: str,
        kinds: Sequence[Sequence[Site[A]]],
        http: aiohttp.ClientSession,
        resolve: Resolve = ipv4_addresses,
    ) -> None:
        self._service, self._resolve = service, resolve
        self._kinds = [
            [
                _Entry(site, Instance(site.name, site.make(http), broken=site.broken))
                for site in kind
            ]
            for kind in kinds
        ]
        self._gone: list[_Pinned[A]] = []

    def instances(self) -> Kinds[A]:
        return [[one for entry in kind for one in entry.instances()] for kind in self._kinds]

    async def keep_looking(self, every_s: float = _EVERY_S) -> None:
        """Look all names up, now and then. At the end no connection to an address is left."""
        entries = [entry for kind in self._kinds for entry in kind]
        try:
            while any(entry.site.host for entry in entries):
                for entry in entries:
                    await self._look_up(entry)
                await self._let_go()
                await asyncio.sleep(every_s)
        finally:
            for entry in entries:
                self._gone += entry.by_address.values()
                entry.by_address.clear()
            for pinned in self._gone:
                await pinned.http.close()

    async def _look_up(self, entry: _Entry[A]) -> None:
        site = entry.site
        if not site.host:
            return
        try:
            async with asyncio.timeout(_LIMIT_S):
                found = await self._resolve(site.host, site.port)
        except (OSError, UnicodeError):  # TimeoutError is one, and there are odd names
            return  # what was known stays
        wanted = set(found) if len(found) > 1 else set()
        for address in sorted(wanted - entry.by_address.keys()):
            entry.by_address[address] = self._back(site, address) or _pin(site, address)
        for address in entry.by_address.keys() - wanted:
            self._gone.append(entry.by_address.pop(address))

    def _back(self, site: Site[A], address: str) -> _Pinned[A] | None:
        """One that had left its name and is not let go yet."""
        for pinned in self._gone:
            if pinned.instance.name == _name(site, address):
                self._gone.remove(pinned)
                return pinned
        return None

    async def _let_go(self) -> None:
        """Of instances that have left their name and have been idle since the last look: who is
        about to try one may have chosen it before it left."""
        for pinned in list(self._gone):
            was_idle, pinned.idle = pinned.idle, not pinned.instance.standing.leases
            if not (was_idle and pinned.idle):
                continue
            self._gone.remove(pinned)
            metrics.SERVICE_LEASES.remove(self._service, pinned.instance.name)
            await pinned.http.close()


def _pin(site: Site[A], address: str) -> _Pinned[A]:
    connector = aiohttp.TCPConnector(limit=0, resolver=_Always(address))
    http = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))
    return _Pinned(Instance(_name(site, address), site.make(http)), http)


def _name(site: Site[A], address: str) -> str:
    return f"{site.name} {address}"


class _Always(AbstractResolver):
    """The name stays in the URL, for TLS and the Host header; only its address is settled."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass

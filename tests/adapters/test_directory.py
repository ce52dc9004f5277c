"""A name with several addresses is several instances; loopback has as many as one likes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from rtcserver.services.directory import Directory, Site, ipv4_addresses
from rtcserver.services.pool import Lease
from tests.adapters.stubs.leaks import counted, nothing_left, until
from tests.adapters.stubs.serving import client


class Asker:
    """An adapter that asks its server who it is, and under which name it was called."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url

    async def ask(self) -> list[str]:
        async with self._http.get(self._url) as answer:
            return list(await answer.json())


@asynccontextmanager
async def machines(*addresses: str) -> AsyncIterator[int]:
    """Servers on one port, which they yield."""

    async def tell(request: web.Request) -> web.Response:
        assert request.transport is not None
        return web.json_response([request.transport.get_extra_info("sockname")[0], request.host])

    port, servers = 0, []
    for address in addresses:
        app = web.Application()
        app.router.add_get("/", tell)
        servers.append(TestServer(app, host=address, port=port))
        await servers[-1].start_server(access_log=None, shutdown_timeout=0.1)
        port = int(servers[-1].port or 0)
    yield port
    for server in servers:
        await server.close()


class Names:
    """A name server that says what it is told to."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses
        self.broken = False
        self.failed = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        assert host == "speech.test"
        if self.broken:
            self.failed += 1
            raise OSError("no name server")
        return list(self.addresses)


@asynccontextmanager
async def looked_up(
    names: Names, port: int, every_s: float = 0.01
) -> AsyncIterator[Directory[Asker]]:
    site = Site(
        f"http://speech.test:{port}",
        lambda http: Asker(http, f"http://speech.test:{port}/"),
        "speech.test",
        port,
    )
    async with nothing_left(), client() as http:
        directory = Directory("stt", [[site]], http, names.resolve)
        looking = asyncio.create_task(directory.keep_looking(every_s))
        try:
            yield directory
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


def known(directory: Directory[Asker]) -> list[str]:
    return [one.name.partition(" ")[2] for kind in directory.instances() for one in kind]


async def test_each_address_of_a_name_is_reached_under_the_name() -> None:
    async with (
        machines("127.0.0.1", "127.0.0.2") as port,
        looked_up(Names("127.0.0.1", "127.0.0.2"), port) as directory,
    ):
        await until(lambda: known(directory) == ["127.0.0.1", "127.0.0.2"])
        answers = [await one.adapter.ask() for one in directory.instances()[0]]
    host = f"speech.test:{port}"
    assert answers == [["127.0.0.1", host], ["127.0.0.2", host]]


async def test_a_name_with_one_address_is_left_to_the_connector() -> None:
    async with looked_up(Names("127.0.0.1"), 1) as directory:
        [[before]] = directory.instances()
        assert before.name == "http://speech.test:1"


async def test_addresses_come_and_go() -> None:
    names = Names("127.0.0.1", "127.0.0.2")
    async with (
        machines("127.0.0.1", "127.0.0.2", "127.0.0.3") as port,
        looked_up(names, port) as directory,
    ):
        await until(lambda: len(known(directory)) == 2)
        [[_, leaving]] = directory.instances()
        lease = Lease("stt", leaving, None)
        names.addresses = ("127.0.0.1", "127.0.0.3")
        await until(lambda: known(directory) == ["127.0.0.1", "127.0.0.3"])
        assert (await leaving.adapter.ask())[0] == "127.0.0.2"  # whoever speaks to it may go on
        lease.give_back()
        names.addresses = ("127.0.0.1",)
        await until(lambda: known(directory) == [""])


async def test_who_has_chosen_one_before_it_left_still_reaches_it() -> None:
    names = Names("127.0.0.1", "127.0.0.2")
    async with machines("127.0.0.1", "127.0.0.2") as port, looked_up(names, port, 0.2) as directory:
        await until(lambda: len(known(directory)) == 2)
        [[_, leaving]] = directory.instances()
        names.addresses = ("127.0.0.1",)
        await until(lambda: known(directory) == [""])
        assert (await leaving.adapter.ask())[0] == "127.0.0.2"


async def test_one_that_comes_back_is_the_same_again() -> None:
    names = Names("127.0.0.1", "127.0.0.2")
    async with looked_up(names, 1) as directory:
        await until(lambda: len(known(directory)) == 2)
        [[_, leaving]] = directory.instances()
        lease = Lease("stt", leaving, None)
        names.addresses = ("127.0.0.1", "127.0.0.3")
        await until(lambda: known(directory) == ["127.0.0.1", "127.0.0.3"])
        names.addresses = ("127.0.0.1", "127.0.0.2")
        await until(lambda: known(directory) == ["127.0.0.1", "127.0.0.2"])
        assert directory.instances()[0][1] is leaving
        assert counted("rtc_service_leases", service="stt", instance=leaving.name) == 1
        lease.give_back()


async def test_what_was_known_stays_while_no_name_server_answers() -> None:
    names = Names("127.0.0.1", "127.0.0.2")
    async with looked_up(names, 1) as directory:
        await until(lambda: len(known(directory)) == 2)
        names.broken = True
        await until(lambda: names.failed > 1)
        assert len(known(directory)) == 2


async def test_the_system_is_asked_for_ipv4_addresses() -> None:
    assert await ipv4_addresses("127.0.0.1", 80) == ["127.0.0.1"]

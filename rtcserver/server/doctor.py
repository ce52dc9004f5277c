"""Examine whether this machine can hold calls, and say what to do about what is missing."""

import asyncio
import ctypes
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from importlib.util import find_spec

from aioice.ice import get_host_addresses
from yarl import URL

from rtcserver.config import Server, Settings
from rtcserver.errors import ConfigError, ServiceError
from rtcserver.extras import how_to_install
from rtcserver.server import round_trip
from rtcserver.server.arrival import PATIENCE_S, arrival
from rtcserver.server.auth import KeyRing, is_loopback
from rtcserver.server.context import Probe
from rtcserver.server.finding import Finding, Verdict
from rtcserver.server.tls import tls
from rtcserver.server.wiring import Wired, wire_services
from rtcserver.services.probing import ailing
from rtcserver.services.tts import numbers


async def examine(settings: Settings, patience_s: float = PATIENCE_S) -> int:
    """Write one line a finding to stdout; 1 if one of them is bad, else 0."""
    worst = 0
    for check in (_python, _door, _tls, _addresses, _loop, _engines):
        for finding in check(settings):
            worst |= _tell(finding)
    try:
        async with wire_services(settings) as wired:
            async for finding in _services(wired, settings.session.voice, patience_s):
                worst |= _tell(finding)
    except (ImportError, OSError) as exc:
        worst |= _tell(Finding("services", Verdict.BAD, f"cannot be started: {exc}"))
    return worst


def _tell(finding: Finding) -> int:
    sys.stdout.write(f"{finding.verdict.value:<5} {finding.what:<16} {finding.detail}\n")
    sys.stdout.flush()
    return int(finding.verdict is Verdict.BAD)


def _python(_settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", Verdict.GOOD, f"{version}, {os.cpu_count()} cores")


def _door(settings: Settings) -> Iterator[Finding]:
    host, port = settings.server.host, settings.server.port
    try:
        KeyRing(settings.server)
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family):
            yield Finding("http", Verdict.GOOD, f"{host}:{port} is free")
    except ConfigError as exc:
        yield Finding("http", Verdict.BAD, str(exc))
    except OSError as exc:
        why = str(exc.strerror).partition(" (")[0]
        yield Finding("http", Verdict.POOR, f"{host}:{port}: {why}; is a server running?")


def _tls(settings: Settings) -> Iterator[Finding]:
    try:
        if found := tls(settings.server):
            detail = f"{found.certificate}, SHA-256 {found.fingerprint}"
            yield Finding("tls", Verdict.GOOD, detail)
    except ConfigError as exc:
        yield Finding("tls", Verdict.BAD, str(exc))


def _addresses(_settings: Settings) -> Iterator[Finding]:
    """What WebRTC will offer to callers: a UDP port at each address but the loopback one."""
    found = get_host_addresses(use_ipv4=True, use_ipv6=True)
    if not found:
        detail = "no address but loopback: WebRTC calls cannot connect, WebSocket calls can"
        yield Finding("udp", Verdict.POOR, detail)
    for address in found:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as udp:
                udp.bind((address, 0))
            yield Finding("udp", Verdict.GOOD, f"callers can be told {address}")
        except OSError as exc:
            yield Finding("udp", Verdict.POOR, f"{address}: {exc.strerror}")


def _loop(settings: Settings) -> Iterator[Finding]:
    """Clients of ours set OPENAI_BASE_URL to this server; it is easily copied to llm.url too."""
    for url in settings.llm.url:
        if calls_itself(url, settings.server):
            yield Finding("llm.url", Verdict.BAD, f"{url} is this very server")


def calls_itself(address: str, server: Server) -> bool:
    """Whether this address of a chat model is our own."""
    url = URL(address)
    if not url.host or url.port != server.port:
        return False
    if url.host == server.host or is_loopback(url.host):
        return True
    with suppress(OSError):
        theirs = {info[4][0] for info in socket.getaddrinfo(url.host, url.port)}
        return not theirs.isdisjoint(get_host_addresses(use_ipv4=True, use_ipv6=True))
    return False


def _engines(settings: Settings) -> Iterator[Finding]:
    """Only those that would be used: a service with a URL needs none of ours."""
    if not settings.tts.url:
        flite, espeak = _loads("libflite.so.1"), _loads("libespeak-ng.so.1")
        espeak = espeak or find_spec("espeakng_loader") is not None
        remedy = "apt-get install libflite1 gives a clearer voice"
        yield _engine("flite", flite, Verdict.POOR, remedy)
        if not flite:
            remedy = f"{how_to_install('espeak')}; until then replies are tones"
            yield _engine("espeak", espeak, Verdict.POOR, remedy)
    elif any(url.startswith(("ws:", "wss:")) for url in settings.tts.url):
        remedy = f"{how_to_install('numbers')}; until then numbers are not written out"
        yield _engine("num2words", numbers.available(), Verdict.POOR, remedy)


def _engine(name: str, there: bool, otherwise: Verdict, remedy: str) -> Finding:
    return Finding(
        name, Verdict.GOOD if there else otherwise, "installed" if there else f"missing: {remedy}"
    )


def _loads(library: str) -> bool:
    with suppress(OSError):
        ctypes.CDLL(library)
        return True
    return False


async def _services(wired: Wired, voice: str, patience_s: float) -> AsyncIterator[Finding]:
    """Whether each is there, and those that are in use as in a call."""
    there = await asyncio.gather(
        *(_up(name, probe, patience_s) for name, probe in wired.probes.items())
    )
    for finding in there:
        yield finding
    up = {finding.what for finding in there if finding.verdict is not Verdict.BAD}
    for pool in (pool for pool in wired.pools if pool.service in up):
        for instance, why in (await ailing(pool)).items():
            yield Finding(pool.service, Verdict.POOR, f"{instance} is down: {why}")
    trips = []
    if "llm" in up:
        trips.append(round_trip.ask(wired.services.chat))
    if {"stt", "tts"} <= up:
        trips.append(
            round_trip.read_aloud(wired.services.synthesizer, wired.services.transcribers, voice)
        )
    for trip in trips:
        try:
            async for finding in trip:
                yield finding
        except ServiceError as exc:
            yield Finding(exc.service, Verdict.BAD, str(exc))


async def _up(name: str, probe: Probe, patience_s: float) -> Finding:
    try:
        found = await arrival(name, probe, patience_s)
    except ServiceError as exc:
        return Finding(name, Verdict.BAD, str(exc))
    slots = f", {found.load.used} of {found.load.total} slots taken" if found.load else ""
    detail = f"{found.backend} answers in {found.took_s * 1000:.0f} ms{slots}"
    return Finding(name, Verdict.GOOD, detail)

"""Run bots against a server: `python -m loadtests --calls 4 --turns 4 --workers 4`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from loadtests.budgets import verdicts
from loadtests.own_server import ServerStartError, own_server
from loadtests.report import Report
from loadtests.speech import scripts
from loadtests.workers import Script, hold_calls

_SCRAPE_S = 5.0


def main() -> int:
    """0 if every call was answered within the budgets, 1 if not, 2 without a server."""
    args = _arguments()
    spoken = scripts(args.calls, args.turns)
    try:
        report = asyncio.run(_measure(args.url, spoken, args.workers))
    except (ServerStartError, aiohttp.ClientError, OSError) as exc:
        sys.stderr.write(f"no server to test: {exc}\n")
        return 2
    sys.stdout.write(f"{report.as_text()}\n")
    if args.out:
        _save(report, vars(args), args.out)
    return 1 if report.problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests", description="Load test by bots")
    parser.add_argument("--calls", type=int, default=4, help="calls at once")
    parser.add_argument("--turns", type=int, default=4, help="turns of each call")
    parser.add_argument("--workers", type=int, default=4, help="processes the bots run in")
    parser.add_argument("--url", default="", help="http://host:port; empty starts a server")
    parser.add_argument("--out", type=Path, help="folder for report.json")
    args = parser.parse_args()
    if min(args.calls, args.turns, args.workers) < 1:
        parser.error("--calls, --turns and --workers must be at least 1")
    return args


async def _measure(url: str, spoken: list[Script], workers: int) -> Report:
    async with _server(url) as base, aiohttp.ClientSession(base) as http:
        before = await _scrape(http)
        calls = await hold_calls(base, spoken, workers)
        return Report(calls, list(verdicts(before, await _scrape(http))))


@asynccontextmanager
async def _server(url: str) -> AsyncIterator[str]:
    if url:
        yield url.rstrip("/")
    else:
        async with own_server() as own:
            yield own


async def _scrape(http: aiohttp.ClientSession) -> str:
    async with asyncio.timeout(_SCRAPE_S), http.get("/metrics") as response:
        response.raise_for_status()
        return await response.text()


def _save(report: Report, parameters: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {"cores": os.cpu_count()} | parameters | {"out": str(folder)}
    content = {"parameters": parameters, **report.as_json()}
    (folder / "report.json").write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())

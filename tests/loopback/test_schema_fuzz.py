"""A program that knows only /openapi.json asks for whatever it can think of."""

import asyncio
import sys
from pathlib import Path

from tests.loopback.test_serve import served

LIMIT_S = 60.0
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "ignored_auth",
)


async def test_every_answer_to_every_request_is_as_the_document_says(tmp_path: Path) -> None:
    async with served(tmp_path, "--server.api_keys", "secret") as server:
        process = await asyncio.create_subprocess_exec(
            *(Path(sys.executable).with_name("schemathesis"), "run"),
            f"{server.url}/openapi.json",
            *("--header", "Authorization: Bearer secret", "--no-color"),
            *("--phases", "fuzzing", "--max-examples", "25", "--seed", "1"),
            *("--checks", ",".join(CHECKS), "--generation-database", "none"),
            *("--exclude-path-regex", "^/whip"),  # it can make no bodies of these media types
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            report, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0, report.decode()
        assert b"passed" in report

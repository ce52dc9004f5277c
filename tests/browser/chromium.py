"""Start the Chromium of the system with a microphone that plays a file."""

from pathlib import Path

from playwright.async_api import Browser, Playwright

from tests.needed import missing

_EXECUTABLE = Path("/usr/bin/chromium")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    # A name that is no localhost, to see the page as a machine of the LAN would.
    "--host-resolver-rules=MAP lan.test 127.0.0.1",
)
ALLOW_MICROPHONE = "--use-fake-ui-for-media-stream"


async def launch(
    playwright: Playwright, *, microphone: Path | None = None, allowed: bool = True
) -> Browser:
    """`microphone` is a WAV that is played once; without it the fake device beeps every second."""
    args = [*FLAGS]
    if allowed:
        args.append(ALLOW_MICROPHONE)
    if microphone is not None:
        args.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    return await playwright.chromium.launch(executable_path=_executable(), args=args)


def _executable() -> Path:
    if not _EXECUTABLE.exists():
        missing("install chromium")
    return _EXECUTABLE

"""How a package that is not installed comes onto the machine."""


def how_to_install(extra: str) -> str:
    """For an error's text, which says before it what is missing."""
    return (
        f".venv/bin/uv sync --locked --inexact --no-dev --extra {extra} in a clone,"
        f" else pip install 'rtcserver[{extra}]'"
    )

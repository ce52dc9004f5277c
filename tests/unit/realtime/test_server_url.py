import pytest

from rtcserver.realtime.server_url import allowed

PREFIXES = ("https://mcp.example.com/team", "http://127.0.0.1:9000")


@pytest.mark.parametrize(
    "url",
    [
        "https://mcp.example.com/team",
        "https://mcp.example.com/team/",
        "HTTPS://MCP.Example.com:443/team/crm?x=1",
        "http://127.0.0.1:9000",
        "http://127.0.0.1:9000/mcp",
    ],
)
def test_what_lies_below_an_allowed_url_is_allowed(url: str) -> None:
    assert allowed(url, PREFIXES)


@pytest.mark.parametrize(
    "url",
    [
        "https://mcp.example.com/",
        "https://mcp.example.com/teammates",
        "http://mcp.example.com/team",
        "https://mcp.example.com:8443/team",
        "https://mcp.example.com.evil.org/team",
        "https://evil.org/https://mcp.example.com/team",
        "https://mcp.example.com@evil.org/team",
        "https://user@mcp.example.com/team",
        "https://mcp.example.com/team/../admin",
        "https://mcp.example.com/team/%2e%2e/admin",
        "https://mcp.example.com\\@evil.org/team",
        "https://mcp.example.com/team#x",
        "https://mcp.example.com/team\n",
        " https://mcp.example.com/team",
        "http://127.0.0.1:9001/mcp",
        "http://127.1:9000/mcp",
        "http://[::ffff:127.0.0.1]:9000/mcp",
        "ftp://mcp.example.com/team",
        "file:///etc/passwd",
        "",
    ],
)
def test_all_else_is_not(url: str) -> None:
    assert not allowed(url, PREFIXES)


def test_nothing_is_allowed_by_default() -> None:
    assert not allowed("https://mcp.example.com/", ())


def test_a_prefix_that_is_no_url_allows_nothing() -> None:
    assert not allowed("https://a/", ("*", "https://", ""))

"""Whatever keeps a call from working, the page names it and says what to do."""

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from tests.browser import chromium, scenes
from tests.browser.fake_server import FakeServer
from tests.browser.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def expect_problem(page: Page, title: str, advice: str, *, state: str = "error") -> None:
    alert = page.get_by_role("alert")
    await expect(alert.get_by_role("heading")).to_have_text(title)
    await expect(alert).to_contain_text(advice)
    assert await page.evaluate("rtcserver.state") == state


async def press_start(page: Page) -> None:
    await page.get_by_role("button", name="Start").click()


async def test_an_insecure_page_says_so_before_anything_is_pressed(page: Page, url: str) -> None:
    await page.goto(url.replace("localhost", "lan.test"))
    assert not await page.evaluate("window.isSecureContext")
    await expect_problem(page, "The browser gives this page no microphone", url.rstrip("/"))
    await press_start(page)
    await expect_problem(page, "The browser gives this page no microphone", "--tls auto")


async def test_a_refused_microphone(url: str) -> None:
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright, allowed=False)
        page = await browser.new_page()
        await page.goto(url)
        await press_start(page)
        await expect_problem(page, "The microphone is blocked", "Allow the microphone")
        await browser.close()


@pytest.mark.parametrize(
    ("error", "title", "advice"),
    [
        ("NotFoundError", "No microphone found", "Plug one in"),
        ("NotReadableError", "The microphone is busy", "Close the other program"),
        ("TypeError", "The call could not be set up", "Reload the page"),
    ],
)
async def test_a_microphone_that_is_not_to_be_had(
    page: Page, error: str, title: str, advice: str
) -> None:
    await page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => "
        f"Promise.reject(new DOMException('', '{error}'))"
    )
    await page.reload()
    await press_start(page)
    await expect_problem(page, title, advice)


async def test_a_microphone_that_is_unplugged_in_the_call(page: Page, server: FakeServer) -> None:
    await page.add_init_script("""
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wish) => (window.stream = await open(wish));
    """)
    await page.reload()
    await press_start(page)
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("status")).to_have_text("Listening")
    await page.evaluate("stream.getTracks()[0].dispatchEvent(new Event('ended'))")
    await expect_problem(page, "No microphone found", "Plug one in")


async def test_a_server_that_is_down(page: Page) -> None:
    await page.route("**/v1/realtime/calls*", lambda route: route.abort("connectionrefused"))
    await press_start(page)
    await expect_problem(page, "The server does not answer", "Check that rtcserver is running")


@pytest.mark.parametrize("answer", ["refused", "another's JSON", "a page"])
async def test_a_server_whose_health_cannot_be_read(page: Page, answer: str) -> None:
    async def reply(route: Route) -> None:
        match answer:
            case "refused":
                await route.abort("connectionrefused")
            case "a page":
                await route.fulfill(body="<html>")
            case _:
                await route.fulfill(json={"detail": "not found"})

    await page.route("**/health", reply)
    await page.reload()
    await expect(page.get_by_text("Server unreachable")).to_be_visible()


async def test_a_server_that_is_full(page: Page, server: FakeServer) -> None:
    server.refusal = (503, "All 32 calls are taken")
    await press_start(page)
    await expect_problem(page, "The server is full", "All 32 calls are taken")


async def test_a_server_that_refuses_the_offer(page: Page, server: FakeServer) -> None:
    server.refusal = (400, "The offer has no audio")
    await press_start(page)
    await expect_problem(page, "The server refused the call", "The offer has no audio")


async def test_a_key_is_asked_for_and_kept_for_the_tab(page: Page, server: FakeServer) -> None:
    server.api_key = "secret"
    await press_start(page)
    await expect_problem(page, "This server wants an API key", "Enter one of its keys")
    await page.get_by_label("API key").fill("wrong")
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_role("alert")).to_contain_text("Incorrect API key provided")
    await page.get_by_label("API key").fill("secret")
    await page.get_by_role("button", name="Connect").click()
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("status")).to_have_text("Listening")
    assert await page.evaluate("Object.values(sessionStorage)") == ["secret"]
    assert await page.evaluate("localStorage.length") == 0


async def test_audio_that_finds_no_path(page: Page, server: FakeServer) -> None:
    server.deaf = True
    await page.clock.install()
    async with page.expect_response("**/v1/realtime/calls*"):
        await press_start(page)
    await expect(page.get_by_role("status")).to_have_text("Connecting…")
    await page.clock.run_for(16_000)
    await expect_problem(page, "No path for the audio", "UDP")
    await expect(page.get_by_role("alert")).to_contain_text("host on the server")


async def test_a_call_that_the_server_ends(page: Page, server: FakeServer) -> None:
    await press_start(page)
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("status")).to_have_text("Listening")
    await server.close()
    title = "The server ended the call"
    await expect_problem(page, title, "Press Start to call again", state="idle")
    await expect(page.get_by_role("button", name="Start")).to_be_visible()


async def test_a_voice_that_waits_for_a_tap(page: Page, server: FakeServer) -> None:
    await page.add_init_script("""
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        if (navigator.userActivation.isActive && window.tapped) return play.call(this);
        return Promise.reject(new DOMException("", "NotAllowedError"));
      };
    """)
    await page.reload()
    await press_start(page)
    await server.send(scenes.CREATED)
    await expect_problem(page, "The browser keeps the voice silent", "a tap", state="listening")
    await page.evaluate("window.tapped = true")
    await page.get_by_role("button", name="Tap to hear").click()
    await until(page, "document.getElementById('voice').currentTime > 0")
    await expect(page.get_by_role("alert")).to_be_empty()


async def test_an_error_event_is_shown_and_the_call_goes_on(page: Page, server: FakeServer) -> None:
    await press_start(page)
    error = {"type": "invalid_request_error", "code": "invalid_value", "message": "No such voice"}
    await server.send(scenes.CREATED, {"type": "error", "error": error})
    await expect_problem(page, "The server reports an error", "No such voice", state="listening")
    await server.send(scenes.RESPONDING, scenes.done())
    await expect(page.get_by_role("alert")).to_be_empty()


async def test_an_answer_that_fails(page: Page, server: FakeServer) -> None:
    await press_start(page)
    failed = scenes.done(status="failed")
    failed["response"]["status_details"] = {"error": {"message": "llm: timed out"}}
    await server.send(scenes.CREATED, scenes.RESPONDING, failed)
    await expect_problem(page, "The last answer failed", "llm: timed out", state="listening")


async def test_a_cancel_that_came_too_late_is_no_problem(page: Page, server: FakeServer) -> None:
    await press_start(page)
    error = {"type": "invalid_request_error", "code": "response_cancel_not_active", "message": "-"}
    await server.send(scenes.CREATED, {"type": "error", "error": error})
    await server.settled()
    await expect(page.get_by_role("alert")).to_be_empty()


async def test_start_clears_the_last_problem(page: Page, server: FakeServer) -> None:
    server.refusal = (503, "Full")
    await press_start(page)
    await expect_problem(page, "The server is full", "Full")
    server.refusal = None
    await press_start(page)
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("alert")).to_be_empty()

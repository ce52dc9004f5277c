"""The page says what the call is doing, from Start to Stop."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WATCH_DEVICES = """
const opened = { peers: [], contexts: [], tracks: [] };
window.opened = opened;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) { super(...args); opened.peers.push(this); }
};
window.AudioContext = class extends AudioContext {
  constructor(...args) { super(...args); opened.contexts.push(this); }
};
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  const stream = await open(constraints);
  opened.constraints = constraints;
  opened.tracks.push(...stream.getTracks());
  return stream;
};
"""
STATES_OF_DEVICES = """() => [
  ...opened.peers.map((peer) => peer.connectionState),
  ...opened.contexts.map((context) => context.state),
  ...opened.tracks.map((track) => track.readyState),
]"""


HANG_UP = "performance.getEntriesByType('resource').find(({name}) => name.endsWith('/hangup'))"
STOPPED = "rtcserver.events.find(({event}) => event.type === 'output_audio_buffer.stopped')"


async def connect(page: Page, server: FakeServer) -> None:
    await page.get_by_role("button", name="Start").click()
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("status")).to_have_text("Listening")


async def test_a_turn_goes_through_every_state(page: Page, server: FakeServer) -> None:
    status = page.get_by_role("status")
    await expect(status).to_have_text("Ready when you are")
    await page.get_by_role("button", name="Start").click()
    await expect(status).to_have_text("Connecting…")
    await server.send(scenes.CREATED)
    await expect(status).to_have_text("Listening")
    await server.send(scenes.speech_started("u1"), scenes.speech_stopped("u1"))
    await expect(status).to_have_text("Thinking")
    await server.send(scenes.RESPONDING, *scenes.answer("a1", "Hi."), scenes.STARTED)
    await expect(status).to_have_text("Speaking")
    await server.send(scenes.done({"type": "message"}), scenes.STOPPED)
    await expect(status).to_have_text("Listening")
    await page.get_by_role("button", name="Stop").click()
    await expect(status).to_have_text("Ready when you are")


@pytest.mark.parametrize(
    ("events", "doing"),
    [
        ([scenes.RESPONDING, scenes.STARTED, scenes.PAUSED], "listening"),
        ([scenes.RESPONDING, scenes.STARTED, scenes.PAUSED, scenes.RESUMED], "speaking"),
        ([scenes.RESPONDING, scenes.STARTED, scenes.CLEARED], "listening"),
        ([scenes.RESPONDING, scenes.done(status="failed")], "listening"),
        ([scenes.RESPONDING, scenes.STARTED, scenes.done()], "speaking"),
        ([scenes.speech_stopped("u1"), scenes.understood("u1", "")], "listening"),
        ([scenes.speech_stopped("u1"), scenes.understood("u1", "Hi.")], "thinking"),
    ],
    ids=["paused", "resumed", "interrupted", "failed", "still playing", "a cough", "understood"],
)
async def test_what_happens_in_mid_turn(page: Page, events: list[scenes.Event], doing: str) -> None:
    follow_all = """async (events) => {
      const { START, follow } = await import("/activity.js");
      return events.reduce(follow, START).doing;
    }"""
    assert await page.evaluate(follow_all, events) == doing


async def test_the_call_offers_audio_and_asks_for_our_events(
    page: Page, server: FakeServer
) -> None:
    async with page.expect_request("**/v1/realtime/calls?rtc_events=1") as request:
        await connect(page, server)
    assert (await request.value).headers["content-type"] == "application/sdp"
    assert "authorization" not in (await request.value).headers
    assert server.offers[0].count("m=audio") == 1


async def test_the_server_learns_of_the_hang_up_tool(page: Page, server: FakeServer) -> None:
    await connect(page, server)
    session = (await server.receive("session.update"))["session"]
    assert session["type"] == "realtime"
    assert [tool["name"] for tool in session["tools"]] == ["hang_up"]


async def test_stop_hangs_up_and_leaves_nothing_open(page: Page, server: FakeServer) -> None:
    await page.add_init_script(WATCH_DEVICES)
    await page.reload()
    await connect(page, server)
    await until(page, "opened.contexts.length === 1")
    constraints = await page.evaluate("opened.constraints.audio")
    assert constraints == {
        "echoCancellation": True,
        "noiseSuppression": True,
        "autoGainControl": True,
    }
    await page.get_by_role("button", name="Stop").click()
    await server.hears_hang_up()
    await until(page, "opened.contexts[0].state === 'closed'")
    assert await page.evaluate(STATES_OF_DEVICES) == ["closed", "closed", "ended"]
    assert await page.evaluate("document.getElementById('voice').srcObject") is None


async def test_stop_while_connecting_leaves_nothing_open(page: Page, server: FakeServer) -> None:
    await page.add_init_script(WATCH_DEVICES)
    await page.reload()
    await page.evaluate("""() => {
      document.querySelector(".orb").click();
      setTimeout(() => document.querySelector(".orb").click());
    }""")
    await until(page, "opened.tracks.some((track) => track.readyState === 'ended')")
    await expect(page.get_by_role("status")).to_have_text("Ready when you are")
    assert await page.evaluate(STATES_OF_DEVICES) == ["closed", "ended"]
    assert server.offers == []


async def test_a_second_call_starts_afresh(page: Page, server: FakeServer) -> None:
    await connect(page, server)
    await server.send(scenes.understood("u1", "The first call."))
    await expect(page.get_by_role("log")).to_contain_text("The first call.")
    await page.get_by_role("button", name="Stop").click()
    await server.hears_hang_up()
    await connect(page, server)
    await expect(page.get_by_role("log")).not_to_contain_text("The first call.")


async def test_the_meter_follows_the_microphone(page: Page, server: FakeServer) -> None:
    await connect(page, server)  # the fake microphone beeps
    level = "Number(document.querySelector('[role=meter]').getAttribute('aria-valuenow'))"
    await until(page, f"{level} > 0.3")
    await until(page, f"{level} < 0.3")
    await page.get_by_role("button", name="Stop").click()
    await until(page, f"{level} === 0")


async def test_the_voice_is_played(page: Page, server: FakeServer) -> None:
    await connect(page, server)
    await until(page, "document.getElementById('voice').currentTime > 0.1")


async def test_a_goodbye_is_heard_before_the_call_ends(page: Page, server: FakeServer) -> None:
    await connect(page, server)
    await server.send(*scenes.GOODBYE)
    await server.settled()
    assert not server.hung_up.is_set()
    assert await page.evaluate("rtcserver.state") == "speaking"
    await server.send(scenes.STOPPED)
    await server.hears_hang_up()
    await expect(page.get_by_role("status")).to_have_text("Ready when you are")


async def test_what_the_browser_still_buffers_of_a_goodbye_is_played(
    page: Page, server: FakeServer
) -> None:
    await connect(page, server)
    await server.send(*scenes.GOODBYE, scenes.STOPPED)
    await until(page, HANG_UP)
    waited_ms = await page.evaluate(f"{HANG_UP}.startTime - {STOPPED}.t")
    assert 490 < waited_ms < 2_000


async def test_a_goodbye_without_words_ends_the_call_at_once(
    page: Page, server: FakeServer
) -> None:
    await connect(page, server)
    await server.send(
        scenes.RESPONDING,
        scenes.HUNG_UP,
        scenes.done(scenes.HANG_UP),
    )
    await server.hears_hang_up()


async def test_a_goodbye_that_never_ends_is_cut_after_ten_seconds(
    page: Page, server: FakeServer
) -> None:
    await page.clock.install()
    await connect(page, server)
    await server.send(*scenes.GOODBYE)
    await server.settled()
    await page.clock.fast_forward(10_000)
    await server.hears_hang_up()


async def test_the_services_are_shown(page: Page, server: FakeServer) -> None:
    services = page.get_by_role("list", name="Services").get_by_role("listitem")
    ear, voice = "STT pocketsphinx 3 ms", "TTS flite 3 ms"
    await expect(services).to_have_text([ear, "LLM demo agent 11 ms", voice, "0 of 32 calls"])
    down = {"status": "down", "latency_ms": None, "backend": None, "detail": "gone"}
    healthy = server.health["services"]
    server.health = {**server.health, "services": {**healthy, "llm": down}}
    await page.reload()
    await expect(services).to_have_text([ear, "LLM down", voice, "0 of 32 calls"])
    await expect(services.nth(1)).to_have_attribute("title", "gone")


async def test_a_call_is_counted_as_soon_as_it_is_connected(page: Page, server: FakeServer) -> None:
    server.health = {**server.health, "calls": {"active": 1, "max": 32}}
    await connect(page, server)
    await expect(page.get_by_text("1 of 32 calls")).to_be_visible()


async def test_the_trace_is_read_only_and_bounded(page: Page, server: FakeServer) -> None:
    await connect(page, server)
    await server.send(*({"type": "filler", "number": number} for number in range(2100)))
    await server.settled()
    assert await page.evaluate("rtcserver.events.length") == 2000
    assert await page.evaluate("Object.isFrozen(rtcserver)")
    entry = await page.evaluate("rtcserver.events[0]")
    assert entry == {"t": entry["t"], "direction": "received", "event": entry["event"]}
    assert entry["t"] > 0

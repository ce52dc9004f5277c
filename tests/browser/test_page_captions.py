"""The page shows what is said while it is said, and marks what nobody heard."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def log(page: Page, server: FakeServer) -> Locator:
    """The list of captions, once the call is connected."""
    await page.get_by_role("button", name="Start").click()
    await server.send(scenes.CREATED)
    await expect(page.get_by_role("status")).to_have_text("Listening")
    return page.get_by_role("log")


async def test_interim_words_are_italic_until_the_final_ones_replace_them(
    log: Locator, server: FakeServer
) -> None:
    words = log.locator("[data-item=u1] .heard")
    await server.send(scenes.speech_started("u1"))
    await expect(words).to_have_text("…")
    await server.send(scenes.interim("u1", "what is"), scenes.interim("u1", " too"))
    await expect(words).to_have_text("what is too")
    await expect(words).to_have_css("font-style", "italic")
    await server.send(scenes.understood("u1", "What is two?"))
    await expect(words).to_have_text("What is two?")
    await expect(words).to_have_css("font-style", "normal")


async def test_captions_stay_in_the_order_of_their_items(log: Locator, server: FakeServer) -> None:
    await server.send(
        scenes.speech_started("u1"),
        *scenes.answer("a1", "Hello."),
        scenes.understood("u1", "Hi."),
    )
    await expect(log.get_by_role("listitem").locator("p")).to_have_text(["Hi.", "Hello."])


async def test_a_cough_leaves_no_caption(log: Locator, server: FakeServer) -> None:
    await server.send(scenes.speech_started("u1"), scenes.understood("u1", ""))
    await server.send(*scenes.answer("a1", "Hello."))
    await expect(log.get_by_role("listitem")).to_have_count(1)


async def test_what_nobody_understood_is_said_to_be_so(
    log: Locator, page: Page, server: FakeServer
) -> None:
    await server.send(scenes.speech_started("u1"), scenes.speech_stopped("u1"))
    await expect(page.get_by_role("status")).to_have_text("Thinking")
    await server.send(scenes.not_understood("u1"))
    await expect(log.locator("[data-item=u1] .heard")).to_have_text("(not understood)")
    await expect(page.get_by_role("status")).to_have_text("Listening")


async def test_the_unheard_rest_of_a_cut_answer_is_struck_through(
    log: Locator, server: FakeServer
) -> None:
    await server.send(*scenes.answer("a1", "One, two, three, four."), scenes.truncated("a1"))
    caption = log.locator("[data-item=a1]")
    await expect(caption.locator(".cut")).to_have_text("(interrupted)")
    assert (await server.receive("conversation.item.retrieve"))["item_id"] == "a1"
    await server.send(scenes.retrieved("a1", "One, two,"))
    await expect(caption.locator(".heard")).to_have_text("One, two,")
    await expect(caption.locator("del")).to_have_text("three, four.")


async def test_words_still_to_be_heard_are_paler_until_they_are(
    log: Locator, server: FakeServer
) -> None:
    caption = log.locator("[data-item=a1]")
    await server.send(*scenes.answer("a1", "One, two, three."), scenes.heard("a1", "One,"))
    await expect(caption.locator(".heard")).to_have_text("One,")
    await expect(caption.locator(".ahead")).to_have_text("two, three.")
    await server.send(scenes.heard("a1", "One, two, three.", final=True))
    await expect(caption.locator(".heard")).to_have_text("One, two, three.")
    await expect(caption.locator(".ahead, del, .cut")).to_have_count(0)


async def test_stop_in_mid_answer_strikes_what_nobody_heard(
    page: Page, log: Locator, server: FakeServer
) -> None:
    await server.send(*scenes.answer("a1", "One, two, three."), scenes.heard("a1", "One, two,"))
    caption = log.locator("[data-item=a1]")
    await expect(caption.locator(".heard")).to_have_text("One, two,")
    await page.get_by_role("button", name="Stop").click()
    await expect(caption.locator("del")).to_have_text("three.")
    await expect(caption.locator(".cut")).to_have_text("(interrupted)")
    await expect(caption.locator(".heard")).to_have_text("One, two,")


@pytest.mark.parametrize(
    ("text", "heard", "unheard"),
    [
        ("One, two, three.", "One, two,", "three."),
        ("One, two, three.", "One two", "three."),
        ("One, two, three.", "", "One, two, three."),
        ("One, two, three.", "One, two, three.", ""),
        ("", "One,", ""),
    ],
    ids=["a prefix", "the same words, written otherwise", "nothing", "all", "words not known here"],
)
async def test_a_text_is_split_where_its_hearing_ended(
    page: Page, text: str, heard: str, unheard: str
) -> None:
    split = "async (caption) => (await import('/captions.js')).split(caption)"
    parts = await page.evaluate(split, {"text": text, "heard": heard})
    assert parts == {"heard": heard, "unheard": unheard}


@pytest.mark.parametrize("order", ["done first", "truncated first"])
async def test_a_cut_item_keeps_its_unheard_words(page: Page, order: str) -> None:
    done = {**scenes.retrieved("a1", "One,"), "type": "conversation.item.done"}
    ends = [done, scenes.truncated("a1")]
    events = [
        *scenes.answer("a1", "One, two."),
        *(ends if order == "done first" else reversed(ends)),
        scenes.retrieved("a1", "One,"),
    ]
    caption_all = """async (events) => {
      const { caption } = await import("/captions.js");
      return events.reduce(caption, []);
    }"""
    (caption,) = await page.evaluate(caption_all, events)
    assert (caption["text"], caption["heard"]) == ("One, two.", "One,")


async def test_an_item_that_was_only_retrieved_is_not_cut(log: Locator, server: FakeServer) -> None:
    await server.send(*scenes.answer("a1", "One, two."), scenes.retrieved("a1", "One,"))
    await server.send(scenes.understood("u1", "Next."))
    await expect(log.locator("[data-item=u1]")).to_be_visible()
    await expect(log.locator("[data-item=a1] .heard")).to_have_text("One, two.")


async def test_the_latency_parts_add_up_to_the_total(log: Locator, server: FakeServer) -> None:
    parts = {"endpointing": 500.4, "stt": 40.4, "llm": 32.4, "tts": 88.4, "playout": 20.4}
    await server.send(*scenes.answer("a1", "Hi."), scenes.latency("a1", 682.0, **parts))
    caption = log.locator("[data-item=a1] figcaption")
    await expect(caption.locator("strong")).to_have_text("682 ms")
    texts = await caption.locator(".phase").all_inner_texts()
    assert [text.rsplit(" ", 1)[0] for text in texts] == [
        "turn end",
        "STT",
        "LLM",
        "TTS",
        "playout",
    ]
    assert sum(int(text.rsplit(" ", 1)[1]) for text in texts) == 682


async def test_the_widths_of_the_latency_bar_have_the_ratios_of_its_phases(
    log: Locator, server: FakeServer
) -> None:
    await server.send(*scenes.answer("a1", "Hi."), scenes.latency("a1", 1500, llm=1000, tts=500))
    bar = log.locator(".bar")
    await expect(bar.locator("span")).to_have_count(2)
    widths = await bar.evaluate("bar => [...bar.children].map((span) => span.style.width)")
    assert [round(float(width.removesuffix("%")), 1) for width in widths] == [66.7, 33.3]


async def test_typed_text_is_sent_and_answered(
    page: Page, log: Locator, server: FakeServer
) -> None:
    await page.get_by_label("Message").fill("  Good morning ")
    await page.get_by_label("Message").press("Enter")
    item = (await server.receive("conversation.item.create"))["item"]
    content = [{"type": "input_text", "text": "Good morning"}]
    assert item == {"type": "message", "role": "user", "content": content}
    await server.receive("response.create")
    await expect(page.get_by_label("Message")).to_have_value("")
    await server.send({"type": "conversation.item.added", "item": {**item, "id": "u1"}})
    await expect(log.locator("[data-item=u1] p")).to_have_text("Good morning")


async def test_typed_text_interrupts_the_answer(
    page: Page, log: Locator, server: FakeServer
) -> None:
    await server.receive("session.update")
    await server.send(scenes.RESPONDING, *scenes.answer("a1", "Well,"), scenes.STARTED)
    await expect(log).to_contain_text("Well,")
    await expect(page.get_by_role("status")).to_have_text("Speaking")
    await page.get_by_label("Message").fill("Stop")
    await page.get_by_role("button", name="Send").click()
    async with asyncio.timeout(5):
        types = [(await server.received.get())["type"] for _ in range(4)]
    assert types == [
        "response.cancel",
        "output_audio_buffer.clear",
        "conversation.item.create",
        "response.create",
    ]


async def test_what_is_said_is_text_and_never_markup(log: Locator, server: FakeServer) -> None:
    await server.send(scenes.understood("u1", "<img src=x><b>bold</b>"))
    await expect(log.locator("[data-item=u1] p")).to_have_text("<img src=x><b>bold</b>")


async def test_a_long_conversation_stays_at_its_end_and_is_bounded(
    page: Page, log: Locator, server: FakeServer
) -> None:
    await server.send(*(scenes.understood(f"u{number}", f"No. {number}") for number in range(250)))
    await expect(log.locator("[data-item=u249]")).to_be_in_viewport()
    await expect(log.get_by_role("listitem")).to_have_count(200)
    await expect(page.get_by_label("Message")).to_be_in_viewport()

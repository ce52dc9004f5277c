import re

from rtcserver.conversation.heard import Utterance
from rtcserver.text.narration import Narration

SECOND = 24_000


def utterance(text: str, *words: tuple[str, float, float], seconds: float = 10) -> Utterance:
    made = Utterance()
    write(made, text)
    for word in words:
        made.add_word(*word)
    made.add_audio(int(seconds * SECOND))
    made.whole = True
    return made


def write(made: Utterance, text: str) -> None:
    """Word by word, as a voice is given them."""
    narration = Narration()
    for word in re.findall(r"\s*\S+", text):
        made.add_text(word, narration.push(word))


def test_a_word_is_heard_once_half_of_it_was_played() -> None:
    said = utterance("One two three.", ("One", 0, 0.4), ("two", 0.4, 0.8), ("three.", 0.8, 1.2))
    assert said.heard(0) == ""
    assert said.heard(int(0.19 * SECOND)) == ""
    assert said.heard(int(0.2 * SECOND)) == "One"
    assert said.heard(int(0.7 * SECOND)) == "One two"


def test_all_is_heard_when_all_audio_was_played() -> None:
    said = utterance("One two.", ("One", 0, 0.4), seconds=1)
    assert said.heard(1 * SECOND) == "One two."


def test_what_is_still_to_be_spoken_was_not_heard_with_the_audio_so_far() -> None:
    said = utterance("One two three.", ("One", 0, 0.4), ("two", 0.4, 0.8), seconds=0.8)
    said.whole = False
    assert said.heard(int(0.8 * SECOND)) == "One two"


def test_what_the_voice_leaves_out_is_heard_with_the_word_before() -> None:
    said = utterance("**Hello** – world!", ("Hello", 0, 0.4), ("world!", 0.5, 0.9))
    assert said.heard(int(0.3 * SECOND)) == "**Hello**"
    assert said.heard(int(0.8 * SECOND)) == "**Hello** – world!"


def test_a_repeated_word_is_found_in_order() -> None:
    said = utterance("no no no", ("no", 0, 0.2), ("no", 0.2, 0.4), ("no", 0.4, 0.6))
    assert said.heard(int(0.35 * SECOND)) == "no no"


def test_a_word_the_voice_changed_takes_the_place_of_the_next_one() -> None:
    said = utterance("It is 5 o'clock", ("It", 0, 0.2), ("is", 0.2, 0.4), ("five", 0.4, 0.6))
    assert said.heard(int(0.55 * SECOND)) == "It is 5"


def test_what_is_said_in_several_words_is_heard_with_half_of_them() -> None:
    words = (("mail", 0, 0.2), ("anna", 0.2, 0.4), ("at", 0.4, 0.6), ("example", 0.6, 0.8))
    said = utterance("mail anna@example.com now", *words, ("dot", 0.8, 1), ("com", 1, 1.2))
    assert said.heard(int(0.35 * SECOND)) == "mail"
    assert said.heard(int(0.75 * SECOND)) == "mail anna@example.com"


def test_what_only_the_eye_reads_does_not_move_the_ear() -> None:
    text = "See [the docs](https://example.com/a) and\n```print(1) and``` that."
    words = (("See", 0, 0.2), ("the", 0.2, 0.4), ("docs", 0.4, 0.6), ("and", 0.6, 0.8))
    said = utterance(text, *words, ("that.", 0.8, 1.0))
    assert said.heard(int(0.75 * SECOND)) == "See [the docs](https://example.com/a) and"
    assert said.heard(int(0.95 * SECOND)) == text


def test_without_word_times_characters_stand_in_for_time() -> None:
    said = utterance("abcd efgh ijkl mnop", seconds=2)
    assert said.heard(1 * SECOND) == "abcd"
    assert said.heard(0) == ""


def test_what_broke_off_is_forgotten_and_an_apology_follows_what_was_spoken() -> None:
    said = Utterance()
    write(said, "One two three four.")
    for word in (("One", 0, 0.4), ("two", 0.4, 0.8), ("three", 0.8, 1.2)):
        said.add_word(*word)
    said.add_audio(int(0.8 * SECOND))  # the times of "three" came, but not its sound
    said.break_off()
    write(said, " Sorry.")
    said.add_word("Sorry.", 0.8, 1.2)
    said.add_audio(int(0.4 * SECOND))
    assert said.heard(int(1.2 * SECOND)) == "One two Sorry."


def test_without_word_times_nobody_knows_what_broke_off() -> None:
    said = Utterance()
    said.add_text("One two three.")
    said.add_audio(SECOND)
    said.break_off()
    assert said.text == "One two three."


def test_what_broke_off_before_any_sound_was_never_said() -> None:
    said = Utterance()
    said.add_text("One two three.")
    said.break_off()
    assert said.text == ""

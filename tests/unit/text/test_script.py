"""Follow a voice through what it was given to say."""

from rtcserver.text.script import Script


def script(*words: str) -> Script:
    """Each word ends where it ends in the text of all of them, with blanks between."""
    made, end = Script(), 0
    for word in words:
        made.add((word,), end, end + len(word))
        end += len(word) + 1
    return made


def test_each_word_leads_to_its_end() -> None:
    given = script("One", "two", "three.")
    assert [given.follow(word) for word in ("One", "two", "three")] == [3, 7, 14]


def test_a_voice_may_leave_words_out() -> None:
    given = script("so", "-", "uh", "yes")
    assert [given.follow("so"), given.follow("yes")] == [2, 11]


def test_a_voice_may_change_a_word() -> None:
    given = script("at", "5", "today")
    assert [given.follow(word) for word in ("at", "five", "today")] == [2, 4, 10]


def test_a_voice_may_say_a_word_in_parts() -> None:
    given = script("at", "14:30", "today")
    assert [given.follow(word) for word in ("at", "14", "30", "today")] == [2, 8, 8, 14]


def test_a_word_that_became_several_leads_astray_only_until_the_next_one_as_written() -> None:
    given = script("at", "9:45", "we", "go", "home", "now")
    told = ("at", "quarter", "to", "ten", "we", "go", "home", "now")
    assert [given.follow(word) for word in told] == [2, 7, 7, 7, 10, 13, 18, 22]


def test_a_voice_that_makes_many_words_of_one_does_not_run_ahead() -> None:
    given = script("about", "$1,234", "is", "due", "on", "May", "3")
    told = [
        "about",
        "one",
        "thousand",
        "two",
        "hundred",
        "and",
        "thirty",
        "four",
        "dollars",
        "is",
        "due",
    ]
    ends = [given.follow(word) for word in told]
    assert ends == [5, *[12] * 8, 15, 19]


def test_what_was_said_is_never_taken_back() -> None:
    given = script("no", "five", "no", "ten")
    ends = [given.follow(word) or 0 for word in ("no", "seven", "eight", "no", "ten")]
    assert ends == sorted(ends)


def test_the_same_word_again_is_the_next_one() -> None:
    given = script("no", "no", "no")
    assert [given.follow("no") for _ in range(3)] == [2, 5, 8]


def test_more_than_was_given_leads_nowhere() -> None:
    given = script("one")
    assert [given.follow("one"), given.follow("two")] == [3, None]


def test_what_takes_several_words_is_passed_with_half_of_them() -> None:
    given = Script()
    given.add(("twelve", "dollars", "and", "fifty", "cents"), 0, 6)
    words = ("twelve", "dollars", "and", "fifty", "cents")
    assert [given.follow(word) for word in words] == [0, 0, 6, 6, 6]


def test_what_is_forgotten_is_not_waited_for() -> None:
    given = script("one", "two", "three")
    given.follow("one")
    given.forget()
    given.add(("Sorry.",), 3, 10)
    assert given.follow("Sorry.") == 10

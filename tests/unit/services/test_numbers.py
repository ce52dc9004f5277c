import pytest

from rtcserver.services.tts.numbers import spell_numbers


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("42", "forty-two"),
        ("1,234.", "one thousand, two hundred and thirty-four."),
        ("3.14", "three point one four"),
        ("(7)", "(seven)"),
        ("-3", "minus three"),
        ("21st,", "twenty-first,"),
        ("50%", "fifty percent"),
        ("$12.50", "twelve dollars and fifty cents"),
        ("$5", "five dollars"),
        ("2026.", "twenty twenty-six."),
        ("007", "zero zero seven"),
        ("4111111111111111", "four" + " one" * 15),
        ("word", "word"),
        ("v2", "v2"),
        ("14:30", "14:30"),
    ],
)
def test_numbers_are_written_out(written: str, said: str) -> None:
    assert spell_numbers(written) == said

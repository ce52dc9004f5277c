"""Spell words in ASCII, for an engine that knows nothing else."""

import unicodedata

_SPELT = str.maketrans(
    {
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("–—−", "-"),
        "…": "...",
        "€": " euros",
        "£": " pounds",
        "°": " degrees",
        "×": " times ",
        "÷": " divided by ",
        "½": " one half",
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
    }
)


def plain(word: str) -> str:
    """ASCII without control characters; "" if nothing of the word can be spelt so."""
    spelt = unicodedata.normalize("NFKD", word.translate(_SPELT))
    return " ".join("".join(c for c in spelt if " " <= c <= "~").split())

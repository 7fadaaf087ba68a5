"""What the tests of formats share: the command, and articles with and without something to clean."""

import os

DESCALE = os.environ.get("DESCALE", "target/release/descale")
MARKER = "Story continues below advertisement"


def article(number):
    """An article, and what it is when it is cleaned. Every third has nothing to clean."""
    before = f"The board met for the {number}th time; it heard, \"at last\", what the new pier would cost."
    behind = "“We had hoped for less”, said Lena Ødegård – and left."
    if number % 3 == 0:
        return f"{before}\n\n{behind}", f"{before}\n\n{behind}"
    return f"{before}\n\n{MARKER}\n\n{behind}", f"{before}\n\n{behind}"

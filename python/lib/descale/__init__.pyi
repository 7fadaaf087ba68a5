"""Type stubs and reference of ``descale``. Offsets are in the cleaner's ``unit``: characters unless said otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, Protocol, TypedDict, final

__version__: str

Unit = Literal["char", "byte", "utf16"]
FragmentMode = Literal["repair", "remove", "report", "off"]

class _ArrowArrayLike(Protocol):
    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]: ...

class _ArrowStreamLike(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

ArrowInput = _ArrowArrayLike | _ArrowStreamLike

class PatternError(ValueError):
    """Rules that cannot be used: a string that cannot be one, a pack with mistakes, an unknown name in ``only`` or ``skip``.

    >>> import descale
    >>> descale.Cleaner(skip=["related-links"])
    Traceback (most recent call last):
    descale.PatternError: ...did you mean `related-link`?...
    """

    diagnostics: list[str]
    """Each mistake with its place and cure, as ``descale compile`` prints them."""

@final
class Finding:
    """One thing found in a text."""

    @property
    def rule(self) -> str:
        """Full name of the rule or detector: ``en/ads/continues-below``, ``fragment/clipped-name``."""
    @property
    def version(self) -> str:
        """Version of the pack, or of the engine for a detector."""
    @property
    def category(self) -> str:
        """What kind of text it is, such as ``ad-marker``."""
    @property
    def why(self) -> str:
        """Why it is found, as the end of a sentence that begins with the found text."""
    @property
    def safety(self) -> Literal["safe", "review", "report"]:
        """How sure it is."""
    @property
    def severity(self) -> Literal["error", "warning", "note"]:
        """``error``: ``clean`` acts on it; ``warning``: it does with ``review=True``; ``note``: worth knowing."""
    @property
    def start(self) -> int:
        """Where it begins in the original text."""
    @property
    def end(self) -> int:
        """Where it ends in the original text (exclusive)."""
    @property
    def found(self) -> str:
        """The text between the two."""
    @property
    def action(self) -> Literal["remove", "replace", "report"]:
        """What ``clean`` does with it, if it does anything."""
    @property
    def new(self) -> str | None:
        """What comes in its place, for ``replace``."""
    @property
    def kept(self) -> str | None:
        """Why it stays in the text (``mention``, ``tier``, …); ``None`` if ``clean`` acts on it."""
    @property
    def evidence(self) -> list[tuple[int, int]]:
        """Other places of the original text that prove it."""

@final
class Edit:
    """One change: ``original[start:end] == old`` became ``text[new_start:new_end] == new``."""

    @property
    def start(self) -> int:
        """Where it begins in the original text."""
    @property
    def end(self) -> int:
        """Where it ends in the original text (exclusive)."""
    @property
    def new_start(self) -> int:
        """Where its replacement begins in the cleaned text."""
    @property
    def new_end(self) -> int:
        """Where its replacement ends in the cleaned text (exclusive)."""
    @property
    def old(self) -> str:
        """What went, with the white space that the seam settled."""
    @property
    def new(self) -> str:
        """What came in its place."""
    @property
    def rule(self) -> str:
        """Full name of the first rule that caused it."""
    @property
    def version(self) -> str:
        """Version of that rule."""
    @property
    def category(self) -> str:
        """Category of that rule."""
    @property
    def safety(self) -> Literal["safe", "review", "report"]:
        """How sure that rule was."""
    @property
    def evidence(self) -> list[tuple[int, int]]:
        """Other places of the original text that prove it."""

@final
class Cleaned:
    """A cleaned text with everything that was found and done. ``str(cleaned)`` is its text."""

    @property
    def text(self) -> str:
        """The cleaned text; the very object that was given where nothing changed."""
    @property
    def original(self) -> str:
        """The text as it was given."""
    @property
    def changed(self) -> bool:
        """Whether the two differ."""
    @property
    def unit(self) -> Unit:
        """What offsets of findings and edits count."""
    @property
    def findings(self) -> list[Finding]:
        """All that was found, sorted by place, also what stays. Made anew at each call."""
    @property
    def edits(self) -> list[Edit]:
        """All changes, sorted and disjoint. Made anew at each call."""
    def undo(self) -> str:
        """The original text, made from the cleaned text and the edits alone.

        >>> import descale
        >>> cleaned = descale.clean("One.\\n\\nAdvertisement\\n\\nTwo.")
        >>> cleaned.undo() == cleaned.original
        True
        """
    def remap(
        self, spans: Iterable[tuple[int, int]], *, to: Literal["cleaned", "original"] = "cleaned"
    ) -> list[tuple[int, int] | None]:
        """Carries spans (of labels, citations, sentences) from one text to the other; ``None`` for one that fell into a cut.

        Spans are in the cleaner's ``unit``. A span that no edit touches comes back unchanged when carried there and back.

        >>> import descale
        >>> text = "One.\\n\\nAdvertisement\\n\\nTwo."
        >>> cleaned = descale.clean(text)
        >>> cleaned.remap([(0, 4), (text.index("Two"), len(text)), (6, 19)])
        [(0, 4), (6, 10), None]
        """

class _EditDict(TypedDict):
    new_start: int
    new_end: int
    old: str
    new: str

@final
class ArrowArray:
    """An Arrow array that any library with the PyCapsule interface takes: ``pyarrow.array(a)``, ``polars.Series(a)``."""

    def __len__(self) -> int: ...
    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]: ...
    def __arrow_c_schema__(self) -> Any: ...

@final
class Cleaner:
    """Finds insertions and broken fragments, and takes them out. Made once, used for many texts, by many threads at once.

    The interpreter lock is released while it works. It can be pickled: the compiled rules travel, so that the other process compiles nothing.

    ``patterns``: strings of your own to look for, as ``descale clean --pattern`` takes them.
    ``packs``: files with rules: TOML packs, plain lists (one string a line), or what ``descale compile`` wrote.
    ``builtin``: whether the built-in rules take part.
    ``lang``: only the built-in rules of these languages (``["en"]``); texts are taken to be of that language if one is named.
    ``only``, ``skip``: categories (``related-link``), packs (``en/ads``) or rules to choose or leave out.
    ``review``: also apply what usually is furniture but may be a heading or a sentence.
    ``fragments``: what becomes of broken fragments.
    ``unit``: what offsets count.

    >>> import descale
    >>> cleaner = descale.Cleaner(patterns=["Paid post by Acme"], lang=["en"])
    >>> cleaner.clean("One.\\n\\nPaid post by Acme\\n\\nTwo.").text
    'One.\\n\\nTwo.'
    """

    def __new__(
        cls,
        *,
        patterns: Sequence[str] = (),
        packs: Sequence[str | PathLike[str]] = (),
        builtin: bool = True,
        lang: Sequence[str] = (),
        only: Sequence[str] = (),
        skip: Sequence[str] = (),
        review: bool = False,
        fragments: FragmentMode = "repair",
        unit: Unit = "char",
    ) -> Cleaner: ...
    def clean(
        self, text: str, *, site: str | None = None, title: str | None = None, lang: str | None = None
    ) -> Cleaned:
        """Cleans a text. ``site`` (a host or URL) switches rules of that site on; ``title`` helps to find the headline above the text."""
    def scan(
        self, text: str, *, site: str | None = None, title: str | None = None, lang: str | None = None
    ) -> list[Finding]:
        """What is found in a text; nothing is changed."""
    def clean_batch(
        self,
        texts: Sequence[str],
        *,
        site: Sequence[str | None] | None = None,
        title: Sequence[str | None] | None = None,
        lang: Sequence[str | None] | None = None,
        threads: int = 1,
    ) -> list[Cleaned]:
        """Cleans many texts, in order. ``threads=0`` uses one a core; the answer is the same with any number.

        >>> import descale
        >>> [cleaned.text for cleaned in descale.Cleaner().clean_batch(["One.", "Two.\\n\\nAdvertisement"])]
        ['One.', 'Two.']
        """
    def clean_array(
        self,
        array: ArrowInput,
        *,
        site: ArrowInput | str | None = None,
        title: ArrowInput | str | None = None,
        lang: ArrowInput | str | None = None,
        edits: bool = False,
        threads: int = 1,
    ) -> ArrowArray:
        """Cleans an Arrow column of ``string``, ``large_string`` or ``string_view``; nulls stay null, the type stays, no text is copied on
        its way in. A stream of chunks becomes one array.

        With ``edits=True`` the answer is ``struct<text, edits: list<struct<start, end, new_start, new_end, old, new, rule, version,
        category, safety>>, error>``. ``error`` says why a row could not be read (Spark's strings need not be UTF-8); its text is as it
        was. Without ``edits`` such a row raises ``ValueError``.
        """
    @property
    def rules(self) -> int:
        """How many rules it has, without detectors of broken text."""
    def to_bytes(self) -> bytes:
        """The compiled rules, before ``only`` and ``skip``: the file that ``descale compile`` writes."""
    @staticmethod
    def from_bytes(
        data: bytes,
        *,
        only: Sequence[str] = (),
        skip: Sequence[str] = (),
        review: bool = False,
        fragments: FragmentMode = "repair",
        unit: Unit = "char",
        lang: str | None = None,
    ) -> Cleaner:
        """A cleaner of compiled rules alone. ``PatternError`` when the bytes are damaged or another version's."""

def _default() -> Cleaner: ...
def _restore(
    data: bytes,
    only: Sequence[str],
    skip: Sequence[str],
    review: bool,
    fragments: FragmentMode,
    unit: Unit,
    lang: str | None,
) -> Cleaner: ...
def clean(
    text: str, *, site: str | None = None, title: str | None = None, lang: str | None = None
) -> Cleaned:
    """Cleans a text with the built-in rules. See :meth:`Cleaner.clean`."""

def scan(
    text: str, *, site: str | None = None, title: str | None = None, lang: str | None = None
) -> list[Finding]:
    """What the built-in rules and the detectors find. See :meth:`Cleaner.scan`."""

def clean_batch(
    texts: Sequence[str],
    *,
    site: Sequence[str | None] | None = None,
    title: Sequence[str | None] | None = None,
    lang: Sequence[str | None] | None = None,
    threads: int = 1,
) -> list[Cleaned]:
    """Cleans many texts with the built-in rules. See :meth:`Cleaner.clean_batch`."""

def clean_array(
    array: ArrowInput,
    *,
    site: ArrowInput | str | None = None,
    title: ArrowInput | str | None = None,
    lang: ArrowInput | str | None = None,
    edits: bool = False,
    threads: int = 1,
) -> ArrowArray:
    """Cleans an Arrow column with the built-in rules. See :meth:`Cleaner.clean_array`."""

def undo(
    text: str, edits: Iterable[Edit | _EditDict | Mapping[str, Any]], *, unit: Unit = "char"
) -> str:
    """The original text, from a cleaned one and its edits: those of ``Cleaned.edits``, or rows of the Arrow column ``edits``.

    Raises ``ValueError`` when an edit does not fit, which means that the text was edited since.

    >>> import descale
    >>> cleaned = descale.clean("One.\\n\\nAdvertisement\\n\\nTwo.")
    >>> descale.undo(cleaned.text, cleaned.edits)
    'One.\\n\\nAdvertisement\\n\\nTwo.'
    """

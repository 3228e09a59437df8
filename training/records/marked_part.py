"""A part of a description that is renewed, between marks; what people write around it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Marks:
    """What opens and ends the part; comments, which MLflow does not show.

    Attributes
    ----------
    name : str
    """

    name: str

    def opening(self, text: str) -> str:
        """Open a part of this text; its digest tells whether somebody edited it."""
        return f"<!-- {self.name} sha256:{sha256(text.encode()).hexdigest()[:16]} -->"

    @property
    def closing(self) -> str:
        """End the part."""
        return f"<!-- end of {self.name} -->"


def with_part(description: str, text: str, marks: Marks) -> str:
    r"""Put a text into a description, in place of the one that is there.

    Parameters
    ----------
    description : str
        Words before and after the part stay where they are. A part that was edited holds a person's words:
        it stays too, before the new one, without its marks.
    text : str
        Markdown.
    marks : Marks

    Returns
    -------
    description : str

    Examples
    --------
    >>> marks = Marks("league")
    >>> once = with_part("By hand.", "old", marks)
    >>> again = with_part(f"{once}\n\nLater by hand.", "new", marks)
    >>> [line for line in again.splitlines() if line and not line.startswith("<!--")]
    ['By hand.', 'new', 'Later by hand.']
    """
    before, after = surroundings(description, marks)
    part = f"{marks.opening(text)}\n\n{text}\n\n{marks.closing}"
    return "\n\n".join(words for words in (before, part, after) if words)


def surroundings(description: str, marks: Marks) -> tuple[str, str]:
    """Give what people wrote before and after the part; all is before where there is none."""
    before, begin, rest = description.partition(f"<!-- {marks.name} sha256:")
    digest, _, rest = rest.partition(" -->")
    part, end, after = rest.partition(marks.closing)
    if not (begin and end):
        return description.strip(), ""
    text = part.strip()
    edited = marks.opening(text) != f"{begin}{digest} -->"
    kept = [before.strip(), text if edited else ""]
    return "\n\n".join(words for words in kept if words), after.strip()

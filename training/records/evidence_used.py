"""Which published evidence a training used, in the words of its runs."""

from __future__ import annotations

from training.dataset.fit_config import EvidenceChoice


def evidence_tags(choice: EvidenceChoice) -> dict[str, str]:
    """Say which evidence a training used; of a site's file only the name, not the path.

    Examples
    --------
    >>> from pathlib import Path
    >>> evidence_tags(EvidenceChoice(Path("/home/site/own.csv"), ("10.1/a", "10.1/b")))
    {'evidence_literature': 'yes', 'evidence_excluded': '10.1/a | 10.1/b', 'evidence_file': 'own.csv'}
    """
    return {
        "evidence_literature": "yes" if choice.literature else "no",
        "evidence_excluded": " | ".join(choice.excluded) or "none",
        "evidence_file": choice.file.name if choice.file is not None else "none",
    }


def evidence_words(choice: EvidenceChoice) -> str:
    """Say in a sentence which evidence a training used.

    Examples
    --------
    >>> evidence_words(EvidenceChoice(literature=False)), evidence_words(EvidenceChoice(excluded=("10.1/a",)))
    ('Evidence: none.', 'Evidence: the literature without 10.1/a.')
    """
    return f"Evidence: {evidence_choice(choice)}."


def evidence_choice(choice: EvidenceChoice) -> str:
    """Say it in a few words.

    Examples
    --------
    >>> evidence_choice(EvidenceChoice()), evidence_choice(EvidenceChoice(literature=False))
    ('the literature', 'none')
    """
    used = ["the literature"] if choice.literature else []
    used += [choice.file.name] if choice.file is not None else []
    without = f" without {' and '.join(choice.excluded)}" if choice.excluded else ""
    return f"{' and '.join(used) or 'none'}{without}"

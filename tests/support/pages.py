"""The pages of the documentation, and their code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = {page.name if page.parent == ROOT else f"docs/{page.name}": page.read_text()
         for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}  # fmt: skip
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

#: The blocks of Python of each page, but for those of an interactive session.
CODE = {
    name: [block for block in _BLOCK.findall(text) if not block.startswith(">>>")]
    for name, text in PAGES.items()
}


def code_of(page, words):
    """The only block of a page that contains some words."""
    (code,) = (block for block in CODE[page] if words in block)
    return code

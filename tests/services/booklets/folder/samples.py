"""A second booklet: one or two resources of each kind, and a moment first written in Welsh."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

COLLECTION = """\
key: second-booklet
source_language: en
slugs:
  en: second-booklet
  cy: ail-lyfryn
position: 3
publisher: null
year: 2026
licence: null
units:
  title:
    en: A second booklet
    cy: Ail lyfryn
    state: translated
    origin: human
"""
SECTIONS = """\
- key: second-booklet-foreword
  source_language: en
  slugs:
    en: second-booklet-foreword
    cy: ail-lyfryn-rhagair
  author: null
  part_of: null
  contents:
    kind: category
  units:
    title:
      en: Foreword
      cy: Rhagair
      state: translated
      origin: human
    body:
      en: |-
        These are small things. They were not small to us.

        Read them slowly.
      cy: |-
        Pethau bach yw’r rhain. Nid oeddent yn fach i ni.

        Darllenwch nhw’n araf.
      state: translated
      origin: machine
      tool: large language model
    highlight:
      en: They were not small to us
      cy: Nid oeddent yn fach i ni
      state: translated
      origin: machine
      tool: large language model
"""
CATEGORIES = """\
- key: listening
  source_language: en
  slugs:
    en: listening
    cy: gwrando
  units:
    name:
      en: Listening
      cy: Gwrando
      state: translated
      origin: human
"""
MOMENTS = """\
- key: paned-a-sgwrs
  source_language: cy
  slugs:
    cy: paned-a-sgwrs
    en: a-cuppa-and-a-chat
  number: 1
  category: listening
  units:
    title:
      cy: Paned a sgwrs
      en: A cuppa and a chat
      state: reviewed
      origin: human
      reviewed_by: Second Reader
    body:
      cy: Bob prynhawn Mawrth mae’r drws ar agor i bawb.
      en: Every Tuesday afternoon the door is open to *everyone*.
      state: translated
      origin: post-edited
      note: The emphasis is the speaker's.

- key: the-long-way-home
  source_language: en
  slugs:
    en: the-long-way-home
    cy: null
  number: 2
  category: listening
  units:
    title:
      en: The long way home
    body:
      en: We walked, and she talked.
"""
GROUND_RULES = """\
- key: one-at-a-time
  source_language: en
  slugs:
    en: one-at-a-time
    cy: null
  units:
    text:
      en: We speak one at a time
      cy: Rydym yn siarad fesul un
      state: translated
      origin: human
"""
PROMPTS = """\
- key: what-did-you-notice
  source_language: en
  slugs:
    en: what-did-you-notice
    cy: null
  stage: response
  units:
    text:
      en: What did you notice?
      cy: Beth wnaethoch chi sylwi arno?
      state: initial
      origin: human
"""
SECOND_BOOKLET = {
    "collection.yaml": COLLECTION,
    "sections.yaml": SECTIONS,
    "categories.yaml": CATEGORIES,
    "moments.yaml": MOMENTS,
    "ground-rules.yaml": GROUND_RULES,
    "prompts.yaml": PROMPTS,
}

# An edit of a file: the file name, a text that occurs once in the file, and the replacement text.
Edit = tuple[str, str, str]
CLASHING_SLUG: Edit = ("moments.yaml", "en: the-long-way-home", "en: chain-reaction")
CLASHING_KEY: Edit = ("moments.yaml", "key: the-long-way-home", "key: chain-reaction")
MISSING_WELSH_ADDED: Edit = (
    "moments.yaml",
    "      en: We walked, and she talked.\n",
    "      en: We walked, and she talked.\n"
    "      cy: Cerddon ni, a siaradodd hi.\n      state: translated\n      origin: human\n",
)


def write_second_booklet(path: Path, edits: Sequence[Edit] = ()) -> Path:
    """Write the second booklet with ``edits`` to a new folder at ``path``, and return ``path``."""
    texts = dict(SECOND_BOOKLET)
    for file, old, new in edits:
        assert texts[file].count(old) == 1, f"{old!r} is {texts[file].count(old)} times in {file}"
        texts[file] = texts[file].replace(old, new)
    path.mkdir(parents=True)
    for file, text in texts.items():
        (path / file).write_bytes(text.encode())
    return path

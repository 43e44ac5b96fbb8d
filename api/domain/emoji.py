"""Emoji sequences, by the grammar of Unicode Technical Standard #51 (version 17.0).

A few emoji consist of several characters, some of which are invisible: zero-width joiners, variation selectors and tag
characters. These characters are part of a text only inside a well-formed sequence, and no text is cut inside one.
"""

from __future__ import annotations

import re
import unicodedata

# The property Extended_Pictographic of Unicode 17.0: all emoji but digits, regional indicators and skin tones, and the
# code points that are reserved for future emoji. Python has no such property.
_PICTOGRAPHIC = (
    "A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB 25B6 25C0 "
    "25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 "
    "2648-2653 265F-2660 2663 2665-2666 2668 267B 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB "
    "26B0-26B1 26BD-26BE 26C4-26C5 26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705 "
    "2708-270D 270F 2712 2714 2716 271D 2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 2795-2797 "
    "27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 3299 1F004 1F02C-1F02F 1F094-1F09F "
    "1F0AF-1F0B0 1F0C0 1F0CF-1F0D0 1F0F6-1F0FF 1F170-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F1AE-1F1E5 1F201-1F20F "
    "1F21A 1F22F 1F232-1F23A 1F23C-1F23F 1F249-1F25F 1F266-1F321 1F324-1F393 1F396-1F397 1F399-1F39B 1F39E-1F3F0 "
    "1F3F3-1F3F5 1F3F7-1F3FA 1F400-1F4FD 1F4FF-1F53D 1F549-1F54E 1F550-1F567 1F56F-1F570 1F573-1F57A 1F587 "
    "1F58A-1F58D 1F590 1F595-1F596 1F5A4-1F5A5 1F5A8 1F5B1-1F5B2 1F5BC 1F5C2-1F5C4 1F5D1-1F5D3 1F5DC-1F5DE 1F5E1 "
    "1F5E3 1F5E8 1F5EF 1F5F3 1F5FA-1F64F 1F680-1F6C5 1F6CB-1F6D2 1F6D5-1F6E5 1F6E9 1F6EB-1F6F0 1F6F3-1F6FF "
    "1F7DA-1F7FF 1F80C-1F80F 1F848-1F84F 1F85A-1F85F 1F888-1F88F 1F8AE-1F8AF 1F8BC-1F8BF 1F8C2-1F8CF 1F8D9-1F8FF "
    "1F90C-1F93A 1F93C-1F945 1F947-1F9FF 1FA58-1FA5F 1FA6E-1FAFF 1FC00-1FFFD "
)


def _to_class(ranges: str) -> str:
    return "".join("-".join(chr(int(code, 16)) for code in item.split("-")) for item in ranges.split())


_MODIFIER = "\U0001f3fb-\U0001f3ff"
_REGIONAL = "\U0001f1e6-\U0001f1ff"
_JOINER = "\u200d"
_EMOJI_STYLE, _TEXT_STYLE = "\ufe0f", "\ufe0e"
_KEYCAP = "\u20e3"
_TAGS = "\U000e0030-\U000e0039\U000e0061-\U000e007a"

_BASE = f"[{_to_class(_PICTOGRAPHIC)}{_MODIFIER}]"
# ED-14a with the restriction of annex C.1: tags spell a region of CLDR (gbwls) after a black flag. After other emoji,
# tag characters could hide any text.
_TAGGED = f"\U0001f3f4[{_TAGS}]{{3,6}}\U000e007f"
# ED-15a, emoji ZWJ element: an emoji (ED-3), an emoji presentation sequence (ED-9a) or a modifier sequence (ED-13). Old
# programs write a presentation selector before a skin tone. The standard's own expression also joins flags (ED-14).
_ELEMENT = f"(?:[{_REGIONAL}]{{2}}|{_TAGGED}|{_BASE}{_EMOJI_STYLE}?[{_MODIFIER}]?)"
# ED-17, emoji sequence: a keycap (ED-14c; older texts have it without the selector), a text presentation sequence
# (ED-8a), or a core, tag or ZWJ sequence (ED-15, ED-14a, ED-16).
EMOJI_PATTERN = (
    f"(?:[0-9#*]{_EMOJI_STYLE}?{_KEYCAP}|{_BASE}{_TEXT_STYLE}(?!{_JOINER})|{_ELEMENT}(?:{_JOINER}{_ELEMENT})*)"
)
# Each of these characters turns a preceding digit or letter into a part of an emoji.
EMOJI_SUFFIXES = _TEXT_STYLE + _EMOJI_STYLE + _KEYCAP
_EMOJI = re.compile(EMOJI_PATTERN)
_IS_REGIONAL = re.compile(f"[{_REGIONAL}]")
_ATTACHED = re.compile(f"[{_JOINER}{EMOJI_SUFFIXES}{_MODIFIER}\U000e0020-\U000e007f]")


def blank_emoji(text: str) -> str:
    """Return ``text`` with a space in place of each well-formed emoji sequence."""
    return _EMOJI.sub(" ", text)


def can_cut_at(text: str, at: int) -> bool:
    """Return whether ``at`` is outside emoji sequences, and not between a letter and its combining marks."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == _JOINER or _ATTACHED.match(after) or unicodedata.combining(after):
        return False
    if not _IS_REGIONAL.match(after):
        return True
    # Flags are pairs, counted from the beginning of a run.
    start = at
    while start and _IS_REGIONAL.match(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 0


def cut_text(text: str, limit: int) -> str:
    """Return the first ``limit`` characters of ``text``, or slightly fewer if that would cut an emoji sequence."""
    end = min(limit, len(text))
    while not can_cut_at(text, end):
        end -= 1
    return text[:end]


def cut_words(text: str, limit: int) -> str:
    """Return the first words of ``text``, at most ``limit`` characters; if the first word is longer, its beginning."""
    if len(text) <= limit:
        return text
    return text[: limit + 1].rpartition(" ")[0] or cut_text(text, limit)

"""Maps by which nginx brings an Accept-Language header down to one of four (RFC 9110, 12.5.4), as the service does."""

from __future__ import annotations

_RANGE = r"(?:^|,)\s*{tag}(?:-[^;,]*)?\s*"
_Q = r";\s*q\s*=\s*"
_DIGITS = "9876543210"


def language_maps(default: str) -> str:
    """``$eih_class`` (``cy``, ``en``, ``cy only``, ``en only``) and ``$eih_language``, as text for ``http``."""
    greater = "|".join(rf"{low}\d* \k<eih_same>[{low + 1}-9]" for low in range(9))
    maps = [*_quality("cy"), *_quality("en")]
    maps.append(
        _map(
            "$http_accept_language", "$eih_first",
            [("default", "en"), (r"~*^(?:\s*(?!(?:cy|en)(?:[-;,\s]|$))[^,]*,)*\s*cy(?:[-;,\s]|$)", "cy")],
        )
    )  # fmt: skip
    maps.append(
        _map(
            "$eih_cy $eih_en",
            "$eih_class",
            [
                ("default", "cy"),
                (" ", default),
                ("0000 0000", default),
                ("~^0000 ", "en only"),
                ("~ 0000$", "cy only"),
                ("~^ ", "en"),
                (r"~^(?<eih_equal>\d+) \k<eih_equal>$", "$eih_first"),
                (rf"~^(?<eih_same>\d*)(?:{greater})", "en"),
            ],
        )
    )
    maps.append(_map("$eih_class", "$eih_language", [("default", "en"), ("~^cy", "cy")]))
    return "\n".join(maps)


def _quality(tag: str) -> list[str]:
    """``$eih_cy``: the best q of a language in thousandths, four digits; empty where it is not named."""
    named = _RANGE.format(tag=tag)
    first, second, third = (f"$eih_{tag}_{n}" for n in (1, 2, 3))
    whole = rf"~*{named}(?:,|$|{_Q}1(?:\.0*)?\s*(?:,|$))"
    tenths = [(rf"~*{named}{_Q}0\.{digit}", digit) for digit in _DIGITS[:-1]]
    less = [(rf"~*{named}{_Q}0\.0\d?[1-9]", "0"), (rf"~*{named}{_Q}0(?:\.0*)?\s*(?:,|$)", "none")]
    name = f"eih_{tag}"
    hundredths = [(rf"~*^(?<{name}_a>\d):.*{_after(named, name + '_a')}{digit}", digit) for digit in _DIGITS]
    thousandths = [
        (rf"~*^(?<{name}_b>\d)(?<{name}_c>\d):.*{_after(named, name + '_b', name + '_c')}{digit}", digit)
        for digit in _DIGITS
    ]
    return [
        _map("$http_accept_language", first, [("default", ""), (whole, "whole"), *tenths, *less]),
        _map(f"{first}:$http_accept_language", second, [("default", "0"), *hundredths]),
        _map(f"{first}{second}:$http_accept_language", third, [("default", "0"), *thousandths]),
        _map(
            first,
            f"${name}",
            [("default", f"0{first}{second}{third}"), ("", ""), ("none", "0000"), ("whole", "1000")],
        ),
    ]


def _after(named: str, *groups: str) -> str:
    # The header begins after the colon here, so that a range stands there or after a comma.
    anywhere = named.replace("(?:^|,)", "(?<=[:,])")
    return rf"{anywhere}{_Q}0\." + "".join(rf"\k<{group}>" for group in groups)


def _map(source: str, target: str, rows: list[tuple[str, str]]) -> str:
    lines = "".join(f'    "{key}" "{value}";\n' for key, value in rows if key != "default")
    default = "".join(f'    default "{value}";\n' for key, value in rows if key == "default")
    return f'map "{source}" {target} {{\n{default}{lines}}}\n'

"""What a trainer copies: the same embed as a frame, a link, a component, and as plain HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from api.domain.choice import Choice
from api.domain.language import Language
from api.i18n import N_
from api.pages.component import NEWEST
from api.pages.leaflets import name_kind, name_leaflet, render_leaflet
from api.routes.service import get_service
from api.services.leaflet import Leaflet

# How high a frame is before, or without, a script that asks what is in it.
HEIGHTS = {"moment": 420, "prompt": 260, "prompts": 480, "ground-rules": 520, "session": 720}


@dataclass(frozen=True, slots=True)
class Line:
    """One way to embed: what it is called, for whom it is, and the text to copy."""

    name: str
    title: str
    hint: str
    text: str

    @property
    def rows(self) -> int:
        return min(8, max(2, len(self.text) // 70 + 1, self.text.count("\n") + 1))


FRAME = N_("Frame"), N_("For most portals and pages: Moodle, Totara, SharePoint, plain HTML. It needs no script.")
LINK = N_("Link"), N_("For WordPress and other systems that turn a link into what it leads to (oEmbed).")
COMPONENT = N_("Component"), N_("For pages of your own: always as high as its content. Without scripts it is a link.")
PLAIN = N_("Plain HTML"), N_("The text itself, as it is today. It does not change when the booklet does.")


def write_lines(choice: Choice, leaflet: Leaflet, words: Language) -> list[Line]:
    """The lines for a choice whose language is known; what is said of them is in the language ``words``."""
    say = get_service().words.say
    texts = (
        ("frame", FRAME, write_frame(choice, leaflet)),
        ("link", LINK, get_service().settings.public_url + choice.address),
        ("component", COMPONENT, write_component(choice, leaflet)),
        ("plain", PLAIN, write_plain(choice, leaflet)),
    )
    return [Line(name, say(words, title), say(words, hint), text) for name, (title, hint), text in texts]


def write_frame(choice: Choice, leaflet: Leaflet) -> str:
    """An iframe. Its title, which only screen readers say, is in the language that its ``lang`` names."""
    title = _title(choice, leaflet)
    address = get_service().settings.public_url + choice.address
    return Markup(
        '<iframe src="{}" lang="{}" title="{}" width="100%" height="{}" style="border:0" loading="lazy"></iframe>'
    ).format(address, leaflet.language.value, title, HEIGHTS[choice.kind])


def write_component(choice: Choice, leaflet: Leaflet) -> str:
    """The script, once a page, and the element; inside it the link that stands where the element does nothing."""
    base = get_service().settings.public_url
    language = leaflet.language.value
    script = Markup('<script src="{}" integrity="{}" crossorigin="anonymous" async></script>').format(
        base + NEWEST.path, NEWEST.integrity
    )
    named = {"kind": choice.kind} | ({"slug": choice.slug} if choice.slug else {})
    attributes = Markup(" ").join(
        Markup('{}="{}"').format(name, value) for name, value in {**named, **choice.content, **choice.manner}.items()
    )
    link = Markup('<a href="{}" lang="{}" hreflang="{}">{}</a>').format(
        base + choice.address, language, language, _title(choice, leaflet)
    )
    return script + "\n" + Markup("<magic-moment {}>\n  {}\n</magic-moment>").format(attributes, link)


def write_plain(choice: Choice, leaflet: Leaflet) -> str:
    """The texts as HTML without a class or a style: they take on the look of the page that they stand in."""
    shown = replace(choice, theme="auto", has_switch=True)
    html = render_leaflet(
        "picker/plain.html",
        leaflet=leaflet,
        title=name_leaflet(leaflet, choice),
        address=get_service().settings.public_url + shown.address,
        is_plain=True,
    )
    return "\n".join(line.strip() for line in html.splitlines() if line.strip())


def _title(choice: Choice, leaflet: Leaflet) -> str:
    """What a frame or link is called: in the language asked for, so never by a title that is in the other."""
    name = name_leaflet(leaflet, choice)
    return name.text if name.language is leaflet.language else name_kind(choice, leaflet.language).text

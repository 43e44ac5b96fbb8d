"""What a trainer copies: the same embed as a frame, a link, a component, and as plain HTML."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from api.domain.language import Language
from api.http.context import get_context
from api.i18n import N_
from api.pages.component import NEWEST
from api.pages.embed_options import EmbedOptions
from api.pages.printouts import Printout, render_printout
from api.services.embed.target import EmbedKind

# How high a frame is before, or without, a script that asks what is in it.
HEIGHTS = {
    EmbedKind.MOMENT: 420,
    EmbedKind.PROMPT: 260,
    EmbedKind.PROMPTS: 480,
    EmbedKind.GROUND_RULES: 520,
    EmbedKind.SESSION: 720,
}


@dataclass(frozen=True, slots=True)
class EmbedSnippet:
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


def write_snippets(choice: EmbedOptions, leaflet: Printout, words: Language) -> list[EmbedSnippet]:
    """The lines for a choice whose language is known; what is said of them is in the language ``words``."""
    say = get_context().words.gettext
    texts = (
        ("frame", FRAME, write_frame(choice, leaflet)),
        ("link", LINK, get_context().settings.public_url + choice.address),
        ("component", COMPONENT, write_component(choice, leaflet)),
        ("plain", PLAIN, write_plain(leaflet)),
    )
    # As text: what is markup in it is shown, not followed.
    return [EmbedSnippet(name, say(words, title), say(words, hint), str(text)) for name, (title, hint), text in texts]


def write_frame(choice: EmbedOptions, leaflet: Printout) -> str:
    """An iframe. Its title, which only screen readers say, is in the language that its ``lang`` names."""
    address = get_context().settings.public_url + choice.address
    return Markup(
        '<iframe src="{}" lang="{}" title="{}" width="100%" height="{}" style="border:0" loading="lazy"></iframe>'
    ).format(address, leaflet.language.value, leaflet.title, HEIGHTS[choice.target.kind])


def write_component(choice: EmbedOptions, leaflet: Printout) -> str:
    """The script, once a page, and the element; inside it the link that stands where the element does nothing."""
    base, language = get_context().settings.public_url, leaflet.language.value
    script = Markup('<script src="{}" integrity="{}" crossorigin="anonymous" async></script>').format(
        base + NEWEST.path, NEWEST.integrity
    )
    attributes = Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in choice.parameters.items())
    link = Markup('<a href="{}" lang="{}" hreflang="{}">{}</a>').format(
        base + choice.address, language, language, leaflet.title
    )
    return script + "\n" + Markup("<magic-moment {}>\n  {}\n</magic-moment>").format(attributes, link)


def write_plain(leaflet: Printout) -> str:
    """The texts as HTML without a class or a style: they take on the look of the page that they stand in."""
    html = render_printout("picker/plain.html", leaflet=leaflet, is_plain=True)
    return "\n".join(line.strip() for line in html.splitlines() if line.strip())

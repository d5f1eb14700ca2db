"""What a page must be for everybody: nothing that axe calls wrong, no wider than its window."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SERIOUS = {"serious", "critical"}
# axe leaves the size of targets, of WCAG 2.2 AA, to whoever asks for it.
EVERY_RULE: dict[str, Any] = {"rules": {"target-size": {"enabled": True}}}
# All rules of axe that look at a colour.
RULES_OF_COLOUR: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
ANALYSE = """async ([only, options]) => (await axe.run(only ? { include: window.otherwise } : document, options))
  .violations.map(({ id, impact, tags, nodes }) => ({ id, impact, tags, html: nodes[0].html }))"""
# What decides whether an element can be read: whether it is there, its colours, the size and weight of its letters.
REMEMBER_SKINS = """() => {
  window.skins = () => new Map([...document.body.querySelectorAll("*")].map((e) => {
    const s = getComputedStyle(e);
    return [e, !e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ? "" : [
      s.color, s.backgroundColor, s.backgroundImage, s.opacity, s.filter, s.fontSize, s.fontWeight,
      s.textDecorationLine, s.position, s.clipPath].join()];
  }));
  window.before = window.skins();
}"""
FIND_WHAT_LOOKS_OTHERWISE = """() => {
  const now = window.skins();
  const changed = new Set([...now].filter(([e, skin]) => skin && skin !== window.before.get(e)).map(([e]) => e));
  const inside = (e) => e && (changed.has(e) || inside(e.parentElement));
  window.otherwise = [...changed].filter((e) => !inside(e.parentElement));
  return window.otherwise.length;
}"""


def faults_of(page: Page) -> list[tuple[str, str]]:
    """(rule, first element) of whatever axe finds against WCAG 2.2 A and AA, and of its own serious rules beyond."""
    return _analyse(page, EVERY_RULE)


def faults_in_every_look(page: Page) -> list[tuple[str, ...]]:
    """(look, rule, first element) of whatever is wrong with `page` at a desk and on a phone, in light and in dark.

    Each width is analysed whole in one theme, and each theme whole at one width. The theme is colours and nothing
    else (static/css: tokens), so no rule but those of colour can find more in the other theme; and the width leaves
    the colours alone except where an element looks otherwise than it did at the other width, which is compared
    element by element, and analysed again.
    """
    found: list[tuple[str, ...]] = []
    for first, then, theme in ((DESK, PHONE, "light"), (PHONE, DESK, "dark")):
        look = _take(page, first, theme)
        found += [(look, *fault) for fault in faults_of(page)] + list(_too_wide(page, look))
        page.evaluate(REMEMBER_SKINS)
        look = _take(page, then, theme)
        found += _too_wide(page, look)
        if page.evaluate(FIND_WHAT_LOOKS_OTHERWISE):
            found += [(look, *fault) for fault in _analyse(page, RULES_OF_COLOUR, only_what_looks_otherwise=True)]
    return found


def _take(page: Page, size: dict[str, int], theme: Any) -> str:
    """Show `page` in this look; its name."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    return f"{size['width']} {theme}"


def _too_wide(page: Page, look: str) -> Iterator[tuple[str, ...]]:
    """A fault when there is something to scroll sideways for."""
    if wider := sideways(page):
        yield look, f"{wider} px too wide"


def _analyse(page: Page, options: dict[str, Any], *, only_what_looks_otherwise: bool = False) -> list[tuple[str, str]]:
    """What axe finds; it is brought into a document once, for it is half a megabyte."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], **options}
    found: list[dict[str, Any]] = page.evaluate(ANALYSE, [only_what_looks_otherwise, options])
    wrong = [fault for fault in found if fault["impact"] in SERIOUS or set(fault["tags"]) & set(RULES)]
    return [(fault["id"], fault["html"][:200]) for fault in wrong]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def small_targets(page: Page) -> list[str]:
    """Buttons and fields that are seen and are less than 44 pixels high, as a thumb would miss them."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("button, select, input:not([type=hidden]), a.btn, summary")]
              .filter(e => e.checkVisibility({visibilityProperty: true}))
              .filter(e => {
                const box = (e.closest("label") || e).getBoundingClientRect();
                return box.height > 0 && box.height < 43.5 && box.left >= 0 && box.top >= 0;
              })
              .map(e => `${e.outerHTML.slice(0, 120)} is ${e.getBoundingClientRect().height} high`)"""
        )
    )


@dataclass(frozen=True)
class Focus:
    """The element that has the focus in words, and whether it looks different for having it."""

    on: str
    is_seen: bool


def focus_of(page: Page) -> Focus:
    """Where the keyboard is just now; an outline or a shadow around the element counts as seen."""
    on, is_seen = page.evaluate(
        """() => {
          const e = document.activeElement, style = getComputedStyle(e);
          const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
          const words = `${e.tagName.toLowerCase()} ${(e.innerText || e.name || e.id || "").trim().slice(0, 60)}`;
          return [words, outlined || style.boxShadow !== "none"];
        }"""
    )
    return Focus(on, is_seen)

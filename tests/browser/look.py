"""What a page must be for everybody: nothing that axe calls wrong, no wider than its window."""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SERIOUS = {"serious", "critical"}


def faults_of(page: Page) -> list[tuple[str, str]]:
    """(rule, first element) of whatever axe finds against WCAG 2.2 A and AA, and of its own serious rules beyond."""
    found: list[dict[str, Any]] = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    wrong = [fault for fault in found if fault["impact"] in SERIOUS or set(fault["tags"]) & set(RULES)]
    return [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in wrong]


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

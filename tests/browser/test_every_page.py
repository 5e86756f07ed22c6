"""Every page, looked at: by axe-core for whom it shuts out, and as pictures for people."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import Visitor
from tests.support.house import House
from tests.support.people import Student, Teacher

pytestmark = pytest.mark.torture

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844), "narrow": (320, 700)}
PICTURES = "MURPH_PICTURES"
"""The folder for screenshots; without it they go where pytest keeps its own."""
RULES = "async () => (await axe.run({resultTypes: ['violations']})).violations"
SERIOUS = ("serious", "critical")
FIRST_PAGE_BYTES = 150_000
USABLE_WITHIN_MS = 1_500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chosen = Path(os.environ.get(PICTURES) or tmp_path_factory.mktemp("pictures"))
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


@pytest.fixture(scope="module")
def addresses(film_house: House, course: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What each kind of person sees: name and address."""
    student = Student(film_house.url)
    session = student.start(course, locked_amount="1.00")
    with student.play(session) as player:
        player.tick(played_ms=0)
    student.end(session)
    student.settled(session)
    course_id = course["id"]
    return {
        "nobody": [("catalogue", "/"), ("login", "/login"), ("register", "/register"), ("missing", "/none")],
        "student": [
            *(("courses", "/"), ("course", f"/courses/{course_id}"), ("watch", f"/watch/{course_id}")),
            *(("wallet", "/wallet"), ("library", "/library"), ("profile", "/profile")),
        ],
        "teacher": [("teach", "/teach"), ("watch-as-teacher", f"/watch/{course_id}")],
    }


@pytest.fixture(params=list(WIDTHS))
def wide(request: pytest.FixtureRequest, chromium: Browser, film_house: House) -> Iterator[Visitor]:
    width, height = WIDTHS[request.param]
    viewport = {"width": width, "height": height}
    visitor = Visitor(chromium, film_house, name=request.param, viewport=viewport)
    yield visitor
    visitor.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(
    wide: Visitor,
    scheme: str,
    film_house: House,
    addresses: dict[str, list[tuple[str, str]]],
    packages: Path,
    folder: Path,
) -> None:
    axe = (packages / "axe-core" / "axe.min.js").read_text()
    people = {"student": Student, "teacher": Teacher}
    found = []
    wide.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for who, pages in addresses.items():
        if who in people:
            wide.sign_in(people[who](film_house.url))
        for name, address in pages:
            wide.look(address)
            wide.page.screenshot(path=folder / f"{name}-{wide.name}-{scheme}.png", full_page=True)
            wide.page.evaluate(axe)
            faults = [each for each in wide.page.evaluate(RULES) if each["impact"] in SERIOUS]
            found += [f"{name}: {each['id']} {each['nodes'][0]['html'][:200]}" for each in faults]
            over = wide.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            found += [f"{name} is {over} pixels too wide"] if over > 0 else []
        if who in people:
            wide.sign_out()
    assert found == []


def test_the_first_page_is_small_and_soon_there(chromium: Browser, film_house: House) -> None:
    visitor = Visitor(chromium, film_house)
    sizes: list[int] = []
    visitor.page.on("requestfinished", lambda request: sizes.append(_received(request)))
    visitor.visit("/")
    passed = visitor.page.evaluate("() => performance.now()")
    assert sum(sizes) <= FIRST_PAGE_BYTES
    assert passed <= USABLE_WITHIN_MS
    visitor.close()


def _received(request: Any) -> int:
    sizes = request.sizes()
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])

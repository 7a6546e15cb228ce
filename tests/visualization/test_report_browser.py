"""The report in a real browser, from a file: it plays in step, scrubs, and fits a phone."""

import shutil

import numpy as np
import pytest
from marked_videos import marked_result

from mmalign.analysis.findings import Deviation
from mmalign.doctor import CHROMIUM
from mmalign.visualization.report import write_report

playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`")
BROWSER = next(filter(None, map(shutil.which, CHROMIUM)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium in the path: install the package"),
]

# Reads the frames' numbers off both pictures, as the person at the screen sees them: a stripe is
# white, or black, which is grey where a picture is held and paled.
READ_MARKS = """() => [...document.querySelectorAll("figure canvas")].map((canvas) => {
  const copy = new OffscreenCanvas(8, 1).getContext("2d", { willReadFrequently: true });
  copy.imageSmoothingEnabled = false;
  copy.drawImage(canvas, 0, canvas.height * 0.9 | 0, canvas.width, 1, 0, 0, 8, 1);
  const row = copy.getImageData(0, 0, 8, 1).data;
  return [0, 1, 2, 3, 4, 5, 6, 7].reduce((mark, bit) => mark + (row[4 * bit] > 204) * 2 ** bit, 0);
})"""
WATCH = f"""() => {{
  window.seen = [];
  const read = {READ_MARKS};
  const watch = () => {{
    const told = view.pair.sides.map((side) => side.frame[view.shown]);
    window.seen.push([...read(), ...view.panes.map((pane) => pane.badge.hidden), ...told]);
    requestAnimationFrame(watch);
  }};
  watch();
}}"""
PLAYED = "() => view.shown === view.ticks - 1 && !view.clock.playing"


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A page with pictures and one without, the latter with two pairs."""
    folder = tmp_path_factory.mktemp("reports")
    rows = [
        Deviation("pause", "waits", 50 / 24, 0.97, 0.6, "s", 0),
        Deviation("missing step", "no bow", None, 1.0, 0.5, "s", 0),
    ]
    film = write_report(marked_result(folder), folder / "film", [rows])
    poses = marked_result()
    poses.others, poses.pairs = 2 * poses.others, 2 * poses.pairs
    return {"film": film, "poses": write_report(poses, folder / "poses")}


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        # A container's root may not use the browser's own sandbox.
        chromium = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, reports):
    contexts, complaints = [], []

    def open_one(kind, width=1280, height=800, **options):
        options["viewport"] = {"width": width, "height": height}
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                complaints.append(request.url)
                if "://" in request.url and not request.url.startswith(("file:", "blob:file:"))
                else None
            ),
        )
        page.goto(reports[kind].as_uri())
        page.wait_for_function("() => view.shown === 0")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def settle(page, tick):
    page.wait_for_function(
        f"() => view.shown === {tick} && !view.clock.playing && !(view.film && view.film.seeking)"
    )


def expected_other(reference):
    return marked_result().pairs[0].other_positions[reference]


def test_pictures_play_in_step(open_page):
    page = open_page("film")
    page.keyboard.press("s")
    page.evaluate(WATCH)
    page.keyboard.press(" ")
    page.wait_for_function(PLAYED, timeout=60_000)
    seen = np.array(page.evaluate("() => window.seen"))
    reference, other = seen[:, 0].astype(int), seen[:, 1].astype(int)
    both = seen[:, 2].astype(bool) & seen[:, 3].astype(bool)
    assert np.abs(other[both] - expected_other(reference[both])).max() <= 1
    # What the page says of a picture is true of it.
    np.testing.assert_array_equal(seen[:, :2], seen[:, 4:])
    # Nothing goes back, and most of it was really shown.
    assert (np.diff(reference) >= 0).all() and (np.diff(other) >= 0).all()
    assert len(set(reference[both])) >= 20
    # While the other waits or pauses, the reference is held.
    held = ~seen[:, 2].astype(bool)
    assert held.any() and set(reference[held]) <= {0, 29, 59}
    assert set(other[held]) <= {*range(20), *range(42, 57), *range(80, 90)}


def test_every_tick_is_reached_by_scrubbing_and_by_keys(open_page):
    page = open_page("film")
    page.keyboard.press("s")
    ticks = page.evaluate("() => view.pair.sides.map((side) => side.frame)")
    last = len(ticks[0]) - 1

    def check(tick):
        settle(page, tick)
        assert page.evaluate(READ_MARKS) == [ticks[0][tick], ticks[1][tick]]
        assert page.locator("#scrubber").input_value() == str(tick)

    page.locator("#scrubber").fill("50")
    check(50)
    page.keyboard.press("ArrowRight")  # The scrubber has the focus and moves itself.
    check(51)
    page.locator("#play").focus()
    for key, tick in (
        ("ArrowRight", 52),
        ("ArrowLeft", 51),
        ("Shift+ArrowLeft", 41),
        ("End", last),
        ("ArrowRight", last),
        ("Home", 0),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        check(tick)
    # Many requests at once end at the last one.
    page.evaluate("() => { for (let tick = 0; tick < 80; tick += 3) view.seek(tick); }")
    check(78)
    page.locator("#forward").click()
    check(79)


def test_moments_are_jumped_to(open_page):
    page = open_page("film")
    page.locator("#deviations button").nth(0).click()
    page.wait_for_function("() => view.pair.sides[1].frame[view.shown] === 50")
    page.locator("#deviations button").nth(1).click()
    page.wait_for_function("() => view.pair.sides[0].frame[view.shown] === 30")
    matrix = page.locator("#matrix")
    box = matrix.bounding_box()
    matrix.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.05})
    page.wait_for_function("() => view.pair.sides[0].frame[view.shown] === 59")


def test_skeletons_and_the_ghost_are_drawn_and_hidden(open_page):
    page = open_page("film")
    page.locator("#scrubber").fill("40")
    settle(page, 40)
    picture = "() => document.querySelector('.reference canvas').toDataURL()"
    plain = [page.evaluate(picture)]
    for box in ("#skeleton", "#ghost"):
        page.locator(box).click()
        plain.append(page.evaluate(picture))
    assert len(set(plain)) == 3
    page.locator("#play").focus()
    page.keyboard.press("g")
    page.keyboard.press("s")
    assert page.evaluate(picture) == plain[0]


def test_poses_play_by_the_clock(open_page):
    page = open_page("poses")
    page.locator("#speed").select_option("2")
    began = page.evaluate("() => performance.now()")
    page.locator("#play").click()
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    page.wait_for_function(PLAYED, timeout=60_000)
    seconds = (page.evaluate("() => performance.now()") - began) / 1000
    ticks = page.evaluate("() => view.ticks")
    assert ticks / 60 - 0.5 < seconds < ticks / 60 + 4
    texts = page.locator(".clock").all_text_contents()
    assert texts == ["1.97 s · frame 59 of 59", "3.71 s · frame 89 of 89"]
    page.keyboard.press(" ")  # On the button, the space bar presses it: from the start again.
    page.wait_for_function("() => view.clock.playing && view.shown < 60")


def test_another_pair_takes_the_place_of_the_first(open_page):
    page = open_page("poses")
    page.evaluate("() => view.seek(30)")
    page.locator("#pair").select_option("1")
    page.wait_for_function("() => view.shown === 0")
    assert page.evaluate("() => view.pair === pairs[1]")
    assert page.locator(".bar").count() == 4


@pytest.mark.parametrize("kind", ["film", "poses"])
def test_a_phone_shows_everything_without_scrolling_sideways(open_page, kind):
    page = open_page(kind, 360, 740, device_scale_factor=2, is_mobile=True, has_touch=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.locator("#play").tap()
    page.wait_for_function("() => view.shown > 10")


def test_everything_has_a_name_and_nothing_moves_by_itself(open_page):
    page = open_page("film", reduced_motion="reduce")
    nameless = page.evaluate("""() =>
      [...document.querySelectorAll("button, input, select, [role=img]")]
      .filter((part) => !(part.getAttribute("aria-label") || (part.labels && part.labels.length)
                          || part.textContent.trim()))
      .map((part) => part.outerHTML)""")
    assert nameless == []
    duration = "() => getComputedStyle(document.querySelector('button')).transitionDuration"
    assert page.evaluate(duration) == "0s"
    assert page.evaluate("() => view.clock.playing") is False
    # Everything that can be pressed is reached by the tab key.
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.id"))
    assert {"back", "play", "forward", "speed", "loop", "skeleton", "ghost", "scrubber"} <= reached

"""The clock bar, reset, the log, and what everybody needs: names, contrast, a narrow screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Showroom

Look = Callable[..., Page]


def test_the_clock_moves_shows_progress_and_rests(look: Look, showroom: Showroom) -> None:
    page = look("U0BEN")
    expect(page.locator(".clock-time")).to_have_text("Mon 1 June, 08:00 Lisbon")
    showroom.gate.clear()
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_role("progressbar", name="Moving the clock")).to_be_visible()
    hour = page.get_by_role("button", name="+1 hour")
    expect(hour).to_have_attribute("aria-disabled", "true")
    hour.click(force=True)
    showroom.gate.set()
    expect(page.locator(".clock-time")).to_have_text("Tue 2 June, 08:00 Lisbon")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert showroom.moved == ["day"]


def test_the_log_says_nothing_before_it_has_looked(look: Look) -> None:
    page = look("U0ANA")
    page.fill("#composer-text", "/whisper hello")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You said hello.").last).to_be_visible()
    page.route("**/sandbox/log*", lambda _route: None)  # the answer takes its time
    page.get_by_role("button", name="Log", exact=True).click()
    log = page.get_by_role("complementary", name="Log")
    expect(log).to_contain_text("Looking…")
    expect(log).not_to_contain_text("Nothing yet.")


def test_reset_asks_first(look: Look, showroom: Showroom) -> None:
    page = look("U0ANA")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Keep this one").click()
    assert showroom.starts == 0
    page.get_by_role("button", name="Reset").click()
    with page.expect_response("**/sandbox/reset"):
        page.get_by_role("button", name="Start over").click()
    expect(page.get_by_role("status").filter(has_text="A new programme")).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_log_shows_each_request_with_its_answer(look: Look) -> None:
    page = look("U0ANA")
    page.fill("#composer-text", "/whisper hello")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log", exact=True).click()
    log = page.get_by_role("complementary", name="Log")
    entry = log.locator(".log-entry", has_text="POST /whisper")
    entry.locator("summary").click()
    expect(entry).to_contain_text('"text": "hello"')
    expect(entry).to_contain_text("You said hello.")
    page.get_by_label("Filter the log").fill("views")
    expect(entry).to_be_hidden()
    page.keyboard.press("Escape")
    expect(log).to_be_hidden()
    expect(page.get_by_role("button", name="Log", exact=True)).to_be_focused()


UNNAMED = """
() => [...document.querySelectorAll('button, a[href], input, textarea, select, [role=combobox]')]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const labels = [...(node.labels ?? [])].map((one) => one.textContent).join('').trim();
    const by = (node.getAttribute('aria-labelledby') ?? '').split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '').join('').trim();
    return !(node.getAttribute('aria-label') || by || labels || node.textContent.trim());
  })
  .map((node) => node.outerHTML.slice(0, 160))
"""

DOUBLED = """
() => {
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}
"""

# Text against the nearest solid background behind it, by the formula of WCAG 2.
FAINT = """
() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (node) => {
    const layers = [];
    for (let one = node; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      const image = style.backgroundImage.match(/rgba?\\([^)]*\\)/g);
      const colour = rgba(image ? image[0] : style.backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reverse().reduce((base, [r, g, b, a]) =>
      [r, g, b].map((c, n) => (c * a) / 255 + (base[n] ?? 255) * (1 - a / 255)), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility()) continue;
    if (node.closest('.spoken, .skip, :disabled, [aria-disabled=true], svg, script')) continue;
    const ground = behind(node);
    const text = light(rgba(getComputedStyle(node).color));
    const [a, b] = [text, light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${node.className} ${node.textContent.trim()}`);
  }
  return [...new Set(found)];
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_has_a_name_every_id_is_one_and_text_can_be_read(
    look: Look, showroom: Showroom, scheme: str
) -> None:
    seat = showroom.ws.seat("U0ANA")
    seat.command("/show", "controls")
    seat.command("/show")
    seat.command("/whisper", "psst")
    page = look("U0ANA")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.get_by_role("button", name="Log", exact=True).click()
    expect(page.locator(".log-entry").first).to_be_visible()
    for check in (UNNAMED, DOUBLED, FAINT):
        assert page.evaluate(check) == []
    seat.shortcut("form")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Next").click()
    expect(page.locator(".field-error")).to_be_visible()
    for check in (UNNAMED, DOUBLED, FAINT):
        assert page.evaluate(check) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#you").click()
    expect(page.get_by_role("dialog", name="Choose who you are")).to_be_visible()
    for check in (UNNAMED, FAINT):
        assert page.evaluate(check) == []


WIDE = """
() => [...document.querySelectorAll('body *')]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }))
  .filter((node) => !node.closest('.spoken, .skip'))
  .filter((node) => {
    const scroller = node.parentElement.closest('.table-block, .carousel, pre');
    return !scroller && node.getBoundingClientRect().right > innerWidth + 1;
  })
  .map((node) => node.outerHTML.slice(0, 120))
"""


def test_a_narrow_screen_needs_no_sideways_scrolling(look: Look, showroom: Showroom) -> None:
    seat = showroom.ws.seat("U0ANA")
    seat.command("/show", "controls")
    seat.command("/show")
    seat.write("A" * 300)
    page = look("U0ANA", width=360, height=740)
    assert page.evaluate(WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    clock, moves = page.get_by_role("button", name="Move the clock"), page.locator("#clock-moves")
    clock.click()
    expect(moves).to_be_visible()
    page.keyboard.press("Escape")
    expect(moves).to_be_hidden()
    expect(clock).to_be_focused()
    clock.click()
    page.mouse.click(180, 400)
    expect(moves).to_be_hidden()
    clock.click()
    page.get_by_role("button", name="+1 day").click()
    expect(page.locator(".clock-time")).to_contain_text("Tue 2 June")
    page.get_by_role("button", name="People and conversations").click()
    page.get_by_role("button", name="general").click()
    expect(page.get_by_role("heading", name="general")).to_be_visible()
    seat.shortcut("form")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(WIDE) == []


def test_a_sandbox_that_went_away_is_waited_for(look: Look, showroom: Showroom) -> None:
    page = look("U0ANA")
    page.route("**/sandbox/*", lambda route: route.abort())
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator("#offline")).to_be_visible()
    page.unroute("**/sandbox/*")
    showroom.ws.seat("U0ANA").command("/whisper", "again")
    expect(page.locator(".message.ephemeral")).to_contain_text("You said again.")
    expect(page.locator("#offline")).to_be_hidden()

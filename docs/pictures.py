"""Take the README's pictures from the demo: `python docs/pictures.py` (needs the test extra and
Chromium). Priya reads the digest, Ana asks, Ben says yes, the two meet."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot import logs
from bot.demo import people as who
from bot.demo.world import World

HERE = Path(__file__).parent
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)


def page_of(browser: Browser, world: World, person: who.Somebody, place: str = "") -> Page:
    """Somebody's Slack, 1,000 by 860 points."""
    page = browser.new_page(viewport={"width": 1000, "height": 860}, locale="en-GB")
    page.goto(f"{world.url}/?as={person.id}{place and f'&in={place}'}")
    page.wait_for_selector("main")
    page.wait_for_timeout(800)
    return page


def conversation(world: World, kind: str, person: who.Somebody, name: str = "") -> str:
    """The id of a conversation of this kind that the person is in."""
    return next(
        c.id
        for c in reversed(list(world.slack.conversations.values()))
        if c.kind == kind and person.id in c.members and name in c.name
    )


def take(browser: Browser, world: World) -> None:
    """The four pictures, in the order of the story."""
    channel = conversation(world, "channel", who.PRIYA, who.CHANNEL)
    page_of(browser, world, who.PRIYA, channel).screenshot(path=HERE / "coordinator.png")

    ana = world.slack.seat(who.ANA.id)
    ana.command("/mentor-request")
    ana.submit({})
    for name in (who.BEN.name, who.MIA.name):
        rows = (ana.modal or {})["blocks"]
        row = next(b for b in rows if name in str(b.get("text")) and "accessory" in b)
        ana.click(ana.modal, "choice.add", row["accessory"]["value"])
    ana.fill({"line": "I liked your talk on testing."})
    page_of(browser, world, who.ANA).screenshot(path=HERE / "intern.png")
    ana.submit({})
    ana.close()

    world.live_until(world.clock() + timedelta(hours=2))
    page_of(browser, world, who.BEN).screenshot(path=HERE / "mentor.png")
    ben = world.slack.seat(who.BEN.id)
    offer = next(m for m in reversed(ben.dm) if "offer.accept" in str(m.blocks))
    ben.click(offer, "offer.accept")
    world.live_until(world.clock() + timedelta(minutes=2))
    group = conversation(world, "mpim", who.ANA)
    page_of(browser, world, who.ANA, group).screenshot(path=HERE / "pair.png")


def main() -> None:
    """Make a world, take the pictures, leave."""
    logs.configure("ERROR")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("There is no Chromium on this machine.")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "pictures.sqlite3", 0, reset=lambda: None)
        try:
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=chromium, args=list(FLAGS))
                take(browser, world)
                browser.close()
        finally:
            world.close()


if __name__ == "__main__":
    main()

"""The house's rules, read from the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"
FILES = sorted(BOT.rglob("*.py"))

# The order of an intern's life. A feature imports only from those before it.
FEATURES = (
    "cohort",
    "pairing",
    "meeting",
    "checkin",
    "gratitude",
    "concern",
    "digest",
    "home",
)
# What a feature may use of one to its left: its rows, its verbs, and the ids it names; never
# the edges, where Slack or the clock comes in. A large one is listeners_<part>.py.
EDGES = ("listeners", "jobs", "letters")
# The top of the house may know everybody.
TOP = ("__main__.py", "commands.py", "app.py", "program.py", "demo", "doctor.py", "outbox_desk.py")

FENCES = {
    "slack_bolt": (
        "app.py",
        "switchboard.py",
        "commands.py",
        "web.py",
        "socket.py",
        "listeners.py",
        "sandbox",
    ),
    "slack_sdk": (
        "commands.py",
        "app.py",
        "doctor.py",
        "installation.py",
        "listeners.py",
        "logs.py",
        "outbox",
        "program.py",
        "sandbox",
        "schedule.py",
        "slack.py",
        "socket.py",
        "directory.py",  # asks Slack who the people are
        "channels.py",  # asks Slack what the coordinators' channel is
    ),
    "apscheduler": ("ticker.py",),
    "dotenv": ("settings.py",),
    "prometheus_client": ("metrics.py",),
    "uvicorn": ("web.py", "sandbox", "demo"),
}
PURE = (
    "cohort/calendar.py",
    "cohort/hours.py",
    "cohort/skills.py",
    "pairing/matching.py",
    "pairing/fit.py",
    "concern/signals.py",
    "times.py",
    "blocks/text.py",
    "blocks/elements.py",
    "blocks/layout.py",
    "blocks/surfaces.py",
    "forms.py",
    "outbox/budget.py",
)
NOT_PURE = ("sqlalchemy", "slack_bolt", "slack_sdk", "starlette", "apscheduler", "os", "urllib")


def name_of(path: Path) -> str:
    return path.relative_to(BOT).as_posix()


def imports(path: Path) -> set[str]:
    """Every module a file imports, also inside functions; not what only a type checker reads."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def allowed(path: Path, places: tuple[str, ...]) -> bool:
    parts = path.relative_to(BOT).parts
    edge = path.stem.partition("_")[0] + ".py"
    return parts[0].removesuffix(".py") in {p.removesuffix(".py") for p in places} or (
        path.name in places or (edge == "listeners.py" and edge in places)
    )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_stays_behind_its_fences(path: Path) -> None:
    for package, places in FENCES.items():
        uses = any(name == package or name.startswith(f"{package}.") for name in imports(path))
        assert not uses or allowed(path, places), f"{package} has no place in {name_of(path)}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_features_import_only_to_the_left(path: Path) -> None:
    own = path.relative_to(BOT).parts[0]
    if own.removesuffix(".py") in {place.removesuffix(".py") for place in TOP}:
        return
    left = FEATURES[: FEATURES.index(own)] if own in FEATURES else ()
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "bot" or len(parts) < 2 or parts[1] not in FEATURES or parts[1] == own:
            continue
        assert parts[1] in left, f"{name_of(path)} reaches to the right: {name}"
        edge = len(parts) > 2 and parts[2].partition("_")[0] in EDGES
        assert not edge, f"{name_of(path)} uses an edge: {name}"


@pytest.mark.parametrize("path", sorted((BOT / "sandbox").rglob("*.py")), ids=name_of)
def test_the_sandbox_knows_nothing_of_the_programme(path: Path) -> None:
    for name in imports(path):
        if name.startswith("bot."):
            assert name.split(".")[1] in ("sandbox", "clock", "limits"), name


@pytest.mark.parametrize("name", PURE)
def test_pure_files_touch_no_database_clock_or_slack(name: str) -> None:
    for module in imports(BOT / name):
        assert module.split(".")[0] not in NOT_PURE, f"{name} imports {module}"
        assert module != "bot.database"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_clock_reads_the_clock(path: Path) -> None:
    if path.name == "clock.py":
        return
    text = path.read_text(encoding="utf-8")
    for call in ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time(", "monotonic_ns("):
        assert call not in text, f"{name_of(path)} reads the clock: {call}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if path.name == "settings.py":
        return
    text = path.read_text(encoding="utf-8")
    assert "os.environ" not in text
    assert "getenv" not in text


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_passes_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_says_what_it_promises(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_parts_of_an_edge_are_named_after_it() -> None:
    odd = [name_of(p) for p in FILES for edge in EDGES if p.stem.endswith(f"_{edge}")]
    assert not odd


def test_no_room_is_called_utils() -> None:
    vague = {"utils", "helpers", "common", "manager", "service", "misc"}
    assert not [path for path in FILES if path.stem in vague or path.parent.name in vague]

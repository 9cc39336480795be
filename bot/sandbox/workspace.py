"""The workspace itself: people, conversations, what the app may do, and everybody's screens.

All state is guarded by one re-entrant lock, which is never held while a request is on its way
to the app: the app calls back from other threads.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.clock import Clock
from bot.sandbox import methods
from bot.sandbox.conversations import Conversation, Message, elements
from bot.sandbox.delivery import PATIENCE, Answer, Deliver, RequestKind
from bot.sandbox.faults import Faults
from bot.sandbox.inputs import values_of
from bot.sandbox.installation import Installation, installation_of
from bot.sandbox.ledger import Ledger
from bot.sandbox.people import Person, user_object
from bot.sandbox.post import Post
from bot.sandbox.rates import Limits, Rates
from bot.sandbox.records import Log
from bot.sandbox.tickets import Tickets
from bot.sandbox.views import Views
from bot.sandbox.watched import Watched

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.sandbox.seat import Seat

Json = dict[str, Any]


class Workspace(Watched):
    """One Slack workspace with one app installed in it. `clock` is the programme's time."""

    def __init__(
        self,
        clock: Clock,
        name: str = "Sandbox",
        team_id: str = "T0SANDBOX",
        domain: str = "sandbox",
        bot_token: str = "xoxb-sandbox",  # noqa: S107 - opens nothing but this workspace
        app_token: str = "xapp-sandbox",  # noqa: S107
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107
        bot_name: str = "cohort-bot",
        rate_limits: bool | Limits = False,
        patience: float = PATIENCE,
    ) -> None:
        """`rate_limits`: Slack's own, others, or none. `patience`: real seconds an
        acknowledgement may take and a trigger lives. Slack's are three; tests about something
        else give a busy machine more."""
        self.patience = patience
        super().__init__()
        self.clock = clock
        self.name, self.team_id, self.domain = name, team_id, domain
        self.bot_token, self.app_token = bot_token, app_token
        self.signing_secret = signing_secret
        self.app_id, self.bot_id, self.bot_user_id = "A0SANDBOX", "B0SANDBOX", "U0BOT"
        self.response_base = "https://hooks.sandbox.invalid/hooks/response/"
        # Where Socket Mode connects to, and how the app is told to reconnect: the server's.
        self.open_link: Callable[[], str] | None = None
        self.refresh_link: Callable[[], object] = lambda: None
        self.installation = Installation()
        self.faults, self.log, self.ledger = Faults(), Log(), Ledger()
        self._bot_name, self._limited = bot_name, rate_limits
        self.post = Post(self)
        self._empty()

    def _empty(self) -> None:
        """Nobody here but Slackbot and the app."""
        limits = self._limited if isinstance(self._limited, Limits) else Limits()
        self.rates: Rates | None = Rates(limits) if self._limited else None
        # Calls whose answer was given up on, and which take effect later (Faults.hang).
        self.late: list[Callable[[], object]] = []
        self.tickets = Tickets(self.patience)
        self.people: dict[str, Person] = {}
        self.conversations: dict[str, Conversation] = {}
        self.notices: dict[str, list[tuple[int, str]]] = {}
        # What an external select offered last: (person, block, action) -> options.
        self.suggested: dict[tuple[str, str, str], list[Json]] = {}
        self._ims: dict[str, Conversation] = {}
        self._groups: dict[frozenset[str], Conversation] = {}
        self._last_ts = 0
        frame = {
            "team_id": self.team_id,
            "app_id": self.app_id,
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
        }
        self.views = Views(
            frame,
            next_id=self.next_id,
            new_hash=self._new_hash,
            name_blocks=self.name_blocks,
        )
        self._add(Person("USLACKBOT", name="slackbot", real_name="Slackbot"))
        name = self._bot_name
        bot = self._add(Person(self.bot_user_id, name=name, real_name=name, is_bot=True))
        bot.bot_id = self.bot_id

    def clear(self) -> None:
        """Start over with an empty workspace. The app stays installed and connected, the
        version goes on counting up, and no id is given twice."""
        with self.changing():
            self.post.forget()
            self.faults.clear()
            self.log.clear()
            self.ledger.clear()
            self.installation.refusal = None
            self._empty()

    # People

    @property
    def bot(self) -> Person:
        """The app's own user."""
        return self.people[self.bot_user_id]

    def add_person(
        self,
        person_id: str,
        name: str,
        real_name: str = "",
        title: str = "",
        tz: str = "UTC",
        locale: str = "en-GB",
        is_admin: bool = False,
        is_owner: bool = False,
        is_bot: bool = False,
        email: str = "",
    ) -> Person:
        """Somebody joins the workspace (team_join goes to the app)."""
        person = Person(
            person_id,
            name=name,
            real_name=real_name or name,
            title=title,
            tz=tz,
            locale=locale,
            is_admin=is_admin,
            is_owner=is_owner,
            is_bot=is_bot,
            email=email,
        )
        with self.changing():
            self._add(person)
        self.post.event("team_join", {"type": "team_join", "user": self.user_object(person)})
        return person

    def _add(self, person: Person) -> Person:
        person.updated = int(self.clock().timestamp())
        self.people[person.id] = person
        return person

    def user_object(self, person: Person, *, locale: bool = False) -> Json:
        """The user object the app sees, with the e-mail address only under its scope."""
        email = not self.installation.lacks(frozenset({"users:read.email"}))
        return user_object(person, self.team_id, self.clock(), locale=locale, email=email)

    def change_person(self, person_id: str, **changes: Any) -> None:
        """Change fields of a person; the app hears user_change."""
        with self.changing():
            person = self.people[person_id]
            for key, value in changes.items():
                if not hasattr(person, key):
                    raise AttributeError(f"a person has no {key}")
                setattr(person, key, value)
            person.updated = int(self.clock().timestamp())
            shown = self.user_object(person, locale=True)
        self.post.event("user_change", {"type": "user_change", "user": shown})

    def deactivate(self, person_id: str) -> None:
        """The account is switched off."""
        self.change_person(person_id, deleted=True)

    def reactivate(self, person_id: str) -> None:
        """The account is switched on again."""
        self.change_person(person_id, deleted=False)

    def change_zone(self, person_id: str, tz: str) -> None:
        """The person travels."""
        self.change_person(person_id, tz=tz)

    # Conversations

    def add_channel(
        self, name: str, private: bool = False, members: list[str] | None = None, bot: bool = False
    ) -> Conversation:
        """A new channel with these members, the app among them if `bot`."""
        with self.changing():
            everyone = [*(members or ()), *([self.bot_user_id] if bot else ())]
            return self._converse("C", "channel", name=name, private=private, members=everyone)

    def archive(self, channel_id: str) -> None:
        """Nobody can write there any more."""
        with self.changing():
            self.conversations[channel_id].archived = True

    def join(self, channel_id: str, user_id: str) -> None:
        """Somebody, or the app itself, comes into a channel."""
        with self.changing():
            channel = self.conversations[channel_id]
            if user_id in channel.members:
                return
            channel.members.append(user_id)
        self._moved("member_joined_channel", channel, user_id)

    def leave(self, channel_id: str, user_id: str) -> None:
        """Somebody, or the app itself, goes or is removed."""
        with self.changing():
            channel = self.conversations[channel_id]
            if user_id not in channel.members:
                return
            channel.members.remove(user_id)
        self._moved("member_left_channel", channel, user_id)

    def _moved(self, kind: str, channel: Conversation, user_id: str) -> None:
        if user_id != self.bot_user_id and self.bot_user_id not in channel.members:
            return
        event = {
            "type": kind,
            "user": user_id,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": self.team_id,
        }
        self.post.event(kind, event)

    def im(self, user_id: str) -> Conversation:
        """The direct message of a person with the app; opened when first asked for."""
        with self.lock:
            found = self._ims.get(user_id)
            if found is None:
                members = [user_id, self.bot_user_id]
                found = self._converse("D", "im", private=True, members=members)
                self._ims[user_id] = found
            return found

    def mpim(self, user_ids: list[str], *, create: bool = True) -> Conversation | None:
        """The group message of exactly these people and the app."""
        with self.lock:
            wanted = frozenset({*user_ids, self.bot_user_id})
            if wanted in self._groups or not create:
                return self._groups.get(wanted)
            handles = "--".join(self.people[user].name for user in sorted(wanted))
            name = f"mpdm-{handles}-1"
            members = [*dict.fromkeys([*user_ids, self.bot_user_id])]
            found = self._converse("G", "mpim", name=name, private=True, members=members)
            self._groups[wanted] = found
            return found

    def _converse(self, prefix: str, kind: Any, **fields: Any) -> Conversation:
        created = int(self.clock().timestamp())
        conversation = Conversation(
            self.next_id(prefix), kind, created=created, creator=self.bot_user_id, **fields
        )
        self.conversations[conversation.id] = conversation
        return conversation

    def store(self, channel: str, user: str, text: str, **fields: Any) -> Message:
        """Post a message, stamped with programme time; call within `changing`."""
        blocks = self.name_blocks(fields.pop("blocks", None) or [])
        message = Message(channel, self.next_ts(), user, text, blocks, **fields)
        if user == self.bot_user_id:
            message.bot_id = self.bot_id
        self.conversations[channel].messages.append(message)
        return message

    def rewrite(self, message: Message, text: str, blocks: list[Json]) -> None:
        """Change a message in place. Text alone leaves the "(edited)" mark; what people chose
        stays where block and action ids stay. Call within `changing`."""
        message.text, message.blocks = text, self.name_blocks(blocks)
        message.edited = not blocks
        message.state = {
            person: values_of(message.blocks, before) for person, before in message.state.items()
        }

    # The app

    def install_manifest(self, manifest: Json) -> None:
        """Commands, shortcuts, scopes and events come from the app's manifest from now on."""
        with self.changing():
            self.installation = installation_of(manifest)

    def wait(self, patience: float) -> None:
        """From now on an acknowledgement may take, and a trigger lives, this many real seconds."""
        self.patience = self.tickets.seconds = patience

    def connect(self, deliver: Deliver) -> None:
        """How requests reach the app: `delivery.to_bolt_app(app)` or `delivery.to_url(url)`."""
        self.post.deliver = deliver

    def uninstall(self) -> None:
        """The app is removed: two events, then every call answers account_inactive."""
        self._end("account_inactive")
        self.post.event("app_uninstalled", {"type": "app_uninstalled"})

    def revoke_token(self) -> None:
        """The bot token is revoked: an event, then every call answers token_revoked."""
        self._end("token_revoked")

    def _end(self, refusal: str) -> None:
        with self.changing():
            self.installation.refusal = refusal
        tokens = {"oauth": [], "bot": [self.bot_user_id]}
        self.post.event("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens})

    def call(self, method: str, args: Json, token: str | None) -> Json:
        """Call a Web API method; the answer's body. Raises nothing."""
        return self.answer(method, args, token).body

    def answer(self, method: str, args: Json, token: str | None) -> methods.ApiAnswer:
        """Call a Web API method; the answer with its HTTP status and headers."""
        return methods.answer(self, method, args, token)

    def client(self) -> "WebClient":
        """A slack_sdk client that calls this workspace in process."""
        from bot.sandbox.client import InProcessClient

        return InProcessClient(self)

    def send(
        self, kind: RequestKind, what: str, payload: Json, *, secret: str = "", stamp: int = 0
    ) -> Answer:
        """Send any payload to the app, as it is; with another signing secret or time stamp
        it is a forged or stale one."""
        return self.post.send(kind, what, payload, secret=secret, stamp=stamp)

    def deliver_due(self) -> int:
        """Repeat the events whose next attempt is due by now; how many were."""
        return self.post.deliver_due()

    def arrive(self) -> int:
        """Calls that hung in process take effect now; how many did."""
        late, self.late = self.late, []
        for call in late:
            call()
        return len(late)

    def seat(self, user_id: str) -> "Seat":
        """Sit down as a person and use Slack the way they do."""
        from bot.sandbox.seat import Seat

        return Seat(self, self.people[user_id])

    # Bookkeeping

    def notice(self, user_id: str, text: str) -> None:
        """Show a failure to a person the way Slack does."""
        with self.changing():
            number = int(self.next_id("N")[1:])
            shown = self.notices.setdefault(user_id, [])
            shown.append((number, text))
            del shown[:-20]

    def next_ts(self) -> str:
        """Programme time as a message ts: strictly increasing, also when the clock steps back."""
        now = self.clock()
        micros = int(now.timestamp()) * 1_000_000 + now.microsecond
        self._last_ts = max(self._last_ts + 1, micros)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def _new_hash(self) -> str:
        return f"{int(self.clock().timestamp())}.{self.next_id('H')[1:]}"

    def name_blocks(self, blocks: list[Json]) -> list[Json]:
        """The blocks with the ids Slack adds where the app gave none."""
        named = []
        for block in blocks:
            if block.get("type") == "markdown":
                # Slack rewrites these blocks and drops their id.
                block = {key: value for key, value in block.items() if key != "block_id"}
            if not block.get("block_id"):
                block = {**block, "block_id": self.next_id("b")}
            named.append(block)
        for _, element in elements(named):
            if not element.get("action_id"):
                element["action_id"] = self.next_id("a")
        return named

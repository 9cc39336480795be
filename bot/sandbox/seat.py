"""A person's seat: using Slack the way they do, in a test as at the page."""

from typing import TYPE_CHECKING, Any

from bot.sandbox import acts, modals
from bot.sandbox.conversations import Conversation, Message, elements, words
from bot.sandbox.errors import Refused
from bot.sandbox.inputs import is_stateful
from bot.sandbox.outcome import Outcome
from bot.sandbox.people import Person

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


class Seat:
    """What one person sees and does. What Slack's client would not let them do raises a
    LookupError that says what there is."""

    def __init__(self, workspace: "Workspace", person: Person) -> None:
        self.ws = workspace
        self.person = person
        self.id = person.id

    # What they see

    @property
    def dm(self) -> list[Message]:
        """The direct message with the app, oldest first, private answers included."""
        with self.ws.lock:
            return self.ws.im(self.id).visible_to(self.id)

    def messages(self, channel: str | Conversation) -> list[Message]:
        """A conversation as this person sees it; nothing when they are not in it."""
        with self.ws.lock:
            conversation = self._conversation(channel)
            return conversation.visible_to(self.id) if self._may_read(conversation) else []

    @property
    def ephemerals(self) -> list[Message]:
        """All private messages on this person's screen, oldest first."""
        with self.ws.lock:
            found = [
                message
                for conversation in self.ws.conversations.values()
                for message in conversation.messages
                if message.ephemeral and message.to == self.id
            ]
        return sorted(found, key=lambda message: message.at)

    @property
    def groups(self) -> list[Conversation]:
        """The group messages this person is in."""
        with self.ws.lock:
            return [
                conversation
                for conversation in self.ws.conversations.values()
                if conversation.kind == "mpim" and self.id in conversation.members
            ]

    @property
    def home(self) -> Json | None:
        """The published Home tab."""
        return self.ws.views.homes.get(self.id)

    @property
    def modals(self) -> list[Json]:
        """The open modals, top last."""
        with self.ws.lock:
            return list(self.ws.views.stacks.get(self.id, ()))

    @property
    def modal(self) -> Json | None:
        """The modal on top."""
        stack = self.modals
        return stack[-1] if stack else None

    @property
    def notices(self) -> list[str]:
        """Failures as Slack showed them."""
        return [text for _, text in self.ws.notices.get(self.id, ())]

    @staticmethod
    def read_aloud(where: Message | Json) -> str:
        """All the words of a message or view, one piece per line."""
        return where.texts() if isinstance(where, Message) else "\n".join(words(where))

    def unread(self, channel: str | Conversation) -> int:
        """Messages by others since the person last looked."""
        conversation = self._conversation(channel)
        read = self.person.read.get(conversation.id, "0")
        count = 0
        with self.ws.lock:
            for message in reversed(conversation.messages):
                if message.ts <= read:
                    break
                count += message.seen_by(self.id) and message.user != self.id
        return count

    # What they do

    def command(self, name: str, text: str = "", channel: str | None = None) -> Outcome:
        """Type a slash command, in the direct message unless a channel is named."""
        conversation = self._conversation(channel)
        return acts.command(self.ws, self.person, name, text, conversation)

    def open_home(self) -> Json | None:
        """Open the Home tab; the view the app published."""
        return acts.open_home(self.ws, self.person)

    def open_messages(self) -> None:
        """Open the Messages tab of the app."""
        acts.open_home(self.ws, self.person, "messages")

    def click(
        self,
        where: Message | Json | None,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
    ) -> Outcome:
        """Use an element of a message or view: press a button (`value` tells apart those of
        one action id), choose an option by its value, a person by id, a date as string."""
        if where is None:
            raise Refused(f"There is nothing to click {action_id!r} in.")
        return acts.act(self.ws, self.person, where, action_id, value, block_id)

    def forge(
        self, where: Message | Json, action_id: str, value: str = "", block_id: str = "forged"
    ) -> Outcome:
        """Send a button click that is not on the screen, as a tampered client could."""
        action = {
            "type": "button",
            "action_id": action_id,
            "block_id": block_id,
            "text": {"type": "plain_text", "text": "forged"},
            "value": value,
            "action_ts": self.ws.next_ts(),
        }
        return acts.dispatch(self.ws, self.person, where, action)

    def fill(self, values: dict[str, Any] | None = None, **more: Any) -> None:
        """Type into the inputs of the modal on top: block id (or action id) -> value."""
        for name, value in {**(values or {}), **more}.items():
            view = self.modal
            if view is None:
                raise Refused("No modal is open.")
            block, element = self._input(view, name)
            outcome = acts.act(
                self.ws, self.person, view, element["action_id"], value, block["block_id"]
            )
            if not outcome.ok:
                raise Refused(outcome.says)

    def submit(self, values: dict[str, Any] | None = None) -> Outcome:
        """Fill what is given and press the submit button of the modal on top."""
        self.fill(values)
        view = self.modal
        if view is None:
            raise Refused("No modal is open.")
        return modals.submit(self.ws, self.person, view["id"])

    def close(self, clear: bool = False) -> Outcome:
        """Cancel the modal on top; with `clear` press the x, which closes all."""
        view = self.modal
        if view is None:
            raise Refused("No modal is open.")
        return modals.close(self.ws, self.person, view["id"], clear=clear)

    def shortcut(self, callback_id: str) -> Outcome:
        """Use a global shortcut."""
        return acts.shortcut(self.ws, self.person, callback_id, None)

    def message_shortcut(self, callback_id: str, message: Message) -> Outcome:
        """Use a message shortcut on a message."""
        return acts.shortcut(self.ws, self.person, callback_id, message)

    def write(
        self, text: str, channel: str | Conversation | None = None, thread: str | None = None
    ) -> Message:
        """Write a message, to the app unless a channel is named."""
        return acts.write(self.ws, self.person, text, self._conversation(channel), thread)

    def suggest(
        self, where: Message | Json, action_id: str, query: str, block_id: str | None = None
    ) -> Outcome:
        """Type into an external select."""
        return acts.suggest(self.ws, self.person, where, action_id, query, block_id)

    def read(self, channel: str | Conversation | None = None) -> None:
        """Look at a conversation: nothing in it is unread any more."""
        with self.ws.changing():
            conversation = self._conversation(channel)
            if conversation.messages:
                self.person.read[conversation.id] = conversation.messages[-1].ts

    def _conversation(self, channel: str | Conversation | None) -> Conversation:
        if isinstance(channel, Conversation):
            return channel
        if channel is None:
            return self.ws.im(self.id)
        found = self.ws.conversations.get(channel)
        if found is None:
            raise Refused(f"There is no conversation {channel!r}.")
        return found

    def _may_read(self, conversation: Conversation) -> bool:
        return self.id in conversation.members or any(
            message.to == self.id for message in conversation.messages
        )

    def _input(self, view: Json, name: str) -> tuple[Json, Json]:
        inputs = [pair for pair in elements(view["blocks"]) if is_stateful(pair[1])]
        for key, place in (("block_id", 0), ("action_id", 1)):
            found = [pair for pair in inputs if pair[place][key] == name]
            if len(found) == 1:
                return found[0]
        known = ", ".join(block["block_id"] for block, _ in inputs) or "none"
        raise Refused(f"There is no input {name!r} in this modal; there are: {known}.")

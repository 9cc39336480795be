"""The Web API methods. Importing this package registers them, so calls are answered from here."""

from bot.sandbox.api import ApiAnswer, answer
from bot.sandbox.methods import app, chat, conversations, users, views

__all__ = ["ApiAnswer", "answer", "app", "chat", "conversations", "users", "views"]

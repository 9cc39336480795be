"""WHAT THEY DO: meetings, what came of them, and actions."""

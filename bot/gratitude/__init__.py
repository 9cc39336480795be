"""THANKS: prompts at the right moments, and private letters of thanks."""

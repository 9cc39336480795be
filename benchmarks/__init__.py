"""How fast the bot answers Slack, beside two references in the same run: `python -m benchmarks`.

Only ratios are goals: the machine, its load and the load generator are the same on both sides.
"""

"""Whether letters survive what happens to processes, databases and Slack: `python -m benchmarks
faults`.

`stage`: a stand-in Slack behind HTTP and a database that can be taken away. `children`: what runs
in processes of its own, the bot's worker and the usual design beside it. `crew`: starting, killing
and freezing them. `chaos`: what happens to them, drawn from a seed. `verdict`: the workspace's
ledger against the database.
"""

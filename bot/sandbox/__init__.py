"""A stand-in Slack workspace: the demo's stage and the other side of the tests.

In process: `workspace.Workspace`, people's seats in `seat.Seat`, and `delivery.to_bolt_app`.
Behind HTTP, with Socket Mode and a page to sit at: `server.build_server`.
It knows nothing of the app it hosts.
"""

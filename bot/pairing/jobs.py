"""What falls due between a request and the end of a pairing, and when one of the two is back."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bot.cohort import leave, planning
from bot.pairing import departures, offers, pairings, places, requests
from bot.schedule import Job


def welcome_back(session: Session, leave_id: int, now: datetime) -> None:
    """A leave is over, for the person and for their partners."""
    beside = partial(pairings.partners_of, session)
    leave.welcome_back(session, leave_id, beside=beside, now=now)


JOBS: tuple[Job, ...] = (
    Job("welcome-back", due=leave.BACK_DUE, each=welcome_back),
    Job("close-requests", due=departures.requests_to_close(), each=departures.close_request),
    Job("end-pairings", due=departures.pairings_to_end(), each=departures.end_pairing),
    Job("move-offers-on", due=departures.offers_to_move_on(), each=departures.move_offer_on),
    Job("pass-unread-offers", due=departures.offers_nobody_read(), each=departures.move_offer_on),
    Job("drop-places", due=departures.places_to_drop(), each=departures.drop_place),
    Job("look-at-who-waits-again", due=planning.to_plan(planning.ROOM), each=places.look_again),
    Job("offer-room-of-who-joined", due=places.to_look(), each=places.look),
    Job("lapse-offers", due=offers.to_lapse(), each=offers.lapse),
    Job("remind-of-offers", due=offers.to_remind(), each=offers.remind),
    Job("lapse-places", due=places.to_lapse(), each=places.lapse),
    Job("report-unpaired", due=requests.to_report(), each=requests.report),
)

# What is planned by a person's own hours, and planned again when they are in another zone.
MOVES = (offers.plan_again, pairings.plan_again)

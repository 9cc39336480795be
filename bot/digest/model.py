"""When each cohort's digest is due."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.cohort.model import Cohort
from bot.database import Base, InWorkspace


class DigestPlan(InWorkspace, Base):
    """The next Monday a cohort's coordinators hear from the bot; one row a cohort."""

    __tablename__ = "digest_plan"
    __table_args__ = (sa.UniqueConstraint("cohort_id"),)

    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    next_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship(lazy="joined", innerjoin=True)

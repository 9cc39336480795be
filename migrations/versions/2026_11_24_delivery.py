"""Delivery: buckets, instances, stopped channels, and what Slack delivered

Revision: 2026_11_24
After: 2026_06_01.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24"
down_revision = "2026_06_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broken_delivery",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_broken_delivery_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broken_delivery")),
        sa.UniqueConstraint(
            "workspace_id", "reference", name=op.f("uq_broken_delivery_workspace_id_reference")
        ),
    )
    with op.batch_alter_table("broken_delivery", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_broken_delivery_workspace_id"), ["workspace_id"], unique=False
        )

    op.create_table(
        "bucket",
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_bucket_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bucket")),
        sa.UniqueConstraint("workspace_id", "method", name=op.f("uq_bucket_workspace_id_method")),
    )
    with op.batch_alter_table("bucket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bucket_workspace_id"), ["workspace_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_delivery_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_delivery_workspace_id_key")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_at", ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_delivery_workspace_id"), ["workspace_id"], unique=False
        )

    op.create_table(
        "instance",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_reason", sa.String(length=120), nullable=False),
        sa.Column("away_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_instance_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
        sa.UniqueConstraint("workspace_id", name=op.f("uq_instance_workspace_id")),
    )
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_instance_workspace_id"), ["workspace_id"], unique=False
        )

    op.create_table(
        "stopped_channel",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_stopped_channel_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stopped_channel")),
        sa.UniqueConstraint(
            "workspace_id", "channel", name=op.f("uq_stopped_channel_workspace_id_channel")
        ),
    )
    with op.batch_alter_table("stopped_channel", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stopped_channel_workspace_id"), ["workspace_id"], unique=False
        )

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("meant_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_letter_sending_at", ["sending_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index("ix_letter_sending_at")
        batch_op.drop_column("meant_at")

    with op.batch_alter_table("stopped_channel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stopped_channel_workspace_id"))

    op.drop_table("stopped_channel")
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instance_workspace_id"))

    op.drop_table("instance")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_workspace_id"))
        batch_op.drop_index("ix_delivery_at")

    op.drop_table("delivery")
    with op.batch_alter_table("bucket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bucket_workspace_id"))

    op.drop_table("bucket")
    with op.batch_alter_table("broken_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_broken_delivery_workspace_id"))

    op.drop_table("broken_delivery")

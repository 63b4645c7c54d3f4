"""Contributions, partitioned by evaluation: a superseded one is dropped whole.

Partitions are created, loaded and attached by `scoring.evaluation.results`. Foreign keys are left
out on purpose: agencies, creators and evaluations are never deleted, and checking 1.5 million rows
a month against them would cost more than writing them.
"""

from django.db import migrations

CREATE = """
CREATE TABLE scoring_creatorcontribution (
    evaluation_id bigint NOT NULL,
    agency_id bigint NOT NULL,
    creator_id bigint NOT NULL,
    bound_days smallint NOT NULL,
    bound_on_last_day boolean NOT NULL,
    settled_cents bigint NOT NULL,
    showcase_cents bigint NOT NULL,
    good_goods_cents bigint NOT NULL,
    settled_orders bigint NOT NULL,
    worry_free_orders bigint NOT NULL,
    live_minutes integer NOT NULL,
    level smallint,
    reputation smallint,
    PRIMARY KEY (evaluation_id, agency_id, creator_id)
) PARTITION BY LIST (evaluation_id);
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE scoring_creatorcontribution;")]

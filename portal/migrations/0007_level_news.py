"""News of a level that changed; an agency's news are read by when they happened."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0006_invitation"),
        ("portal", "0006_account_mail_kinds"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="outboxentry",
            name="outbox_entry_news_known",
        ),
        migrations.RemoveIndex(
            model_name="outboxentry",
            name="outbox_by_agency",
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="news",
            field=models.CharField(
                blank=True,
                choices=[
                    ("violation_issued", "A violation was decided"),
                    ("violation_revoked", "A violation was revoked"),
                    ("appeal_filed", "An appeal was filed"),
                    ("appeal_decided", "An appeal was decided"),
                    ("penalty_started", "A measure took effect"),
                    ("penalty_ended", "A measure ended"),
                    ("penalty_lifted", "A measure was lifted"),
                    ("credit_awarded", "Credit was awarded"),
                    ("credit_restored", "Credit was given back"),
                    ("title_granted", "A title was granted"),
                    ("title_withdrawn", "A title was withdrawn"),
                    ("creator_bound", "A creator was bound"),
                    ("creator_unbound", "A creator was unbound"),
                    ("request_declined", "A creator declined"),
                    ("request_expired", "A request expired"),
                    ("unbinding_asked", "A creator wants to leave"),
                    ("unbinding_objected", "A creator refused to part"),
                    ("unbinding_withdrawn", "A creator withdrew the wish to leave"),
                    ("unbinding_called_in", "A creator called the platform in"),
                    ("unbinding_decided", "The platform decided on a wish to part"),
                    ("notice_published", "A public notice names a violation"),
                    ("level_changed", "The level or stage changed"),
                ],
                max_length=24,
                verbose_name="news",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(fields=["agency", "-at", "-id"], name="outbox_by_agency"),
        ),
        migrations.AddConstraint(
            model_name="outboxentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "news__in",
                        [
                            "",
                            "violation_issued",
                            "violation_revoked",
                            "appeal_filed",
                            "appeal_decided",
                            "penalty_started",
                            "penalty_ended",
                            "penalty_lifted",
                            "credit_awarded",
                            "credit_restored",
                            "title_granted",
                            "title_withdrawn",
                            "creator_bound",
                            "creator_unbound",
                            "request_declined",
                            "request_expired",
                            "unbinding_asked",
                            "unbinding_objected",
                            "unbinding_withdrawn",
                            "unbinding_called_in",
                            "unbinding_decided",
                            "notice_published",
                            "level_changed",
                        ],
                    )
                ),
                name="outbox_entry_news_known",
            ),
        ),
    ]

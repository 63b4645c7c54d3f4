"""Two more kinds of mails about accounts: wrong codes, and another e-mail address."""

from django.db import migrations, models

KINDS = [
    ("password_forgotten", "Link to set a password"),
    ("password_changed", "Password was changed"),
    ("factor_added", "Second factor was set up"),
    ("factor_removed", "Second factor was removed"),
    ("codes_refused", "Several codes were wrong"),
    ("address_changed", "E-mail address was changed"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_account_mail"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accountmail",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=18, verbose_name="kind"),
        ),
        migrations.RemoveConstraint(
            model_name="accountmail",
            name="account_mail_kind_known",
        ),
        migrations.AddConstraint(
            model_name="accountmail",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])),
                name="account_mail_kind_known",
            ),
        ),
    ]

"""The credit ledger is append-only for everybody, the tables' owner included."""

from django.db import migrations

CREATE = """
CREATE FUNCTION credit_entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The credit ledger is append-only: % is refused. Post a reversing entry.', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER credit_entry_keep_rows BEFORE UPDATE OR DELETE ON agencies_creditentry
    FOR EACH ROW EXECUTE FUNCTION credit_entry_refuse_change();
CREATE TRIGGER credit_entry_keep_all BEFORE TRUNCATE ON agencies_creditentry
    FOR EACH STATEMENT EXECUTE FUNCTION credit_entry_refuse_change();
"""
DROP = """
DROP TRIGGER credit_entry_keep_all ON agencies_creditentry;
DROP TRIGGER credit_entry_keep_rows ON agencies_creditentry;
DROP FUNCTION credit_entry_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("agencies", "0002_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]

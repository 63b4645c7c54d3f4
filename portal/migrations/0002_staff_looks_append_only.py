"""What staff looked at can neither be rewritten nor removed line by line."""

from django.db import migrations

CREATE = """
CREATE FUNCTION staff_look_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Looks of staff are append-only: % is refused.', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER staff_look_keep_rows BEFORE UPDATE OR DELETE ON portal_stafflook
    FOR EACH ROW EXECUTE FUNCTION staff_look_refuse_change();
"""
DROP = """
DROP TRIGGER staff_look_keep_rows ON portal_stafflook;
DROP FUNCTION staff_look_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]

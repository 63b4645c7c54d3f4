from scoring.evaluation.due import settle
from scoring.rulebook_versions import *
from tests.scoring.conftest import *
import pytest
pytestmark = pytest.mark.django_db(transaction=True)
def test_probe(platform):
    ev = request_evaluation(month=JULY, at=NOW)
    run_evaluation(ev.pk)
    Evaluation.objects.filter(pk=ev.pk).update(publish_when_computed=True)
    text = DEFAULT.read_text().replace('"2026.1"','"x"').replace('"2000-01"','"2026-07"').replace("min_total = 700","min_total = 750")
    store_rulebook(text, at=NOW, activate=True)
    print(settle(now=NOW))
    ev.refresh_from_db(); print(ev.state, ev.stale_since, ev.rulebook, RulebookVersion_for())
def RulebookVersion_for():
    from scoring.models import RulebookVersion
    return RulebookVersion.objects.for_month(JULY)
def test_empty_ledger_key():
    import subprocess,sys,os
    print(subprocess.run([sys.executable,"-c","from portal import settings; print(repr(settings.LEDGER_KEY))"],env={**os.environ,"LEDGER_KEY":"","DEBUG":"1"},capture_output=True,text=True,cwd="/work/main").stdout)

from __future__ import annotations
import re
import pytest
from django.conf import settings
from datetime import timedelta
from django.utils import timezone
from axe_playwright_python.sync_playwright import Axe
from tests.factories import *
from tests.factories.cases import PenaltyFactory, issued, later
from tests.factories.honours import *
from tests.factories.requests import UnbindingFactory
from tests.factories.staff import operator
from django.test import Client
from agencies.enums import Measure, UnbindingState

pytestmark = pytest.mark.django_db(transaction=True)

def test_shots(page, live_server):
    now = timezone.now(); today = timezone.localdate()
    person = operator()
    c = Client(); c.force_login(person)
    star = AgencyFactory.create(code="STAR", name="星河文化传媒（杭州）有限公司")
    old = AgencyFactory.create(code="OLD", name="旧日")
    for n in range(6):
        BindingFactory.create(agency=old)
    BindingFactory.create(agency=star, creator=CreatorFactory.create(creator_id="HERE"))
    v = ViolationFactory.create(agency=star, decided_on=today, occurred_on=today, kind="fake_traffic")
    v2 = ViolationFactory.create(agency=old, decided_on=today, occurred_on=today)
    notice = PublicNoticeFactory.create(first_day=today, last_day=today, created_at=now, title="2026年11月违规处罚公示")
    M = [{"kind": "warning", "starts_on": "2026-11-22", "until": None},{"kind": "suspend_binding", "starts_on": "2026-11-22", "until": "2026-12-22"}]
    NoticeEntryFactory.create(notice=notice, violation=v, wording="经核查，该机构存在“流量或交易造假”的违规行为。")
    pub = PublicNoticeFactory.create(published=True, title="2026年10月违规处罚公示", published_at=now)
    e1 = NoticeEntryFactory.create(notice=pub, violation=v, measures=M, applied=40, wording="经核查，该机构存在“流量或交易造假”的违规行为，平台作出以下处理：警告；扣除信用分40分。")
    NoticeEntryFactory.create(notice=pub, violation=v2, measures=M, applied=20, corrected_on=today, wording="经核查，该机构存在违规行为。")
    PenaltyFactory.create(violation=v2, kind=Measure.CANCEL_HONOURS, starts_on=today)
    TitleFactory.create(agency=old, granted_on=today); t = TitleFactory.create(agency=star, granted_on=today)
    wish = UnbindingFactory.create(state=UnbindingState.CALLED_IN, objection="合同未到期", called_in_at=now, reason="想离开", asked_at=now, silent_on=today+timedelta(days=14))
    UnbindingFactory.create(asked_at=now, silent_on=today+timedelta(days=14))
    b = star.bindings.get()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": c.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}, {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
    faults = []
    page.on("console", lambda m: faults.append((page.url, m.text)) if m.type in ("error","warning") else None)
    paths = {"bindings": "/staff/bindings/", "new": "/staff/bindings/new/", "end": f"/staff/bindings/{b.pk}/end/", "transfer": "/staff/bindings/transfer/", "wishes": "/staff/unbindings/", "wish": f"/staff/unbindings/{wish.pk}/", "titles": "/staff/titles/", "grant": "/staff/titles/grant/", "withdraw": f"/staff/titles/{t.pk}/withdraw/", "notices": "/staff/notices/", "notice": f"/staff/notices/{notice.pk}/", "preview": f"/staff/notices/{notice.pk}/preview/", "entry": f"/staff/notices/entries/{notice.entries.get().pk}/", "public": "/public/notices/", "publicone": f"/public/notices/{pub.pk}/", "search": "/public/notices/?agency=%E6%97%A5"}
    axe = Axe()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        for name, path in paths.items():
            page.goto(live_server.url + path)
            look(page, name, width, axe, faults)
        page.goto(live_server.url + "/staff/bindings/transfer/")
        page.fill("[name=from_agency]", "OLD"); page.fill("[name=to_agency]", "STAR"); page.fill("[name=reason]", "merger")
        page.fill("[name=on]", (today+timedelta(days=1)).isoformat())
        page.click("form.form-desk button[type=submit]")
        look(page, "transferpreview", width, axe, faults)
    print("\n".join(map(str, faults)))
    assert not faults

def look(page, name, width, axe, faults):
    page.screenshot(path=f"/tmp/h5/{name}-{width}.png", full_page=True)
    r = axe.run(page)
    for v in r.response["violations"]:
        faults.append((name, width, v["id"], [n["html"][:120] for n in v["nodes"]][:3]))
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    if wide: faults.append((name, width, "scrolls sideways"))

"""The violations of the demo platform, decided elsewhere as the import file has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.demo.agencies import AgencyPlan
from portal.demo.situations import SITUATIONS
from portal.demo.timeline import Timeline

# Of all agencies, per mille: those with minor cases, at most two each.
_MINOR_CASES = 130

_SUMMARIES = {
    "dispute": (
        "以虚假承诺诱导达人签约，达人申请解约后拒不配合。",
        "未按约定周期向商家结算推广费用，经催告后仍未处理。",
        "与达人签订的协议含明显不公平条款，引发集中投诉。",
    ),
    "false_information": (
        "入驻资料中的办公场地证明与实际不符。",
        "报名活动时填写的达人带货数据与后台记录不一致。",
        "对外宣传材料夸大机构合作规模。",
    ),
    "fake_traffic": (
        "名下多个直播间在同一时段出现异常下单与集中退款。",
        "为达人直播间购买虚假观看人数。",
    ),
    "prohibited_content": (
        "达人短视频使用绝对化用语且未在期限内整改。",
        "直播中展示未经许可的商品功效说明。",
    ),
    "breach_of_agreement": (
        "未按平台协议保存达人授权文件。",
        "将机构后台账号提供给第三方使用。",
    ),
    "other": (
        "未在规定时间内回复平台核查通知。",
        "机构联系人信息长期失效，多次无法送达。",
    ),
}
_MINOR_POINTS = {
    "dispute": (10, 20),
    "false_information": (5, 10, 20),
    "fake_traffic": (20, 30),
    "prohibited_content": (5, 10, 15),
    "breach_of_agreement": (10, 20),
    "other": (0, 0, 5),
}
_SERIOUS_POINTS = (25, 30, 35)


@dataclass(frozen=True)
class CaseRow:
    """A row of the violations file; `points` are the points asked."""

    agency_code: str
    kind: str
    occurred_on: date
    decided_on: date
    points: int
    summary: str
    reference: str


@dataclass(frozen=True)
class _Case:
    agency: AgencyPlan
    kind: str
    decided_on: date
    points: int


def case_rows(rnd: Random, line: Timeline, agencies: list[AgencyPlan]) -> list[CaseRow]:
    """Give the cases by day of decision, with references numbered through each year."""
    cases = [case for agency in agencies for case in _cases(rnd, line, agency)]
    cases.sort(key=lambda case: (case.decided_on, case.agency.code, case.kind, case.points))
    numbers: dict[int, int] = {}
    rows: list[CaseRow] = []
    for case in cases:
        year = case.decided_on.year
        numbers[year] = numbers.get(year, 0) + rnd.randint(1, 9)
        occurred = case.decided_on - timedelta(days=rnd.randint(4, 40))
        rows.append(
            CaseRow(
                agency_code=case.agency.code,
                kind=case.kind,
                occurred_on=max(occurred, case.agency.joined_on),
                decided_on=case.decided_on,
                points=case.points,
                summary=rnd.choice(_SUMMARIES[case.kind]),
                reference=f"WG-{year}-{numbers[year]:06d}",
            )
        )
    return rows


def _cases(rnd: Random, line: Timeline, agency: AgencyPlan) -> Iterator[_Case]:
    """The script's cases, a series that costs more than 40 points, or now and then a minor one."""
    if agency.situation:
        yield from _scripted(line, agency)
    elif agency.low_credit:
        latest = line.full[line.latest]
        for decided in sorted(_days(rnd, line.start, latest.end) for _ in range(2)):
            kind = rnd.choice(("dispute", "fake_traffic", "false_information"))
            yield _Case(agency, kind, decided, rnd.choice(_SERIOUS_POINTS))
    elif rnd.randrange(1000) < _MINOR_CASES:
        # The first cases lie before the first month: history that an operator brings along.
        start = max(agency.joined_on, line.start - timedelta(days=200))
        for _ in range(rnd.randint(1, 2)):
            kind = rnd.choice(tuple(_MINOR_POINTS))
            decided = _days(rnd, start, line.today)
            yield _Case(agency, kind, decided, rnd.choice(_MINOR_POINTS[kind]))


def _scripted(line: Timeline, agency: AgencyPlan) -> Iterator[_Case]:
    month = line.full[line.latest]
    for situation in SITUATIONS:
        if situation.name == agency.situation:
            for deduction in situation.deductions:
                decided = month.first + timedelta(days=deduction.day)
                yield _Case(agency, deduction.kind, decided, deduction.points)


def _days(rnd: Random, first: date, end: date) -> date:
    """A day in [first, end)."""
    return first + timedelta(days=rnd.randint(0, max((end - first).days - 1, 0)))

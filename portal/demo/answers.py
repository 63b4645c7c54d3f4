"""What the demo platform's desk has written: prepared answers, and answers for every agency."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from portal.models import User
from portal.support.texts import publish_article, write_article, write_canned

# Name, clause, Chinese, English.
_CANNED: Final = (
    (
        "等级为何变化",
        "level-cut-offs",
        "您好，{agency}：\n\n{why}\n\n相关规则“{clause_title}”：\n{clause_text}\n\n"
        "下一次等级更新日为 {due}。如有疑问，可直接回复本条咨询。",
        "Hello {agency},\n\n{why}\n\nThe rule “{clause_title}”:\n{clause_text}\n\n"
        "The next result is published on {due}. Just write again here if something is unclear.",
    ),
    (
        "距下一等级还差多少",
        "score-total",
        "{month}总分 {total} 分，等级 {level}；距 {next_level} 还差 {missing} 分。"
        "具体可行的提升方式见“成长指引”，可先用模拟器试算。",
        "In {month} the total was {total} points, level {level}; {next_level} takes {missing} more."
        " The ways there are under Guidance, where the simulator lets you try them.",
    ),
    (
        "信用分恢复规则",
        "credit-way-back",
        "当前信用分 {credit_today} 分。规则“{clause_title}”：\n{clause_text}",
        "Your credit is {credit_today} today. The rule “{clause_title}”:\n{clause_text}",
    ),
)
# Clause, question and answer in Chinese, question and answer in English.
_ARTICLES: Final = (
    (
        "data-month",
        "等级什么时候更新？",
        "每月 3 日 03:00 按上一自然月的推广数据更新。"
        "1 日、2 日为数据核对期，可查看暂定结果并提出异议。",
        "When are levels updated?",
        "On the 3rd of each month at 03:00, from the promotion data of the month before. On the"
        " 1st and 2nd the result is provisional, and data can be disputed.",
    ),
    (
        "score-attribution",
        "达人月中换绑，数据算哪家机构的？",
        "按天归属：达人当天绑定在哪家机构，当天的数据就计入哪家机构；未绑定期间不计入任何机构。",
        "A creator moved during the month: whose are the data?",
        "Each day counts for the agency to which the creator was bound on that day; days without"
        " a binding count for nobody.",
    ),
    (
        "stage-observation",
        "为什么进入考察期？怎样恢复等级？",
        "服务力低于 140 分，或当月最后一天信用分低于 80 分时进入考察期，期间不显示等级。"
        "两项都达标后，下一次更新即恢复考核。",
        "Why are we in observation, and how do we get our level back?",
        "Service power below 140 points, or credit below 80 on the last day of the month, means"
        " observation without a level. Once both are above, the next result has a level again.",
    ),
    (
        "indicator-reputation",
        "作者口碑分怎么计算？",
        "取每位达人当月归属日内最近一次口碑分，按其归属订单数加权平均；没有口碑分的达人不参与计算。",
        "How is the creators' reputation reckoned?",
        "Each creator's latest reputation on attributed days, weighted by their attributed orders;"
        " creators without one are left out.",
    ),
    (
        "credit-way-back",
        "被扣信用分后多久恢复？",
        "距最近一次扣分或恢复满 30 天未再扣分，恢复 10 分，直至补回全部仍有效的扣分。",
        "How soon does credit come back?",
        "When 30 days have passed since the last deduction or the last return, 10 points come"
        " back, until all deductions that stand are made up for.",
    ),
)


def write_answers(*, at: datetime, by: User) -> None:
    """Write the prepared answers, and write and publish the public ones."""
    for name, clause, text_zh, text_en in _CANNED:
        write_canned(
            answer=None,
            name=name,
            clause=clause,
            text_zh=text_zh,
            text_en=text_en,
            is_active=True,
            at=at,
            by=by,
        )
    for clause, title_zh, text_zh, title_en, text_en in _ARTICLES:
        article = write_article(
            article=None,
            question=None,
            clause=clause,
            title_zh=title_zh,
            text_zh=text_zh,
            title_en=title_en,
            text_en=text_en,
            at=at,
            by=by,
        )
        publish_article(article_id=article.pk, at=at, by=by)

# ruff: noqa
import os, time, traceback, pytest
from pathlib import Path
from tests.conduct_model import test_conduct_model as T
from tests.conduct_model.test_conduct_model import (
    replay,
    failure,
    history,
    shortest,
    taken,
    Counter,
)
from tests.conduct_model.bindings import Platform
from tests.conduct_model.credit import Book
from tests.conduct_model.model import No

TOL = os.environ.get("TOL", "ask,empty").split(",")
if "ask" in TOL:
    real_ask = Platform.ask

    def ask(self, agency, creator):
        if creator not in self.creators or not self.creators[creator].known:
            raise No("not_introduced")
        return real_ask(self, agency, creator)

    Platform.ask = ask
if "empty" in TOL:
    real_r = Book.restorable

    def restorable(self, today):
        keep = self.takings
        self.takings = [t for t in keep if t.taken]
        try:
            return real_r(self, today)
        finally:
            self.takings = keep

    Book.restorable = restorable
if "agree" in TOL:
    real_p = Platform._part
    import inspect

    def agree(self, u, side):
        from tests.conduct_model.bindings import OTHER
        from datetime import timedelta

        f = self._answer(u, OTHER[side], "asked", "objected", "called_in")
        f.state = "objected"
        self._part(f)

    Platform.agree = agree
import tests.conduct_model.credit as CR

M = os.environ.get("MUT", "")
if M == "bandedge":
    CR.BANDS = ((79, 30), (40, 60))
if M == "clean":
    CR.CLEAN = CR.timedelta(days=29)
if M == "cap":
    CR.CAP = 151
if M == "nosettle":
    CR.Book.reverse = lambda self, case: self.fallen.add(case)
if M == "takeable":
    CR.Book.takeable = lambda self, day: self.balance(day)
if M == "fiveM":
    import tests.conduct_model.world as W
    from dataclasses import replace

    for k, v in list(W.AGENCIES.items()):
        if v.followers_below:
            W.AGENCIES[k] = replace(v, followers_below=W.MILLIONS + 1)
if M == "silence":
    import tests.conduct_model.bindings as B

    B.SILENCE = 15
if M == "capcount":
    Platform.places = lambda self, a: {
        b.creator
        for b in self.bindings.values()
        if b.agency == a and not b.over(self.today) and b.since <= self.today
    }
if M == "linked":
    import tests.conduct_model.bindings as B

    B.SUSPENDING = ("suspend_binding",)
if M == "own":
    Platform._may_review = lambda self, case, by: None
if M == "appealday":
    import tests.conduct_model.model as MM

    MM.APPEAL = 14
if M == "oneban":
    rb = CR.Book.bans

    def bans(self):
        out = {}
        for b in rb(self):
            k = b.starts_on
            if k not in out or out[k].until < b.until:
                out[k] = b
        return set(out.values())

    CR.Book.bans = bans
if M == "restoreremoved":
    rs = Platform.removed_on
if M == "keepzero":
    from tests.conduct_model.model import Penalty as PP

    rf = Platform._fall

    def _fall(self, cases):
        z = [
            p
            for p in self.penalties.values()
            if p.at_zero and p.state == "proposed" and p.case not in cases
        ]
        rf(self, cases)
        for p in z:
            p.state = "proposed"

    Platform._fall = _fall


@pytest.mark.django_db
def test_survey(tmp_path):
    first, n = int(os.environ.get("FIRST", "1")), int(os.environ.get("N", "24"))
    length = int(os.environ.get("LEN", "60"))
    secs = float(os.environ.get("SECS", "20"))
    c = Counter()
    t = time.time()
    bad = 0
    seen = set()
    spent = 0
    for seed in range(first, first + n):
        if M and bad:
            break
        steps = history(seed, length)
        try:
            d = replay(steps, tmp_path)
            c += d.did
            c += Counter({f"refused: {r}": k for r, k in d.refusals.items()})
        except Exception as e:
            t0 = time.time()
            bad += 1
            why = failure(steps, tmp_path)
            print(f"--- seed {seed}: {why} {type(e).__name__}: {str(e)[:300]}", flush=True)
            if secs and why not in seen:
                seen.add(why)
                short = shortest(steps, lambda s: failure(s, tmp_path) == why, seconds=secs)
                try:
                    replay(short, tmp_path)
                    print("not reproduced")
                except Exception as e2:
                    print("   SHORT", len(short), short)
                    print("   ", type(e2).__name__, str(e2)[:1800])
                    if type(e2).__name__ != "Disagreement":
                        print("".join(traceback.format_exception(e2)[-3:]))
            spent += time.time() - t0
    print("bad", bad, "steps", taken(c), "secs", time.time() - t - spent)
    print(sorted(c.items()))

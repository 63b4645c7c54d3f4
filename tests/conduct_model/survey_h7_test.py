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

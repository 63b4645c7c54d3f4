"""Trying a version of the rules on published months, without touching what was published.

`life` asks for a back-test, claims it and ends it; `run` is the job; `reading` brings the stored
results of a month, `trial` re-scores them, `boards` asks the room above for the places, `figures`
sums up what the page shows (docs/adr/0019-a-back-test-rescores-what-was-stored.md).
"""

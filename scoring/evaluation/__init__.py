"""The evaluation of a month, from the row that asks for it to its publication.

`actions` asks and publishes, `run` computes; `states` declares the transitions, `attempt` fences
the writes; `freeze`, `measure`, `assess`, `results` and `gate` are the steps of a run, `standing`
is one of publication. What the clock asks for is in `scoring.due`.
"""

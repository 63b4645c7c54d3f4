"""The evaluation of a month, from the row that asks for it to its publication.

`actions` asks and publishes, `run` computes, `due` decides what the clock asks for; `states`
declares the transitions, `attempt` fences the writes, `freeze`, `measure`, `results` and `gate`
are the steps of a run.
"""

"""The rows behind a score, as a file that an agency can check the score with.

`exports` is the life of a request, `rows` reads and writes the file, `run` is what a job does;
`recompute` is handed out beside the file and stands alone.
"""

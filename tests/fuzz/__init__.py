"""Fuzzing where bytes come in: made-up files are changed at random and given to the code.

``python -m tests.fuzz --help`` says how it is run, `targets` says what may come out. Workers are
started all the time, so the code must not change while it runs.

corpus*.py     sound files to begin with, all made by code
mutate.py      changes of bytes; `structure` changes what formats are made of
targets*.py    a door of the app each, with the contract that it keeps
worker.py      one process that tries one target
runner.py      starts workers, notices how they end, and adds up what they found
"""

from tests.components import share_between_servers

share_between_servers()  # before any page is imported: each visit of one has a server of its own

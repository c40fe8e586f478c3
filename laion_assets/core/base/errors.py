"""The two errors a user is meant to read: one clear line that says what is wrong and what to do.

Anything else that is raised is a defect of ours and keeps its traceback.
"""


class UserError(Exception):
    """Something outside the program is wrong: a file, a folder, the disk. Exit code 1."""


class BadUsage(UserError):  # noqa: N818 - it names what happened, as click's UsageError does
    """The command or a setting does not make sense. Exit code 2."""


class BadSourceFile(UserError):  # noqa: N818 - named for the thing found
    """One source file cannot be read or lacks a column; the other files are unaffected."""


class ChangedSourceFile(BadSourceFile):
    """A source file is not what it was when the build began; the next build reads it anew."""

"""What can stop a training run, as a tree; each is for a person to read and mend.

TrainingError
├── UnreadableFile    a file of the shop cannot be understood at all
├── TooManyRejected   a file can be read, but too many of its lines are wrong
├── NothingToLearn    its lines are right, and still teach or examine nothing
├── TooThin           a log or an experiment bears no figure that could be believed
├── GateRefused       the new models are worse than those that serve now
├── ReleaseGone       a release was dropped while its customers were read
├── GroupUnknown      a release has no group of the name that was asked for
└── StoreError        the store of releases and records did not do what was asked

Every message has three parts: what was found, what was expected, what to do. None repeats a value
of a customer; a line number says where to look.
"""


class TrainingError(Exception):
    """A training run stopped, and nothing was published."""


class UnreadableFile(TrainingError):
    """A file is missing, empty, of another kind, or lacks what we need of it."""


class TooManyRejected(TrainingError):
    """More lines of a file were rejected than the run allows."""


class NothingToLearn(TrainingError):
    """No customer bought an item before the end of history, or after the cut of an evaluation."""


class TooThin(TrainingError):
    """Too little was logged, or too unevenly, for a figure that could be believed."""


class GateRefused(TrainingError):
    """A new release was held back, because the current one is better."""


class ReleaseGone(TrainingError):
    """A release was dropped, or lost by its store, while its customers were read."""


class GroupUnknown(TrainingError):
    """A release has no group of the name that was asked for."""


class StoreError(TrainingError):
    """The store could not be started, reached, read or written."""

"""Which batch of which epoch answers when an index is asked for."""


class EpochState:
    """The state of the epochs of a data set (they are called passes here); the caller holds a lock.

    Keras probes batches before it trains, permutes their numbers, and calls `on_epoch_end` more
    often than there are epochs, differently on each backend. So a shuffled data set hands out its
    own batches in the order of asking, and the same index gets the same batch for as long as the
    epoch lasts. An epoch that is handed out completely ends at the next hook or `iter`, or, in a
    loop that has neither, when an index is asked again. It does not end before: TensorFlow looks
    ahead, and `explain` tells of the epoch that was just seen. "Again" means that the batch was
    delivered since the last hook: an index that Keras has probed before is still to come, and so
    is one whose request was interrupted or failed.

    `one_of_many` is for a copy that came by pickle. Others may ask other copies for the rest of
    the epoch, as worker processes do, so it answers an index by the batch of that very number. A
    hook or `iter` comes only where whole epochs are asked for, and ends that.
    """

    def __init__(self, batches: int, shuffle: bool, number: int = 0, one_of_many: bool = False):
        self.batches, self.shuffle = batches, shuffle
        self.by_index = one_of_many or not shuffle
        self.start(number)

    def start(self, number: int) -> None:
        """Begin epoch `number` with nothing handed out."""
        self.number = number
        self._handed: dict[int, int] = {}
        self._delivered: set[int] = set()  # numbers of batches, since the last hook
        self._ended = False

    def batch(self, index: int) -> int:
        """The number, within the epoch, of the batch that answers index."""
        if self.again(index) and self.complete:
            self.start(self.number + 1)
        if index not in self._handed:
            self._handed[index] = index if self.by_index else self.handed
        return self._handed[index]

    def deliver(self, number: int) -> None:
        """The batch of this number was made, and goes to who has asked for it."""
        self._delivered.add(number)

    def again(self, index: int) -> bool:
        """Whether the batch that answers index was delivered before, since the last hook."""
        return self._handed.get(index) in self._delivered

    @property
    def handed(self) -> int:
        """How many batches of the epoch are handed out."""
        return len(self._handed)

    @property
    def complete(self) -> bool:
        """Whether all batches of the epoch are handed out."""
        return self.handed == self.batches

    def begin(self) -> None:
        """An epoch or an iteration begins."""
        self._hook(self.complete)
        self._ended = False

    def end(self) -> None:
        """An epoch ends, or a new `fit` resets the data set: the second end in a row is a new
        `fit`, which starts a new epoch if the old one was more than probed."""
        self._hook(self.complete or (self._ended and self.handed > 2))
        self._ended = True

    def _hook(self, over: bool) -> None:
        self._delivered.clear()
        if over:
            self.start(self.number + 1)
        elif self.by_index and self.shuffle:
            self.start(self.number)
        self.by_index = not self.shuffle

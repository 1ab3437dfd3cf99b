"""Which batch of which pass is handed out when Keras asks for an index."""


class Passes:
    """The state of the passes over a data set; the caller holds a lock.

    Keras probes batches before it trains, permutes their numbers, and calls `on_epoch_end` more often than there are epochs, differently on
    each backend. So a shuffled data set hands out its own batches in the order of asking, and the same index gets the same batch for as
    long as the pass lasts. A pass that is handed out completely ends at the next hook or `iter`, not before: TensorFlow looks ahead.
    """

    def __init__(self, batches: int, shuffle: bool, number: int = 0):
        self.batches, self.shuffle = batches, shuffle
        self.start(number)

    def start(self, number: int) -> None:
        """Begin pass `number` with nothing handed out."""
        self.number = number
        self._handed: dict[int, int] = {}
        self._ended = False

    def batch(self, index: int) -> int:
        """The number, within the pass, of the batch that answers index."""
        if index not in self._handed:
            self._handed[index] = self.handed if self.shuffle else index
        return self._handed[index]

    @property
    def handed(self) -> int:
        """How many batches of the pass are handed out."""
        return len(self._handed)

    def begin(self) -> None:
        """An epoch or an iteration begins."""
        self._ended = False
        self._next_if(self._complete())

    def end(self) -> None:
        """An epoch ends, or a new `fit` resets the data set: the second end in a row is a new `fit`, which starts a new pass if the
        old one was more than probed."""
        again = self._ended and self.handed > 2
        self._next_if(self._complete() or again)
        self._ended = True

    def _complete(self) -> bool:
        return self.handed == self.batches

    def _next_if(self, over: bool) -> None:
        if over:
            self.start(self.number + 1)

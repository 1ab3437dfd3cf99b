"""Which batch of which epoch answers a request for an index."""

from collections.abc import Callable

#: Batches that Keras or a user may request before an epoch begins.
_INSPECTED = 2


class EpochState:
    """The current epoch of a data set and the batches served from it; the caller holds a lock.

    An epoch here is one pass over all files; with `steps_per_epoch` it can span several of Keras'
    epochs.

    Keras requests batches before it trains, permutes their indices, and calls `on_epoch_end` more
    often than there are epochs, differently on each backend. So a shuffled data set serves its
    batches in request order, and an index gets the same batch for as long as the epoch lasts. A
    completely served epoch ends at the next hook or `iter`, or, in a loop that has neither, when
    an index is requested again. It does not end earlier, because TensorFlow prefetches, and
    `explain` describes the epoch that was just seen. "Again" means that the batch was delivered
    since the last hook: an index that Keras only requested before training is still to come, and
    so is one whose request was interrupted or failed.

    Where Keras takes the data set as its own adapter, none of this applies: an iterator claims a
    whole epoch and serves it in order.

    `batches_of` returns the number of batches in an epoch.

    `one_of_many` is for a pickled copy. Other copies, in other worker processes, may be asked for
    the rest of the epoch, so it answers index i with batch i. A hook or `iter` is only called
    where whole epochs are requested, and ends that.
    """

    def __init__(
        self,
        batches_of: Callable[[int], int],
        shuffle: bool,
        number: int = 0,
        one_of_many: bool = False,
    ):
        self.batches_of, self.shuffle = batches_of, shuffle
        self.by_index = one_of_many or not shuffle
        self.start(number)

    def start(self, number: int, first: int = 0) -> None:
        """Begin epoch `number` with batch `first`: those before it count as served."""
        self.number, self.batches = number, self.batches_of(number)
        self._served: dict[int, int] = {}  # index to number of the batch
        self._delivered: set[int] = set()  # numbers of batches, since the last hook
        self._ended = False
        self._claimed = False
        self.first = first
        self._new = 0  # number of batches served from `first` on
        self._last = first - 1  # number of the last batch served by index
        self._returned: set[int] = set()  # numbers of batches

    def claim(self) -> range:
        """The numbers of the batches of an epoch that is served in order, to one iterator: the
        next one, or the current one if it was only inspected or chosen by number."""
        self.renew()
        self._claimed = True
        return range(self.first, self.batches)

    def renew(self) -> None:
        """Begin the epoch that `claim` claims next."""
        if self._used:
            self.start(self.number + 1)

    @property
    def claimable(self) -> int:
        """Number of batches in the epoch that `claim` would claim."""
        return self.batches_of(self.number + 1) if self._used else self.batches - self.first

    @property
    def _used(self) -> bool:
        return self._claimed or self.complete or self._new > _INSPECTED

    def serve(self, epoch: int, number: int) -> None:
        """Note that an iterator which has claimed the epoch serves the batch."""
        if epoch == self.number and number not in self._served:
            self._note(number, number)

    def batch(self, index: int) -> int:
        """The number, within the epoch, of the batch that answers index."""
        if self.complete and (self.again(index) or index not in self._served):
            self.start(self.number + 1)
        if index not in self._served:
            self._note(index, index if self.by_index else self.served)
        return self._served[index]

    def _note(self, index: int, number: int) -> None:
        self._served[index] = number
        self._new += number >= self.first

    def deliver(self, number: int) -> None:
        """Note that the batch was built and returned to its requester."""
        self._delivered.add(number)
        self._returned.add(number)

    def again(self, index: int) -> bool:
        """Whether the batch that answers index was already delivered since the last hook."""
        return self._served.get(index) in self._delivered

    @property
    def served(self) -> int:
        """Number of batches of the epoch that were served, by an earlier run as well."""
        return self.first + self._new

    @property
    def complete(self) -> bool:
        """Whether all batches of the epoch were served."""
        return self.served == self.batches

    @property
    def next_batches(self) -> int:
        """Number of batches in the next pass, which is still this epoch unless it is complete."""
        return self.batches_of(self.number + 1) if self.complete else self.batches

    @property
    def untouched(self) -> bool:
        """Whether no batch was served since the epoch was begun."""
        return not self._served

    @property
    def position(self) -> int | None:
        """Number of batches of the epoch that were returned; None if they are not its first."""
        number = self.first
        while number in self._returned:
            number += 1
        return number if number > max(self._returned, default=-1) else None

    def locate(self, epoch: int, number: int) -> tuple[int, int]:
        """The epoch and the number within it of a batch, counted from the start of an epoch."""
        while number >= (batches := self.batches_of(epoch)):
            epoch, number = epoch + 1, number - batches
        return epoch, number

    def following(self, number: int) -> int | None:
        """The number of the batch that is likely to be requested after this one; None if batches
        are requested by index, and not one after the other."""
        if not self.by_index:
            return self.served
        is_next = number in (0, self._last + 1)
        self._last = number
        return number + 1 if is_next else None

    def ahead(self, epoch: int, number: int, count: int) -> list[tuple[int, int]]:
        """The epoch and the number within it of `count` batches, from that of an epoch on."""
        keys: list[tuple[int, int]] = []
        while len(keys) < count:
            if number == self.batches_of(epoch):
                epoch, number = epoch + 1, 0
            keys.append((epoch, number))
            number += 1
        return keys

    def begin(self) -> None:
        """An epoch or an iteration begins."""
        self._hook(self.complete)
        self._ended = False

    def end(self) -> None:
        """An epoch ends, or a new `fit` resets the data set: the second end in a row is a new
        `fit`, which starts a new epoch if more than the batches that Keras inspects before
        training were served."""
        self._hook(self.complete or (self._ended and self._new > _INSPECTED))
        self._ended = True

    def _hook(self, over: bool) -> None:
        self._delivered.clear()
        if over:
            self.start(self.number + 1)
        elif self.by_index and self.shuffle:
            self.start(self.number, self.first)
        self.by_index = not self.shuffle

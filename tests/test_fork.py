"""Forked children of a process that uses the package: nothing of the package blocks there."""

import os

import keras
import pytest

from support.processes import run

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.skipif(
        keras.backend.backend() != "jax",
        reason="the same code on each backend; their own threads do not stand a fork either",
    ),
]

USE = """
import os, sys, warnings
warnings.simplefilter("ignore")
import mixfolder as mf
seq = mf.from_directory(sys.argv[1], image_size=(8, 8), verbose=False)
seq[0]
child = os.fork()
if child == 0:
    opens = lambda: mf.from_directory(sys.argv[1])
    for call in (lambda: seq[0], opens, seq.stats, lambda: seq.explain(0)):
        try:
            call()
            os._exit(1)
        except mf.ForkError as e:
            assert "spawn" in str(e) and "threads=" in str(e), e
    seq.close()
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
seq[0]
print("parent goes on")
"""

FIRST = """
import os, sys, warnings
warnings.simplefilter("ignore")
import mixfolder as mf
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        with mf.from_directory(sys.argv[1], image_size=(8, 8), verbose=False) as seq:
            seq[0]
        os._exit(7)
    children.append(child)
for child in children:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
print("fine")
"""

# 100 forks, while four threads request, open and close. Each child exits in one of four
# ways, with locks that may be held; a child that hangs is killed and counted.
BUSY = """
import contextlib, gc, os, sys, threading, time, warnings
warnings.simplefilter("ignore")
import mixfolder as mf
seq = mf.from_directory(sys.argv[1], image_size=(64, 64), batch_size=4, verbose=False)
done = False
def ask(k):
    for i in range(10**9):
        if done:
            return
        if k == 3:
            options = dict(image_size=(8, 8), batch_size=4, verbose=False)
            with mf.from_directory(sys.argv[1], **options) as other:
                other[0]
        else:
            seq[i % len(seq)]
            seq.set_epoch(i)
threads = [threading.Thread(target=ask, args=[k]) for k in range(4)]
for t in threads:
    t.start()
late = []
for n in range(100):
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        if n % 4 == 0:
            seq.close()
        elif n % 4 == 1:
            with contextlib.suppress(mf.ForkError), seq:
                seq[0]
        elif n % 4 == 2:
            del seq
            gc.collect()
        else:
            from support.internals import leave_at_exit
            leave_at_exit()
        os._exit(7)
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() - start > 20:
            os.kill(child, 9)
            os.waitpid(child, 0)
            late.append(n)
            break
        time.sleep(0.001)
    else:
        assert os.waitstatus_to_exitcode(ended[1]) == 7
done = True
for t in threads:
    t.join()
assert not late, late
seq.close()
print("nobody waits")
"""

# sys.exit in a child, while a thread of the parent waits for a batch; an exit that
# waits for that thread takes 2 s more per child.
EXIT = """
import os, sys, threading, time, warnings
warnings.simplefilter("ignore")
import mixfolder as mf
from support.internals import pretend_to_wait, waiting_threads
seq = mf.from_directory(sys.argv[1], image_size=(64, 64), batch_size=4, verbose=False)
seq[0]
hangs = threading.Event()
def wait():
    pretend_to_wait()
    hangs.wait()
threading.Thread(target=wait, daemon=True).start()
while not waiting_threads():
    time.sleep(0.001)
slept = []
def sleep(seconds):
    os.write(2, b"it sleeps")
    os._exit(8)
child = os.fork()
if child == 0:
    time.sleep = sleep
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
print("at once")
hangs.set()
"""


@pytest.mark.parametrize(
    ("code", "word"),
    [(USE, "parent goes on"), (FIRST, "fine"), (BUSY, "nobody waits"), (EXIT, "at once")],
)
def test_fork(flowers, code, word):
    done = run(code, flowers)
    assert done.returncode == 0 and word in done.stdout, done.stderr

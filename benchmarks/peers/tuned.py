"""The environment in which Debian's PyTorch is fastest."""
import os
import sys

JEMALLOC = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"


def restart_in_environment(threads, tuned=True):
    """Starts the program again unless its environment is already right. To be called before torch is imported.

    Tuned means jemalloc that keeps its pages, one OpenBLAS thread beside PyTorch's own, and OpenBLAS free to choose the
    kernels made for this processor.
    """
    environment = {"OMP_NUM_THREADS": str(threads)}  # None: not set
    if tuned:
        environment.update(OPENBLAS_NUM_THREADS="1", OPENBLAS_CORETYPE=None, OPENBLAS_L2_SIZE=None)
        if not os.path.exists(JEMALLOC):
            sys.exit("tuned.py: need Debian's libjemalloc2, without which PyTorch takes several times as long")
        environment.update(LD_PRELOAD=JEMALLOC, MALLOC_CONF="dirty_decay_ms:-1,muzzy_decay_ms:-1,thp:always")
    if any(os.environ.get(name) != value for name, value in environment.items()):
        kept = {name: value for name, value in os.environ.items() if name not in environment}
        kept.update({name: value for name, value in environment.items() if value is not None})
        os.execve(sys.executable, [sys.executable] + sys.argv, kept)

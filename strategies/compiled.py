"""Machine code of steps and kernels, cached on disk under the hash of every source that went into it.

numba looks at one file's time stamp only and would keep an edited callee's old code. Here each function is cached in a
folder named by the digest of its own file and of every module that it reaches through its globals, so that stale code
cannot be found. Where the cache folder cannot be written, everything is compiled anew in each process.
"""

import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from numba import types

from strategies.frame import BAR, POSITION, WANT, record_of

#: Any record by reference: the loop hands strategy-specific records on without knowing their fields.
OPAQUE = record_of(["first"])

_numba_config: Any = numba.config


def _default_cache() -> Path | None:
    try:
        return Path.home() / ".cache" / "tradeloop"
    except RuntimeError:  # a user without a home folder, as in some containers
        return None


DEFAULT_CACHE = _default_cache()
_cache_folder: Path | None = DEFAULT_CACHE

#: Decorator for a function of your own that a step calls: it is compiled with the step.
helper = numba.njit(nogil=True, error_model="numpy")


def use_cache_folder(folder: Path | None) -> None:
    """Keep machine code under `folder` from now on; None compiles without a cache."""
    global _cache_folder
    _cache_folder = folder


def record_type(dtype: np.dtype[np.void]) -> Any:
    """numba's type of one record of `dtype`."""
    return numba.from_dtype(dtype)


STEP_SIGNATURE = types.void(*[record_type(d) for d in (BAR, OPAQUE, OPAQUE, POSITION, OPAQUE, OPAQUE, WANT)])


class CompiledStep(types.WrapperAddressProtocol):
    """A step as a first-class function that every kernel can call, whatever its own records look like.

    Records are passed by reference, so a step of specific records and one of opaque records share a binary interface.
    """

    def __init__(self, function: Any) -> None:
        self.function = function

    def __wrapper_address__(self) -> int:
        return int(self.function.address)

    def signature(self) -> Any:
        return STEP_SIGNATURE


def compile_step(
    step: Callable[..., None],
    feature: np.dtype[np.void],
    context: np.dtype[np.void],
    parameter: np.dtype[np.void],
    memory: np.dtype[np.void],
) -> CompiledStep:
    """Compile a step for its own records (0.2 s, or a cache hit)."""
    signature = types.void(*[record_type(d) for d in (BAR, feature, context, POSITION, parameter, memory, WANT)])
    with cache_for(step) as cached:
        return CompiledStep(numba.cfunc(signature, error_model="numpy", cache=cached)(step))


def compile_kernel(kernel: Callable[..., Any], signature: Any) -> Callable[..., Any]:
    """Compile a kernel for one explicit signature and return its direct entry, which skips numba's type dispatch."""
    with cache_for(kernel) as cached:
        dispatcher = numba.njit(signature, nogil=True, error_model="numpy", cache=cached)(kernel)
    (compiled,) = dispatcher.overloads.values()
    entry: Callable[..., Any] = compiled.entry_point
    return entry


@contextmanager
def cache_for(function: Callable[..., Any]) -> Iterator[bool]:
    """Point numba's cache at this function's own folder; yields False where nothing can be cached."""
    digest = source_digest(function)
    folder = _writable(_cache_folder, digest) if _cache_folder and digest else None
    before = _numba_config.CACHE_DIR
    if folder:
        _numba_config.CACHE_DIR = str(folder)
    try:
        yield folder is not None
    finally:
        _numba_config.CACHE_DIR = before


def source_digest(function: Callable[..., Any]) -> str | None:
    """sha256 over the files of the function and of everything it reaches through its globals, and the versions used.

    None where a source is no file (typed at a prompt, made by exec): such code is never cached.
    """
    seen = {__file__: Path(__file__).read_bytes()}
    try:
        _collect(function, seen)
    except OSError:
        return None
    digest = hashlib.sha256(f"{sys.version} {numba.__version__} {np.__version__}".encode())
    for path in sorted(seen):
        digest.update(path.encode() + b"\0" + seen[path])
    return digest.hexdigest()


def _collect(function: Callable[..., Any], seen: dict[str, bytes]) -> None:
    plain = getattr(function, "py_func", function)
    if not isinstance(plain, FunctionType):
        return
    path = inspect.getsourcefile(plain)
    if path is None or f"{path}:{plain.__qualname__}" in seen:
        return
    seen[f"{path}:{plain.__qualname__}"] = Path(path).read_bytes()
    for value in inspect.getclosurevars(plain).globals.values():
        if isinstance(value, ModuleType):
            _collect_module(value, seen)
        else:
            _collect(value, seen)


def _collect_module(module: ModuleType, seen: dict[str, bytes]) -> None:
    path = getattr(module, "__file__", None)
    if (
        path
        and path.endswith(".py")
        and module.__name__.split(".")[0] not in sys.stdlib_module_names | {"numpy", "numba"}
    ):
        seen[path] = Path(path).read_bytes()


def _writable(folder: Path, digest: str) -> Path | None:
    target = folder / digest
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return target if os.access(target, os.W_OK | os.X_OK) else None

"""Set up this checkout: virtual environment, Python packages, Node packages, web bundle.

Uses only the standard library, so that a machine with Python and make needs nothing else:
Node comes from PyPI. Each step is stamped with a hash of what it was made from; a step whose
stamp still holds is skipped without touching the network.

    python3 tools/setup.py          what the server needs
    python3 tools/setup.py dev      and the packages of the tests and linters
    python3 tools/setup.py linters  the same without the bundle, which a linter does not need
    python3 tools/setup.py lock     compile the *.lock files and web/package-lock.json anew
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
VENV = ROOT / ".venv"
BUILD = ROOT / ".build"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
NODE = VENV / "bin" / "node"
FONTS = BUILD / "fonts"
FONT_FILES = (  # below web/node_modules/@expo-google-fonts; all weights would be 200 MB
    "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
    "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
    "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "noto-naskh-arabic/400Regular/NotoNaskhArabic_400Regular.ttf",
    "noto-naskh-arabic/700Bold/NotoNaskhArabic_700Bold.ttf",
)
OLDEST_PYTHON = (3, 11)
INSTALL_VENV = ["apt-get", "install", "-y", "python3-venv"]
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NO_NETWORK = (
    "connection refused",
    "dns error",
    "eai_again",
    "econnrefused",
    "enotfound",
    "failed to establish",
    "failed to fetch",
    "name resolution",
    "network is unreachable",
    "timed out",
)


class SetupError(Exception):
    """One sentence for the person at the terminal."""


def main(arguments: list[str]) -> int:
    """Run one command of the module's list; 0 when done, 2 when it cannot be done."""
    command = arguments[0] if arguments else "setup"
    if command not in COMMANDS:
        print(f"setup: unknown command {command}; known: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        refuse_other_machines()
        with one_at_a_time():
            COMMANDS[command]()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 2
    return 0


def set_up(*, dev: bool = False, bundle: bool = True) -> None:
    """Bring everything up to date; dev packages once installed stay up to date too."""
    dev = dev or (VENV / ".stamps" / "dev").exists()
    python_locks = ["requirements-uv.lock", "requirements.lock"]
    if dev:
        python_locks.append("requirements-dev.lock")
    steps = [
        Step("Virtual environment", VENV / ".stamps/venv", PYTHON, venv_key, make_venv),
        Step("uv", VENV / ".stamps/uv", UV, lambda: digest([ROOT / python_locks[0]]), install_uv),
        Step(
            "Python packages",
            VENV / ".stamps/python",
            NODE,
            lambda: digest(ROOT / name for name in python_locks),
            lambda: install_python(python_locks),
        ),
        Step(
            "Node packages",
            BUILD / "node",
            WEB / "node_modules",
            lambda: digest([WEB / "package-lock.json"]),
            lambda: npm(["ci"]),
        ),
        Step("Fonts of the documents", BUILD / "fonts.stamp", FONTS, fonts_key, copy_fonts),
        Step("Web bundle", BUILD / "bundle", WEB / "dist", bundle_key, build_bundle),
    ]
    for number, step in enumerate(steps if bundle else steps[:-1], start=1):
        step.run(f"[{number}/{len(steps)}]")
    if dev:
        (VENV / ".stamps/dev").touch()


class Step:
    """One thing to make: skipped while its product exists and its stamp equals its key."""

    def __init__(
        self,
        title: str,
        stamp: Path,
        product: Path,
        key: Callable[[], str],
        make: Callable[[], None],
    ) -> None:
        self.title, self.stamp, self.product, self.key, self.make = title, stamp, product, key, make

    def run(self, number: str) -> None:
        """Make it when needed, with a progress line that ends in the time it took."""
        key = self.key()
        if self.product.exists() and self.stamp.exists() and self.stamp.read_text() == key:
            return
        print(f"{number} {self.title} …", end="", flush=True)
        began = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        try:
            self.make()
        except BaseException:
            print()
            raise
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(key)
        print(f" {time.monotonic() - began:.0f} s", flush=True)


# --- the machine ---------------------------------------------------------------------------


def refuse_other_machines() -> None:
    """Say in one sentence why this machine cannot run the project, before anything is changed."""
    if sys.platform != "linux":
        raise SetupError(f"Linux is needed; {sys.platform} is not supported.")
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python 3.11 or later is needed and this is {sys.version.split()[0]}; "
            "make PYTHON=/path/to/python3 uses another one."
        )


class one_at_a_time:  # noqa: N801, reads as a verb where it is used
    """Two set-ups of one checkout would overwrite each other: the second waits."""

    def __enter__(self) -> None:
        BUILD.mkdir(exist_ok=True)
        self.file = (BUILD / "lock").open("w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running, waiting for it …", flush=True)
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


# --- Python --------------------------------------------------------------------------------


def venv_key() -> str:
    """A virtual environment holds for one Python and one place on the disk."""
    return f"{sys.version}\n{os.path.realpath(sys.base_prefix)}\n{VENV}\n"


def make_venv() -> None:
    """Create .venv; Debian keeps the module for it in a package of its own."""
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_module()
    # The real file, because a link to it (another environment's, say) may go away.
    python = os.path.realpath(sys.executable)
    run([python, "-m", "venv", "--clear", str(VENV)], "the virtual environment")


def install_venv_module() -> None:
    """Install python3-venv as root, otherwise say which command does it."""
    apt = shutil.which("apt-get", path=SYSTEM_PATH)
    command = " ".join(INSTALL_VENV)
    if os.geteuid() != 0 or apt is None:
        raise SetupError(f"Python's venv module is missing; install it with: {command}")
    environment = {**os.environ, "PATH": SYSTEM_PATH, "DEBIAN_FRONTEND": "noninteractive"}
    run([apt, "update"], "apt-get update", environment)
    run([apt, *INSTALL_VENV[1:]], command, environment)
    importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(f"{command} brought no venv module for {sys.executable}.")


def install_uv() -> None:
    """uv by pip, checked against its hash; no source build, which would need Rust."""
    lock_file = str(ROOT / "requirements-uv.lock")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--only-binary", ":all:", "--require-hashes", "-r", lock_file], "installing uv")


def install_python(locks: list[str]) -> None:
    """Make .venv hold exactly what the lock files name."""
    files = [str(ROOT / name) for name in locks]
    # Compiled here once: where Python may not write bytecode, each start would take 1.3 s longer.
    command = ["sync", "--require-hashes", "--compile-bytecode", "--python", str(PYTHON), *files]
    uv_pip(command, "installing the Python packages")


def uv_pip(arguments: list[str], what: str) -> None:
    """Run `uv pip` with this machine's certificates, and the index of pip's own settings."""
    pip = [str(PYTHON), "-m", "pip", "config", "get", "global.index-url"]
    index = subprocess.run(pip, capture_output=True, text=True, check=False).stdout.strip()
    environment = dict(os.environ)
    if index:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    command, *rest = arguments
    run([str(UV), "pip", command, "--quiet", "--system-certs", *rest], what, environment)


# --- web -----------------------------------------------------------------------------------


def node_environment() -> dict[str, str]:
    """The environment in which Node is the one of .venv, and trusts what Python trusts."""
    environment = {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    if "SSL_CERT_FILE" in environment:
        environment.setdefault("NODE_EXTRA_CA_CERTS", environment["SSL_CERT_FILE"])
    return environment


def npm(arguments: list[str]) -> None:
    """Run npm in web/; no package of ours needs an install script of its own."""
    command = [str(VENV / "bin/npm"), *arguments, "--ignore-scripts", "--no-progress"]
    run(command, f"npm {arguments[0]}", node_environment(), WEB)


def fonts_key() -> str:
    """Which files, from which packages."""
    return "\n".join([digest([WEB / "package-lock.json"]), *FONT_FILES])


def copy_fonts() -> None:
    """Gather the documents' fonts in one folder, which gets its name when all of them are there."""
    new = FONTS.with_name("fonts.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    for name in FONT_FILES:
        shutil.copyfile(WEB / "node_modules/@expo-google-fonts" / name, new / Path(name).name)
    shutil.rmtree(FONTS, ignore_errors=True)
    new.rename(FONTS)


def build_bundle() -> None:
    """web/src to web/dist."""
    vite = str(WEB / "node_modules/vite/bin/vite.js")
    run([str(NODE), vite, "build", "--logLevel", "warn"], "vite build", node_environment(), WEB)


def bundle_key() -> str:
    """The bundle is made from the sources without their tests, the packages and the settings."""
    files = (path for path in (WEB / "src").rglob("*") if path.is_file())
    settings = (WEB / name for name in ("package-lock.json", "vite.config.ts", "tsconfig.json"))
    return digest([*(path for path in files if ".test." not in path.name), *settings])


# --- lock files ----------------------------------------------------------------------------


def lock() -> None:
    """Compile the lock files anew, for every platform and without the name of any index."""
    compile_ = ["compile", "--universal", "--python-version", "3.11", "--generate-hashes"]
    quietly = ["--no-emit-index-url", "--no-header", "--upgrade"]
    for name in ("requirements-uv", "requirements", "requirements-dev"):
        print(f"{name}.lock", flush=True)
        files = [f"{name}.in", "--output-file", f"{name}.lock"]
        uv_pip([*compile_, *quietly, *files], f"compiling {name}.lock")
    print("web/package-lock.json", flush=True)
    npm(["update", "--package-lock-only"])


# --- tools ---------------------------------------------------------------------------------


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents, in the order of the names; a missing file counts as none."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes() if path.exists() else b""
        total.update(f"{path.relative_to(ROOT)} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def run(
    command: list[str], what: str, environment: dict[str, str] | None = None, folder: Path = ROOT
) -> None:
    """Run a command silently; when it fails show what it said, then one sentence."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    lines = done.stdout.strip().splitlines()
    shown = lines if len(lines) <= 40 else [*lines[:20], "…", *lines[-20:]]
    print("\n" + "\n".join(shown), file=sys.stderr)
    raise SetupError(f"{what} failed{cause(done.stdout)} (exit {done.returncode}).")


def cause(output: str) -> str:
    """Name the two causes that are not the project's fault."""
    said = output.lower()
    if "no space left" in said:
        return ": the disk is full"
    if any(sign in said for sign in NO_NETWORK):
        return ": a package registry cannot be reached; set-up needs the network once"
    return ""


COMMANDS: dict[str, Callable[[], None]] = {
    "setup": set_up,
    "dev": lambda: set_up(dev=True),
    "linters": lambda: set_up(dev=True, bundle=False),
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

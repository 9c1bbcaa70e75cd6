"""nox -s build_pgo: the wheel, with the profile of its release at work.  `-- FILES` sets the workload's size."""

import os
import pathlib
import shutil

import nox

WORK = pathlib.Path(os.environ.get("WORK", "pgo")).resolve()
TARGET = "x86_64-unknown-linux-gnu"
LIBRARY = "packtree/packtree.abi3.so"
# Relocations for BOLT; lines that tell apart what is inlined, an option that stable rustc has behind
# RUSTC_BOOTSTRAP.
BUILD = {
    "RUSTC_BOOTSTRAP": "1",
    "RUSTFLAGS": "-Clink-arg=-Wl,--emit-relocs -Zdebug-info-for-profiling",
    "CARGO_BUILD_TARGET": TARGET,
}
nox.options.reuse_existing_virtualenvs = True


def installed(session, wheel, directory):
    """Unpacked, not installed: several builds can be at hand."""
    shutil.rmtree(directory, ignore_errors=True)
    session.run("python", "-m", "zipfile", "-e", wheel, directory)
    return directory / LIBRARY


def record(session, directory, tree, runs=3):
    """The library inside an ordinary Python: a recording holds all modules, and names each by its build-id."""
    profiles = directory.with_suffix(".profiles")
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir(parents=True)
    for _ in range(runs):
        session.run(
            *["pgo-record", "--quiet", "-F", "1000", "--budget", "50", "-o", profiles / "%p.pgoraw", "--"],
            *["python", "workload.py", tree],
            env={"PYTHONPATH": directory},
            external=True,
        )
    return sorted(profiles.glob("*.pgoraw"))


@nox.session
def build_pgo(session):
    session.install("maturin==1.16.0")
    files = session.posargs[0] if session.posargs else "2000"
    tree = WORK / f"tree-{files}"
    if not tree.exists():
        session.run("python", "make_tree.py", tree, files)

    targets = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")).resolve()
    targets_pgo = WORK / "cargo-pgo"
    build = ["maturin", "build", "--release", "--out"]

    session.run(*build, WORK / "release", env=BUILD | {"CARGO_TARGET_DIR": targets})
    (wheel,) = (WORK / "release").glob("*.whl")
    library = installed(session, wheel, WORK / "before")
    profiles = record(session, WORK / "before", tree)

    # A quick recording may have too few samples to be taken otherwise.
    few_samples = ["--force"] if os.environ.get("QUICK") else []

    # Another directory, since cargo does not compile again what it has.
    shutil.rmtree(targets_pgo / TARGET, ignore_errors=True)
    session.run(
        *["pgo-bolt", "rebuild", *few_samples, "--binary", library],
        *["--profile-dir", WORK / "profile", "--profile", *profiles],
        *["--result", targets_pgo / TARGET / "release" / "libpacktree.so", "--", *build, WORK / "rebuilt"],
        env=BUILD | {"CARGO_TARGET_DIR": targets_pgo},
        external=True,
    )
    library = installed(session, WORK / "rebuilt" / wheel.name, WORK / "pgo")
    profiles = record(session, WORK / "pgo", tree)
    relinked = WORK / "packtree.bolt.so"
    session.run("pgo-bolt", "relink", library, "-p", *profiles, "-o", relinked, "--force", external=True)

    (WORK / "dist").mkdir(exist_ok=True)
    session.run(
        *["python", "replace_in_wheel.py", WORK / "rebuilt" / wheel.name, LIBRARY, relinked],
        WORK / "dist" / wheel.name,
    )
    installed(session, WORK / "dist" / wheel.name, WORK / "pgo+bolt")

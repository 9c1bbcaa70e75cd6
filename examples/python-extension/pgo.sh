#!/bin/sh
# pgo.sh: the session build_pgo of the noxfile, and the wheels before and after it.
cd "$(dirname "$0")" && . ../workflow.sh
need_rust
need_python

step "nox -s build_pgo"
files=$(sized 2000 80)
WORK=$work nox --envdir "$cache/nox" -s build_pgo -- "$files" || fail "build_pgo"

step "The new wheel, as pip installs it"
python=$cache/nox/build_pgo/bin/python
"$python" -m pip install --quiet --no-deps --no-index --force-reinstall "$work"/dist/*.whl || fail "pip"
"$python" workload.py "$work/tree-$files" || fail "the installed wheel"

# A small gain shows in many short runs rather than in few long ones.
tree=$work/tree-$(sized 250 80)
[ -e "$tree" ] || "$python" make_tree.py "$tree" "${tree##*-}" || fail "make_tree.py"
for build in pgo pgo+bolt; do
    measure $build --shell "PYTHONPATH=$work/before $python workload.py $tree" \
        "PYTHONPATH=$work/$build $python workload.py $tree"
done
before_and_after

#!/bin/sh
# workflow.sh BUILD EXAMPLE: an example's workflow with the programs of BUILD.
# What it builds and records stays in build-workflows, for all builds of ours.
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/.." || exit 1
export PATH="$build:$PATH" CACHE="$PWD/build-workflows"
exec "examples/$2/pgo.sh"

# pgoshim: profiles of shipped programs, for the compiler and for BOLT.
#
#   make            build everything into build/
#   make test-unit  the tests that need nothing but a build, in seconds
#   make check      all tests, with the packages that they need
#                   (TESTS='bridge-* unit-analyzer-*' JOBS=2)
#   make demo       the main job, on SQLite
#   make bench      timed tables (TABLES="cost start budget lengths windows layout peers attach hour counts inference
#                   gains kinds compare conversion check")
#   make workflows  the examples: whole workflows, each with its table of before and after
#   make lint       format, rooms, words and static checks
#   make coverage   which code the unit tests run, room by room (TESTS= for others)
#   make compile_commands.json   for editors and other tools
#   make soak       real servers and runtimes with the shim and without (SOAK="nginx redis"),
#                   stress-ng's stressors (STRESSORS="signal mmap"; none: STRESSORS=none), and 64
#                   threads with forks, dlopen and exec at once (MINUTES=60; 10 without it, none: 0)
#   make exact      look-ahead against single-stepping, many programs
#   make oracles    profiles beside those of other tools, many kinds of builds
#   make matrix     rebuild over compilers, build tools and kinds of builds, one by one
#                   (ROWS='gcc make *')
#   make deps       install the Debian packages that are missing, also those of the tests
#   make install    PREFIX=/usr/local DESTDIR=; make uninstall, the same
#   make deb        packages of Debian; make rpm, make dist: packaging/package.mk
#
#   SANITIZE=1      ASan and UBSan in all that is not preloaded (build-sanitize/)
#   FUZZ_SECONDS=60 how long `make fuzz` looks for inputs that break each reader
#   FUZZERS=preagg  which readers; all without it
#   COVERAGE=1      counts executed lines (build-coverage/)
#   DEPS=no         check, demo, bench and lint do not look for packages
#   CC=clang-22     another compiler
#   V=1             shows the commands

VERSION := 0.1.0
SANITIZE ?= 0
COVERAGE ?= 0
DEPS ?= yes
FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang-22
PREFIX ?= /usr/local
# Warnings are errors where the project is worked on, not where it is packaged: WERROR=-Werror
WERROR ?=

BUILD := $(if $(filter 1,$(SANITIZE)),build-sanitize,$(if $(filter 1,$(COVERAGE)),build-coverage,build))

CFLAGS ?= -O2 -g
OUR_CPPFLAGS := -Iinclude -I. -D_GNU_SOURCE -DPGOSHIM_VERSION='"$(VERSION)"'
OUR_CFLAGS := -std=c17 -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR) -fno-common -MMD -MP
# Once, also where a make within this one finds them in the environment: other flags build all anew.
override CPPFLAGS := $(filter-out $(OUR_CPPFLAGS),$(CPPFLAGS)) $(OUR_CPPFLAGS)
override CFLAGS := $(filter-out $(OUR_CFLAGS),$(CFLAGS)) $(OUR_CFLAGS)
ifeq ($(SANITIZE),1)
SANITIZER := -fsanitize=address,undefined -fno-sanitize-recover=undefined
endif
ifeq ($(COVERAGE),1)
SANITIZER := --coverage -fprofile-abs-path
endif

# What runs inside other people's processes: no red zone under inline asm that
# pushes, no stack protector or FORTIFY calls, no vector registers that the
# emulator did not ask for, nothing exported unless it says so.
SHIM_CFLAGS := -fPIC -fvisibility=hidden -fno-stack-protector -U_FORTIFY_SOURCE -mno-red-zone \
	-ftls-model=initial-exec -fno-plt -fno-omit-frame-pointer

MAKEFLAGS += --no-print-directory

# Quiet unless V=1: a word and the file.
Q := $(if $(filter 1,$(V)),,@)
say = @$(if $(filter 1,$(V)),:,printf "  %-8s %s\n" "$(1)" "$@")

sources = $(sort $(wildcard $(addsuffix /*.c,$(1))))
# Those of a room with all the rooms in it.
room_sources = $(sort $(shell find $(1) -name '*.c'))
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))

ANALYZER_LIB := $(call room_sources,include/command-line analyzer/base analyzer/read analyzer/model analyzer/write)
ANALYZER_MAIN := analyzer/main.c $(call sources,analyzer/verbs)
BRIDGE_LIB := $(filter-out bolt-bridge/main.c,$(call room_sources,bolt-bridge))
BRIDGE_MAIN := bolt-bridge/main.c
# The preloaded object takes of the core only what makes notes, and the settings.
PRELOAD := $(call sources,shim/preload shim/program shim/objects shim/core/settings) \
	$(addprefix shim/core/ground/,log.c notes.c text.c kernel_version.c kernel_signal.c cpu_state.c descriptor.c perf_event.c places.c)
CORE := $(call room_sources,shim/core)
RECORD := $(call sources,include/command-line shim/record shim/outside shim/program)

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(call sources,tests/unit/shim tests/unit/analyzer \
	tests/unit/bolt-bridge))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(patsubst %,$(BUILD)/tests/fuzz/replay_%,$(FUZZERS))
# An archive, so that each test takes what it uses.
TEST_SUPPORT := $(BUILD)/libsupport.a
FIXTURES := $(patsubst tests/programs/%.c,$(BUILD)/fixtures/%,$(call sources,tests/programs)) \
	$(patsubst tests/programs/plugins/%.c,$(BUILD)/fixtures/%.so,$(call sources,tests/programs/plugins))

PROGRAMS := $(BUILD)/pgo-record $(BUILD)/pgo-analyze $(BUILD)/pgo-bolt
LIBRARIES := $(BUILD)/libpgoshim.so $(BUILD)/libpgoshim-core.so

ANALYZER_LIBS := -ldw -lelf -lZydis -ljansson -lz -lzstd -llzma -lm -liberty

# Each example is a workflow; what they build and record is kept beside BUILD.
WORKFLOWS := $(patsubst examples/%/pgo.sh,workflow-%,$(wildcard examples/*/pgo.sh))

.PHONY: all test-unit tests-built check coverage fuzz demo bench soak exact oracles matrix workflows $(WORKFLOWS) lint \
	format deps clean compile_commands.json FORCE
all: $(PROGRAMS) $(LIBRARIES)

# --- what everything is made with --------------------------------------------
# Rewritten when the flags are others than the last time: all is made anew then.
FLAGS := $(CC) $(CPPFLAGS) $(CFLAGS) $(SHIM_CFLAGS) $(SANITIZER) $(LDFLAGS) $(ANALYZER_LIBS)
$(BUILD)/flags: FORCE
	@$(shell mkdir -p $(@D))$(file >$@.now,$(FLAGS))if cmp -s $@.now $@; then rm $@.now; else mv $@.now $@; fi

# Whether the packages are there, once for each set of flags.
$(BUILD)/needs-met: $(BUILD)/flags tests/missing-packages.sh
	@tests/missing-packages.sh "$(CC)"
	@touch $@

NEEDS := $(BUILD)/flags $(BUILD)/needs-met

# --- objects ---------------------------------------------------------------
$(call objects,$(sort $(PRELOAD) $(CORE))): $(BUILD)/%.o: %.c $(NEEDS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(SHIM_CFLAGS) -c -o $@ $<

$(BUILD)/%.o: %.c $(NEEDS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(SANITIZER) -c -o $@ $<

# The fixtures and the core's own unit tests see the core without preloading it.
$(BUILD)/sanitized/%.o: %.c $(NEEDS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -mno-red-zone $(SANITIZER) -c -o $@ $<

# --- shim ------------------------------------------------------------------
# As few segments as can be: every process maps them.
$(BUILD)/libpgoshim.so: $(call objects,$(PRELOAD))
	$(call say,LINK)
	$(Q)$(CC) -shared -Wl,-z,defs -Wl,-z,now -Wl,-z,nodelete -Wl,-z,noseparate-code -Wl,-soname,$(@F) -o $@ $^ $(LDFLAGS)

# The core's libraries are looked for beside it, then where they were linked, both before
# LD_LIBRARY_PATH (DT_RPATH): an application may bring another library of the same name.
CORE_LIBRARY_DIRECTORIES = $(sort $(dir $(realpath $(foreach name,Zydis unwind-x86_64, \
	$(shell $(CC) -print-file-name=lib$(name).so)))))

$(BUILD)/libpgoshim-core.so: $(call objects,$(CORE))
	$(call say,LINK)
	$(Q)$(CC) -shared -Wl,-z,defs -Wl,-z,now -Wl,-z,nodelete -Wl,-soname,$(@F) -o $@ $^ $(LDFLAGS) \
		-Wl,--disable-new-dtags -Wl,-rpath,'$$ORIGIN' $(CORE_LIBRARY_DIRECTORIES:%/=-Wl,-rpath,%) -lZydis -lunwind-x86_64

# Recording from outside takes what it uses of the core, but for two rooms, whose calls it answers
# itself, by the other process: shim/outside/target_modules.c for core/modules/modules.h, and
# target_pages.c for core/pages/pages.h.  The linker takes those of the program before the archive's.
$(BUILD)/pgo-record: $(call objects,$(RECORD)) $(BUILD)/libcore.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) -lelf -lZydis -lunwind-x86_64

# The page's style and script are part of the program.
$(BUILD)/analyzer/write/html/frame.o: analyzer/write/html/page.css analyzer/write/html/page.js

# --- analyzer and bridge ----------------------------------------------------
$(BUILD)/libanalyzer.a: $(call objects,$(ANALYZER_LIB))
$(BUILD)/libbridge.a: $(call objects,$(BRIDGE_LIB))
$(BUILD)/libsupport.a: $(call objects,$(call sources,tests/support))
$(BUILD)/libcore.a: $(patsubst %.c,$(BUILD)/sanitized/%.o,$(CORE))
$(BUILD)/lib%.a:
	@mkdir -p $(@D)
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/pgo-analyze: $(call objects,$(ANALYZER_MAIN)) $(BUILD)/libanalyzer.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) $(ANALYZER_LIBS)

$(BUILD)/pgo-bolt: $(call objects,$(BRIDGE_MAIN)) $(BUILD)/libbridge.a $(BUILD)/libanalyzer.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) $(ANALYZER_LIBS)

# --- tests -----------------------------------------------------------------
$(BUILD)/tests/unit/shim/%: $(BUILD)/tests/unit/shim/%.o $(TEST_SUPPORT) $(BUILD)/libcore.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) -lcmocka -lZydis -lunwind-x86_64

$(BUILD)/tests/unit/shim/test_stop: $(BUILD)/shim/outside/stop.o
$(BUILD)/tests/unit/shim/test_fit: $(BUILD)/shim/program/fit.o $(BUILD)/shim/core/ground/descriptor.o
$(BUILD)/tests/unit/shim/test_duration: $(BUILD)/shim/record/duration.o

$(BUILD)/tests/unit/analyzer/%: $(BUILD)/tests/unit/analyzer/%.o $(TEST_SUPPORT) $(BUILD)/libanalyzer.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) -lcmocka $(ANALYZER_LIBS)

$(BUILD)/tests/unit/bolt-bridge/%: $(BUILD)/tests/unit/bolt-bridge/%.o \
		$(BUILD)/libbridge.a $(TEST_SUPPORT) $(BUILD)/libanalyzer.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) -lcmocka $(ANALYZER_LIBS)

# The fuzzing harnesses without a fuzzer, to go through their seeds.
$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/fuzzing.o \
		$(BUILD)/tests/fuzz/replay.o $(BUILD)/libanalyzer.a
	$(call say,LINK)
	$(Q)$(CC) $(SANITIZER) -o $@ $^ $(LDFLAGS) $(ANALYZER_LIBS)

# Small programs to be recorded: never sanitized, linked so that BOLT can move them.
$(BUILD)/fixtures/%: tests/programs/%.c $(NEEDS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -O1 -g -D_GNU_SOURCE -Iinclude -I. -MMD -MP -Wl,--emit-relocs -o $@ $< -ldl -lpthread

$(BUILD)/fixtures/%.so: tests/programs/plugins/%.c $(NEEDS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -O1 -g -D_GNU_SOURCE -I. -MMD -MP -fPIC -shared -Wl,--emit-relocs -o $@ $<

deps:
	@tests/install-packages.sh

DEPENDENCIES := $(if $(filter no,$(DEPS)),,deps)

# As many jobs as processors or as JOBS says, unless `make -jN` has said already how many.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(or $(JOBS),$(shell nproc)))
# Without a choice of TESTS, run.sh runs all; test-unit leaves out what asks other tools.
export TESTS JOBS

check: $(DEPENDENCIES)
	@$(MAKE) $(PARALLEL) all
	@$(MAKE) $(PARALLEL) tests-built
	tests/run.sh $(BUILD)

tests-built: $(UNIT_TESTS) $(REPLAYS) $(FIXTURES)
	@:

# What libcmocka is missing for is skipped.
HAS_CMOCKA = $(shell printf '\043include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | \
	$(CC) -E - >/dev/null 2>&1 && echo yes)
test-unit:
	@$(if $(HAS_CMOCKA),,echo "make: unit tests are skipped, cmocka.h is missing; on Debian and Ubuntu: apt-get install libcmocka-dev" >&2)
	@$(MAKE) $(PARALLEL) $(REPLAYS) $(if $(HAS_CMOCKA),$(UNIT_TESTS))
	@TESTS="$${TESTS:-unit-* !*_agrees_with_* fuzz-seeds-*}" tests/run.sh $(BUILD)

# The unit tests by default; the shim's core as those see it, which is not preloaded.
coverage:
	@$(MAKE) COVERAGE=1 CFLAGS="-O1 -g" $(PARALLEL) all tests-built
	find build-coverage -name '*.gcda' -delete
	TESTS="$${TESTS:-unit-* fuzz-seeds-*}" tests/run.sh build-coverage
	python3 tests/coverage.py build-coverage

# One object a line: what an editor wants to know.
empty :=
comma := ,
quoted = "$(subst ",\",$(subst '",",$(subst "',",$(1))))"
command_of = {"directory": "$(CURDIR)", "file": "$(1)", "arguments": \
	[$(foreach word,$(CC) $(CPPFLAGS) $(CFLAGS) -c,$(call quoted,$(word))$(comma)) "$(1)"]}
compile_commands.json:
	$(file >$@,[)
	$(foreach source,$(ANALYZER_LIB) $(ANALYZER_MAIN) $(BRIDGE_LIB) $(BRIDGE_MAIN) $(PRELOAD) $(CORE) \
		$(RECORD) $(patsubst $(BUILD)/%,%.c,$(UNIT_TESTS)),$(file >>$@,$(call command_of,$(source))$(comma)))
	$(file >>$@,$(call command_of,include/pgoshim/raw.h)])
	@python3 -m json.tool $@ >/dev/null 2>&1 || echo "make: $@ is not JSON" >&2

# Each reader under libFuzzer; inputs that break one are kept in BUILD/fuzz.
fuzz: $(DEPENDENCIES)
	@mkdir -p $(patsubst %,$(BUILD)/fuzz/corpus/%,$(FUZZERS))
	$(Q)for reader in $(FUZZERS); do \
		$(FUZZ_CC) $(CPPFLAGS) -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined \
			-fno-sanitize-recover=undefined -o $(BUILD)/fuzz/$$reader tests/fuzz/fuzz_$$reader.c \
			tests/fuzz/fuzzing.c $(ANALYZER_LIB) $(ANALYZER_LIBS) && \
		$(BUILD)/fuzz/$$reader -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -rss_limit_mb=2048 \
			-artifact_prefix=$(BUILD)/fuzz/$$reader- $(BUILD)/fuzz/corpus/$$reader \
			tests/fuzz/seeds/$$reader || exit 1; \
	done

demo: $(DEPENDENCIES)
	$(MAKE) all
	tests/demo/run.sh $(BUILD)

bench: $(DEPENDENCIES)
	$(MAKE) all
	tests/bench/run.sh $(BUILD) $(TABLES)

soak: $(DEPENDENCIES)
	$(MAKE) all
	tests/soak/run.sh $(BUILD) $(SOAK)
	[ "$(STRESSORS)" = none ] || tests/soak/stress.sh $(BUILD) $(STRESSORS) || [ $$? -eq 77 ]
	[ "$(MINUTES)" = 0 ] || { $(MAKE) $(BUILD)/fixtures/storm $(BUILD)/fixtures/plugin_one.so $(BUILD)/fixtures/plugin_two.so && \
		MINUTES=$(or $(MINUTES),10) tests/soak/storm.sh $(BUILD); }

exact: $(DEPENDENCIES)
	$(MAKE) all
	tests/exact/run.sh $(BUILD)

oracles: $(DEPENDENCIES)
	$(MAKE) all
	tests/oracles/run.sh $(BUILD)

matrix: $(DEPENDENCIES)
	$(MAKE) all
	tests/builds/matrix.sh $(BUILD) '$(or $(ROWS),*)'

workflows: $(WORKFLOWS)

$(WORKFLOWS): workflow-%: $(DEPENDENCIES)
	$(MAKE) all
	tests/workflow.sh $(BUILD) $* || [ $$? -eq 77 ]

lint: $(DEPENDENCIES)
	JOBS=$(JOBS) tests/lint/run.sh

format:
	git ls-files '*.c' '*.h' | xargs clang-format-22 -i

clean:
	rm -rf build build-sanitize build-coverage build-workflows compile_commands.json

include packaging/package.mk

.SECONDARY:
-include $(shell find $(BUILD) -path $(BUILD)/package -prune -o -name '*.d' -type f -print 2>/dev/null)

# closedloopd: build, test, check, install. `make help` lists the targets; ARCHITECTURE.md describes the house.
#
#   B=DIR        where everything is built (build)
#   CC=clang     another compiler; give it its own B
#   SANITIZE=a,b -fsanitize=a,b;  WERROR=1  warnings are errors;  JOBS=N  parallel jobs (all cores)
#   T=when       only tests/unit/test_when.c, tests/scenarios/when*.scn and tests/system/test_when.py

B ?= build
ifeq ($(origin CC),default)
CC = gcc
endif
PREFIX ?= /usr
JOBS ?= $(shell nproc)
VERSION ?= 0.1.0
export B T

# --- What a bare Debian 12 lacks (the only list) ----------------------------------------------------------------------
DEPS_BUILD = gcc libc6-dev pkg-config libevent-dev libssl-dev libcurl4-openssl-dev libcjson-dev libsqlite3-dev libyaml-dev \
	     libsodium-dev libutf8proc-dev libsystemd-dev zlib1g-dev tzdata ca-certificates
DEPS_TEST  = libcmocka-dev python3 sqlite3 openssl
# Commands that tests/interop needs, each with the Debian package it comes in; NAME=PACKAGE.
DEPS_INTEROP = node=nodejs npm=npm prometheus-alertmanager=prometheus-alertmanager
DEPS_LINT  = clang clang-format clang-tidy cppcheck
# Eight evhttp holes are closed from this version on; an older one counts as missing.
LIBEVENT_MIN = 2.1.12-stable-8+deb12u1

# --- Sources, one line per floor --------------------------------------------------------------------------------------
BUILDER := $(sort $(wildcard lib/place/gazetteer_build*.c))
BASE    := $(sort $(wildcard lib/base/*.c))
PLACE   := $(filter-out $(BUILDER),$(sort $(wildcard lib/place/*.c)))
LOOP    := $(sort $(wildcard lib/loop/*.c))
STORE   := $(sort $(wildcard lib/store/*.c))
WIRE    := $(sort $(wildcard lib/wire/*.c))
CONF    := $(sort $(wildcard lib/conf/*.c))
ENGINE  := $(sort $(wildcard lib/engine/*.c))
CTL     := $(sort $(wildcard daemon/ctl*.c))
DAEMON  := $(filter-out $(CTL) $(wildcard daemon/rehearse*),$(sort $(wildcard daemon/*.c)))
CONSOLE := $(sort $(filter-out %.sh %.c %.h,$(wildcard daemon/console/*.*)))
UNIT    := $(sort $(wildcard tests/unit/test_*.c))
BENCH   := $(sort $(wildcard tests/bench/bench_*.c))
SINK    := tests/bench/sink.c
# Programs of tests/sim; its other rooms serve them and the unit tests.
SIM     := tests/sim/scenarios.c tests/sim/simulate.c
# Fuzz targets, and the door by which libFuzzer enters one (make fuzz).
FUZZ    := $(sort $(filter-out tests/fuzz/fuzz_common.c,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_ENTRY := tests/fuzz/entry.c
HELPERS := $(sort $(filter-out $(UNIT) $(BENCH) $(SINK) $(SIM) $(FUZZ_ENTRY), \
	   $(wildcard tests/unit/*.c tests/bench/*.c tests/sim/*.c tests/fuzz/*.c)))

LIB     := $(BASE) $(PLACE) $(LOOP) $(STORE) $(WIRE) $(CONF) $(ENGINE)
HEADERS := $(sort $(wildcard include/closedloop/*.h lib/*/*.h daemon/*.h tests/*/*.h))

obj = $(patsubst %.c,$(B)/%.o,$(1))
DAEMON_OBJ  := $(call obj,$(DAEMON)) $(B)/console_assets.o
UNIT_TESTS  := $(patsubst %.c,$(B)/%,$(UNIT))
SIMS        := $(patsubst %.c,$(B)/%,$(SIM))
BENCHES     := $(patsubst %.c,$(B)/%,$(BENCH))
ALL_OBJ     := $(call obj,$(LIB) $(BUILDER) $(CTL) $(UNIT) $(BENCH) $(SINK) $(SIM) $(HELPERS)) $(DAEMON_OBJ)
PROGRAMS    := $(B)/closedloopd $(B)/closedloopctl
GAZETTEER   := config/gazetteer.tsv.gz config/trad-simp.tsv config/char-pinyin.tsv config/admin-changes.tsv config/latin-names.tsv

# --- Flags ------------------------------------------------------------------------------------------------------------
# Under sanitizers gcc guesses worse, so there a warning stays a warning.
WARN  = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla -Wswitch-enum -Wundef \
	-Wcast-qual -Wwrite-strings $(if $(SANITIZE),,$(if $(WERROR),-Werror))
INCS  = -Iinclude -Ilib -I.
DEFS  = -D_POSIX_C_SOURCE=200809L -DCLOSEDLOOP_VERSION='"$(VERSION)"'
# Control-flow protection is asked of the machine's compiler: x86 has its own word for it, and others have none.
HARDEN_CF = $(eval HARDEN_CF := $$(shell for flag in -fcf-protection=full -mbranch-protection=standard; do \
	$(CC) $$$$flag -x c -c -o /dev/null /dev/null 2>/dev/null && echo $$$$flag && break; done))$(HARDEN_CF)
HARDEN_CC = -fstack-protector-strong -fstack-clash-protection -fPIE $(HARDEN_CF) $(if $(SANITIZE),,-D_FORTIFY_SOURCE=3)
HARDEN_LD = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed
SAN   = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
OPT  ?= -O2 -g
STD   = -std=c11 -ffile-prefix-map=$(CURDIR)=.
# Asked once, and only when something is compiled: a bare machine has no pkg-config yet.
PKGS_LIB    = libcjson sqlite3 yaml-0.1 libsodium libutf8proc
PKGS_DAEMON = libevent libevent_openssl libssl libcrypto libcurl libsystemd
PKG_CFLAGS  = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS_LIB) $(PKGS_DAEMON)))$(PKG_CFLAGS)
# geo.c needs the C library's waves and roots.
LIBS_LIB    = $(eval LIBS_LIB := $$(shell pkg-config --libs $(PKGS_LIB)) -lm)$(LIBS_LIB)
LIBS_DAEMON = $(eval LIBS_DAEMON := $$(shell pkg-config --libs $(PKGS_DAEMON)))$(LIBS_DAEMON)
LIBS_ZLIB   = $(eval LIBS_ZLIB := $$(shell pkg-config --libs zlib))$(LIBS_ZLIB)
LIBS_CMOCKA = $(eval LIBS_CMOCKA := $$(shell pkg-config --libs cmocka))$(LIBS_CMOCKA)

ALL_CFLAGS  = $(STD) $(OPT) $(WARN) $(DEFS) $(HARDEN_CC) $(SAN) $(INCS) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(SAN) $(LDFLAGS)
# What only some floors get: the pure ones mind every conversion, the daemon may use what Linux offers.
# (clang would take assert(!"why") for a conversion.)
FLOOR_lib    = -Wconversion -Wno-string-conversion
FLOOR_daemon = -D_GNU_SOURCE
FLOOR_tests  = -D_GNU_SOURCE
floor_flags  = $(FLOOR_$(firstword $(subst /, ,$(1))))

MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
Q = $(if $(V),,@)
say = @printf '%-4s %s\n' '$(1)' '$(2)';

# --- What is built ----------------------------------------------------------------------------------------------------
.PHONY: mutants dist dist-check sbom valgrind fuzz all tests run test test-unit test-scenarios test-system test-interop sim sim-soak sim-ci bench bench-match bench-alerts soak-hostile asan lint lint-now format install clean deps deps-lint deps-interop help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAMS) $(B)/gazetteer_build $(B)/gazetteer.img
tests: $(UNIT_TESTS) $(SIMS) $(B)/small.img

$(B)/libclosedloop.a: $(call obj,$(LIB))
$(B)/libdaemon.a: $(filter-out $(B)/daemon/main.o,$(DAEMON_OBJ))
$(B)/libhelpers.a: $(call obj,$(HELPERS))
$(B)/lib%.a:
	$(call say,AR,$@) rm -f $@
	$(Q)ar qcs $@ $^

$(B)/closedloopd: $(DAEMON_OBJ) $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_DAEMON) $(LIBS_LIB)

$(B)/closedloopctl: $(call obj,$(CTL)) $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_DAEMON) $(LIBS_LIB)

$(B)/gazetteer_build: $(call obj,$(BUILDER)) $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_LIB) $(LIBS_ZLIB)

$(B)/gazetteer.img: $(B)/gazetteer_build $(GAZETTEER)
	$(call say,IMG,$@)
	$(Q)$(B)/gazetteer_build $(GAZETTEER) $@

# A few streets of it, for fuzzing: an image that is opened in no time. Each table with codes is cut to theirs.
$(B)/small.img: tests/fuzz/small.awk $(B)/gazetteer_build $(GAZETTEER)
	$(call say,IMG,$@)
	$(Q)mkdir -p $@.d && zcat config/gazetteer.tsv.gz | awk -v column=1 -f $< >$@.d/gazetteer.tsv.gz
	$(Q)for table in $(filter-out %.gz,$(GAZETTEER)); do awk -f $< $$table >$@.d/$$(basename $$table) || exit 1; done
	$(Q)$(B)/gazetteer_build $(GAZETTEER:config/%=$@.d/%) $@

# A test may enter any room: the archives give it only the objects it asks for.
$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libhelpers.a $(B)/libdaemon.a $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CMOCKA) $(LIBS_DAEMON) $(LIBS_LIB) $(LIBS_ZLIB)

$(SIMS): $(B)/tests/sim/%: $(B)/tests/sim/%.o $(B)/libhelpers.a $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_LIB)

$(BENCHES): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/libhelpers.a $(B)/libdaemon.a $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_DAEMON) $(LIBS_LIB) $(LIBS_ZLIB)

$(B)/tests/fuzz/run_%: $(B)/tests/fuzz/%.o $(FUZZ_ENTRY) $(B)/libhelpers.a $(B)/libclosedloop.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(FLOOR_tests) -DFUZZ_TARGET=$* -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $(FUZZ_ENTRY) \
		$(B)/tests/fuzz/$*.o $(B)/libhelpers.a $(B)/libclosedloop.a $(LIBS_LIB)

$(B)/tests/bench/sink: $(call obj,$(SINK))
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<) mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(call floor_flags,$<) -MMD -MP -c -o $@ $<

# The console's pages live in the binary: one table of bytes, made by a script.
$(B)/console_assets.o: $(B)/console_assets.c $(B)/flags
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/console_assets.c: daemon/console/embed.sh $(CONSOLE)
	$(call say,GEN,$@) mkdir -p $(@D)
	$(Q)sh daemon/console/embed.sh $(CONSOLE) >$@

# Changes when the compiler or a flag does, so that one build directory never mixes two kinds of objects.
$(B)/flags: FORCE
	@mkdir -p $(B); printf '%s\n' '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))' >$@.new; \
	if cmp -s $@ $@.new; then rm -f $@.new; else mv $@.new $@; fi

-include $(ALL_OBJ:.o=.d)

# --- What is run ------------------------------------------------------------------------------------------------------
run:
	@$(MAKE) deps
	@$(MAKE) all
	@sh tests/rehearse/run.sh

test:
	@$(MAKE) deps
	@$(MAKE) all tests
	@sh tests/run-tests.sh unit scenarios sim system

test-unit: tests $(B)/gazetteer.img
	@sh tests/run-tests.sh unit

test-scenarios: tests $(B)/gazetteer.img
	@sh tests/run-tests.sh scenarios

test-system: all
	@sh tests/run-tests.sh system

# Other people's software must understand what we send: npm's libraries, node, and a real Alertmanager.
test-interop: all
	@$(MAKE) deps-interop
	@$(MAKE) $(B)/interop/installed
	@sh tests/run-tests.sh interop

# The libraries that package-lock.json pins; nothing of theirs is run at the installation.
$(B)/interop/installed: tests/interop/package.json tests/interop/package-lock.json
	$(call say,NPM,$(@D)) mkdir -p $(@D) && cp $^ $(@D)/
	$(Q)cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	$(Q)touch $@

# Simulated months (tests/sim). SEED=n, or SEEDS=from-to; STEPS= TRAVELLERS= DAYS= MASK= (hex) narrow it, TRACE=1 tells it.
SIM_JOBS ?= $(JOBS)
SIM_ARGS  = $(if $(STEPS),--steps $(STEPS)) $(if $(TRAVELLERS),--travellers $(TRAVELLERS)) $(if $(DAYS),--days $(DAYS)) \
	    $(if $(MASK),--mask $(MASK)) $(if $(TRACE),--trace)
sim: $(B)/tests/sim/simulate $(B)/gazetteer.img
	@CLOSEDLOOP_GAZETTEER=$(B)/gazetteer.img $(B)/tests/sim/simulate $(SIM_ARGS) --small \
		$(if $(SEED),--seed $(SEED),$(if $(SEEDS),--seeds $(SEEDS),--saved tests/sim/seeds.txt --seeds 1-100) --jobs $(SIM_JOBS))

# MINUTES=m of new seeds: those of today's number, so that no two soaks are the same.
sim-soak: $(B)/tests/sim/simulate $(B)/gazetteer.img
	@CLOSEDLOOP_GAZETTEER=$(B)/gazetteer.img $(B)/tests/sim/simulate $(SIM_ARGS) --small --jobs $(SIM_JOBS) \
		--minutes $(or $(MINUTES),10) --from $(or $(FROM),$$(date +%s)000)

# What every change must survive beyond what make test has played (the saved seeds and 1-60): two hundred and forty more.
sim-ci: $(B)/tests/sim/simulate $(B)/gazetteer.img
	@CLOSEDLOOP_GAZETTEER=$(B)/gazetteer.img $(B)/tests/sim/simulate --small --jobs $(SIM_JOBS) \
		--seeds 61-300

# M=name: only those with it in their name, or those of a file: M=place.
mutants: deps
	@python3 tests/mutants/run.py $(M)

# FUZZ_SECONDS of new inputs for each target (T=match: for one), from what tests/fuzz/corpus keeps; a finding is left in
# $(B)/fuzz and ends the run. Comparisons are not traced: most are of a search among places, and cost half of the time;
# the dictionary has the words instead. FUZZ_KEEP=1 then merges what was new into the corpus, as few files as cover the same.
FUZZ_SECONDS ?= 60
FUZZERS   = $(patsubst tests/fuzz/%.c,%,$(if $(T),$(filter tests/fuzz/fuzz_$(T).c,$(FUZZ)),$(FUZZ)))
fuzz: export ASAN_OPTIONS = detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=16
fuzz: export UBSAN_OPTIONS = halt_on_error=1:print_stacktrace=1
fuzz:
	@$(MAKE) deps-lint
	@$(MAKE) all $(B)/small.img
	@$(MAKE) B=$(B)/fuzz CC=clang SANITIZE=address,undefined \
		CFLAGS='-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp' \
		$(FUZZERS:%=$(B)/fuzz/tests/fuzz/run_%)
	@for target in $(FUZZERS:fuzz_%=%); do \
		found=$(B)/fuzz/found_$$target; mkdir -p $$found; \
		echo "== fuzz_$$target, $(FUZZ_SECONDS) s"; \
		CLOSEDLOOP_GAZETTEER=$(B)/gazetteer.img CLOSEDLOOP_SMALL=$(B)/small.img \
			$(B)/fuzz/tests/fuzz/run_fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=20 \
			-rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix=$(B)/fuzz/ -dict=tests/fuzz/words.dict \
			$$found tests/fuzz/corpus/$$target >$(B)/fuzz/$$target.log 2>&1 || \
			{ tail -40 $(B)/fuzz/$$target.log; exit 1; }; \
		grep -E '^(stat::number_of_executed|stat::average_exec|#.*DONE)' $(B)/fuzz/$$target.log; \
		test -z "$(FUZZ_KEEP)" || \
			CLOSEDLOOP_GAZETTEER=$(B)/gazetteer.img CLOSEDLOOP_SMALL=$(B)/small.img \
			$(B)/fuzz/tests/fuzz/run_fuzz_$$target -merge=1 tests/fuzz/corpus/$$target $$found \
			>>$(B)/fuzz/$$target.log 2>&1 || exit 1; \
	done

asan: export ASAN_OPTIONS = detect_leaks=1:abort_on_error=0:strict_string_checks=1
asan: export UBSAN_OPTIONS = halt_on_error=1:print_stacktrace=1
asan: export CLOSEDLOOP_SANITIZED = 1
asan: export TEST_TIMEOUT ?= 600
asan:
	@$(MAKE) B=$(B)/asan SANITIZE=address,undefined test

bench: all $(BENCHES)
	@for bench in $(BENCHES); do echo "== $$bench"; $$bench || exit 1; done
	@echo "== tests/bench/bench_ingest.py"; CLOSEDLOOP_BUILD=$(B) python3 tests/bench/bench_ingest.py

# Addresses a second, beside the matcher that anybody would write first; what the image costs.
bench-match: all $(B)/tests/bench/bench_match
	@CLOSEDLOOP_GAZETTEER=$(B)/gazetteer.img $(B)/tests/bench/bench_match \
		$(or $(BENCH_ARGS),tests/data/places/addresses-dev.tsv) -- $(B)/gazetteer_build $(GAZETTEER) $(B)/bench.img
	@rm -f $(B)/bench.img

# How fast notices go out and what that costs, beside an Alertmanager at the same sink.
bench-alerts: all $(B)/tests/bench/sink
	@$(MAKE) deps-interop
	@CLOSEDLOOP_BUILD=$(B) python3 tests/bench/bench_alerts.py $(BENCH_ARGS)

# MINUTES=m of normal load, every other phase beside a hostile network; its callers must not feel it.
soak-hostile: all
	@CLOSEDLOOP_BUILD=$(B) python3 tests/system/soak_hostile.py --minutes $(or $(MINUTES),60)

# Each check prints one line, then its findings if it has any.
lint:
	@$(MAKE) deps-lint
	@$(MAKE) lint-now
lint-now: $(call obj,$(LIB))
lint-now: export LINT_CFLAGS = $(STD) -O1 $(WARN) -Werror $(subst ',,$(DEFS)) $(INCS) $(PKG_CFLAGS)
lint-now: export LINT_LIB = $(FLOOR_lib)
lint-now: export LINT_DAEMON = $(FLOOR_daemon)
lint-now:
	@rc=0; for check in floors purity words scope style warnings fanalyzer cppcheck tidy; do \
		sh tests/lint/$$check.sh || rc=1; \
	done; exit $$rc

format:
	clang-format -i $(HEADERS) $(LIB) $(BUILDER) $(DAEMON) $(CTL) $(UNIT) $(BENCH) $(SINK) $(SIM) $(HELPERS) $(FUZZ_ENTRY)

# --- What is installed ------------------------------------------------------------------------------------------------
SBIN    = $(DESTDIR)$(PREFIX)/sbin
SHARE   = $(DESTDIR)$(PREFIX)/share
UNITS   = $(DESTDIR)$(PREFIX)/lib
CONFDIR = $(DESTDIR)/etc/closedloopd
SAMPLES = $(shell find config -type f ! -name '*.tsv.gz' ! -name trad-simp.tsv ! -name '.*' ! -name '*.token' \
	    ! -name '*.secret' ! -name '*.url' 2>/dev/null)

# The sample keeps its state in build/; an installed one in the places systemd makes for it.
PLACES  = -e 's|\.\./build/gazetteer\.img|$(PREFIX)/share/closedloopd/gazetteer.img|' \
	  -e 's|\.\./build/run/state|/var/lib/closedloopd|' -e 's|unix:\.\./build/run/|unix:/run/closedloopd/|' \
	  -e 's|\.\./build/run/|secrets/|'

install: all
	install -d $(SBIN) $(SHARE)/closedloopd $(SHARE)/man/man5 $(SHARE)/man/man8 $(CONFDIR) \
		$(UNITS)/systemd/system $(UNITS)/sysusers.d $(UNITS)/tmpfiles.d
	install -m 755 $(PROGRAMS) $(SBIN)/
	install -m 644 $(B)/gazetteer.img $(SHARE)/closedloopd/
	install -m 644 systemd/closedloopd.service $(UNITS)/systemd/system/
	install -m 644 systemd/closedloopd.sysusers.conf $(UNITS)/sysusers.d/closedloopd.conf
	install -m 644 systemd/closedloopd.tmpfiles.conf $(UNITS)/tmpfiles.d/closedloopd.conf
	for page in $(wildcard daemon/*.8); do install -m 644 $$page $(SHARE)/man/man8/; done
	for page in $(wildcard daemon/*.5); do install -m 644 $$page $(SHARE)/man/man5/; done
	@# A file the operator may have changed is never written again.
	for file in $(SAMPLES:config/%=%); do \
		test ! -e $(CONFDIR)/$$file || continue; \
		install -D -m 644 config/$$file $(CONFDIR)/$$file && sed -i $(PLACES) $(CONFDIR)/$$file || exit 1; \
	done

clean:
	rm -rf $(B)

# --- What is handed on ------------------------------------------------------------------------------------------------
# The same tree gives the same bytes, wherever and whenever it is built: paths are mapped away, times come from the last
# commit (or SOURCE_DATE_EPOCH), the archive is sorted and belongs to nobody. dist-check builds it in two places and compares.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)
DIST = closedloopd-$(VERSION)
dist: export SOURCE_DATE_EPOCH := $(SOURCE_DATE_EPOCH)
dist:
	@$(MAKE) deps
	@rm -rf $(B)/dist
	@$(MAKE) B=$(B)/dist/obj all
	@$(MAKE) B=$(B)/dist/obj install DESTDIR=$(CURDIR)/$(B)/dist/$(DIST) >/dev/null
	@$(MAKE) -s B=$(B)/dist/obj sbom >$(B)/dist/$(DIST)/sbom.spdx.json
	@tar -C $(B)/dist --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner \
		--mode=go=u,go-w --format=ustar -cf - $(DIST) | gzip -9n >$(B)/$(DIST).tar.gz
	@sha256sum $(B)/$(DIST).tar.gz

dist-check:
	@sh tests/dist/reproduce.sh

# What the programs are made of (SPDX 2.3), on standard output.
sbom: $(PROGRAMS)
	@python3 tests/dist/sbom.py $(VERSION) $(SOURCE_DATE_EPOCH) $(PROGRAMS)

# A short night under valgrind: the real binary, one traveller from the announcement to the signature. What valgrind says of
# each process is in $(B)/valgrind; anything but silence is a failure.
valgrind: all
	$(call need,valgrind)
	@sh tests/dist/valgrind.sh

# --- Packages ---------------------------------------------------------------------------------------------------------
# Nothing is called when all is there. apt-get update runs once, and only when something is missing.
define need
	@if ! command -v dpkg-query >/dev/null; then \
		echo "deps: no dpkg here; these Debian packages are needed: $(1)"; exit 0; \
	fi; \
	have=" $$(dpkg-query -W -f '$${db:Status-Status}=$${Package} ' $(1) 2>/dev/null)"; missing=; \
	for package in $(1); do \
		case "$$have" in *" installed=$$package "*) ;; *) missing="$$missing $$package" ;; esac; \
	done; \
	case "$$have" in *" installed=libevent-dev "*) \
		dpkg --compare-versions "$$(dpkg-query -W -f '$${Version}' libevent-dev)" ge $(LIBEVENT_MIN) || \
			missing="$$missing libevent-dev" ;; \
	esac; \
	test -n "$$missing" || exit 0; \
	sudo=; test "$$(id -u)" = 0 || sudo=sudo; \
	echo "deps: installing$$missing"; \
	apt="env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300"; \
	$$sudo $$apt update && $$sudo $$apt install --no-install-recommends $$missing || exit 1; \
	dpkg --compare-versions "$$(dpkg-query -W -f '$${Version}' libevent-dev)" ge $(LIBEVENT_MIN) || { \
		echo "deps: libevent-dev must be at least $(LIBEVENT_MIN)" >&2; exit 1; }
endef

deps:
	$(call need,$(DEPS_BUILD) $(DEPS_TEST))

# Whoever has node from elsewhere keeps it. Nothing is started: tests run their own Alertmanager, and the one that the
# package would keep running is switched off.
deps-interop: deps
	@missing=; for pair in $(DEPS_INTEROP); do \
		command -v $${pair%%=*} >/dev/null || missing="$$missing $${pair#*=}"; \
	done; \
	test -n "$$missing" || exit 0; \
	sudo=; test "$$(id -u)" = 0 || sudo=sudo; \
	echo "deps: installing$$missing"; \
	apt="env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 timeout 600 apt-get -q -y -o DPkg::Lock::Timeout=300"; \
	$$sudo $$apt update && $$sudo $$apt install --no-install-recommends $$missing </dev/null || exit 1; \
	case "$$missing" in *alertmanager*) \
		$$sudo systemctl disable --now prometheus-alertmanager >/dev/null 2>&1 || true ;; \
	esac

deps-lint:
	$(call need,$(DEPS_BUILD) $(DEPS_TEST) $(DEPS_LINT))

help:
	@echo 'all          programs and gazetteer image in $(B)/ (no packages are installed)'
	@echo 'run          packages, build, then a rehearsal of one night on http://127.0.0.1:8480'
	@echo 'test         packages, build, every unit test, scenario and system test; ends with "N passed, M failed"'
	@echo 'test-unit    unit tests only (T=when: one of them)'
	@echo 'test-scenarios  nights told in plain sentences (tests/scenarios)'
	@echo 'test-system  system tests only'
	@echo 'test-interop npm libraries and a real Alertmanager must understand what we send'
	@echo 'sim          simulated months with everything that breaks: SEED=n or SEEDS=from-to; STEPS= TRACE=1 TRAVELLERS= MASK='
	@echo 'sim-soak     new seeds for MINUTES=m; sim-ci: three hundred, with those of make test'
	@echo 'mutants      break the program in each way listed in tests/mutants and show that the tests notice (M=name: one, or a file's)'
	@echo 'fuzz         libFuzzer, ASan and UBSan on all that reads places: FUZZ_SECONDS=60 each (T=match: one)'
	@echo 'asan         the whole suite under AddressSanitizer and UBSan, in $(B)/asan'
	@echo 'lint         floors purity words scope style warnings fanalyzer cppcheck tidy; one line each'
	@echo 'format       clang-format every source in place'
	@echo 'soak-hostile MINUTES=m of normal load, with and without a hostile network beside it'
	@echo 'bench        benchmarks; bench-match: addresses a second; bench-alerts: notices out, beside an Alertmanager (BENCH_ARGS=--help)'
	@echo 'dist         build/closedloopd-VERSION.tar.gz, the same bytes each time (dist-check: shows it); sbom: what is in it, as SPDX'
	@echo 'valgrind     a short night under valgrind'
	@echo 'install      DESTDIR= PREFIX=$(PREFIX)'
	@echo 'deps         install the packages that are missing; deps-lint and deps-interop add theirs'
	@echo 'clean        remove $(B)/'

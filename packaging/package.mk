# Installing, and the packages of distributions.  Included by the Makefile.
#
#   make install     PREFIX=/usr/local DESTDIR=
#   make uninstall   the same PREFIX and DESTDIR
#   make dist        the sources, as git has them: build/package/pgoshim-VERSION.tar.gz
#   make deb         Debian packages, in build/package
#   make try-deb     shows them in a fresh Debian: lintian, install, use, remove; as root
#   make walks       six users on a fresh Debian each, by one page of docs/howto; USERS='cmake tutorial'
#   make rpm         packages for systems with rpm; elsewhere RPM_FLAGS=--nodeps
#   make try-rpm     shows them: rpmlint, install, use, remove, in a fresh Debian; as root

MAN_DATE ?= $(shell date -u -d "@$${SOURCE_DATE_EPOCH:-$$(date +%s)}" +%Y-%m-%d)
PACKAGE := $(BUILD)/package
DIST := $(PACKAGE)/pgoshim-$(VERSION).tar.gz
PREFIXED = $(DESTDIR)$(PREFIX)
COMMANDS := pgo-record pgo-analyze pgo-bolt

.PHONY: install uninstall dist deb rpm

# Manual pages and completions are what the programs themselves say in --help.
$(BUILD)/man/made: $(PROGRAMS) $(wildcard packaging/man/*)
	$(call say,MAN)
	$(Q)rm -rf $(@D) && packaging/man/man_pages.sh $(BUILD) $(@D) $(VERSION) $(MAN_DATE) && touch $@

$(BUILD)/completion/made: $(PROGRAMS) $(wildcard packaging/completion/*)
	$(call say,COMPLETE)
	$(Q)packaging/completion/completions.sh $(BUILD) $(@D) && touch $@

install: all $(BUILD)/man/made $(BUILD)/completion/made
	install -d $(PREFIXED)/bin $(PREFIXED)/lib/pgoshim $(PREFIXED)/include/pgoshim \
		$(PREFIXED)/share/man/man1 $(PREFIXED)/share/pkgconfig \
		$(PREFIXED)/share/bash-completion/completions $(PREFIXED)/share/zsh/site-functions \
		$(PREFIXED)/share/fish/vendor_completions.d
	install -m 755 $(PROGRAMS) packaging/cargo-pgoshim $(PREFIXED)/bin
	install -m 644 $(LIBRARIES) $(PREFIXED)/lib/pgoshim
	install -m 644 include/pgoshim/*.h $(PREFIXED)/include/pgoshim
	install -m 644 $(BUILD)/man/*.1 $(PREFIXED)/share/man/man1
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),' packaging/pgoshim.pc.in \
		>$(PREFIXED)/share/pkgconfig/pgoshim.pc
	install -m 644 $(BUILD)/completion/_pgoshim $(PREFIXED)/share/zsh/site-functions
	for command in $(COMMANDS); do \
		install -m 644 $(BUILD)/completion/pgoshim.bash \
			$(PREFIXED)/share/bash-completion/completions/$$command && \
		install -m 644 $(BUILD)/completion/$$command.fish \
			$(PREFIXED)/share/fish/vendor_completions.d/$$command.fish || exit 1; \
	done

uninstall:
	rm -f $(COMMANDS:%=$(PREFIXED)/bin/%) $(PREFIXED)/bin/cargo-pgoshim \
		$(COMMANDS:%=$(PREFIXED)/share/man/man1/%*.1) $(PREFIXED)/share/man/man1/cargo-pgoshim.1 \
		$(PREFIXED)/share/pkgconfig/pgoshim.pc $(PREFIXED)/share/zsh/site-functions/_pgoshim \
		$(COMMANDS:%=$(PREFIXED)/share/bash-completion/completions/%) \
		$(COMMANDS:%=$(PREFIXED)/share/fish/vendor_completions.d/%.fish)
	rm -rf $(PREFIXED)/lib/pgoshim $(PREFIXED)/include/pgoshim

# What packaging takes beyond building: the commands, and where they come from.
takes = @for tool in $(1); do command -v $$tool >/dev/null || { \
	echo "make: to make packages, $$tool is missing: $(2)" >&2; exit 1; }; done
DEB_TAKES := apt-get install git dpkg-dev && apt-get build-dep ./packaging

dist: $(DIST)
$(DIST): FORCE
	$(call takes,git,install git)
	@git rev-parse --git-dir >/dev/null || { echo "make: packages are made in a git clone: unpacked sources are not one" >&2; exit 1; }
	@mkdir -p $(@D)
	$(call say,DIST)
	$(Q)git archive --prefix=pgoshim-$(VERSION)/ -o $@ HEAD

deb: $(DIST)
	$(call takes,dpkg-buildpackage dpkg-checkbuilddeps,$(DEB_TAKES))
	@cd packaging && dpkg-checkbuilddeps || { echo "make: to get them: $(DEB_TAKES)" >&2; exit 1; }
	rm -rf $(PACKAGE)/deb
	mkdir -p $(PACKAGE)/deb
	cp $(DIST) $(PACKAGE)/deb/pgoshim_$(VERSION).orig.tar.gz
	tar -xf $(DIST) -C $(PACKAGE)/deb
	cp -r packaging/debian $(PACKAGE)/deb/pgoshim-$(VERSION)/
	cd $(PACKAGE)/deb/pgoshim-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc $(DPKG_FLAGS)
	cp $(PACKAGE)/deb/*.deb $(PACKAGE)

rpm: $(DIST)
	$(call takes,rpmbuild,dnf install rpm-build)
	mkdir -p $(PACKAGE)/rpm/SOURCES
	cp $(DIST) $(PACKAGE)/rpm/SOURCES
	env -u MAKEFLAGS -u MAKELEVEL rpmbuild -bb --define "_topdir $(abspath $(PACKAGE)/rpm)" $(RPM_FLAGS) packaging/pgoshim.spec
	cp $(PACKAGE)/rpm/RPMS/*/*.rpm $(PACKAGE)

.PHONY: try-rpm
try-rpm: rpm
	packaging/try_rpm.sh $(PACKAGE)

# Shown in a fresh Debian: clean by lintian, installed, used, removed (ROOT=DIR: a fresh root that is there).
.PHONY: try-deb
try-deb: deb
	packaging/try_deb.sh $(PACKAGE)

.PHONY: walks
walks: deb
	tests/walks/run.sh $(PACKAGE) $(USERS)

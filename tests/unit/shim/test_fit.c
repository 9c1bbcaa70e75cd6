/* Which programs the shim can be preloaded into, by files made for it. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/program/fit.h"

#define NAMES_SIZE 256

/* A file of one loadable segment: headers, interpreter, dynamic section, names. */
struct built {
    Elf64_Ehdr header;
    Elf64_Phdr segments[3];
    char interpreter[128];
    Elf64_Dyn dynamic[8];
    char names[NAMES_SIZE];
};

static char directory[] = "/tmp/pgoshim-fit.XXXXXX";
static char path[128], loader[128];

static struct built build(const char *interpreter)
{
    struct built built = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
                   .e_type = ET_DYN,
                   .e_machine = EM_X86_64,
                   .e_phoff = offsetof(struct built, segments),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 3},
        .segments = {{.p_type = PT_LOAD, .p_filesz = sizeof(built)},
                     {.p_type = PT_DYNAMIC,
                      .p_offset = offsetof(struct built, dynamic),
                      .p_filesz = sizeof(built.dynamic)},
                     {.p_type = interpreter ? PT_INTERP : PT_NULL,
                      .p_offset = offsetof(struct built, interpreter),
                      .p_filesz = sizeof(built.interpreter)}},
        .dynamic = {{.d_tag = DT_STRTAB, .d_un.d_ptr = offsetof(struct built, names)},
                    {.d_tag = DT_STRSZ, .d_un.d_val = NAMES_SIZE}},
    };
    if (interpreter)
        snprintf(built.interpreter, sizeof(built.interpreter), "%s", interpreter);
    return built;
}

/* Adds an entry, and where `name` is given, that as its name at a place of its own. */
static void add(struct built *built, int64_t tag, uint64_t value, const char *name)
{
    unsigned i = 2;
    while (built->dynamic[i].d_tag != DT_NULL)
        i++;
    built->dynamic[i].d_tag = tag;
    built->dynamic[i].d_un.d_val = name ? i * 32 : value;
    if (name)
        snprintf(built->names + i * 32, 32, "%s", name);
}

static void write_file(const char *to, const void *bytes, size_t size)
{
    FILE *stream = fopen(to, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
}

static enum fit look(const struct built *built)
{
    struct fit_facts facts;
    write_file(path, built, sizeof(*built));
    return fit_look(path, &facts);
}

static void write_loader(const char *version)
{
    struct built built = build(NULL);
    add(&built, DT_SONAME, 0, version);
    write_file(loader, &built, sizeof(built));
}

static void by_the_libraries_it_names(void **unused)
{
    struct built built = build(loader);
    struct fit_facts facts;

    (void)unused;
    write_loader(FIT_GLIBC);
    assert_int_equal(look(&built), FIT_NO_LIBRARIES);
    add(&built, DT_NEEDED, 0, "libm.so.6");
    assert_int_equal(look(&built), FIT_PRELOAD);
    add(&built, DT_NEEDED, 0, "libasan.so.8");
    assert_int_equal(look(&built), FIT_RUNTIME_FIRST);
    assert_int_equal(fit_look(path, &facts), FIT_RUNTIME_FIRST);
    assert_string_equal(facts.library, "libasan.so.8");
    assert_string_equal(facts.interpreter, loader);
}

static void by_the_dynamic_linker_it_asks_for(void **unused)
{
    struct built built = build(loader);

    (void)unused;
    add(&built, DT_NEEDED, 0, "libc.so.6");
    write_loader("GLIBC_2.31");
    assert_int_equal(look(&built), FIT_OTHER_LIBC);
    write_loader("libc.musl-x86_64.so.1");
    assert_int_equal(look(&built), FIT_OTHER_LIBC);
    unlink(loader);
    assert_int_equal(look(&built), FIT_PRELOAD); /* the kernel will say so */
}

static void without_a_dynamic_linker(void **unused)
{
    struct built built = build(NULL);
    struct fit_facts facts;

    (void)unused;
    assert_int_equal(look(&built), FIT_OBJECT);
    add(&built, DT_FLAGS_1, DF_1_PIE, NULL);
    assert_int_equal(look(&built), FIT_STATIC);
    built.header.e_phnum = 1;
    assert_int_equal(look(&built), FIT_STATIC);
    write_loader(FIT_GLIBC);
    assert_int_equal(fit_look(loader, &facts), FIT_PRELOAD);
}

static void of_another_machine(void **unused)
{
    struct built built = build(loader);

    (void)unused;
    built.header.e_machine = EM_AARCH64;
    assert_int_equal(look(&built), FIT_OTHER_MACHINE);
    built.header.e_machine = EM_386;
    built.header.e_ident[EI_CLASS] = ELFCLASS32;
    assert_int_equal(look(&built), FIT_OTHER_MACHINE);
}

static void scripts_as_their_interpreters(void **unused)
{
    struct built built = build(loader);
    char script[128], text[256];
    struct fit_facts facts;

    (void)unused;
    write_loader("other");
    add(&built, DT_NEEDED, 0, "libc.so");
    look(&built);
    snprintf(script, sizeof(script), "%s/script", directory);
    snprintf(text, sizeof(text), "#! %s -e\nrest", path);
    write_file(script, text, strlen(text));
    assert_int_equal(fit_look(script, &facts), FIT_OTHER_LIBC);
    assert_true(facts.is_script);
    snprintf(text, sizeof(text), "%s -e", path);
    assert_string_equal(facts.interpreter, text);
    /* One that interprets itself ends the search. */
    snprintf(text, sizeof(text), "#!%s\n", script);
    write_file(script, text, strlen(text));
    assert_int_equal(fit_look(script, &facts), FIT_UNKNOWN);
    write_file(script, "words\n", 6);
    assert_int_equal(fit_look(script, &facts), FIT_UNKNOWN);
    unlink(script);
    assert_int_equal(fit_look(script, &facts), FIT_UNREADABLE);
}

static void cut_short_anywhere(void **unused)
{
    struct built built = build(loader);
    struct fit_facts facts;

    (void)unused;
    add(&built, DT_NEEDED, 0, "libc.so.6");
    for (size_t size = 0; size < sizeof(built); size++) {
        write_file(path, &built, size);
        fit_look(path, &facts);
    }
    /* Tables that say they are endless. */
    memset(built.dynamic, 0x7f, sizeof(built.dynamic));
    built.header.e_phnum = 0xffff;
    look(&built);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_libraries_it_names),
        cmocka_unit_test(by_the_dynamic_linker_it_asks_for),
        cmocka_unit_test(without_a_dynamic_linker),
        cmocka_unit_test(of_another_machine),
        cmocka_unit_test(scripts_as_their_interpreters),
        cmocka_unit_test(cut_short_anywhere),
    };
    int failed;

    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof(path), "%s/program", directory);
    snprintf(loader, sizeof(loader), "%s/ld-made.so", directory);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    unlink(loader);
    rmdir(directory);
    return failed;
}

/* Entries of debug information are where libdw finds them; units that make no sense are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>

#include "analyzer/model/debug/dwarf_entries.h"

static struct error error;

/* --- beside libdw ----------------------------------------------------------------- */

/* A file, and what is walked of it. */
struct walk {
    struct section_bytes section, abbreviations;
    struct dwarf_entry_kinds kinds;
    struct dwarf_entries entries;
    size_t count; /* of entries that were compared */
};

static void begin(struct walk *walk, Dwarf_Die *root)
{
    uint64_t start = dwarf_dieoffset(root) - dwarf_cuoffset(root);
    struct section_bytes unit =
        section_bytes_part(&walk->section, start, walk->section.size - start);
    const char *reason;
    if (!dwarf_entries_begin(&walk->entries, &walk->kinds, &unit, &walk->abbreviations, root->addr,
                             &reason, &error))
        fail_msg("%s", reason);
}

static void compare_all(struct walk *walk, Dwarf_Die *parent, unsigned depth)
{
    Dwarf_Die die;
    for (int status = dwarf_child(parent, &die); status == 0;
         status = dwarf_siblingof(&die, &die)) {
        struct dwarf_entry entry;
        assert_true(dwarf_entries_next(&walk->entries, &entry));
        assert_ptr_equal(entry.bytes, die.addr);
        assert_int_equal(entry.tag, dwarf_tag(&die));
        assert_int_equal(entry.depth, depth);
        assert_int_equal(entry.has_code,
                         dwarf_hasattr(&die, DW_AT_low_pc) || dwarf_hasattr(&die, DW_AT_ranges));
        walk->count++;
        compare_all(walk, &die, depth + 1);
    }
}

static void compare_children(struct walk *walk, Dwarf_Die *parent)
{
    Dwarf_Die die;
    for (int status = dwarf_child(parent, &die); status == 0;
         status = dwarf_siblingof(&die, &die)) {
        struct dwarf_entry entry;
        assert_true(dwarf_entries_next(&walk->entries, &entry));
        assert_ptr_equal(entry.bytes, die.addr);
        assert_int_equal(entry.depth, 1);
        dwarf_entries_skip_children(&walk->entries);
    }
}

static void assert_at_end(struct walk *walk)
{
    struct dwarf_entry entry;
    assert_false(dwarf_entries_next(&walk->entries, &entry));
    assert_null(walk->entries.trouble);
}

/* This program itself, as its compiler described it. */
static void entries_are_those_of_libdw(void **state)
{
    int file = open("/proc/self/exe", O_RDONLY);
    (void)state;
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(file, ELF_C_READ, NULL);
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    if (!dwarf)
        skip(); /* compiled without debug information */
    struct walk walk = {.section = section_bytes_of(elf, ".debug_info"),
                        .abbreviations = section_bytes_of(elf, ".debug_abbrev")};
    Dwarf_CU *unit = NULL;
    Dwarf_Half version;
    uint8_t type;
    Dwarf_Die root;
    while (dwarf_get_units(dwarf, unit, &unit, &version, &type, &root, NULL) == 0) {
        Dwarf_Die child;
        begin(&walk, &root);
        compare_all(&walk, &root, 1);
        assert_at_end(&walk);
        begin(&walk, &root);
        compare_children(&walk, &root);
        assert_at_end(&walk);
        /* What follows the first entry is not below it. */
        if (dwarf_child(&root, &child) == 0) {
            begin(&walk, &child);
            compare_all(&walk, &child, 1);
            assert_at_end(&walk);
        }
    }
    assert_true(walk.count > 1000);
    dwarf_entry_kinds_free(&walk.kinds);
    dwarf_end(dwarf);
    elf_end(elf);
    close(file);
}

/* --- made up ---------------------------------------------------------------------- */

/* Bytes that are being written. */
struct bytes {
    uint8_t items[512];
    size_t size;
};

static void put(struct bytes *bytes, size_t size, const char *items)
{
    assert_true(bytes->size + size <= sizeof(bytes->items));
    memcpy(bytes->items + bytes->size, items, size);
    bytes->size += size;
}

/* A unit of one version, and its table of abbreviations. */
struct made {
    struct bytes unit, abbreviations;
    struct dwarf_entry_kinds kinds;
    struct dwarf_entries entries;
    size_t root; /* where in the unit */
};

static void put_header(struct made *made, uint8_t version)
{
    put(&made->unit, 4, "\0\0\0");
    put(&made->unit, 2, (const char[]){(char)version, 0});
    if (version >= 5)
        put(&made->unit, 2, "\1\10");
    put(&made->unit, 4, "\0\0\0");
    if (version < 5)
        put(&made->unit, 1, "\10");
    made->root = made->unit.size;
}

static bool begins(struct made *made, const char **reason)
{
    struct section_bytes unit = {made->unit.items, made->unit.size};
    struct section_bytes abbreviations = {made->abbreviations.items, made->abbreviations.size};
    made->unit.items[0] = (uint8_t)(made->unit.size - 4);
    made->unit.items[1] = (uint8_t)((made->unit.size - 4) >> 8);
    dwarf_entry_kinds_free(&made->kinds);
    return dwarf_entries_begin(&made->entries, &made->kinds, &unit, &abbreviations,
                               made->unit.items + made->root, reason, &error);
}

static const struct {
    uint8_t form[2]; /* ULEB128 */
    uint8_t form_size;
    uint8_t size;
    const char *value;
} forms[] = {
    {{DW_FORM_addr}, 1, 8, "\0\0\0\0\0\0\0\0"},
    {{DW_FORM_block2}, 1, 5, "\3\0abc"},
    {{DW_FORM_block4}, 1, 6, "\2\0\0\0ab"},
    {{DW_FORM_data2}, 1, 2, "\1\1"},
    {{DW_FORM_data4}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_data8}, 1, 8, "\1\1\1\1\1\1\1\1"},
    {{DW_FORM_string}, 1, 4, "abc"},
    {{DW_FORM_block}, 1, 4, "\3abc"},
    {{DW_FORM_block1}, 1, 4, "\3abc"},
    {{DW_FORM_data1}, 1, 1, "\1"},
    {{DW_FORM_flag}, 1, 1, "\1"},
    {{DW_FORM_sdata}, 1, 2, "\377\1"},
    {{DW_FORM_strp}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_udata}, 1, 3, "\377\377\1"},
    {{DW_FORM_ref_addr}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_ref1}, 1, 1, "\1"},
    {{DW_FORM_ref2}, 1, 2, "\1\1"},
    {{DW_FORM_ref4}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_ref8}, 1, 8, "\1\1\1\1\1\1\1\1"},
    {{DW_FORM_ref_udata}, 1, 2, "\377\1"},
    {{DW_FORM_indirect}, 1, 6, "\10abcd"}, /* a string */
    {{DW_FORM_sec_offset}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_exprloc}, 1, 3, "\2ab"},
    {{DW_FORM_flag_present}, 1, 0, ""},
    {{DW_FORM_strx}, 1, 2, "\377\1"},
    {{DW_FORM_addrx}, 1, 2, "\377\1"},
    {{DW_FORM_ref_sup4}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_strp_sup}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_data16}, 1, 16, "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"},
    {{DW_FORM_line_strp}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_ref_sig8}, 1, 8, "\1\1\1\1\1\1\1\1"},
    {{DW_FORM_implicit_const, 0xff}, 3, 0, ""}, /* and its value, in the abbreviation */
    {{DW_FORM_loclistx}, 1, 2, "\377\1"},
    {{DW_FORM_rnglistx}, 1, 2, "\377\1"},
    {{DW_FORM_ref_sup8}, 1, 8, "\1\1\1\1\1\1\1\1"},
    {{DW_FORM_strx1}, 1, 1, "\1"},
    {{DW_FORM_strx2}, 1, 2, "\1\1"},
    {{DW_FORM_strx3}, 1, 3, "\1\1\1"},
    {{DW_FORM_strx4}, 1, 4, "\1\1\1\1"},
    {{DW_FORM_addrx1}, 1, 1, "\1"},
    {{DW_FORM_addrx2}, 1, 2, "\1\1"},
    {{DW_FORM_addrx3}, 1, 3, "\1\1\1"},
    {{DW_FORM_addrx4}, 1, 4, "\1\1\1\1"},
    {{0x81, 0x3e}, 2, 2, "\377\1"},   /* DW_FORM_GNU_addr_index */
    {{0x82, 0x3e}, 2, 2, "\377\1"},   /* DW_FORM_GNU_str_index */
    {{0xa0, 0x3e}, 2, 4, "\1\1\1\1"}, /* DW_FORM_GNU_ref_alt */
    {{0xa1, 0x3e}, 2, 4, "\1\1\1\1"}, /* DW_FORM_GNU_strp_alt */
};

/* A root, a variable with an attribute of the form, and a label behind it. */
static void make_form(struct made *made, size_t form)
{
    put_header(made, 5);
    put(&made->unit, 2, "\1\2");
    put(&made->unit, forms[form].size, forms[form].value);
    put(&made->unit, 2, "\3");
    put(&made->abbreviations, 5, "\1\x11\1\0");
    put(&made->abbreviations, 4, "\2\x34\0\2"); /* DW_AT_location */
    put(&made->abbreviations, forms[form].form_size,
        (const char[]){(char)forms[form].form[0], (char)forms[form].form[1], 1});
    put(&made->abbreviations, 2, "\0");
    put(&made->abbreviations, 6, "\3\x0a\0\0\0");
}

static void every_form_is_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct made made = {.root = 0};
        struct dwarf_entry entry;
        const char *reason;
        make_form(&made, i);
        assert_true(begins(&made, &reason));
        assert_true(dwarf_entries_next(&made.entries, &entry));
        assert_int_equal(entry.tag, DW_TAG_variable);
        assert_true(dwarf_entries_next(&made.entries, &entry));
        assert_int_equal(entry.tag, DW_TAG_label);
        assert_false(dwarf_entries_next(&made.entries, &entry));
        assert_null(made.entries.trouble);
        dwarf_entry_kinds_free(&made.kinds);
    }
}

/* Wherever the unit ends: some entries, or trouble, but nothing past the end. */
static void cut_entries_are_trouble(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct made made = {.root = 0};
        struct dwarf_entry entry;
        const char *reason;
        make_form(&made, i);
        if (forms[i].size == 0)
            continue;
        made.unit.size -= 3; /* the end of the list, the label, and the last byte of the value */
        assert_true(begins(&made, &reason));
        assert_false(dwarf_entries_next(&made.entries, &entry));
        assert_string_equal(made.entries.trouble, "an entry ends in the middle");
        dwarf_entry_kinds_free(&made.kinds);
    }
}

static void siblings_are_jumped_to(void **state)
{
    struct made made = {.root = 0};
    struct dwarf_entry entry;
    const char *reason;
    (void)state;
    put_header(&made, 4);
    put(&made.abbreviations, 5, "\1\x11\1\0");
    put(&made.abbreviations, 7, "\2\x2e\1\1\x11\0"); /* DW_AT_sibling, DW_FORM_ref1 */
    put(&made.abbreviations, 6, "\3\x0a\0\0\0");
    put(&made.unit, 2, "\1\2");
    put(&made.unit, 1, (const char[]){(char)(made.root + 7)});
    put(&made.unit, 4, "\177\177\177"); /* no entry: to be jumped over */
    put(&made.unit, 2, "\3");
    assert_true(begins(&made, &reason));
    assert_true(dwarf_entries_next(&made.entries, &entry));
    assert_int_equal(entry.tag, DW_TAG_subprogram);
    dwarf_entries_skip_children(&made.entries);
    assert_true(dwarf_entries_next(&made.entries, &entry));
    assert_int_equal(entry.tag, DW_TAG_label);
    assert_int_equal(entry.depth, 1);
    assert_false(dwarf_entries_next(&made.entries, &entry));
    assert_null(made.entries.trouble);
    /* Nobody jumps back. */
    made.unit.items[made.root + 2] = (uint8_t)made.root;
    assert_true(begins(&made, &reason));
    assert_true(dwarf_entries_next(&made.entries, &entry));
    dwarf_entries_skip_children(&made.entries);
    assert_false(dwarf_entries_next(&made.entries, &entry));
    assert_string_equal(made.entries.trouble, "an entry's abbreviation is not in its table");
    dwarf_entry_kinds_free(&made.kinds);
}

static void units_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        size_t place; /* of a byte in the unit */
        uint8_t byte;
        const char *reason;
    } cases[] = {
        {1, 1, "it is past the end of its section"},
        {4, 6, "its version is not known"},
        {4, 1, "its version is not known"},
        {9, 1, "its abbreviations are past the end of their section"},
        {8, 2, "its abbreviations end in the middle"},
        {12, 9, "an entry's abbreviation is not in its table"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct made made = {.root = 0};
        const char *reason = NULL;
        put_header(&made, 5);
        put(&made.unit, 2, "\1");
        put(&made.abbreviations, 6, "\1\x11\1\0\0");
        assert_true(begins(&made, &reason));
        made.unit.items[cases[i].place] = cases[i].byte;
        dwarf_entry_kinds_free(&made.kinds);
        struct section_bytes unit = {made.unit.items, made.unit.size};
        struct section_bytes abbreviations = {made.abbreviations.items, made.abbreviations.size};
        assert_false(dwarf_entries_begin(&made.entries, &made.kinds, &unit, &abbreviations,
                                         made.unit.items + made.root, &reason, &error));
        assert_string_equal(reason, cases[i].reason);
        dwarf_entry_kinds_free(&made.kinds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_those_of_libdw),
        cmocka_unit_test(every_form_is_passed_over),
        cmocka_unit_test(cut_entries_are_trouble),
        cmocka_unit_test(siblings_are_jumped_to),
        cmocka_unit_test(units_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

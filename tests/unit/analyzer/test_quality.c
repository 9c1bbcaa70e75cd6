/* Whether a profile is good enough is judged by how much it has, and by whether it fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/compare/quality.h"
#include "analyzer/model/profile/normalise.h"

#define FUNCTIONS 8

static struct error error;
static struct binary *self; /* this test program, which is what was recorded */

static int open_self(void **state)
{
    (void)state;
    self = binary_open("/proc/self/exe", &error);
    return self ? 0 : -1;
}

static int close_self(void **state)
{
    (void)state;
    binary_free(self);
    return 0;
}

/* The address of an instruction that is longer than a byte. */
static uint64_t long_instruction(const struct function *function)
{
    struct instruction instruction;
    struct decoder *decoder = decoder_of(self, &error);
    assert_true(decoder && decoder_decode(decoder, function->address, &instruction));
    while (instruction.size == 1)
        assert_true(decoder_decode(decoder, instruction.address + 1, &instruction));
    return instruction.address;
}

/* Functions with some code, which is where the samples are. */
static const struct function *sampled_function(size_t number)
{
    for (size_t i = 0; i < binary_function_count(self); i++) {
        const struct function *function = binary_function(self, i);
        if (function->size >= 32 && function->size < 4096 && number-- == 0)
            return function;
    }
    fail_msg("this program has too few functions");
    return NULL;
}

/* A profile with that many samples in each function, `beside` so far from its instruction. */
static struct profile *sampled(uint64_t samples, uint64_t beside, const char *build_id)
{
    struct module module = {.path = "/elsewhere/app", .is_main = true};
    const uint8_t *own = binary_build_id(self, &module.build_id_size);
    struct profile *profile = profile_new(&error);
    uint32_t number;

    assert_non_null(profile);
    assert_non_null(own);
    memcpy(module.build_id, own, module.build_id_size);
    if (build_id)
        memcpy(module.build_id, build_id, strlen(build_id));
    assert_true(profile_add_module(profile, &module, &number, &error));
    for (size_t i = 0; i < FUNCTIONS; i++) {
        uint64_t address = long_instruction(sampled_function(i)) + beside;
        struct trace trace = {
            .from = {PROFILE_MODULE_NONE, 0}, .to = {number, address}, .count = samples};
        assert_true(profile_add_trace(profile, &trace, &error));
    }
    assert_true(profile_normalise(profile, &error));
    return profile;
}

static struct quality judged(const struct profile *profile)
{
    struct quality quality = {0};
    struct quality_subject subject = {
        .profile = profile, .binary = self, .module = PROFILE_MODULE_NONE, .path = "app.pgoraw"};
    if (!quality_judge(&quality, &subject, &error))
        fail_msg("%s %s: %s", error.subject, error_text(error.code), error.detail);
    return quality;
}

static const struct quality_finding *finding(const struct quality *quality, const char *name)
{
    for (size_t i = 0; i < quality->finding_count; i++) {
        if (strcmp(quality->findings[i].name, name) == 0)
            return &quality->findings[i];
    }
    fail_msg("%s is not judged", name);
    return NULL;
}

static enum verdict verdict_of(const struct quality *quality, const char *name)
{
    return finding(quality, name)->verdict;
}

static void a_long_recording_of_this_build_is_ok(void **state)
{
    (void)state;
    struct profile *profile = sampled(100000, 0, NULL);
    struct quality quality = judged(profile);
    assert_int_equal(quality.finding_count, 5);
    for (size_t i = 0; i < quality.finding_count; i++) {
        assert_int_equal(quality.findings[i].verdict, VERDICT_OK);
        assert_string_equal(quality.findings[i].remedy, "");
    }
    assert_int_equal(quality.verdict, VERDICT_OK);
    assert_string_equal(finding(&quality, "samples")->text, "800,000 samples, 0 branches");
    assert_int_equal(finding(&quality, "samples")->figures[0].count, 800000);
    assert_int_equal(quality_stale_functions(&quality), 0);
    quality_free(&quality);
    profile_free(profile);
}

static void a_short_recording_fails_and_says_how_much_more(void **state)
{
    (void)state;
    struct profile *profile = sampled(10, 0, NULL);
    struct quality quality = judged(profile);
    assert_int_equal(quality.verdict, VERDICT_FAIL);
    assert_int_equal(verdict_of(&quality, "build"), VERDICT_OK);
    assert_int_equal(verdict_of(&quality, "samples"), VERDICT_FAIL);
    assert_string_equal(finding(&quality, "samples")->remedy,
                        "record 250 times as much (longer, or -F higher)");
    assert_int_not_equal(verdict_of(&quality, "convergence"), VERDICT_OK);
    assert_string_not_equal(finding(&quality, "convergence")->remedy, "");
    quality_free(&quality);
    profile_free(profile);
}

static void between_few_and_enough_it_is_weak(void **state)
{
    (void)state;
    struct profile *profile = sampled(1000, 0, NULL);
    struct quality quality = judged(profile);
    assert_int_equal(verdict_of(&quality, "samples"), VERDICT_WEAK);
    assert_int_not_equal(quality.verdict, VERDICT_OK);
    quality_free(&quality);
    profile_free(profile);
}

static void few_samples_that_agree_are_weak(void **state)
{
    (void)state;
    struct profile *profile = sampled(200, 0, NULL);
    struct quality quality = judged(profile);
    assert_int_equal(verdict_of(&quality, "convergence"), VERDICT_OK);
    assert_int_equal(verdict_of(&quality, "samples"), VERDICT_WEAK);
    assert_int_equal(quality.verdict, VERDICT_WEAK);
    quality_free(&quality);
    profile_free(profile);
}

static void another_build_fails_and_the_rest_is_judged(void **state)
{
    (void)state;
    struct profile *profile = sampled(100000, 0, "other");
    struct quality quality = judged(profile);
    assert_int_equal(verdict_of(&quality, "build"), VERDICT_FAIL);
    assert_int_equal(verdict_of(&quality, "samples"), VERDICT_OK);
    assert_int_equal(verdict_of(&quality, "staleness"), VERDICT_OK);
    assert_int_equal(quality.verdict, VERDICT_FAIL);
    quality_free(&quality);
    profile_free(profile);
}

static void counts_inside_instructions_are_stale(void **state)
{
    (void)state;
    struct profile *profile = sampled(100000, 1, NULL);
    struct quality quality = judged(profile);
    const struct quality_finding *staleness = finding(&quality, "staleness");
    assert_int_equal(staleness->verdict, VERDICT_FAIL);
    assert_non_null(strstr(staleness->text, "100.00 % of the counts"));
    assert_non_null(strstr(staleness->text, "most in "));
    assert_string_equal(staleness->remedy, "record this build");
    assert_int_equal(quality_stale_functions(&quality), QUALITY_STALE_LISTED);
    quality_free(&quality);
    profile_free(profile);
}

static struct symbol_profile sampled_symbols(size_t first, size_t count)
{
    struct symbol_profile symbols = {.is_sampled = true};
    for (size_t i = first; i < first + count; i++) {
        const struct function *function = sampled_function(i);
        struct symbol_record record = {.event = SYMBOL_EVENT_SAMPLE,
                                       .from = {SYMBOL_FUNCTION, function->name,
                                                long_instruction(function) - function->address},
                                       .count = 100000};
        assert_true(symbol_profile_add(&symbols, &record, &error));
    }
    symbol_profile_sort(&symbols);
    return symbols;
}

static void halves_without_anything_in_common_have_not_converged(void **state)
{
    (void)state;
    struct symbol_profile halves[2] = {sampled_symbols(0, 4), sampled_symbols(4, 4)};
    struct symbol_profile all = sampled_symbols(0, 8);
    struct quality quality = {0};
    struct quality_subject subject = {
        .symbols = &all, .binary = self, .halves = {&halves[0], &halves[1]}, .path = "app.fdata"};
    assert_true(quality_judge(&quality, &subject, &error));
    assert_int_equal(verdict_of(&quality, "convergence"), VERDICT_FAIL);
    assert_non_null(strstr(finding(&quality, "convergence")->text, "(every other input)"));
    assert_string_equal(finding(&quality, "convergence")->figures[2].word, "inputs");
    assert_int_equal(quality.finding_count, 3); /* by symbol, the build is not known */
    quality_free(&quality);

    quality = (struct quality){0};
    subject.halves[0] = subject.halves[1] = NULL;
    assert_true(quality_judge(&quality, &subject, &error));
    assert_int_equal(verdict_of(&quality, "convergence"), VERDICT_OK);
    quality_free(&quality);
    symbol_profile_free(&all);
    symbol_profile_free(&halves[0]);
    symbol_profile_free(&halves[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_recording_of_this_build_is_ok),
        cmocka_unit_test(a_short_recording_fails_and_says_how_much_more),
        cmocka_unit_test(between_few_and_enough_it_is_weak),
        cmocka_unit_test(few_samples_that_agree_are_weak),
        cmocka_unit_test(another_build_fails_and_the_rest_is_judged),
        cmocka_unit_test(counts_inside_instructions_are_stale),
        cmocka_unit_test(halves_without_anything_in_common_have_not_converged),
    };
    return cmocka_run_group_tests(tests, open_self, close_self);
}

#include "shim/core/ground/cpu_state.h"

#include <cpuid.h>
#include <string.h>

/* Of the XSAVE area in a signal frame. */
#define SOFTWARE_BYTES 464         /* the kernel's description of the frame */
#define SOFTWARE_MAGIC 0x46505853u /* it has extended state */
#define SOFTWARE_FEATURES 8        /* in the description: which components it has */
#define STATE_PRESENT 512          /* XSTATE_BV: components that are not in their init state */
#define KEYS_COMPONENT 9
#define KEY_OF_OUR_MEMORY 3u /* both bits of key 0 */

uint8_t cpu_keys_on __attribute__((visibility("hidden"))); /* read by kernel_signal.c's entry */
static uint32_t keys_offset;
static bool time_stamps_forbidden;

void cpu_state_start(void)
{
    unsigned a, b, c, d;

    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(c & bit_OSPKE) ||
        !__get_cpuid_count(13, KEYS_COMPONENT, &a, &b, &c, &d) || a == 0)
        return;
    keys_offset = b;
    cpu_keys_on = 1;
}

bool cpu_has_keys(void)
{
    return cpu_keys_on;
}

bool cpu_keys_of_frame(const ucontext_t *context, uint32_t offset, uint32_t *keys)
{
    const uint8_t *area = (const uint8_t *)context->uc_mcontext.fpregs;
    uint32_t magic;
    uint64_t features, present;

    if (!area)
        return false;
    memcpy(&magic, area + SOFTWARE_BYTES, sizeof(magic));
    memcpy(&features, area + SOFTWARE_BYTES + SOFTWARE_FEATURES, sizeof(features));
    if (magic != SOFTWARE_MAGIC || !(features >> KEYS_COMPONENT & 1))
        return false;
    memcpy(&present, area + STATE_PRESENT, sizeof(present));
    *keys = CPU_KEYS_ALL_OPEN; /* the init state */
    if (present >> KEYS_COMPONENT & 1)
        memcpy(keys, area + offset, sizeof(*keys));
    return true;
}

static void keys_set(uint32_t keys)
{
    __asm__ volatile("wrpkru" : : "a"(keys), "c"(0), "d"(0) : "memory");
}

bool cpu_keys_take_over(const ucontext_t *context)
{
    uint32_t keys;

    if (!cpu_keys_on)
        return true;
    if (!cpu_keys_of_frame(context, keys_offset, &keys))
        return false;
    keys_set(keys & ~KEY_OF_OUR_MEMORY);
    return true;
}

void cpu_keys_open(void)
{
    if (cpu_keys_on)
        keys_set(CPU_KEYS_ALL_OPEN);
}

void cpu_forbid_time_stamps(void)
{
    __atomic_store_n(&time_stamps_forbidden, true, __ATOMIC_RELAXED);
}

bool cpu_time_stamps_forbidden(void)
{
    return __atomic_load_n(&time_stamps_forbidden, __ATOMIC_RELAXED);
}

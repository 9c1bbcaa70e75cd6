/*
 * Generated code that it tells perf of: jitted DIR writes a jitdump there, as run-times do: a
 * header, and a record of kind 0 for code that was made.  It runs the code for 0.3 s of its CPU
 * time.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const char name[] = "generated_code";

/* The sum of the numbers up to that in edi. */
static const uint8_t instructions[] = {
    0x31, 0xc0, /* xor eax, eax */
    0x89, 0xf9, /* mov ecx, edi */
    0x01, 0xc8, /* add eax, ecx */
    0xff, 0xc9, /* dec ecx */
    0x75, 0xfa, /* jnz to the addition */
    0xc3,       /* ret */
};

struct dump_header {
    uint32_t magic, version, size, machine, unused, process;
    uint64_t time, flags;
};

struct dump_code {
    uint32_t kind, size;
    uint64_t time;
    uint32_t process, thread;
    uint64_t address, code_address, code_size, index;
};

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int put(int file, const void *bytes, size_t size)
{
    return write(file, bytes, size) == (ssize_t)size;
}

static int write_dump(int file, const void *code)
{
    uint32_t process = (uint32_t)getpid();
    uint64_t address = (uint64_t)code;
    struct dump_header header = {0x4a695444, 1, sizeof(header), EM_X86_64, 0, process, now(), 0};
    struct dump_code loaded = {0,       sizeof(loaded) + sizeof(name) + sizeof(instructions),
                               now(),   process,
                               process, address,
                               address, sizeof(instructions),
                               0};
    return put(file, &header, sizeof(header)) &&
           mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) != MAP_FAILED &&
           put(file, &loaded, sizeof(loaded)) && put(file, name, sizeof(name)) &&
           put(file, code, sizeof(instructions));
}

int main(int count, char **arguments)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/jit-%d.dump", count > 1 ? arguments[1] : ".", (int)getpid());
    int file = open(path, O_CREAT | O_TRUNC | O_RDWR, 0666);
    void *code =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (file < 0 || code == MAP_FAILED)
        return 1;
    memcpy(code, instructions, sizeof(instructions));
    if (!write_dump(file, code))
        return 1;
    unsigned (*generated)(unsigned) = (unsigned (*)(unsigned))code;
    unsigned sum = 0;
    struct timespec used;
    do {
        sum += generated(100000);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec == 0 && used.tv_nsec < 300000000);
    return sum == 1;
}

#include "shim/outside/module_code.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/core/ground/memory.h"

/* Of the modules that come first; of others memory is read.  A descriptor each. */
#define MOST_FILES 256u
#define MOST_SEGMENTS 4u /* with code; most files have one */

struct code_segment {
    uint64_t address, end, offset; /* of the file's own addresses; where it lies in the file */
};

static struct code_file {
    int descriptor; /* 0: none is kept */
    dev_t device;
    ino_t inode;
    uint32_t count;
    struct code_segment segments[MOST_SEGMENTS];
} files[MOST_FILES];

static bool read_at(int descriptor, void *to, size_t size, uint64_t offset)
{
    return pread(descriptor, to, size, (off_t)offset) == (ssize_t)size;
}

/* Source of the layout: System V gABI, program headers. */
static void segments_find(struct code_file *file)
{
    Elf64_Ehdr header;
    Elf64_Phdr segment;

    if (!read_at(file->descriptor, &header, sizeof(header), 0) ||
        header.e_phentsize != sizeof(segment))
        return;
    for (uint32_t i = 0; i < header.e_phnum && file->count < MOST_SEGMENTS; i++) {
        if (!read_at(file->descriptor, &segment, sizeof(segment),
                     header.e_phoff + i * sizeof(segment)))
            return;
        if (segment.p_type == PT_LOAD && segment.p_flags & PF_X)
            file->segments[file->count++] = (struct code_segment){
                segment.p_vaddr, segment.p_vaddr + segment.p_filesz, segment.p_offset};
    }
}

void module_code_keep(uint32_t number, const char *path)
{
    struct code_file found = {0}, *file = &files[number % MOST_FILES];
    struct stat status;

    if (number >= MOST_FILES || stat(path, &status) != 0 ||
        (file->descriptor && file->device == status.st_dev && file->inode == status.st_ino))
        return;
    found.descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (found.descriptor < 0)
        return;
    found.device = status.st_dev;
    found.inode = status.st_ino;
    segments_find(&found);
    if (file->descriptor)
        close(file->descriptor);
    *file = found;
}

/* The segment that holds the module's own address.  NULL: none that is kept does. */
static const struct code_segment *segment_of(const struct loaded_module *module, uint64_t own)
{
    const struct code_file *file = &files[module->number % MOST_FILES];

    if (module->number >= MOST_FILES)
        return NULL;
    for (uint32_t i = 0; i < file->count; i++)
        if (own >= file->segments[i].address && own < file->segments[i].end)
            return &file->segments[i];
    return NULL;
}

uint64_t module_code_start(const struct loaded_module *module, uint64_t address)
{
    const struct code_segment *segment = segment_of(module, address - module->load_bias);
    return segment ? segment->address + module->load_bias : module->start;
}

bool module_code_read(const struct loaded_module *module, uint64_t address, void *to, size_t size)
{
    uint64_t own = address - module->load_bias;
    const struct code_segment *segment = segment_of(module, own);

    if (segment && size <= segment->end - own)
        return read_at(files[module->number].descriptor, to, size,
                       own - segment->address + segment->offset);
    return memory_read(to, address, size);
}

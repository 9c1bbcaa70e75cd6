#include "analyzer/model/ir/ir_directory.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/progress.h"
#include "analyzer/model/ir/ir_read.h"

static int is_dump(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && (strcmp(dot, ".ll") == 0 || strcmp(dot, ".log") == 0);
}

static bool read_file(struct ir_program *program, const char *path, struct error *error)
{
    FILE *stream = fopen(path, "re");
    if (!stream) {
        error_set_errno(error, ERROR_OPEN, path);
        return false;
    }
    bool done = ir_program_read(program, stream, path, error);
    fclose(stream);
    return done;
}

static bool check_functions(const struct ir_program *program, const char *directory, int files,
                            struct error *error)
{
    if (program->function_count > 0)
        return true;
    if (files == 0)
        error_set(error, ERROR_IR, directory, "there is no file *.ll or *.log in it");
    else if (program->module_count == 0)
        error_set(error, ERROR_IR, directory, "no file in it has a module");
    else
        error_set(error, ERROR_IR, directory,
                  "of %zu functions in %zu modules none has counters: dump after "
                  "PGOInstrumentationGen, with -fprofile-generate",
                  program->definition_count, program->module_count);
    return false;
}

bool ir_program_read_directory(struct ir_program *program, const char *directory,
                               struct error *error)
{
    struct dirent **entries = NULL;
    char path[PATH_MAX];
    int count = scandir(directory, &entries, is_dump, alphasort);
    bool done = count >= 0;
    if (!done)
        error_set_errno(error, ERROR_OPEN, directory);
    for (int i = 0; i < count; i++) {
        progress_step("reading modules", (size_t)i, (size_t)count);
        done = done && file_path(path, error, "%s/%s", directory, entries[i]->d_name) &&
               read_file(program, path, error);
        free(entries[i]);
    }
    free((void *)entries);
    return done && check_functions(program, directory, count, error);
}

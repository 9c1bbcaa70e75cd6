/*
 * dlopens DIRECTORY: loads two plug-ins one after the other, so that the second
 * is likely to come to lie where the first was.
 */
#include <dlfcn.h>
#include <stdio.h>

static int run_plugin(const char *directory, const char *name, const char *function)
{
    char path[4096];
    unsigned (*work)(int);
    void *handle;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    handle = dlopen(path, RTLD_NOW);
    if (!handle) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    *(void **)&work = dlsym(handle, function);
    work(300);
    return dlclose(handle);
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : ".";
    if (run_plugin(directory, "plugin_one.so", "plugin_one_hot") ||
        run_plugin(directory, "plugin_two.so", "plugin_two_hot"))
        return 1;
    puts("done");
    return 0;
}

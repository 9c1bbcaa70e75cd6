#include "analyzer/read/reader.h"

#include "analyzer/read/raw.h"

bool profile_read(const char *path, struct profile *into, struct error *error)
{
    return profile_read_raw(path, into, error);
}

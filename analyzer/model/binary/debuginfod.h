/*
 * Debug files from the user's debuginfod servers, through elfutils' libdebuginfod, which
 * keeps what it downloads in its cache.  It is loaded only where DEBUGINFOD_URLS names
 * servers, and nobody is asked otherwise.
 */
#ifndef ANALYZER_MODEL_BINARY_DEBUGINFOD_H
#define ANALYZER_MODEL_BINARY_DEBUGINFOD_H

#include <stdint.h>

/*
 * The path of the debug file of this build-id (bytes), downloaded or from the
 * cache; the caller's to free.  NULL where no server has it or is asked.
 */
char *debuginfod_find(const uint8_t *build_id, uint32_t build_id_size);

#endif

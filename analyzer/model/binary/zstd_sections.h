/*
 * ELF files whose sections are compressed with zstd (ELFCOMPRESS_ZSTD, as clang -gz=zstd, ld
 * --compress-debug-sections=zstd and objcopy make them): libelf before 0.189, or built
 * without zstd, cannot expand those.
 */
#ifndef ANALYZER_MODEL_BINARY_ZSTD_SECTIONS_H
#define ANALYZER_MODEL_BINARY_ZSTD_SECTIONS_H

/*
 * A descriptor of the same file with those sections expanded, in memory, and the given one
 * closed.  Where there are none, where the file is another kind, or makes no sense, it is the
 * given one as it was.
 */
int zstd_sections_expand(int descriptor);

#endif

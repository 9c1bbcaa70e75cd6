/*
 * LLVM's sample profile in its extensible binary form: what its reader and its writer
 * agree on.  From SampleProf.h of llvm/lib/ProfileData (SecType, SecCommonFlags and
 * the flags of each section) and SampleProfWriter.cpp.
 *
 * A magic number and a version, both ULEB128; the number of sections and for each its type,
 * flags, offset and size, of 8 bytes each, the lowest first; then the sections, in which
 * numbers are ULEB128.
 */
#ifndef ANALYZER_BASE_LLVM_EXT_LAYOUT_H
#define ANALYZER_BASE_LLVM_EXT_LAYOUT_H

#include <stdint.h>

#define LLVM_EXT_MAGIC UINT64_C(0x5350524f46343204)
#define LLVM_EXT_VERSION 103

enum llvm_ext_section {
    LLVM_EXT_SUMMARY = 1,
    LLVM_EXT_NAMES = 2,
    LLVM_EXT_SYMBOLS = 3,  /* names of all functions of the program */
    LLVM_EXT_OFFSETS = 4,  /* where each function begins in its section */
    LLVM_EXT_METADATA = 5, /* checksums and attributes of functions */
    LLVM_EXT_CONTEXTS = 6, /* chains of callers */
    LLVM_EXT_FUNCTIONS = 32,
};

/* Flags of any section are in the lower half, those of one type in the upper. */
#define LLVM_EXT_FLAG(bit) (UINT64_C(1) << (32 + (bit)))

#define LLVM_EXT_COMPRESSED UINT64_C(1) /* with zlib */

#define LLVM_EXT_SUMMARY_CONTEXTS LLVM_EXT_FLAG(1)
#define LLVM_EXT_SUMMARY_FS_DISCRIMINATORS LLVM_EXT_FLAG(2)
#define LLVM_EXT_SUMMARY_PRE_INLINED LLVM_EXT_FLAG(4)
#define LLVM_EXT_SUMMARY_TYPES LLVM_EXT_FLAG(5)

#define LLVM_EXT_NAMES_HASHED LLVM_EXT_FLAG(0) /* MD5 in place of names */
#define LLVM_EXT_NAMES_FIXED LLVM_EXT_FLAG(1)  /* of 8 bytes each */
#define LLVM_EXT_NAMES_UNIQUE LLVM_EXT_FLAG(2) /* some end as unique names do */

#define LLVM_EXT_METADATA_BY_PROBES LLVM_EXT_FLAG(0)
#define LLVM_EXT_METADATA_ATTRIBUTES LLVM_EXT_FLAG(1)

#define LLVM_EXT_OFFSETS_ORDERED LLVM_EXT_FLAG(0) /* in the order of contexts */

#endif

/*
 * MD5 (RFC 1321), for the numbers that LLVM gives to names.  Not for secrets.
 */
#ifndef ANALYZER_BASE_MD5_H
#define ANALYZER_BASE_MD5_H

#include <stddef.h>
#include <stdint.h>

void md5_of(const void *bytes, size_t size, uint8_t digest[16]);

/* LLVM's number of a function's name, its GUID: the first 8 bytes, the lowest first. */
uint64_t md5_guid(const char *name, size_t size);

#endif

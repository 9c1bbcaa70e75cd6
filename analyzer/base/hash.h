/*
 * Hash values for tables: for content that is not chosen by an enemy.
 */
#ifndef ANALYZER_BASE_HASH_H
#define ANALYZER_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a of bytes (Fowler, Noll and Vo), 64 bits. */
static inline uint64_t hash_bytes(const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ next[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Adds a number to a hash value, whose low bits then depend on all bits of both. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio */
    return hash ^ hash >> 29;
}

#endif

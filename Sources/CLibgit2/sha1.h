#pragma once
// SHA-1 of whole blocks by the processor's own instructions, which Swift cannot name: a graph file of five megabytes is checked with
// every start, and no other code does it five times as fast. Intel, "New Instructions Supporting the Secure Hash Algorithm", 2013.
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/// Whether the processor has the instructions that czar_sha1_blocks uses: SSSE3, SSE4.1 and SHA.
static inline int czar_sha1_is_there(void) {
    unsigned int a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/// Four rounds, and the four words of the schedule that are wanted sixteen rounds later.
#define CZAR_SHA1_ROUNDS(now, next, w0, w1, w2, w3, mix)          \
    do {                                                          \
        now = _mm_sha1nexte_epu32(now, w0);                       \
        next = abcd;                                              \
        abcd = _mm_sha1rnds4_epu32(abcd, now, mix);               \
        w0 = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(w0, w1), w2), w3); \
    } while (0)

/// Absorbs `count` blocks of 64 bytes into the five words of `state`.
__attribute__((target("sha,sse4.1,ssse3")))
static inline void czar_sha1_blocks(uint32_t state[5], const unsigned char *bytes, size_t count) {
    const __m128i order = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1B);
    __m128i e = _mm_set_epi32((int)state[4], 0, 0, 0);
    for (; count > 0; count--, bytes += 64) {
        const __m128i *block = (const __m128i *)bytes;
        __m128i w0 = _mm_shuffle_epi8(_mm_loadu_si128(block), order);
        __m128i w1 = _mm_shuffle_epi8(_mm_loadu_si128(block + 1), order);
        __m128i w2 = _mm_shuffle_epi8(_mm_loadu_si128(block + 2), order);
        __m128i w3 = _mm_shuffle_epi8(_mm_loadu_si128(block + 3), order);
        const __m128i old_abcd = abcd, old_e = e;
        __m128i f = abcd;
        // The first four rounds take e as it is; all others rotate it out of the words four rounds ago.
        e = _mm_add_epi32(e, w0);
        abcd = _mm_sha1rnds4_epu32(abcd, e, 0);
        w0 = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(w0, w1), w2), w3);
        CZAR_SHA1_ROUNDS(f, e, w1, w2, w3, w0, 0);
        CZAR_SHA1_ROUNDS(e, f, w2, w3, w0, w1, 0);
        CZAR_SHA1_ROUNDS(f, e, w3, w0, w1, w2, 0);
        CZAR_SHA1_ROUNDS(e, f, w0, w1, w2, w3, 0);
        CZAR_SHA1_ROUNDS(f, e, w1, w2, w3, w0, 1);
        CZAR_SHA1_ROUNDS(e, f, w2, w3, w0, w1, 1);
        CZAR_SHA1_ROUNDS(f, e, w3, w0, w1, w2, 1);
        CZAR_SHA1_ROUNDS(e, f, w0, w1, w2, w3, 1);
        CZAR_SHA1_ROUNDS(f, e, w1, w2, w3, w0, 1);
        CZAR_SHA1_ROUNDS(e, f, w2, w3, w0, w1, 2);
        CZAR_SHA1_ROUNDS(f, e, w3, w0, w1, w2, 2);
        CZAR_SHA1_ROUNDS(e, f, w0, w1, w2, w3, 2);
        CZAR_SHA1_ROUNDS(f, e, w1, w2, w3, w0, 2);
        CZAR_SHA1_ROUNDS(e, f, w2, w3, w0, w1, 2);
        CZAR_SHA1_ROUNDS(f, e, w3, w0, w1, w2, 3);
        CZAR_SHA1_ROUNDS(e, f, w0, w1, w2, w3, 3);
        CZAR_SHA1_ROUNDS(f, e, w1, w2, w3, w0, 3);
        CZAR_SHA1_ROUNDS(e, f, w2, w3, w0, w1, 3);
        CZAR_SHA1_ROUNDS(f, e, w3, w0, w1, w2, 3);
        e = _mm_sha1nexte_epu32(e, old_e);
        abcd = _mm_add_epi32(abcd, old_abcd);
    }
    _mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(abcd, 0x1B));
    state[4] = (uint32_t)_mm_extract_epi32(e, 3);
}
#undef CZAR_SHA1_ROUNDS
#else
static inline int czar_sha1_is_there(void) { return 0; }
static inline void czar_sha1_blocks(uint32_t state[5], const unsigned char *bytes, size_t count) {
    (void)state, (void)bytes, (void)count;
}
#endif

// Ways to end badly.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

static rc_answer number(int value) { return rc_respond(200, rc_format("%d", value)); }

static int deeper(volatile int *above) {
    if (*above == 2) return 0; // never
    volatile int here[100] = {*above};
    return deeper(here) + here[7];
}

rc_answer fail_by(const char *way) {
    if (!strcmp(way, "panic")) rc_panic("it was asked for, %d times", 1);
    if (!strcmp(way, "trap")) __builtin_trap();
    if (!strcmp(way, "abort")) abort();
    if (!strcmp(way, "assert")) assert(way[0] == 'x');
    if (!strcmp(way, "null")) return number(*rc_text_of(NULL).data);
    if (!strcmp(way, "bounds")) return number((int[]){1, 2, 3}[strlen(way)]);
    if (!strcmp(way, "recurse")) return number(deeper(&(volatile int){1}));
    if (!strcmp(way, "memory")) {
        for (;;) memset(rc_allocate(1 << 20), 1, 1 << 20);
    }
    if (!strcmp(way, "loop")) {
        for (volatile int forever = 1; forever;) {}
    }
    return rc_fail("it does not know how to fail by %s", way);
}

#include "internal.h"
#include "../bindings/imports.h"

int64_t rc_now(void) {
    wasi_clocks_wall_clock_datetime_t now;
    wasi_clocks_wall_clock_now(&now);
    return (int64_t)(now.seconds * 1000 + now.nanoseconds / 1000000);
}

int64_t rc_monotonic(void) { return (int64_t)(wasi_clocks_monotonic_clock_now() / 1000000); }

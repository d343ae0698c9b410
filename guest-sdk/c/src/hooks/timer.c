#include "adapter.h"
#include "../../bindings/timer.c"

const char rc_hook_timer = 1;
void on_timer(rc_text token);

void exports_roomcast_plugin_timer_on_timer(timer_string_t *token) {
    on_timer(RC_LIFT(*token));
    rc_hook_end();
}

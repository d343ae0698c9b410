#include "adapter.h"
#include "../../bindings/lifecycle.c"

const char rc_hook_lifecycle = 1;
rc_answer on_init(void);
DEFINE_TEXT_OUT(lifecycle_string_t)

bool exports_roomcast_plugin_lifecycle_init(lifecycle_string_t *reason) {
    rc_answer answer = on_init();
    bool yes = ANSWER_OUT(lifecycle_string_t, answer, reason);
    rc_hook_end();
    return yes;
}

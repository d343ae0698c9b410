#include "adapter.h"
#include "../../bindings/state.c"

const char rc_hook_state = 1;
rc_answer on_save(rc_text *state);
rc_answer on_restore(rc_text state);
DEFINE_TEXT_OUT(state_string_t)

bool exports_roomcast_plugin_state_save(state_list_u8_t *saved, state_string_t *reason) {
    rc_text state = RC_NONE;
    rc_answer answer = on_save(&state);
    bool yes = ANSWER_OUT(state_string_t, answer, reason);
    if (yes) *saved = RC_LOWER(state_list_u8_t, state);
    rc_hook_end();
    return yes;
}

bool exports_roomcast_plugin_state_restore(state_list_u8_t *state, state_string_t *reason) {
    rc_answer answer = on_restore(RC_LIFT(*state));
    bool yes = ANSWER_OUT(state_string_t, answer, reason);
    rc_hook_end();
    return yes;
}

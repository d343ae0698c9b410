#include "adapter.h"
#include "../../bindings/publish.c"

const char rc_hook_publish = 1;
rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin);
DEFINE_TEXT_OUT(publish_string_t)
DEFINE_REJECTION_OUT(publish)

static publish_option_string_t option_out(rc_text text) {
    return (publish_option_string_t){!rc_is_none(text), TEXT_OUT(publish_string_t, text)};
}

void exports_roomcast_plugin_publish_on_publish(
    publish_string_t *room, publish_types_event_t *given, exports_roomcast_plugin_publish_origin_t *from,
    exports_roomcast_plugin_publish_verdict_t *result) {
    rc_event event = {
        RC_LIFT(given->data), RC_LIFT_OPTION(given->event), RC_LIFT_OPTION(given->id),
        given->retry_ms.is_some ? given->retry_ms.val : 0};
    bool is_api = from->tag == EXPORTS_ROOMCAST_PLUGIN_PUBLISH_ORIGIN_API;
    rc_origin origin = {is_api, is_api ? RC_LIFT(from->val.api) : RC_LIFT(from->val.other)};
    rc_verdict verdict = on_publish(RC_LIFT(*room), event, origin);
    switch (verdict.kind) {
    case RC_VERDICT_FORWARD: result->tag = EXPORTS_ROOMCAST_PLUGIN_PUBLISH_VERDICT_FORWARD; break;
    case RC_VERDICT_REWRITE:
        result->tag = EXPORTS_ROOMCAST_PLUGIN_PUBLISH_VERDICT_REWRITE;
        result->val.rewrite = (publish_types_event_t){
            TEXT_OUT(publish_string_t, verdict.event.data), option_out(verdict.event.event),
            option_out(verdict.event.id), RC_LOWER_RETRY(publish_option_u32_t, verdict.event)};
        break;
    case RC_VERDICT_REFUSE:
        result->tag = EXPORTS_ROOMCAST_PLUGIN_PUBLISH_VERDICT_REFUSE;
        result->val.refuse = rejection_out(verdict.refusal);
        break;
    }
    rc_hook_end();
}

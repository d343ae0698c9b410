#include "adapter.h"
#include "../../bindings/disconnect.c"

const char rc_hook_disconnect = 1;
void on_disconnect(rc_connection connection, rc_disconnect_reason reason);

void exports_roomcast_plugin_disconnect_on_disconnect(disconnect_types_connection_id_t *connection, uint8_t reason) {
    on_disconnect(RC_LIFT_CONNECTION(*connection), (rc_disconnect_reason)reason);
    rc_hook_end();
}

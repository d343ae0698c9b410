// {{name}}: a chat. Everybody who is connected sees what anybody posts.
#include <roomcast.h>

RC_HOOKS(on_connect, on_message)

rc_answer on_connect(rc_connection connection, rc_request request) {
    rc_text name = rc_parameter(request, "name");
    if (rc_is_empty(name)) return rc_reject(400, "a name is required: /sse?name=...");
    RC_TRY(rc_set_tag(connection, name));
    RC_TRY(rc_send(connection, rc_event_named("greeting", rc_format("hello %s", name.data))));
    return rc_ok();
}

rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    if (connection == NULL) return rc_fail("name your stream: send its id in the header Roomcast-Connection");
    rc_text name;
    RC_TRY(rc_tag(*connection, &name));
    RC_TRY(rc_broadcast("__all", rc_event_named("chat", rc_format("%s: %s", name.data, body.bytes.data)), NULL));
    return rc_accepted();
}

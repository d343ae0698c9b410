// What a query makes `on_connect` do, parameter by parameter.
#include <stdlib.h>
#include <string.h>

#include "probe.h"

static rc_error send_result(rc_connection connection, rc_text text, rc_text *problem) {
    const rc_json *command = rc_json_read(text, problem);
    rc_text result;
    if (command == NULL) return (rc_error){0};
    if (!run(command, &connection, &result)) return *problem = result, (rc_error){0};
    return rc_send(connection, rc_event_named("result", result));
}

rc_answer obey_query(rc_connection connection, rc_request request) {
    rc_answer rejection = rc_reject(0, "%s", "");
    const rc_header *parameters;
    size_t count;
    rc_parameters(request, &parameters, &count);
    for (size_t at = 0; at < count; at++) {
        rc_text name = parameters[at].name, value = parameters[at].value, problem = RC_NONE;
        rc_error error = {0};
        if (rc_equal(name, "join")) error = rc_join(connection, value);
        if (rc_equal(name, "send")) error = rc_send(connection, (rc_event){.data = value});
        if (rc_equal(name, "comment")) error = rc_comment(connection, value);
        if (rc_equal(name, "tag")) error = rc_set_tag(connection, value);
        if (rc_equal(name, "close")) error = rc_close(connection);
        if (rc_equal(name, "command")) error = send_result(connection, value, &problem);
        if (rc_equal(name, "to") && is_for_another(value)) return rc_ok();
        if (rc_equal(name, "reject")) rejection.status = (uint16_t)atoi(value.data);
        if (rc_equal(name, "body")) rejection.body = value;
        if (rc_equal(name, "header")) {
            const char *colon = memchr(value.data, ':', value.size);
            if (colon == NULL) return rc_reject(500, "header=NAME:VALUE");
            size_t size = (size_t)(colon - value.data);
            rc_text header = {value.data, size}, rest = {colon + 1, value.size - size - 1};
            rejection = rc_with_header(rejection, header, rest);
        }
        if (error.kind != RC_OK) problem = rc_error_text(error);
        if (!rc_is_none(problem)) return rc_reject(500, "%s: %s", name.data, problem.data);
    }
    return rejection.status == 0 ? rc_ok() : rejection;
}

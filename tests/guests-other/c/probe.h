// What the parts of the probe share.
#pragma once

#include <roomcast.h>

// Commands.

typedef struct arguments {
    const rc_json *command;
    // The connection that the command came from, or NULL.
    const rc_connection *sender;
    // What is wrong with the command, if something is.
    rc_text problem;
} arguments;

// Run one command: its result as JSON, or false and what is wrong with the command.
bool run(const rc_json *command, const rc_connection *sender, rc_text *result);

// Parts of that: the result, none if it is not one of theirs.
rc_text hub_call(rc_text op, arguments *given);
rc_text store_call(rc_text op, arguments *given);
rc_text fetch_call(rc_text op, arguments *given);

// Arguments; one that is missing is a problem.
rc_text text_of(arguments *given, const char *name);
uint32_t number_of(arguments *given, const char *name);
rc_text optional_text(const arguments *given, const char *name);
// A text, as many times as `repeat` says.
rc_text repeated_text(const arguments *given, const char *name);
rc_texts texts_of(arguments *given, const char *name);
void headers_of(arguments *given, const rc_header **headers, size_t *count);
bool has_problem(const arguments *given);
void set_problem(arguments *given, rc_text problem);

rc_answer respond(const rc_json *command);
rc_answer reject(const rc_json *command);
rc_answer obey_query(rc_connection connection, rc_request request);
bool is_for_another(rc_text to);

// The journal of calls.

void note(rc_json_writer *call);
// {"result": ...}
void note_result(rc_text result);
// {"hook": ..., begun.
rc_json_writer call_of(const char *hook);
void put_journal(rc_json_writer *json, rc_text key);
bool restore_journal(rc_text state);
void forget_calls(void);

// JSON.

rc_text ok_null(void);
rc_text ok_number(int64_t number);
rc_text ok_bool(bool value);
rc_text ok_text(rc_text text);
rc_text ok_texts(rc_texts texts);
rc_text ok_json(rc_text json);
rc_text ok_journal(void);
rc_text failed(rc_error error);
// In C an id is no text, so one that is none goes no further than to the probe.
rc_text no_id(const char *argument);
// Of a call without a value.
rc_text result_of(rc_error error);
void put_value(rc_json_writer *json, rc_text key, const rc_json *value);
void put_event(rc_json_writer *json, rc_text key, rc_event event);
void put_request(rc_json_writer *json, rc_text key, rc_request request);
void put_headers(rc_json_writer *json, rc_text key, const rc_header *headers, size_t count);
void put_body(rc_json_writer *json, rc_text key, rc_body body);

// As every function here answers `done`, or what went wrong.
static inline rc_text done_if(rc_error error, rc_text done) { return error.kind == RC_OK ? done : failed(error); }

;; A chat: clients that open /sse get the messages that others post to /send.
;;
;; This is WebAssembly as text, which needs no compiler, straight on the contract. It is here to be replaced by your
;; language, and shows what your language's bindings do: how values arrive, where results lie, who owns memory.
(module
  ;; What the host offers. An event is 10 parameters: data, the options event and id (texts), the option retry.
  (import "roomcast:plugin/types@0.1.0" "[resource-drop]request" (func $drop_request (param i32)))
  (import "roomcast:plugin/hub@0.1.0" "send-event" (func $send_event
    (param i64 i64  i32 i32  i32 i32 i32  i32 i32 i32  i32 i32  i32)))
  (import "roomcast:plugin/hub@0.1.0" "broadcast" (func $broadcast
    (param i32 i32  i32 i32  i32 i32 i32  i32 i32 i32  i32 i32  i32 i64 i64  i32)))
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32  i32 i32  i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 16) "welcome")
  (data (i32.const 32) "Hello!")
  (data (i32.const 48) "chat")
  (data (i32.const 64) "__all")
  (data (i32.const 80) "ASCII only, in this beginning")
  (data (i32.const 112) "the host has refused a call")
  (global $result i32 (i32.const 256)) ;; where the host writes the result of a call
  (global $answer i32 (i32.const 512)) ;; where the host reads the answer of a hook
  (global $heap i32 (i32.const 1024))
  (global $end (mut i32) (i32.const 1024)) ;; what lies from $heap up to here is in use

  ;; The host asks for memory by this: for arguments of hooks, and for texts in results. They belong to the plugin, which
  ;; here takes all of it back at the end of a hook.
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $missing i32)
    (local.set $at (i32.and
      (i32.add (global.get $end) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $end (i32.add (local.get $at) (local.get $size)))
    (local.set $missing (i32.sub (global.get $end) (i32.shl (memory.size) (i32.const 16))))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then
      (if (i32.eq (i32.const -1)
          (memory.grow (i32.shr_u (i32.add (local.get $missing) (i32.const 0xffff)) (i32.const 16))))
        (then unreachable))))
    (memory.copy (local.get $at) (local.get $old) (local.get $old_size))
    (local.get $at))

  ;; on-connect: func(connection: connection-id, request: borrow<request>) -> result<_, rejection>
  (func (export "roomcast:plugin/connect@0.1.0#on-connect")
    (param $high i64) (param $low i64) (param $request i32) (result i32)
    ;; A request is lent, and goes back before the hook ends, or the call traps.
    (call $drop_request (local.get $request))
    (call $send_event (local.get $high) (local.get $low)
      (i32.const 32) (i32.const 6)                  ;; data: "Hello!"
      (i32.const 1) (i32.const 16) (i32.const 7)    ;; event: some("welcome")
      (i32.const 0) (i32.const 0) (i32.const 0)     ;; id: none
      (i32.const 0) (i32.const 0)                   ;; retry-ms: none
      (global.get $result))
    (call $check)
    (memory.fill (global.get $answer) (i32.const 0) (i32.const 28)) ;; 0: ok
    (call $done))

  ;; on-message: func(connection: option<connection-id>, request: borrow<request>, body: list<u8>)
  ;;     -> result<reply, rejection>
  (func (export "roomcast:plugin/message@0.1.0#on-message")
    (param $named i32) (param $high i64) (param $low i64) (param $request i32) (param $body i32) (param $length i32)
    (result i32)
    (call $drop_request (local.get $request))
    (memory.fill (global.get $answer) (i32.const 0) (i32.const 28))
    ;; Text for the host has to be UTF-8, or the call traps; a body is bytes, and may be anything. So look first.
    (if (i32.eqz (call $is_ascii (local.get $body) (local.get $length))) (then
      (i32.store8 (global.get $answer) (i32.const 1))             ;; 1: error, with a rejection from 4 on:
      (i32.store16 offset=4 (global.get $answer) (i32.const 415)) ;; status; headers are the empty list at 8
      (i32.store offset=16 (global.get $answer) (i32.const 80))   ;; body: address
      (i32.store offset=20 (global.get $answer) (i32.const 29))   ;; and length
      (return (call $done))))
    (call $broadcast
      (i32.const 64) (i32.const 5)                  ;; room: "__all"
      (local.get $body) (local.get $length)         ;; data
      (i32.const 1) (i32.const 48) (i32.const 4)    ;; event: some("chat")
      (i32.const 0) (i32.const 0) (i32.const 0)     ;; id: none
      (i32.const 0) (i32.const 0)                   ;; retry-ms: none
      (i32.const 0) (i64.const 0) (i64.const 0)     ;; except: none
      (global.get $result))
    (call $check)
    ;; ok(answer(response { status: 202, headers: [], body: [] }))
    (i32.store8 offset=4 (global.get $answer) (i32.const 1))
    (i32.store16 offset=8 (global.get $answer) (i32.const 202))
    (call $done))

  ;; Write to the log what the host has refused: the result begins with 0 for ok, 1 for an error.
  (func $check
    (if (i32.load8_u (global.get $result)) (then
      (call $log (i32.const 3) (i32.const 48) (i32.const 4) (i32.const 112) (i32.const 27)))))

  (func $is_ascii (param $at i32) (param $length i32) (result i32)
    (block $end (loop $next
      (br_if $end (i32.eqz (local.get $length)))
      (if (i32.ge_u (i32.load8_u (local.get $at)) (i32.const 0x80)) (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $next)))
    (i32.const 1))

  ;; The end of a hook: its memory is free again, and the host reads the answer, which refers to none of it.
  (func $done (result i32)
    (global.set $end (global.get $heap))
    (global.get $answer)))

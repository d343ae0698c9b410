;; The least that a plugin can be: it is asked about every join, and agrees.
(component
    ;; A record in the type of an exported function has to have a name, here that of an imported type.
    (import "roomcast:plugin/types@0.1.0" (instance $types
        (type $id' (record (field "high" u64) (field "low" u64)))
        (export "connection-id" (type $id (eq $id')))
        (type $header (tuple string string))
        (type $rejection' (record (field "status" u16) (field "headers" (list $header)) (field "body" string)))
        (export "rejection" (type $rejection (eq $rejection')))))
    (alias export $types "connection-id" (type $id))
    (alias export $types "rejection" (type $rejection))
    (core module $m
        (memory (export "memory") 1)
        ;; The arguments are two numbers and a name. Each call forgets those of the one before.
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        ;; What lies there is 0: no error.
        (func (export "join") (param i64 i64 i32 i32) (result i32) (i32.const 16))
        (func (export "leave") (param i64 i64 i32 i32)))
    (core instance $i (instantiate $m))
    (func $join (param "connection" $id) (param "room" string) (result (result (error $rejection)))
        (canon lift (core func $i "join") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func $leave (param "connection" $id) (param "room" string)
        (canon lift (core func $i "leave") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (instance $room (export "on-join" (func $join)) (export "on-leave" (func $leave)))
    (export "roomcast:plugin/room@0.1.0" (instance $room)))

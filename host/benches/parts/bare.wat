;; The least that a plugin can be: it is asked about every join, and agrees.
(component
    (core module $m
        (memory (export "memory") 1)
        ;; The arguments: a connection's id, which has 36 bytes, and a name. Each call forgets those of the one before.
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (i32.add (i32.const 1024) (i32.mul (i32.const 1024) (i32.eq (local.get 3) (i32.const 36)))))
        ;; What lies there is 0: no error.
        (func (export "join") (param i32 i32 i32 i32) (result i32) (i32.const 16))
        (func (export "leave") (param i32 i32 i32 i32)))
    (core instance $i (instantiate $m))
    (func $join (param "connection" string) (param "room" string) (result (result (error string)))
        (canon lift (core func $i "join") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func $leave (param "connection" string) (param "room" string)
        (canon lift (core func $i "leave") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (instance $room (export "on-join" (func $join)) (export "on-leave" (func $leave)))
    (export "roomcast:plugin/room@0.1.0" (instance $room)))

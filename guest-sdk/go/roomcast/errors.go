package roomcast

import (
	"errors"
	"fmt"
	"unicode/utf8"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/guard"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/place"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Kind is the kind of an [Error].
type Kind int

const (
	// NoSuchConnection: no open connection has this id.
	NoSuchConnection Kind = iota + 1
	// Closed: the connection is closing and takes no more events.
	Closed
	// InvalidArgument: an argument is invalid.
	InvalidArgument
	// LimitExceeded: a limit was reached.
	LimitExceeded
	// NotPermitted: the operator has not granted the capability.
	NotPermitted
	// Store: the key-value store refused the call: a limit was reached, or an argument is invalid.
	Store
	// Denied: a fetch's destination is not granted.
	Denied
	// Unreachable: a fetch could not reach the host: name resolution, network or TLS failed.
	Unreachable
	// Broken: a fetch's peer closed the connection early, or its answer is not valid HTTP.
	Broken
	// ConnectionClosed: the fetch's connection has ended.
	ConnectionClosed
	// Interrupted: the instance that started a fetch is gone, and so is its state.
	Interrupted
	// Other: an error, or a failure of a fetch, that this version of the SDK does not name.
	Other
)

// Error is why the host refused a call, which then has no effect, or why a fetch failed.
//
//	var refused *roomcast.Error
//	if errors.As(err, &refused) && refused.Kind == roomcast.LimitExceeded { ... }
//	if errors.Is(err, roomcast.ErrClosed) { ... }
type Error struct {
	// Kind is what happened.
	Kind Kind
	// Name is the subject: for InvalidArgument the argument or field, for example event.id; for LimitExceeded the
	// limit's configuration key, for example limits.timers; for NotPermitted the capability. Otherwise it is empty.
	Name string
	// Reason says what is wrong and what to do, for InvalidArgument, LimitExceeded, Store, Other and the failures of a
	// fetch; for NoSuchConnection why there is no connection, if known.
	Reason string

	// answer is set if the client is at fault.
	answer *Rejection
	// stack is where the error was made.
	stack place.Stack
}

// One error of each kind, for [errors.Is].
var (
	ErrNoSuchConnection = &Error{Kind: NoSuchConnection}
	ErrClosed           = &Error{Kind: Closed}
	ErrInvalidArgument  = &Error{Kind: InvalidArgument}
	ErrLimitExceeded    = &Error{Kind: LimitExceeded}
	ErrNotPermitted     = &Error{Kind: NotPermitted}
	ErrStore            = &Error{Kind: Store}
	ErrDenied           = &Error{Kind: Denied}
	ErrUnreachable      = &Error{Kind: Unreachable}
	ErrBroken           = &Error{Kind: Broken}
	ErrConnectionClosed = &Error{Kind: ConnectionClosed}
	ErrInterrupted      = &Error{Kind: Interrupted}
	ErrOther            = &Error{Kind: Other}
)

func (e *Error) Error() string {
	switch e.Kind {
	case NoSuchConnection:
		if e.Reason != "" {
			return e.Reason
		}
		return "no open connection has this id"
	case Closed:
		return "the connection is closing and takes no more events"
	case NotPermitted:
		return fmt.Sprintf("`%s` is not granted to this plugin", e.Name)
	case Store:
		return "the store: " + e.Reason
	case Denied, Unreachable, Broken, Other:
		return e.Reason
	case ConnectionClosed:
		return "the connection that the fetch was for has ended"
	case Interrupted:
		return "the instance that started the fetch is gone, and so is its state"
	default:
		return fmt.Sprintf("`%s`: %s", e.Name, e.Reason)
	}
}

// Is reports whether target is an [Error] of the same kind.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Kind == e.Kind
}

// Unwrap returns the answer for a client that is at fault.
func (e *Error) Unwrap() error {
	if e.answer == nil {
		return nil
	}
	return e.answer
}

// NewError returns an error as of a call that the host refuses. It remembers the place of the call, for the log.
func NewError(kind Kind, name, reason string) *Error {
	return &Error{Kind: kind, Name: name, Reason: reason, stack: place.Here()}
}

func invalid(argument, reason string) *Error {
	return NewError(InvalidArgument, argument, reason)
}

// raise converts the contract's error to this package's.
func raise(why types.Error) *Error {
	switch why.Tag() {
	case types.Error_NoSuchConnection:
		return NewError(NoSuchConnection, "", "")
	case types.Error_Closed:
		return NewError(Closed, "", "")
	case types.Error_InvalidArgument:
		what := why.InvalidArgument()
		return NewError(InvalidArgument, what.Argument, what.Reason)
	case types.Error_LimitExceeded:
		what := why.LimitExceeded()
		return NewError(LimitExceeded, what.Key, what.Reason)
	case types.Error_NotPermitted:
		return NewError(NotPermitted, why.NotPermitted(), "")
	default:
		return NewError(Other, "", why.Other())
	}
}

func answer[T any](result wit.Result[T, types.Error]) (T, error) {
	if result.IsErr() {
		var none T
		return none, raise(result.Err())
	}
	return result.Ok(), nil
}

// settled treats an error that holds a nil pointer of this package as nil: a function that returns an unset `var rejection
// *Rejection` as an error means no error.
func settled(err error) error {
	switch err := err.(type) {
	case *Rejection:
		if err == nil {
			return nil
		}
	case *Error:
		if err == nil {
			return nil
		}
	}
	return err
}

// told is the error with a text of valid UTF-8.
func told(err error) error {
	if err == nil || utf8.ValidString(err.Error()) {
		return err
	}
	return errors.New(host.Text(err.Error()))
}

// isRejection finds the rejection that an error is or wraps.
func isRejection(err error) (*Rejection, bool) {
	var rejection *Rejection
	ok := errors.As(err, &rejection)
	return rejection, ok
}

// asRejection converts the error of a hook that has an answer. A rejection is the answer, and any other text a refusal with
// status 400; but an error of the host that the hook has not handled is for the log only.
func asRejection(hook string, err error) *types.Rejection {
	if rejection, ok := isRejection(err); ok {
		return rejection.lower()
	}
	var refused *Error
	if !errors.As(err, &refused) {
		return BadRequest(err.Error()).lower()
	}
	guard.Report(hook, err, refused.stack)
	if refused.Kind == LimitExceeded {
		return Reject(503, "the server is busy: try again later").lower()
	}
	return failed()
}

// failed is the answer after a panic.
func failed() *types.Rejection {
	return Reject(500, guard.Told).lower()
}

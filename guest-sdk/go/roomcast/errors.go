package roomcast

import (
	"errors"
	"fmt"
	"unicode/utf8"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Kind is the kind of an [Error].
type Kind int

const (
	// NoSuchConnection: no open connection has this id; it ended, or never was.
	NoSuchConnection Kind = iota + 1
	// Closed: the connection is closing and takes no more events.
	Closed
	// InvalidArgument: an argument breaks a rule.
	InvalidArgument
	// LimitExceeded: a bound was reached.
	LimitExceeded
	// NotPermitted: the operator has not granted the capability.
	NotPermitted
	// Store: the key-value store refused; a bound is reached, or an argument breaks a rule.
	Store
	// Denied: a fetch's destination turned out to be one that is not granted.
	Denied
	// Unreachable: a fetch found no such host, or it does not let itself be reached: name, network, TLS.
	Unreachable
	// Broken: the other side of a fetch broke off, or what it said is not HTTP.
	Broken
	// ConnectionClosed: the connection that a fetch was for has ended.
	ConnectionClosed
	// Interrupted: the instance that started a fetch is gone, and so is its state.
	Interrupted
	// OtherFailure: a fetch ended for a reason that this version of the SDK has no name for.
	OtherFailure
)

// Error is why the host refused a call, in which case nothing was done; or why a fetch did not end well.
//
//	var refused *roomcast.Error
//	if errors.As(err, &refused) && refused.Kind == roomcast.LimitExceeded { ... }
//	if errors.Is(err, roomcast.ErrClosed) { ... }
type Error struct {
	// Kind is what happened.
	Kind Kind
	// Name is what it is about: of InvalidArgument the argument or field, for example event.id; of LimitExceeded the
	// configuration key of the bound, for example limits.timers; of NotPermitted the capability. Otherwise it is empty.
	Name string
	// Reason says what is wrong and what is allowed, or what to do, for InvalidArgument, LimitExceeded, Store, and for
	// what can happen to a fetch; and why there is no connection, for NoSuchConnection, if that is known.
	Reason string
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
	ErrOtherFailure     = &Error{Kind: OtherFailure}
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
	case Denied, Unreachable, Broken, OtherFailure:
		return e.Reason
	case ConnectionClosed:
		return "the connection that the fetch was for has ended"
	case Interrupted:
		return "the instance that started the fetch is gone, and so is its state"
	default:
		return fmt.Sprintf("`%s`: %s", e.Name, e.Reason)
	}
}

// Is tells whether target is an [Error] of the same kind.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Kind == e.Kind
}

func invalid(argument, reason string) *Error {
	return &Error{Kind: InvalidArgument, Name: argument, Reason: reason}
}

// raise puts the contract's error in the shape of this package.
func raise(why types.Error) *Error {
	switch why.Tag() {
	case types.Error_NoSuchConnection:
		return &Error{Kind: NoSuchConnection}
	case types.Error_Closed:
		return &Error{Kind: Closed}
	case types.Error_InvalidArgument:
		what := why.InvalidArgument()
		return &Error{Kind: InvalidArgument, Name: what.Argument, Reason: what.Reason}
	case types.Error_LimitExceeded:
		what := why.LimitExceeded()
		return &Error{Kind: LimitExceeded, Name: what.Limit, Reason: what.Reason}
	default:
		return &Error{Kind: NotPermitted, Name: why.NotPermitted()}
	}
}

func answer[T any](result wit.Result[T, types.Error]) (T, error) {
	if result.IsErr() {
		var none T
		return none, raise(result.Err())
	}
	return result.Ok(), nil
}

// settled answers nil for a pointer of this package's that is nil, too: a function that declares `var rejection
// *Rejection` and returns it as an error means that there is none.
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

// told is the error with a text that can be told: one that is UTF-8.
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

// asRejection makes an answer of whatever OnConnect returns.
func asRejection(err error) *Rejection {
	if rejection, ok := isRejection(err); ok {
		return rejection
	}
	status := 400
	var refused *Error
	if errors.As(err, &refused) && refused.Kind != InvalidArgument {
		status = 503
	}
	return Reject(status, err.Error())
}

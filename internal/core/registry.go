package core

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Registry says what each method does. It is filled before it is opened, and
// not changed after.
type Registry struct {
	methods map[wire.Method]operation

	// OnPanic (may be nil) is told of panics in requests, in sends and in
	// goroutines of an environment. Target is nil where there is none.
	OnPanic func(c *Call, message, stack string)

	// ConvertFrame (may be nil) copies what part asks for of a frame, in the format that part has.
	ConvertFrame func(f *frames.Frame, part *frames.Head, room []byte) error
}

// Call is one request.
type Call struct {
	Env *Env
	// Target is the object of Handle, nil for the environment.
	Target any
	Handle uint64
	// Context ends when the environment closes.
	Context context.Context //nolint:containedctx // lives as long as the request
}

type operation struct {
	// accepts says whether the target is of the right kind.
	accepts func(target any) bool
	run     func(c *Call, body []byte) (any, error)
	// announce (may be nil) tells the target that the request has arrived.
	announce func(target any, body []byte)
}

// NewRegistry makes an empty one.
func NewRegistry() *Registry {
	return &Registry{methods: make(map[wire.Method]operation)}
}

// Handle registers what a method does, whatever its target. P and R are the
// bodies that wire.Methods names.
func Handle[P, R any](r *Registry, m wire.Method, f func(c *Call, params P) (R, error)) {
	r.methods[m] = operation{
		accepts: func(any) bool { return true },
		run: func(c *Call, body []byte) (any, error) {
			var params P
			if err := decode(body, &params); err != nil {
				return nil, err
			}
			result, err := f(c, params)
			if err != nil {
				return nil, err
			}

			return &result, nil
		},
	}
}

// HandleOn registers what a method does on a T. On any other kind of handle it
// is refused with wire.StatusWrongKind, at once.
func HandleOn[T, P, R any](r *Registry, m wire.Method, f func(c *Call, target T, params P) (R, error)) {
	Handle(r, m, func(c *Call, params P) (R, error) {
		target, _ := c.Target.(T)

		return f(c, target, params)
	})
	operation := r.methods[m]
	operation.accepts = func(target any) bool {
		_, ok := target.(T)

		return ok
	}
	r.methods[m] = operation
}

// Leaver is what ends by a request, and is to be seen as gone from then on: requests of
// other handles may overtake it.
type Leaver interface {
	// Leave does not block, and does not panic: it runs on the caller's thread.
	Leave()
}

// Leaves says of a method that HandleOn registered that it ends its target.
func Leaves[T Leaver](r *Registry, m wire.Method) {
	Announces(r, m, func(leaver T) { leaver.Leave() })
}

// Announces lets f know of a request of a method that HandleOn registered as soon as it is made, on the caller's thread:
// before what the caller does next. f does not block, and does not panic.
func Announces[T any](r *Registry, m wire.Method, f func(target T)) {
	operation := r.methods[m]
	operation.announce = func(target any, _ []byte) {
		if object, ok := target.(T); ok {
			f(object)
		}
	}
	r.methods[m] = operation
}

// AnnouncesWith is Announces for who wants to know the parameters too. Those that cannot be read are the method's to refuse.
func AnnouncesWith[T, P any](r *Registry, m wire.Method, f func(target T, params P)) {
	operation := r.methods[m]
	operation.announce = func(target any, body []byte) {
		object, ok := target.(T)
		var params P
		if ok && decode(body, &params) == nil {
			f(object, params)
		}
	}
	r.methods[m] = operation
}

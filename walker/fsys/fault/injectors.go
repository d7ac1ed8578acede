package fault

import (
	"path"
	"strings"
	"time"
)

// Nth fails the operation with the number n.
func Nth(n int, err error) Injector {
	return func(op Op) Effect {
		if op.N == n {
			return Effect{Err: err}
		}
		return Effect{}
	}
}

// On has an effect on operations with this verb, on paths that end in this one,
// by whole names; "" stands for any.
func On(verb, suffix string, e Effect) Injector {
	return func(op Op) Effect {
		if op.Is(verb, suffix) {
			return e
		}
		return Effect{}
	}
}

// Is says whether the operation has this verb, and its path ends in this one,
// by whole names; "" stands for any.
func (op *Op) Is(verb, suffix string) bool {
	if verb != "" && verb != op.Verb {
		return false
	}
	return suffix == "" || op.Path == suffix || strings.HasSuffix(op.Path, path.Join("/", suffix))
}

// Short makes reads, writes and kernel copies move at most n bytes each.
func Short(n int) Injector { return func(Op) Effect { return Effect{Most: n} } }

// Delay makes every operation take this much longer.
func Delay(d time.Duration) Injector {
	return func(Op) Effect {
		<-time.After(d)
		return Effect{}
	}
}

// All puts several Injectors together: every one is asked, what the first says
// that wants a failure is done, and the least of all lengths.
func All(injectors ...Injector) Injector {
	return func(op Op) (sum Effect) {
		for _, inject := range injectors {
			e := inject(op)
			if sum.Err == nil {
				sum.Err, sum.Late = e.Err, e.Late
			}
			if e.Most > 0 && (sum.Most == 0 || e.Most < sum.Most) {
				sum.Most = e.Most
			}
			sum.NoKinds = sum.NoKinds || e.NoKinds
		}
		return sum
	}
}

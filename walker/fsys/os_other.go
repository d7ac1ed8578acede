//go:build !linux

package fsys

// Root is not supported here.
func (OS) Root(path string, _ bool) (Dir, error) { return nil, &Error{"open", path, ErrNotSupported} }

// Stat is not supported here.
func (OS) Stat(path string, _ bool) (Stat, error) {
	return Stat{}, &Error{"stat", path, ErrNotSupported}
}

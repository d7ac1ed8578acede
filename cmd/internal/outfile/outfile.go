// Package outfile writes the files that a job leaves besides its copy. A path
// that cannot be written has to be known before a job of ten hours begins, and
// a file that stands there at its end has to be whole.
package outfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// Append opens a file for lines at its end, and makes it if there is none.
func Append(path string, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, perm)
}

// Replacement is a file that is to be written whole, at once, later.
type Replacement struct {
	path string
	perm fs.FileMode
	// inPlace: the path is a device, a pipe or the like, which is written to
	// and not replaced.
	inPlace bool
}

// Prepare finds out whether path can be written, and changes nothing.
func Prepare(path string, perm fs.FileMode) (*Replacement, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // the link stays, and what it points to is replaced
	}
	r := &Replacement{path: path, perm: perm}
	st, err := os.Stat(path)
	switch {
	case err == nil && st.IsDir():
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is a directory")}
	case err == nil && !st.Mode().IsRegular():
		r.inPlace = true
		return r, nil
	}
	f, err := r.temp()
	if err != nil {
		return nil, err
	}
	return r, errors.Join(f.Close(), os.Remove(f.Name()))
}

// temp makes a file beside the one that it will replace.
func (r *Replacement) temp() (*os.File, error) {
	name := filepath.Join(filepath.Dir(r.path), fmt.Sprintf(".%.200s.%d.part", filepath.Base(r.path), os.Getpid()))
	return os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, r.perm)
}

// Write puts b in the file's place: readers see the old file or the new one.
func (r *Replacement) Write(b []byte) error {
	if r.inPlace {
		return os.WriteFile(r.path, b, r.perm)
	}
	f, err := r.temp()
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), r.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Text is bytes that are usually text, such as a path. In JSON it is a string
// if it is UTF-8, and else an object with its bytes: {"base64": "L3RtcC//"}.
type Text string

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string][]byte{"base64": []byte(t)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = Text(s)
		return nil
	}
	var o struct{ Base64 []byte }
	err := json.Unmarshal(b, &o)
	*t = Text(o.Base64)
	return err
}

// Texts converts a list.
func Texts(list []string) []Text {
	texts := make([]Text, len(list))
	for i, s := range list {
		texts[i] = Text(s)
	}
	return texts
}

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"gdcp/cmd/internal/spell"
	"gdcp/cmd/internal/units"
	"gdcp/walker/fsys"
)

// usageError is a mistake in the command line: one line that names it, and
// what to do about it, which may be empty.
type usageError struct{ what, hint string }

// Error is one line, or two with the hint.
func (e *usageError) Error() string {
	if e.hint == "" {
		return e.what
	}
	return e.what + "\nhint: " + e.hint
}

func usage(format string, args ...any) error {
	return &usageError{what: fmt.Sprintf(format, args...)}
}

// explainFlags says what is wrong with an option in the words of this program.
func explainFlags(s *pflag.FlagSet, err error) error {
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return explainUnknown(s, unknown)
	case errors.As(err, &lacking):
		return usageHint("%s needs a value", dashed(lacking.GetFlag()))
	case errors.As(err, &invalid):
		return explainValue(invalid)
	}
	return usageHint("%v", err)
}

// dashed is an option as the user knows it best: "-w, --workers".
func dashed(f *pflag.Flag) string {
	if f.Shorthand == "" {
		return "--" + f.Name
	}
	return "-" + f.Shorthand + ", --" + f.Name
}

func explainValue(e *pflag.InvalidValueError) error {
	flag, cause := e.GetFlag(), e.Unwrap()
	value := fsys.Quote(e.GetValue())
	switch {
	case flag.Value.Type() == "bool":
		return usage("%s takes no value, but %q was given", dashed(flag), value)
	case errors.Is(cause, strconv.ErrSyntax):
		return usage("%s %q: want a whole number", dashed(flag), value)
	case errors.Is(cause, strconv.ErrRange):
		return usage("%s %q: that is too large", dashed(flag), value)
	case errors.Is(cause, units.ErrSize):
		return usage("%s %q: %v", dashed(flag), value, cause)
	}
	return usage("%s %q: %v", dashed(flag), value, cause)
}

func explainUnknown(s *pflag.FlagSet, e *pflag.NotExistError) error {
	name, option := e.GetSpecifiedName(), "--"+e.GetSpecifiedName()
	if e.GetSpecifiedShortnames() != "" {
		option = "-" + name
	}
	quoted := fsys.Quote(option)
	if hint, ok := others()[option]; ok {
		return &usageError{what: hint.what(quoted), hint: hint.text}
	}
	if near := spell.Nearest(name, longNames(s)); near != "" && strings.HasPrefix(option, "--") {
		return &usageError{what: "there is no option " + quoted, hint: "did you mean --" + near + "?"}
	}
	return usageHint("there is no option %s", quoted)
}

func longNames(s *pflag.FlagSet) (names []string) {
	s.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// other is an option that other programs have, or that this one will have.
type other struct {
	yet  bool // it will
	text string
}

func (o other) what(option string) string {
	if o.yet {
		return option + " is not in this version yet"
	}
	return "there is no option " + option
}

// others are the options for which there is more to say than that they do not
// exist: what is described for a later version, and what users of cp, rsync
// and dcp are used to.
func others() map[string]other {
	m := make(map[string]other)
	for _, names := range []string{
		"-S --sparse", "-s --direct", "--open-noatime", "-i --input", "--update", "-c --contents", "--delete", "--max-delete",
		"--exclude", "--include", "--exclude-from", "-x", "--files-from", "--from0", "--verify", "--digest", "--resume",
		"--bwlimit", "--fsync", "--link-dest",
	} {
		for name := range strings.FieldsSeq(names) {
			m[name] = other{yet: true}
		}
	}
	for names, text := range map[string]string{
		"-a --archive -r -R --recursive": "leave it out: directories are copied with all that is in them, and everything is preserved, by default",
		"-f --force":                     "leave it out: files that exist are overwritten by default",
		"-A --acls":                      "leave it out: ACLs are preserved by default",
		"-H --hard-links":                "hard links are not in this version yet: each name of a file becomes a file of its own",
		"--numeric-ids":                  "leave it out: owners are always preserved by number",
		"-h":                             "gdcp --help says how it is called",
		"-V":                             "did you mean --version?",
		"-t --target-directory":          "the directory comes last: gdcp SRC... DIRECTORY",
		"-j --jobs --threads":            "did you mean -w, --workers?",
	} {
		for name := range strings.FieldsSeq(names) {
			m[name] = other{text: text}
		}
	}
	return m
}

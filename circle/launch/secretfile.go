package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// The length of the contents of a secret file, in bytes.
const (
	minSecretFile = 16
	maxSecretFile = 4 << 10
)

// readSecretFile reads what the ranks prove to each other over TCP. The file
// must be this user's or root's, and nobody else's business.
func readSecretFile(path string) ([]byte, error) {
	if path == "" {
		return nil, fmt.Errorf("%w: GDCP_RENDEZVOUS over TCP needs GDCP_SECRET_FILE, a file with a secret of at least %d bytes "+
			"that all ranks see, as made by: (umask 077; head -c 32 /dev/urandom >FILE)", ErrNoExchange, minSecretFile)
	}
	secret, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("GDCP_SECRET_FILE: %w", err)
	}
	return secret, nil
}

func readPrivate(path string) ([]byte, error) {
	// Nonblocking, or a fifo of that name would hold us for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err := private(info); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	secret, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err == nil && (len(secret) < minSecretFile || len(secret) > maxSecretFile) {
		err = fmt.Errorf("%s has %d bytes: want %d to %d", path, info.Size(), minSecretFile, maxSecretFile)
	}
	return secret, err
}

// private checks that nobody but this user and root has access.
func private(info os.FileInfo) error {
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("mode %04o lets others in: chmod go= it", info.Mode().Perm())
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("its owner cannot be told")
	}
	if uid := uint32(os.Geteuid()); st.Uid != uid && st.Uid != 0 {
		return fmt.Errorf("it belongs to user %d, not to this one (%d)", st.Uid, uid)
	}
	return nil
}

package mesh

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"
)

// keys is what a rank makes of the job's secret: a key for the hello, and a
// key pair for every rank. Whoever has the secret may be any rank; the pairs
// bind a connection to the two ranks that its hello names.
type keys struct {
	rank  int
	prk   []byte
	hello []byte
	cert  tls.Certificate
}

func newKeys(secret [32]byte, rank int) (*keys, error) {
	prk, err := hkdf.Extract(sha256.New, secret[:], []byte("gdcp mesh 1"))
	if err != nil {
		return nil, fmt.Errorf("derive keys from the job's secret: %w", err)
	}
	k := &keys{rank: rank, prk: prk}
	if k.hello, err = k.derive("hello"); err != nil {
		return nil, err
	}
	private, err := k.pair(rank)
	if err != nil {
		return nil, err
	}
	k.cert, err = certificate(private)
	return k, err
}

func (k *keys) derive(what string) ([]byte, error) {
	b, err := hkdf.Expand(sha256.New, k.prk, what, 32)
	if err != nil {
		return nil, fmt.Errorf("derive the key %q from the job's secret: %w", what, err)
	}
	return b, nil
}

// pair is the key pair of a rank.
func (k *keys) pair(rank int) (ed25519.PrivateKey, error) {
	seed, err := k.derive("rank " + strconv.Itoa(rank))
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// certificate wraps a key for TLS. Only the key in it is ever looked at.
func certificate(private ed25519.PrivateKey) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate of the rank's key: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// config is TLS for one connection with a rank, at either end. Names and dates
// in the other's certificate mean nothing here; its key must be that rank's.
func (k *keys) config(peer int) (*tls.Config, error) {
	private, err := k.pair(peer)
	if err != nil {
		return nil, err
	}
	want := private.Public().(ed25519.PublicKey)
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		CurvePreferences:       []tls.CurveID{tls.X25519}, // the hybrid default costs twice as much, for a secret of minutes
		Certificates:           []tls.Certificate{k.cert},
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true, // of names; VerifyConnection does it
		SessionTicketsDisabled: true,
		// Records of full size from the start: there is no web page to show.
		DynamicRecordSizingDisabled: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 1 && want.Equal(s.PeerCertificates[0].PublicKey) {
				return nil
			}
			return errNotPeer
		},
	}, nil
}

var errNotPeer = errors.New("the other end does not have the key of the rank that it should be")

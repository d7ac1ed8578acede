package launch

import (
	"crypto/sha256"
	"os"
)

// thisNode returns the name of this rank's node for people, and what is equal
// for ranks that share it and differs for those that do not.
//
// A node is one running kernel, one network and one host name. The boot
// identifier tells kernels apart, also when their host names are equal (cloned
// images). The network namespace and the host name tell containers of one
// kernel apart that stand for nodes of their own (docker, podman, pods). The
// mount namespace is left out on purpose: under Apptainer and its like every
// rank has one of its own, on the host's network and under the host's name, and
// those ranks are on one node.
func thisNode() (host string, node [16]byte) {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	sum := sha256.New()
	for _, part := range append(kernelIdentity(), host) {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	copy(node[:], sum.Sum(nil))
	return host, node
}

package launch

import "os"

// kernelIdentity is the boot identifier and the network namespace. What cannot
// be read (no /proc) is left out; the host name then has to do.
func kernelIdentity() []string {
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	network, _ := os.Readlink("/proc/self/ns/net")
	return []string{string(boot), network}
}

package fsys

// OS is the file system of this machine, as this process sees it. Its Dirs and
// Files are bare descriptors: there is no finalizer, whoever opens closes. The
// zero value uses all that the kernel has.
type OS struct {
	// NoCopyRange makes CopyRange always say ErrFallback.
	NoCopyRange bool
	// NoOpenat2 has OpenPath go name by name, as it does on kernels before 5.6
	// and in sandboxes that refuse openat2.
	NoOpenat2 bool
}

var _ FS = OS{}

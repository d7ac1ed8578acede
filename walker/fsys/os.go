package fsys

// OS is the file system of this machine, as this process sees it. Its Dirs and
// Files are bare descriptors: there is no finalizer, whoever opens closes.
type OS struct{}

var _ FS = OS{}

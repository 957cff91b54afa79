package picture

import "syscall"

// limit bounds this process whatever the library does, and lets everything else on the machine go first. The address space is mostly
// what Go and the machine set aside without using it.
func limit() error {
	for what, max := range map[int]uint64{
		syscall.RLIMIT_AS: 3 << 30, syscall.RLIMIT_CPU: 60, syscall.RLIMIT_CORE: 0, syscall.RLIMIT_FSIZE: 64 << 20,
	} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: max, Max: max}); err != nil {
			return err
		}
	}
	return syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10)
}

// seal lets this process open nothing any more, neither a file nor a connection; what is open stays so.
func seal() error {
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{})
}

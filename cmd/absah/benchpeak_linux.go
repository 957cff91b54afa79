package main

import (
	"os"
	"syscall"
)

// processPeak is the largest resident size of a process that ended, in bytes.
func processPeak(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}

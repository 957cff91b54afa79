package web

import "time"

// Tests do not wait for answers that take their time.
func init() { evenTime = 0 }

// SetEvenTime changes the time that such answers take, and returns how to put it back.
func SetEvenTime(d time.Duration) (restore func()) {
	was := evenTime
	evenTime = d
	return func() { evenTime = was }
}

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

// What the tests of the paper look at by itself.
var (
	Network = network
	TitleOf = titleOf
)

// AddressOf is the address of a server of that name.
func AddressOf(host string) Address {
	s := &server{Deps: Deps{Documents: &Documents{Host: host}}}
	return s.address()
}

package fetch

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "103.10.64.1": true, "2001:4860:4860::8888": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.31.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.1.1": false,
		"0.0.0.0": false, "0.0.0.1": false, "192.0.0.1": false, "198.19.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fc00::1": false, "fec0::1": false, "ff02::1": false,
		"::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false, "::7f00:1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::a00:1": false,
		"2002:7f00:1::": false, "2001::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("public(%s) = %v, want %v", address, got, want)
		}
	}
}

// TestCacheCountsKeys: addresses come out of documents and may be longer than what they lead to.
func TestCacheCountsKeys(t *testing.T) {
	c := New(Options{})
	for i := range 200 {
		c.remember(fmt.Sprint(i)+strings.Repeat("x", 1<<20), []byte{1}, time.Now().Add(time.Hour))
	}
	held := 0
	for k, e := range c.cache {
		held += len(k) + len(e.body)
	}
	if held > cacheBytes || held != c.bytes || len(c.cache) == 0 {
		t.Errorf("the cache holds %d bytes in %d entries and counts %d, at most %d are allowed", held, len(c.cache), c.bytes, cacheBytes)
	}
}

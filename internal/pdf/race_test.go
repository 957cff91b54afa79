//go:build race

package pdf

const race = true

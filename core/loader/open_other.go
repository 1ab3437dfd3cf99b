//go:build !unix

package loader

const nonBlocking = 0

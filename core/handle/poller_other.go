//go:build !linux

package handle

// startPoller has nothing to do: Go's poller differs here.
func startPoller() error { return nil }

package loader

import (
	"math"
	"os"
	"strconv"
	"strings"
)

// limits are files in which Linux tells how many bytes a process may use, or "max".
var limits = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// unknownMemory is assumed where the system does not tell.
const unknownMemory = 4 << 30

// memory is the number of bytes that this process may use: those of the machine, or of the container if it has fewer.
func memory() int64 {
	least := int64(math.MaxInt64)
	for _, path := range limits {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && n > 0 {
			least = min(least, n)
		}
	}
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return min(least, unknownMemory)
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "MemTotal:" {
			if kilobytes, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				least = min(least, 1024*kilobytes)
			}
		}
	}
	return least
}

// Package sysmem reports how much memory this process may use and how much of it is
// left.
package sysmem

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// unknownMemory is assumed if the system does not report its memory.
const unknownMemory = 4 << 30

// machine is the root of Linux's files about memory: "/", or a folder with such files
// in a test. Other systems have no such files.
type machine struct{ root string }

// Total returns the number of bytes that this process may use: the least of the
// machine's memory, the limits of its control groups, and its own limits (ulimit -v,
// ulimit -d).
func Total() int64 { return machine{"/"}.total() }

// Free returns how many of them are left, apart from the limit of ulimit -d.
func Free() int64 { return machine{"/"}.free() }

func (m machine) total() int64 {
	least := m.line("proc/meminfo", "MemTotal:", unknownMemory/1024) * 1024
	for _, g := range m.groups() {
		least = min(least, g.limit(m))
	}
	return min(least, m.line("proc/self/limits", "Max address space", math.MaxInt64),
		m.line("proc/self/limits", "Max data size", math.MaxInt64))
}

func (m machine) free() int64 {
	least := m.line("proc/meminfo", "MemAvailable:", unknownMemory/1024) * 1024
	for _, g := range m.groups() {
		if limit := g.limit(m); limit < math.MaxInt64 {
			least = min(least, limit-g.used(m))
		}
	}
	if space := m.line("proc/self/limits", "Max address space",
		math.MaxInt64); space < math.MaxInt64 {
		pages := m.number("proc/self/statm", 0)
		least = min(least, space-pages*int64(os.Getpagesize()))
	}
	return max(0, least)
}

// controlGroup is the folder of a group of processes and the groups below it.
type controlGroup struct {
	dir string
	v2  bool // version 2 of control groups
}

func (g controlGroup) limit(m machine) int64 {
	if g.v2 {
		return min(m.number(g.dir+"/memory.max", math.MaxInt64), m.number(g.dir+"/memory.high",
			math.MaxInt64))
	}
	return m.number(g.dir+"/memory.limit_in_bytes", math.MaxInt64)
}

// used excludes the page cache that the system frees when it must.
func (g controlGroup) used(m machine) int64 {
	used, pageCache := "/memory.usage_in_bytes", "total_inactive_file"
	if g.v2 {
		used, pageCache = "/memory.current", "inactive_file"
	}
	return max(0, m.number(g.dir+used, 0)-m.line(g.dir+"/memory.stat", pageCache+" ", 0))
}

// groups returns the groups that count this process's memory: its own and all above it,
// as far as they are mounted. In a container its own is usually the topmost.
func (m machine) groups() []controlGroup {
	var groups []controlGroup
	for mount := range strings.Lines(m.text("proc/self/mountinfo")) {
		// 36 35 98:0 /root /mount/point options - type source options:
		// proc_pid_mountinfo(5)
		head, tail, ok := strings.Cut(mount, " - ")
		at, kind := strings.Fields(head), strings.Fields(tail)
		if !ok || len(at) < 5 || len(kind) < 3 {
			continue
		}
		v2 := kind[0] == "cgroup2"
		if !v2 && (kind[0] != "cgroup" || !has(kind[2], "memory")) {
			continue
		}
		top := filepath.Clean(unescape(at[4]))
		path, ok := strings.CutPrefix(m.groupPath(v2), strings.TrimSuffix(unescape(at[3]), "/"))
		if !ok || path != "" && path[0] != '/' || strings.Contains(path, "/..") {
			path = "" // the group is in another namespace
		}
		for dir := filepath.Join(top, path); ; dir = filepath.Dir(dir) {
			groups = append(groups, controlGroup{dir, v2})
			if len(dir) <= len(top) {
				break
			}
		}
	}
	return groups
}

// groupPath returns the path of this process's own group: cgroups(7).
func (m machine) groupPath(v2 bool) string {
	for line := range strings.Lines(m.text("proc/self/cgroup")) {
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(part) == 3 && (v2 && part[1] == "" || !v2 && has(part[1], "memory")) {
			return part[2]
		}
	}
	return ""
}

// has reports whether a comma-separated list contains a word.
func has(list, word string) bool { return strings.Contains(","+list+",", ","+word+",") }

// unescape undoes the escapes of paths in mountinfo.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}

// text returns the content of a file below root; "" if it cannot be read.
func (m machine) text(path string) string {
	data, _ := os.ReadFile(filepath.Join(m.root, path))
	return string(data)
}

// number returns the first number in a file, or missing if there is none or it is
// "max".
func (m machine) number(path string, missing int64) int64 { return m.line(path, "", missing) }

// line returns the number after a prefix in a line of a file, or missing.
func (m machine) line(path, prefix string, missing int64) int64 {
	for line := range strings.Lines(m.text(path)) {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				if n, err := strconv.ParseInt(f[0], 10, 64); err == nil && n > 0 {
					return n
				}
			}
			return missing
		}
	}
	return missing
}

package sysmem

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	cgroup2    = "36 25 0:31 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	cgroup1    = "40 25 0:35 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	cgroup1CPU = "41 25 0:36 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
	// A container of Docker's with version 1 sees the tree of the machine's groups from
	// its own on.
	docker = "612 600 0:35 /docker/4f2a /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n"
)

// TestMemory creates Linux's files about memory in a folder.
func TestMemory(t *testing.T) {
	const machineKB = 64 << 20 // 64 GiB
	for _, test := range []struct {
		name    string
		files   map[string]string
		memory  int64
		groups  int
		without bool // of /proc/meminfo
	}{
		{name: "no groups", memory: machineKB << 10},
		{name: "nothing known", memory: unknownMemory, without: true},
		{name: "the machine's group has no limit", groups: 1, memory: machineKB << 10,
			files: map[string]string{
				"proc/self/mountinfo": cgroup2, "proc/self/cgroup": "0::/\n"}},
		{name: "a container, version 2", groups: 1, memory: 3 << 30, files: map[string]string{
			"proc/self/mountinfo": cgroup2, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "3221225472\n"}},
		{name: "systemd: the limit of a slice above counts", groups: 4, memory: 2 << 30,
			files: map[string]string{
				"proc/self/mountinfo": cgroup2,
				"proc/self/cgroup":    "0::/user.slice/user-1000.slice/run-r7.scope\n",
				"sys/fs/cgroup/user.slice/user-1000.slice/run-r7.scope/memory.max": "max\n",
				"sys/fs/cgroup/user.slice/user-1000.slice/memory.max":              "2147483648\n",
				"sys/fs/cgroup/user.slice/memory.max":                              "8589934592\n"}},
		{name: "above memory.high a group only crawls", groups: 2, memory: 1 << 30,
			files: map[string]string{
				"proc/self/mountinfo": cgroup2, "proc/self/cgroup": "0::/a\n",
				"sys/fs/cgroup/a/memory.max":  "4294967296\n",
				"sys/fs/cgroup/a/memory.high": "1073741824\n"}},
		{name: "Slurm, version 1 beside an empty version 2", groups: 5, memory: 5 << 30,
			files: map[string]string{
				"proc/self/mountinfo": cgroup1CPU + cgroup1 + strings.Replace(cgroup2,
					"/sys/fs/cgroup", "/sys/fs/cgroup/unified", 1),
				"proc/self/cgroup": "9:memory:/slurm/uid_7/job_42\n3:cpu,cpuacct:/else\n0::/\n",
				"sys/fs/cgroup/memory/slurm/uid_7/job_42/memory.limit_in_bytes": "5368709120\n",
				"sys/fs/cgroup/memory/slurm/memory.limit_in_bytes":              "9223372036854771712\n",
				"sys/fs/cgroup/cpu/else/memory.limit_in_bytes":                  "1\n"}},
		{name: "Docker, version 1", groups: 1, memory: 6 << 30, files: map[string]string{
			"proc/self/mountinfo": docker, "proc/self/cgroup": "4:memory:/docker/4f2a\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "6442450944\n"}},
		{name: "the group is seen from elsewhere", groups: 1, memory: 6 << 30,
			files: map[string]string{
				"proc/self/mountinfo": cgroup2, "proc/self/cgroup": "0::/../other\n",
				"sys/fs/cgroup/memory.max": "6442450944\n", "sys/fs/other/memory.max": "1\n"}},
		{name: "a mount point with a space", groups: 1, memory: 1 << 30, files: map[string]string{
			"proc/self/mountinfo": strings.Replace(cgroup2, "/sys/fs/cgroup", `/my\040groups`,
				1), "proc/self/cgroup": "0::/\n",
			"my groups/memory.max": "1073741824\n"}},
		{name: "ulimit -v", memory: 7 << 30, files: map[string]string{"proc/self/limits": "" +
			"Limit                     Soft Limit           Hard Limit           Units\n" +
			"Max data size             unlimited            unlimited            bytes\n" +
			"Max address space         7516192768           unlimited            bytes\n"}},
		{name: "no sense", memory: machineKB << 10, groups: 1, files: map[string]string{
			"proc/self/mountinfo": "\n - \n1 2 3 - cgroup2 x y\n" +
				cgroup2, "proc/self/cgroup": "::\n0:\n0::",
			"sys/fs/cgroup/memory.max": "-5 many\n", "proc/self/limits": "Max address space\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := fake(t, test.files)
			if !test.without {
				write(t, m, "proc/meminfo", "MemTotal:       67108864 kB\nMemAvailable:    "+
					"33554432 kB\n")
			}
			if got := m.total(); got != test.memory {
				t.Errorf("%d bytes, want %d", got, test.memory)
			}
			if got := len(m.groups()); got != test.groups {
				t.Errorf("groups %v, want %d", m.groups(), test.groups)
			}
		})
	}
}

func TestFreeMemory(t *testing.T) {
	m := fake(t, map[string]string{
		"proc/meminfo":        "MemTotal:       67108864 kB\nMemAvailable:    33554432 kB\n",
		"proc/self/mountinfo": cgroup2 + cgroup1, "proc/self/cgroup": "4:memory:/b\n0::/a\n",
	})
	steps := []struct {
		path, text string
		free       int64
	}{
		{"proc/uptime", "1", 32 << 30},
		{"sys/fs/cgroup/memory/b/memory.limit_in_bytes", "17179869184", 16 << 30},
		{"sys/fs/cgroup/memory/b/memory.usage_in_bytes", "8589934592", 8 << 30},
		{"sys/fs/cgroup/memory/b/memory.stat", "inactive_file 7\ntotal_inactive_file 4294967296\n",
			12 << 30},
		{"sys/fs/cgroup/a/memory.max", "4294967296", 4 << 30},
		{"sys/fs/cgroup/a/memory.current", "3221225472", 1 << 30},
		{"sys/fs/cgroup/a/memory.stat", "anon 5\ninactive_file 1073741824\n", 2 << 30},
		{"proc/self/limits", "Max address space         1073741824           unlimited           " +
			" bytes\n", 1 << 30},
		{"proc/self/statm", "131072 5 5 1 0 1 0", 1<<30 - 131072*int64(os.Getpagesize())},
		{"sys/fs/cgroup/a/memory.current", "99999999999", 0},
	}
	for _, step := range steps {
		write(t, m, step.path, step.text)
		if got := m.free(); got != step.free {
			t.Errorf("after %s: %d bytes are free, want %d", step.path, got, step.free)
		}
	}
}

func fake(t *testing.T, files map[string]string) machine {
	m := machine{t.TempDir()}
	for path, text := range files {
		write(t, m, path, text)
	}
	return m
}

func write(t *testing.T, m machine, path, text string) {
	t.Helper()
	path = filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

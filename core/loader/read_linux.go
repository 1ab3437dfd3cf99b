package loader

import (
	"syscall"
	"unsafe"
)

// reader reads regular files without allocating, as package os does. One a worker.
type reader struct {
	path []byte
	stat syscall.Stat_t
}

// read gives the content of root/name in buf, which grows where needed. Its errors do not name the file.
func (r *reader) read(root, name string, buf []byte) ([]byte, error) {
	r.path = append(append(append(append(r.path[:0], root...), '/'), name...), 0)
	fd, err := r.open()
	if err != nil {
		return buf, err
	}
	defer syscall.Close(fd)
	if err := syscall.Fstat(fd, &r.stat); err != nil {
		return buf, err
	}
	if r.stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return buf, errNotRegular(kinds[r.stat.Mode&syscall.S_IFMT])
	}
	buf = grown(buf, r.stat.Size)
	for n := 0; ; {
		k, err := syscall.Read(fd, buf[n:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return buf, err
		case k == 0:
			return buf[:n], nil
		default:
			if n += k; n == len(buf) { // the file has grown since
				buf = append(buf, 0)
				buf = buf[:cap(buf)]
			}
		}
	}
}

// open opens r.path. O_NONBLOCK makes opening a pipe return at once.
func (r *reader) open() (int, error) {
	const here = -100 // AT_FDCWD
	at := here
	for {
		fd, _, errno := syscall.Syscall6(syscall.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&r.path[0])),
			syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK|syscall.O_LARGEFILE, 0, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case syscall.EINTR:
			continue
		}
		return 0, errno
	}
}

var kinds = map[uint32]string{
	syscall.S_IFDIR: "a directory", syscall.S_IFIFO: "a pipe", syscall.S_IFCHR: "a device", syscall.S_IFBLK: "a device",
	syscall.S_IFSOCK: "a socket",
}

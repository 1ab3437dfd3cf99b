package loader

import (
	"syscall"
	"unsafe"
)

// faultsOfDisks are what the system says where a disk or a file system cannot give a
// file, for now or for ever: bad sectors, damaged structures, a server that has
// forgotten the file.
var faultsOfDisks = []error{
	syscall.EIO, syscall.ESTALE, syscall.EREMOTEIO, syscall.EUCLEAN, syscall.EBADMSG, syscall.ENODATA,
}

// reader reads regular files without allocating, as package os does. One a worker.
type reader struct {
	allowance
	path []byte
	stat syscall.Stat_t
	head [16]byte
}

// once is one attempt of read.
func (r *reader) once(root, name string, buf []byte) ([]byte, error) {
	fd, err := r.open(root, name)
	if err != nil {
		return buf, err
	}
	defer syscall.Close(fd)
	if r.stat.Size > largeFile {
		n, err := syscall.Pread(fd, r.head[:], 0)
		if err == nil {
			err = r.check(r.stat.Size, r.head[:n])
		}
		if err != nil {
			return buf, err
		}
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
				if int64(n) > r.most {
					return buf, errLarger(int64(n), r.most)
				}
				buf = append(buf, 0)
				buf = buf[:cap(buf)]
			}
		}
	}
}

// first gives the first bytes of root/name in buf, n at most, and the size of the file.
func (r *reader) first(root, name string, buf []byte, n int) ([]byte, int64, error) {
	fd, err := r.open(root, name)
	if err != nil {
		return buf, 0, err
	}
	defer syscall.Close(fd)
	buf = grown(buf, int64(n))[:n]
	for at := 0; at < n; {
		k, err := syscall.Read(fd, buf[at:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return buf, 0, err
		case k == 0:
			return buf[:at], int64(at), nil
		default:
			at += k
		}
	}
	return buf, max(r.stat.Size, int64(n)), nil
}

// prefetch asks the system to read a file, and does not wait for it.
func (r *reader) prefetch(root, name string) {
	const willNeed = 3 // POSIX_FADV_WILLNEED
	if fd, err := r.open(root, name); err == nil {
		syscall.Syscall6(syscall.SYS_FADVISE64, uintptr(fd), 0, 0, willNeed, 0, 0)
		syscall.Close(fd)
	}
}

// open opens a regular file, and fills r.stat. O_NONBLOCK makes opening a pipe return
// at once.
func (r *reader) open(root, name string) (int, error) {
	r.path = append(append(append(append(r.path[:0], root...), '/'), name...), 0)
	fd, err := r.openPath()
	if err != nil {
		return 0, err
	}
	err = syscall.Fstat(fd, &r.stat)
	if kind := r.stat.Mode & syscall.S_IFMT; err == nil && kind != syscall.S_IFREG {
		err = errNotRegular(kinds[kind])
	}
	if err != nil {
		syscall.Close(fd)
	}
	return fd, err
}

func (r *reader) openPath() (int, error) {
	const here = -100 // AT_FDCWD
	at := here
	for {
		fd, _, errno := syscall.Syscall6(syscall.SYS_OPENAT, uintptr(at),
			uintptr(unsafe.Pointer(&r.path[0])),
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

//go:build cgo && linux

package launch

/*
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// What is used of MPI, in the two binary interfaces that there are: Open MPI's
// handles are addresses of symbols of its library, those of MPICH and its kin
// (Intel MPI, Cray MPICH, MVAPICH: https://www.mpich.org/abi) are numbers.
// Both are passed as a word; an int handle is the low half of it.
typedef struct {
	int (*init)(int *, char ***);
	int (*rank)(uintptr_t, int *);
	int (*size)(uintptr_t, int *);
	int (*allgather)(const void *, int, uintptr_t, void *, int, uintptr_t, uintptr_t);
	int (*finalize)(void);
	uintptr_t world, byte;
	int openmpi;
} mpi;

static int mpi_load(mpi *m, void *library)
{
	m->init = dlsym(library, "MPI_Init");
	m->rank = dlsym(library, "MPI_Comm_rank");
	m->size = dlsym(library, "MPI_Comm_size");
	m->allgather = dlsym(library, "MPI_Allgather");
	m->finalize = dlsym(library, "MPI_Finalize");
	m->world = (uintptr_t)dlsym(library, "ompi_mpi_comm_world");
	m->byte = (uintptr_t)dlsym(library, "ompi_mpi_byte");
	m->openmpi = m->world != 0;
	if (!m->openmpi) {
		m->world = 0x44000000;
		m->byte = 0x4c00010d;
	}
	return m->init && m->rank && m->size && m->allgather && m->finalize && m->byte ? 0 : -1;
}

static int mpi_init(mpi *m) { return m->init(NULL, NULL); }
static int mpi_rank(mpi *m, int *rank) { return m->rank(m->world, rank); }
static int mpi_size(mpi *m, int *size) { return m->size(m->world, size); }
static int mpi_finalize(mpi *m) { return m->finalize(); }
static int mpi_allgather(mpi *m, void *mine, void *all, int length)
{
	return m->allgather(mine, length, m->byte, all, length, m->byte, m->world);
}
*/
import "C"

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

type mpiClient struct {
	c *C.mpi
}

// openMPILibrary opens the library that goes with the launcher: another one
// would come up as N jobs of one rank each.
func openMPILibrary(m meeting) (mpiClient, error) {
	library, err := openLibrary("libmpi", candidates(m.getenv, "GDCP_LIBMPI", mpiNames(m)...))
	if err != nil {
		return mpiClient{}, err
	}
	c := mpiClient{(*C.mpi)(C.calloc(1, C.sizeof_mpi))}
	if C.mpi_load(c.c, library) != 0 {
		return c, notOpened("libmpi", []string{"it lacks a function that MPI has"})
	}
	return c, c.check("MPI_Init", C.mpi_init(c.c))
}

// mpiNames is by which names libmpi is looked for. Under Open MPI only its own
// will do; where a launcher speaks PMIx, it most likely was it as well.
func mpiNames(m meeting) []string {
	mpich := []string{"libmpi.so.12", "libmpich.so.12", "libmpi_cray.so.12", "libmpi_cray.so"}
	openMPI := []string{"libmpi.so.40", "libmpi.so.80", "libmpi.so"}
	e := environment{m.getenv}
	switch {
	case e.has("OMPI_COMM_WORLD_RANK"):
		return openMPI
	case e.has("PMIX_RANK") && !e.has("PMI_FD"):
		return append(openMPI, mpich...)
	}
	return append(mpich, openMPI...)
}

func (c mpiClient) check(call string, rc C.int) error {
	if rc == 0 {
		return nil
	}
	return fmt.Errorf("%s: error %d", call, int(rc))
}

func (c mpiClient) finalize() error { return c.check("MPI_Finalize", C.mpi_finalize(c.c)) }

// meetMPI exchanges over MPI itself, and is out of it at once: a rank that waits
// within MPI burns a core.
func meetMPI(ctx context.Context, m meeting) (met, error) {
	return abandon(ctx, m, func() (met, error) {
		defer keepSignals()()
		c, err := openMPILibrary(m)
		if err != nil {
			return met{}, err
		}
		got, err := c.exchange(m)
		if err != nil {
			return met{}, err
		}
		return got, c.finalize()
	})
}

func leaveMPI(ctx context.Context, m meeting) error {
	_, err := abandon(ctx, m, func() (struct{}, error) {
		c, err := openMPILibrary(m)
		if err == nil {
			err = c.finalize() // which waits for all ranks
		}
		return struct{}{}, err
	})
	return err
}

func (c mpiClient) exchange(m meeting) (met, error) {
	var rank, size C.int
	err := errors.Join(c.check("MPI_Comm_rank", C.mpi_rank(c.c, &rank)), c.check("MPI_Comm_size", C.mpi_size(c.c, &size)))
	if err != nil {
		return met{}, err
	}
	got := met{rank: int(rank), size: int(size)}
	if err := m.notSingle(got.size); err != nil {
		return met{}, err
	}
	got.blobs, err = c.gather(m.publish(got.rank), got.size)
	return got, err
}

// notSingle refuses a libmpi that did not find its launcher and came up alone,
// as each of the N copies would.
func (m meeting) notSingle(size int) error {
	if size == m.Size || m.Size == 0 && (size > 1 || m.getenv("GDCP_LAUNCH") != "") {
		return nil
	}
	return fmt.Errorf("%w: libmpi says that there are %d ranks where the launcher says %d, so it is not the launcher's; "+
		"set GDCP_LIBMPI to the one that is, or GDCP_RENDEZVOUS to a shared directory, or GDCP_LAUNCH=alone",
		ErrNoExchange, size, m.Size)
}

// gather exchanges the lengths of the records and then the records, all filled
// up to the longest.
func (c mpiClient) gather(blob []byte, size int) ([][]byte, error) {
	lengths, err := c.allgather(binary.BigEndian.AppendUint32(nil, uint32(len(blob))), size)
	if err != nil {
		return nil, err
	}
	length, longest := make([]int, size), 0
	for i := range length {
		length[i] = int(binary.BigEndian.Uint32(lengths[4*i:]))
		longest = max(longest, length[i])
	}
	if longest > maxRecord {
		return nil, errRecord
	}
	all, err := c.allgather(append(blob, make([]byte, longest-len(blob))...), size)
	if err != nil {
		return nil, err
	}
	blobs := make([][]byte, size)
	for i := range blobs {
		blobs[i] = all[i*longest : i*longest+length[i]]
	}
	return blobs, nil
}

// allgather returns what each rank handed in, one after the other.
func (c mpiClient) allgather(mine []byte, size int) ([]byte, error) {
	in := C.CBytes(mine)
	out := C.malloc(C.size_t(len(mine) * size))
	defer C.free(in)
	defer C.free(out)
	if err := c.check("MPI_Allgather", C.mpi_allgather(c.c, in, out, C.int(len(mine)))); err != nil {
		return nil, err
	}
	return C.GoBytes(out, C.int(len(mine)*size)), nil
}

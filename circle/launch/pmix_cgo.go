//go:build cgo && linux

package launch

/*
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// What is used of PMIx, as its standard and the headers of versions 3 to 5 have
// it: https://pmix.github.io. Headers are not needed to build, nor the library.
typedef struct { char nspace[256]; uint32_t rank; } pmix_proc;
typedef struct {
	uint16_t type;
	union { char *string; uint32_t uint32; _Bool flag; char room[24]; } data;
} pmix_value;
typedef struct { char key[512]; uint32_t flags; pmix_value value; } pmix_info;

_Static_assert(sizeof(pmix_proc) == 260, "pmix_proc_t");
_Static_assert(sizeof(pmix_value) == 32 && offsetof(pmix_value, data) == 8, "pmix_value_t");
_Static_assert(sizeof(pmix_info) == 552 && offsetof(pmix_info, value) == 520, "pmix_info_t");

enum { PMIX_SUCCESS = 0, PMIX_BOOL = 1, PMIX_STRING = 3, PMIX_UINT32 = 14, PMIX_GLOBAL = 3 };
#define PMIX_RANK_WILDCARD 0xfffffffeu
enum { NO_SYMBOL = -100000, NO_SIZE = -100001 };

typedef struct {
	int (*init)(pmix_proc *, pmix_info *, size_t);
	int (*put)(uint8_t, const char *, pmix_value *);
	int (*commit)(void);
	int (*fence)(const pmix_proc *, size_t, const pmix_info *, size_t);
	int (*get)(const pmix_proc *, const char *, const pmix_info *, size_t, pmix_value **);
	int (*finalize)(const pmix_info *, size_t);
	const char *(*error_string)(int);
	pmix_proc me;
} pmix;

static int pmix_load(pmix *p, void *library)
{
	p->init = dlsym(library, "PMIx_Init");
	p->put = dlsym(library, "PMIx_Put");
	p->commit = dlsym(library, "PMIx_Commit");
	p->fence = dlsym(library, "PMIx_Fence");
	p->get = dlsym(library, "PMIx_Get");
	p->finalize = dlsym(library, "PMIx_Finalize");
	p->error_string = dlsym(library, "PMIx_Error_string");
	return p->init && p->put && p->commit && p->fence && p->get && p->finalize && p->error_string ? 0 : NO_SYMBOL;
}

static int pmix_init(pmix *p) { return p->init(&p->me, NULL, 0); }
static int pmix_finalize(pmix *p) { return p->finalize(NULL, 0); }
static const char *pmix_error(pmix *p, int rc) { return p->error_string(rc); }

static pmix_proc pmix_rank(pmix *p, uint32_t rank)
{
	pmix_proc other = p->me;
	other.rank = rank;
	return other;
}

// pmix_size returns the number of ranks, or an error, which is negative.
static int pmix_size(pmix *p)
{
	pmix_proc all = pmix_rank(p, PMIX_RANK_WILDCARD);
	pmix_value *v = NULL;
	int rc = p->get(&all, "pmix.job.size", NULL, 0, &v);
	if (rc != PMIX_SUCCESS || v == NULL)
		return rc < 0 ? rc : NO_SIZE;
	int size = v->type == PMIX_UINT32 ? (int)v->data.uint32 : NO_SIZE;
	free(v);
	return size;
}

static int pmix_publish(pmix *p, const char *key, char *text)
{
	pmix_value v;
	memset(&v, 0, sizeof v);
	v.type = PMIX_STRING;
	v.data.string = text;
	int rc = p->put(PMIX_GLOBAL, key, &v);
	return rc == PMIX_SUCCESS ? p->commit() : rc;
}

// pmix_fence returns when all ranks have called it, with what they published
// at hand if collect is set.
static int pmix_fence(pmix *p, int collect)
{
	pmix_proc all = pmix_rank(p, PMIX_RANK_WILDCARD);
	pmix_info info;
	memset(&info, 0, sizeof info);
	strcpy(info.key, "pmix.collect");
	info.value.type = PMIX_BOOL;
	info.value.data.flag = 1;
	return p->fence(&all, 1, collect ? &info : NULL, collect ? 1 : 0);
}

// pmix_lookup returns the text that rank published; the caller frees it.
static int pmix_lookup(pmix *p, uint32_t rank, const char *key, char **text)
{
	pmix_proc other = pmix_rank(p, rank);
	pmix_value *v = NULL;
	int rc = p->get(&other, key, NULL, 0, &v);
	if (rc != PMIX_SUCCESS || v == NULL)
		return rc < 0 ? rc : NO_SIZE;
	*text = v->type == PMIX_STRING ? v->data.string : NULL;
	free(v);
	return *text == NULL ? NO_SIZE : PMIX_SUCCESS;
}
*/
import "C"

import (
	"context"
	"encoding/base64"
	"fmt"
	"unsafe"
)

// pmixClient is this rank as a client of PMIx. Its memory is C's, because the
// library may keep pointers into it.
type pmixClient struct {
	c *C.pmix
}

func openPMIx(m meeting) (pmixClient, error) {
	library, err := openLibrary("libpmix", candidates(m.getenv, "GDCP_LIBPMIX", "libpmix.so.2", "libpmix.so"))
	if err != nil {
		return pmixClient{}, err
	}
	p := pmixClient{(*C.pmix)(C.calloc(1, C.sizeof_pmix))}
	if C.pmix_load(p.c, library) != 0 {
		return p, notOpened("libpmix", []string{"it lacks a function that PMIx 3 has"})
	}
	if err := p.check("PMIx_Init", C.pmix_init(p.c)); err != nil {
		return p, fmt.Errorf("%w; %s, or try GDCP_LAUNCH=libmpi", err, leftOver)
	}
	return p, nil
}

func (p pmixClient) check(call string, rc C.int) error {
	switch {
	case rc >= 0:
		return nil
	case rc <= C.NO_SYMBOL:
		return fmt.Errorf("%s: not what PMIx has to answer", call)
	}
	return fmt.Errorf("%s: %s (%d)", call, C.GoString(C.pmix_error(p.c, rc)), int(rc))
}

func (p pmixClient) finalize() error { return p.check("PMIx_Finalize", C.pmix_finalize(p.c)) }

// meetPMIx exchanges over PMIx: every rank publishes its record; a fence
// collects them; PMIx_Finalize ends the library's thread.
func meetPMIx(ctx context.Context, m meeting) (met, error) {
	return abandon(ctx, m, func() (met, error) {
		defer keepSignals()()
		p, err := openPMIx(m)
		if err != nil {
			return met{}, err
		}
		got, err := p.exchange(m)
		if err != nil {
			return met{}, err // and no PMIx_Finalize, which may wait for others
		}
		return got, p.finalize()
	})
}

func leavePMIx(ctx context.Context, m meeting) error {
	_, err := abandon(ctx, m, func() (struct{}, error) {
		p, err := openPMIx(m)
		if err == nil {
			err = p.check("PMIx_Fence", C.pmix_fence(p.c, 0))
		}
		if err == nil {
			err = p.finalize()
		}
		return struct{}{}, err
	})
	return err
}

func (p pmixClient) exchange(m meeting) (met, error) {
	size := C.pmix_size(p.c)
	if err := p.check("PMIx_Get of pmix.job.size", size); err != nil {
		return met{}, err
	}
	got := met{rank: int(p.c.me.rank), size: int(size)}
	if err := p.put(m.publish(got.rank)); err != nil {
		return got, err
	}
	for rank := range got.size {
		blob, err := p.get(rank)
		if err != nil {
			return got, fmt.Errorf("rank %d: %w", rank, err)
		}
		got.blobs = append(got.blobs, blob)
	}
	return got, nil
}

const pmixKey = "gdcp.rank"

func (p pmixClient) put(blob []byte) error {
	key, text := C.CString(pmixKey), C.CString(base64.StdEncoding.EncodeToString(blob))
	defer C.free(unsafe.Pointer(key))
	defer C.free(unsafe.Pointer(text))
	if err := p.check("PMIx_Put", C.pmix_publish(p.c, key, text)); err != nil {
		return err
	}
	return p.check("PMIx_Fence", C.pmix_fence(p.c, 1))
}

func (p pmixClient) get(rank int) ([]byte, error) {
	key := C.CString(pmixKey)
	defer C.free(unsafe.Pointer(key))
	var text *C.char
	if err := p.check("PMIx_Get", C.pmix_lookup(p.c, C.uint32_t(rank), key, &text)); err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(text))
	blob, err := base64.StdEncoding.DecodeString(C.GoString(text))
	if err != nil {
		return nil, errRecord
	}
	return blob, nil
}

package launch

import (
	"fmt"
	"strconv"
	"strings"
)

// environment reads variables. One that is empty counts as not set: launchers
// and batch scripts write both.
type environment struct {
	get func(string) string
}

func (e environment) has(names ...string) bool {
	for _, n := range names {
		if e.get(n) == "" {
			return false
		}
	}
	return true
}

// mark is how one launcher shows in the environment.
type mark struct {
	launcher   string
	kind       Kind
	rank, size string // the variables that hold them; "" where only the exchange tells
	// settle decides, with rank and size read, on the way and whether it can be gone.
	settle func(environment, Situation) (Situation, error)
}

// mark tells who started this process. Variables are inherited, so those of an
// outer launcher may stand beside those of the inner one; the order is such
// that the inner one wins wherever the two can be told apart.
func (e environment) mark() mark {
	for _, look := range []func(environment) (mark, bool){
		byHand, openMPI, pmi1, pmix, slurmStep, foreign, halfRendezvous,
	} {
		if m, ok := look(e); ok {
			return m
		}
	}
	return mark{settle: asIs}
}

func asIs(_ environment, s Situation) (Situation, error) { return s, nil }

// byHand comes first: nobody but a person sets GDCP_RANK, maybe in a shell that
// a launcher started and that is still full of that launcher's variables.
func byHand(e environment) (mark, bool) {
	return mark{launcher: "GDCP_RANK", kind: Rendezvous, rank: "GDCP_RANK", size: "GDCP_SIZE",
		settle: func(e environment, s Situation) (Situation, error) { return s, e.rendezvousComplete(s) },
	}, e.has("GDCP_RANK")
}

// openMPI knows mpirun by OMPI_COMM_WORLD_RANK. Under Slurm, mpirun starts its
// daemons by srun, so that SLURM_PROCID and PMI_FD are the daemon's, not ours.
func openMPI(e environment) (mark, bool) {
	m := mark{launcher: "Open MPI", kind: LibMPI, rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE", settle: asIs}
	if e.has("PMIX_RANK", "PMIX_NAMESPACE") {
		m.kind = PMIx
	}
	return m, e.has("OMPI_COMM_WORLD_RANK")
}

func pmi1(e environment) (mark, bool) {
	m := mark{launcher: e.pmiLauncher(), kind: PMI, rank: "PMI_RANK", size: "PMI_SIZE", settle: asIs}
	return m, e.has("PMI_FD", "PMI_RANK") && !e.stalePMI()
}

// byHydra tells that MPICH's process manager, or Intel's child of it, started
// this process.
func (e environment) byHydra() bool { return e.has("HYDI_CONTROL_FD") || e.has("MPI_LOCALNRANKS") }

func (e environment) pmiLauncher() string {
	switch {
	case e.byHydra() && e.has("I_MPI_MPIRUN"):
		return "Intel MPI"
	case e.byHydra():
		return "hydra"
	case e.has("FLUX_JOB_ID"):
		return "Flux"
	case e.has("SLURM_STEP_ID"):
		return "Slurm"
	}
	return "PMI_FD"
}

// stalePMI tells that PMI_FD is of an outer Slurm step: srun --mpi=none or pmix,
// called within srun --mpi=pmi2, hands its variables on.
func (e environment) stalePMI() bool {
	return !e.byHydra() && e.has("PMI_JOBID", "SLURM_STEP_ID") && e.get("PMI_JOBID") != e.slurmStepName()
}

func pmix(e environment) (mark, bool) {
	m := mark{launcher: "PMIX_RANK", kind: PMIx, rank: "PMIX_RANK", settle: asIs}
	ns, ofSlurm := strings.CutPrefix(e.get("PMIX_NAMESPACE"), "slurm.pmix.")
	if ofSlurm {
		m.launcher, m.size = "Slurm", "SLURM_STEP_NUM_TASKS"
	}
	stale := ofSlurm && ns != e.slurmStepName() // of an outer step, as with PMI_FD
	return m, e.has("PMIX_RANK", "PMIX_NAMESPACE") && !stale
}

// slurmStep is srun without a PMI. SLURM_PROCID alone says nothing: a batch
// script that runs a program directly has SLURM_PROCID=0 and SLURM_NTASKS=4,
// and the program is one.
func slurmStep(e environment) (mark, bool) {
	return mark{launcher: "Slurm", kind: Rendezvous, rank: "SLURM_PROCID", size: "SLURM_STEP_NUM_TASKS",
		settle: func(e environment, s Situation) (Situation, error) {
			if e.has("GDCP_RENDEZVOUS") {
				return s, e.rendezvousComplete(s)
			}
			return s, fmt.Errorf("%w: srun was told to bring no PMI; use srun --mpi=pmi2 or --mpi=pmix, "+
				"or set GDCP_RENDEZVOUS to a shared directory, or GDCP_LAUNCH=alone for separate copies", ErrNoExchange)
		},
	}, e.inSlurmStep()
}

// The numbers from 0xfffffffa up are not steps of ranks but Slurm's names for
// the interactive shell, the batch script and the like.
const firstSpecialStep = 0xfffffffa

func (e environment) inSlurmStep() bool {
	step, err := strconv.ParseUint(e.get("SLURM_STEP_ID"), 10, 32)
	return err == nil && step < firstSpecialStep && e.has("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
}

func (e environment) slurmStepName() string {
	return e.get("SLURM_JOB_ID") + "." + e.get("SLURM_STEP_ID")
}

// slurmName is the job's name under Slurm. A requeued job has the same number,
// so the restart is a part of it.
func (e environment) slurmName() string {
	if !e.has("SLURM_JOB_ID") {
		return ""
	}
	name := "slurm-" + e.get("SLURM_JOB_ID")
	if e.inSlurmStep() {
		name = "slurm-" + e.slurmStepName()
	}
	if n := e.get("SLURM_RESTART_COUNT"); n != "" && n != "0" {
		name += "-restart-" + n
	}
	return name
}

// foreign knows launchers whose way of exchange is not spoken here, by the
// variable that holds the rank. Their own libmpi speaks it.
func foreign(e environment) (mark, bool) {
	for _, m := range []mark{
		{launcher: "PALS", rank: "PALS_RANKID"},
		{launcher: "ALPS", rank: "ALPS_APP_PE"},
		{launcher: "MVAPICH", rank: "MV2_COMM_WORLD_RANK", size: "MV2_COMM_WORLD_SIZE"},
		{launcher: "mpirun_rsh", rank: "MPIRUN_RANK", size: "MPIRUN_NPROCS"},
		{launcher: "JSM", rank: "JSM_NAMESPACE_RANK", size: "JSM_NAMESPACE_SIZE"},
		{launcher: "Flux", rank: "FLUX_TASK_RANK", size: "FLUX_JOB_SIZE"},
		{launcher: "hydra -pmi-port", rank: "PMI_ID"},
		{launcher: "PMI_RANK", rank: "PMI_RANK", size: "PMI_SIZE"},
	} {
		if e.has(m.rank) && !(strings.HasPrefix(m.rank, "PMI_") && e.stalePMI()) {
			m.kind, m.settle = LibMPI, foreignWay
			return m, true
		}
	}
	return mark{}, false
}

func foreignWay(e environment, s Situation) (Situation, error) {
	if e.has("GDCP_RENDEZVOUS") && s.Size > 0 {
		s.Kind = Rendezvous
	}
	return s, nil
}

// halfRendezvous is a rendezvous without a rank: a variable was forgotten, and
// going on would be N single copies.
func halfRendezvous(e environment) (mark, bool) {
	return mark{launcher: "GDCP_RENDEZVOUS", kind: Rendezvous,
		settle: func(e environment, s Situation) (Situation, error) { return s, e.rendezvousComplete(s) },
	}, e.has("GDCP_RENDEZVOUS")
}

package launch

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// vars makes a getenv of words NAME=value.
func vars(words string) func(string) string {
	m := make(map[string]string)
	for w := range strings.FieldsSeq(words) {
		name, value, _ := strings.Cut(w, "=")
		m[name] = value
	}
	return func(name string) string { return m[name] }
}

// What the launchers set, as printed by env under each.
const (
	underMPIRun    = "OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=2 PMIX_NAMESPACE=90636289 OMPI_UNIVERSE_SIZE=4 "
	underHydra     = "PMI_RANK=1 PMI_SIZE=4 PMI_FD=8 MPI_LOCALNRANKS=4 MPI_LOCALRANKID=1 HYDI_CONTROL_FD=7 "
	inStep         = "SLURM_JOB_ID=12 SLURM_STEP_ID=0 SLURM_PROCID=3 SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=4 "
	underSrunPMI2  = inStep + "PMI_FD=11 PMI_RANK=3 PMI_SIZE=4 PMI_JOBID=12.0 SLURM_MPI_TYPE=pmi2 "
	underSrunPMIx  = inStep + "PMIX_RANK=3 PMIX_NAMESPACE=slurm.pmix.12.0 "
	inBatchScript  = "SLURM_JOB_ID=12 SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_NNODES=2 "
	rendezvousVars = "GDCP_RENDEZVOUS=/shared/dir "
)

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, vars string
		want       Situation
		err        string // a part of it; "" for none
	}{
		{name: "nothing", want: Situation{Size: 1}},
		{name: "mpirun", vars: underMPIRun,
			want: Situation{Kind: PMIx, Launcher: "Open MPI", Rank: 2, Size: 4}},
		{name: "mpirun of an Open MPI without PMIx", vars: "OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4",
			want: Situation{Kind: LibMPI, Launcher: "Open MPI", Rank: 2, Size: 4}},
		{name: "mpirun -np 1", vars: "OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1 PMIX_RANK=0 PMIX_NAMESPACE=1",
			want: Situation{Launcher: "Open MPI", Size: 1}},
		{name: "hydra", vars: underHydra,
			want: Situation{Kind: PMI, Launcher: "hydra", Rank: 1, Size: 4}},
		{name: "Intel MPI", vars: underHydra + "I_MPI_MPIRUN=mpirun",
			want: Situation{Kind: PMI, Launcher: "Intel MPI", Rank: 1, Size: 4}},
		{name: "srun --mpi=pmi2", vars: underSrunPMI2,
			want: Situation{Kind: PMI, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}},
		{name: "srun --mpi=pmix", vars: underSrunPMIx,
			want: Situation{Kind: PMIx, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}},
		{name: "PMIx of some other launcher", vars: "PMIX_RANK=3 PMIX_NAMESPACE=prterun-1",
			want: Situation{Kind: PMIx, Launcher: "PMIX_RANK", Rank: 3}},
		{name: "Flux", vars: "FLUX_JOB_ID=f1 FLUX_TASK_RANK=1 PMI_FD=9 PMI_RANK=1 PMI_SIZE=2",
			want: Situation{Kind: PMI, Launcher: "Flux", Rank: 1, Size: 2}},

		{name: "directly in a batch script", vars: inBatchScript,
			want: Situation{Size: 1, Name: "slurm-12"}},
		{name: "in a requeued batch script", vars: inBatchScript + "SLURM_RESTART_COUNT=1",
			want: Situation{Size: 1, Name: "slurm-12-restart-1"}},
		{name: "in the batch step, by its number", vars: inBatchScript + "SLURM_STEP_ID=4294967291 SLURM_STEP_NUM_TASKS=4",
			want: Situation{Size: 1, Name: "slurm-12"}},
		{name: "in an interactive step", vars: inBatchScript + "SLURM_STEP_ID=4294967290 SLURM_STEP_NUM_TASKS=4",
			want: Situation{Size: 1, Name: "slurm-12"}},
		{name: "mpirun in a batch script", vars: inBatchScript + underMPIRun,
			want: Situation{Kind: PMIx, Launcher: "Open MPI", Rank: 2, Size: 4, Name: "slurm-12"}},
		{name: "mpirun whose daemons srun has started, with PMI", vars: underSrunPMI2 + underMPIRun,
			want: Situation{Kind: PMIx, Launcher: "Open MPI", Rank: 2, Size: 4, Name: "slurm-12.0"}},
		{name: "hydra whose proxies srun has started", vars: inStep + underHydra,
			want: Situation{Kind: PMI, Launcher: "hydra", Rank: 1, Size: 4, Name: "slurm-12.0"}},
		{name: "hydra in a step with PMIx", vars: underSrunPMIx + underHydra,
			want: Situation{Kind: PMI, Launcher: "hydra", Rank: 1, Size: 4, Name: "slurm-12.0"}},
		{name: "srun --mpi=pmix in a step with PMI", vars: underSrunPMIx + "PMI_FD=11 PMI_RANK=0 PMI_SIZE=1 PMI_JOBID=11.0",
			want: Situation{Kind: PMIx, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}},

		{name: "srun --mpi=none", vars: inStep,
			want: Situation{Kind: Rendezvous, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}, err: "--mpi=pmi2"},
		{name: "srun --mpi=none in a step with PMI", vars: inStep + "PMI_FD=11 PMI_RANK=0 PMI_SIZE=1 PMI_JOBID=11.0",
			want: Situation{Kind: Rendezvous, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}, err: "--mpi=pmi2"},
		{name: "srun --mpi=none in a step with PMIx", vars: inStep + "PMIX_RANK=0 PMIX_NAMESPACE=slurm.pmix.11.0",
			want: Situation{Kind: Rendezvous, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}, err: "--mpi=pmi2"},
		{name: "srun --mpi=none with a rendezvous", vars: inStep + rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}},
		{name: "srun --mpi=pmi2 with a rendezvous for others", vars: underSrunPMI2 + rendezvousVars,
			want: Situation{Kind: PMI, Launcher: "Slurm", Rank: 3, Size: 4, Name: "slurm-12.0"}},
		{name: "srun -n 1 --mpi=none", vars: "SLURM_JOB_ID=12 SLURM_STEP_ID=1 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1",
			want: Situation{Launcher: "Slurm", Size: 1, Name: "slurm-12.1"}},

		{name: "by hand", vars: "GDCP_RANK=2 GDCP_SIZE=3 " + rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RANK", Rank: 2, Size: 3}},
		{name: "by hand in a launcher's shell", vars: underHydra + "GDCP_RANK=2 GDCP_SIZE=3 " + rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RANK", Rank: 2, Size: 3}},
		{name: "by hand without a place", vars: "GDCP_RANK=2 GDCP_SIZE=3",
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RANK", Rank: 2, Size: 3}, err: "set GDCP_RENDEZVOUS"},
		{name: "by hand without a size", vars: "GDCP_RANK=2 " + rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RANK", Rank: 2}, err: "GDCP_SIZE"},
		{name: "a place without a rank", vars: rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RENDEZVOUS", Rank: -1}, err: "GDCP_RANK"},
		{name: "a rank that is too large", vars: "GDCP_RANK=3 GDCP_SIZE=3 " + rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RANK", Rank: 3, Size: 3}, err: "do not go together"},
		{name: "a rank that is none", vars: "GDCP_RANK=x GDCP_SIZE=3",
			want: Situation{Kind: Rendezvous, Launcher: "GDCP_RANK", Rank: -1}, err: `GDCP_RANK="x"`},

		{name: "PALS", vars: "PALS_RANKID=5",
			want: Situation{Kind: LibMPI, Launcher: "PALS", Rank: 5}},
		{name: "MVAPICH with a rendezvous", vars: "MV2_COMM_WORLD_RANK=1 MV2_COMM_WORLD_SIZE=2 " + rendezvousVars,
			want: Situation{Kind: Rendezvous, Launcher: "MVAPICH", Rank: 1, Size: 2}},
		{name: "hydra -pmi-port", vars: "PMI_ID=1 PMI_PORT=vm:42923",
			want: Situation{Kind: LibMPI, Launcher: "hydra -pmi-port", Rank: 1}},

		{name: "forced alone", vars: underSrunPMI2 + "GDCP_LAUNCH=alone",
			want: Situation{Launcher: "Slurm", Size: 1, Name: "slurm-12.0"}},
		{name: "forced libmpi", vars: underMPIRun + "GDCP_LAUNCH=libmpi",
			want: Situation{Kind: LibMPI, Launcher: "Open MPI", Rank: 2, Size: 4}},
		{name: "forced rendezvous", vars: underHydra + rendezvousVars + "GDCP_LAUNCH=rendezvous",
			want: Situation{Kind: Rendezvous, Launcher: "hydra", Rank: 1, Size: 4}},
		{name: "forced pmi without PMI", vars: underMPIRun + "GDCP_LAUNCH=pmi",
			want: Situation{Kind: PMI, Launcher: "Open MPI", Rank: 2, Size: 4}, err: "PMI_FD is not set"},
		{name: "forced pmix without PMIx", vars: underHydra + "GDCP_LAUNCH=pmix",
			want: Situation{Kind: PMIx, Launcher: "hydra", Rank: 1, Size: 4}, err: "PMIX_RANK"},
		{name: "forced to what is not", vars: underMPIRun + "GDCP_LAUNCH=mpi",
			want: Situation{Kind: PMIx, Launcher: "Open MPI", Rank: 2, Size: 4}, err: "want alone, pmi,"},
		{name: "a timeout", vars: "GDCP_LAUNCH_TIMEOUT=90s",
			want: Situation{Size: 1, Timeout: 90 * time.Second}},
		{name: "a timeout that is none", vars: underHydra + "GDCP_LAUNCH_TIMEOUT=90",
			want: Situation{Kind: PMI, Launcher: "hydra", Rank: 1, Size: 4}, err: "GDCP_LAUNCH_TIMEOUT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want.Timeout == 0 {
				c.want.Timeout = DefaultTimeout
			}
			got, err := Detect(vars(c.vars))
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want one with %q", err, c.err)
			}
		})
	}
}

func TestNoExchangeSaysWhatToDo(t *testing.T) {
	_, err := Detect(vars(inStep))
	if !errors.Is(err, ErrNoExchange) {
		t.Fatalf("%v does not wrap ErrNoExchange", err)
	}
	for _, word := range []string{"srun --mpi=pmi2", "--mpi=pmix", "GDCP_RENDEZVOUS", "GDCP_LAUNCH=alone"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not speak of %s", err, word)
		}
	}
}

func TestSpeaks(t *testing.T) {
	for rank, want := range map[int]bool{-1: true, 0: true, 1: false} {
		if got := (Situation{Rank: rank}).Speaks(); got != want {
			t.Errorf("rank %d speaks: %v", rank, got)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add(underMPIRun)
	f.Add(underSrunPMI2 + rendezvousVars)
	f.Add("GDCP_RANK=-1 GDCP_SIZE=99999999999999999999")
	f.Fuzz(func(t *testing.T, words string) {
		s, err := Detect(vars(words))
		switch {
		case s.Rank < -1 || s.Size < 0 || s.Size > MaxSize:
			t.Errorf("%q: %+v", words, s)
		case err == nil && s.Size > 0 && s.Rank >= s.Size:
			t.Errorf("%q: %+v", words, s)
		case err == nil && s.Kind == Alone && s.Size != 1:
			t.Errorf("%q: alone, but %+v", words, s)
		}
	})
}
